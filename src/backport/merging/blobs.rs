//! Texts that were read, kept for a while: a fix brings the same two to every branch, and neighbouring branches have the third
//! in common.

use std::sync::Arc;

use git2::{Oid, Repository};

use crate::git::plumbing::ById;

/// How many bytes one generation holds at most, before the older one goes.
const MOST: usize = 12 << 20;

/// Blobs by their ids, in two generations: what is asked for again is taken over into the younger one.
#[derive(Default)]
pub(in crate::backport) struct Blobs {
    young: ById<Arc<[u8]>>,
    old: ById<Arc<[u8]>>,
    /// How many bytes the younger one holds.
    bytes: usize,
}

impl Blobs {
    /// A blob; `None` if it cannot be read here.
    pub(in crate::backport) fn read(&mut self, repository: &Repository, id: Oid) -> Option<Arc<[u8]>> {
        if let Some(known) = self.young.get(&id) {
            return Some(Arc::clone(known));
        }
        let read = || repository.find_blob(id).ok().map(|blob| Arc::from(blob.content()));
        let blob: Arc<[u8]> = self.old.remove(&id).or_else(read)?;
        if self.bytes + blob.len() > MOST {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += blob.len();
        self.young.insert(id, Arc::clone(&blob));
        Some(blob)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Store;

    #[test]
    fn what_was_read_is_read_again_and_memory_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let big = |byte: u8| store.raw().blob(&vec![byte; MOST / 2 + 1]).unwrap();
        let (ids, mut blobs) = ([1, 2, 3, 4].map(big), Blobs::default());
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(blobs.read(store.raw(), *id).unwrap()[0], u8::try_from(at).unwrap() + 1);
            assert!(blobs.young.len() + blobs.old.len() <= 2);
        }
        assert!(blobs.old.contains_key(&ids[2]) && blobs.young.contains_key(&ids[3]));
        assert_eq!(blobs.read(store.raw(), ids[2]).unwrap()[0], 3);
        assert!(blobs.young.contains_key(&ids[2]), "what is asked for again stays");
        assert!(blobs.read(store.raw(), Oid::ZERO_SHA1).is_none());
    }
}
