//! What may help a backport that conflicts: what newer lines made of the same fix, and what people settled elsewhere.
//!
//! Nothing here orders the backports in the plan: a conflict on a newer line would then hold every older one. Each is
//! taken at once, and most fit as they are. One that conflicts waits until no newer line's backport is on its way any
//! more: each is done, or held by people. So what comes out depends on what people did and never on who was first,
//! and a question about a newer line holds no other.
//!
//! The memory of resolutions is no file: it is learnt again from the decisions and outputs of the run, so that it can
//! never disagree with them and a resumed run knows what the killed one knew.

use std::collections::BTreeMap;

use super::lock_files;
use super::release_note;
use super::resolution;
use super::resolution::Resolved;
use super::written::{WrittenFix, fixes_of};
use crate::backport::{Against, Memory, NewerLine, NoiseRules, Onto, PickRequest, Picker};
use crate::catalog::Repo;
use crate::git::{Committer, GitError, Store};
use crate::ids::{BranchName, CommitId, GhsaId};
use crate::kinds::StepKind;
use crate::plan::{Step, Subject, Target};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::held::is_held;
use crate::steps::output::{Output, Patch, PatchCommit};
use crate::steps::release::tree_files::TreeFiles;
use crate::version;

/// Whether newer lines may still bring help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum Newer {
    /// All that needs no people is there.
    Settled,
    /// A newer line's backport is on its way.
    UnderWay,
}

/// Whether any newer line's backport of the step's advisory is on its way.
pub(in crate::steps) fn newer(context: &StepContext) -> Result<Newer, StepError> {
    // Where fixes are merged upwards, the newer lines wait for this one.
    if context.repo()?.merges_up() {
        return Ok(Newer::Settled);
    }
    let lines = context.repo()?.newer_than(&context.target()?.branch);
    let coming = lines.iter().filter_map(|line| backport_on(context, line)).any(|step| {
        !context.facts.outputs.contains_key(&step.name) && !is_held(&context.plan, &context.facts, &step.name)
    });
    Ok(if coming { Newer::UnderWay } else { Newer::Settled })
}

fn backport_on<'a>(context: &'a StepContext, line: &BranchName) -> Option<&'a Step> {
    let subject = Subject { branch: Some(line.clone()), ..context.subject().clone() };
    context.plan.find(StepKind::Backport, &subject)
}

/// What the newer lines made of the fix, the nearest first.
pub(in crate::steps) fn made_by_newer(context: &StepContext) -> Result<Vec<NewerLine>, StepError> {
    let mut made = Vec::new();
    for line in context.repo()?.newer_than(&context.target()?.branch) {
        let subject = Subject { branch: Some(line.clone()), ..context.subject().clone() };
        if let Some(Output::Patch(patch)) = context.facts.output(StepKind::Backport, &subject) {
            made.push(NewerLine { line: line.to_string(), picked: picked(&patch.commits) });
        }
    }
    Ok(made)
}

/// What each commit of the fix became. One that a person split in two is left out: half of it would help nobody.
fn picked(commits: &[PatchCommit]) -> BTreeMap<CommitId, CommitId> {
    let mut picked: BTreeMap<CommitId, Vec<&CommitId>> = BTreeMap::new();
    for commit in commits {
        if let Some(from) = &commit.from {
            picked.entry(from.clone()).or_default().push(&commit.commit);
        }
    }
    let single = picked.into_iter().filter(|(_, commits)| commits.len() == 1);
    single.filter_map(|(from, commits)| Some((from, commits.first().copied()?.clone()))).collect()
}

/// The files whose conflicts need nobody, because a release note is written into the stack again.
pub(in crate::steps) fn regenerated(context: &StepContext) -> Result<Vec<String>, StepError> {
    let target = context.target()?;
    let Some(rule) = context.inputs().notes(context.repo()?, &target.branch) else { return Ok(Vec::new()) };
    let notes = release_note::all(context)?;
    if notes.is_empty() {
        return Ok(Vec::new());
    }
    let store = Store::create(&context.folder.store(&target.repo))?;
    let files = TreeFiles::of(&store, context.facts.base(target))?;
    let mut paths: Vec<String> = notes.iter().flat_map(|note| rule.regenerated(note.version())).collect();
    paths.sort();
    paths.dedup();
    // A link says where the conflict is; one that leads nowhere is told when the note is written.
    let linked = |path: &String| version::open(&files, path).ok().flatten().map(|file| file.path);
    let linked: Vec<String> = paths.iter().filter_map(linked).filter(|path| !paths.contains(path)).collect();
    paths.extend(linked);
    Ok(paths)
}

/// What the catalog adds to the files whose conflicts decide nothing.
pub(in crate::steps) fn noise(repo: &Repo) -> NoiseRules {
    NoiseRules::new(repo.noise.clone()).with_lock_files(lock_files::paths(repo))
}

/// A conflict that a person settled on another branch of the repository.
#[derive(Clone)]
pub(in crate::steps) struct Settled {
    branch: BranchName,
    fix: WrittenFix,
    others: Vec<WrittenFix>,
    base: CommitId,
    resolved: CommitId,
}

/// What people settled on the other branches of the step's repository, the nearest branch last: what this run was told or
/// has taken, and what was pushed for the step's own advisory and not been looked at.
pub(in crate::steps) async fn settled_elsewhere(context: &StepContext) -> Result<Vec<Settled>, StepError> {
    let own = context.target()?;
    let targets: Vec<&Target> = context.plan.targets_of(&own.repo).collect();
    let here = targets.iter().position(|target| target.branch == own.branch).unwrap_or(0);
    let mut ordered: Vec<(usize, &Target)> = targets.into_iter().enumerate().collect();
    ordered.sort_by_key(|(index, _)| std::cmp::Reverse(index.abs_diff(here)));
    let pushed = resolution::pushed_elsewhere(context).await?;
    let mut settled = Vec::new();
    for (_, target) in ordered {
        let fixes = fixes_of(context, target);
        for fix in &fixes {
            let is_own = context.subject().advisory.as_ref() == Some(&fix.advisory);
            if target.branch == own.branch && is_own {
                continue;
            }
            let pushed = pushed.get(&target.branch).filter(|_| is_own);
            let found = settled_on(context, target, &fix.advisory);
            let found = found.or_else(|| Some((context.facts.base(target).clone(), pushed?.clone())));
            let Some((base, resolved)) = found else { continue };
            let others = fixes.iter().filter(|other| *other != fix).cloned().collect();
            settled.push(Settled { branch: target.branch.clone(), fix: fix.clone(), others, base, resolved });
        }
    }
    Ok(settled)
}

/// The head that a resolution stands on, and the resolution.
fn settled_on(context: &StepContext, target: &Target, advisory: &GhsaId) -> Option<(CommitId, CommitId)> {
    let step = context.plan.find(StepKind::Backport, &target.subject_for(advisory))?;
    match (context.facts.outputs.get(&step.name), context.facts.decisions.get(&step.name)) {
        (Some(Output::Patch(Patch { base, resolved: Some(resolved), .. })), _) => {
            Some((base.clone(), resolved.clone()))
        }
        (_, Some(Decision::Resolved { commit, .. })) => {
            Some((context.facts.base(target).clone(), commit.clone()))
        }
        _ => None,
    }
}

/// What people's resolutions teach.
pub(in crate::steps) struct Lessons {
    /// What became of the places that conflicted.
    pub(in crate::steps) memory: Memory,
    /// What became of each commit of the fix, by branch; the nearest first.
    pub(in crate::steps) lines: Vec<NewerLine>,
}

/// Learns from what people settled: each of their commits shows what became of the places where the fix conflicts.
///
/// # Errors
/// When the store cannot be read. A resolution that cannot be taken teaches nothing.
pub(in crate::steps) fn learnt(
    store: &Store,
    picker: &mut Picker,
    settled: &[Settled],
    committer: &Committer,
) -> Result<Lessons, GitError> {
    let mut lessons = Lessons { memory: Memory::default(), lines: Vec::new() };
    for settled in settled {
        let Settled { branch, fix, others, base, resolved } = settled;
        let of = Resolved { base, advisory: &fix.advisory, fix: &fix.commits, others };
        let Ok(resolution) = resolution::accepted(store, &of, resolved, committer) else { continue };
        let line = NewerLine { line: branch.to_string(), picked: picked(&resolution.commits) };
        lessons.lines.insert(0, line);
        for PatchCommit { commit, from, .. } in resolution.commits {
            let info = store.commit_info(&commit)?;
            let (Some(fix), [parent]) = (from, &info.parents[..]) else { continue };
            let request = PickRequest { fix, against: Against::Parent, onto: Onto::Commit(parent.clone()) };
            // A merge in the fix is refused here as it was there.
            let Ok(pick) = picker.pick(&request) else { continue };
            lessons.memory.learn(picker.draft(), &pick, &info.tree, branch.as_str())?;
        }
    }
    Ok(lessons)
}
