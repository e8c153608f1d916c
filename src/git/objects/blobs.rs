//! Blobs, and the texts in them.

use git2::{Blob, ErrorCode, Oid};

use super::store::{Store, lookup};
use crate::git::error::GitError;

/// How many leading bytes git looks at to tell a binary file (`buffer_is_binary`).
const BINARY_PROBE: usize = 8000;

/// Whether git would call this content binary.
pub(crate) fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(BINARY_PROBE)].contains(&0)
}

impl Store {
    /// A blob; `None` if this clone lacks it. One that is here and cannot be read is an error: it is no sign of anything.
    pub(crate) fn blob_if_here(&self, id: Oid) -> Result<Option<Blob<'_>>, GitError> {
        match self.raw().find_blob(id) {
            Ok(blob) => Ok(Some(blob)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(source) => Err(lookup(id, source)),
        }
    }

    /// A blob's text; `None` if it is not text, or not in this clone.
    pub(crate) fn text_if_here(&self, id: Oid) -> Result<Option<Vec<u8>>, GitError> {
        let blob = self.blob_if_here(id)?;
        Ok(blob.filter(|blob| !is_binary(blob.content())).map(|blob| blob.content().to_vec()))
    }
}
