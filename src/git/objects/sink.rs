//! Where a merge puts the objects that it makes.

use std::cell::RefCell;

use git2::{ObjectType, Oid, Repository};
use sha1::{Digest as _, Sha1};

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
                let id = name(kind, &bytes).doing(|| format!("name a {kind}"))?;
                held.borrow_mut().push((kind, bytes));
                Ok(id)
            }
        }
    }

    /// Takes a text with conflict markers. Held back it has no name either: whoever tries a pick only asks whether it goes in.
    pub(crate) fn put_marked(&self, repository: &Repository, text: Vec<u8>) -> Result<Oid, GitError> {
        match self {
            Sink::Repository => write(repository, ObjectType::Blob, &text),
            Sink::HeldBack(_) => Ok(Oid::ZERO_SHA1),
        }
    }

    /// Whether there is a tree for a merge with conflicts.
    pub(crate) fn takes_marked(&self) -> bool {
        matches!(self, Sink::Repository)
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

/// The name that git gives to an object. libgit2 would also look for signs of a forged collision, which takes ten times as
/// long; what is only named here can take nobody's place, and what is written is looked at.
fn name(kind: ObjectType, bytes: &[u8]) -> Result<Oid, git2::Error> {
    let header = format!("{kind} {}\0", bytes.len());
    Oid::from_bytes(&Sha1::new().chain_update(header).chain_update(bytes).finalize())
}

fn write(repository: &Repository, kind: ObjectType, bytes: &[u8]) -> Result<Oid, GitError> {
    repository.odb().and_then(|odb| odb.write(kind, bytes)).doing(|| format!("write a {kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_has_the_name_that_git_gives_it() {
        for (kind, bytes) in
            [(ObjectType::Blob, &b"lock\n"[..]), (ObjectType::Tree, b""), (ObjectType::Blob, b"")]
        {
            assert_eq!(name(kind, bytes).unwrap(), Oid::hash_object(kind, bytes).unwrap());
        }
    }
}
