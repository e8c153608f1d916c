//! How a repository carries its version: the rule of a catalog, and the formats that it can name.

#[cfg(test)]
mod bytes;
mod c_header;
mod cargo;
mod json;
mod npm;
mod pattern;
mod preset;
mod pyproject;
mod python_locks;
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
    AtFile, CITATION, Composer, DOCKERFILE, DotNet, GRADLE, Gem, Helm, MESON, MIX, Maven, Preset, PresetForm,
    PythonModule, SETUP_CFG, SETUP_PY, VERSION_FILE,
};
use self::pyproject::Pyproject;
use self::several::together;
use self::tags::Tags;
use self::text::Text;
use super::error::VersionError;
use super::files::TreeReader;
use super::format::{Outline, VersionFormat};
use super::place::{OtherVersions, VersionPlaces};
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
    /// `__version__` in a module, or `VERSION` as a tuple.
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
        let preset =
            |form: &'static PresetForm, at| Box::new(Preset { form, at }) as Box<dyn VersionFormat + '_>;
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
            VersionRule::Composer(at) => Box::new(Composer(at)),
            VersionRule::Meson(at) => preset(&MESON, at),
            VersionRule::SetupCfg(at) => preset(&SETUP_CFG, at),
            VersionRule::SetupPy(at) => preset(&SETUP_PY, at),
            VersionRule::PythonModule(at) => Box::new(PythonModule(at)),
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

    /// Whether files of a released tree state its version. A command may change files that state none.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        match self {
            VersionRule::Command(command) => command.version.is_stated(),
            rule => rule.is_in_files(),
        }
    }

    /// The first of several rules, which leads; `None` of a single one.
    pub(in crate::version) fn leading(&self) -> Option<&VersionRule> {
        match self {
            VersionRule::Several(several) => several.of.first(),
            _ => None,
        }
    }

    /// Whether a release alone states the version somewhere, so that it has to be taken back afterwards.
    #[must_use]
    pub fn is_in_releases_alone(&self) -> bool {
        match self {
            VersionRule::Text(text) => text.is_in_releases_alone(),
            VersionRule::Several(several) => several.of.iter().any(VersionRule::is_in_releases_alone),
            VersionRule::Command(command) => command.version.is_in_releases_alone(),
            _ => false,
        }
    }

    /// The rule of a member of a workspace in this folder, whose lock file stands above it. `None` for the kinds that know
    /// no workspace.
    pub(in crate::version) fn member_below(&self, folder: &str) -> Option<VersionRule> {
        let manifest = |own: &str| format!("{folder}/{own}");
        match self {
            VersionRule::Npm(npm) => {
                Some(VersionRule::Npm(Npm { manifest: manifest(&npm.manifest), ..npm.clone() }))
            }
            VersionRule::CargoWorkspace(cargo) => Some(VersionRule::CargoWorkspace(CargoWorkspace {
                manifest: manifest(&cargo.manifest),
                ..cargo.clone()
            })),
            VersionRule::Pyproject(project) => {
                Some(VersionRule::Pyproject(Pyproject { file: manifest(&project.file), ..project.clone() }))
            }
            _ => None,
        }
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

/// Rules of one repository that move together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Several {
    /// The rules; the first one leads.
    pub of: Vec<VersionRule>,
    /// What becomes of rules whose version is another one than the first's. If it is not stated, a version of another
    /// line (`0.5.1` beside `1.2.3`) goes to its own next patch, as a chart's does, and one of the same line (`1.2.2`)
    /// is an error: a copy that somebody forgot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<OtherVersions>,
}

impl VersionFormat for Several {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        together(self.of.iter().map(|rule| rule.format().places(files, otherwise)), self.others)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.of.first()?.format().scheme()
    }

    fn outline(&self) -> Option<Outline> {
        self.of.first()?.format().outline()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
