//! Handles on the repositories of the world, kept from one request to the next: opening one reads the settings of the machine and
//! of the repository, and looks at all its packs.
//!
//! A handle sees what pushes brought all the same: libgit2 reads references anew each time, and looks for new packs when it misses
//! an object.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use git2::Repository;

/// How many are kept: more than a large release has repositories, else none is there when it is asked for again. What they borrow they
/// hold open together.
const KEPT: usize = 128;

/// Handles that nobody uses at the moment, the latest used last.
#[derive(Default)]
pub(super) struct Handles(Arc<Mutex<Idle>>);

#[derive(Default)]
struct Idle {
    handles: Vec<(PathBuf, Repository)>,
    /// How often a repository was made or deleted. A handle from before may be one of a repository that has gone.
    age: u64,
}

/// A handle that is kept when its user is done with it.
pub(crate) struct Handle {
    /// `None` only while it is given back.
    repository: Option<(PathBuf, Repository)>,
    age: u64,
    home: Arc<Mutex<Idle>>,
}

impl Handles {
    /// A handle on the bare repository at this path, for one user.
    pub(super) fn open(&self, path: PathBuf) -> Result<Handle, git2::Error> {
        let (kept, age) = {
            let mut idle = lock(&self.0);
            let place = idle.handles.iter().rposition(|(of, _)| *of == path);
            (place.map(|place| idle.handles.remove(place)), idle.age)
        };
        let repository = match kept {
            Some(kept) => kept,
            None => {
                let repository = Repository::open_bare(&path)?;
                (path, repository)
            }
        };
        Ok(Handle { repository: Some(repository), age, home: Arc::clone(&self.0) })
    }

    /// Keeps no handle on the repository at this path, which is made or deleted.
    pub(super) fn forget(&self, path: &Path) {
        let mut idle = lock(&self.0);
        idle.age += 1;
        idle.handles.retain(|(of, _)| of != path);
    }
}

impl Deref for Handle {
    type Target = Repository;

    #[allow(clippy::expect_used, reason = "only `drop` takes it out")]
    fn deref(&self) -> &Repository {
        &self.repository.as_ref().expect("a handle has its repository until it is dropped").1
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(used) = self.repository.take() else { return };
        let mut idle = lock(&self.home);
        if idle.age != self.age {
            return;
        }
        if idle.handles.len() == KEPT {
            idle.handles.remove(0);
        }
        idle.handles.push(used);
    }
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(at: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(at).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(at: &Path, text: &str) -> git2::Oid {
        let tree = git(at, &["hash-object", "-w", "-t", "tree", "/dev/null"]);
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let commit = git(at, &[&who[..], &["commit-tree", "-m", text, &tree]].concat());
        git(at, &["update-ref", "refs/heads/main", &commit]);
        commit.parse().unwrap()
    }

    /// Another program pushes between two requests, packs everything, and pushes again.
    #[test]
    fn a_kept_handle_sees_what_others_wrote_loose_or_packed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.git");
        Repository::init_bare(&path).unwrap();
        let handles = Handles::default();
        let seen = || {
            let git = handles.open(path.clone()).unwrap();
            git.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap().id()
        };
        for text in ["one", "two"] {
            let pushed = commit(&path, text);
            assert_eq!(seen(), pushed);
            git(&path, &["gc", "--quiet", "--prune=now"]);
            assert_eq!(seen(), pushed);
        }
        assert_eq!(lock(&handles.0).handles.len(), 1, "it is opened once");
    }

    #[test]
    fn no_handle_outlives_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let handles = Handles::default();
        let path = folder.path().join("one.git");
        Repository::init_bare(&path).unwrap();
        let in_use = handles.open(path.clone()).unwrap();
        drop(handles.open(path.clone()).unwrap());
        handles.forget(&path);
        drop(in_use);
        assert!(lock(&handles.0).handles.is_empty());
    }

    #[test]
    fn few_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let handles = Handles::default();
        for number in 0..KEPT + 3 {
            let path = folder.path().join(format!("{number}.git"));
            Repository::init_bare(&path).unwrap();
            drop(handles.open(path).unwrap());
        }
        assert_eq!(lock(&handles.0).handles.len(), KEPT);
    }
}
