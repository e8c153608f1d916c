//! Files that are attached to a release, as they were when the plan was made.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// The files that Lockgate attaches, by their paths from the folder of the release file.
pub type AssetFiles = BTreeMap<String, AssetFile>;

/// A file: what is uploaded is what was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

impl AssetFile {
    /// The file of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> AssetFile {
        AssetFile { size: bytes.len() as u64, digest: Digest::of(bytes) }
    }
}

impl fmt::Display for AssetFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, sha256 {}", self.size, self.digest)
    }
}
