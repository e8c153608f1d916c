//! What well-known actions do, and what stands in for them here.

use super::capabilities::Capabilities;
use super::finding::Place;
use crate::matrix::expression::{Object, Value};
use crate::matrix::runner::Architecture;

/// What stands in for a well-known action on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandIn {
    /// The files of the tree.
    Checkout,
    /// Nothing: a cache without a hit.
    Cache,
    /// Files are put by for other jobs.
    Upload,
    /// Files that other jobs have put by.
    Download,
    /// The tool that is there.
    Tool {
        /// Its program.
        program: &'static str,
        /// Its version, where it is known.
        version: Option<String>,
    },
    /// Nothing: whether the job passes does not hang on it.
    LeftOut,
}

/// What an action amounts to.
enum Deed {
    /// Nothing that a machine lacks: files are copied.
    Local(StandIn),
    /// A tool of this name must be there, in the version that an input asks for.
    Tool(&'static str, &'static [&'static str]),
    /// Others see it.
    Effect,
    /// It fetches.
    Fetches,
    /// It reports figures to a service; whether the job passes does not hang on it, so it is left out.
    LeftOut,
}

/// The actions that are known, by owner and name or by a whole owner (`github/codeql-action/*`).
const KNOWN: &[(&str, Deed)] = &[
    ("actions/checkout", Deed::Local(StandIn::Checkout)),
    ("actions/cache", Deed::Local(StandIn::Cache)),
    ("actions/upload-artifact", Deed::Local(StandIn::Upload)),
    ("actions/download-artifact", Deed::Local(StandIn::Download)),
    ("swatinem/rust-cache", Deed::Local(StandIn::Cache)),
    ("hendrikmuhs/ccache-action", Deed::Local(StandIn::Cache)),
    ("mozilla-actions/sccache-action", Deed::Local(StandIn::Cache)),
    ("actions/setup-node", Deed::Tool("node", &["node-version"])),
    ("actions/setup-python", Deed::Tool("python3", &["python-version"])),
    ("actions/setup-go", Deed::Tool("go", &["go-version"])),
    ("actions/setup-java", Deed::Tool("java", &["java-version"])),
    ("actions/setup-dotnet", Deed::Tool("dotnet", &["dotnet-version"])),
    ("actions/setup-ruby", Deed::Tool("ruby", &["ruby-version"])),
    ("ruby/setup-ruby", Deed::Tool("ruby", &["ruby-version"])),
    ("ocaml/setup-ocaml", Deed::Tool("ocaml", &["ocaml-compiler"])),
    ("dtolnay/rust-toolchain", Deed::Tool("rustc", &["toolchain"])),
    ("actions-rs/toolchain", Deed::Tool("rustc", &["toolchain"])),
    ("actions-rust-lang/setup-rust-toolchain", Deed::Tool("rustc", &["toolchain"])),
    ("moonrepo/setup-rust", Deed::Tool("rustc", &["toolchain"])),
    ("astral-sh/setup-uv", Deed::Tool("uv", &["version"])),
    ("pnpm/action-setup", Deed::Tool("pnpm", &["version"])),
    ("denoland/setup-deno", Deed::Tool("deno", &["deno-version"])),
    ("shivammathur/setup-php", Deed::Tool("php", &["php-version"])),
    ("lukka/get-cmake", Deed::Tool("cmake", &["cmakeVersion"])),
    ("actions/github-script", Deed::Effect),
    ("actions/labeler", Deed::Effect),
    ("actions/stale", Deed::Effect),
    ("actions/deploy-pages", Deed::Effect),
    ("actions/upload-pages-artifact", Deed::Effect),
    ("actions/create-release", Deed::Effect),
    ("actions/upload-release-asset", Deed::Effect),
    ("actions/attest", Deed::Effect),
    ("actions/attest-build-provenance", Deed::Effect),
    ("actions/attest-sbom", Deed::Effect),
    ("actions/first-interaction", Deed::Effect),
    ("github/codeql-action", Deed::Effect),
    ("ossf/scorecard-action", Deed::Effect),
    ("softprops/action-gh-release", Deed::Effect),
    ("ncipollo/release-action", Deed::Effect),
    ("goreleaser/goreleaser-action", Deed::Effect),
    ("googleapis/release-please-action", Deed::Effect),
    ("google-github-actions/release-please-action", Deed::Effect),
    ("peter-evans/create-pull-request", Deed::Effect),
    ("peter-evans/create-or-update-comment", Deed::Effect),
    ("marocchino/sticky-pull-request-comment", Deed::Effect),
    ("peaceiris/actions-gh-pages", Deed::Effect),
    ("jamesives/github-pages-deploy-action", Deed::Effect),
    ("pypa/gh-action-pypi-publish", Deed::Effect),
    ("rubygems/release-gem", Deed::Effect),
    ("docker/login-action", Deed::Effect),
    ("docker/build-push-action", Deed::Effect),
    ("codecov/codecov-action", Deed::LeftOut),
    ("codecov/test-results-action", Deed::LeftOut),
    ("coverallsapp/github-action", Deed::LeftOut),
    ("step-security/harden-runner", Deed::LeftOut),
    ("rustsec/audit-check", Deed::Effect),
    ("actions/dependency-review-action", Deed::Fetches),
    ("taiki-e/install-action", Deed::Fetches),
    ("embarkstudios/cargo-deny-action", Deed::Fetches),
    ("baptiste0928/cargo-install", Deed::Fetches),
    ("cargo-bins/cargo-binstall", Deed::Fetches),
    ("golangci/golangci-lint-action", Deed::Fetches),
    ("pre-commit/action", Deed::Fetches),
];

/// What stands in for an action of another repository, or what stands against it. `slug` is `owner/name`, `reference`
/// what follows the `@`.
///
/// # Errors
/// The place that a step with it needs.
pub fn stand_in(slug: &str, reference: &str, with: &Value, machine: &Capabilities) -> Result<StandIn, Place> {
    let lower = slug.to_lowercase();
    if let Some(place) = ignored(&lower, with, machine) {
        return Err(place);
    }
    match KNOWN.iter().find(|(name, _)| *name == lower) {
        Some((_, Deed::LeftOut)) => Ok(StandIn::LeftOut),
        Some((_, Deed::Local(stand_in))) => of_local(stand_in, with),
        Some((_, Deed::Tool(tool, inputs))) => {
            let asked = inputs.iter().map(|input| with.get(input)).find(|value| !value.is_null());
            // `dtolnay/rust-toolchain@1.90` says the version behind the `@`.
            let by_reference = (*tool == "rustc").then(|| Value::text(reference));
            match asked.or(by_reference) {
                None => by_file(tool, with).map_or_else(|| of_tool(tool, None, machine), Err),
                asked => of_tool(tool, asked, machine),
            }
        }
        Some((_, Deed::Effect)) => Err(Place::Effect(format!("`{slug}`"))),
        Some((_, Deed::Fetches)) => Err(Place::Network(format!("`{slug}`"))),
        None => Err(Place::Unsupported(format!("the action `{slug}`"))),
    }
}

/// Inputs that change what a job tests and that nothing here does: a pass without them would be of something else. The
/// other inputs of these actions are honoured, or only say where things come from and are kept.
const IGNORED: &[(&str, &str)] = &[
    ("actions/checkout", "lfs"),
    ("actions/download-artifact", "artifact-ids"),
    ("actions/setup-python", "freethreaded"),
    ("actions/setup-java", "java-package"),
    ("actions/setup-java", "jdkfile"),
    ("actions/setup-dotnet", "global-json-file"),
    ("lukka/get-cmake", "ninjaversion"),
];

/// An input of a well-known action that is not honoured here.
fn ignored(slug: &str, with: &Value, machine: &Capabilities) -> Option<Place> {
    let not_done = |input: &&(&str, &str)| input.0 == slug && asks(with, input.1);
    if let Some((_, input)) = IGNORED.iter().find(not_done) {
        return Some(Place::Unsupported(format!("`{slug}` with `{input}`")));
    }
    if slug == "astral-sh/setup-uv" && asks(with, "python-version") {
        return of_tool("python3", Some(with.get("python-version")), machine).err();
    }
    let wanted = with.get("architecture");
    let own: &[&str] = match machine.architecture {
        Architecture::X64 => &["x64", "amd64", "x86_64"],
        Architecture::Arm64 => &["arm64", "aarch64"],
    };
    let is_other = slug.contains("/setup-")
        && asks(with, "architecture")
        && wanted.hangs_on().is_none()
        && !own.contains(&wanted.to_text().to_lowercase().as_str());
    is_other.then(|| Place::On(format!("a tool for {}", wanted.to_text())))
}

/// Whether an input is given and is not `false`.
pub(super) fn asks(with: &Value, input: &str) -> bool {
    let value = with.get(input);
    !value.is_null() && value.to_text() != "false" && value.truth() != Some(false)
}

/// A checkout of another repository, or of submodules, fetches.
fn of_local(stand_in: &StandIn, with: &Value) -> Result<StandIn, Place> {
    match stand_in {
        StandIn::Checkout if asks(with, "repository") => {
            Err(Place::Network(format!("a checkout of `{}`", with.get("repository").to_text())))
        }
        StandIn::Checkout if asks(with, "submodules") => {
            Err(Place::Network("a checkout of submodules".to_owned()))
        }
        other => Ok(other.clone()),
    }
}

/// What `with` says besides submodules: those are a matter of the network, and looked at by themselves.
pub fn without_submodules(with: &Value) -> Value {
    let rest = with.as_object().into_iter().flat_map(Object::iter);
    let rest = rest.filter(|(key, _)| !key.eq_ignore_ascii_case("submodules"));
    Value::object(rest.map(|(key, value)| (key.to_owned(), value.clone())).collect())
}

/// A version that stands in a file of the tree is not looked up.
fn by_file(tool: &str, with: &Value) -> Option<Place> {
    let mut inputs = with.as_object()?.iter();
    let (_, file) =
        inputs.find(|(key, file)| key.ends_with("-version-file") && !file.to_text().is_empty())?;
    Some(Place::Tool(format!("{tool} in the version that `{}` says, which is not looked up", file.to_text())))
}

/// The tool must be there, in the version that is asked for. What is asked for in a way that is not understood is not
/// there: a pass would be of another version than the entry names.
fn of_tool(tool: &'static str, asked: Option<Value>, machine: &Capabilities) -> Result<StandIn, Place> {
    let asked =
        asked.filter(|value| value.hangs_on().is_none()).map(|value| value.to_text()).unwrap_or_default();
    let Some(version) = machine.programs.get(tool) else {
        return Err(Place::Tool([tool, &asked].join(" ").trim().to_owned()));
    };
    match version {
        version if asked.trim().is_empty() => Ok(StandIn::Tool { program: tool, version: version.clone() }),
        Some(version) if is_version(&asked, version) => {
            Ok(StandIn::Tool { program: tool, version: Some(version.clone()) })
        }
        Some(version) => Err(Place::Tool(format!("{tool} {asked}, {version} is here"))),
        None => Err(Place::Tool(format!("{tool} {asked}, here is one of unknown version"))),
    }
}

/// Words for whatever is current; which one that is today is not known here.
const CURRENT: [&str; 8] = ["stable", "latest", "current", "node", "lts", "lts/*", "*", "x"];

/// Whether a version is the one that is asked for: by its leading numbers (`20`, `20.x`, `v1.2.3`), by the channel of a
/// toolchain, or by a word for the current one. Variants (`3.14t`, `pypy-3.11`) and ranges are not taken apart.
fn is_version(asked: &str, version: &str) -> bool {
    let asked = asked.trim().to_lowercase();
    let channel = version.split_once('-').map_or("", |(_, channel)| channel.split('.').next().unwrap_or(""));
    match asked.as_str() {
        "nightly" | "beta" => channel == asked,
        word if CURRENT.contains(&word) => channel.is_empty(),
        written => numbers(written).is_some_and(|asked| {
            channel.is_empty() && numbers(version).is_some_and(|version| version.starts_with(&asked))
        }),
    }
}

/// The numbers of a version before its wildcards: `20.x` gives 20. `None` for what is no version.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let plain = version.trim_start_matches(['v', '^', '~', '=', ' ']);
    let parts: Vec<&str> = plain.split('.').collect();
    let wild = parts.iter().position(|part| ["x", "*"].contains(part)).unwrap_or(parts.len());
    let numbers: Option<Vec<u32>> = parts[..wild].iter().map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_only_the_one_that_is_asked_for() {
        let there =
            ["20 20.11.1", "20.x 20.11.1", "v20 20.11.1", "3.11 3.11.7", "3.11.7 3.11.7", "^1.9 1.9.2"];
        let channels = ["stable 1.95.0", "nightly 1.97.0-nightly", "beta 1.96.0-beta.3", "lts/* 20.11.1"];
        for pair in there.iter().chain(&channels) {
            let (asked, version) = pair.split_once(' ').unwrap();
            assert!(is_version(asked, version), "{pair}");
        }
        let others =
            ["18 20.11.1", "3.14t 3.11.7", "3.14t 3.14.0", "pypy-3.11 3.11.7", "3.1 3.11.7", ">=18 20.11.1"];
        let channels = [
            "nightly 1.95.0",
            "beta 1.95.0",
            "stable 1.97.0-nightly",
            "nightly-2026-01-01 1.97.0-nightly",
            "1.97 1.97.0-nightly",
        ];
        for pair in others.iter().chain(&channels) {
            let (asked, version) = pair.split_once(' ').unwrap();
            assert!(!is_version(asked, version), "{pair}");
        }
    }
}
