//! Where a merge puts the objects that it makes.

use std::cell::RefCell;

use git2::{ObjectType, Oid, Repository};

use crate::git::error::{GitError, WhileDoing};

/// Where objects go that are made.
#[derive(Debug)]
pub(crate) enum Sink {
    /// Into the repository, where they can be read.
    Repository,
    /// Nowhere, unless somebody has to read them after all. libgit2 looks through the directories of packs before it
    /// takes a new object, and renews the date of a pack that has it already; a pick whose tree only needs an id spares
    /// both.
    HeldBack(RefCell<Vec<(ObjectType, Vec<u8>)>>),
}

impl Sink {
    /// One that holds back.
    pub(crate) fn held_back() -> Sink {
        Sink::HeldBack(RefCell::default())
    }

    /// Takes an object and gives its id.
    pub(crate) fn put(
        &self,
        repository: &Repository,
        kind: ObjectType,
        bytes: Vec<u8>,
    ) -> Result<Oid, GitError> {
        match self {
            Sink::Repository => write(repository, kind, &bytes),
            Sink::HeldBack(held) => {
                let id = Oid::hash_object(kind, &bytes).doing(|| format!("name a {kind}"))?;
                held.borrow_mut().push((kind, bytes));
                Ok(id)
            }
        }
    }

    /// Puts what was held back into the repository.
    pub(crate) fn release(&self, repository: &Repository) -> Result<(), GitError> {
        let Sink::HeldBack(held) = self else { return Ok(()) };
        for (kind, bytes) in held.take() {
            write(repository, kind, &bytes)?;
        }
        Ok(())
    }
}

fn write(repository: &Repository, kind: ObjectType, bytes: &[u8]) -> Result<Oid, GitError> {
    repository.odb().and_then(|odb| odb.write(kind, bytes)).doing(|| format!("write a {kind}"))
}
