//! Merging a pull request, asking whether it is merged, and bringing its branch up to date.

use serde_json::json;

use super::assessment::{Tips, gate, tips, verdict};
use super::pulls::key;
use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::commit_id;
use crate::emulator::git::{
    Merging, commits_between, is_ancestor, make_merge, message_of, read_ref, set_ref,
};
use crate::emulator::model::{MergeIntent, Mergeability, StoredPull, StoredPullState};
use crate::emulator::reactions::follow_head;
use crate::emulator::spec::{MergeStyle, Role};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Merging.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    let ["pulls", number, action] = path else { return None };
    match (call.method, *action) {
        (Method::Get, "merge") => Some(key(world, repo, number).and_then(|key| is_merged(world, &key))),
        (Method::Put, "merge") => Some(key(world, repo, number).and_then(|key| merge(world, call, &key))),
        (Method::Put, "update-branch") => {
            Some(key(world, repo, number).and_then(|key| update_branch(world, call, &key)))
        }
        _ => None,
    }
}

fn is_merged(world: &EmulatedWorld, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    if matches!(one.state, StoredPullState::Merged { .. }) {
        Reply::nothing()
    } else {
        Err(ApiError::not_found())
    }
}

const NOT_MERGEABLE: &str = "Pull Request is not mergeable";

/// Everything that may stand in the way, in GitHub's words.
fn may_merge(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    one: &StoredPull,
    method: MergeStyle,
) -> Result<Tips, ApiError> {
    let repository = call.repository_for(world, &one.repo, Role::Write)?;
    if repository.is_workspace() {
        return Err(ApiError::workspace());
    }
    if !repository.merge_methods.contains(&method) {
        let message = match method {
            MergeStyle::Merge => "Merge commits are not allowed on this repository.",
            MergeStyle::Squash => "Squash merges are not allowed on this repository.",
            MergeStyle::Rebase => "Rebase merges are not allowed on this repository.",
        };
        return Err(ApiError::says(405, message));
    }
    if !one.is_open() || one.draft {
        return Err(ApiError::says(405, NOT_MERGEABLE));
    }
    if call.text("sha").is_some_and(|sha| sha != one.head.as_str()) {
        return Err(ApiError::says(409, "Head branch was modified. Review and try the merge again."));
    }
    let git = world.git(&one.repo)?;
    let tips = tips(&git, one)?;
    if let Some(message) = gate(world, one, &git, &tips)?.message() {
        return Err(ApiError::says(405, message));
    }
    if verdict(world, &StoredPull::key(&one.repo, one.number), &git, &tips)? == Mergeability::Conflicting {
        return Err(ApiError::says(405, NOT_MERGEABLE));
    }
    Ok(tips)
}

fn merge(world: &mut EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).cloned().ok_or_else(ApiError::not_found)?;
    let method = match call.text("merge_method").unwrap_or("merge") {
        "merge" => MergeStyle::Merge,
        "squash" => MergeStyle::Squash,
        "rebase" => MergeStyle::Rebase,
        _ => return Err(ApiError::invalid("PullRequest", "merge_method", "invalid")),
    };
    let tips = may_merge(world, call, &one, method)?;
    let git = world.git(&one.repo)?;
    // A squash belongs to the author of the pull request, a merge to who presses the button.
    let author = match method {
        MergeStyle::Squash => world.account(&one.author).or(call.viewer.as_ref()),
        MergeStyle::Merge | MergeStyle::Rebase => call.viewer.as_ref(),
    };
    let author = author.ok_or_else(ApiError::not_found)?.author();
    let message = message(call, &git, &one, &tips, method)?;
    let merging = Merging { base: tips.base, head: tips.head, method, message, author, hour: world.now };
    let commit =
        make_merge(&git, &merging)?.ok_or_else(|| ApiError::says(405, "This branch can't be rebased"))?;
    let by = call.login()?;
    let at = world.now;
    if let Some(pull) = world.pulls.get_mut(key) {
        pull.merging = Some(MergeIntent { commit: commit_id(commit), by: by.clone(), at });
    }
    world.commit()?;
    let reference = format!("refs/heads/{}", one.base_branch);
    if !set_ref(&git, &reference, commit, Some(tips.base))? {
        world.settle_merge(key)?;
        return Err(ApiError::says(405, "Base branch was modified. Review and try the merge again."));
    }
    if let Some(pull) = world.pulls.get_mut(key) {
        pull.base = commit_id(tips.base);
    }
    world.mark_merged(key, &commit_id(commit), &by)?;
    let sha = commit.to_string();
    Reply::ok(json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}))
}

/// The message as GitHub composes it, unless the caller gives its own.
fn message(
    call: &ApiRequest,
    git: &git2::Repository,
    one: &StoredPull,
    tips: &Tips,
    method: MergeStyle,
) -> Result<String, ApiError> {
    let (title, body) = match method {
        MergeStyle::Squash => {
            let mut texts = Vec::new();
            for id in commits_between(git, tips.base, tips.head)? {
                texts.push(message_of(&git.find_commit(id)?).trim_end().to_owned());
            }
            let body = match texts.as_slice() {
                [only] => only.split_once('\n').map_or_else(String::new, |(_, body)| body.trim().to_owned()),
                many => {
                    many.iter().map(|text| format!("* {text}\n\n")).collect::<String>().trim_end().to_owned()
                }
            };
            (format!("{} (#{})", one.title, one.number), body)
        }
        MergeStyle::Merge | MergeStyle::Rebase => {
            let from = format!("{}/{}", one.head_repo.owner(), one.head_branch);
            (format!("Merge pull request #{} from {from}", one.number), one.title.clone())
        }
    };
    let title = call.text("commit_title").map_or(title, str::to_owned);
    let body = call.text("commit_message").map_or(body, str::to_owned);
    Ok(if body.is_empty() { title } else { format!("{title}\n\n{body}") })
}

fn update_branch(world: &mut EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).cloned().ok_or_else(ApiError::not_found)?;
    call.repository_for(world, &one.head_repo, Role::Write)?;
    if call.text("expected_head_sha").is_some_and(|sha| sha != one.head.as_str()) {
        return Err(ApiError::says(422, "expected_head_sha does not match the head ref of the pull request"));
    }
    let git = world.git(&one.repo)?;
    let found = tips(&git, &one)?;
    if !one.is_open() || is_ancestor(&git, found.base, found.head)? {
        return Err(ApiError::says(422, "There are no new commits on the base branch."));
    }
    let author = call.account()?.author();
    let message = format!("Merge branch '{}' into {}", one.base_branch, one.head_branch);
    let merging = Merging {
        base: found.head,
        head: found.base,
        method: MergeStyle::Merge,
        message,
        author,
        hour: world.now,
    };
    let commit = make_merge(&git, &merging)?
        .ok_or_else(|| ApiError::says(422, "merge conflict between base and head"))?;
    let reference = format!("refs/heads/{}", one.head_branch);
    if one.head_repo == one.repo {
        set_ref(&git, &reference, commit, read_ref(&git, &reference))?;
    } else {
        let carrier = format!("refs/pull/{}/update", one.number);
        set_ref(&git, &carrier, commit, None)?;
        let (from, into) = (world.path(&one.repo), world.path(&one.head_repo));
        crate::emulator::git::bring(&from, &into, commit, &reference)?;
        crate::emulator::git::delete_ref(&git, &carrier)?;
        follow_head(world, key)?;
    }
    let url = call.links.web(&format!("/{}/pull/{}", one.repo, one.number));
    Reply::with(202, json!({"message": "Updating pull request branch.", "url": url}))
}
