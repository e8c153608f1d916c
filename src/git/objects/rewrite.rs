//! Making a picked commit: the author's line byte for byte, the message with its trailer, the committer ours.

use git2::{ObjectType, Oid};

use super::message::with_trailer;
use super::signature::Signature;
use super::store::{Store, commit_id, oid, tree_oid};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

impl Store {
    /// Commits `tree` on top of `parent` as a pick of `fix`: author, author date, message and its encoding are the
    /// fix's, the trailer `(cherry picked from commit …)` is added, a signature is dropped because it would no longer
    /// hold. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the fix is not here.
    pub fn commit_pick(
        &self,
        fix: &CommitId,
        tree: &TreeId,
        parent: &CommitId,
        committer: &Signature,
    ) -> Result<CommitId, GitError> {
        let source = self.find_commit(fix)?;
        let header = source.raw_header_bytes();
        let field = |name: &[u8]| {
            let line = header.split(|&byte| byte == b'\n').find(|line| line.starts_with(name));
            line.map(<[u8]>::to_vec)
        };
        let mut text = format!("tree {}\nparent {}\n", tree_oid(tree)?, oid(parent)?).into_bytes();
        for line in
            [field(b"author "), Some(committer_line(committer)?), field(b"encoding ")].into_iter().flatten()
        {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        text.push(b'\n');
        text.extend_from_slice(&message_bytes(source.message_raw_bytes(), fix));
        let odb = self.raw().odb().doing(|| "reach the objects".to_owned())?;
        let made: Oid = odb.write(ObjectType::Commit, &text).doing(|| format!("commit the pick of {fix}"))?;
        commit_id(made)
    }
}

fn committer_line(committer: &Signature) -> Result<Vec<u8>, GitError> {
    // libgit2 refuses or trims what a commit's header cannot hold.
    let checked = committer.raw()?;
    let mut line = b"committer ".to_vec();
    line.extend_from_slice(checked.name_bytes());
    line.extend_from_slice(b" <");
    line.extend_from_slice(checked.email_bytes());
    let minutes = committer.offset_minutes;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    line.extend_from_slice(format!("> {} {sign}{hours:02}{rest:02}", committer.time.as_second()).as_bytes());
    Ok(line)
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
