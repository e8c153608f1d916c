//! Reviews and requested reviewers.

use super::pulls::key;
use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::json::{pull, review};
use crate::emulator::model::Review;
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Reviews.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["pulls", number, "reviews"]) => {
            Some(key(world, repo, number).and_then(|key| list(world, call, &key)))
        }
        (Method::Post, ["pulls", number, "reviews"]) => {
            Some(key(world, repo, number).and_then(|key| create(world, call, repo, &key)))
        }
        (Method::Post, ["pulls", number, "requested_reviewers"]) => {
            Some(key(world, repo, number).and_then(|key| request(world, call, repo, &key)))
        }
        _ => None,
    }
}

fn list(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    call.list(one.reviews.iter().map(|each| review(world, &call.links, one, each)).collect())
}

fn create(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
) -> Result<Reply, ApiError> {
    let author = call.login()?;
    if call.repository(world, repo)?.is_workspace() {
        return Err(ApiError::not_found());
    }
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    let state = match call.text("event") {
        Some("APPROVE") => "APPROVED",
        Some("REQUEST_CHANGES") => "CHANGES_REQUESTED",
        Some("COMMENT") => "COMMENTED",
        None => "PENDING",
        Some(_) => return Err(ApiError::invalid("PullRequestReview", "event", "invalid")),
    };
    if one.author == author && matches!(state, "APPROVED" | "CHANGES_REQUESTED") {
        let what = if state == "APPROVED" { "approve" } else { "request changes on" };
        // The errors of this route are strings (`validation-error-simple`).
        let said = serde_json::json!({
            "message": "Unprocessable Entity", "errors": [format!("Can not {what} your own pull request")],
            "documentation_url": "https://docs.github.com/rest/pulls/reviews", "status": "422",
        });
        return Err(ApiError::Said { status: 422, body: said });
    }
    let commit = one.head.clone();
    let fresh = Review {
        id: world.new_id()?,
        author,
        state: state.to_owned(),
        body: call.text("body").unwrap_or_default().to_owned(),
        commit,
        submitted_at: world.now,
    };
    let shown = world.pulls.get(key).map(|one| review(world, &call.links, one, &fresh));
    if let Some(one) = world.pulls.get_mut(key) {
        one.reviews.push(fresh);
    }
    Reply::ok(shown.unwrap_or_default())
}

fn request(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    for login in call.texts("reviewers").unwrap_or_default() {
        let login = login.parse().map_err(|_| ApiError::invalid("PullRequest", "reviewers", "invalid"))?;
        if let Some(one) = world.pulls.get_mut(key)
            && !one.requested_reviewers.contains(&login)
        {
            one.requested_reviewers.push(login);
        }
    }
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    Reply::created(pull(world, &call.links, one, call.viewer.as_ref()))
}
