//! `PUT` and `DELETE R/contents/{path}`: one file changed by one commit, without git.

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, Oid};
use serde_json::{Value, json};

use super::contents::file_facts;
use super::git_data::{decoded, git_commit, person};
use super::references::is_protected;
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{branch_tip, set_ref, tree_entry};
use crate::emulator::world::{EmulatedWorld, Handle};
use crate::ids::RepoName;

/// `PUT …/contents/{path}`: 201 for a new file, 200 for one that was there.
pub(super) fn put(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let bytes = decoded(request.required("Contents", "content")?)?;
    let change = FileChange::of(world, request, repo)?;
    let there = change.is_replaceable(request.text("sha"))?;
    let blob = change.git.blob(&bytes)?;
    let mode = if change.is_executable() { FileMode::BlobExecutable } else { FileMode::Blob };
    let made = change.commit(world, request, "create", |builder, path| {
        builder.upsert(path, blob, mode);
    })?;
    let content = file_facts(request, repo, change.path, &change.branch, &blob.to_string(), bytes.len());
    let reply = Reply::with(json!({"content": content, "commit": made}))?;
    Ok(reply.status(if there { 200 } else { 201 }))
}

/// `DELETE …/contents/{path}`
pub(super) fn delete(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let change = FileChange::of(world, request, repo)?;
    if !change.is_replaceable(request.text("sha"))? {
        return Err(ApiError::not_found());
    }
    let made = change.commit(world, request, "delete", |builder, path| {
        builder.remove(path);
    })?;
    Reply::with(json!({"content": null, "commit": made}))
}

/// A file of a branch that is about to change.
struct FileChange<'r> {
    git: Handle,
    repo: &'r RepoName,
    path: &'r str,
    branch: String,
    tip: Oid,
}

impl<'r> FileChange<'r> {
    fn of(
        world: &EmulatedWorld,
        request: &'r ApiRequest,
        repo: &'r RepoName,
    ) -> Result<FileChange<'r>, ApiError> {
        let git = world.git(repo)?;
        let branch = request.text("branch").unwrap_or(&world.repository(repo)?.default_branch).to_owned();
        let tip = branch_tip(&git, &branch)
            .ok_or_else(|| ApiError::says(404, format!("Branch {branch} not found")))?;
        Ok(FileChange { git, repo, path: request.value("path")?.trim_matches('/'), branch, tip })
    }

    /// Whether a file is there, which the caller has seen as it is: GitHub wants to be told its blob.
    fn is_replaceable(&self, seen: Option<&str>) -> Result<bool, ApiError> {
        let there = tree_entry(&self.git, self.tip, self.path).map(|(object, _)| object.id().to_string());
        match (there, seen) {
            (None, None) => Ok(false),
            (Some(there), Some(seen)) if there == seen => Ok(true),
            (Some(_), None) => Err(ApiError::says(422, "Invalid request.\n\n\"sha\" wasn't supplied.")),
            (_, Some(seen)) => Err(ApiError::says(409, format!("{} does not match {seen}", self.path))),
        }
    }

    fn is_executable(&self) -> bool {
        tree_entry(&self.git, self.tip, self.path).is_some_and(|(_, mode)| mode == 0o100_755)
    }

    /// Makes the commit, and moves the branch to it.
    fn commit(
        &self,
        world: &EmulatedWorld,
        request: &ApiRequest,
        verb: &str,
        change: impl FnOnce(&mut TreeUpdateBuilder, &str),
    ) -> Result<Value, ApiError> {
        let name = format!("refs/heads/{}", self.branch);
        if is_protected(world.repository(self.repo)?, request, &name)? {
            let message = format!("Could not {verb} file: Changes must be made through a pull request.");
            return Err(ApiError::says(409, message));
        }
        let parent = self.git.find_commit(self.tip)?;
        let mut builder = TreeUpdateBuilder::new();
        change(&mut builder, self.path);
        let tree = self.git.find_tree(builder.create_updated(&self.git, &parent.tree()?)?)?;
        let author = person(request, "author", &request.account()?.author());
        let committer = person(request, "committer", &author);
        let message = request.required("Contents", "message")?;
        let (author, committer) = (author.at(world.now)?, committer.at(world.now)?);
        let made = self.git.commit(None, &author, &committer, message, &tree, &[&parent])?;
        if !set_ref(&self.git, &name, made, Some(self.tip))? {
            return Err(ApiError::says(409, format!("{} is at another commit", self.branch)));
        }
        Ok(git_commit(request, self.repo, &self.git.find_commit(made)?))
    }
}
