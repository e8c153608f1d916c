//! A repository with a work tree at one commit, for commands that are to find what a CI machine finds: made from a
//! repository on this machine, without a remote, without hooks, and without the user's settings.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::command::{Limits, alone};
use super::error::TransportError;
use crate::ids::CommitId;
use crate::programs;

/// A copy on one machine takes long for a large history only.
const LIMITS: Limits = Limits { whole: Duration::from_secs(10 * 60), silence: Duration::from_secs(120) };

/// The other side: a repository of whoever owns it, and any commit of it.
const SERVE: &str = "--upload-pack=git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack";

/// What of the history goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchDepth {
    /// So many commits.
    Commits(u32),
    /// All of it, and the tags.
    Whole,
}

/// Makes a work tree of a commit in a folder, which nobody else may write to yet. The head is the branch of this name, or the
/// commit itself. Writes.
///
/// # Errors
/// [`TransportError`] when there is no `git`, the commit is not there, or the disk refuses.
pub async fn work_copy(
    repository: &Path,
    commit: &CommitId,
    branch: Option<&str>,
    depth: FetchDepth,
    folder: &Path,
) -> Result<(), TransportError> {
    repository_with(repository, commit, depth, folder).await?;
    run(folder, checkout_words(commit, branch), &repository.display().to_string()).await
}

/// Makes a repository with a commit in a folder, which nobody else may write to yet: `.git`, and no files. Writes.
///
/// # Errors
/// As [`work_copy`].
pub async fn repository_with(
    repository: &Path,
    commit: &CommitId,
    depth: FetchDepth,
    folder: &Path,
) -> Result<(), TransportError> {
    let origin = repository.display().to_string();
    let depth = match depth {
        FetchDepth::Commits(depth) => vec![format!("--depth={depth}"), "--no-tags".to_owned()],
        FetchDepth::Whole => vec!["--tags".to_owned()],
    };
    // In one file, however little it is: to write each object by itself takes longer than to fetch it.
    let fetch = ["-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--no-write-fetch-head", SERVE];
    let fetch = fetch.map(str::to_owned).into_iter().chain(depth);
    let fetch = fetch.chain([origin.clone(), commit.to_string()]).collect();
    let init = ["init", "--quiet", "--template="].map(str::to_owned).to_vec();
    run(folder, init, &origin).await?;
    make_usual_places(&folder.join(".git")).map_err(|error| TransportError::Unreachable {
        remote: origin.clone(),
        code: None,
        said: error.to_string(),
    })?;
    run(folder, fetch, &origin).await
}

/// The command that makes the files of such a repository where it is.
pub fn checkout_command(commit: &CommitId, branch: Option<&str>) -> Vec<String> {
    let program = programs::git().to_string_lossy().into_owned();
    [program].into_iter().chain(checkout_words(commit, branch)).collect()
}

fn checkout_words(commit: &CommitId, branch: Option<&str>) -> Vec<String> {
    let mut checkout = ["checkout", "--quiet", "--force"].map(str::to_owned).to_vec();
    match branch {
        // Not one that git would take as an option.
        Some(branch) if !branch.starts_with('-') => checkout.extend(["-B".to_owned(), branch.to_owned()]),
        _ => checkout.push("--detach".to_owned()),
    }
    checkout.push(commit.to_string());
    checkout
}

/// What is left out with git's examples of hooks, and tests write to.
fn make_usual_places(git_dir: &Path) -> io::Result<()> {
    for name in ["hooks", "info"] {
        fs::create_dir_all(git_dir.join(name))?;
    }
    fs::write(git_dir.join("info/exclude"), "")
}

/// Makes what a submodule of a work copy is made of, as git would have fetched it: `folder` is below `.git/modules`. `git
/// submodule update` finds the commit there then. Copied, not linked: what runs in the work copy may write to it. Writes.
///
/// # Errors
/// [`TransportError`] when there is no `git`, the commit is not there, or the disk refuses.
pub async fn copy_module(source: &Path, commit: &CommitId, folder: &Path) -> Result<(), TransportError> {
    let origin = source.display().to_string();
    // Without a reference to it git would take the commit as missing.
    let kept = format!("{commit}:refs/lockgate/lent");
    let fetch = ["fetch", "--quiet", SERVE, "--depth=1", "--no-tags", &origin, &kept];
    let init = ["init", "--quiet", "--bare"];
    // It gets a work tree, which a bare one must not have.
    let with_work_tree = ["config", "core.bare", "false"];
    for words in [&init[..], &fetch, &with_work_tree] {
        run(folder, words.iter().map(|word| (*word).to_owned()).collect(), &origin).await?;
    }
    Ok(())
}

async fn run(folder: &Path, words: Vec<String>, origin: &str) -> Result<(), TransportError> {
    let arguments: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    let ended = alone(folder, LIMITS, &arguments, origin).await?;
    if ended.success() {
        return Ok(());
    }
    Err(TransportError::Unreachable { remote: origin.to_owned(), code: ended.code, said: ended.stderr })
}
