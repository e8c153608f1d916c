//! Differences as texts, as GitHub gives them for `.diff` and `.patch`.

use git2::{Oid, Repository};

use super::program::{GitFailure, output};

/// What `head` changes since it left `base`, as one difference.
pub(crate) fn diff(repository: &Repository, base: Oid, head: Oid) -> Result<Vec<u8>, GitFailure> {
    said(repository, &["diff", "--no-color", &format!("{base}...{head}")])
}

/// The same, as one mail for each commit.
pub(crate) fn patches(repository: &Repository, base: Oid, head: Oid) -> Result<Vec<u8>, GitFailure> {
    said(repository, &["format-patch", "--stdout", "--no-color", &format!("{base}..{head}")])
}

fn said(repository: &Repository, arguments: &[&str]) -> Result<Vec<u8>, GitFailure> {
    let result = output(repository.path(), arguments)?;
    if result.status.success() { Ok(result.stdout) } else { Err(super::program::failed(arguments, &result)) }
}
