//! Labels and comments of pull requests (GitHub's issue routes).

use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{comment, label, pull, user};
use crate::emulator::model::{Comment, StoredPull};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// The pull request that is the issue in the address.
fn issue<'a>(
    world: &'a EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a StoredPull, ApiError> {
    world.pull(repo, request.number("issue_number")?).ok_or_else(ApiError::not_found)
}

fn issue_mut<'a>(
    world: &'a mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a mut StoredPull, ApiError> {
    world.pull_mut(repo, request.number("issue_number")?).ok_or_else(ApiError::not_found)
}

/// `GET …/issues/{issue_number}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = issue(world, request, repo)?;
    let mut whole = pull(world, &request.links, one, request.viewer.as_ref());
    let url = request.links.api(&format!("/repos/{}/issues/{}", one.repo, one.number));
    let links = json!({"url": whole["url"], "html_url": whole["html_url"], "diff_url": whole["diff_url"],
        "patch_url": whole["patch_url"], "merged_at": whole["merged_at"]});
    for (field, value) in [
        ("labels_url", json!(format!("{url}/labels{{/name}}"))),
        ("events_url", json!(format!("{url}/events"))),
        ("repository_url", json!(request.links.api(&format!("/repos/{}", one.repo)))),
        ("comments", json!(one.comments.len())),
        ("user", user(world, &request.links, &one.author)),
        ("pull_request", links),
        ("url", json!(url)),
    ] {
        whole[field] = value;
    }
    Reply::with(whole)
}

/// `GET …/issues/{issue_number}/labels`
pub(super) fn labels(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = issue(world, request, repo)?;
    let all: Vec<Value> = one.labels.iter().map(|name| label(&request.links, repo, name)).collect();
    Reply::with(Value::Array(all))
}

pub(super) fn add_labels(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let bare = request.body.as_array();
    let bare = bare.map(|list| list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect());
    let wanted: Vec<String> = request.texts("labels").or(bare).unwrap_or_default();
    let one = issue_mut(world, request, repo)?;
    for name in wanted {
        if !one.labels.contains(&name) {
            one.labels.push(name);
        }
    }
    labels(world, request, repo)
}

pub(super) fn remove_label(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("name")?;
    let one = issue_mut(world, request, repo)?;
    if !one.labels.iter().any(|label| label == name) {
        return Err(ApiError::says(404, "Label does not exist"));
    }
    one.labels.retain(|label| label != name);
    labels(world, request, repo)
}

/// Who is assigned from now on, of those that the caller names. Who may not be is passed over without a word, and so is all that
/// somebody says who may not assign.
fn assign(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    change: impl Fn(&mut Vec<Login>, Login),
) -> Result<(), ApiError> {
    issue(world, request, repo)?;
    if request.repository_for(world, repo, Role::Write).is_err() {
        return Ok(());
    }
    for login in request.texts("assignees").unwrap_or_default() {
        let Ok(login) = login.parse::<Login>() else { continue };
        let repository = world.repository(repo)?;
        if world.account(&login).is_some_and(|account| repository.has_collaborator(account)) {
            change(&mut issue_mut(world, request, repo)?.assignees, login);
        }
    }
    Ok(())
}

/// `POST …/issues/{issue_number}/assignees`
pub(super) fn add_assignees(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    assign(world, request, repo, |assigned, login| {
        if !assigned.contains(&login) {
            assigned.push(login);
        }
    })?;
    show(world, request, repo)
}

/// `DELETE …/issues/{issue_number}/assignees`
pub(super) fn remove_assignees(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> RouteResult {
    assign(world, request, repo, |assigned, login| assigned.retain(|one| *one != login))?;
    show(world, request, repo)
}

/// `GET …/issues/{issue_number}/comments`
pub(super) fn comments(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = issue(world, request, repo)?;
    request.list(one.comments.iter().map(|each| comment(world, &request.links, one, each)).collect())
}

/// `POST …/issues/{issue_number}/comments`
pub(super) fn add_comment(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    issue(world, request, repo)?;
    let author = request.login()?;
    let body = request.required("IssueComment", "body")?.to_owned();
    let fresh = Comment { id: world.new_id()?, author, body, created_at: world.now };
    let shown = comment(world, &request.links, issue(world, request, repo)?, &fresh);
    issue_mut(world, request, repo)?.comments.push(fresh);
    Reply::with(shown)
}
