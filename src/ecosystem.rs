//! The ecosystems of packages. One row of one table tells all that is said of each.

use std::fmt;

use serde::de::{Error as _, IntoDeserializer as _};
use serde::{Deserialize, Serialize};

use crate::numbering::Scheme;

/// A package's ecosystem, in the words of GitHub's advisories (REST API, "Repository security advisories").
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, clippy::missing_docs_in_private_items, reason = "the words are the packagers' own")]
pub enum Ecosystem {
    Actions,
    Composer,
    Erlang,
    Go,
    Maven,
    Npm,
    Nuget,
    Other,
    Pip,
    Pub,
    Rubygems,
    Rust,
    Swift,
}

/// What is said of an ecosystem.
struct EcosystemFacts {
    github: &'static str,
    /// Its name in the OSV schema, where it has one there.
    osv: Option<&'static str>,
    /// How its packages are numbered.
    scheme: Scheme,
}

impl Ecosystem {
    fn facts(self) -> EcosystemFacts {
        let row = |github, osv, scheme| EcosystemFacts { github, osv, scheme };
        match self {
            Ecosystem::Actions => row("actions", Some("GitHub Actions"), Scheme::Numbers),
            Ecosystem::Composer => row("composer", Some("Packagist"), Scheme::Numbers),
            Ecosystem::Erlang => row("erlang", Some("Hex"), Scheme::SemVer),
            Ecosystem::Go => row("go", Some("Go"), Scheme::SemVer),
            Ecosystem::Maven => row("maven", Some("Maven"), Scheme::Maven),
            Ecosystem::Npm => row("npm", Some("npm"), Scheme::SemVer),
            Ecosystem::Nuget => row("nuget", Some("NuGet"), Scheme::Numbers),
            Ecosystem::Other => row("other", None, Scheme::Numbers),
            Ecosystem::Pip => row("pip", Some("PyPI"), Scheme::Pep440),
            Ecosystem::Pub => row("pub", Some("Pub"), Scheme::SemVer),
            Ecosystem::Rubygems => row("rubygems", Some("RubyGems"), Scheme::RubyGems),
            Ecosystem::Rust => row("rust", Some("crates.io"), Scheme::SemVer),
            Ecosystem::Swift => row("swift", Some("SwiftURL"), Scheme::SemVer),
        }
    }

    /// Reads GitHub's word in a user's file. Whoever writes another name of the same ecosystem is told GitHub's.
    pub(crate) fn from_file<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Ecosystem, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ecosystem::deserialize(word.as_str().into_deserializer()).map_err(|unknown: D::Error| {
            match Ecosystem::of_other_name(&word) {
                Some(right) => D::Error::custom(format!("unknown ecosystem `{word}`, GitHub says `{right}`")),
                None => unknown,
            }
        })
    }

    /// The ecosystem that has this name elsewhere: in OSV, for its packagers, or as its language.
    fn of_other_name(name: &str) -> Option<Ecosystem> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "github-actions" | "github actions" | "action" => Ecosystem::Actions,
            "packagist" | "php" => Ecosystem::Composer,
            "hex" | "elixir" | "mix" => Ecosystem::Erlang,
            "golang" | "gomod" | "go" => Ecosystem::Go,
            "gradle" | "java" | "maven" => Ecosystem::Maven,
            "javascript" | "node" | "nodejs" | "yarn" | "pnpm" | "npm" => Ecosystem::Npm,
            "dotnet" | ".net" | "nuget" => Ecosystem::Nuget,
            "c" | "c++" | "generic" | "none" | "other" => Ecosystem::Other,
            "pypi" | "python" | "pip" => Ecosystem::Pip,
            "dart" | "flutter" | "pub" => Ecosystem::Pub,
            "gem" | "gems" | "ruby" | "rubygem" | "rubygems" => Ecosystem::Rubygems,
            "cargo" | "crate" | "crates" | "crates.io" | "rust" => Ecosystem::Rust,
            "swifturl" | "swiftpm" | "swift" => Ecosystem::Swift,
            _ => return None,
        })
    }

    /// GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.facts().github
    }

    /// Its name in the OSV schema; `None` for what no ecosystem there covers.
    #[must_use]
    pub fn osv(self) -> Option<&'static str> {
        self.facts().osv
    }

    /// The name under which it knows a package: Python's is the same in any case, and whatever joins its words (PEP 503).
    #[must_use]
    pub fn normal_name(self, name: &str) -> String {
        if self != Ecosystem::Pip {
            return name.to_owned();
        }
        let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-").to_lowercase()
    }

    /// How its packages are numbered, where a project does not say otherwise.
    #[must_use]
    pub fn scheme(self) -> Scheme {
        self.facts().scheme
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_the_table_is_the_word_of_the_files() {
        for word in [
            "actions", "composer", "erlang", "go", "maven", "npm", "nuget", "other", "pip", "pub",
            "rubygems", "rust", "swift",
        ] {
            let read: Ecosystem = serde_json::from_value(serde_json::json!(word)).unwrap();
            assert_eq!(read.as_str(), word);
        }
    }

    #[test]
    fn other_name_of_an_ecosystem_is_answered_with_githubs() {
        #[derive(Debug, Deserialize)]
        struct EcosystemFile {
            #[serde(rename = "ecosystem", deserialize_with = "Ecosystem::from_file")]
            _ecosystem: Ecosystem,
        }
        let refused = |word: &str| {
            toml::from_str::<EcosystemFile>(&format!("ecosystem = \"{word}\""))
                .unwrap_err()
                .message()
                .to_owned()
        };
        assert_eq!(refused("pypi"), "unknown ecosystem `pypi`, GitHub says `pip`");
        assert_eq!(refused("crates.io"), "unknown ecosystem `crates.io`, GitHub says `rust`");
        assert_eq!(refused("Rust"), "unknown ecosystem `Rust`, GitHub says `rust`");
        assert!(refused("vcpkg").contains("expected one of `actions`"));
    }
}
