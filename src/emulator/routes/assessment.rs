//! What a pull request asked for on its own says of its merge: computed in the background on GitHub (`null`
//! first), lazily here.

use git2::{Oid, Repository as Git};

use super::ApiError;
use crate::emulator::git::{branch_tip, changed_files, commit_id, compare, is_ancestor, merged_tree, object};
use crate::emulator::json::Assessed;
use crate::emulator::model::{JobState, MergeAssessment, Mergeability, RuleVerdict, StoredPull};
use crate::emulator::spec::ProtectionSpec;
use crate::emulator::world::{EmulatedWorld, EmulatorError};

/// The tips that a merge would join.
pub(crate) struct Tips {
    pub(crate) base: Oid,
    pub(crate) head: Oid,
}

/// Reads them: the base where it is now, the head where it was last seen.
pub(crate) fn tips(git: &Git, pull: &StoredPull) -> Result<Tips, EmulatorError> {
    let base = match branch_tip(git, &pull.base_branch) {
        Some(base) => base,
        None => object(&pull.base)?,
    };
    Ok(Tips { base, head: object(&pull.head)? })
}

/// The verdict for these tips, computed if it is not known.
pub(crate) fn verdict(
    world: &mut EmulatedWorld,
    key: &str,
    git: &Git,
    tips: &Tips,
) -> Result<Mergeability, EmulatorError> {
    let known = world.pulls.get(key).and_then(|pull| pull.verdict(tips.base, tips.head));
    if let Some(verdict @ (Mergeability::Clean | Mergeability::Conflicting)) = known {
        return Ok(verdict);
    }
    let tree = merged_tree(git, None, tips.base, tips.head)?;
    let verdict = if tree.is_some() { Mergeability::Clean } else { Mergeability::Conflicting };
    note(world, key, tips, verdict);
    Ok(verdict)
}

fn note(world: &mut EmulatedWorld, key: &str, tips: &Tips, verdict: Mergeability) {
    let assessment = MergeAssessment { base: commit_id(tips.base), head: commit_id(tips.head), verdict };
    if let Some(pull) = world.pulls.get_mut(key) {
        pull.assessment = Some(assessment);
    }
}

/// Everything that a pull request on its own says.
pub(crate) fn assess(world: &mut EmulatedWorld, key: &str) -> Result<Assessed, ApiError> {
    let pull = world.pulls.get(key).cloned().ok_or_else(ApiError::not_found)?;
    let git = world.git(&pull.repo)?;
    let tips = tips(&git, &pull)?;
    let (base, head) = if pull.is_open() { (tips.base, tips.head) } else { (object(&pull.base)?, tips.head) };
    let found = compare(&git, base, head)?;
    let files = changed_files(&git, found.merge_base, head)?;
    let mergeable = if pull.is_open() { mergeable(world, key, &git, &tips)? } else { None };
    Ok(Assessed {
        mergeable,
        state: merge_state(world, &pull, &git, &tips, mergeable)?,
        commits: found.ahead.len(),
        additions: files.iter().map(|file| file.additions).sum(),
        deletions: files.iter().map(|file| file.deletions).sum(),
        files: files.len(),
    })
}

/// `None` the first time for each pair of tips: the question starts the job.
fn mergeable(
    world: &mut EmulatedWorld,
    key: &str,
    git: &Git,
    tips: &Tips,
) -> Result<Option<bool>, EmulatorError> {
    let known = world.pulls.get(key).and_then(|pull| pull.verdict(tips.base, tips.head));
    if known.is_none() {
        note(world, key, tips, Mergeability::Computing);
        return Ok(None);
    }
    Ok(Some(verdict(world, key, git, tips)? == Mergeability::Clean))
}

fn merge_state(
    world: &EmulatedWorld,
    pull: &StoredPull,
    git: &Git,
    tips: &Tips,
    mergeable: Option<bool>,
) -> Result<&'static str, EmulatorError> {
    Ok(match mergeable {
        None => "unknown",
        Some(false) => "dirty",
        Some(true) if pull.draft => "draft",
        Some(true) => match gate(world, pull, git, tips)? {
            RuleVerdict::Behind => "behind",
            // What only waits to be added to the queue counts as clean.
            RuleVerdict::Open | RuleVerdict::Queue if all_green(world, pull) => "clean",
            RuleVerdict::Open | RuleVerdict::Queue => "unstable",
            _ => "blocked",
        },
    })
}

fn all_green(world: &EmulatedWorld, pull: &StoredPull) -> bool {
    world
        .check_states(&pull.repo, &pull.head)
        .values()
        .all(|state| state.is_green() || *state == JobState::Absent)
}

/// What the rules of the base branch say: the first obstacle that one of them finds.
pub(crate) fn gate(
    world: &EmulatedWorld,
    pull: &StoredPull,
    git: &Git,
    tips: &Tips,
) -> Result<RuleVerdict, EmulatorError> {
    for rule in world.repository(&pull.repo)?.rules_of(&pull.base_branch) {
        let verdict = by_rule(world, pull, git, tips, rule)?;
        if verdict != RuleVerdict::Open {
            return Ok(verdict);
        }
    }
    Ok(RuleVerdict::Open)
}

fn by_rule(
    world: &EmulatedWorld,
    pull: &StoredPull,
    git: &Git,
    tips: &Tips,
    rule: &ProtectionSpec,
) -> Result<RuleVerdict, EmulatorError> {
    if rule.locked {
        return Ok(RuleVerdict::Locked);
    }
    if let Some(missing) = missing_checks(world, pull, rule) {
        return Ok(missing);
    }
    let approving = pull.approving(rule.fresh_reviews);
    if approving.len() < rule.required_reviews as usize {
        return Ok(RuleVerdict::ReviewsExpected(rule.required_reviews));
    }
    if !rule.code_owners.is_empty() && !rule.code_owners.iter().any(|owner| approving.contains(&owner)) {
        return Ok(RuleVerdict::CodeOwnerExpected(rule.code_owners.clone()));
    }
    if rule.strict && !is_ancestor(git, tips.base, tips.head)? {
        return Ok(RuleVerdict::Behind);
    }
    Ok(if rule.merge_queue { RuleVerdict::Queue } else { RuleVerdict::Open })
}

fn missing_checks(world: &EmulatedWorld, pull: &StoredPull, rule: &ProtectionSpec) -> Option<RuleVerdict> {
    let missing = world.not_green(&pull.repo, &pull.head, &rule.required_checks);
    let required = rule.required_checks.len();
    (!missing.is_empty()).then_some(RuleVerdict::ChecksExpected { required, missing })
}
