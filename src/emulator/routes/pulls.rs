//! Pull requests: open, list, show, change; their commits and files.

use git2::Oid;
use serde_json::Value;

use super::assessment::{assess, tips};
use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::{changed_files, commits_between, compare, read_ref};
use crate::emulator::git::{commit_id, object};
use crate::emulator::json::{commit, file, full_pull, pull};
use crate::emulator::model::{StoredPull, StoredPullState};
use crate::emulator::reactions::follow_head;
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Pull requests.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    let ["pulls", rest @ ..] = path else { return None };
    match (call.method, rest) {
        (Method::Get, []) => Some(list(world, call, repo)),
        (Method::Post, []) => Some(create(world, call, repo)),
        (Method::Get, [number]) => {
            Some(key(world, repo, number).and_then(|key| show(world, call, &key, 200)))
        }
        (Method::Patch, [number]) => Some(key(world, repo, number).and_then(|key| change(world, call, &key))),
        (Method::Get, [number, "commits"]) => {
            Some(key(world, repo, number).and_then(|key| commits(world, call, &key)))
        }
        (Method::Get, [number, "files"]) => {
            Some(key(world, repo, number).and_then(|key| files(world, call, &key)))
        }
        _ => None,
    }
}

/// The key of the pull request with this number.
pub(crate) fn key(world: &EmulatedWorld, repo: &RepoName, number: &str) -> Result<String, ApiError> {
    let number: u64 = number.parse().map_err(|_| ApiError::not_found())?;
    let key = StoredPull::key(repo, number);
    world.pulls.get(&key).map(|_| key).ok_or_else(ApiError::not_found)
}

fn list(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let state = call.parameter("state").unwrap_or("open");
    // GitHub ignores a head without `owner:`.
    let head = call.parameter("head").filter(|head| head.contains(':'));
    let base = call.parameter("base");
    let prefix = format!("{repo}#");
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
    let mut found: Vec<&StoredPull> =
        world.pulls.within(&prefix).map(|(_, pull)| pull).filter(|pull| fits(pull)).collect();
    if call.parameter("sort") == Some("updated") {
        found.sort_by_key(|pull| pull.updated_at);
    }
    // Newest first, unless asked otherwise; `sort` alone makes it ascending only for other orders.
    if call.parameter("direction") != Some("asc") {
        found.reverse();
    }
    call.list(found.iter().map(|one| pull(world, &call.links, one, call.viewer.as_ref())).collect())
}

/// Shows one pull request with everything.
pub(crate) fn show(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    key: &str,
    status: u16,
) -> Result<Reply, ApiError> {
    let assessed = assess(world, key)?;
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    Reply::with(status, full_pull(world, &call.links, one, call.viewer.as_ref(), &assessed))
}

/// The repository and branch that `head` names: `branch`, `owner:branch`, or a branch of `head_repo`.
fn head_of(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
) -> Result<(RepoName, String), ApiError> {
    let head = call.required("PullRequest", "head")?;
    let invalid = || ApiError::invalid("PullRequest", "head", "invalid");
    let (owner, branch) = head.split_once(':').unwrap_or((repo.owner(), head));
    if let Some(name) = call.text("head_repo") {
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

fn create(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let author = call.login()?;
    let (head_repo, head_branch) = head_of(world, call, repo)?;
    call.repository_for(world, &head_repo, Role::Write)
        .map_err(|_| ApiError::invalid("PullRequest", "head", "invalid"))?;
    let base_branch = call.required("PullRequest", "base")?.to_owned();
    let tip = |repo: &RepoName, branch: &str, field: &str| -> Result<Oid, ApiError> {
        read_ref(&world.git(repo)?, &format!("refs/heads/{branch}"))
            .ok_or_else(|| ApiError::invalid("PullRequest", field, "invalid"))
    };
    let head = tip(&head_repo, &head_branch, "head")?;
    let base = tip(repo, &base_branch, "base")?;
    let title = call.required("PullRequest", "title")?.to_owned();
    refuse_duplicate(world, repo, &head_repo, &head_branch, &base_branch)?;
    if head == base || (head_repo == *repo && commits_between(&world.git(repo)?, base, head)?.is_empty()) {
        let message = format!("No commits between {base_branch} and {head_branch}");
        return Err(ApiError::custom("PullRequest", message));
    }
    let number = world.new_number(repo)?;
    let one = StoredPull {
        id: world.new_id()?,
        repo: repo.clone(),
        number,
        title,
        body: call.text("body").map(str::to_owned),
        author,
        head_repo,
        head_branch,
        head: commit_id(head),
        base_branch,
        base: commit_id(base),
        state: StoredPullState::Open,
        draft: call.says("draft"),
        maintainer_can_modify: call.says("maintainer_can_modify"),
        labels: Vec::new(),
        comments: Vec::new(),
        reviews: Vec::new(),
        requested_reviewers: Vec::new(),
        created_at: world.now,
        updated_at: world.now,
        assessment: None,
        merging: None,
    };
    let key = StoredPull::key(repo, number);
    world.pulls.insert(key.clone(), one);
    follow_head(world, &key)?;
    show(world, call, &key, 201)
}

fn refuse_duplicate(
    world: &EmulatedWorld,
    repo: &RepoName,
    head_repo: &RepoName,
    head: &str,
    base: &str,
) -> Result<(), ApiError> {
    let prefix = format!("{repo}#");
    let twin = world.pulls.within(&prefix).find(|(_, pull)| {
        pull.is_open() && pull.head_repo == *head_repo && pull.head_branch == head && pull.base_branch == base
    });
    match twin {
        None => Ok(()),
        Some((_, pull)) => Err(ApiError::custom(
            "PullRequest",
            format!("A pull request already exists for {}.", pull.label()),
        )),
    }
}

fn change(world: &mut EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).cloned().ok_or_else(ApiError::not_found)?;
    let login = call.login()?;
    if one.author != login {
        call.repository_for(world, &one.repo, Role::Write)?;
    }
    let state = match (call.text("state"), &one.state) {
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
    if let Some(base) = call.text("base")
        && read_ref(&world.git(&one.repo)?, &format!("refs/heads/{base}")).is_none()
    {
        return Err(ApiError::invalid("PullRequest", "base", "invalid"));
    }
    let now = world.now;
    if let Some(pull) = world.pulls.get_mut(key) {
        pull.state = state;
        pull.title = call.text("title").map_or(one.title, str::to_owned);
        pull.body = call.text("body").map(str::to_owned).or(one.body);
        pull.base_branch = call.text("base").map_or(one.base_branch, str::to_owned);
        pull.updated_at = now;
    }
    show(world, call, key, 200)
}

fn reopened(world: &EmulatedWorld, one: &StoredPull) -> Result<StoredPullState, ApiError> {
    let gone = || {
        ApiError::custom(
            "PullRequest",
            format!("state cannot be changed. The {} branch has been deleted.", one.head_branch),
        )
    };
    let known = world.repositories.get(one.head_repo.as_str()).ok_or_else(gone)?;
    let tip = read_ref(&world.git(&known.name)?, &format!("refs/heads/{}", one.head_branch));
    tip.map(|_| StoredPullState::Open).ok_or_else(gone)
}

fn commits(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    let git = world.git(&one.repo)?;
    let base = if one.is_open() { tips(&git, one)?.base } else { object(&one.base)? };
    let mut list: Vec<Value> = Vec::new();
    for id in commits_between(&git, base, object(&one.head)?)? {
        list.push(commit(&call.links, &one.repo, &git.find_commit(id)?));
    }
    call.list(list)
}

fn files(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    let git = world.git(&one.repo)?;
    let head = object(&one.head)?;
    let base = if one.is_open() { tips(&git, one)?.base } else { object(&one.base)? };
    let found = changed_files(&git, compare(&git, base, head)?.merge_base, head)?;
    call.list(found.iter().map(|changed| file(&call.links, &one.repo, head, changed)).collect())
}
