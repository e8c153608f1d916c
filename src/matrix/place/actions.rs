//! What well-known actions do, and what stands in for them here.

use super::capabilities::Capabilities;
use super::finding::Place;
use crate::matrix::expression::Value;

/// What an action amounts to.
enum Deed {
    /// Nothing that a machine lacks: files are copied.
    Local,
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
    ("actions/checkout", Deed::Local),
    ("actions/cache", Deed::Local),
    ("actions/upload-artifact", Deed::Local),
    ("actions/download-artifact", Deed::Local),
    ("swatinem/rust-cache", Deed::Local),
    ("hendrikmuhs/ccache-action", Deed::Local),
    ("mozilla-actions/sccache-action", Deed::Local),
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

/// Whether a step that uses this action is left out.
pub(super) fn is_left_out(slug: &str) -> bool {
    let lower = slug.to_lowercase();
    KNOWN.iter().any(|(name, deed)| *name == lower && matches!(deed, Deed::LeftOut))
}

/// What stands against a step that uses an action of another repository. `slug` is `owner/name`, `reference` what
/// follows the `@`.
pub(super) fn of_action(slug: &str, reference: &str, with: &Value, machine: &Capabilities) -> Place {
    let lower = slug.to_lowercase();
    match KNOWN.iter().find(|(name, _)| *name == lower) {
        Some((_, Deed::LeftOut)) => Place::Here,
        Some((_, Deed::Local)) => of_local(&lower, with),
        Some((_, Deed::Tool(tool, inputs))) => {
            let asked = inputs.iter().map(|input| with.get(input)).find(|value| !value.is_null());
            // `dtolnay/rust-toolchain@1.90` says the version behind the `@`.
            let by_reference = (*tool == "rustc").then(|| Value::text(reference));
            of_tool(tool, asked.or(by_reference), machine)
        }
        Some((_, Deed::Effect)) => Place::Effect(format!("`{slug}`")),
        Some((_, Deed::Fetches)) => Place::Network(format!("`{slug}`")),
        None => Place::Unsupported(format!("the action `{slug}`")),
    }
}

/// A checkout of another repository, or of submodules, fetches.
fn of_local(slug: &str, with: &Value) -> Place {
    let asks = |input: &str| {
        let value = with.get(input);
        !value.is_null() && value.to_text() != "false" && value.truth() != Some(false)
    };
    match slug {
        "actions/checkout" if asks("repository") => {
            Place::Network(format!("a checkout of `{}`", with.get("repository").to_text()))
        }
        "actions/checkout" if asks("submodules") => Place::Network("a checkout of submodules".to_owned()),
        _ => Place::Here,
    }
}

/// The tool must be there; where the version that is asked for begins with numbers, those must agree.
fn of_tool(tool: &str, asked: Option<Value>, machine: &Capabilities) -> Place {
    let asked =
        asked.filter(|value| value.hangs_on().is_none()).map(|value| value.to_text()).unwrap_or_default();
    let numbers = numbers(&asked);
    let Some(version) = machine.programs.get(tool) else {
        return Place::Tool([tool, &asked].join(" ").trim().to_owned());
    };
    match version {
        Some(version) if !numbers.is_empty() && !self::numbers(version).starts_with(&numbers) => {
            Place::Tool(format!("{tool} {asked}, {version} is here"))
        }
        _ => Place::Here,
    }
}

/// The leading numbers of a version: `20.x` gives 20.
fn numbers(version: &str) -> Vec<u32> {
    let version = version.trim_start_matches(['v', '^', '~', '=', ' ']);
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}
