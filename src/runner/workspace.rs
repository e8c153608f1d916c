//! The folders that the steps of an entry see.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::private_folder::private_folder;

/// Where git keeps what submodules are made of, below a checkout.
const MODULES: &str = ".git/modules";

/// The folders of one entry. They go away with this value.
pub struct Workspace {
    folder: TempDir,
    root: PathBuf,
}

impl Workspace {
    /// New and empty ones.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new() -> io::Result<Workspace> {
        let folder = private_folder("lockgate-entry-")?;
        // What a step prints of its place must be what it finds there.
        let root = fs::canonicalize(folder.path())?;
        let workspace = Workspace { folder, root };
        workspace.make()?;
        Ok(workspace)
    }

    /// Empties them for another attempt. What submodules were made of is kept, so that they need not be fetched again; after a
    /// warm-up what Cargo built, too.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn renew(&self, after_warm_up: bool) -> io::Result<()> {
        self.forget_builds();
        if after_warm_up {
            self.put_by_builds()?;
        }
        let modules = self.tree().join(MODULES);
        if modules.is_dir() && self.holds(&modules) {
            let _ = fs::remove_dir_all(self.modules());
            fs::rename(modules, self.modules())?;
        }
        for folder in self.folders() {
            fs::remove_dir_all(folder)?;
        }
        self.make()
    }

    fn make(&self) -> io::Result<()> {
        self.folders().iter().try_for_each(fs::create_dir_all)
    }

    fn folders(&self) -> [PathBuf; 4] {
        [self.tree(), self.temporary(), self.commands(), self.tools()]
    }

    /// All of them.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a path, with every link on it followed, is one of these folders or below one. A step may have put a link
    /// anywhere in them, and what stands in for actions runs outside of the sandbox.
    pub fn holds(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root))
    }

    /// Makes a folder, if it is one of these or below one.
    ///
    /// # Errors
    /// A link leads out of here, or the disk refuses.
    pub fn make_folder(&self, path: &Path) -> io::Result<()> {
        let there = path.ancestors().find(|folder| folder.symlink_metadata().is_ok());
        if !there.is_some_and(|folder| self.holds(folder)) {
            return Err(io::Error::other(format!("`{}` is not in the workspace", path.display())));
        }
        fs::create_dir_all(path)
    }

    /// `GITHUB_WORKSPACE`: empty until a step checks the tree out.
    pub fn tree(&self) -> PathBuf {
        self.root.join("work")
    }

    /// What submodules were made of in an earlier attempt.
    pub fn modules(&self) -> PathBuf {
        self.root.join("modules")
    }

    /// Takes in a folder that was made below a private one, where no step could reach it. Its name here is that of the private
    /// one, which no step knows before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take_in(&self, private: &Path, folder: &Path) -> io::Result<PathBuf> {
        let place = self.root.join(private.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        fs::rename(folder, &place)?;
        Ok(place)
    }

    /// `RUNNER_TEMP`.
    pub fn temporary(&self) -> PathBuf {
        self.root.join("temp")
    }

    /// Scripts, and the files by which steps tell the runner something.
    pub fn commands(&self) -> PathBuf {
        self.root.join("commands")
    }

    /// Actions that were fetched: an attempt without network finds those of an earlier one.
    pub fn actions(&self) -> PathBuf {
        self.root.join("actions")
    }

    /// `RUNNER_TOOL_CACHE`.
    pub fn tools(&self) -> PathBuf {
        self.root.join("tools")
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if fs::remove_dir_all(self.folder.path()).is_err() {
            // A folder that a step made read-only would keep all of it here.
            let _ = std::process::Command::new("chmod").args(["-R", "u+rwX"]).arg(&self.root).output();
        }
    }
}
