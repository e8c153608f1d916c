//! One pick by three engines: ours in memory, `git merge-tree` as a whole process, and a cherry-pick in a work tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lockgate::git::{Against, HistorySearch, Onto, PickRequest, Picker, Store};
use lockgate::ids::CommitId;

use crate::repository::{git, output};
use crate::table::Failure;

/// What is picked, and onto what.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Case {
    /// The fix.
    pub(crate) fix: CommitId,
    /// What its change is measured against.
    pub(crate) fix_parent: CommitId,
    /// Where it goes.
    pub(crate) bp_parent: CommitId,
}

/// The time of each pick by our engine, all in one process; picks that fail for want of an object are left out, since
/// git does not do them either.
pub(crate) fn ours(repository: &Path, cases: &[Case]) -> Result<Vec<Duration>, Failure> {
    let store = Store::open(repository)?;
    let mut picker = Picker::new(&store)?.with_history(HistorySearch::Skip);
    let mut times = Vec::new();
    for case in cases {
        let request = PickRequest {
            fix: case.fix.clone(),
            against: Against::Commit(case.fix_parent.clone()),
            onto: Onto::Commit(case.bp_parent.clone()),
        };
        let started = Instant::now();
        if picker.pick(&request).is_ok() {
            times.push(started.elapsed());
        }
    }
    Ok(times)
}

/// The whole-process time of each `git merge-tree`. What it writes goes elsewhere: the repository is only read.
pub(crate) fn merge_tree(repository: &Path, cases: &[Case]) -> Result<Vec<Duration>, Failure> {
    let objects = output(git(repository).args(["rev-parse", "--git-path", "objects"]))?;
    let objects = repository.join(objects).canonicalize()?;
    let elsewhere = tempfile::tempdir()?;
    let mut times = Vec::new();
    for case in cases {
        let mut command = git(repository);
        command
            .env("GIT_OBJECT_DIRECTORY", elsewhere.path())
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects)
            .args(["merge-tree", "--write-tree", &format!("--merge-base={}", case.fix_parent)])
            .args([case.bp_parent.as_str(), case.fix.as_str()]);
        let (took, status) = timed(&mut command)?;
        // 1 is a conflict, which is an answer.
        if matches!(status, Some(0 | 1)) {
            times.push(took);
        }
    }
    Ok(times)
}

/// The time of each `git cherry-pick` in a work tree that has the branch checked out already.
pub(crate) fn cherry_pick(repository: &Path, cases: &[Case]) -> Result<Vec<Duration>, Failure> {
    let folder = tempfile::tempdir()?;
    let tree: PathBuf = folder.path().join("tree");
    output(git(folder.path()).args(["clone", "-q", "--shared", "--no-checkout"]).arg(repository).arg(&tree))?;
    let mut times = Vec::new();
    for case in cases {
        let checkout = ["checkout", "-q", "-f", "--detach", case.bp_parent.as_str()];
        if timed(git(&tree).args(checkout))?.1 != Some(0) {
            // A partial clone lacks blobs that a work tree needs.
            continue;
        }
        let (took, status) = timed(git(&tree).args(["cherry-pick", case.fix.as_str()]))?;
        if status == Some(0) {
            times.push(took);
        } else {
            let _ = timed(git(&tree).args(["reset", "-q", "--hard"]))?;
        }
    }
    Ok(times)
}

fn timed(command: &mut Command) -> Result<(Duration, Option<i32>), Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    Ok((started.elapsed(), status.code()))
}
