//! The whole of a world, its people, its registry at the start, and what shall go wrong in it.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;
use super::{AdvisorySpec, CveSpec, FaultSpec, ForkRules, RegistryKind, RepoSpec};
use crate::ids::Login;

/// The emulated world of a rehearsal: people, repositories, advisories, registries, and what goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// The time at which the world begins; initial checks, releases and pull requests lie before it.
    #[schemars(with = "String")]
    pub start: Timestamp,
    /// The people who hold tokens. Owners of repositories that are not named here become organisations.
    #[serde(default)]
    pub users: Vec<UserSpec>,
    /// The repositories, each parent before its forks.
    #[serde(default)]
    pub repos: Vec<RepoSpec>,
    /// The repository security advisories.
    #[serde(default)]
    pub advisories: Vec<AdvisorySpec>,
    /// What the package registries hold at the start.
    #[serde(default)]
    pub packages: Vec<PackageSpec>,
    /// What shall go wrong; more can be added while the world runs (`POST /_emulator/faults`).
    #[serde(default)]
    pub faults: Vec<FaultSpec>,
    /// How CVE ids are assigned.
    #[serde(default)]
    pub cve: CveSpec,
    /// How temporary private forks behave where the sources about GitHub contradict each other.
    #[serde(default)]
    pub private_forks: ForkRules,
    /// Requests per user and hour of the world's clock; GitHub gives 5,000 to a user and 15,000 to an
    /// enterprise's app (docs, "Rate limits for the REST API").
    #[serde(default = "generous_rate")]
    pub rate_limit: u32,
    /// Whether every request is kept with its answer, one line each, in `exchanges.jsonl`.
    #[serde(default)]
    pub record: bool,
}

fn generous_rate() -> u32 {
    15_000
}

impl WorldSpec {
    /// A world that begins at `start` and holds nothing.
    #[must_use]
    pub fn empty(start: Timestamp) -> WorldSpec {
        WorldSpec {
            start,
            users: Vec::new(),
            repos: Vec::new(),
            advisories: Vec::new(),
            packages: Vec::new(),
            faults: Vec::new(),
            cve: CveSpec::default(),
            private_forks: ForkRules::default(),
            rate_limit: generous_rate(),
            record: false,
        }
    }
}

/// A person with a token.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The login.
    pub login: Login,
    /// The token that requests carry. It belongs to the emulated world only.
    pub token: String,
    /// The address in commits that the server makes; without it GitHub's `noreply` form.
    pub email: Option<String>,
    /// Whether the person administers every repository of this world.
    #[serde(default)]
    pub admin: bool,
    /// The scopes of the token, which is a classic one then; without them it is a fine-grained one.
    pub scopes: Option<Vec<String>>,
    /// When the token expires: from then on GitHub answers 401.
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
    /// Where the token still has to be authorised for single sign-on: until then GitHub answers 403.
    pub sign_on: Option<String>,
    /// Whether the token is no person's but a GitHub App's or a workflow's.
    #[serde(default)]
    pub app: bool,
    /// Of a GitHub App: where it is installed. Its tokens are made on demand, by what the App proves itself with.
    pub installation: Option<InstallationSpec>,
    /// The teams that the person is in, as CODEOWNERS names them without the `@`: `acme/core`.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The public SSH keys that log the person in, as GitHub publishes them.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The public SSH keys that the person signs with, as GitHub publishes them.
    #[serde(default)]
    pub signing_keys: Vec<String>,
}

/// A GitHub App where it is installed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallationSpec {
    /// The App's number.
    pub app: u64,
    /// The number of the installation.
    pub id: u64,
    /// The App's public key, PEM.
    pub public_key: String,
    /// How long each token lasts; an hour at GitHub.
    #[serde(default = "an_hour", deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub lifetime: SignedDuration,
}

fn an_hour() -> SignedDuration {
    SignedDuration::from_hours(1)
}

/// Versions of a package that the registry has from the start.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageSpec {
    /// Which registry.
    pub ecosystem: RegistryKind,
    /// The package's name there.
    pub name: String,
    /// Versions, oldest first.
    pub versions: Vec<String>,
}
