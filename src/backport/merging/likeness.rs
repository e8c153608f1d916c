//! How alike two files are, remembered by their ids over all searches of one picker: the lines of one project share most
//! files, so most questions come again.

use std::sync::Arc;

use git2::{ObjectType, Oid, Repository};

use super::similarity::{Fingerprint, sizes_allow};
use crate::git::plumbing::{ById, ByPair, EntryKind, TreeEntry};

/// Whether two files of these sizes could be half alike.
pub(in crate::backport) fn are_possible(old: u64, new: u64) -> bool {
    old > 0 && new > 0 && sizes_allow(old, new)
}

/// What is known of files that were compared.
#[derive(Default)]
pub(in crate::backport) struct Likeness {
    sizes: ById<u64>,
    fingerprints: ById<Option<Arc<Fingerprint>>>,
    scores: ByPair<u64>,
}

impl Likeness {
    /// A file's size in bytes, by which [`are_possible`] spares reading it; zero for what is like nothing else.
    pub(in crate::backport) fn size_of(&mut self, repository: &Repository, entry: TreeEntry) -> u64 {
        if entry.kind() == EntryKind::File { self.size(repository, entry.id) } else { 0 }
    }

    /// The score of turning one file into the other, on the scale of [`similarity`](super::similarity).
    pub(in crate::backport) fn score(
        &mut self,
        repository: &Repository,
        old: TreeEntry,
        new: TreeEntry,
    ) -> u64 {
        let pair = (Some(old.id), Some(new.id));
        if let Some(score) = self.scores.get(&pair) {
            return *score;
        }
        if !are_possible(self.size_of(repository, old), self.size_of(repository, new)) {
            return 0;
        }
        let (one, two) = (self.fingerprint(repository, old.id), self.fingerprint(repository, new.id));
        let score = one.zip(two).map_or(0, |(one, two)| one.score(&two));
        self.scores.insert(pair, score);
        score
    }

    /// A blob that is not in this clone has no size to compare: zero is like nothing else.
    fn size(&mut self, repository: &Repository, id: Oid) -> u64 {
        *self.sizes.entry(id).or_insert_with(|| match repository.odb().and_then(|odb| odb.read_header(id)) {
            Ok((size, ObjectType::Blob)) => size as u64,
            Ok(_) | Err(_) => 0,
        })
    }

    /// `None` for a blob that this clone lacks: it cannot be a candidate.
    fn fingerprint(&mut self, repository: &Repository, id: Oid) -> Option<Arc<Fingerprint>> {
        let read = || repository.find_blob(id).ok().map(|blob| Arc::new(Fingerprint::of(blob.content())));
        self.fingerprints.entry(id).or_insert_with(read).clone()
    }
}
