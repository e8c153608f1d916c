//! What goes wrong on purpose, as `world.toml` and scenarios describe it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;

/// Which of the world's services a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultyWire {
    /// GitHub's API.
    #[default]
    Api,
    /// Git over HTTP: paths such as `/owner/name.git/git-receive-pack`.
    Git,
    /// The package registries: paths such as `/npm/name`.
    Registry,
    /// Mail: the path is the kind of mail, `advance` or `release`.
    Mail,
}

/// Whether a fault replaces the work or only its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultEffect {
    /// The request is not carried out.
    #[default]
    Before,
    /// The request is carried out and then the answer is replaced: the caller cannot know.
    After,
}

/// What the caller gets in place of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultAnswer {
    /// `status` with `body` and `headers`. Of mail: the code of SMTP.
    #[default]
    Status,
    /// None: the connection ends.
    Cut,
    /// None, and the connection stays open.
    Silent,
    /// The first half of the real answer; then the connection ends. The request is carried out.
    Partial,
    /// The first half of the real answer, as if it were all of it. The request is carried out.
    Malformed,
    /// Of reads, and of what git lists (`git-upload-pack`): the answer as it was when the fault began.
    Stale,
}

/// Something that goes wrong with requests.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// The service that it strikes.
    #[serde(default)]
    pub wire: FaultyWire,
    /// The HTTP method, in capitals; without it every method.
    #[serde(default, deserialize_with = "limits::method", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A regular expression on the path after the service's base, such as `^/repos/.*/pulls$`.
    pub path: String,
    /// How many matching requests pass before the fault begins.
    #[serde(default)]
    pub after: u32,
    /// How many requests it strikes.
    #[serde(default = "once", deserialize_with = "limits::times")]
    pub times: u32,
    /// What the caller gets.
    #[serde(default)]
    pub answer: FaultAnswer,
    /// The status of the answer, from 200 to 599, where it is one.
    #[serde(default, deserialize_with = "status", skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body of the answer; without it what GitHub sends with this status.
    pub body: Option<String>,
    /// Headers of the answer, `retry-after` for example.
    #[serde(default, deserialize_with = "limits::headers")]
    pub headers: BTreeMap<String, String>,
    /// Whether the request is carried out.
    #[serde(default)]
    pub effect: FaultEffect,
}

fn status<'de, D: serde::Deserializer<'de>>(written: D) -> Result<Option<u16>, D::Error> {
    limits::status(written).map(Some)
}

fn once() -> u32 {
    1
}
