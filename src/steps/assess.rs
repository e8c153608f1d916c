//! `assess`: find out whether the branch is affected, with evidence, and which released versions carry it.
//!
//! Only hard evidence may say "not affected": none of the files that the fix changes is there. Everything else is
//! for people to confirm (BACKPORT.md: no rule alone decides it).

use super::error::StepError;
use super::lines;
use super::local::{fetch_branch, in_store};
use super::output::{Output, Verdict};
use super::site::{Made, Seen, Site};
use crate::git::{Against, FixedBy, Onto, Outcome, Pick, PickRequest, Picker};
use crate::ids::CommitId;
use crate::plan::{StepKind, Subject};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let base = site.facts.base(target).clone();
    fetch_branch(site, &target.repo, &target.branch).await?;
    let commits = fix_commits(site)?;
    let picks = in_store(site, &target.repo, move |store| {
        let mut picker = Picker::new(store)?;
        let mut picks = Vec::new();
        for fix in commits {
            let request = PickRequest { fix, against: Against::Parent, onto: Onto::Commit(base.clone()) };
            picks.push(picker.pick(&request)?);
        }
        Ok(picks)
    })
    .await?;
    let versions = lines::released_versions(site, target).await?;
    Ok(Made::Done(Output::Verdict(Verdict {
        verdict: verdict(&picks).to_owned(),
        evidence: picks.iter().map(evidence).collect(),
        versions: versions.iter().map(ToString::to_string).collect(),
    })))
}

/// One word for the branch, from what each commit of the fix meets there.
fn verdict(picks: &[Pick]) -> &'static str {
    let all = |test: fn(&Outcome) -> bool| picks.iter().all(|pick| test(&pick.outcome));
    if all(|outcome| matches!(outcome, Outcome::AlreadyFixed { .. })) {
        "already fixed"
    } else if all(|outcome| matches!(outcome, Outcome::NotApplicable)) {
        "not affected"
    } else if all(|outcome| {
        matches!(
            outcome,
            Outcome::Clean { .. } | Outcome::CleanUnconfirmed { .. } | Outcome::AlreadyFixed { .. }
        )
    }) {
        "affected"
    } else {
        "likely"
    }
}

fn evidence(pick: &Pick) -> String {
    match &pick.outcome {
        Outcome::AlreadyFixed { evidence: FixedBy::Ancestor } => "the fix is in the branch's history".into(),
        Outcome::AlreadyFixed { evidence: FixedBy::Content } => "applying the fix changes nothing".into(),
        Outcome::AlreadyFixed { evidence: FixedBy::Trailer { commit } | FixedBy::Authorship { commit } } => {
            format!("{} on the branch is the fix", commit.short())
        }
        Outcome::Clean { .. } | Outcome::CleanUnconfirmed { .. } => {
            format!("what the fix changes is there: {}", pick.changed.join(", "))
        }
        Outcome::NotApplicable => "none of the files that the fix changes is there".into(),
        Outcome::ConflictInNoise | Outcome::Conflict | Outcome::Structural => {
            format!("what the fix changes is there in another form: {}", pick.conflicting_paths().join(", "))
        }
    }
}

/// The commits of the fix that the step's advisory has in its repository.
pub(super) fn fix_commits(site: &Site) -> Result<Vec<CommitId>, StepError> {
    let fix = Subject { branch: None, ..site.subject().clone() };
    site.facts.commits(StepKind::ImportFix, &fix).cloned()
}
