//! Repository security advisories: reports, the state machine, CVE requests, private forks.

use serde_json::{Value, json};

use super::advisory_fields::{blank, fill};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::ci::later;
use crate::emulator::json::{advisory, full_repository};
use crate::emulator::model::{AdvisoryChange, CveProgress, DueEffect, ForkProgress, StoredAdvisory};
use crate::emulator::spec::{ForkAtPublication, OpenForkPulls, Role, StoredAdvisoryState};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{GhsaId, Login, RepoName};

/// Who may see it: administrators, its author, its collaborators; a published one everybody.
fn sees(world: &EmulatedWorld, request: &ApiRequest, one: &StoredAdvisory) -> Result<bool, ApiError> {
    if one.state == StoredAdvisoryState::Published {
        return Ok(true);
    }
    let Some(viewer) = &request.viewer else { return Ok(false) };
    let admin = world.repository(&one.repo)?.permission(Some(viewer)) == Some(Role::Admin);
    Ok(admin || one.author == viewer.login || one.collaborating_users.contains(&viewer.login))
}

/// The advisory in the address, if the caller may see it.
fn advisory_of(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<StoredAdvisory, ApiError> {
    let named = request.value("ghsa_id")?;
    // People may leave the prefix out; addresses have it.
    let is_whole = named.get(..5).is_some_and(|prefix| prefix.eq_ignore_ascii_case("ghsa-"));
    let ghsa: GhsaId = named.parse().ok().filter(|_| is_whole).ok_or_else(ApiError::not_found)?;
    let one = world.advisories.get(ghsa.as_str()).filter(|one| one.repo == *repo);
    let one = one.ok_or_else(ApiError::not_found)?;
    if sees(world, request, one)? { Ok(one.clone()) } else { Err(ApiError::not_found()) }
}

pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = advisory_of(world, request, repo)?;
    Reply::with(advisory(world, &request.links, &one))
}

fn whole(world: &EmulatedWorld, request: &ApiRequest, ghsa: &GhsaId) -> RouteResult {
    let one = world.advisories.get(ghsa.as_str()).ok_or_else(ApiError::not_found)?;
    Reply::with(advisory(world, &request.links, one))
}

/// A list with cursors: `after` is the id of the last one seen.
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let mut all = Vec::new();
    for one in world.advisories.values().filter(|one| one.repo == *repo) {
        let stands = request.query("state").is_none_or(|state| state == one.state.as_str());
        if stands && sees(world, request, one)? {
            all.push(one);
        }
    }
    all.sort_by_key(|one| (one.created_at, one.ghsa.clone()));
    if request.query("direction") != Some("asc") {
        all.reverse();
    }
    let size = request.query("per_page").and_then(|text| text.parse().ok()).unwrap_or(30_usize).clamp(1, 100);
    let start = request
        .query("after")
        .and_then(|cursor| all.iter().position(|one| one.ghsa.as_str() == cursor))
        .map_or(0, |position| position + 1);
    let rest = &all[start.min(all.len())..];
    let page = &rest[..size.min(rest.len())];
    let next = page.last().filter(|_| rest.len() > size);
    let state = request.query("state").map(|state| format!("&state={state}")).unwrap_or_default();
    let link = next.map(|last| {
        let url = request.links.api(&request.path);
        format!("<{url}?per_page={size}{state}&after={}>; rel=\"next\"", last.ghsa)
    });
    let body = page.iter().map(|one| advisory(world, &request.links, one)).collect();
    Reply::page(Value::Array(body), link)
}

pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    request.required("RepositoryAdvisory", "description")?;
    if request.body.get("vulnerabilities").is_none() {
        return Err(ApiError::invalid("RepositoryAdvisory", "vulnerabilities", "missing_field"));
    }
    insert(world, request, repo, false)
}

pub(super) fn report(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    if world.repository(repo)?.permission(request.viewer.as_ref()) == Some(Role::Admin) {
        return Err(ApiError::says(
            403,
            "Maintainers cannot report vulnerabilities in their own repository.",
        ));
    }
    request.required("RepositoryAdvisory", "description")?;
    insert(world, request, repo, true)
}

fn insert(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName, reported: bool) -> RouteResult {
    request.required("RepositoryAdvisory", "summary")?;
    let mut one = blank(world, repo, request.login()?)?;
    one.reported = reported;
    one.state = if reported { StoredAdvisoryState::Triage } else { StoredAdvisoryState::Draft };
    fill(world, &mut one, request)?;
    let ghsa = one.ghsa.clone();
    world.advisories.insert(ghsa.to_string(), one);
    if request.says("start_private_fork") {
        begin_fork(world, &ghsa)?;
    }
    whole(world, request, &ghsa)
}

pub(super) fn change(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let mut one = advisory_of(world, request, repo)?;
    let login = request.login()?;
    let admin = world.repository(repo)?.permission(request.viewer.as_ref()) == Some(Role::Admin);
    if !admin && !one.collaborating_users.contains(&login) {
        return Err(ApiError::says(403, "Resource not accessible by personal access token"));
    }
    fill(world, &mut one, request)?;
    if let Some(list) = request.texts("collaborating_users") {
        let people: Result<Vec<Login>, _> = list.iter().map(|text| text.parse::<Login>()).collect();
        let invalid = || ApiError::invalid("RepositoryAdvisory", "collaborating_users", "invalid");
        one.collaborating_users = people.map_err(|_| invalid())?;
        if one.collaborating_users.iter().any(|login| world.account(login).is_none()) {
            return Err(invalid());
        }
    }
    if let Some(list) = request.texts("collaborating_teams") {
        one.collaborating_teams = list;
    }
    let wanted = request.text("state").unwrap_or(one.state.as_str()).to_owned();
    let step = one.may_become(&wanted).map_err(|message| ApiError::custom("RepositoryAdvisory", message))?;
    if step != AdvisoryChange::Same && !admin {
        return Err(ApiError::must_have_admin());
    }
    let now = world.now;
    one.updated_at = now;
    let mut fork_must_go = false;
    match step {
        AdvisoryChange::Same => {}
        AdvisoryChange::ToDraft => {
            one.state = StoredAdvisoryState::Draft;
            one.closed_at = None;
        }
        AdvisoryChange::Close => {
            one.state = StoredAdvisoryState::Closed;
            one.closed_at = Some(now);
        }
        AdvisoryChange::Publish => {
            fork_must_go = may_publish(world, &one)?;
            one.state = StoredAdvisoryState::Published;
            one.published_at = Some(now);
            one.publisher = Some(login);
        }
    }
    world.admit_collaborators(&one)?;
    let (id, fork) = (one.ghsa.clone(), one.fork_name());
    world.advisories.insert(id.to_string(), one);
    if fork_must_go {
        world.delete_repository(&fork)?;
    }
    whole(world, request, &id)
}

/// Whether the fork goes with the publication; refuses where GitHub is said to refuse.
fn may_publish(world: &EmulatedWorld, one: &StoredAdvisory) -> Result<bool, ApiError> {
    let refuse = |message: &str| ApiError::custom("RepositoryAdvisory", message);
    one.is_complete().map_err(refuse)?;
    let rules = &world.facts()?.private_forks;
    let fork = one.fork_name();
    if world.repositories.get(fork.as_str()).is_none() {
        return Ok(false);
    }
    let prefix = format!("{fork}#");
    let open = world.pulls.within(&prefix).any(|(_, pull)| pull.is_open());
    if open && rules.open_pulls == OpenForkPulls::Refuse {
        return Err(refuse(
            "Open pull requests in the temporary private fork must be merged or closed first.",
        ));
    }
    match rules.at_publication {
        ForkAtPublication::Deleted => Ok(true),
        ForkAtPublication::Stays => Ok(false),
        ForkAtPublication::MustBeGone => {
            Err(refuse("The temporary private fork must be deleted before the advisory is published."))
        }
    }
}

/// The advisory in the address, for its administrators.
fn managed(world: &EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> Result<StoredAdvisory, ApiError> {
    let one = advisory_of(world, request, repo)?;
    request.repository_for(world, repo, Role::Admin)?;
    Ok(one)
}

pub(super) fn request_cve(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = managed(world, request, repo)?;
    if one.cve_id.is_some() || one.cve_request == CveProgress::Pending {
        return Err(ApiError::custom("RepositoryAdvisory", "A CVE has already been requested or assigned."));
    }
    if !matches!(one.state, StoredAdvisoryState::Draft | StoredAdvisoryState::Published) {
        return Err(ApiError::custom(
            "RepositoryAdvisory",
            "A CVE can only be requested for a draft advisory.",
        ));
    }
    if let Some(one) = world.advisories.get_mut(one.ghsa.as_str()) {
        one.cve_request = CveProgress::Pending;
    }
    let due = later(world.now, world.facts()?.cve.delay);
    world.schedule(due, None, DueEffect::AssignCve(one.ghsa))?;
    Reply::with(json!({}))
}

fn begin_fork(world: &mut EmulatedWorld, ghsa: &GhsaId) -> Result<(), ApiError> {
    if let Some(one) = world.advisories.get_mut(ghsa.as_str()) {
        one.fork = ForkProgress::Making;
    }
    let due = later(world.now, world.facts()?.private_forks.delay);
    Ok(world.schedule(due, None, DueEffect::OpenFork(ghsa.clone()))?)
}

pub(super) fn create_fork(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = managed(world, request, repo)?;
    if one.state != StoredAdvisoryState::Draft {
        return Err(ApiError::custom("RepositoryAdvisory", "A private fork needs a draft advisory."));
    }
    if matches!(one.fork, ForkProgress::Making | ForkProgress::Open) {
        return Err(ApiError::custom("RepositoryAdvisory", "A temporary private fork already exists."));
    }
    begin_fork(world, &one.ghsa)?;
    // The fork is not there yet; what is answered is what it will be.
    let mut to_be = world.repository(repo)?.clone();
    to_be.name = one.fork_name();
    to_be.kind = crate::emulator::model::RepositoryKind::Workspace(repo.clone(), one.ghsa);
    to_be.visibility = crate::emulator::spec::StoredVisibility::Private;
    Reply::with(full_repository(world, &request.links, &to_be, request.viewer.as_ref()))
}
