//! Every route: its address, who may call it, what success answers, and the function that answers.
//!
//! To add one, write its function in the file of its group and its row here. Addresses are GitHub's own templates;
//! those below a repository are without `/repos/{owner}/{repo}`. The order does not matter: the closest fits.

use axum::http::Method;

use super::route::Access::{Admins, AdminsHidden, AdvisoryManagers, Anybody, ByObject, SignedIn, Writers};
use super::route::InWorkspace::{Forbidden, NotFound};
use super::route::{Access, Handler, InWorkspace, RepoHandler, Route};
use super::{
    actions, advisories, apps, branches, checks, collaborators, commits, contents, control, file_writes,
    forks, git_data, graphql, issues, merging, pulls, references, release_assets, release_notes, releases,
    repositories, reviews, rulesets, teams, users,
};

/// Routes that concern no repository.
#[rustfmt::skip]
pub(super) const OF_THE_WORLD: &[Route<Handler>] = &[
    world(GET, "/",                 Anybody,  &[200], users::root),
    world(GET, "/user",             SignedIn, &[200], users::own),
    world(GET, "/users/{username}", Anybody,  &[200], users::somebody),
    world(GET, "/users/{username}/keys",             Anybody, &[200], users::keys),
    world(GET, "/users/{username}/ssh_signing_keys", Anybody, &[200], users::signing_keys),
    world(GET, "/orgs/{org}/teams/{team_slug}/members", SignedIn, &[200], teams::members),
    world(GET, "/rate_limit",       Anybody,  &[200], users::rate_limit),
    world(GET, "/meta",             Anybody,  &[200], users::meta),
    world(GET, "/versions",         Anybody,  &[200], users::versions),

    world(POST, "/graphql", SignedIn, &[200], graphql::answer),

    world(POST, "/app/installations/{installation_id}/access_tokens", SignedIn, &[201], apps::create_token),

    // What no GitHub has.
    world(POST,   "/_emulator/faults", Anybody, &[201], control::add_fault),
    world(DELETE, "/_emulator/faults", Anybody, &[204], control::clear_faults),
    world(GET,    "/_emulator/clock",  Anybody, &[200], control::clock),
];

/// Routes below `/repos/{owner}/{repo}`.
#[rustfmt::skip]
pub(super) const OF_A_REPOSITORY: &[Route<RepoHandler>] = &[
    repo(GET,    "", Anybody, &[200], repositories::show),
    repo(DELETE, "", Admins,  &[204], repositories::delete),

    repo(GET,  "/forks", Anybody,  &[200], forks::list),
    repo(POST, "/forks", SignedIn, &[202], forks::create).in_workspace(Forbidden),

    repo(GET,    "/collaborators",                       Writers, &[200],      collaborators::list),
    repo(GET,    "/collaborators/{username}",            Writers, &[204],      collaborators::check),
    repo(PUT,    "/collaborators/{username}",            Admins,  &[201, 204], collaborators::invite),
    repo(DELETE, "/collaborators/{username}",            Admins,  &[204],      collaborators::remove),
    repo(GET,    "/collaborators/{username}/permission", Anybody, &[200],      collaborators::permission),

    repo(GET, "/branches",                     Anybody,      &[200], branches::list),
    repo(GET, "/branches/{branch}",            Anybody,      &[200], branches::show),
    repo(GET, "/branches/{branch}/protection", AdminsHidden, &[200], branches::show_protection),
    repo(GET, "/rules/branches/{branch}",      Anybody,      &[200], branches::list_rules),
    repo(GET, "/rulesets",                     Anybody,      &[200], rulesets::list),
    repo(GET, "/rulesets/{ruleset_id}",        Anybody,      &[200], rulesets::show),
    repo(GET, "/tags",                         Anybody,      &[200], branches::tags),

    repo(GET,    "/git/ref/{ref}",           Anybody, &[200], references::show),
    repo(GET,    "/git/matching-refs/{ref}", Anybody, &[200], references::matching),
    repo(POST,   "/git/refs",                Writers, &[201], references::create),
    repo(PATCH,  "/git/refs/{ref}",          Writers, &[200], references::update),
    repo(DELETE, "/git/refs/{ref}",          Writers, &[204], references::delete),
    repo(POST,   "/git/tags",                Writers, &[201], references::create_tag),
    repo(GET,    "/git/tags/{tag_sha}",      Anybody, &[200], references::show_tag),
    repo(GET,    "/git/blobs/{file_sha}",    Anybody, &[200], git_data::blob),
    repo(POST,   "/git/blobs",               Writers, &[201], git_data::create_blob),
    repo(GET,    "/git/trees/{tree_sha}",    Anybody, &[200], git_data::tree),
    repo(POST,   "/git/trees",               Writers, &[201], git_data::create_tree),
    repo(GET,    "/git/commits/{commit_sha}", Anybody, &[200], git_data::show_commit),
    repo(POST,   "/git/commits",             Writers, &[201], git_data::create_commit),

    repo(GET, "/commits",            Anybody, &[200], commits::list),
    repo(GET, "/commits/{ref}",      Anybody, &[200], commits::show),
    repo(GET, "/compare/{basehead}", Anybody, &[200], commits::compare),
    repo(GET, "/contents/{path}",    Anybody, &[200], contents::show),
    repo(PUT,    "/contents/{path}", Writers, &[200, 201], file_writes::put),
    repo(DELETE, "/contents/{path}", Writers, &[200],      file_writes::delete),

    repo(GET,  "/commits/{ref}/check-runs",  Anybody, &[200], checks::list_runs),
    repo(GET,  "/check-runs/{check_run_id}", Anybody, &[200], checks::show_run),
    repo(GET,  "/commits/{ref}/check-suites",    Anybody, &[200], checks::list_suites),
    repo(GET,  "/check-suites/{check_suite_id}", Anybody, &[200], checks::show_suite),
    repo(GET,  "/check-suites/{check_suite_id}/check-runs", Anybody, &[200], checks::runs_of_suite),
    repo(GET,  "/check-runs/{check_run_id}/annotations", Anybody, &[200], checks::annotations),
    repo(GET,  "/commits/{ref}/status",      Anybody, &[200], checks::combined),
    repo(GET,  "/commits/{ref}/statuses",    Anybody, &[200], checks::statuses),
    repo(POST, "/statuses/{sha}",            Writers, &[201], checks::set_status).in_workspace(Forbidden),

    repo(GET,   "/pulls",                                   Anybody,  &[200], pulls::list),
    repo(POST,  "/pulls",                                   ByObject, &[201], pulls::create),
    repo(GET,   "/pulls/{pull_number}",                     Anybody,  &[200], pulls::show),
    repo(PATCH, "/pulls/{pull_number}",                     ByObject, &[200], pulls::change),
    repo(GET,   "/pulls/{pull_number}/commits",             Anybody,  &[200], pulls::commits),
    repo(GET,   "/pulls/{pull_number}/files",               Anybody,  &[200], pulls::files),
    repo(GET,   "/pulls/{pull_number}/merge",               Anybody,  &[204], merging::is_merged),
    repo(PUT,   "/pulls/{pull_number}/merge",               Writers,  &[200], merging::merge).in_workspace(Forbidden),
    repo(PUT,   "/pulls/{pull_number}/update-branch",       ByObject, &[202], merging::update_branch),
    repo(GET,   "/pulls/{pull_number}/reviews",             Anybody,  &[200], reviews::list),
    repo(POST,  "/pulls/{pull_number}/reviews",             SignedIn, &[200], reviews::create).in_workspace(NotFound),
    repo(PUT,   "/pulls/{pull_number}/reviews/{review_id}/dismissals", Writers, &[200], reviews::dismiss).in_workspace(NotFound),
    repo(POST,  "/pulls/{pull_number}/requested_reviewers", Writers,  &[201], reviews::request_reviewers),

    repo(GET,    "/issues/{issue_number}",               Anybody,  &[200], issues::show).in_workspace(NotFound),
    repo(GET,    "/issues/{issue_number}/labels",        Anybody,  &[200], issues::labels).in_workspace(NotFound),
    repo(POST,   "/issues/{issue_number}/labels",        Writers,  &[200], issues::add_labels).in_workspace(NotFound),
    repo(DELETE, "/issues/{issue_number}/labels/{name}", Writers,  &[200], issues::remove_label).in_workspace(NotFound),
    repo(POST,   "/issues/{issue_number}/assignees",     SignedIn, &[201], issues::add_assignees).in_workspace(NotFound),
    repo(DELETE, "/issues/{issue_number}/assignees",     SignedIn, &[200], issues::remove_assignees).in_workspace(NotFound),
    repo(GET,    "/issues/{issue_number}/comments",      Anybody,  &[200], issues::comments).in_workspace(NotFound),
    repo(POST,   "/issues/{issue_number}/comments",      SignedIn, &[201], issues::add_comment).in_workspace(NotFound),

    repo(GET,  "/actions/workflows",                          Anybody, &[200],      actions::workflows),
    repo(GET,  "/actions/workflows/{workflow_id}",            Anybody, &[200],      actions::show_workflow),
    repo(GET,  "/actions/workflows/{workflow_id}/runs",       Anybody, &[200],      actions::runs_of_workflow),
    repo(POST, "/actions/workflows/{workflow_id}/dispatches", Writers, &[204, 200], actions::dispatch_workflow),
    repo(GET,  "/actions/runs",                               Anybody, &[200],      actions::runs),
    repo(GET,  "/actions/runs/{run_id}",                      Anybody, &[200],      actions::show_run),
    repo(GET,  "/actions/runs/{run_id}/jobs",                 Anybody, &[200],      actions::jobs),
    repo(GET,  "/actions/runs/{run_id}/artifacts",            Anybody, &[200],      actions::artifacts),
    repo(POST, "/actions/runs/{run_id}/rerun",                Writers, &[201],      actions::rerun),
    repo(POST, "/actions/runs/{run_id}/rerun-failed-jobs",    Writers, &[201],      actions::rerun),
    repo(POST, "/actions/runs/{run_id}/approve",              Writers, &[201], actions::approve_run),
    repo(POST, "/actions/runs/{run_id}/cancel",               Writers, &[202],      actions::cancel_run),
    repo(GET,  "/actions/jobs/{job_id}",                      Anybody, &[200],      actions::show_job),

    repo(GET,    "/releases",                     Anybody, &[200], releases::list),
    repo(POST,   "/releases",                     Writers, &[201], releases::create),
    repo(POST,   "/releases/generate-notes",      Writers, &[200], release_notes::generate),
    repo(GET,    "/releases/latest",              Anybody, &[200], releases::latest),
    repo(GET,    "/releases/tags/{tag}",          Anybody, &[200], releases::by_tag),
    repo(GET,    "/releases/{release_id}",        Anybody, &[200], releases::show),
    repo(PATCH,  "/releases/{release_id}",        Writers, &[200], releases::change),
    repo(DELETE, "/releases/{release_id}",        Writers, &[204], releases::delete),
    repo(GET,    "/releases/{release_id}/assets", Anybody, &[200], release_assets::list),
    repo(POST,   "/releases/{release_id}/assets", Writers, &[201], release_assets::upload),
    repo(GET,    "/releases/assets/{asset_id}",   Anybody, &[200], release_assets::show),
    repo(DELETE, "/releases/assets/{asset_id}",   Writers, &[204], release_assets::delete),
    repo(GET,    "/immutable-releases",           Admins,  &[200], release_assets::immutable),

    repo(GET,   "/security-advisories",                 Anybody,          &[200], advisories::list),
    repo(POST,  "/security-advisories",                 AdvisoryManagers, &[201], advisories::create),
    repo(POST,  "/security-advisories/reports",         SignedIn,         &[201], advisories::report),
    repo(GET,   "/security-advisories/{ghsa_id}",       Anybody,          &[200], advisories::show),
    repo(PATCH, "/security-advisories/{ghsa_id}",       ByObject,         &[200], advisories::change),
    repo(POST,  "/security-advisories/{ghsa_id}/cve",   ByObject,         &[202], advisories::request_cve),
    repo(POST,  "/security-advisories/{ghsa_id}/forks", ByObject,         &[202], advisories::create_fork),
];

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

const fn world(
    method: Method,
    path: &'static str,
    access: Access,
    success: &'static [u16],
    handler: Handler,
) -> Route<Handler> {
    Route { method, path, access, success, in_workspace: InWorkspace::Answered, handler }
}

const fn repo(
    method: Method,
    path: &'static str,
    access: Access,
    success: &'static [u16],
    handler: RepoHandler,
) -> Route<RepoHandler> {
    Route { method, path, access, success, in_workspace: InWorkspace::Answered, handler }
}

/// The method and the address of every route.
#[cfg(test)]
pub(crate) fn templates() -> Vec<(String, String)> {
    let of_the_world = OF_THE_WORLD.iter().map(|route| (route.method.to_string(), route.path.to_owned()));
    let of_a_repository = OF_A_REPOSITORY
        .iter()
        .map(|route| (route.method.to_string(), format!("/repos/{{owner}}/{{repo}}{}", route.path)));
    of_the_world.chain(of_a_repository).collect()
}

#[cfg(test)]
mod tests {
    use super::super::route::find;
    use super::*;

    /// Each route is the one that answers its own address: no other fits it as closely.
    fn reaches_itself<H>(routes: &'static [Route<H>]) {
        for route in routes {
            let segments: Vec<String> = route
                .path
                .split('/')
                .skip(1)
                .map(|part| if part.starts_with('{') { "x".to_owned() } else { part.to_owned() })
                .collect();
            let (found, _) = find(routes, &route.method, &segments).unwrap();
            assert_eq!((found.path, &found.method), (route.path, &route.method));
            let twins = routes.iter().filter(|one| (one.path, &one.method) == (route.path, &route.method));
            assert_eq!(twins.count(), 1, "{} {} is declared twice", route.method, route.path);
        }
    }

    #[test]
    fn every_route_is_reached_by_its_own_address() {
        reaches_itself(OF_THE_WORLD);
        reaches_itself(OF_A_REPOSITORY);
    }

    #[test]
    fn every_route_declares_how_it_succeeds() {
        let all = OF_A_REPOSITORY.iter().map(|route| (route.path, route.success));
        for (path, success) in all.chain(OF_THE_WORLD.iter().map(|route| (route.path, route.success))) {
            assert!(
                !success.is_empty() && success.iter().all(|status| (200..300).contains(status)),
                "{path}"
            );
        }
    }
}
