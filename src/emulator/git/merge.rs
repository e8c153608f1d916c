//! Merging as the server does: merge commit, squash, rebase; real conflicts by `git merge-tree` (ort).

use std::path::Path;

use git2::{Commit, Oid, Repository, Signature, Time};
use jiff::Timestamp;

use super::program::{GitFailure, output};
use super::{commits_between, is_ancestor, message_of};
use crate::emulator::spec::MergeStyle;

/// A person in a commit.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Author {
    /// GitHub itself, the committer of what is merged on its pages.
    pub(crate) fn github() -> Author {
        Author { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned() }
    }

    /// The author at a time of the world.
    pub(crate) fn at(&self, time: Timestamp) -> Result<Signature<'static>, git2::Error> {
        Signature::new(&self.name, &self.email, &Time::new(time.as_second(), 0))
    }
}

/// What happened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeFailure {
    /// libgit2 could not read or write an object.
    #[error(transparent)]
    Objects(#[from] git2::Error),
    /// The `git` program could not be run, or failed for another reason than a conflict.
    #[error(transparent)]
    Program(#[from] GitFailure),
}

/// The tree of `theirs` merged into `ours`, or `None` where they conflict.
///
/// `base` is given to pick a single commit (its parent), else git looks for the merge base.
pub(crate) fn merged_tree(
    repository: &Repository,
    base: Option<Oid>,
    ours: Oid,
    theirs: Oid,
) -> Result<Option<Oid>, MergeFailure> {
    // The common case of a release day: the branch is ahead of its base and nothing else happened.
    let ahead = match base {
        Some(base) => base == ours,
        None => is_ancestor(repository, ours, theirs)?,
    };
    if ahead {
        return Ok(Some(repository.find_commit(theirs)?.tree_id()));
    }
    let ours = match base {
        Some(base) => standing_on(repository, base, ours)?,
        None => ours,
    };
    let (ours, theirs) = (ours.to_string(), theirs.to_string());
    let mut arguments = vec!["merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories"];
    arguments.extend([ours.as_str(), theirs.as_str()]);
    let result = output(Path::new(repository.path()), &arguments)?;
    let text = String::from_utf8_lossy(&result.stdout);
    match result.status.code() {
        Some(0) => Ok(Some(Oid::from_str(text.lines().next().unwrap_or_default())?)),
        Some(1) => Ok(None),
        _ => Err(MergeFailure::Program(GitFailure::Failed {
            arguments: arguments.join(" "),
            message: String::from_utf8_lossy(&result.stderr).trim().to_owned(),
        })),
    }
}

/// A commit with the tree of `commit` that stands on `base`, so that git finds this base and no other: the option that
/// names one came with git 2.40.
fn standing_on(repository: &Repository, base: Oid, commit: Oid) -> Result<Oid, git2::Error> {
    let tree = repository.find_commit(commit)?.tree()?;
    let nobody = Signature::new("nobody", "nobody@localhost", &Time::new(0, 0))?;
    repository.commit(
        None,
        &nobody,
        &nobody,
        "stands on another base\n",
        &tree,
        &[&repository.find_commit(base)?],
    )
}

/// A merge that is asked for.
pub(crate) struct Merging {
    pub(crate) base: Oid,
    pub(crate) head: Oid,
    pub(crate) method: MergeStyle,
    pub(crate) message: String,
    pub(crate) author: Author,
    pub(crate) time: Timestamp,
}

/// Makes the commits of the merge, without moving any reference. `None`: they conflict.
pub(crate) fn make_merge(repository: &Repository, merging: &Merging) -> Result<Option<Oid>, MergeFailure> {
    if merging.method == MergeStyle::Rebase {
        return rebased(repository, merging);
    }
    let Some(tree) = merged_tree(repository, None, merging.base, merging.head)? else {
        return Ok(None);
    };
    let tree = repository.find_tree(tree)?;
    let base = repository.find_commit(merging.base)?;
    let head = repository.find_commit(merging.head)?;
    let parents: Vec<&Commit<'_>> = match merging.method {
        MergeStyle::Merge => vec![&base, &head],
        _ => vec![&base],
    };
    let author = merging.author.at(merging.time)?;
    let committer = Author::github().at(merging.time)?;
    Ok(Some(repository.commit(None, &author, &committer, &merging.message, &tree, &parents)?))
}

fn rebased(repository: &Repository, merging: &Merging) -> Result<Option<Oid>, MergeFailure> {
    let mut tip = merging.base;
    let committer = merging.author.at(merging.time)?;
    for commit in commits_between(repository, merging.base, merging.head)? {
        let commit = repository.find_commit(commit)?;
        if commit.parent_count() > 1 {
            continue;
        }
        let parent = commit.parent_id(0).ok();
        let Some(tree) = merged_tree(repository, parent, tip, commit.id())? else {
            return Ok(None);
        };
        let tree = repository.find_tree(tree)?;
        let onto = repository.find_commit(tip)?;
        if tree.id() == onto.tree_id() {
            continue;
        }
        let message = message_of(&commit);
        tip = repository.commit(None, &commit.author(), &committer, &message, &tree, &[&onto])?;
    }
    Ok(Some(tip))
}
