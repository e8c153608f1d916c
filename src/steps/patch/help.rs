//! What may help a backport that conflicts: what newer lines made of the same fix, and what people settled elsewhere.
//!
//! Nothing here orders the backports in the plan: a conflict on a newer line would then hold every older one. Each is
//! taken at once, and most fit as they are. One that conflicts waits until no newer line's backport is on its way any
//! more: each is done, or held by people. So what comes out depends on what people did and never on who was first,
//! and a question about a newer line holds no other.
//!
//! The memory of resolutions is no file: it is learnt again from the decisions and outputs of the run, so that it can
//! never disagree with them and a resumed run knows what the killed one knew.

use std::collections::{BTreeMap, BTreeSet};

use super::lock_files;
use super::resolution;
use crate::backport::{Against, Memory, NewerLine, NoiseRules, Onto, PickRequest, Picker};
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::ids::{BranchName, CommitId, GhsaId, StepName};
use crate::kinds::StepKind;
use crate::plan::{Plan, Step, Subject, Target};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::facts::{Decision, Facts};
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
    let lines = newer_lines(context.repo()?, &context.target()?.branch);
    let coming = lines.iter().filter_map(|line| backport_on(context, line)).any(|step| {
        !context.facts.outputs.contains_key(&step.name) && !is_held(&context.plan, &context.facts, &step.name)
    });
    Ok(if coming { Newer::UnderWay } else { Newer::Settled })
}

/// The lines newer than a branch, the nearest first; the default branch is newer than all of them.
fn newer_lines<'a>(repo: &'a Repo, branch: &BranchName) -> Vec<&'a BranchName> {
    match repo.lines.iter().position(|line| line == branch) {
        Some(position) => repo.lines.iter().skip(position + 1).chain([&repo.default_branch]).collect(),
        None => Vec::new(),
    }
}

fn backport_on<'a>(context: &'a StepContext, line: &BranchName) -> Option<&'a Step> {
    let subject = Subject { branch: Some(line.clone()), ..context.subject().clone() };
    context.plan.find(StepKind::Backport, &subject)
}

/// Whether a step cannot come before people have done something about it or about what it waits for.
fn is_held(plan: &Plan, facts: &Facts, step: &StepName) -> bool {
    let mut open = vec![step.clone()];
    let mut seen = BTreeSet::new();
    while let Some(step) = open.pop() {
        if facts.held.contains(&step) {
            return true;
        }
        let before = plan.after(&step).map(|before| before.name.clone());
        let before: Vec<StepName> = before.filter(|name| !facts.outputs.contains_key(name)).collect();
        open.extend(before.into_iter().filter(|name| seen.insert(name.clone())));
    }
    false
}

/// What the newer lines made of the fix, the nearest first.
pub(in crate::steps) fn made_by_newer(context: &StepContext) -> Result<Vec<NewerLine>, StepError> {
    let mut made = Vec::new();
    for line in newer_lines(context.repo()?, &context.target()?.branch) {
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
    let (Some(rule), Some(release)) = (context.inputs().notes(context.repo()?), &target.release) else {
        return Ok(Vec::new());
    };
    let store = Store::create(&context.folder.store(&target.repo))?;
    let files = TreeFiles::of(&store, context.facts.base(target))?;
    let mut paths = rule.regenerated(&release.to);
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
pub(in crate::steps) struct Settled {
    branch: BranchName,
    advisory: GhsaId,
    fix: Vec<CommitId>,
    base: CommitId,
    resolved: CommitId,
}

/// What people settled on the other branches of the step's repository, the nearest branch last.
pub(in crate::steps) fn settled_elsewhere(context: &StepContext) -> Result<Vec<Settled>, StepError> {
    let own = context.target()?;
    let targets: Vec<&Target> = context.plan.targets_of(&own.repo).collect();
    let here = targets.iter().position(|target| target.branch == own.branch).unwrap_or(0);
    let mut ordered: Vec<(usize, &Target)> = targets.into_iter().enumerate().collect();
    ordered.sort_by_key(|(index, _)| std::cmp::Reverse(index.abs_diff(here)));
    let mut settled = Vec::new();
    for (_, target) in ordered {
        for advisory in &target.advisories {
            if target.branch != own.branch || Some(advisory) != context.subject().advisory.as_ref() {
                settled.extend(settled_on(context, target, advisory));
            }
        }
    }
    Ok(settled)
}

fn settled_on(context: &StepContext, target: &Target, advisory: &GhsaId) -> Option<Settled> {
    let of_fix = Subject { advisory: Some(advisory.clone()), repo: Some(target.repo.clone()), branch: None };
    let subject = Subject { branch: Some(target.branch.clone()), ..of_fix.clone() };
    let fix = context.facts.commits(StepKind::ImportFix, &of_fix).ok()?.clone();
    let step = context.plan.find(StepKind::Backport, &subject)?;
    let (base, resolved) =
        match (context.facts.outputs.get(&step.name), context.facts.decisions.get(&step.name)) {
            (Some(Output::Patch(Patch { base, resolved: Some(resolved), .. })), _) => (base, resolved),
            (_, Some(Decision::Resolved { commit, .. })) => (context.facts.base(target), commit),
            _ => return None,
        };
    let (base, resolved) = (base.clone(), resolved.clone());
    Some(Settled { branch: target.branch.clone(), advisory: advisory.clone(), fix, base, resolved })
}

/// Learns from what people settled: each of their commits shows what became of the places where the fix conflicts.
///
/// # Errors
/// When the store cannot be read. A resolution that stands on a head that has moved since teaches nothing.
pub(in crate::steps) fn learnt(
    store: &Store,
    picker: &mut Picker,
    settled: &[Settled],
) -> Result<Memory, GitError> {
    let mut memory = Memory::default();
    for settled in settled {
        let Settled { branch, advisory, fix, base, resolved } = settled;
        let Ok(commits) = resolution::accepted(store, base, resolved, fix, advisory) else { continue };
        for PatchCommit { commit, from, .. } in commits {
            let info = store.commit_info(&commit)?;
            let (Some(fix), [parent]) = (from, &info.parents[..]) else { continue };
            let request = PickRequest { fix, against: Against::Parent, onto: Onto::Commit(parent.clone()) };
            // A merge in the fix is refused here as it was there.
            let Ok(pick) = picker.pick(&request) else { continue };
            memory.learn(picker.draft(), &pick, &info.tree, branch.as_str())?;
        }
    }
    Ok(memory)
}
