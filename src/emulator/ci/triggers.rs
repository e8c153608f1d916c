//! Which pushes start a release.

use git2::{Oid, Repository as Git};

use super::jobs::RELEASE_WORKFLOW;
use super::pipeline;
use super::skipping::is_skipped;
use crate::emulator::git::{commits_between, message_of};
use crate::emulator::model::RunEvent;
use crate::emulator::pattern::{covered_or_unrestricted, covers};
use crate::emulator::spec::ScriptedTrigger;
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};
use crate::numbering::text_in_tag;

/// A branch got new commits: a marker in one of their messages starts a release of the new head.
pub(crate) fn branch_pushed(
    world: &mut EmulatedWorld,
    git: &Git,
    repo: &RepoName,
    branch: &str,
    old: Option<Oid>,
    new: Oid,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let Some(release) = world.repository(repo)?.release.clone() else { return Ok(()) };
    let ScriptedTrigger::MergeMarker { text } = &release.trigger else { return Ok(()) };
    let Some(old) = old else { return Ok(()) };
    if !covered_or_unrestricted(&release.branches, branch) || is_skipped(git, new, RunEvent::Push)? {
        return Ok(());
    }
    for commit in commits_between(git, old, new)? {
        if message_of(&git.find_commit(commit)?).contains(text.as_str()) {
            pipeline::start(world, repo, RELEASE_WORKFLOW, RunEvent::Push, branch, new, actor)?;
            return Ok(());
        }
    }
    Ok(())
}

/// A tag was pushed: it starts a release where tags do.
pub(crate) fn tag_pushed(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    tag: &str,
    commit: Oid,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let Some(release) = world.repository(repo)?.release.clone() else { return Ok(()) };
    if is_skipped(&*world.git(repo)?, commit, RunEvent::Push)? {
        return Ok(());
    }
    if let ScriptedTrigger::TagPushed { glob } = &release.trigger
        && (covers(glob, tag) || release.line_tags().any(|form| text_in_tag(form, tag).is_some()))
    {
        pipeline::start(world, repo, RELEASE_WORKFLOW, RunEvent::Push, tag, commit, actor)?;
    }
    Ok(())
}
