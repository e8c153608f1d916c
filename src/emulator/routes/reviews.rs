//! Reviews and requested reviewers.

use super::pulls::{pull_mut_of, pull_of};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::ci::{later, reviewed};
use crate::emulator::json::{pull, review};
use crate::emulator::model::{DueEffect, Review, StoredPull};
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
    if let Some(why) = refusal(one, &author, state) {
        return Err(ApiError::in_a_word(why));
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
    let by = fresh.author.clone();
    pull_mut_of(world, request, repo)?.reviews.push(fresh);
    if state == "APPROVED" {
        let approved = pull_of(world, request, repo)?.clone();
        reviewed(world, &approved, &by)?;
    }
    Reply::with(shown)
}

/// Why a review is not taken, in GitHub's words as they stand in public logs.
fn refusal(one: &StoredPull, author: &Login, state: &str) -> Option<&'static str> {
    let is_own = one.author == *author;
    let is_pending = |review: &Review| review.author == *author && review.state == "PENDING";
    match state {
        "APPROVED" if is_own => Some("Can not approve your own pull request"),
        "CHANGES_REQUESTED" if is_own => Some("Can not request changes on your own pull request"),
        "APPROVED" if !one.is_open() => Some("Can only approve open pull requests"),
        "CHANGES_REQUESTED" if !one.is_open() => Some("Can only request changes on open pull requests"),
        _ if one.reviews.iter().any(is_pending) => {
            Some("User can only have one pending review per pull request")
        }
        _ => None,
    }
}

/// `PUT …/reviews/{review_id}/dismissals`: an approval or a request for changes counts no longer.
pub(super) fn dismiss(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let id = request.number("review_id")?;
    request.required("PullRequestReview", "message")?;
    let one = pull_mut_of(world, request, repo)?;
    let found = one.reviews.iter_mut().find(|review| review.id == id).ok_or_else(ApiError::not_found)?;
    match found.state.as_str() {
        "APPROVED" | "CHANGES_REQUESTED" => found.state = "DISMISSED".to_owned(),
        other => {
            let other = other.to_lowercase();
            return Err(ApiError::in_a_word(&format!("Can not dismiss a {other} pull request review")));
        }
    }
    let shown = found.clone();
    let one = pull_of(world, request, repo)?;
    Reply::with(review(world, &request.links, one, &shown))
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
        let repository = world.repository(repo)?;
        if !world.account(&login).is_some_and(|account| repository.has_collaborator(account)) {
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
