//! `backport`: carry the fix of one advisory to one branch, in memory; a conflict stops this target and no other.

use super::assess::fix_commits;
use super::error::StepError;
use super::facts::Decision;
use super::local::{committer, fetch_branch, in_store, made_ref};
use super::output::{Output, Patch, PatchCommit};
use super::resolution;
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::git::{
    Doubt, Expected, Item, Merges, Outcome, Pick, Picker, Signature, Stack, StackedState, Store, stack,
};
use crate::ids::{CommitId, GhsaId};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    // Local and repeatable: the same fix on the same head gives the same commits.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let advisory = site.advisory_id()?.clone();
    let base = site.facts.base(target).clone();
    fetch_branch(site, &target.repo, &target.branch).await?;
    let commits = fix_commits(site)?;
    let resolved = match site.facts.decisions.get(&site.step.name) {
        Some(Decision::Resolved { commit }) => Some(commit.clone()),
        _ => resolution::pushed(site).await?,
    };
    let committer = committer(&site.plan);
    let kept = made_ref(site);
    let made = in_store(site, &target.repo, move |store| {
        let work = Work { store, advisory: &advisory, commits: &commits, committer: &committer };
        let carried = work.carry(&base, resolved.as_ref())?;
        if let Carried::All(patch) = &carried {
            store.set_ref(&kept, &patch.head, &Expected::Anything, "backport")?;
        }
        Ok(carried)
    })
    .await?;
    match made {
        Carried::All(patch) => Ok(Made::Done(Output::Patch(patch))),
        Carried::Conflict(conflict) => Ok(Made::Ask(question(site, &conflict))),
    }
}

/// What carrying a fix to a branch came to.
enum Carried {
    All(Patch),
    Conflict(Conflict),
}

/// A conflict, in the words of a question.
struct Conflict {
    fix: CommitId,
    what: &'static str,
    paths: Vec<String>,
    progress: String,
}

/// The fix of one advisory, about to be carried to one branch.
struct Work<'a> {
    store: &'a Store,
    advisory: &'a GhsaId,
    commits: &'a [CommitId],
    committer: &'a Signature,
}

impl Work<'_> {
    fn carry(&self, base: &CommitId, resolved: Option<&CommitId>) -> Result<Carried, StepError> {
        let mut made = Vec::new();
        let mut review = Vec::new();
        let mut start = base.clone();
        if let Some(resolved) = resolved {
            made = resolution::accepted(self.store, base, resolved, self.commits, self.advisory)?;
            review.push("a person resolved a conflict here".to_owned());
            start = resolved.clone();
        }
        let rest: Vec<CommitId> = self
            .commits
            .iter()
            .filter(|fix| !made.iter().any(|commit: &PatchCommit| commit.from.as_ref() == Some(fix)))
            .cloned()
            .collect();
        let mut picker = Picker::new(self.store)?;
        let items = [Item { key: self.advisory.to_string(), commits: rest }];
        let stacked = stack(&mut picker, &start, &items, self.committer, Merges::Fail)?;
        if let Some(conflict) = conflict(&stacked) {
            return Ok(Carried::Conflict(conflict));
        }
        self.store.keep(picker.draft(), &stacked.head)?;
        made.extend(self.commits_of(&stacked)?);
        review.extend(stacked.commits.iter().filter_map(|stacked| match &stacked.state {
            StackedState::Picked { pick, .. } => doubt(pick),
            _ => None,
        }));
        Ok(Carried::All(Patch {
            base: base.clone(),
            commits: made,
            head: stacked.head,
            tree: stacked.tree,
            review,
        }))
    }

    fn commits_of(&self, stacked: &Stack) -> Result<Vec<PatchCommit>, StepError> {
        let mut commits = Vec::new();
        for entry in &stacked.commits {
            let StackedState::Picked { commit, .. } = &entry.state else { continue };
            commits.push(PatchCommit {
                commit: commit.clone(),
                from: Some(entry.fix.clone()),
                advisory: Some(self.advisory.clone()),
                subject: self.store.commit_info(commit)?.subject().to_owned(),
            });
        }
        Ok(commits)
    }
}

/// The conflict at which a stack stopped.
fn conflict(stacked: &Stack) -> Option<Conflict> {
    let (open, pick) = stacked.open()?;
    let progress = stacked.progress();
    Some(Conflict {
        fix: open.fix.clone(),
        what: match pick.outcome {
            Outcome::ConflictInNoise => {
                "conflicts only in files that decide nothing (tests, lock files, notes)"
            }
            Outcome::Structural => "meets files that were moved, renamed or deleted",
            Outcome::NotApplicable => "finds none of the files that it changes",
            _ => "conflicts",
        },
        paths: pick.conflicting_paths(),
        progress: format!(
            "{} commit(s) of the fix done, {} open, {} waiting",
            progress.done, progress.open, progress.waiting
        ),
    })
}

/// Why a person must read a pick that went in; nothing for a plain clean one.
pub(super) fn doubt(pick: &Pick) -> Option<String> {
    let Outcome::CleanUnconfirmed { doubts } = &pick.outcome else { return None };
    let words: Vec<String> = doubts
        .iter()
        .map(|doubt| match doubt {
            Doubt::EnginesDiffer { paths } => format!("two merge engines differ in {}", paths.join(", ")),
            Doubt::FixRenames { paths } => format!("the fix renames {}", paths.join(", ")),
            Doubt::PathsCollide { paths } => format!("two files of the fix land on {}", paths.join(", ")),
            Doubt::RenameSearchCapped => "too many files to search for a moved one".to_owned(),
        })
        .collect();
    Some(words.join("; "))
}

fn question(site: &Site, conflict: &Conflict) -> Question {
    let step = &site.step.name;
    let subject = site.subject();
    Question {
        kind: QuestionKind::Conflict { paths: conflict.paths.clone() },
        text: format!(
            "commit {} of {} {} on {}: {} ({}). Every other target goes on; nothing was pushed for this one.",
            conflict.fix.short(),
            subject.advisory.as_ref().map_or("the fix", GhsaId::as_str),
            conflict.what,
            site.target_subject(),
            conflict.paths.join(", "),
            conflict.progress
        ),
        next: vec![
            format!("lockgate resolve {step}"),
            format!(
                "or push the resolved branch as `{}` to the private side, then `lockgate resume`",
                resolution::branch_name(site)
            ),
        ],
    }
}
