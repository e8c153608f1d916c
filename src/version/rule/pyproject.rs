//! Python projects: `pyproject.toml`.

use serde::{Deserialize, Serialize};

use super::python_locks;
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, folder};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlace, VersionPlaces, parse_at, place_name};
use crate::version::toml_file::TomlFile;

/// `[project] version`, or `[tool.poetry] version`; both if both are there. `uv.lock` beside it, or at the root of its
/// workspace, repeats it; so do the lock files of poetry and pixi that have it by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Pyproject {
    /// The file, from the root of the repository.
    pub file: String,
    /// The scheme of its versions, if it is not Python's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

impl Default for Pyproject {
    fn default() -> Self {
        Pyproject { file: "pyproject.toml".into(), scheme: None }
    }
}

impl VersionFormat for Pyproject {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let scheme = self.scheme.unwrap_or(Scheme::Pep440);
        let file = TomlFile::open(files, &self.file, "a Python project")?;
        let mut found: Option<VersionPlaces> = None;
        for keys in [&["project", "version"][..], &["tool", "poetry", "version"][..]] {
            let Some(quoted) = file.get(keys).map(|item| file.quoted(item)).transpose()?.flatten() else {
                continue;
            };
            let version = parse_at(&self.file, &file.text, &quoted.range, scheme)?;
            let place =
                VersionPlace { path: self.file.clone(), range: quoted.range.clone(), holds: Holds::Whole };
            match &mut found {
                None => {
                    found = Some(VersionPlaces {
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
        if let Some(found) = &mut found {
            let current = found.current.to_string();
            found.places.extend(python_locks::places(files, folder(&self.file), &current)?);
        }
        found.ok_or_else(|| VersionError::Absent {
            path: self.file.clone(),
            expected: if is_by_tag(&file) {
                "`version`: setuptools_scm, hatch-vcs or the like takes it from the tag; write `kind = \"tags\"`"
            } else {
                "`version` in [project] or [tool.poetry] (a dynamic version needs a `regex` rule for the file that \
                 holds it; one that the tag tells needs `kind = \"tags\"`)"
            }
            .to_owned(),
        })
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(self.scheme.unwrap_or(Scheme::Pep440))
    }

    fn outline(&self) -> Option<Outline> {
        Some(Outline { file: self.file.clone(), patterns: vec![r#"^version\s*=\s*"([^"]+)""#.to_owned()] })
    }
}

/// Whether a build backend takes the version from the tag.
fn is_by_tag(file: &TomlFile) -> bool {
    let tools: [&[&str]; 6] = [
        &["tool", "setuptools_scm"],
        &["tool", "setuptools-scm"],
        &["tool", "hatch", "version", "source"],
        &["tool", "pdm", "version", "source"],
        &["tool", "poetry-dynamic-versioning"],
        &["tool", "versioningit"],
    ];
    tools.iter().any(|keys| {
        file.get(keys).is_some_and(|item| {
            item.as_str().is_none_or(|source| {
                matches!(source, "vcs" | "scm" | "versioningit" | "uv-dynamic-versioning")
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::Version;

    fn tree(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("pyproject.toml".to_owned(), text.to_owned())])
    }

    fn read(text: &str) -> Result<Version, VersionError> {
        Pyproject::default().current(&tree(text), Scheme::SemVer)
    }

    fn write(text: &str, new: &str) -> String {
        let places = Pyproject::default().places(&tree(text), Scheme::SemVer).unwrap();
        let changes = places.write(&tree(text), &Scheme::Pep440.parse(new).unwrap()).unwrap();
        changes[0].content.clone()
    }

    #[test]
    fn only_the_version_changes() {
        let changed = write("# hi\r\n[project]\r\nname = 'x'\r\nversion   =   '1.2.3' # here\r\n", "1.2.4");
        assert_eq!(changed, "# hi\r\n[project]\r\nname = 'x'\r\nversion   =   '1.2.4' # here\r\n");
    }

    #[test]
    fn lock_file_of_uv_moves_with_the_project_and_at_the_root_of_its_workspace() {
        let lock = "version = 1\nrevision = 3\n\n[[package]]\nname = \"pump\"\nversion = \"1.2.3\"\nsource = { editable \
                    = \".\" }\n\n[[package]]\nname = \"pump-api\"\nversion = \"0.4.0\"\nsource = { editable = \
                    \"packages/api\" }\n\n[[package]]\nname = \"rack\"\nversion = \"1.2.3\"\nsource = { registry = \
                    \"https://packages.example\" }\n";
        let files: BTreeMap<String, String> = [
            ("pyproject.toml", "[project]\nversion = \"1.2.3\"\n"),
            ("packages/api/pyproject.toml", "[project]\nversion = \"0.4.0\"\n"),
            ("uv.lock", lock),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let raised = |rule: &Pyproject, new: &str| {
            let places = rule.places(&files, Scheme::Pep440).unwrap();
            let changes = places.write(&files, &Scheme::Pep440.parse(new).unwrap()).unwrap();
            changes.into_iter().map(|change| (change.path, change.content)).collect::<BTreeMap<_, _>>()
        };
        let root = raised(&Pyproject::default(), "1.2.4");
        assert_eq!(root["uv.lock"], lock.replacen("1.2.3", "1.2.4", 1));
        assert_eq!(root.len(), 2);
        let open = raised(&Pyproject::default(), "1.2.4.dev");
        assert_eq!(open["uv.lock"], lock.replacen("1.2.3", "1.2.4.dev0", 1), "as uv writes it");
        assert!(open["pyproject.toml"].contains("1.2.4.dev\""), "as it is asked for");
        let file = "packages/api/pyproject.toml".to_owned();
        let api = raised(&Pyproject { file, ..Pyproject::default() }, "0.4.1");
        assert_eq!(api["uv.lock"], lock.replacen("0.4.0", "0.4.1", 1));
    }

    #[test]
    fn poetry_and_project_must_agree() {
        let text = "[project]\nversion = \"1.2.3\"\n[tool.poetry]\nversion = \"1.2.2\"\n";
        let message = read(text).unwrap_err().to_string();
        assert!(message.contains("line 4 says 1.2.2, but `pyproject.toml` line 2 says 1.2.3"), "{message}");
    }

    #[test]
    fn dynamic_version_is_explained() {
        let message = read("[project]\ndynamic = [\"version\"]\n").unwrap_err().to_string();
        assert!(message.contains("needs a `regex` rule"), "{message}");
        for tool in ["hatch.version]\nsource = \"vcs\"", "setuptools_scm]", "pdm.version]\nsource = \"scm\""]
        {
            let text = format!("[project]\ndynamic = [\"version\"]\n[tool.{tool}\n");
            let message = read(&text).unwrap_err().to_string();
            assert!(message.contains("write `kind = \"tags\"`"), "{message}");
        }
        let text = "[project]\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"a.py\"\n";
        assert!(read(text).unwrap_err().to_string().contains("needs a `regex` rule"));
    }

    #[test]
    fn python_prerelease_is_read_and_what_is_no_version_is_named_with_its_line() {
        assert_eq!(read("[project]\nversion = \"1.2.3rc1\"\n").unwrap().as_str(), "1.2.3rc1");
        let message = read("[project]\nversion = \"1.2.x\"\n").unwrap_err().to_string();
        assert_eq!(message, "`pyproject.toml` line 2 holds `1.2.x`, expected a Python version (PEP 440)");
    }
}
