//! Noticing what changed in a repository, whoever changed it: pushes, merges, somebody's hand in the directory.

use std::collections::BTreeMap;

use git2::{Oid, Repository as Git};

use super::pulls::{follow_head, merged_by_push, open_pulls};
use crate::emulator::ci;
use crate::emulator::git::{object, watched_refs};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};

/// A branch or tag that is not where it was last seen.
struct MovedRef {
    reference: String,
    old: Option<Oid>,
    new: Option<Oid>,
}

/// Compares branches and tags with what was last seen, and lets pull requests and CI react.
pub(crate) fn observe(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let git = world.git(repo)?;
    let moves = moves(world, repo, &git)?;
    if moves.is_empty() {
        return Ok(());
    }
    let now = world.now;
    world.repository_mut(repo)?.pushed_at = now;
    for one in &moves {
        world.remember(repo, &one.reference, one.new);
    }
    for one in moves {
        if let Some(branch) = one.reference.strip_prefix("refs/heads/") {
            branch_moved(world, repo, &git, branch, &one, actor)?;
        } else if let (Some(tag), None, Some(new)) =
            (one.reference.strip_prefix("refs/tags/"), one.old, one.new)
        {
            let commit = git.find_object(new, None)?.peel_to_commit()?.id();
            ci::tag_pushed(world, repo, tag, commit, actor)?;
        }
    }
    Ok(())
}

fn moves(world: &EmulatedWorld, repo: &RepoName, git: &Git) -> Result<Vec<MovedRef>, EmulatorError> {
    let prefix = format!("{repo} ");
    let mut known = BTreeMap::new();
    for (key, target) in world.refs.within(&prefix) {
        known.insert(key[prefix.len()..].to_owned(), object(target)?);
    }
    let mut moves = Vec::new();
    for (reference, new) in watched_refs(git)? {
        let old = known.remove(&reference);
        if old != Some(new) {
            moves.push(MovedRef { reference, old, new: Some(new) });
        }
    }
    moves.extend(known.into_iter().map(|(reference, old)| MovedRef { reference, old: Some(old), new: None }));
    Ok(moves)
}

fn branch_moved(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    git: &Git,
    branch: &str,
    moved: &MovedRef,
    actor: &Login,
) -> Result<(), EmulatorError> {
    for key in open_pulls(world, |pull| pull.head_repo == *repo && pull.head_branch == branch) {
        follow_head(world, &key)?;
    }
    for key in open_pulls(world, |pull| pull.repo == *repo && pull.base_branch == branch) {
        merged_by_push(world, git, &key, moved.new, actor)?;
    }
    if let Some(new) = moved.new {
        ci::start_checks(world, repo, &ci::Trunk::pushed(branch, new), actor)?;
        ci::branch_pushed(world, git, repo, branch, moved.old, new, actor)?;
    }
    Ok(())
}
