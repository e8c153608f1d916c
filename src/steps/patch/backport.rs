//! `backport`: carry the fix of one advisory to one branch, in memory; a conflict stops this target and no other.

use std::sync::Arc;

use jiff::SignedDuration;

use super::assess::fix_commits;
use super::conflict::{Conflict, by_hand};
use super::help;
use super::help::{Newer, Settled};
use super::left_out::is_left_out;
use super::lock_files;
use super::lock_files::{RefusedLockFiles, Unwritten};
use super::pull_series::remarks_on;
use super::resolution;
use super::review;
use crate::backport::{
    Help, Item, LockFiles, Merges, NewerLine, NoiseRules, Picker, Proposer, Stack, StackedState,
    stack_with_help,
};
use crate::git::{Committer, GitError, Store};
use crate::ids::{CommitId, GhsaId, Login};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::local::{bring_branch, committer, in_store, made_ref};
use crate::steps::output::{Output, Patch, PatchCommit};

/// What a conflicting backport waits for.
const NEWER_LINES: &str = "the newer lines' backports, which may settle the conflict here";
/// How long until it looks again: they are made on this machine.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let waits = context.facts.waiting_since.contains_key(&context.step.name);
    if waits && help::newer(context)? == Newer::UnderWay {
        return Ok(Observed::Wait(a_moment(context)));
    }
    // Local and repeatable: the same fix on the same head gives the same commits.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let advisory = context.advisory_id()?.clone();
    let base = context.facts.base(target).clone();
    bring_branch(context, &target.repo, &target.branch, &base).await?;
    if is_left_out(&context.plan, &context.facts, target, &advisory) {
        return Ok(Applied::Done(Output::Patch(nothing(context, base).await?)));
    }
    let (resolved, proposed) = match context.facts.decisions.get(&context.step.name) {
        Some(Decision::Resolved { commit, proposed }) => (Some(commit.clone()), proposed.clone()),
        _ => (resolution::pushed(context).await?, Vec::new()),
    };
    let newer = help::newer(context)?;
    let (helpers, lock_files) = match newer {
        Newer::UnderWay => (Helpers::default(), LockFiles::default()),
        Newer::Settled => (Helpers::of(context)?, lock_files::of(context.repo()?)),
    };
    let work = Work {
        advisory,
        base,
        resolved,
        proposed,
        commits: fix_commits(context)?,
        committer: committer(context)?,
        by: context.facts.decided_by.get(&context.step.name).map_or("a person", Login::as_str).to_owned(),
        helpers,
        noise: help::noise(context.repo()?),
    };
    Ok(match (work.carried(context, lock_files).await?, newer) {
        (Carried::All(mut patch), _) => {
            patch.review.extend(remarks_on(context));
            Applied::Done(Output::Patch(patch))
        }
        // Half of the help would make the result a matter of luck.
        (_, Newer::UnderWay) => Applied::Wait(a_moment(context)),
        (Carried::Conflict(conflict), Newer::Settled) => Applied::Ask(conflict.question(context)),
        (Carried::Refused(refusal), Newer::Settled) => Applied::Ask(without_lock_files(context, &refusal)),
    })
}

/// The patch of a branch that people left out.
async fn nothing(context: &StepContext, base: CommitId) -> Result<Patch, StepError> {
    let head = base.clone();
    let tree = in_store(context, &context.repo()?.name, move |store| Ok(store.tree_of(&head)?)).await?;
    Ok(Patch { head: base.clone(), base, tree, commits: Vec::new(), review: Vec::new(), resolved: None })
}

fn a_moment(context: &StepContext) -> Wait {
    let now = context.world.clock.now();
    Wait::new(now.checked_add(MOMENT).unwrap_or(now), NEWER_LINES)
}

/// What may help where the fix conflicts.
#[derive(Default)]
struct Helpers {
    newer: Vec<NewerLine>,
    settled: Vec<Settled>,
    regenerated: Vec<String>,
    proposer: Option<Proposer>,
}

impl Helpers {
    fn of(context: &StepContext) -> Result<Helpers, StepError> {
        Ok(Helpers {
            newer: help::made_by_newer(context)?,
            settled: help::settled_elsewhere(context)?,
            regenerated: help::regenerated(context)?,
            proposer: context.world.proposer.clone(),
        })
    }
}

/// What carrying a fix to a branch came to.
enum Carried {
    All(Patch),
    Conflict(Conflict),
    /// Only lock files conflict, and their command failed.
    Refused(RefusedLockFiles),
}

/// How far one attempt got.
enum Attempt {
    Ended(Carried),
    /// Lock files are to be written before it can go on.
    Unwritten(Unwritten),
}

/// The fix of one advisory, about to be carried to one branch.
struct Work {
    advisory: GhsaId,
    base: CommitId,
    resolved: Option<CommitId>,
    /// The files in which the resolution began from a proposal.
    proposed: Vec<String>,
    commits: Vec<CommitId>,
    committer: Committer,
    by: String,
    helpers: Helpers,
    noise: NoiseRules,
}

impl Work {
    /// Carries the fix. Where it waits for lock files, they are written and it is carried again with them.
    async fn carried(self, context: &StepContext, mut lock_files: LockFiles) -> Result<Carried, StepError> {
        let work = Arc::new(self);
        loop {
            let (work, files, kept) = (Arc::clone(&work), lock_files.clone(), made_ref(context));
            let attempt = in_store(context, &context.repo()?.name, move |store| {
                let attempt = work.carry(store, &files)?;
                if let Attempt::Ended(Carried::All(patch)) = &attempt {
                    store.set_own_ref(&kept, &patch.head, "backport")?;
                }
                Ok(attempt)
            });
            match attempt.await? {
                Attempt::Ended(carried) => return Ok(carried),
                Attempt::Unwritten(unwritten) => {
                    if let Some(refusal) = unwritten.write(context, &mut lock_files).await? {
                        return Ok(Carried::Refused(refusal));
                    }
                }
            }
        }
    }

    fn carry(&self, store: &Store, lock_files: &LockFiles) -> Result<Attempt, StepError> {
        let (mut made, mut review) = (Vec::new(), Vec::new());
        if let Some(resolved) = &self.resolved {
            made = resolution::accepted(store, &self.base, resolved, &self.commits, &self.advisory)?;
            review.push(self.by_hand(resolved));
        }
        let mut picker = Picker::new(store)?.with_noise(self.noise.clone());
        let stacked = self.stacked(store, &mut picker, lock_files, &made)?;
        if let Some((open, pick)) = stacked.open() {
            if let Some(unwritten) = Unwritten::of(store, &picker, &open.fix, pick)? {
                return Ok(Attempt::Unwritten(unwritten));
            }
            let touched = picker.touched(pick, &open.fix, &stacked.head)?;
            let proposed = |proposer: &Proposer| proposer.proposes_for(picker.draft(), pick);
            let proposals = self.helpers.proposer.as_ref().map(proposed).unwrap_or_default();
            let conflict = Conflict::of(&stacked, &open.fix, pick, touched, proposals);
            return Ok(Attempt::Ended(Carried::Conflict(conflict)));
        }
        store.keep(picker.draft(), &stacked.head)?;
        made.extend(self.commits_of(store, &stacked)?);
        for entry in &stacked.commits {
            if let StackedState::Picked { pick, .. } = &entry.state {
                review.extend(review::reasons(&entry.fix, pick));
            }
        }
        if !review.is_empty() {
            let from = store.tree_of(&self.base)?;
            review.push(review::against_fix(store, &self.commits, &from, &stacked.tree)?);
        }
        Ok(Attempt::Ended(Carried::All(Patch {
            base: self.base.clone(),
            commits: made,
            head: stacked.head,
            tree: stacked.tree,
            review,
            resolved: self.resolved.clone(),
        })))
    }

    fn by_hand(&self, resolved: &CommitId) -> String {
        let text = format!("{} resolved a conflict here, up to {}", self.by, resolved.short());
        match self.proposed.as_slice() {
            [] => text,
            paths => format!("{text}, beginning from mergiraf's proposal for {}", paths.join(", ")),
        }
    }

    /// The commits of the fix that no resolution has brought, on top of it.
    fn stacked(
        &self,
        store: &Store,
        picker: &mut Picker,
        lock_files: &LockFiles,
        made: &[PatchCommit],
    ) -> Result<Stack, GitError> {
        let open = |fix: &&CommitId| !made.iter().any(|commit| commit.from.as_ref() == Some(*fix));
        let rest = self.commits.iter().filter(open).cloned().collect();
        let items = [Item { key: self.advisory.to_string(), commits: rest }];
        let memory = help::learnt(store, picker, &self.helpers.settled)?;
        let help = Help {
            newer: &self.helpers.newer,
            memory: Some(&memory),
            regenerated: &self.helpers.regenerated,
            lock_files: Some(lock_files),
        };
        let start = self.resolved.as_ref().unwrap_or(&self.base);
        stack_with_help(picker, start, &items, &self.committer, Merges::Fail, &help)
    }

    fn commits_of(&self, store: &Store, stacked: &Stack) -> Result<Vec<PatchCommit>, StepError> {
        let mut commits = Vec::new();
        for entry in &stacked.commits {
            let StackedState::Picked { commit, .. } = &entry.state else { continue };
            commits.push(PatchCommit {
                commit: commit.clone(),
                from: Some(entry.fix.clone()),
                advisory: Some(self.advisory.clone()),
                subject: store.commit_info(commit)?.subject().to_owned(),
            });
        }
        Ok(commits)
    }
}

/// The command that should have written the only conflicting files did not.
fn without_lock_files(context: &StepContext, refusal: &RefusedLockFiles) -> Question {
    let mut next = vec![lock_files::again()];
    next.extend(by_hand(context));
    Question {
        kind: QuestionKind::Conflict { paths: refusal.files.clone() },
        text: refusal.text(context),
        next,
    }
}
