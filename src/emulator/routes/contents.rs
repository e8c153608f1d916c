//! `GET R/contents/{path}`: files and directories at a reference.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::ObjectType;
use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{resolve, tree_entry};
use crate::emulator::json::encode;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// `GET …/contents/{path}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let name = request.query("ref").unwrap_or(&world.repository(repo)?.default_branch);
    let id = resolve(&git, name)
        .ok_or_else(|| ApiError::says(404, format!("No commit found for the ref {name}")))?;
    let path = request.value("path")?.trim_matches('/');
    let (object, mode) = tree_entry(&git, id, path).ok_or_else(ApiError::not_found)?;
    if let Some(tree) = object.as_tree() {
        let mut list = Vec::new();
        for entry in tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let full = if path.is_empty() { name } else { format!("{path}/{name}") };
            let kind = match entry.kind() {
                Some(ObjectType::Tree) => "dir",
                Some(ObjectType::Blob) if entry.filemode() == 0o120_000 => "symlink",
                // This API version lists submodules as files.
                _ => "file",
            };
            let size = if kind == "dir" { 0 } else { blob_size(&git, entry.id()) };
            list.push(facts(request, repo, &full, name_of(request, id), &entry.id().to_string(), kind, size));
        }
        return request.list(list);
    }
    let Some(blob) = object.as_blob() else { return Err(ApiError::not_found()) };
    if request.wants("raw") {
        return Reply::file("application/vnd.github.raw; charset=utf-8", blob.content().to_vec());
    }
    let kind = if mode == 0o120_000 { "symlink" } else { "file" };
    let id_text = blob.id().to_string();
    let mut whole = facts(request, repo, path, name_of(request, id), &id_text, kind, blob.size());
    if kind == "symlink" {
        whole["target"] = json!(String::from_utf8_lossy(blob.content()));
    } else {
        whole["content"] = json!(wrapped(&STANDARD.encode(blob.content())));
        whole["encoding"] = json!("base64");
    }
    Reply::with(whole)
}

fn name_of(request: &ApiRequest, id: git2::Oid) -> String {
    request.query("ref").map_or_else(|| id.to_string(), str::to_owned)
}

fn blob_size(git: &git2::Repository, id: git2::Oid) -> usize {
    git.odb().and_then(|odb| odb.read_header(id)).map_or(0, |(size, _)| size)
}

/// GitHub breaks the lines of base64 at 60 letters.
fn wrapped(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 60 + 1);
    for (index, letter) in text.char_indices() {
        lines.push(letter);
        if index % 60 == 59 {
            lines.push('\n');
        }
    }
    if !lines.ends_with('\n') {
        lines.push('\n');
    }
    lines
}

/// What is said of a file of a branch.
pub(super) fn file_facts(
    request: &ApiRequest,
    repo: &RepoName,
    path: &str,
    branch: &str,
    sha: &str,
    size: usize,
) -> Value {
    let mut facts = facts(request, repo, path, branch.to_owned(), sha, "file", size);
    let raw = format!("/{repo}/raw/{}/{}", encode(branch), encode(path));
    facts["download_url"] = json!(request.links.web(&raw));
    facts
}

fn facts(
    request: &ApiRequest,
    repo: &RepoName,
    path: &str,
    reference: String,
    sha: &str,
    kind: &str,
    size: usize,
) -> Value {
    let encoded = encode(path);
    let url = request.links.api(&format!("/repos/{repo}/contents/{encoded}?ref={}", encode(&reference)));
    let git_url = request.links.api(&format!("/repos/{repo}/git/blobs/{sha}"));
    let html = request.links.web(&format!("/{repo}/blob/{}/{encoded}", encode(&reference)));
    json!({
        "type": kind, "size": size, "name": path.rsplit('/').next().unwrap_or(path), "path": path, "sha": sha,
        "url": url, "git_url": git_url, "html_url": html, "download_url": null,
        "_links": {"self": url, "git": git_url, "html": html},
    })
}
