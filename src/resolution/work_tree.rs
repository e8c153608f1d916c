//! The work tree of one conflict, from the pick that stopped to the commit that a person made of it.

use std::path::{Path, PathBuf};
use std::process::Output;

use super::program::{WorkTreeError, git, last_words, run, succeeded};
use crate::ids::{CommitId, Login};

/// The branch on which the conflict is resolved.
const BRANCH: &str = "resolution";
/// Under this name the result is kept in the run's store.
const KEPT: &str = "refs/lockgate/resolution";

/// A work tree, made or not.
#[derive(Debug, Clone)]
pub struct WorkTree(PathBuf);

/// What people made and did not add to their resolution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftAside {
    /// Files that git knows, with changes that are not added.
    pub changed: Vec<String>,
    /// Files that git does not know.
    pub unknown: Vec<String>,
}

impl WorkTree {
    /// The work tree at this path.
    #[must_use]
    pub fn at(path: PathBuf) -> WorkTree {
        WorkTree(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it was made.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.join(".git/lockgate-open").is_file()
    }

    /// Makes it: a clone that borrows the store's objects, at the head of the branch. What a killed attempt left is
    /// removed.
    ///
    /// # Errors
    /// When the disk or `git` refuses.
    pub fn open(&self, store: &Path, base: &CommitId, manager: &Login) -> Result<(), WorkTreeError> {
        let failed = WorkTreeError::to("make the work tree", &self.0);
        if self.0.exists() {
            std::fs::remove_dir_all(&self.0).map_err(failed)?;
        }
        std::fs::create_dir_all(&self.0).map_err(failed)?;
        self.git(&["init", "--quiet", "--template="])?;
        let objects = store.canonicalize().map_err(failed)?.join("objects");
        std::fs::write(self.0.join(".git/objects/info/alternates"), format!("{}\n", objects.display()))
            .map_err(failed)?;
        if self.try_git(&["config", "user.email"])?.stdout.is_empty() {
            self.git(&["config", "user.name", manager.as_str()])?;
            self.git(&["config", "user.email", &format!("{manager}@users.noreply.github.com")])?;
        }
        self.git(&["checkout", "--quiet", "-B", BRANCH, base.as_str()])?;
        std::fs::write(self.0.join(".git/lockgate-open"), format!("{base}\n")).map_err(failed)
    }

    /// Picks the fix; it stops at its first conflict.
    ///
    /// # Errors
    /// When `git` cannot be run.
    pub fn pick(&self, fix: &[CommitId]) -> Result<(), WorkTreeError> {
        let mut arguments = vec!["-c", "core.editor=true", "cherry-pick", "-x"];
        arguments.extend(fix.iter().map(CommitId::as_str));
        self.try_git(&arguments)?;
        self.note_conflicts()
    }

    /// Merges a commit; it stops where that conflicts.
    ///
    /// # Errors
    /// When `git` cannot be run.
    pub fn merge(&self, theirs: &CommitId) -> Result<(), WorkTreeError> {
        self.try_git(&["-c", "core.editor=true", "merge", "--quiet", "--no-ff", theirs.as_str()])?;
        self.note_conflicts()
    }

    /// One side of a conflicting file, as git numbers them: 1 before the fix, 2 on the branch, 3 in the fix. `None` if
    /// that side has no such file.
    pub(super) fn side(&self, number: u8, path: &str) -> Result<Option<Vec<u8>>, WorkTreeError> {
        let output = self.try_git(&["cat-file", "blob", &format!(":{number}:{path}")])?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// The files that still conflict.
    ///
    /// # Errors
    /// When `git` cannot be run.
    pub fn unresolved(&self) -> Result<Vec<String>, WorkTreeError> {
        let output = self.git(&["diff", "--name-only", "--diff-filter=U", "-z"])?;
        Ok(output.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// What the work tree holds beside what is committed or added: changes of files that git knows, and files that it does not.
    ///
    /// # Errors
    /// When `git` cannot be run, or refuses.
    pub fn left_aside(&self) -> Result<LeftAside, WorkTreeError> {
        let listed = |arguments: &[&str]| -> Result<Vec<String>, WorkTreeError> {
            let output = self.git(arguments)?;
            Ok(output.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
        };
        // git lists a file that conflicts as changed, too.
        let unresolved = self.unresolved()?;
        let mut changed = listed(&["diff", "--name-only", "-z"])?;
        changed.retain(|path| !unresolved.contains(path));
        Ok(LeftAside { changed, unknown: listed(&["ls-files", "--others", "--exclude-standard", "-z"])? })
    }

    /// Commits what was resolved, and picks the rest of the fix. A person who has done so already is not disturbed
    /// (BP-18).
    ///
    /// # Errors
    /// [`WorkTreeError::StillConflicts`], [`WorkTreeError::NothingLeft`] and [`WorkTreeError::Stopped`].
    pub fn finish(&self) -> Result<(), WorkTreeError> {
        let is_there = |name: &str| self.0.join(".git").join(name).exists();
        let go_on = if is_there("MERGE_HEAD") {
            "merge"
        } else if is_there("CHERRY_PICK_HEAD") || is_there("sequencer") {
            "cherry-pick"
        } else {
            return Ok(());
        };
        let before = self.unresolved()?;
        let output = self.try_git(&["-c", "core.editor=true", go_on, "--continue"])?;
        if output.status.success() {
            return Ok(());
        }
        let unresolved = self.unresolved()?;
        if before.is_empty() {
            // What conflicts now is of the next commit, as git wrote it.
            self.note_conflicts()?;
        }
        let place = self.0.clone();
        if unresolved.is_empty() && String::from_utf8_lossy(&output.stderr).contains(" is now empty") {
            return Err(WorkTreeError::NothingLeft { place });
        }
        if unresolved.is_empty() {
            return Err(WorkTreeError::Stopped { place, message: last_words(&output) });
        }
        Err(WorkTreeError::StillConflicts { place, paths: unresolved })
    }

    /// Takes what was added since into the resolution that is committed already: a file that was finished after a refusal.
    /// What stands on the branch itself is not touched.
    ///
    /// # Errors
    /// When `git` cannot be run, or refuses.
    pub fn take_up(&self, onto: &CommitId) -> Result<(), WorkTreeError> {
        let is_staged = !self.try_git(&["diff", "--cached", "--quiet"])?.status.success();
        if is_staged && self.head()? != *onto {
            self.git(&["commit", "--quiet", "--amend", "--no-edit"])?;
        }
        Ok(())
    }

    /// The commit that is checked out now.
    ///
    /// # Errors
    /// When there is no commit.
    pub fn head(&self) -> Result<CommitId, WorkTreeError> {
        Ok(self.git(&["rev-parse", "--verify", "HEAD^{commit}"])?.trim().parse()?)
    }

    /// Brings the result into a store.
    ///
    /// # Errors
    /// When `git` cannot read the one or write the other.
    pub fn bring_to(&self, store: &Path) -> Result<(), WorkTreeError> {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut command = git();
        command.arg("--git-dir").arg(whole(store)).args(["fetch", "--quiet", "--no-tags"]);
        command.arg(whole(&self.0)).arg(format!("+HEAD:{KEPT}"));
        succeeded(&run(command)?, "fetch").map(|_| ())
    }

    fn git(&self, arguments: &[&str]) -> Result<String, WorkTreeError> {
        let output = self.try_git(arguments)?;
        succeeded(&output, arguments.first().copied().unwrap_or_default())
    }

    fn try_git(&self, arguments: &[&str]) -> Result<Output, WorkTreeError> {
        let mut command = git();
        command.arg("-C").arg(&self.0).args(arguments);
        run(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Signature, Store};

    /// A store with a branch and a fix that does not fit it; gives the head of the branch and the fix.
    fn torn(path: &Path) -> (CommitId, CommitId) {
        let store = Store::create(path).unwrap();
        let who = Signature::utc("Mara", "mara@example.com", "2026-03-02T09:00:00Z".parse().unwrap());
        let empty = store.empty_tree().unwrap();
        let commit = |text: &str, parents: &[CommitId]| {
            let tree = store.with_files(&empty, &[("gate.txt", Some(text.as_bytes()))]).unwrap();
            store.commit(&tree, parents, text, &who, &who).unwrap()
        };
        let start = commit("open\n", &[]);
        let fix = commit("open, guarded\n", std::slice::from_ref(&start));
        let line = commit("half open\n", &[start]);
        (line, fix)
    }

    /// A work tree of that branch, with the fix picked into it.
    struct Torn {
        work: WorkTree,
        store: PathBuf,
        line: CommitId,
        fix: CommitId,
        folder: tempfile::TempDir,
    }

    impl Torn {
        fn picked() -> Torn {
            let folder = tempfile::tempdir().unwrap();
            let store = folder.path().join("store.git");
            let (line, fix) = torn(&store);
            let work = WorkTree::at(folder.path().join("work"));
            work.open(&store, &line, &"mara".parse().unwrap()).unwrap();
            work.pick(std::slice::from_ref(&fix)).unwrap();
            Torn { work, store, line, fix, folder }
        }
    }

    #[test]
    fn what_was_not_added_to_a_resolution_is_told() {
        let Torn { work, folder: _folder, .. } = Torn::picked();
        assert_eq!(work.left_aside().unwrap(), LeftAside::default(), "conflicts are told otherwise");
        std::fs::write(work.path().join("gate.txt"), "half open, guarded\n").unwrap();
        work.git(&["add", "gate.txt"]).unwrap();
        std::fs::write(work.path().join("gate.txt"), "half open, guarded well\n").unwrap();
        std::fs::write(work.path().join("notes.txt"), "x\n").unwrap();
        let told = work.left_aside().unwrap();
        assert_eq!((told.changed, told.unknown), (vec!["gate.txt".to_owned()], vec!["notes.txt".to_owned()]));
    }

    #[test]
    fn bp_17_conflict_is_resolved_by_the_printed_commands() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.git");
        let (line, fix) = torn(&store);
        let work = WorkTree::at(folder.path().join("work"));
        assert!(!work.is_open());
        work.open(&store, &line, &"mara".parse().unwrap()).unwrap();
        work.pick(&[fix]).unwrap();
        assert_eq!(work.unresolved().unwrap(), ["gate.txt"]);

        std::fs::write(work.path().join("gate.txt"), "half open, guarded\n").unwrap();
        work.git(&["add", "--", "gate.txt"]).unwrap();
        work.finish().unwrap();
        work.finish().unwrap();
        let head = work.head().unwrap();
        work.bring_to(&store).unwrap();
        let store = Store::open(&store).unwrap();
        assert!(store.is_ancestor(&line, &head).unwrap() && head != line);
        assert!(store.commit_info(&head).unwrap().message.contains("(cherry picked from commit"));
    }

    #[test]
    fn what_still_conflicts_is_named() {
        let Torn { work, folder: _folder, .. } = Torn::picked();
        let error = work.finish().unwrap_err();
        assert!(error.to_string().contains("gate.txt"), "{error}");
    }

    #[test]
    fn bp_18_who_committed_by_hand_already_is_not_disturbed() {
        let Torn { work, line, folder: _folder, .. } = Torn::picked();
        std::fs::write(work.path().join("gate.txt"), "half open, guarded\n").unwrap();
        work.git(&["commit", "--quiet", "--all", "--no-edit"]).unwrap();
        let made = work.head().unwrap();
        work.finish().unwrap();
        assert_eq!(work.head().unwrap(), made);
        assert_ne!(made, line);
    }

    #[test]
    fn bp_19_who_aborted_by_hand_has_nothing_to_hand_in_and_can_begin_again() {
        let Torn { work, store, line, fix, folder: _folder } = Torn::picked();
        work.git(&["cherry-pick", "--abort"]).unwrap();
        work.finish().unwrap();
        assert_eq!(work.head().unwrap(), line);
        work.open(&store, &line, &"mara".parse().unwrap()).unwrap();
        work.pick(&[fix]).unwrap();
        assert_eq!(work.unresolved().unwrap(), ["gate.txt"]);
    }

    #[test]
    fn bp_20_what_git_cannot_do_is_reported_in_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.git");
        let (line, _) = torn(&store);
        let work = WorkTree::at(folder.path().join("work"));
        work.open(&store, &line, &"mara".parse().unwrap()).unwrap();
        let error = work.git(&["cherry-pick", "--abort"]).unwrap_err();
        assert!(error.to_string().contains("`git cherry-pick` failed: "), "{error}");
    }
}
