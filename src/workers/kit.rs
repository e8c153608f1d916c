//! What a worker needs for a run: the key of the run, and the embargoed commits as a bundle. It is signed by the
//! coordinator, and sealed to that one worker.

use std::path::Path;

use super::envelope::{Unheard, heard, signed};
use super::error::WorkersError;
use super::key::{PublicKey, SigningKey};
use super::message::KitHead;
use super::trust::Trusted;
use crate::git::{ExpectedRef, Store, write_bundle};
use crate::ids::{CommitId, Digest};

/// The reference of a bundle.
pub(super) const TESTED: &str = "refs/heads/lockgate-tested";

/// A kit that was opened.
pub(super) struct Kit {
    pub(super) coordinator: PublicKey,
    pub(super) head: KitHead,
    pub(super) bundle: Vec<u8>,
}

/// A kit as it is sealed: the signed head as one line, and the bundle behind it.
///
/// # Errors
/// When the key cannot sign.
pub(super) fn packed(key: &SigningKey, head: &KitHead, bundle: &[u8]) -> Result<Vec<u8>, WorkersError> {
    let mut bytes = signed(key, head)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(bundle);
    Ok(bytes)
}

/// A kit as it was opened, if a trusted key vouches for it and for its bundle.
pub(super) fn unpacked(bytes: &[u8], trusted: &Trusted) -> Result<Kit, Unheard> {
    let cut_off = || Unheard::Unreadable("it has no head".to_owned());
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(cut_off)?;
    let (head, bundle) = bytes.split_at(end);
    let (coordinator, head): (PublicKey, KitHead) = heard(head, trusted)?;
    let bundle = bundle[1..].to_vec();
    if Digest::of(&bundle) != head.bundle {
        return Err(Unheard::Unreadable("its bundle is another one than it says".to_owned()));
    }
    Ok(Kit { coordinator, head, bundle })
}

/// The commit as a bundle, without what the base holds. `scratch` is an empty folder.
///
/// # Errors
/// When the repository lacks one of them, or there is no `git`.
pub(super) async fn bundle_of(
    repository: &Path,
    commit: &CommitId,
    base: Option<&CommitId>,
    scratch: &Path,
) -> Result<Vec<u8>, WorkersError> {
    // A bundle is of references; the repository gets none of ours.
    let borrowing = Store::create_borrowing(&scratch.join("borrowing.git"), repository)?;
    borrowing.set_ref(TESTED, commit, &ExpectedRef::Anything, "for workers")?;
    let file = scratch.join("tested.bundle");
    write_bundle(borrowing.git_dir(), TESTED, base, &file).await?;
    std::fs::read(&file).map_err(|source| WorkersError::File { what: "read", path: file, source })
}
