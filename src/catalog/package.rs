//! The packages that a repository releases.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::repo_version::RepoVersion;
use crate::ecosystem::Ecosystem;
use crate::ids::InvalidId;
use crate::numbering::{Scheme, Version, tag_of_version, version_in_tag};
use crate::registry::{Protocol, RegistryPackage};

/// A package as advisories and registries name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The ecosystem in GitHub's words: `rust`, `npm`, `pip`, `other` and more.
    #[serde(deserialize_with = "Ecosystem::from_file")]
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: String,
    /// Whether a release must appear in the registry before it counts.
    #[serde(default)]
    pub registry: bool,
    /// Its folder, from the root of the repository. The files of its own `version` are looked for there, and the tags of a
    /// Go module begin with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where its own version stands. Without it, its version is the repository's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<RepoVersion>,
    /// Its own tag, with `{version}` in it: `api/v{version}`. Without it, its releases have the repository's tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl Package {
    /// The form of its own tags, if it has any. The tags of a Go module in a folder begin with the folder (Go Modules
    /// Reference, "Mapping versions to commits").
    #[must_use]
    pub fn tag_form(&self) -> Option<String> {
        let of_module = || self.path.as_ref().map(|path| format!("{path}/v{{version}}"));
        self.tag.clone().or_else(|| if self.ecosystem == Ecosystem::Go { of_module() } else { None })
    }

    /// The name of a Go module without the major version that it ends in, and that version: `/v2`, or `.v3` at gopkg.in (Go
    /// Modules Reference, "Major version suffixes").
    fn module(&self) -> (&str, Option<&str>) {
        let major = |(name, major)| Some((name, Some(major))).filter(|_| is_major(major));
        let split = self.name.rsplit_once("/v").and_then(major);
        let gopkg = || self.name.rsplit_once(".v").and_then(major);
        match self.ecosystem {
            Ecosystem::Go => split.or_else(gopkg).unwrap_or((&self.name, None)),
            _ => (&self.name, None),
        }
    }

    /// Whether the two are one Go module in different major versions, which share their tags.
    #[must_use]
    pub fn is_of_one_module(&self, other: &Package) -> bool {
        self.ecosystem == Ecosystem::Go
            && other.ecosystem == Ecosystem::Go
            && self.module().0 == other.module().0
    }

    /// Whether this name, and not that of another major version among these packages, is the version's.
    #[must_use]
    pub fn holds(&self, version: &Version, all: &[Package]) -> bool {
        let number = version.numbers().next();
        match self.module().1 {
            Some(major) => number == Some(major),
            None => {
                let mut others = all.iter().filter(|other| self.is_of_one_module(other));
                !others.any(|other| other.module().1.is_some_and(|major| number == Some(major)))
            }
        }
    }

    /// The name that a version goes by among these packages: its own, or another of the same module that none of them has. `None`
    /// where the version is another package's.
    #[must_use]
    pub fn name_among(&self, version: &Version, all: &[Package]) -> Option<String> {
        if self.holds(version, all) {
            return Some(self.name.clone());
        }
        let mut others = all.iter().filter(|other| other.is_of_one_module(self));
        (!others.any(|other| other.holds(version, all))).then(|| self.name_at(version))
    }

    /// Whether a version is counted with this package: it is its own, or one of another major version that no package among these has.
    /// The releases of such a version have the package's tags, too.
    #[must_use]
    pub fn counts(&self, version: &Version, all: &[Package]) -> bool {
        self.name_among(version, all).is_some()
    }

    /// The name of a Go module that says no major version, as it was before there were modules; `None` of one that always says one,
    /// as at gopkg.in, and of what is no Go module.
    #[must_use]
    pub fn name_before_majors(&self) -> Option<&str> {
        let (module, major) = self.module();
        let always = major.is_some_and(|major| self.name.ends_with(&format!(".v{major}")));
        (self.ecosystem == Ecosystem::Go && !always).then_some(module)
    }

    /// The name that it goes by in the major version of this one: a Go module has its own in each, but for one that never
    /// took any.
    fn name_at(&self, version: &Version) -> String {
        let (module, Some(named)) = self.module() else { return self.name.clone() };
        let is_joined_by_dot = self.name.ends_with(&format!(".v{named}"));
        match version.numbers().next() {
            Some(major) if is_joined_by_dot => format!("{module}.v{major}"),
            None | Some("0" | "1") => module.to_owned(),
            Some(major) => format!("{module}/v{major}"),
        }
    }

    /// Whether its releases are told apart from the repository's: by tags of their own, or numbers of their own.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.version.is_some() || self.tag_form().is_some()
    }

    /// Its own tag of this version, if it has one.
    #[must_use]
    pub fn tag_of(&self, version: &Version) -> Option<String> {
        Some(tag_of_version(&self.tag_form()?, version.as_str()))
    }

    /// The version that a tag of its own names.
    #[must_use]
    pub fn version_of(&self, tag: &str, scheme: Scheme) -> Option<Version> {
        version_in_tag(&self.tag_form()?, tag, scheme)
    }

    /// It as its registry is asked for it; `None` where it is in none, or no protocol of its ecosystem's is known.
    ///
    /// # Errors
    /// [`InvalidId`] for a name that no registry takes.
    pub fn in_registry(&self) -> Result<Option<RegistryPackage>, InvalidId> {
        let protocol = Protocol::of(self.ecosystem).filter(|_| self.registry);
        protocol.map(|protocol| RegistryPackage::new(protocol, &self.name)).transpose()
    }
}

/// One package as a table, or several as an array of tables.
pub(super) fn one_or_several_schema(generator: &mut SchemaGenerator) -> Schema {
    let forms = [generator.subschema_for::<Package>(), generator.subschema_for::<Vec<Package>>()];
    json_schema!({ "anyOf": forms })
}

/// Reads `package = {…}`, as it was when there could be one, and `[[repo.package]]`.
pub(super) fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Package>, D::Error> {
    struct Packages;
    impl<'de> Visitor<'de> for Packages {
        type Value = Vec<Package>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a package, or a list of packages")
        }

        fn visit_unit<E>(self) -> Result<Vec<Package>, E> {
            Ok(Vec::new())
        }

        fn visit_none<E>(self) -> Result<Vec<Package>, E> {
            Ok(Vec::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Vec<Package>, A::Error> {
            Package::deserialize(MapAccessDeserializer::new(table)).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<Package>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }
    deserializer.deserialize_any(Packages)
}

/// Writes one package as a table: a plan of before keeps its digest.
pub(super) fn as_before<S: Serializer>(packages: &[Package], serializer: S) -> Result<S::Ok, S::Error> {
    match packages {
        [] => serializer.serialize_none(),
        [one] => one.serialize(serializer),
        several => several.serialize(serializer),
    }
}

fn is_major(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    fn package(rest: &str) -> Package {
        toml::from_str(&format!("name = \"example.org/pump/api\"\n{rest}")).unwrap()
    }

    #[test]
    fn go_module_in_a_folder_has_its_tags_under_it() {
        let module = package("ecosystem = 'go'\npath = 'api'");
        assert_eq!(module.tag_of(&semver("1.2.3")).as_deref(), Some("api/v1.2.3"));
        assert_eq!(module.version_of("api/v1.2.3", Scheme::SemVer), Some(semver("1.2.3")));
        assert_eq!(module.version_of("v1.2.3", Scheme::SemVer), None);
        let stated = package("ecosystem = 'go'\npath = 'api'\ntag = 'api-{version}'");
        assert_eq!(stated.tag_of(&semver("1.2.3")).as_deref(), Some("api-1.2.3"));
    }

    #[test]
    fn go_module_has_another_name_for_each_major_version_from_the_second_on() {
        let named = |name: &str, ecosystem: &str| -> Package {
            toml::from_str(&format!("ecosystem = '{ecosystem}'\nname = '{name}'")).unwrap()
        };
        let both = [named("example.org/pump", "go"), named("example.org/pump/v2", "go")];
        let held = |version: &str| both.each_ref().map(|package| package.holds(&semver(version), &both));
        assert_eq!(held("0.9.0"), [true, false]);
        assert_eq!(held("1.2.3"), [true, false]);
        assert_eq!(held("2.0.0"), [false, true]);
        assert!(both[0].holds(&semver("2.0.0"), &both[..1]), "one that never took the new name");
        let yaml = named("gopkg.in/yaml.v3", "go");
        assert!(
            yaml.holds(&semver("3.0.1"), std::slice::from_ref(&yaml)) && !yaml.holds(&semver("2.4.0"), &[])
        );
        assert!(named("@pump/v2", "npm").holds(&semver("1.0.0"), &[]), "only Go names them so");
    }

    #[test]
    fn go_module_of_which_one_major_version_is_named_has_a_name_in_each() {
        let name_at = |name: &str, version: &str| {
            let module: Package = toml::from_str(&format!("ecosystem = 'go'\nname = '{name}'")).unwrap();
            module.name_at(&semver(version))
        };
        assert_eq!(name_at("example.org/pump/v2", "0.3.0"), "example.org/pump");
        assert_eq!(name_at("example.org/pump/v2", "1.1.2"), "example.org/pump");
        assert_eq!(name_at("example.org/pump/v2", "2.0.4"), "example.org/pump/v2");
        assert_eq!(name_at("example.org/pump/v2", "3.0.0"), "example.org/pump/v3");
        assert_eq!(name_at("gopkg.in/yaml.v3", "2.4.0"), "gopkg.in/yaml.v2");
        assert_eq!(name_at("example.org/pump", "2.0.0"), "example.org/pump", "it never took another");
    }

    #[test]
    fn version_that_no_package_names_counts_with_the_module_in_another_major_version() {
        let named = |name: &str| -> Package {
            toml::from_str(&format!("ecosystem = 'go'\nname = '{name}'\npath = 'api'")).unwrap()
        };
        let both = [named("example.org/pump/api"), named("example.org/pump/api/v2")];
        let second = &both[1];
        assert!(!second.holds(&semver("1.1.3"), &both[1..]) && second.counts(&semver("1.1.3"), &both[1..]));
        assert!(second.counts(&semver("2.0.4"), &both));
        assert!(!second.counts(&semver("1.1.3"), &both), "the catalog names whose it is");
        assert!(!both[0].counts(&semver("2.0.4"), &both));
        let npm: Package = toml::from_str("ecosystem = 'npm'\nname = 'pump'").unwrap();
        assert!(npm.counts(&semver("1.1.3"), std::slice::from_ref(&npm)));
    }

    #[test]
    fn package_is_told_apart_by_its_tags_or_its_numbers() {
        assert!(!package("ecosystem = 'npm'\npath = 'packages/api'").is_apart());
        assert!(package("ecosystem = 'npm'\ntag = 'api@{version}'").is_apart());
        assert!(package("ecosystem = 'npm'\nversion = { kind = 'npm' }").is_apart());
        assert!(package("ecosystem = 'go'\npath = 'api'").is_apart());
    }
}
