//! Reviews and requested reviewers.

use super::pulls::{pull_mut_of, pull_of};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::ci::later;
use crate::emulator::json::{pull, review};
use crate::emulator::model::{DueEffect, Review};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

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
        let login: Login =
            login.parse().map_err(|_| ApiError::invalid("PullRequest", "reviewers", "invalid"))?;
        let one = pull_of(world, request, repo)?;
        if one.author == login {
            return Err(ApiError::says(422, "Review cannot be requested from pull request author."));
        }
        let can_read = world.repository(repo)?.permission(world.account(&login)).is_some();
        if world.account(&login).is_none() || !can_read {
            let message = "Reviews may only be requested from collaborators. One or more of the users or teams you \
                           specified is not a collaborator of the repository.";
            return Err(ApiError::says(422, message));
        }
        if !one.requested_reviewers.contains(&login) {
            pull_mut_of(world, request, repo)?.requested_reviewers.push(login.clone());
            expect_review(world, request, repo, &login)?;
        }
    }
    let one = pull_of(world, request, repo)?;
    Reply::with(pull(world, &request.links, one, request.viewer.as_ref()))
}

/// Who is scripted to review does so when the time has come.
fn expect_review(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    login: &Login,
) -> Result<(), ApiError> {
    let (number, base) = {
        let one = pull_of(world, request, repo)?;
        (one.number, one.base_branch.clone())
    };
    let after = {
        let mut scripted = world.repository(repo)?.rules_of(&base).flat_map(|rule| &rule.reviewers);
        scripted.find(|one| one.login == *login).map(|one| one.after)
    };
    let Some(after) = after else { return Ok(()) };
    let due = later(world.now, after);
    let effect = DueEffect::Approve { repo: repo.clone(), number, by: login.clone() };
    Ok(world.schedule(due, None, effect)?)
}
