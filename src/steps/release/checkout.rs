//! A checkout of one tree that is thrown away, and what commands of the catalog left in it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::git::Store;
use crate::ids::{RepoName, TreeId};
use crate::jobs::{JobCheckout, TestCommand, TestResult};
use crate::private_folder::private_folder;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;

/// How the folders of checkouts begin. They are not in the run's folder: a build tool that looks for its workspace in
/// the directories above must not find that of the release.
const PREFIX: &str = "lockgate-checkout-";

/// A clean checkout of a tree of the store. It goes away with this value; what a killed process left goes away when the
/// step is taken again, at the latest with the final report, unless a command that it had started still writes there.
pub(in crate::steps) struct Checkout {
    /// The tree.
    pub(in crate::steps) tree: TreeId,
    /// The paths that this clone lacks, and the checkout with it.
    pub(in crate::steps) absent: Vec<String>,
    room: Room,
}

/// A folder that nobody else may read, and the note in the run's folder that says where it is.
struct Room {
    folder: TempDir,
    note: PathBuf,
}

/// A file that commands changed: its path and its content now, `None` if it is gone.
pub(in crate::steps) type ChangedFile = (String, Option<Vec<u8>>);

/// A file that commands made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct NewFile {
    pub(in crate::steps) path: String,
    pub(in crate::steps) content: Vec<u8>,
}

impl NewFile {
    fn read(folder: &Path, path: String) -> Result<NewFile, StepError> {
        let on_disk = folder.join(&path);
        if !std::fs::symlink_metadata(&on_disk)?.is_file() {
            return Err(StepError::input(
                format!("a command of the catalog made `{path}`, which is no ordinary file"),
                "have the command make it elsewhere, or name it in a `.gitignore`",
            ));
        }
        Ok(NewFile { content: std::fs::read(&on_disk)?, path })
    }
}

impl Checkout {
    /// Writes the files of a tree to a folder that nobody else may read.
    ///
    /// # Errors
    /// When the tree is not in the store or the folder cannot be written.
    pub(in crate::steps) async fn of(
        context: &StepContext,
        repo: &RepoName,
        tree: TreeId,
    ) -> Result<Checkout, StepError> {
        context.world.executor.end_survivors().await;
        let room = Room::new(&context.folder.checkouts_of(&context.step.name))?;
        in_store(context, repo, move |store| {
            let absent = store.checkout(&tree, &room.tree())?;
            Ok(Checkout { tree, absent, room })
        })
        .await
    }

    /// For jobs, which keep it for as long as they run.
    pub(in crate::steps) fn for_jobs(self, context: &StepContext) -> JobCheckout {
        let (folder, absent, label) = (self.folder(), self.absent.clone(), context.step.name.to_string());
        JobCheckout::new(folder, absent, label, self)
    }

    /// Where the files are.
    pub(in crate::steps) fn folder(&self) -> PathBuf {
        self.room.tree()
    }

    /// Runs commands in it. The executor's environment holds no secrets, and its time limits end whatever hangs.
    pub(in crate::steps) async fn run(
        &self,
        context: &StepContext,
        commands: &[TestCommand],
    ) -> Vec<TestResult> {
        context.world.executor.run(&self.folder(), commands, context.step.name.as_str()).await
    }

    /// The files of the tree that are no more what they were. Only files that were there count: what a command builds
    /// on the way is no part of a release.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(in crate::steps) async fn changes(
        &self,
        context: &StepContext,
        repo: &RepoName,
    ) -> Result<Vec<ChangedFile>, StepError> {
        let (tree, folder, absent) = (self.tree.clone(), self.folder(), self.absent.clone());
        in_store(context, repo, move |store| changes(store, &tree, &folder, &absent)).await
    }

    /// The new files that git would add: no `.gitignore` names them.
    ///
    /// # Errors
    /// When a file cannot be read, or something new is no file.
    pub(in crate::steps) async fn new_files(
        &self,
        context: &StepContext,
        repo: &RepoName,
    ) -> Result<Vec<NewFile>, StepError> {
        let (tree, folder) = (self.tree.clone(), self.folder());
        in_store(context, repo, move |store| {
            store.untracked(&tree, &folder)?.into_iter().map(|path| NewFile::read(&folder, path)).collect()
        })
        .await
    }
}

impl Room {
    /// A new one; what earlier attempts noted and left is removed.
    fn new(notes: &Path) -> std::io::Result<Room> {
        sweep(notes);
        std::fs::create_dir_all(notes)?;
        let folder = private_folder(PREFIX)?;
        let note = notes.join(folder.path().file_name().unwrap_or_default());
        std::fs::write(&note, folder.path().as_os_str().as_encoded_bytes())?;
        Ok(Room { folder, note })
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        remove(self.folder.path(), &self.note);
    }
}

/// Removes every checkout that the run still knows of. For when nothing else is under way.
pub(in crate::steps) fn sweep_all(context: &StepContext) {
    for notes in entries(&context.folder.checkouts()) {
        sweep(&notes);
    }
}

fn sweep(notes: &Path) {
    for note in entries(notes) {
        let Ok(folder) = std::fs::read_to_string(&note).map(PathBuf::from) else { continue };
        let name = folder.file_name().and_then(|name| name.to_str());
        // Only what is called like one, whatever a note says.
        if folder.is_absolute() && name.is_some_and(|name| name.starts_with(PREFIX)) {
            remove(&folder, &note);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Removes a checkout, and then its note. What a killed attempt started may still write there: then the note stays, and
/// nobody is held up.
fn remove(folder: &Path, note: &Path) {
    let gone = match std::fs::remove_dir_all(folder) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if gone {
        let _ = std::fs::remove_file(note);
    }
}

fn changes(
    store: &Store,
    tree: &TreeId,
    folder: &Path,
    absent: &[String],
) -> Result<Vec<ChangedFile>, StepError> {
    let mut changed = Vec::new();
    for path in store.paths(tree)?.into_iter().filter(|path| !absent.contains(path)) {
        let on_disk = folder.join(&path);
        // A symbolic link is its target, here and in the tree.
        let now = match std::fs::symlink_metadata(&on_disk) {
            Ok(found) if found.is_symlink() => {
                Some(std::fs::read_link(&on_disk)?.into_os_string().into_encoded_bytes())
            }
            Ok(_) => Some(std::fs::read(&on_disk)?),
            Err(_) => None,
        };
        if now != store.read_file_in_tree(tree, &path)? {
            changed.push((path, now));
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_attempt_left_is_removed_by_the_next() {
        let run = tempfile::tempdir().unwrap();
        let notes = run.path().join("checkouts/step");
        let killed = Room::new(&notes).unwrap();
        let left = killed.folder.path().to_owned();
        std::mem::forget(killed);
        assert!(left.exists());
        let next = Room::new(&notes).unwrap();
        assert!(!left.exists() && next.folder.path().exists());
        drop(next);
        assert_eq!(entries(&notes), Vec::<PathBuf>::new());
        // A note that was tampered with removes nothing of anybody else's.
        std::fs::write(notes.join("note"), run.path().to_str().unwrap()).unwrap();
        drop(Room::new(&notes).unwrap());
        assert!(run.path().exists());
    }

    #[test]
    fn files_that_a_command_changed_or_removed_count_and_new_ones_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let files: [(&str, Option<&[u8]>); 3] =
            [("V", Some(b"1.2.3\n")), ("old", Some(b"x")), ("d/kept", Some(b"y"))];
        let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
        let place = folder.path().join("tree");
        store.checkout(&tree, &place).unwrap();
        std::fs::write(place.join("V"), "1.2.4\n").unwrap();
        std::fs::remove_file(place.join("old")).unwrap();
        std::fs::write(place.join("built.o"), "z").unwrap();
        let changed = changes(&store, &tree, &place, &[]).unwrap();
        assert_eq!(changed, [("V".to_owned(), Some(b"1.2.4\n".to_vec())), ("old".to_owned(), None)]);
    }
}
