//! Pull requests: open, list, show, change; their commits and files.

use git2::Oid;
use serde_json::Value;

use super::assessment::{assess, tips};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{
    branch_tip, changed_files, commit_id, commits_between, compare, diff, is_ancestor, object, patches,
};
use crate::emulator::json::{commit, file, full_pull, pull};
use crate::emulator::model::{PullBeginning, StoredPull, StoredPullState, StoredRepository};
use crate::emulator::reactions::follow_head;
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// The pull request in the address.
pub(super) fn pull_of<'a>(
    world: &'a EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a StoredPull, ApiError> {
    world.pull(repo, request.number("pull_number")?).ok_or_else(ApiError::not_found)
}

/// The pull request in the address, for changing.
pub(super) fn pull_mut_of<'a>(
    world: &'a mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a mut StoredPull, ApiError> {
    world.pull_mut(repo, request.number("pull_number")?).ok_or_else(ApiError::not_found)
}

pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let state = request.query("state").unwrap_or("open");
    // GitHub ignores a head without `owner:`.
    let head = request.query("head").filter(|head| head.contains(':'));
    let base = request.query("base");
    let fits = |pull: &StoredPull| {
        let state = match state {
            "open" => pull.is_open(),
            "closed" => !pull.is_open(),
            _ => true,
        };
        state
            && head.is_none_or(|head| pull.label().eq_ignore_ascii_case(head))
            && base.is_none_or(|base| pull.base_branch == base)
    };
    let mut found: Vec<&StoredPull> = world.pulls_of(repo).filter(|pull| fits(pull)).collect();
    if request.query("sort") == Some("updated") {
        found.sort_by_key(|pull| pull.updated_at);
    }
    // Newest first, unless asked otherwise; `sort` alone makes it ascending only for other orders.
    if request.query("direction") != Some("asc") {
        found.reverse();
    }
    request.list(found.iter().map(|one| pull(world, &request.links, one, request.viewer.as_ref())).collect())
}

pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?;
    if ["diff", "patch"].iter().any(|form| request.wants(form)) {
        let git = world.git(&one.repo)?;
        let base = if one.is_open() { tips(&git, one)?.base } else { object(&one.base)? };
        return as_text(request, &git, base, object(&one.head)?);
    }
    let key = one.document();
    whole(world, request, &key)
}

/// A difference as the text that the caller asked for.
pub(super) fn as_text(request: &ApiRequest, git: &git2::Repository, base: Oid, head: Oid) -> RouteResult {
    if request.wants("diff") {
        return Reply::file("application/vnd.github.diff; charset=utf-8", diff(git, base, head)?);
    }
    Reply::file("application/vnd.github.patch; charset=utf-8", patches(git, base, head)?)
}

/// One pull request with everything.
fn whole(world: &mut EmulatedWorld, request: &ApiRequest, key: &str) -> RouteResult {
    let assessed = assess(world, key)?;
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    Reply::with(full_pull(world, &request.links, one, request.viewer.as_ref(), &assessed))
}

/// The repository and branch that `head` names: `branch`, `owner:branch`, or a branch of `head_repo`.
fn head_of(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<(RepoName, String), ApiError> {
    let head = request.required("PullRequest", "head")?;
    let invalid = || ApiError::invalid("PullRequest", "head", "invalid");
    let (owner, branch) = head.split_once(':').unwrap_or((repo.owner(), head));
    if let Some(name) = request.text("head_repo") {
        let full = if name.contains('/') { name.to_owned() } else { format!("{owner}/{name}") };
        return Ok((full.parse().map_err(|_| invalid())?, branch.to_owned()));
    }
    if owner == repo.owner() {
        return Ok((repo.clone(), branch.to_owned()));
    }
    let mut forks = world.repositories.values();
    let fork =
        forks.find(|one| one.name.owner() == owner && one.parent() == Some(repo)).ok_or_else(invalid)?;
    Ok((fork.name.clone(), branch.to_owned()))
}

pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let author = request.login()?;
    let (head_repo, head_branch) = head_of(world, request, repo)?;
    request
        .repository_for(world, &head_repo, Role::Write)
        .map_err(|_| ApiError::invalid("PullRequest", "head", "invalid"))?;
    // A workspace repository leads to nothing but itself.
    let leaves_workspace =
        world.repositories.get(head_repo.as_str()).is_some_and(StoredRepository::is_workspace);
    if head_repo != *repo && (leaves_workspace || world.root_of(&head_repo) != world.root_of(repo)) {
        return Err(ApiError::invalid("PullRequest", "head", "invalid"));
    }
    let base_branch = request.required("PullRequest", "base")?.to_owned();
    let tip = |repo: &RepoName, branch: &str, field: &str| -> Result<Oid, ApiError> {
        branch_tip(&*world.git(repo)?, branch)
            .ok_or_else(|| ApiError::invalid("PullRequest", field, "invalid"))
    };
    let head = tip(&head_repo, &head_branch, "head")?;
    let base = tip(repo, &base_branch, "base")?;
    let title = request.required("PullRequest", "title")?.to_owned();
    refuse_duplicate(world, repo, &head_repo, &head_branch, &base_branch)?;
    if head == base || (head_repo == *repo && commits_between(&*world.git(repo)?, base, head)?.is_empty()) {
        let message = format!("No commits between {base_branch} and {head_branch}");
        return Err(ApiError::custom("PullRequest", message));
    }
    let number = world.new_number(repo)?;
    let begun = PullBeginning {
        id: world.new_id()?,
        repo: repo.clone(),
        number,
        title,
        author,
        from: (head_repo, head_branch),
        head: commit_id(head),
        base_branch,
        base: commit_id(base),
        at: world.now,
    };
    let one = StoredPull {
        body: request.text("body").map(str::to_owned),
        draft: request.says("draft"),
        maintainer_can_modify: request.says("maintainer_can_modify"),
        ..StoredPull::from(begun)
    };
    let key = StoredPull::key(repo, number);
    world.pulls.insert(key.clone(), one);
    follow_head(world, &key)?;
    whole(world, request, &key)
}

fn refuse_duplicate(
    world: &EmulatedWorld,
    repo: &RepoName,
    head_repo: &RepoName,
    head: &str,
    base: &str,
) -> Result<(), ApiError> {
    let twin = world.pulls_of(repo).find(|pull| {
        pull.is_open() && pull.head_repo == *head_repo && pull.head_branch == head && pull.base_branch == base
    });
    match twin {
        None => Ok(()),
        Some(pull) => Err(ApiError::custom(
            "PullRequest",
            format!("A pull request already exists for {}.", pull.label()),
        )),
    }
}

pub(super) fn change(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?.clone();
    let key = one.document();
    let login = request.login()?;
    if one.author != login {
        request.repository_for(world, &one.repo, Role::Write)?;
    }
    let state = match (request.text("state"), &one.state) {
        (Some("closed"), StoredPullState::Open) => StoredPullState::Closed { at: world.now },
        (Some("open"), StoredPullState::Closed { .. }) => reopened(world, &one)?,
        (Some("open"), StoredPullState::Merged { .. }) => {
            return Err(ApiError::custom(
                "PullRequest",
                "state cannot be changed. The pull request was merged.",
            ));
        }
        (Some("open" | "closed") | None, state) => state.clone(),
        (Some(_), _) => return Err(ApiError::invalid("PullRequest", "state", "invalid")),
    };
    if let Some(base) = request.text("base") {
        may_be_based(world, &one, base)?;
    }
    let now = world.now;
    if let Some(pull) = world.pulls.get_mut(&key) {
        pull.state = state;
        pull.title = request.text("title").map_or(one.title, str::to_owned);
        pull.body = request.text("body").map(str::to_owned).or(one.body);
        pull.base_branch = request.text("base").map_or(one.base_branch, str::to_owned);
        pull.updated_at = now;
        if pull.is_open() && one.state != pull.state {
            follow_head(world, &key)?;
        }
    }
    whole(world, request, &key)
}

fn may_be_based(world: &EmulatedWorld, one: &StoredPull, base: &str) -> Result<(), ApiError> {
    if branch_tip(&*world.git(&one.repo)?, base).is_none() {
        return Err(ApiError::invalid("PullRequest", "base", "invalid"));
    }
    if base != one.base_branch && !one.is_open() {
        let message = "Cannot change the base branch of a closed pull request.";
        return Err(ApiError::custom("PullRequest", message));
    }
    Ok(())
}

/// Open again, where the branches are still there and the head has what was proposed.
fn reopened(world: &EmulatedWorld, one: &StoredPull) -> Result<StoredPullState, ApiError> {
    let refused = |why: &str| ApiError::custom("PullRequest", format!("state cannot be changed. The {why}."));
    let Some(known) = world.repositories.get(one.head_repo.as_str()) else {
        return Err(refused("repository that submitted this pull request has been deleted"));
    };
    let git = world.git(&known.name)?;
    // Of a base that is gone GitHub says the same, with the name of the head.
    let has_base = branch_tip(&*world.git(&one.repo)?, &one.base_branch).is_some();
    match branch_tip(&git, &one.head_branch) {
        Some(tip) if has_base => {
            let proposed = object(&one.head)?;
            if git.find_commit(proposed).is_ok() && is_ancestor(&git, proposed, tip)? {
                Ok(StoredPullState::Open)
            } else {
                Err(refused(&format!("{} branch was force-pushed or recreated", one.head_branch)))
            }
        }
        _ => Err(refused(&format!("{} branch has been deleted", one.head_branch))),
    }
}

pub(super) fn commits(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?;
    let git = world.git(&one.repo)?;
    let base = if one.is_open() { tips(&git, one)?.base } else { object(&one.base)? };
    let mut list: Vec<Value> = Vec::new();
    for id in commits_between(&git, base, object(&one.head)?)? {
        list.push(commit(&request.links, &one.repo, &git.find_commit(id)?));
    }
    request.list(list)
}

pub(super) fn files(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?;
    let git = world.git(&one.repo)?;
    let head = object(&one.head)?;
    let base = if one.is_open() { tips(&git, one)?.base } else { object(&one.base)? };
    let found = changed_files(&git, compare(&git, base, head)?.merge_base, head)?;
    request.list(found.iter().map(|changed| file(&request.links, &one.repo, head, changed)).collect())
}
