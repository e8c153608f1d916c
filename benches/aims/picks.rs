//! One pick by three engines: ours in memory, `git merge-tree` as a whole process, and a cherry-pick in a work tree.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lockgate::CommitId;
use lockgate::{Against, HistorySearch, Onto, PickRequest, Picker, Store};

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
        if picker.try_pick(&request).is_ok() {
            times.push(started.elapsed());
        }
    }
    Ok(times)
}

/// A place for what git writes: the repository itself is only read.
pub(crate) struct Elsewhere {
    repository: PathBuf,
    objects: PathBuf,
    folder: tempfile::TempDir,
}

impl Elsewhere {
    pub(crate) fn of(repository: &Path) -> Result<Elsewhere, Failure> {
        let objects = output(git(repository).args(["rev-parse", "--git-path", "objects"]))?;
        let objects = repository.join(objects).canonicalize()?;
        Ok(Elsewhere { repository: repository.to_owned(), objects, folder: tempfile::tempdir()? })
    }

    /// `git merge-tree` of a fix onto a branch.
    pub(crate) fn merge_tree(&self, fix_parent: &CommitId, onto: &CommitId, fix: &CommitId) -> Command {
        let mut command = self.git();
        command
            .args(["merge-tree", "--write-tree", &format!("--merge-base={fix_parent}")])
            .args([onto.as_str(), fix.as_str()]);
        command
    }

    /// Any git command that reads there and writes here.
    pub(crate) fn git(&self) -> Command {
        let mut command = git(&self.repository);
        command
            .env("GIT_OBJECT_DIRECTORY", self.folder.path())
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &self.objects)
            .env("GIT_NO_LAZY_FETCH", "1");
        command
    }
}

/// The whole-process time of each `git merge-tree`.
pub(crate) fn merge_tree(repository: &Path, cases: &[Case]) -> Result<Vec<Duration>, Failure> {
    let elsewhere = Elsewhere::of(repository)?;
    let mut times = Vec::new();
    for case in cases {
        let mut command = elsewhere.merge_tree(&case.fix_parent, &case.bp_parent, &case.fix);
        let (took, status) = timed(&mut command)?;
        // 1 is a conflict, which is an answer.
        if matches!(status, Some(0 | 1)) {
            times.push(took);
        }
    }
    Ok(times)
}

/// The whole-process time of one batch by the command itself.
pub(crate) fn batch(repository: &Path, cases: &[Case]) -> Result<Duration, Failure> {
    let file = batch_file(cases)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.arg("backport").arg("--repo").arg(repository).arg("--batch").arg(file.path());
    match timed(&mut command)? {
        (took, Some(0)) => Ok(took),
        (_, status) => Err(format!("the batch ended with {status:?}").into()),
    }
}

/// The file that a batch takes.
pub(crate) fn batch_file(cases: &[Case]) -> Result<tempfile::NamedTempFile, Failure> {
    let mut file = tempfile::NamedTempFile::new()?;
    for case in cases {
        let Case { fix, fix_parent, bp_parent } = case;
        writeln!(file, r#"{{"fix":"{fix}","fix_parent":"{fix_parent}","bp_parent":"{bp_parent}"}}"#)?;
    }
    Ok(file)
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
