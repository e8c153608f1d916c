//! Commits as one file, for a machine that is not to reach the repository that they come from.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::command::{Credentials, Limits, alone, git};
use super::error::TransportError;
use crate::ids::CommitId;

/// A first fetch of a large repository takes minutes.
const LIMITS: Limits = Limits { whole: Duration::from_secs(30 * 60), silence: Duration::from_secs(120) };

/// Writes what a reference reaches to a file, without what `base` reaches. Writes nothing to the repository.
///
/// # Errors
/// [`TransportError`] when there is no `git`, there is nothing to write, or the disk refuses.
pub async fn write_bundle(
    repository: &Path,
    reference: &str,
    base: Option<&CommitId>,
    file: &Path,
) -> Result<(), TransportError> {
    let mut arguments = words(&["bundle", "create", "--quiet"]);
    arguments.push(file.into());
    arguments.push(reference.into());
    arguments.extend(base.map(|base| format!("^{base}").into()));
    succeeded(alone(repository, LIMITS, &arguments, "bundle").await?, file)
}

/// Takes a reference of such a file into a repository, which must have what the file was written without. Writes.
///
/// # Errors
/// [`TransportError`] when there is no `git`, something is missing, or the disk refuses.
pub async fn read_bundle(repository: &Path, reference: &str, file: &Path) -> Result<(), TransportError> {
    let mut arguments = words(&["fetch", "--quiet", "--no-tags"]);
    arguments.push(file.into());
    arguments.push(format!("+{reference}:{reference}").into());
    succeeded(alone(repository, LIMITS, &arguments, "bundle").await?, file)
}

/// Takes one commit with its history from a public repository. Writes.
///
/// # Errors
/// [`TransportError`] when there is no `git`, the repository cannot be reached or lacks the commit, or the disk refuses.
pub async fn fetch_commit(
    repository: &Path,
    from: &str,
    commit: &CommitId,
    reference: &str,
) -> Result<(), TransportError> {
    let mut arguments = words(&["fetch", "--quiet", "--no-tags", "--", from]);
    arguments.push(format!("+{commit}:{reference}").into());
    succeeded(git(repository, &Credentials::Users, from, LIMITS, &arguments).await?, Path::new(from))
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn succeeded(ended: super::command::GitExit, with: &Path) -> Result<(), TransportError> {
    if ended.success() {
        return Ok(());
    }
    let remote = with.display().to_string();
    Err(TransportError::Unreachable { remote, code: ended.code, said: ended.stderr })
}
