//! What packages can be called, by ecosystem: under another name neither GitHub nor a database finds them.

use regex::Regex;

use super::package::Package;
use crate::ecosystem::Ecosystem;

/// What is wrong with a name, and what to write.
pub(super) struct WrongName {
    pub(super) message: String,
    pub(super) hint: String,
}

/// Why a package cannot be called what it is called.
pub(super) fn wrong_name(package: &Package) -> Option<WrongName> {
    let Form { pattern, lacks, hint } = form_of(package.ecosystem)?;
    let is_one = Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(&package.name));
    (!is_one).then(|| WrongName {
        message: format!("`{}` names no package of {}: {lacks}", package.name, called(package.ecosystem)),
        hint: hint.replace("{name}", package.name.trim_matches([':', '/', '@'])),
    })
}

/// The form of an ecosystem's names.
struct Form {
    pattern: &'static str,
    lacks: &'static str,
    hint: &'static str,
}

/// By the registries' own rules: npm's `package.json`, Composer's schema, the Go modules reference, PEP 508, Cargo's manifest, and
/// what the other registries take. Names in capitals that a registry takes no more are still those of old packages.
fn form_of(ecosystem: Ecosystem) -> Option<Form> {
    let (pattern, lacks, hint) = match ecosystem {
        Ecosystem::Maven => (
            r"[^:\s]+:[^:\s]+",
            "its group is missing",
            "write `groupId:artifactId`, as in `org.acme:{name}`",
        ),
        Ecosystem::Npm => (
            r"(?:@[\w.~-]+/)?[\w.~-]+",
            "npm's are a word, or a scope and a word",
            "write it as in `package.json`: `{name}` without blanks, or `@acme/pump`",
        ),
        Ecosystem::Composer => (
            r"[[:alnum:]][\w.-]*/[[:alnum:]][\w.-]*",
            "Composer's are vendor and name",
            "write it as in `composer.json`: `acme/pump`",
        ),
        Ecosystem::Go => (
            r"[\w.~-]+(?:/[\w.~-]+)*",
            "Go's are module paths",
            "write the path after `module` in `go.mod`: `example.com/acme/pump/v2`",
        ),
        Ecosystem::Actions => {
            (r"[\w.-]+/[\w./-]+", "actions are repositories", "write owner and repository: `acme/pump`")
        }
        Ecosystem::Rust => {
            (r"[[:alpha:]_][\w-]*", "it is no word", "write it as after `name` in `Cargo.toml`")
        }
        Ecosystem::Pip => (
            r"[[:alnum:]](?:[\w.-]*[[:alnum:]])?",
            "Python's are letters, numbers, `.`, `_` and `-` (PEP 508)",
            "write it as in `pyproject.toml`, without extras and versions",
        ),
        Ecosystem::Rubygems | Ecosystem::Nuget => {
            (r"[\w.-]+", "it is no word", "write it as its registry has it")
        }
        Ecosystem::Pub | Ecosystem::Erlang => (r"\w+", "it is no word", "write it as its registry has it"),
        Ecosystem::Swift | Ecosystem::Other => return None,
    };
    Some(Form { pattern, lacks, hint })
}

/// What people call an ecosystem.
fn called(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Maven => "Maven",
        Ecosystem::Composer => "Composer",
        Ecosystem::Go => "Go",
        Ecosystem::Pip => "Python",
        _ => ecosystem.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn package(ecosystem: &str, name: &str) -> Package {
        toml::from_str(&format!("ecosystem = '{ecosystem}'\nname = '{name}'")).unwrap()
    }

    #[rstest]
    #[case("npm", "acme/pump")]
    #[case("npm", "@acme")]
    #[case("npm", "pump@1.2.3")]
    #[case("composer", "pump")]
    #[case("composer", "https://example.com/acme/pump")]
    #[case("go", "https://example.com/acme/pump")]
    #[case("go", "example.com/acme/pump@v1")]
    #[case("maven", "org.acme:pump:1.2.3")]
    #[case("rust", "acme/pump")]
    #[case("pip", "pump[extra]")]
    #[case("actions", "pump")]
    #[case("rubygems", "acme pump")]
    fn name_that_no_package_can_have_is_wrong(#[case] ecosystem: &str, #[case] name: &str) {
        let wrong = wrong_name(&package(ecosystem, name)).unwrap();
        assert!(wrong.message.starts_with(&format!("`{name}` names no package of ")), "{}", wrong.message);
    }

    #[rstest]
    #[case("npm", "@acme/pump.js")]
    #[case("npm", "JSONStream")]
    #[case("composer", "symfony/http-kernel")]
    #[case("go", "gopkg.in/yaml.v3")]
    #[case("go", "stdlib")]
    #[case("maven", "com.fasterxml.jackson.core:jackson-core")]
    #[case("rust", "wasmtime-wasi")]
    #[case("pip", "zope.interface")]
    #[case("actions", "actions/cache/save")]
    #[case("nuget", "Newtonsoft.Json")]
    #[case("erlang", "plug_cowboy")]
    #[case("other", "anything at all")]
    fn name_of_a_real_package_is_right(#[case] ecosystem: &str, #[case] name: &str) {
        assert!(wrong_name(&package(ecosystem, name)).is_none());
    }
}
