//! The git database: references and annotated tags.

use git2::Oid;
use serde_json::Value;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{Author, delete_ref, is_ancestor, read_ref, set_ref};
use crate::emulator::json::{git_ref, git_tag};
use crate::emulator::model::StoredRepository;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let name = full_name(request)?;
    let target = read_ref(&git, &name).ok_or_else(ApiError::not_found)?;
    Reply::with(git_ref(&request.links, repo, &git, &name, target))
}

pub(super) fn matching(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let prefix = full_name(request)?;
    let git = world.git(repo)?;
    let mut found = std::collections::BTreeMap::new();
    for reference in git.references_glob(&format!("{prefix}*"))? {
        let reference = reference?;
        if let (Ok(name), Some(target)) = (reference.name(), reference.target()) {
            found.insert(name.to_owned(), target);
        }
    }
    request
        .list(found.iter().map(|(name, target)| git_ref(&request.links, repo, &git, name, *target)).collect())
}

/// `refs/heads/main` for an address that ends in `heads/main`.
fn full_name(request: &ApiRequest) -> Result<String, ApiError> {
    Ok(format!("refs/{}", request.value("ref")?))
}

fn sha(request: &ApiRequest) -> Result<Oid, ApiError> {
    let text = request.required("Reference", "sha")?;
    Oid::from_str(text).map_err(|_| {
        ApiError::says(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    })
}

pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.required("Reference", "ref")?;
    if !name.starts_with("refs/") || name.matches('/').count() < 2 || !git2::Reference::is_valid_name(name) {
        return Err(ApiError::says(422, "Reference name is not valid"));
    }
    let target = sha(request)?;
    let git = world.git(repo)?;
    if git.find_object(target, None).is_err() {
        return Err(ApiError::says(422, "Object does not exist"));
    }
    refuse_new(world.repository(repo)?, request, name)?;
    if !set_ref(&git, name, target, Some(Oid::ZERO_SHA1))? {
        return Err(ApiError::says(422, "Reference already exists"));
    }
    Reply::with(git_ref(&request.links, repo, &git, name, target))
}

pub(super) fn update(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let name = full_name(request)?;
    let target = sha(request)?;
    let git = world.git(repo)?;
    let old = read_ref(&git, &name).ok_or_else(|| ApiError::says(422, "Reference does not exist"))?;
    refuse_protected(repository, request, &name)?;
    if git.find_object(target, None).is_err() {
        return Err(ApiError::says(422, "Object does not exist"));
    }
    if !request.says("force") && !is_ancestor(&git, old, target)? {
        return Err(ApiError::says(422, "Update is not a fast forward"));
    }
    if !set_ref(&git, &name, target, Some(old))? {
        return Err(ApiError::says(422, "Reference update failed"));
    }
    Reply::with(git_ref(&request.links, repo, &git, &name, target))
}

/// Refuses a new reference where a ruleset does, in the words of a refused push.
pub(super) fn refuse_new(
    repository: &StoredRepository,
    request: &ApiRequest,
    name: &str,
) -> Result<(), ApiError> {
    match repository.refuses_new(name, &request.login()?) {
        None => Ok(()),
        Some(said) => Err(ApiError::says(422, format!("Repository rule violations found\n\n{said}\n\n"))),
    }
}

/// Whether a rule keeps the caller from writing to this reference without a pull request.
pub(super) fn is_protected(
    repository: &StoredRepository,
    request: &ApiRequest,
    name: &str,
) -> Result<bool, ApiError> {
    let branch = name.strip_prefix("refs/heads/");
    let login = request.login()?;
    Ok(branch.is_some_and(|branch| repository.rules_of(branch).any(|rule| !rule.may_push.contains(&login))))
}

fn refuse_protected(repository: &StoredRepository, request: &ApiRequest, name: &str) -> Result<(), ApiError> {
    if is_protected(repository, request, name)? {
        return Err(ApiError::says(
            422,
            "Reference update failed: Changes must be made through a pull request.",
        ));
    }
    Ok(())
}

pub(super) fn delete(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let name = full_name(request)?;
    let git = world.git(repo)?;
    if read_ref(&git, &name).is_none() {
        return Err(ApiError::says(422, "Reference does not exist"));
    }
    refuse_protected(repository, request, &name)?;
    if name == format!("refs/heads/{}", repository.default_branch) {
        return Err(ApiError::says(422, "Cannot delete the default branch"));
    }
    delete_ref(&git, &name)?;
    Reply::empty()
}

pub(super) fn create_tag(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.required("Tag", "tag")?;
    let message = request.required("Tag", "message")?;
    let target = request.required("Tag", "object")?;
    let git = world.git(repo)?;
    let missing = || ApiError::says(422, "Object does not exist");
    let object =
        git.find_object(Oid::from_str(target).map_err(|_| missing())?, None).map_err(|_| missing())?;
    let given = request.body.get("tagger");
    let text = |field: &str| given.and_then(|tagger| tagger.get(field)).and_then(Value::as_str);
    let own = request.account()?.author();
    let tagger = Author {
        name: text("name").map_or(own.name, str::to_owned),
        email: text("email").map_or(own.email, str::to_owned),
    };
    let id = git.tag_annotation_create(name, &object, &tagger.at(world.now)?, message)?;
    Reply::with(git_tag(world, &request.links, repo, &git.find_tag(id)?))
}

pub(super) fn show_tag(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let id = Oid::from_str(request.value("tag_sha")?).map_err(|_| ApiError::not_found())?;
    let tag = git.find_tag(id).map_err(|_| ApiError::not_found())?;
    Reply::with(git_tag(world, &request.links, repo, &tag))
}
