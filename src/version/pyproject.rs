//! Python projects: `pyproject.toml`.

use serde::{Deserialize, Serialize};

use super::error::VersionError;
use super::files::Files;
use super::place::{Holds, Place, Places, parse_at, place_name};
use super::toml_file::TomlFile;

/// `[project] version`, or `[tool.poetry] version`; both if both are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Pyproject {
    /// The file, from the root of the repository.
    pub file: String,
}

impl Default for Pyproject {
    fn default() -> Self {
        Pyproject { file: "pyproject.toml".into() }
    }
}

impl Pyproject {
    pub(super) fn places(&self, files: &dyn Files) -> Result<Places, VersionError> {
        let file = TomlFile::open(files, &self.file, "a Python project")?;
        let mut found: Option<Places> = None;
        for keys in [&["project", "version"][..], &["tool", "poetry", "version"][..]] {
            let Some(quoted) = file.get(keys).map(|item| file.quoted(item)).transpose()?.flatten() else {
                continue;
            };
            let version = parse_at(&self.file, &file.text, &quoted.range)?;
            let place = Place { path: self.file.clone(), range: quoted.range.clone(), holds: Holds::Whole };
            match &mut found {
                None => {
                    found = Some(Places {
                        current: version,
                        leader: place_name(&self.file, &file.text, quoted.range.start),
                        places: vec![place],
                        standing: Vec::new(),
                    });
                }
                Some(places) if places.current == version => places.places.push(place),
                Some(places) => {
                    return Err(VersionError::Disagree {
                        path: self.file.clone(),
                        line: file.line(quoted.range.start),
                        found: quoted.value,
                        other: places.leader.clone(),
                        expected: places.current.to_string(),
                    });
                }
            }
        }
        found.ok_or_else(|| VersionError::Absent {
            path: self.file.clone(),
            expected:
                "`version` in [project] or [tool.poetry] (a dynamic version needs a `regex` rule for the \
                       file that holds it)"
                    .into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::version::Scheme;

    fn tree(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("pyproject.toml".to_owned(), text.to_owned())])
    }

    fn scheme() -> Scheme {
        Scheme::Pyproject(Pyproject::default())
    }

    #[test]
    fn only_the_version_changes() {
        let files = tree("# hi\r\n[project]\r\nname = 'x'\r\nversion   =   '1.2.3' # here\r\n");
        let changes = scheme().write(&files, &"1.2.4".parse().unwrap()).unwrap();
        assert_eq!(changes[0].content, "# hi\r\n[project]\r\nname = 'x'\r\nversion   =   '1.2.4' # here\r\n");
    }

    #[test]
    fn poetry_and_project_must_agree() {
        let files = tree("[project]\nversion = \"1.2.3\"\n[tool.poetry]\nversion = \"1.2.2\"\n");
        let message = scheme().read(&files).unwrap_err().to_string();
        assert!(message.contains("line 4 says 1.2.2, but `pyproject.toml` line 2 says 1.2.3"), "{message}");
    }

    #[test]
    fn dynamic_version_is_explained() {
        let message = scheme().read(&tree("[project]\ndynamic = [\"version\"]\n")).unwrap_err().to_string();
        assert!(message.contains("needs a `regex` rule"), "{message}");
    }

    #[test]
    fn python_prerelease_names_file_and_line() {
        let message = scheme().read(&tree("[project]\nversion = \"1.2.3rc1\"\n")).unwrap_err().to_string();
        assert_eq!(
            message,
            "`pyproject.toml` line 2 holds `1.2.3rc1`, expected a version of the form MAJOR.MINOR.PATCH"
        );
    }
}
