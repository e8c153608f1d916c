//! Maps keyed by object ids. An id is a hash already, so hashing it again would only cost time.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use git2::Oid;

/// A map from object ids.
pub(crate) type ById<V> = HashMap<Oid, V, BuildHasherDefault<IdHasher>>;
/// A map from pairs of object ids.
pub(crate) type ByPair<V> = HashMap<(Option<Oid>, Option<Oid>), V, BuildHasherDefault<IdHasher>>;

/// A set of object ids.
pub(crate) type Ids = HashSet<Oid, BuildHasherDefault<IdHasher>>;

/// Takes the first bytes of an id as its hash.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let first = bytes.first_chunk().map_or(0, |first| u64::from_ne_bytes(*first));
        self.0 = self.0.rotate_left(17) ^ first;
    }

    /// The length of an id tells nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
