//! How a repository carries its version.

use semver::Version;
use serde::{Deserialize, Serialize};

use super::c_header::CHeader;
use super::cargo::CargoWorkspace;
use super::command::BumpCommand;
use super::error::VersionError;
use super::files::{FileChange, Files};
use super::npm::Npm;
use super::pattern::Pattern;
use super::place::Places;
use super::pyproject::Pyproject;

/// Where the version of a repository stands and how it is raised; `kind` says which.
///
/// Wasmtime, whose Cranelift crates have a line of their own and whose C header repeats the version:
///
/// ```
/// # let scheme: lockgate::version::Scheme = toml::from_str(r#"
/// kind = "several"
/// of = [
///     { kind = "cargo-workspace", others = "next-patch" },
///     { kind = "c-header", header = "crates/c-api/include/wasmtime.h", text = "WASMTIME_VERSION", macros = [
///         "WASMTIME_VERSION_MAJOR", "WASMTIME_VERSION_MINOR", "WASMTIME_VERSION_PATCH",
///     ] },
/// ]
/// # "#).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Scheme {
    /// A Cargo workspace or a single package.
    CargoWorkspace(CargoWorkspace),
    /// A Node package.
    Npm(Npm),
    /// A Python project.
    Pyproject(Pyproject),
    /// Macros in a C header, and their CMake twin.
    CHeader(CHeader),
    /// A regular expression with one named group.
    Regex(Pattern),
    /// A command of the project.
    Command(BumpCommand),
    /// Several of these that hold the same version and move together.
    Several(Several),
}

/// Schemes of one repository that are kept in step: a Cargo workspace that also ships a C header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Several {
    /// The schemes; the first one leads.
    pub of: Vec<Scheme>,
}

/// What raising the version takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method<'a> {
    /// [`Scheme::write`] gives the new files.
    Rewrite,
    /// Run this in a checkout, then [`Scheme::read`] what it left.
    Run(&'a BumpCommand),
}

impl Scheme {
    /// Whether files are rewritten or a command is run.
    #[must_use]
    pub fn method(&self) -> Method<'_> {
        match self {
            Scheme::Command(command) => Method::Run(command),
            _ => Method::Rewrite,
        }
    }

    /// The version that the tree holds.
    ///
    /// # Errors
    /// A file is missing or malformed, or two places that must agree do not.
    pub fn read(&self, files: &dyn Files) -> Result<Version, VersionError> {
        match self {
            Scheme::Command(command) => command.version.read(files),
            _ => Ok(self.places(files)?.current),
        }
    }

    /// The files that change when the version becomes `new`, in order of path, and no others. Everything outside
    /// the version stays byte for byte. Going back is allowed: an aborted release is undone the same way.
    ///
    /// # Errors
    /// As [`Scheme::read`]; the version is there already; it does not fit; or the scheme is a command.
    pub fn write(&self, files: &dyn Files, new: &Version) -> Result<Vec<FileChange>, VersionError> {
        self.places(files)?.write(files, new)
    }

    pub(super) fn places(&self, files: &dyn Files) -> Result<Places, VersionError> {
        match self {
            Scheme::CargoWorkspace(scheme) => scheme.places(files),
            Scheme::Npm(scheme) => scheme.places(files),
            Scheme::Pyproject(scheme) => scheme.places(files),
            Scheme::CHeader(scheme) => scheme.places(files),
            Scheme::Regex(scheme) => scheme.places(files),
            Scheme::Command(command) => Err(VersionError::RunElsewhere { command: command.run.join(" ") }),
            Scheme::Several(several) => several.places(files),
        }
    }
}

impl Several {
    fn places(&self, files: &dyn Files) -> Result<Places, VersionError> {
        let mut all: Option<Places> = None;
        for scheme in &self.of {
            let next = scheme.places(files)?;
            match &mut all {
                None => all = Some(next),
                Some(first) if first.current == next.current => {
                    first.places.extend(next.places);
                    first.standing.extend(next.standing);
                }
                Some(first) => {
                    return Err(VersionError::Rule {
                        problem: format!(
                            "names places that must agree, but {} says {} and {} says {}; bring them in step first",
                            first.leader, first.current, next.leader, next.current
                        ),
                    });
                }
            }
        }
        all.ok_or_else(|| VersionError::Rule { problem: "`several` names no scheme".into() })
    }
}

/// The next patch version: `1.2.3` to `1.2.4`. A pre-release becomes the release it was leading to,
/// `1.2.3-rc.1` to `1.2.3`; build metadata is dropped.
#[must_use]
pub fn next_patch(version: &Version) -> Version {
    let patch = if version.pre.is_empty() { version.patch + 1 } else { version.patch };
    Version::new(version.major, version.minor, patch)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn next_patch_finishes_a_prerelease() {
        assert_eq!(next_patch(&version("1.2.9")), version("1.2.10"));
        assert_eq!(next_patch(&version("2.0.0-rc.1")), version("2.0.0"));
    }

    #[test]
    fn schemes_are_read_from_the_catalog_and_unknown_keys_are_refused() {
        let scheme: Scheme =
            toml::from_str("kind = 'c-header'\nheader = 'v.h'\nmacros = ['A', 'B', 'C']").unwrap();
        assert!(matches!(scheme, Scheme::CHeader(_)));
        let scheme: Scheme = toml::from_str("kind = 'cargo-workspace'").unwrap();
        assert_eq!(scheme, Scheme::CargoWorkspace(CargoWorkspace::default()));
        assert!(toml::from_str::<Scheme>("kind = 'npm'\nmanifst = 'x'").is_err());
        let error = toml::from_str::<Scheme>("kind = 'regex'\nfile = 'x'\npattern = 'v(.*)'").unwrap_err();
        assert!(error.to_string().contains("exactly one named group"), "{error}");
    }

    #[test]
    fn schema_names_every_kind_and_closes_them() {
        let schema = serde_json::to_value(schemars::schema_for!(Scheme)).unwrap();
        let kinds = schema["oneOf"].as_array().unwrap();
        assert_eq!(kinds.len(), 7);
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&serde_json::json!({"kind": "npm", "manifest": "a/package.json"})));
        assert!(!validator.is_valid(&serde_json::json!({"kind": "npm", "manifst": "a"})));
    }

    #[test]
    fn command_is_described_and_read_through_another_scheme() {
        let scheme: Scheme = toml::from_str(
            "kind = 'command'\nrun = ['./bump', '{version}']\n[version]\nkind = 'regex'\nfile = 'V'\npattern = '(?<version>.+)'",
        )
        .unwrap();
        let files = BTreeMap::from([("V".to_owned(), "1.2.3\n".to_owned())]);
        assert_eq!(scheme.read(&files).unwrap(), version("1.2.3"));
        let Method::Run(command) = scheme.method() else { panic!("a command is run") };
        assert_eq!(command.arguments(&version("1.2.4")), ["./bump", "1.2.4"]);
        assert!(matches!(scheme.write(&files, &version("1.2.4")), Err(VersionError::RunElsewhere { .. })));
    }

    #[test]
    fn several_move_together_or_not_at_all() {
        let text = "kind = 'several'\nof = [{ kind = 'regex', file = 'A', pattern = '(?<version>.+)' }, { kind = 'regex', file = 'B', pattern = '(?<version>.+)' }]";
        let scheme: Scheme = toml::from_str(text).unwrap();
        let mut files =
            BTreeMap::from([("A".to_owned(), "1.0.0".to_owned()), ("B".to_owned(), "1.0.0\n".to_owned())]);
        assert_eq!(scheme.write(&files, &version("1.0.1")).unwrap().len(), 2);
        assert_eq!(
            scheme.write(&files, &version("1.0.0")).unwrap_err().to_string(),
            "version 1.0.0 is already there; nothing would change"
        );
        files.insert("B".into(), "1.0.9".into());
        let message = scheme.read(&files).unwrap_err().to_string();
        assert!(message.contains("`A` line 1 says 1.0.0 and `B` line 1 says 1.0.9"), "{message}");
    }
}
