//! Whose repositories are opened: those that git opens.
//!
//! libgit2 refuses a repository of another user unless `safe.directory` names it, and looks for that in two files only.
//! Git also goes by `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM`, `GIT_CONFIG_COUNT` and what includes bring, so git is asked.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::programs::local_git;

/// Where git keeps a repository that it opens.
pub(super) struct GitDirs {
    /// What is of this work tree alone: `HEAD`.
    pub(super) own: PathBuf,
    /// What all its work trees share.
    pub(super) common: PathBuf,
}

/// Where git finds the repository at exactly this path; `None` if it opens none there.
pub(super) fn ask_git(path: &Path) -> Option<GitDirs> {
    let path = path.canonicalize().ok()?;
    // In the directory itself, since that is what `safe.directory` names; with `--git-dir` git would not ask at all.
    let output = local_git()
        .args(["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"])
        .current_dir(&path)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let (own, common) = text.trim_end_matches('\n').split_once('\n')?;
    let found = GitDirs { own: own.into(), common: common.into() };
    let inner = path.join(".git");
    // Git looks further up; a repository around the one that was named is another one.
    let is_here = inner.is_file() || [inner, path].contains(&found.own.canonicalize().ok()?);
    is_here.then_some(found)
}
