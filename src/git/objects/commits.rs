//! What commits say about themselves, and how they stand to one another.

use git2::Sort;

use super::signature::Signature;
use super::store::{Store, commit_id, lookup, oid, tree_id};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

/// A commit, as far as picking and showing it needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CommitInfo {
    /// Its id.
    pub id: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Its parents, the first being the branch it was made on.
    pub parents: Vec<CommitId>,
    /// Who wrote it, and when.
    pub author: Signature,
    /// Who put it there, and when.
    pub committer: Signature,
    /// The whole message. Bytes that are no UTF-8 are replaced.
    pub message: String,
}

impl CommitInfo {
    /// The first line of the message; empty for an empty message.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.message.trim_start().lines().next().unwrap_or("").trim_end()
    }

    /// Whether it has more than one parent.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }
}

impl Store {
    /// A commit's own account of itself.
    ///
    /// # Errors
    /// [`GitError::Missing`] if it is not here.
    pub fn commit_info(&self, id: &CommitId) -> Result<CommitInfo, GitError> {
        info(&self.find_commit(id)?)
    }

    /// Whether `ancestor` is `commit` or is reached from it through parents.
    ///
    /// # Errors
    /// [`GitError::Missing`] if either is not here, or the clone is too shallow to say.
    pub fn is_ancestor(&self, ancestor: &CommitId, commit: &CommitId) -> Result<bool, GitError> {
        if ancestor == commit {
            return Ok(true);
        }
        let (below, above) = (oid(ancestor)?, oid(commit)?);
        self.raw().graph_descendant_of(above, below).or_else(|source| {
            // It does not say which of the two is not here.
            self.find_commit(ancestor)?;
            self.find_commit(commit)?;
            Err(lookup(above, source))
        })
    }

    /// The trees before and after a commit; for a root commit the empty tree stands before.
    pub(crate) fn commit_trees(&self, commit: &CommitId) -> Result<(TreeId, TreeId), GitError> {
        let info = self.commit_info(commit)?;
        let from = match info.parents.first() {
            Some(parent) => self.tree_of(parent)?,
            None => self.draft()?.empty_tree()?,
        };
        Ok((from, info.tree))
    }

    /// Refuses a fix of which no commit changes anything: it would be found everywhere.
    ///
    /// # Errors
    /// [`GitError::ChangesNothing`], and [`GitError::Missing`] if a commit is not here.
    pub fn check_fix(&self, fix: &[CommitId]) -> Result<(), GitError> {
        for commit in fix {
            let (before, after) = self.commit_trees(commit)?;
            if before != after {
                return Ok(());
            }
        }
        fix.first().map_or(Ok(()), |id| Err(GitError::ChangesNothing { id: id.clone() }))
    }

    /// The commits of `base..head`, oldest first, parents before children. Merges are included.
    ///
    /// # Errors
    /// [`GitError::Missing`] if either is not here.
    pub fn commits_between(&self, base: &CommitId, head: &CommitId) -> Result<Vec<CommitId>, GitError> {
        let mut walk = self.raw().revwalk().doing(|| "walk the history".to_owned())?;
        let order = Sort::TOPOLOGICAL | Sort::REVERSE;
        walk.set_sorting(order).doing(|| "order the history".to_owned())?;
        walk.push(oid(head)?)
            .map_err(|source| GitError::Libgit2 { action: format!("walk from {head}"), source })?;
        walk.hide(oid(base)?)
            .map_err(|source| GitError::Libgit2 { action: format!("walk to {base}"), source })?;
        walk.map(|id| commit_id(id.doing(|| format!("walk {base}..{head}"))?)).collect()
    }

    /// The best common ancestors of two commits, several where their histories crossed.
    ///
    /// # Errors
    /// [`GitError::Missing`] if either is not here.
    pub fn merge_bases(&self, one: &CommitId, two: &CommitId) -> Result<Vec<CommitId>, GitError> {
        match self.raw().merge_bases(oid(one)?, oid(two)?) {
            Ok(found) => found.iter().map(|id| commit_id(*id)).collect(),
            Err(error) => self.no_base(error, (one, two)).map(|()| Vec::new()),
        }
    }

    /// The best common ancestor of two commits; `None` if they share none.
    ///
    /// # Errors
    /// [`GitError::Missing`] if either is not here.
    pub fn merge_base(&self, one: &CommitId, two: &CommitId) -> Result<Option<CommitId>, GitError> {
        match self.raw().merge_base(oid(one)?, oid(two)?) {
            Ok(id) => Ok(Some(commit_id(id)?)),
            Err(error) => self.no_base(error, (one, two)).map(|()| None),
        }
    }

    /// Nothing was found: either they share nothing or one of them is missing, which is worth an error of its own.
    fn no_base(&self, source: git2::Error, (one, two): (&CommitId, &CommitId)) -> Result<(), GitError> {
        if source.code() != git2::ErrorCode::NotFound {
            return Err(GitError::Libgit2 { action: format!("find the base of {one} and {two}"), source });
        }
        self.find_commit(one)?;
        self.find_commit(two)?;
        Ok(())
    }
}

pub(crate) fn info(commit: &git2::Commit<'_>) -> Result<CommitInfo, GitError> {
    Ok(CommitInfo {
        id: commit_id(commit.id())?,
        tree: tree_id(commit.tree_id())?,
        parents: written_parents(commit)?,
        author: Signature::of(&commit.author()),
        committer: Signature::of(&commit.committer()),
        message: String::from_utf8_lossy(commit.message_raw_bytes()).into_owned(),
    })
}

/// The parents that the commit names. libgit2 hides those that a shallow clone has cut off, and then a commit at the
/// edge would look like the first of its history.
fn written_parents(commit: &git2::Commit<'_>) -> Result<Vec<CommitId>, GitError> {
    let header = String::from_utf8_lossy(commit.raw_header_bytes());
    header.lines().filter_map(|line| line.strip_prefix("parent ")).map(|id| Ok(id.trim().parse()?)).collect()
}
