//! What became of one advisory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CveId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::release::Advisory;
use crate::run::State;
use crate::steps::{Output, VersionSeries, series_of, version_rows};

/// One advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedAdvisory {
    /// Its id.
    pub id: GhsaId,
    /// Where it is.
    pub repo: RepoName,
    /// Its title.
    pub summary: String,
    /// Its severity, if it has one.
    pub severity: Option<String>,
    /// Its CVE, if it has one.
    pub cve: Option<CveId>,
    /// Whether GitHub was asked for a CVE and has not assigned one yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cve_owed: bool,
    /// Its state on GitHub, if it was published.
    pub state: Option<String>,
    /// Its page, if it was published.
    pub url: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Whether its private fork is gone; `None` where it worked in none.
    pub fork_gone: Option<bool>,
    /// Every version of the repositories that it is in, and whether it is affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<ReportedVersion>,
}

/// A version, and what an advisory says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedVersion {
    /// The repository.
    pub repo: RepoName,
    /// The package, where its releases are told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The version.
    pub version: String,
    /// Its tag.
    pub tag: String,
    /// Where it was released from.
    pub from: String,
    /// Whether the advisory's ranges hold it.
    pub affected: bool,
    /// What was found, in words.
    pub finding: String,
    /// Who says so.
    pub decided: String,
}

impl ReportedAdvisory {
    pub(super) fn of(plan: &Plan, state: &State, advisory: &Advisory) -> ReportedAdvisory {
        let step = |kind: StepKind| -> Option<&Step> {
            plan.of_kind(kind).find(|step| step.subject.advisory.as_ref() == Some(&advisory.id))
        };
        let output = |kind: StepKind| state.facts.outputs.get(&step(kind)?.name);
        let fact = match output(StepKind::PublishAdvisory) {
            Some(Output::Advisory(fact)) => Some(fact),
            _ => None,
        };
        let cve = state.facts.cve(plan, advisory);
        ReportedAdvisory {
            id: advisory.id.clone(),
            repo: advisory.repo.clone(),
            summary: advisory.summary.clone(),
            severity: advisory.rating().map(|rating| rating.as_str().to_owned()),
            cve_owed: advisory.cve.is_asked_for() && cve.is_none(),
            cve,
            state: fact.map(|fact| fact.state.clone()),
            url: fact.map(|fact| fact.url.clone()),
            published: step(StepKind::PublishAdvisory)
                .and_then(|step| state.done_at.get(&step.name).copied()),
            fork_gone: plan
                .inputs
                .advisory_fork(advisory)
                .and_then(|_| step(StepKind::DeleteFork))
                .map(|step| state.is_done(&step.name)),
            versions: advisory
                .fixes
                .iter()
                .flat_map(|fix| series_of(plan, advisory, &fix.repo))
                .flat_map(|series| versions(plan, state, advisory, series))
                .collect(),
        }
    }
}

fn versions(
    plan: &Plan,
    state: &State,
    advisory: &Advisory,
    series: VersionSeries<'_>,
) -> Vec<ReportedVersion> {
    let rows = version_rows(plan, &state.facts, advisory, series);
    let reported = rows.into_iter().map(|row| ReportedVersion {
        repo: series.repo.clone(),
        package: series.package.map(ToOwned::to_owned),
        version: row.version.to_string(),
        tag: row.tag,
        from: row.origin.to_string(),
        affected: row.finding.carries(),
        finding: row.finding.to_string(),
        decided: row.decided.to_string(),
    });
    reported.collect()
}
