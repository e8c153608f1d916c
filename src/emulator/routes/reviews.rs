//! Reviews and requested reviewers.

use super::pulls::{pull_mut_of, pull_of};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{pull, review};
use crate::emulator::model::Review;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?;
    request.list(one.reviews.iter().map(|each| review(world, &request.links, one, each)).collect())
}

pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let author = request.login()?;
    let one = pull_of(world, request, repo)?;
    let state = match request.text("event") {
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
        body: request.text("body").unwrap_or_default().to_owned(),
        commit,
        submitted_at: world.now,
    };
    let shown = review(world, &request.links, pull_of(world, request, repo)?, &fresh);
    pull_mut_of(world, request, repo)?.reviews.push(fresh);
    Reply::with(shown)
}

pub(super) fn request_reviewers(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> RouteResult {
    for login in request.texts("reviewers").unwrap_or_default() {
        let login = login.parse().map_err(|_| ApiError::invalid("PullRequest", "reviewers", "invalid"))?;
        let one = pull_mut_of(world, request, repo)?;
        if !one.requested_reviewers.contains(&login) {
            one.requested_reviewers.push(login);
        }
    }
    let one = pull_of(world, request, repo)?;
    Reply::with(pull(world, &request.links, one, request.viewer.as_ref()))
}
