//! What moving branches do to pull requests.

use git2::{Oid, Repository as Git};

use crate::emulator::ci;
use crate::emulator::git::{branch_tip, bring, commit_id, is_ancestor, object, set_ref};
use crate::emulator::model::{RunEvent, StoredPull, StoredPullState};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::Login;

/// The keys of open pull requests of which something holds.
pub(super) fn open_pulls(world: &EmulatedWorld, holds: impl Fn(&StoredPull) -> bool) -> Vec<String> {
    let open = world.pulls.iter().filter(|(_, pull)| pull.is_open() && holds(pull));
    open.map(|(key, _)| key.clone()).collect()
}

/// Lets `refs/pull/N/head` follow the head branch; a deleted head branch closes the pull request.
pub(crate) fn follow_head(world: &mut EmulatedWorld, key: &str) -> Result<(), EmulatorError> {
    let Some(pull) = world.pulls.get(key).cloned() else { return Ok(()) };
    let tip = match world.repositories.get(pull.head_repo.as_str()) {
        Some(_) => branch_tip(&*world.git(&pull.head_repo)?, &pull.head_branch),
        None => None,
    };
    let now = world.now;
    let Some(tip) = tip else {
        if let Some(pull) = world.pulls.get_mut(key) {
            pull.state = StoredPullState::Closed { at: now };
            pull.updated_at = now;
        }
        return Ok(());
    };
    show_head(world, &pull, tip)?;
    let base = branch_tip(&*world.git(&pull.repo)?, &pull.base_branch);
    if let Some(pull) = world.pulls.get_mut(key) {
        pull.head = commit_id(tip);
        pull.base = base.map_or_else(|| pull.base.clone(), commit_id);
        pull.updated_at = now;
    }
    let trunk = ci::Trunk::of_pull(&pull, tip, RunEvent::PullRequest);
    ci::start_checks(world, &pull.repo, &trunk, &pull.author)
}

/// Sets `refs/pull/N/head`, bringing the commits over where the head is in a fork.
fn show_head(world: &EmulatedWorld, pull: &StoredPull, tip: Oid) -> Result<(), EmulatorError> {
    if pull.head_repo == pull.repo {
        set_ref(&*world.git(&pull.repo)?, &pull.head_reference(), tip, None)?;
        return Ok(());
    }
    let (from, into) = (world.path(&pull.head_repo), world.path(&pull.repo));
    Ok(bring(&from, &into, tip, &pull.head_reference())?)
}

/// A pull request whose head arrives on its base by a push counts as merged; one whose base is deleted is
/// closed.
pub(super) fn merged_by_push(
    world: &mut EmulatedWorld,
    git: &Git,
    key: &str,
    tip: Option<Oid>,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let now = world.now;
    let Some(pull) = world.pulls.get(key) else { return Ok(()) };
    let state = match tip {
        None => Some(StoredPullState::Closed { at: now }),
        Some(tip) if is_ancestor(git, object(&pull.head)?, tip)? => {
            Some(StoredPullState::Merged { at: now, by: actor.clone(), commit: commit_id(tip) })
        }
        Some(_) => None,
    };
    if let (Some(state), Some(pull)) = (state, world.pulls.get_mut(key)) {
        pull.state = state;
        pull.updated_at = now;
    }
    Ok(())
}
