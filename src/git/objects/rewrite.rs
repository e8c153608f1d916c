//! Making a picked commit: the author's line byte for byte, the message with its trailer, the committer ours.

use super::committer::{CommitText, Committer};
use super::message::with_trailer;
use super::store::Store;
use crate::git::error::GitError;
use crate::ids::{CommitId, TreeId};

impl Store {
    /// Commits `tree` on top of `parent` as a pick of `fix`: author, author date, message and its encoding are the
    /// fix's, the trailer `(cherry picked from commit …)` and the committer's sign-off are added, the fix's own signature
    /// is dropped because it would no longer hold. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the fix is not here, [`GitError::Signing`] if the pick cannot be signed.
    pub fn commit_pick(
        &self,
        fix: &CommitId,
        tree: &TreeId,
        parent: &CommitId,
        committer: &Committer,
    ) -> Result<CommitId, GitError> {
        let source = self.find_commit(fix)?;
        let header = source.raw_header_bytes();
        let field = |name: &[u8]| {
            let line = header.split(|&byte| byte == b'\n').find(|line| line.starts_with(name));
            line.map(<[u8]>::to_vec)
        };
        let author = field(b"author ").ok_or_else(|| GitError::Malformed { id: fix.to_string() })?;
        let message = message_bytes(source.message_raw_bytes(), fix);
        let parents = std::slice::from_ref(parent);
        self.write_commit(
            CommitText { tree, parents, author, encoding: field(b"encoding "), message },
            committer,
        )
    }
}

/// The trailer is placed by the text, and added to the bytes: a message in another encoding stays what it was.
fn message_bytes(message: &[u8], fix: &CommitId) -> Vec<u8> {
    let text = String::from_utf8_lossy(message);
    let with = with_trailer(&text, fix);
    let mut bytes = message.trim_ascii_end().to_vec();
    match with.strip_prefix(text.trim_end()) {
        Some(added) => bytes.extend_from_slice(added.as_bytes()),
        None => bytes = with.into_bytes(),
    }
    bytes
}
