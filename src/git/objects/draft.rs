//! A draft: a handle on a repository whose writes stay in memory until somebody keeps them.

use git2::{ObjectType, Oid};

use super::store::{Store, lookup, oid, tree_oid};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

/// Above the priorities of libgit2's own backends (loose 1, packs 2): every write goes to memory.
const FIRST: i32 = 1000;

impl Store {
    /// Another handle on the same repository whose objects go to memory. References are read from the repository,
    /// and must not be written through a draft: they would name objects that nobody else sees.
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone.
    pub fn draft(&self) -> Result<Store, GitError> {
        self.again()?.into_draft()
    }

    /// This handle as such a one.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if its objects cannot be reached.
    pub fn into_draft(self) -> Result<Store, GitError> {
        {
            let odb = self.raw().odb().doing(|| "reach the objects".to_owned())?;
            odb.add_new_mempack_backend(FIRST).doing(|| "make an in-memory store".to_owned())?;
        }
        Ok(self)
    }

    /// Copies a commit of `draft`, with whatever it needs that is not here yet, into this repository. Writes.
    /// Parents come first, so that an interruption leaves no commit without its history.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the draft has no such commit, [`GitError::Libgit2`] if this store cannot be written.
    pub fn keep(&self, draft: &Store, commit: &CommitId) -> Result<(), GitError> {
        let mut waiting = vec![oid(commit)?];
        let mut order = Vec::new();
        while let Some(id) = waiting.pop() {
            if self.has(id)? || order.contains(&id) {
                continue;
            }
            let found = draft.raw().find_commit(id).map_err(|source| lookup(id, source))?;
            order.push(id);
            waiting.extend(found.parent_ids());
        }
        for id in order.into_iter().rev() {
            let found = draft.raw().find_commit(id).map_err(|source| lookup(id, source))?;
            self.keep_tree(draft, found.tree_id())?;
            self.copy(draft, id)?;
        }
        Ok(())
    }

    /// Copies a tree of `draft` that no commit has, as [`Store::keep`] copies a commit. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the draft has no such tree, [`GitError::Libgit2`] if this store cannot be written.
    pub fn keep_files(&self, draft: &Store, tree: &TreeId) -> Result<(), GitError> {
        self.keep_tree(draft, tree_oid(tree)?)
    }

    /// Copies a tree of `draft` with everything below it that is not here yet. Writes.
    pub(crate) fn keep_tree(&self, draft: &Store, tree: Oid) -> Result<(), GitError> {
        if self.has(tree)? {
            return Ok(());
        }
        let found = draft.raw().find_tree(tree).map_err(|source| lookup(tree, source))?;
        for entry in &found {
            match entry.kind() {
                Some(ObjectType::Tree) => self.keep_tree(draft, entry.id())?,
                // A blob that neither has is on the other side of a partial clone, and was not made by us.
                Some(ObjectType::Blob) if !self.has(entry.id())? && draft.has(entry.id())? => {
                    self.copy(draft, entry.id())?;
                }
                _ => {}
            }
        }
        self.copy(draft, tree)
    }

    fn has(&self, id: Oid) -> Result<bool, GitError> {
        Ok(self.raw().odb().doing(|| "reach the objects".to_owned())?.exists(id))
    }

    fn copy(&self, draft: &Store, id: Oid) -> Result<(), GitError> {
        let from = draft.raw().odb().doing(|| "reach the draft".to_owned())?;
        let object = from.read(id).map_err(|source| lookup(id, source))?;
        let to = self.raw().odb().doing(|| "reach the objects".to_owned())?;
        to.write(object.kind(), object.data()).doing(|| format!("keep object {id}"))?;
        Ok(())
    }
}
