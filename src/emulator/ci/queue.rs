//! The merge queue of a branch: each pull request is merged with what is before it on a branch of the queue's own, the
//! checks run there, and only what is green becomes the branch. What is red leaves the queue.

use git2::{Oid, Repository as Git};
use jiff::SignedDuration;

use super::checks::{Trunk, start_checks};
use super::jobs::later;
use crate::emulator::git::{Merging, branch_tip, commit_id, delete_ref, make_merge, object, set_ref};
use crate::emulator::model::{
    DueEffect, JobState, MergeIntent, QueueEntry, QueueExit, RunEvent, StoredPull, StoredRun,
};
use crate::emulator::spec::MergeStyle;
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};

/// How long a queue without checks waits for others before it merges.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// How long a queue waits for its checks (`check_response_timeout_minutes`).
const PATIENCE: SignedDuration = SignedDuration::from_mins(60);

/// What is added to a queue.
pub(crate) struct QueueWish {
    pub(crate) by: Login,
    pub(crate) method: MergeStyle,
    pub(crate) message: String,
}

/// Adds a pull request to the end of its base's queue. `false`: it conflicts with what is before it.
pub(crate) fn enqueue(world: &mut EmulatedWorld, key: &str, wish: QueueWish) -> Result<bool, EmulatorError> {
    let Some(pull) = world.pulls.get(key).cloned() else { return Ok(false) };
    let entry = QueueEntry {
        id: world.new_id()?,
        by: wish.by,
        at: world.now,
        head: pull.head.clone(),
        method: wish.method,
        message: wish.message,
        base: pull.base.clone(),
        group: pull.head.clone(),
    };
    group(world, &pull, entry)
}

/// Makes what the branch is to become, and starts its checks.
fn group(world: &mut EmulatedWorld, pull: &StoredPull, entry: QueueEntry) -> Result<bool, EmulatorError> {
    let git = world.git(&pull.repo)?;
    let Some(base) = end_of_queue(world, pull, &git, entry.id)? else { return Ok(false) };
    let author = if entry.method == MergeStyle::Squash { &pull.author } else { &entry.by };
    let Some(author) = world.account(author).map(crate::emulator::model::StoredAccount::author) else {
        return Ok(false);
    };
    let (head, message) = (object(&pull.head)?, entry.message.clone());
    let merging = Merging { base, head, method: entry.method, message, author, time: world.now };
    let Some(commit) = make_merge(&git, &merging)? else { return Ok(false) };
    let entry = QueueEntry { base: commit_id(base), group: commit_id(commit), ..entry };
    let branch = entry.branch(pull);
    let reference = format!("refs/heads/{branch}");
    set_ref(&git, &reference, commit, None)?;
    // Its checks are those of a group, not of a push.
    world.remember(&pull.repo, &reference, Some(commit));
    let (base, event) = (Some(pull.base_branch.clone()), RunEvent::MergeGroup);
    let trunk = Trunk { branch, base, head: commit, event, is_of_a_fork: false };
    start_checks(world, &pull.repo, &trunk, &entry.by)?;
    let due = checks_end(world, pull, &entry);
    let turn = DueEffect::QueueTurn { repo: pull.repo.clone(), number: pull.number, entry: entry.id };
    world.schedule(due, None, turn)?;
    if let Some(pull) = world.pulls.get_mut(&pull.document()) {
        pull.queued = Some(entry);
    }
    Ok(true)
}

/// Those who are before a place in the queue of the same branch, first come first.
fn before<'w>(
    world: &'w EmulatedWorld,
    pull: &'w StoredPull,
    place: u64,
) -> impl Iterator<Item = &'w QueueEntry> {
    let others = world.pulls_of(&pull.repo).filter(move |one| one.base_branch == pull.base_branch);
    others.filter_map(|one| one.queued.as_ref()).filter(move |entry| entry.id < place)
}

/// What a new group is built on.
fn end_of_queue(
    world: &EmulatedWorld,
    pull: &StoredPull,
    git: &Git,
    place: u64,
) -> Result<Option<Oid>, EmulatorError> {
    match before(world, pull, place).max_by_key(|entry| entry.id) {
        Some(last) => Ok(Some(object(&last.group)?)),
        None => Ok(branch_tip(git, &pull.base_branch)),
    }
}

/// When the checks of a group should have ended.
fn checks_end(world: &EmulatedWorld, pull: &StoredPull, entry: &QueueEntry) -> jiff::Timestamp {
    let jobs = world.runs_on(&pull.repo, &entry.group).flat_map(|run: &StoredRun| &run.jobs);
    let patience = later(world.now, PATIENCE);
    jobs.map(|job| job.ends_at.unwrap_or(patience)).chain([later(world.now, PAUSE)]).max().unwrap_or(patience)
}

/// Looks at a pull request whose checks should have ended: it is merged, leaves the queue, or waits on.
pub(super) fn turn(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    number: u64,
    entry: u64,
) -> Result<(), EmulatorError> {
    let Some(pull) = world.pull(repo, number).cloned() else { return Ok(()) };
    let Some(entry) = pull.queued.clone().filter(|queued| queued.id == entry) else { return Ok(()) };
    if !pull.is_open() || pull.head != entry.head {
        return leave(world, &pull, &entry, "pull_request_changed");
    }
    let git = world.git(repo)?;
    let tip = branch_tip(&git, &pull.base_branch);
    if tip.map(commit_id).as_ref() != Some(&entry.base) {
        return if before(world, &pull, entry.id).next().is_some() {
            wait(world, &pull, &entry)
        } else {
            rebuild(world, &git, &pull, entry)
        };
    }
    match standing(world, &pull, &entry)? {
        Standing::Pending if world.now < later(entry.at, PATIENCE) => wait(world, &pull, &entry),
        Standing::Pending => leave(world, &pull, &entry, "timed_out"),
        Standing::Red => leave(world, &pull, &entry, "failed_checks"),
        Standing::Green => merge(world, &git, &pull, &entry),
    }
}

/// How the required checks of a group stand.
enum Standing {
    Pending,
    Green,
    Red,
}

fn standing(world: &EmulatedWorld, pull: &StoredPull, entry: &QueueEntry) -> Result<Standing, EmulatorError> {
    let required = world.repository(&pull.repo)?.required_checks(&pull.base_branch);
    let missing = world.not_green(&pull.repo, &entry.group, &required);
    let states = world.check_states(&pull.repo, &entry.group);
    let is_red = |name: &String| matches!(states.get(name), Some(JobState::Done(_)));
    Ok(match () {
        () if missing.is_empty() => Standing::Green,
        () if missing.iter().any(is_red) => Standing::Red,
        () => Standing::Pending,
    })
}

fn wait(world: &mut EmulatedWorld, pull: &StoredPull, entry: &QueueEntry) -> Result<(), EmulatorError> {
    let turn = DueEffect::QueueTurn { repo: pull.repo.clone(), number: pull.number, entry: entry.id };
    world.schedule(later(world.now, PAUSE), None, turn)
}

/// The branch moved, or what was before it left the queue: the group is made again on what is there now.
fn rebuild(
    world: &mut EmulatedWorld,
    git: &Git,
    pull: &StoredPull,
    entry: QueueEntry,
) -> Result<(), EmulatorError> {
    forget_group(world, git, pull, &entry)?;
    if group(world, pull, entry.clone())? {
        return Ok(());
    }
    leave(world, pull, &entry, "merge_conflict")
}

fn merge(
    world: &mut EmulatedWorld,
    git: &Git,
    pull: &StoredPull,
    entry: &QueueEntry,
) -> Result<(), EmulatorError> {
    let key = pull.document();
    let (commit, base) = (entry.group.clone(), entry.base.clone());
    if let Some(pull) = world.pulls.get_mut(&key) {
        pull.merging = Some(MergeIntent { commit, by: entry.by.clone(), at: entry.at });
        pull.base = base;
    }
    world.commit()?;
    let reference = format!("refs/heads/{}", pull.base_branch);
    if !set_ref(git, &reference, object(&entry.group)?, Some(object(&entry.base)?))? {
        world.settle_merge(&key)?;
        return wait(world, pull, entry);
    }
    world.mark_merged(&key, &entry.group, &entry.by)?;
    leave(world, pull, entry, "merged")
}

fn leave(
    world: &mut EmulatedWorld,
    pull: &StoredPull,
    entry: &QueueEntry,
    reason: &str,
) -> Result<(), EmulatorError> {
    let git = world.git(&pull.repo)?;
    forget_group(world, &git, pull, entry)?;
    let (id, at, by, head) = (world.new_id()?, world.now, entry.by.clone(), entry.head.clone());
    if let Some(pull) = world.pulls.get_mut(&pull.document()) {
        pull.queued = None;
        pull.updated_at = at;
        pull.left_queue.push(QueueExit { id, at, by, head, reason: reason.to_owned() });
    }
    Ok(())
}

fn forget_group(
    world: &mut EmulatedWorld,
    git: &Git,
    pull: &StoredPull,
    entry: &QueueEntry,
) -> Result<(), EmulatorError> {
    let reference = format!("refs/heads/{}", entry.branch(pull));
    delete_ref(git, &reference)?;
    world.remember(&pull.repo, &reference, None);
    Ok(())
}
