//! The git database: references and annotated tags.

use git2::Oid;
use serde_json::json;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::{Author, delete_ref, is_ancestor, read_ref, set_ref};
use crate::emulator::json::{git_ref, node_id};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// References.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["git", "ref", rest @ ..]) => Some(get(world, call, repo, &rest.join("/"))),
        (Method::Get, ["git", "matching-refs", rest @ ..]) => {
            Some(matching(world, call, repo, &rest.join("/")))
        }
        (Method::Post, ["git", "refs"]) => Some(create(world, call, repo)),
        (Method::Patch, ["git", "refs", rest @ ..]) => Some(update(world, call, repo, &rest.join("/"))),
        (Method::Delete, ["git", "refs", rest @ ..]) => Some(delete(world, call, repo, &rest.join("/"))),
        (Method::Post, ["git", "tags"]) => Some(tag(world, call, repo)),
        (Method::Get, ["git", "tags", id]) => Some(get_tag(world, call, repo, id)),
        _ => None,
    }
}

fn get(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, name: &str) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let name = format!("refs/{name}");
    let target = read_ref(&git, &name).ok_or_else(ApiError::not_found)?;
    Reply::ok(git_ref(&call.links, repo, &git, &name, target))
}

fn matching(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    prefix: &str,
) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let mut found = std::collections::BTreeMap::new();
    for reference in git.references_glob(&format!("refs/{prefix}*"))? {
        let reference = reference?;
        if let (Ok(name), Some(target)) = (reference.name(), reference.target()) {
            found.insert(name.to_owned(), target);
        }
    }
    call.list(found.iter().map(|(name, target)| git_ref(&call.links, repo, &git, name, *target)).collect())
}

fn sha(call: &ApiRequest) -> Result<Oid, ApiError> {
    let text = call.required("Reference", "sha")?;
    Oid::from_str(text).map_err(|_| {
        ApiError::says(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    })
}

fn create(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let name = call.required("Reference", "ref")?;
    if !name.starts_with("refs/") || name.matches('/').count() < 2 || !git2::Reference::is_valid_name(name) {
        return Err(ApiError::says(422, "Reference name is not valid"));
    }
    let target = sha(call)?;
    let git = world.git(repo)?;
    if git.find_object(target, None).is_err() {
        return Err(ApiError::says(422, "Object does not exist"));
    }
    if !set_ref(&git, name, target, Some(Oid::ZERO_SHA1))? {
        return Err(ApiError::says(422, "Reference already exists"));
    }
    Reply::created(git_ref(&call.links, repo, &git, name, target))
}

fn update(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    let name = format!("refs/{name}");
    let target = sha(call)?;
    let git = world.git(repo)?;
    let old = read_ref(&git, &name).ok_or_else(|| ApiError::says(422, "Reference does not exist"))?;
    refuse_protected(repository, call, &name)?;
    if git.find_object(target, None).is_err() {
        return Err(ApiError::says(422, "Object does not exist"));
    }
    if !call.says("force") && !is_ancestor(&git, old, target)? {
        return Err(ApiError::says(422, "Update is not a fast forward"));
    }
    if !set_ref(&git, &name, target, Some(old))? {
        return Err(ApiError::says(422, "Reference update failed"));
    }
    Reply::ok(git_ref(&call.links, repo, &git, &name, target))
}

fn refuse_protected(
    repository: &crate::emulator::model::StoredRepository,
    call: &ApiRequest,
    name: &str,
) -> Result<(), ApiError> {
    let branch = name.strip_prefix("refs/heads/");
    let rule = branch.and_then(|branch| repository.protection_of(branch));
    let login = call.login()?;
    match rule {
        Some(rule) if !rule.may_push.contains(&login) => {
            Err(ApiError::says(422, "Reference update failed: Changes must be made through a pull request."))
        }
        _ => Ok(()),
    }
}

fn delete(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    let name = format!("refs/{name}");
    let git = world.git(repo)?;
    if read_ref(&git, &name).is_none() {
        return Err(ApiError::says(422, "Reference does not exist"));
    }
    refuse_protected(repository, call, &name)?;
    if name == format!("refs/heads/{}", repository.default_branch) {
        return Err(ApiError::says(422, "Cannot delete the default branch"));
    }
    delete_ref(&git, &name)?;
    Reply::nothing()
}

fn tag(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let name = call.required("Tag", "tag")?;
    let message = call.required("Tag", "message")?;
    let target = call.required("Tag", "object")?;
    let git = world.git(repo)?;
    let missing = || ApiError::says(422, "Object does not exist");
    let object =
        git.find_object(Oid::from_str(target).map_err(|_| missing())?, None).map_err(|_| missing())?;
    let given = call.body.get("tagger");
    let text = |field: &str| given.and_then(|tagger| tagger.get(field)).and_then(serde_json::Value::as_str);
    let own = call.account()?.author();
    let tagger = Author {
        name: text("name").map_or(own.name, str::to_owned),
        email: text("email").map_or(own.email, str::to_owned),
    };
    let id = git.tag_annotation_create(name, &object, &tagger.at(world.now)?, message)?;
    Ok(Reply { status: 201, ..show_tag(world, call, repo, &git.find_tag(id)?)? })
}

fn get_tag(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let id = Oid::from_str(id).map_err(|_| ApiError::not_found())?;
    let tag = git.find_tag(id).map_err(|_| ApiError::not_found())?;
    show_tag(world, call, repo, &tag)
}

fn show_tag(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    tag: &git2::Tag<'_>,
) -> Result<Reply, ApiError> {
    let api = call.links.api(&format!("/repos/{repo}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tagger = tag.tagger();
    let hour = tagger.as_ref().and_then(|one| jiff::Timestamp::from_second(one.when().seconds()).ok());
    let (id, target) = (tag.id(), tag.target_id());
    let kind = tag.target_type().map_or("commit", |kind| kind.str());
    Reply::ok(json!({
        "node_id": node_id("Tag", id), "sha": id.to_string(), "tag": text(tag.name_bytes()),
        "url": format!("{api}/git/tags/{id}"), "message": text(tag.message_bytes().unwrap_or_default()),
        "tagger": {
            "name": tagger.as_ref().map(|one| text(one.name_bytes())),
            "email": tagger.as_ref().map(|one| text(one.email_bytes())), "date": hour.unwrap_or(world.now),
        },
        "object": {"sha": target.to_string(), "type": kind, "url": format!("{api}/git/{kind}s/{target}")},
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null,
                         "verified_at": null},
    }))
}
