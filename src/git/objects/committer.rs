//! Who commits, and what stands on everything that is committed: a sign-off, a cryptographic signature.

use git2::{ObjectType, Oid};

use super::message::with_sign_off;
use super::signature::Signature;
use super::signer::Signer;
use super::store::{Store, commit_id, oid, tree_oid};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TagId, TreeId};

/// Who commits, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committer {
    /// The person, and when.
    pub signature: Signature,
    /// Whether messages end with the person's `Signed-off-by`, by which projects accept the Developer Certificate of
    /// Origin.
    pub sign_off: bool,
    /// What signs commits, if they are signed.
    pub signer: Option<Signer>,
}

impl Committer {
    /// Somebody who neither signs off nor signs.
    #[must_use]
    pub fn plain(signature: Signature) -> Committer {
        Committer { signature, sign_off: false, signer: None }
    }

    /// The message as this person leaves it.
    pub(super) fn message(&self, message: Vec<u8>) -> Vec<u8> {
        if self.sign_off { with_sign_off(message, &self.signature) } else { message }
    }
}

/// What a commit is made of; people's lines and the message as bytes, since they need not be UTF-8.
pub(super) struct CommitText<'a> {
    pub(super) tree: &'a TreeId,
    pub(super) parents: &'a [CommitId],
    /// `author …`, with the person and the time.
    pub(super) author: Vec<u8>,
    /// `encoding …`, if the message is not UTF-8.
    pub(super) encoding: Option<Vec<u8>>,
    pub(super) message: Vec<u8>,
}

impl Store {
    /// Makes a commit of one's own, or of another author's work, with what the committer puts on it; no reference
    /// moves. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree or a parent is not here, [`GitError::Signing`] if it cannot be signed.
    pub fn commit_as(
        &self,
        tree: &TreeId,
        parents: &[CommitId],
        message: &str,
        author: &Signature,
        committer: &Committer,
    ) -> Result<CommitId, GitError> {
        self.find_tree(tree)?;
        for parent in parents {
            self.find_commit(parent)?;
        }
        let text = CommitText {
            tree,
            parents,
            author: author.line("author")?,
            encoding: None,
            message: message.as_bytes().to_vec(),
        };
        self.write_commit(text, committer)
    }

    pub(super) fn write_commit(
        &self,
        text: CommitText<'_>,
        committer: &Committer,
    ) -> Result<CommitId, GitError> {
        let mut header = format!("tree {}\n", tree_oid(text.tree)?).into_bytes();
        for parent in text.parents {
            header.extend_from_slice(format!("parent {}\n", oid(parent)?).as_bytes());
        }
        let lines = [Some(text.author), Some(committer.signature.line("committer")?), text.encoding];
        for line in lines.into_iter().flatten() {
            header.extend_from_slice(&line);
            header.push(b'\n');
        }
        let message = committer.message(text.message);
        if let Some(signer) = &committer.signer {
            let unsigned = [&header[..], b"\n", &message].concat();
            let signature = signer.sign(&unsigned, &committer.signature)?;
            header.extend_from_slice(
                format!("gpgsig {}\n", signature.trim_end().replace('\n', "\n ")).as_bytes(),
            );
        }
        let made = self.write_object(ObjectType::Commit, &[&header[..], b"\n", &message].concat())?;
        commit_id(made)
    }

    /// Makes an annotated tag of a commit; no reference moves. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit is not here, [`GitError::Signing`] if it cannot be signed.
    pub fn annotate_tag(
        &self,
        name: &str,
        commit: &CommitId,
        message: &str,
        tagger: &Committer,
    ) -> Result<TagId, GitError> {
        let mut text =
            format!("object {}\ntype commit\ntag {name}\n", self.find_commit(commit)?.id()).into_bytes();
        text.extend_from_slice(&tagger.signature.line("tagger")?);
        text.extend_from_slice(format!("\n\n{}\n", message.trim_end()).as_bytes());
        if let Some(signer) = &tagger.signer {
            let signature = signer.sign(&text, &tagger.signature)?;
            text.extend_from_slice(format!("{}\n", signature.trim_end()).as_bytes());
        }
        Ok(self.write_object(ObjectType::Tag, &text)?.to_string().parse()?)
    }

    fn write_object(&self, kind: ObjectType, content: &[u8]) -> Result<Oid, GitError> {
        let objects = self.raw().odb().doing(|| "reach the objects".to_owned())?;
        objects.write(kind, content).doing(|| format!("write a {}", kind.str()))
    }
}
