//! A consumer's requirement of a dependency that was just released.

use serde::{Deserialize, Serialize};

use super::error::VersionError;
use super::files::{FileChange, TreeReader, need};
use super::place::splice;
use super::rule::{Manifest, VersionPattern, operator_length};
use crate::numbering::Version;

/// Where a repository names the version of another repository that it depends on; `kind` says how.
///
/// Lock files are left alone: what they pin is only known once the dependency is in its registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DependencyRule {
    /// A regular expression with one named group; every match is rewritten, whatever version it held.
    Regex(DependencyPattern),
    /// A Cargo dependency by the name of its package.
    Cargo(CargoDependency),
}

/// A requirement that is found by a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DependencyPattern {
    /// The file, from the root of the repository.
    pub file: String,
    /// The expression.
    pub pattern: VersionPattern,
}

/// A Cargo dependency, in every manifest that names a version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CargoDependency {
    /// The package that is depended on.
    pub package: String,
    /// The manifests, as globs from the root of the repository.
    #[serde(default = "root_manifest")]
    pub manifests: Vec<String>,
}

fn root_manifest() -> Vec<String> {
    vec!["Cargo.toml".to_owned()]
}

impl DependencyRule {
    /// What is written now, place by place, as it stands there: `=1.2.3`, `1.2`.
    ///
    /// # Errors
    /// As [`DependencyRule::write`], but for the version being there already.
    pub fn read(&self, files: &dyn TreeReader) -> Result<Vec<String>, VersionError> {
        let spots = self.spots(files)?;
        Ok(spots.into_iter().map(|spot| spot.written).collect())
    }

    /// The files that change when the dependency must be at least `new`. An operator (`=`, `^`, `~`, `>=`) stays;
    /// a partial version such as `1.2` becomes the full one, so that the old release is no longer accepted.
    ///
    /// # Errors
    /// The dependency is not found, its requirement is a combination, or the version is there already.
    pub fn write(&self, files: &dyn TreeReader, new: &Version) -> Result<Vec<FileChange>, VersionError> {
        let mut changes: Vec<FileChange> = Vec::new();
        let mut spots = self.spots(files)?;
        spots.sort_by(|first, second| first.path.cmp(&second.path));
        for file in spots.chunk_by(|first, second| first.path == second.path) {
            let before = need(files, &file[0].path, "the dependency")?;
            let edits = file.iter().map(|spot| (spot.number.clone(), new.to_string())).collect();
            let content = splice(&before.text, edits);
            if content != before.text {
                changes.push(before.with(content)?);
            }
        }
        if changes.is_empty() {
            return Err(VersionError::Unchanged { version: new.to_string() });
        }
        Ok(changes)
    }

    fn spots(&self, files: &dyn TreeReader) -> Result<Vec<Spot>, VersionError> {
        match self {
            DependencyRule::Regex(rule) => {
                let (text, ranges) = rule.pattern.find(files, &rule.file)?;
                let spot = |number: std::ops::Range<usize>| Spot {
                    path: rule.file.clone(),
                    written: text[number.clone()].to_owned(),
                    number,
                };
                Ok(ranges.into_iter().map(spot).collect())
            }
            DependencyRule::Cargo(rule) => rule.spots(files),
        }
    }
}

/// One requirement and the bytes of its number.
struct Spot {
    path: String,
    written: String,
    number: std::ops::Range<usize>,
}

impl CargoDependency {
    fn spots(&self, files: &dyn TreeReader) -> Result<Vec<Spot>, VersionError> {
        let mut paths: Vec<String> = self.manifests.iter().flat_map(|glob| files.list(glob)).collect();
        paths.sort();
        paths.dedup();
        let mut spots = Vec::new();
        for path in paths {
            let manifest = Manifest::open(files, &path)?;
            let mut entries = manifest.workspace_dependencies()?;
            entries.extend(manifest.dependencies()?);
            for entry in entries.into_iter().filter(|entry| entry.package == self.package) {
                let Some(quoted) = entry.requirement else { continue };
                let operator = operator_length(&quoted.value);
                let number = &quoted.value[operator..];
                if !number.starts_with(|c: char| c.is_ascii_digit()) || number.contains([',', '*', ' ']) {
                    return Err(VersionError::Malformed {
                        line: manifest.file.line(quoted.range.start),
                        path,
                        found: quoted.value,
                        expected: "one version with at most one operator".into(),
                    });
                }
                spots.push(Spot {
                    path: path.clone(),
                    number: quoted.range.start + operator..quoted.range.end,
                    written: quoted.value,
                });
            }
        }
        if spots.is_empty() {
            return Err(VersionError::Absent {
                path: self.manifests.join("`, `"),
                expected: format!("dependency on `{}` with a version", self.package),
            });
        }
        Ok(spots)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn rule(text: &str) -> DependencyRule {
        toml::from_str(text).unwrap()
    }

    fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn rd_24_cargo_dependency_is_raised_wherever_it_has_a_version() {
        let files = tree(&[
            ("Cargo.toml", "[workspace.dependencies]\nsluice = { version = \"=2.4.1\" } # pinned\n"),
            (
                "a/Cargo.toml",
                "[target.'cfg(unix)'.dev-dependencies]\nsl = { package = 'sluice', version = '2.4' }\n",
            ),
            ("b/Cargo.toml", "[dependencies]\nsluice.workspace = true\nother = '2.4.1'\n"),
        ]);
        let rule = rule("kind = 'cargo'\npackage = 'sluice'\nmanifests = ['Cargo.toml', '*/Cargo.toml']");
        assert_eq!(rule.read(&files).unwrap(), ["=2.4.1", "2.4"]);
        let changes = rule.write(&files, &semver("2.4.2")).unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0].content, files["Cargo.toml"].replace("2.4.1", "2.4.2"));
        assert_eq!(changes[1].content, files["a/Cargo.toml"].replace("2.4", "2.4.2"));
    }

    #[test]
    fn regex_rule_replaces_any_version() {
        let files = tree(&[("deps.cmake", "set(SLUICE_TAG v2.4)\n")]);
        let rule = rule("kind = 'regex'\nfile = 'deps.cmake'\npattern = 'SLUICE_TAG v(?<version>[0-9.]+)'");
        let changes = rule.write(&files, &semver("2.4.2")).unwrap();
        assert_eq!(changes[0].content, "set(SLUICE_TAG v2.4.2)\n");
        let again = tree(&[("deps.cmake", &changes[0].content)]);
        assert!(matches!(rule.write(&again, &semver("2.4.2")), Err(VersionError::Unchanged { .. })));
    }

    #[test]
    fn combination_is_left_to_people() {
        let files = tree(&[("Cargo.toml", "[dependencies]\nsluice = '>=2.4, <3'\n")]);
        let message = rule("kind = 'cargo'\npackage = 'sluice'").read(&files).unwrap_err().to_string();
        assert_eq!(
            message,
            "`Cargo.toml` line 2 holds `>=2.4, <3`, expected one version with at most one operator"
        );
    }
}
