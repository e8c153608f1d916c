//! What people are thanked for in an advisory, in GitHub's words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody is credited for (GitHub REST API, "Repository security advisories").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    reason = "GitHub's own words, explained on its advisory page"
)]
pub enum CreditKind {
    Analyst,
    Finder,
    Reporter,
    Coordinator,
    RemediationDeveloper,
    RemediationReviewer,
    RemediationVerifier,
    Tool,
    Sponsor,
    Other,
}
