//! The git database: blobs, trees and commits, read and made.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository as Git};
use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::Author;
use crate::emulator::json::{commit, node_id};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

fn id(text: &str) -> Result<Oid, ApiError> {
    Oid::from_str(text).map_err(|_| ApiError::not_found())
}

/// `GET …/git/blobs/{file_sha}`
pub(super) fn blob(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let found = git.find_blob(id(request.value("file_sha")?)?).map_err(|_| ApiError::not_found())?;
    let sha = found.id().to_string();
    Reply::with(json!({
        "sha": sha, "node_id": node_id("Blob", &sha), "size": found.size(), "encoding": "base64",
        "url": request.links.api(&format!("/repos/{repo}/git/blobs/{sha}")),
        "content": STANDARD.encode(found.content()),
    }))
}

/// `POST …/git/blobs`
pub(super) fn create_blob(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let content = request.required("Blob", "content")?;
    let bytes = match request.text("encoding") {
        Some("base64") => decoded(content)?,
        _ => content.as_bytes().to_vec(),
    };
    let sha = world.git(repo)?.blob(&bytes)?.to_string();
    let url = request.links.api(&format!("/repos/{repo}/git/blobs/{sha}"));
    Reply::with(json!({"sha": sha, "url": url}))
}

/// Base64, in lines or not.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, ApiError> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    STANDARD.decode(plain).map_err(|_| ApiError::says(422, "content is not valid Base64"))
}

/// `GET …/git/trees/{tree_sha}`
pub(super) fn tree(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let object = git.revparse_single(request.value("tree_sha")?).map_err(|_| ApiError::not_found())?;
    let tree = object.peel_to_tree().map_err(|_| ApiError::not_found())?;
    shown(request, repo, &git, &tree, request.query("recursive").is_some())
}

fn shown(
    request: &ApiRequest,
    repo: &RepoName,
    git: &Git,
    tree: &git2::Tree<'_>,
    is_recursive: bool,
) -> RouteResult {
    let mut all = Vec::new();
    let api = request.links.api(&format!("/repos/{repo}/git"));
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
        let (sha, mode) = (entry.id().to_string(), format!("{:06o}", entry.filemode()));
        let mut one = json!({"path": format!("{folder}{name}"), "mode": mode, "sha": sha});
        let (kind, place) = match entry.kind() {
            Some(ObjectType::Tree) => ("tree", Some("trees")),
            Some(ObjectType::Commit) => ("commit", None),
            _ => ("blob", Some("blobs")),
        };
        one["type"] = json!(kind);
        if kind == "blob" {
            let size = git.odb().and_then(|odb| odb.read_header(entry.id())).map_or(0, |(size, _)| size);
            one["size"] = json!(size);
        }
        if let Some(place) = place {
            one["url"] = json!(format!("{api}/{place}/{sha}"));
        }
        all.push(one);
        // Above zero: this entry is not entered.
        i32::from(!is_recursive)
    })?;
    let sha = tree.id().to_string();
    Reply::with(json!({"sha": sha, "url": format!("{api}/trees/{sha}"), "tree": all, "truncated": false}))
}

/// `POST …/git/trees`
pub(super) fn create_tree(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let base = match request.text("base_tree") {
        Some(base) => {
            let object = git.find_object(id(base)?, None).map_err(|_| ApiError::not_found())?;
            object.peel_to_tree().map_err(|_| ApiError::not_found())?
        }
        None => git.find_tree(git.treebuilder(None)?.write()?)?,
    };
    let entries = request.body.get("tree").and_then(Value::as_array);
    let entries = entries.ok_or_else(|| ApiError::invalid("Tree", "tree", "missing_field"))?;
    let mut builder = TreeUpdateBuilder::new();
    for entry in entries {
        let path =
            entry["path"].as_str().ok_or_else(|| ApiError::says(422, "Must supply a valid tree.path"))?;
        let blob = match (&entry["sha"], entry["content"].as_str()) {
            (_, Some(content)) => git.blob(content.as_bytes())?,
            (Value::String(sha), None) => id(sha)?,
            _ => {
                builder.remove(path);
                continue;
            }
        };
        builder.upsert(path, blob, mode(entry["mode"].as_str()));
    }
    let made = git.find_tree(builder.create_updated(&git, &base)?)?;
    shown(request, repo, &git, &made, false)
}

fn mode(word: Option<&str>) -> FileMode {
    match word {
        Some("100755") => FileMode::BlobExecutable,
        Some("120000") => FileMode::Link,
        Some("160000") => FileMode::Commit,
        Some("040000") => FileMode::Tree,
        _ => FileMode::Blob,
    }
}

/// A commit of the git database: the same facts as elsewhere, one level up.
pub(super) fn git_commit(request: &ApiRequest, repo: &RepoName, found: &git2::Commit<'_>) -> Value {
    let whole = commit(&request.links, repo, found);
    let mut plain = whole["commit"].clone();
    for key in ["sha", "node_id", "html_url", "parents"] {
        plain[key] = whole[key].clone();
    }
    if let Some(plain) = plain.as_object_mut() {
        plain.remove("comment_count");
    }
    plain
}

/// `GET …/git/commits/{commit_sha}`
pub(super) fn show_commit(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let found = git.find_commit(id(request.value("commit_sha")?)?).map_err(|_| ApiError::not_found())?;
    Reply::with(git_commit(request, repo, &found))
}

/// Somebody whom the body names under this key, as far as it does.
pub(super) fn person(request: &ApiRequest, key: &str, otherwise: &Author) -> Author {
    let text = |field: &str| request.body.get(key).and_then(|person| person[field].as_str());
    Author {
        name: text("name").unwrap_or(&otherwise.name).to_owned(),
        email: text("email").unwrap_or(&otherwise.email).to_owned(),
    }
}

/// `POST …/git/commits`
pub(super) fn create_commit(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let missing = || ApiError::says(422, "Tree SHA does not exist");
    let tree = git.find_tree(id(request.required("Commit", "tree")?)?).map_err(|_| missing())?;
    let mut parents = Vec::new();
    for parent in request.texts("parents").unwrap_or_default() {
        let parent = git.find_commit(id(&parent)?);
        parents.push(
            parent.map_err(|_| ApiError::says(422, "Parent SHA does not exist or is not a commit object"))?,
        );
    }
    let author = person(request, "author", &request.account()?.author());
    let committer = person(request, "committer", &author);
    let message = request.required("Commit", "message")?;
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    let made =
        git.commit(None, &author.at(world.now)?, &committer.at(world.now)?, message, &tree, &parents)?;
    Reply::with(git_commit(request, repo, &git.find_commit(made)?))
}
