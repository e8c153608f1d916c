//! How a repository carries its version: the rule of a catalog, and the formats that it can name.

mod c_header;
mod cargo;
mod json;
mod npm;
mod pattern;
mod preset;
mod pyproject;
mod several;
mod tags;
mod text;

use serde::{Deserialize, Serialize};

use self::c_header::CHeader;
use self::cargo::CargoWorkspace;
pub(super) use self::cargo::{Manifest, operator_length};
use self::npm::Npm;
use self::pattern::Pattern;
pub(super) use self::pattern::VersionPattern;
use self::preset::{
    AtFile, CITATION, COMPOSER, DOCKERFILE, DotNet, Form, GRADLE, Gem, Helm, MESON, MIX, Maven,
    PYTHON_MODULE, Preset, SETUP_CFG, SETUP_PY, VERSION_FILE,
};
use self::pyproject::Pyproject;
use self::several::Several;
use self::tags::Tags;
use self::text::Text;
use super::error::VersionError;
use super::files::{FileChange, TreeReader};
use super::format::{Outline, VersionFormat};
use super::place::VersionPlaces;
use crate::numbering::{Scheme, Version};

/// Where the version of a repository stands and how it is raised; `kind` says which.
///
/// Wasmtime, whose Cranelift crates have a line of their own and whose C header repeats the version:
///
/// ```toml
/// kind = "several"
/// of = [
///     { kind = "cargo-workspace", others = "next-patch" },
///     { kind = "c-header", header = "crates/c-api/include/wasmtime.h", text = "WASMTIME_VERSION", macros = [
///         "WASMTIME_VERSION_MAJOR", "WASMTIME_VERSION_MINOR", "WASMTIME_VERSION_PATCH",
///     ] },
/// ]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum VersionRule {
    /// A Cargo workspace or a single package.
    CargoWorkspace(CargoWorkspace),
    /// A Node package.
    Npm(Npm),
    /// A Python project.
    Pyproject(Pyproject),
    /// Macros in a C header, and their CMake twin.
    CHeader(CHeader),
    /// A Maven project and its modules.
    Maven(AtFile),
    /// A Gradle project.
    Gradle(AtFile),
    /// A Ruby gem.
    Gem(AtFile),
    /// A Helm chart.
    Helm(AtFile),
    /// A .NET project.
    #[serde(rename = "dotnet")]
    DotNet(AtFile),
    /// A Mix project (Elixir).
    Mix(AtFile),
    /// A `composer.json` that states a version.
    Composer(AtFile),
    /// A Meson project.
    Meson(AtFile),
    /// `setup.cfg`.
    SetupCfg(AtFile),
    /// `setup.py`.
    SetupPy(AtFile),
    /// `__version__` in a module.
    PythonModule(AtFile),
    /// `CITATION.cff`, with its date.
    Citation(AtFile),
    /// Labels of a Dockerfile.
    Dockerfile(AtFile),
    /// A file that holds the version and nothing else.
    VersionFile(AtFile),
    /// Text with placeholders.
    Text(Text),
    /// A regular expression with one named group.
    Regex(Pattern),
    /// A command of the project.
    Command(BumpCommand),
    /// Several of these that hold the same version and move together.
    Several(Several),
    /// No file: the version is the tag.
    Tags(Tags),
}

impl VersionRule {
    pub(in crate::version) fn format(&self) -> Box<dyn VersionFormat + '_> {
        let preset = |form: &'static Form, at| Box::new(Preset { form, at }) as Box<dyn VersionFormat + '_>;
        match self {
            VersionRule::CargoWorkspace(format) => Box::new(format),
            VersionRule::Npm(format) => Box::new(format),
            VersionRule::Pyproject(format) => Box::new(format),
            VersionRule::CHeader(format) => Box::new(format),
            VersionRule::Maven(at) => Box::new(Maven(at)),
            VersionRule::Gradle(at) => preset(&GRADLE, at),
            VersionRule::Gem(at) => Box::new(Gem(at)),
            VersionRule::Helm(at) => Box::new(Helm(at)),
            VersionRule::DotNet(at) => Box::new(DotNet(at)),
            VersionRule::Mix(at) => preset(&MIX, at),
            VersionRule::Composer(at) => preset(&COMPOSER, at),
            VersionRule::Meson(at) => preset(&MESON, at),
            VersionRule::SetupCfg(at) => preset(&SETUP_CFG, at),
            VersionRule::SetupPy(at) => preset(&SETUP_PY, at),
            VersionRule::PythonModule(at) => preset(&PYTHON_MODULE, at),
            VersionRule::Citation(at) => preset(&CITATION, at),
            VersionRule::Dockerfile(at) => preset(&DOCKERFILE, at),
            VersionRule::VersionFile(at) => preset(&VERSION_FILE, at),
            VersionRule::Text(format) => Box::new(format),
            VersionRule::Regex(format) => Box::new(format),
            VersionRule::Command(format) => Box::new(format),
            VersionRule::Several(format) => Box::new(format),
            VersionRule::Tags(format) => Box::new(format),
        }
    }

    /// Whether files state the version, so that a release raises it there.
    #[must_use]
    pub fn is_in_files(&self) -> bool {
        !matches!(self, VersionRule::Tags(_))
    }

    /// How an outsider finds the version, such as a script of the project's CI; `None` if the rule names no place.
    #[must_use]
    pub fn outline(&self) -> Option<Outline> {
        self.format().outline()
    }
}

/// The project's own bump script. This room only describes it: running it is left to the caller, in a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BumpCommand {
    /// Program and arguments; `{version}` stands for the new version.
    pub run: Vec<String>,
    /// The new files that belong to the bump, as globs with `{version}` in them: `docs/releases/{version}.md`. If it is
    /// not stated, every new text file that no `.gitignore` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes: Option<Vec<String>>,
    /// Where the version can be read, before and after.
    pub version: Box<VersionRule>,
}

impl BumpCommand {
    /// Program and arguments for this new version.
    #[must_use]
    pub fn arguments(&self, new: &Version) -> Vec<String> {
        self.run.iter().map(|part| part.replace("{version}", new.as_str())).collect()
    }
}

impl VersionFormat for BumpCommand {
    fn places(&self, _: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        Err(VersionError::RunElsewhere { command: self.run.join(" ") })
    }

    fn current(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<Version, VersionError> {
        self.version.format().current(files, otherwise)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.version.format().scheme()
    }

    fn outline(&self) -> Option<Outline> {
        self.version.format().outline()
    }
}

/// A repository's rule, with the scheme that its versions have where the rule tells none.
#[derive(Debug, Clone)]
pub struct Versioning {
    rule: VersionRule,
    otherwise: Scheme,
    date: Option<jiff::civil::Date>,
}

/// What raising the version takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BumpMethod<'a> {
    /// [`Versioning::write`] gives the new files.
    Rewrite,
    /// Run this in a checkout, then [`Versioning::read`] what it left.
    Run(&'a BumpCommand),
}

impl Versioning {
    /// The rule of a repository; `otherwise` is the scheme of its package's ecosystem.
    #[must_use]
    pub fn new(rule: VersionRule, otherwise: Scheme) -> Versioning {
        Versioning { rule, otherwise, date: None }
    }

    /// The same, for a release on this day.
    #[must_use]
    pub fn on(self, date: jiff::civil::Date) -> Versioning {
        Versioning { date: Some(date), ..self }
    }

    /// The scheme of the repository's versions.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.rule.format().scheme().unwrap_or(self.otherwise)
    }

    /// Whether files state the version.
    #[must_use]
    pub fn is_in_files(&self) -> bool {
        self.rule.is_in_files()
    }

    /// Whether files are rewritten or a command is run.
    #[must_use]
    pub fn method(&self) -> BumpMethod<'_> {
        match &self.rule {
            VersionRule::Command(command) => BumpMethod::Run(command),
            _ => BumpMethod::Rewrite,
        }
    }

    /// The version that the tree states.
    ///
    /// # Errors
    /// A file is missing or malformed, or two places that must agree do not.
    pub fn read(&self, files: &dyn TreeReader) -> Result<Version, VersionError> {
        self.rule.format().current(files, self.otherwise)
    }

    /// The files that change when the version becomes `new`, in order of path, and no others. Everything outside
    /// the version stays byte for byte. Going back is allowed: an aborted release is undone the same way.
    ///
    /// # Errors
    /// As [`Versioning::read`]; the version is there already; it does not fit; or the rule is a command.
    pub fn write(&self, files: &dyn TreeReader, new: &Version) -> Result<Vec<FileChange>, VersionError> {
        self.rule.format().places(files, self.otherwise)?.on(self.date).write(files, new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn versioning(text: &str) -> Versioning {
        Versioning::new(toml::from_str(text).unwrap(), Scheme::Numbers)
    }

    #[test]
    fn rules_are_read_from_the_catalog_and_unknown_keys_are_refused() {
        let rule: VersionRule =
            toml::from_str("kind = 'c-header'\nheader = 'v.h'\nmacros = ['A', 'B', 'C']").unwrap();
        assert!(matches!(rule, VersionRule::CHeader(_)));
        let rule: VersionRule = toml::from_str("kind = 'cargo-workspace'").unwrap();
        assert_eq!(rule, VersionRule::CargoWorkspace(CargoWorkspace::default()));
        assert!(toml::from_str::<VersionRule>("kind = 'npm'\nmanifst = 'x'").is_err());
        let error =
            toml::from_str::<VersionRule>("kind = 'regex'\nfile = 'x'\npattern = 'v(.*)'").unwrap_err();
        assert!(error.to_string().contains("exactly one named group"), "{error}");
    }

    #[test]
    fn schema_names_every_kind_and_closes_them() {
        let schema = serde_json::to_value(schemars::schema_for!(VersionRule)).unwrap();
        let kinds = schema["oneOf"].as_array().unwrap();
        assert_eq!(kinds.len(), 23);
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&serde_json::json!({"kind": "npm", "manifest": "a/package.json"})));
        assert!(!validator.is_valid(&serde_json::json!({"kind": "npm", "manifst": "a"})));
    }

    #[test]
    fn scheme_is_stated_or_told_by_the_format_or_the_ecosystem() {
        let scheme = |text: &str| Versioning::new(toml::from_str(text).unwrap(), Scheme::RubyGems).scheme();
        let regex = "kind = 'regex'\nfile = 'V'\npattern = '(?<version>.+)'";
        assert_eq!(scheme(regex), Scheme::RubyGems);
        assert_eq!(scheme(&format!("{regex}\nscheme = 'calendar'")), Scheme::Calendar);
        assert_eq!(scheme("kind = 'cargo-workspace'"), Scheme::SemVer);
        assert_eq!(scheme("kind = 'pyproject'"), Scheme::Pep440);
        assert_eq!(scheme("kind = 'pyproject'\nscheme = 'calendar'"), Scheme::Calendar);
        assert_eq!(
            scheme("kind = 'several'\nof = [{ kind = 'npm' }, { kind = 'pyproject' }]"),
            Scheme::SemVer
        );
    }

    #[test]
    fn command_is_described_and_read_through_another_rule() {
        let versioning = versioning(
            "kind = 'command'\nrun = ['./bump', '{version}']\n[version]\nkind = 'regex'\nfile = 'V'\npattern = '(?<version>.+)'",
        );
        let files = BTreeMap::from([("V".to_owned(), "1.2.3\n".to_owned())]);
        assert_eq!(versioning.read(&files).unwrap(), semver("1.2.3"));
        let BumpMethod::Run(command) = versioning.method() else { panic!("a command is run") };
        assert_eq!(command.arguments(&semver("1.2.4")), ["./bump", "1.2.4"]);
        assert!(matches!(versioning.write(&files, &semver("1.2.4")), Err(VersionError::RunElsewhere { .. })));
    }

    #[test]
    fn several_move_together_or_not_at_all() {
        let text = "kind = 'several'\nof = [{ kind = 'regex', file = 'A', pattern = '(?<version>.+)' }, { kind = 'regex', file = 'B', pattern = '(?<version>.+)' }]";
        let versioning = versioning(text);
        let mut files =
            BTreeMap::from([("A".to_owned(), "1.0.0".to_owned()), ("B".to_owned(), "1.0.0\n".to_owned())]);
        assert_eq!(versioning.write(&files, &semver("1.0.1")).unwrap().len(), 2);
        assert_eq!(
            versioning.write(&files, &semver("1.0.0")).unwrap_err().to_string(),
            "version 1.0.0 is already there; nothing would change"
        );
        files.insert("B".into(), "1.0.9".into());
        let message = versioning.read(&files).unwrap_err().to_string();
        assert!(message.contains("`A` line 1 says 1.0.0 and `B` line 1 says 1.0.9"), "{message}");
    }
}
