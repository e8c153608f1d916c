//! What became of one advisory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CveId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::release::Advisory;
use crate::run::State;
use crate::steps::Output;

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
        }
    }
}
