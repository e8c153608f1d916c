//! The folder of a run: where everything lies that a run keeps on disk.

use std::path::{Path, PathBuf};

use crate::ids::{Digest, RepoName, StepName};

/// The folder of one run. All paths below it are made here and nowhere else.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path; it need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Folder {
        Folder(path.into())
    }

    /// Makes the folder, readable by its owner alone: it holds what is under embargo. One that is there already stays as it is.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn create(&self) -> std::io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }

    /// Whether others than its owner may look into it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(&self.0).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }

    /// Closes it to all but its owner, whatever lies in it; gives whether it was open.
    ///
    /// # Errors
    /// When it is open, and somebody else's.
    pub fn close(&self) -> std::io::Result<bool> {
        use std::os::unix::fs::PermissionsExt as _;
        let was_open = self.is_open();
        if was_open {
            std::fs::set_permissions(&self.0, std::fs::Permissions::from_mode(0o700))?;
        }
        Ok(was_open)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.db")
    }

    /// Held by the operator who runs the release now.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// Where people leave what they decide while somebody runs the release.
    #[must_use]
    pub fn inbox(&self) -> PathBuf {
        self.0.join("inbox")
    }

    /// There while a run is planned, and gone once it is begun: what a start that failed leaves is no run.
    #[must_use]
    pub fn planning(&self) -> PathBuf {
        self.0.join("planning")
    }

    /// Whose machines prove the run, where it is not its operator's.
    #[must_use]
    pub fn workers(&self) -> PathBuf {
        self.0.join("workers.json")
    }

    /// Runs that were called off, each in a folder of its own below this one.
    #[must_use]
    pub fn earlier(&self) -> PathBuf {
        self.0.join("earlier")
    }

    /// The local bare repository in which patches of this repository are made.
    #[must_use]
    pub fn store(&self, repo: &RepoName) -> PathBuf {
        self.0.join("store").join(repo.owner()).join(format!("{}.git", repo.name()))
    }

    /// Copies of private forks, made before they are deleted.
    #[must_use]
    pub fn archive(&self, fork: &RepoName) -> PathBuf {
        self.0.join("archive").join(fork.owner()).join(format!("{}.git", fork.name()))
    }

    /// The work tree in which a person resolves a conflict of this step.
    #[must_use]
    pub fn work_tree(&self, step: &StepName) -> PathBuf {
        self.0.join("resolve").join(flat(step))
    }

    /// Notes where checkouts are while there are any, so that what a killed attempt left can be found.
    #[must_use]
    pub fn checkouts(&self) -> PathBuf {
        self.0.join("checkouts")
    }

    /// The notes of one step's checkouts.
    #[must_use]
    pub fn checkouts_of(&self, step: &StepName) -> PathBuf {
        self.checkouts().join(flat(step))
    }

    /// The logs of test suites and other commands.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// The results of test suites, and what is known of those that run.
    #[must_use]
    pub fn jobs(&self) -> PathBuf {
        self.0.join("jobs")
    }

    /// The mails of a rehearsal.
    #[must_use]
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    /// The OSV and RustSec entries.
    #[must_use]
    pub fn entries(&self) -> PathBuf {
        self.0.join("entries")
    }

    /// The run's own copy of a file that is attached to a release, by its path beside the release file.
    #[must_use]
    pub fn asset(&self, path: &str) -> PathBuf {
        self.0.join("attached").join(path)
    }

    /// The final report.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }
}

/// A step's name as one file name: readable, and told apart by a digest where the separators were lost.
fn flat(step: &StepName) -> String {
    let readable: String =
        step.as_str().chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let tail: String = readable.chars().rev().take(80).collect::<String>().chars().rev().collect();
    format!("{}-{}", tail.trim_start_matches('-'), &Digest::of(step.as_str()).as_str()[..8])
}
