//! A local repository, bare or not, opened for its objects and references only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository};

use tempfile::TempDir;

use super::partial;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

/// A handle on a local repository.
///
/// libgit2's handle may be sent to another thread but not shared, so a `Store` is `Send` and not `Sync`: open one
/// per blocking task ([`Store::again`] is cheap), and never hold one across an `await`.
pub struct Store {
    repository: Repository,
    path: PathBuf,
    /// Kept for as long as the handle: see [`super::partial`].
    _stand_in: Option<TempDir>,
}

/// A reference and the object it points at, symbolic ones resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Reference {
    /// The full name, `refs/…`.
    pub name: String,
    /// The commit it stands for; annotated tags are peeled.
    pub commit: CommitId,
}

/// What a caller expects of a reference before it changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedRef {
    /// It does not exist: create only.
    Absent,
    /// It is at this commit.
    At(CommitId),
    /// It may be anywhere. Only for references that nobody else writes.
    Anything,
}

impl Store {
    /// Opens the repository at exactly this path (a bare repository, a `.git`, or a work tree).
    ///
    /// # Errors
    /// [`GitError::Open`] if there is none.
    pub fn open(path: &Path) -> Result<Store, GitError> {
        // In a partial clone libgit2 would refuse every tree that names a blob which is not here, although
        // writing such a tree is perfectly right: the blob is on the other side.
        git2::opts::strict_object_creation(false);
        // libgit2 hashes every object again that it reads, a third of a pick's time. Git does not: objects were checked
        // when they came, and their compressed form has a checksum of its own.
        git2::opts::strict_hash_verification(false);
        match Repository::open(path) {
            Ok(repository) => Ok(Store { repository, path: path.to_owned(), _stand_in: None }),
            Err(source) => {
                let stand_in = partial::stand_in(path, &source).ok_or_else(|| open_failed(path, source))?;
                let repository =
                    Repository::open(stand_in.path()).map_err(|source| open_failed(path, source))?;
                Ok(Store { repository, path: path.to_owned(), _stand_in: Some(stand_in) })
            }
        }
    }

    /// Makes an empty bare repository, or opens the one that is there.
    ///
    /// # Errors
    /// [`GitError::Open`] if the directory cannot be made one.
    pub fn create(path: &Path) -> Result<Store, GitError> {
        Store::lay_out(path)?;
        Store::open(path)
    }

    /// Makes an empty bare repository, if there is none.
    ///
    /// # Errors
    /// [`GitError::File`] if the directory cannot be made one.
    pub(super) fn lay_out(path: &Path) -> Result<(), GitError> {
        if path.join("HEAD").is_file() {
            return Ok(());
        }
        lay_out(path).map_err(|source| GitError::File { path: path.to_owned(), source })
    }

    /// Another handle on the same repository, for another thread.
    ///
    /// # Errors
    /// [`GitError::Open`] if it has gone.
    pub fn again(&self) -> Result<Store, GitError> {
        Store::open(&self.path)
    }

    /// The path it was opened at.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that holds `objects` and `refs`, for the `git` program's `--git-dir`.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.repository.path()
    }

    /// libgit2's handle, for the rest of this room.
    pub(crate) fn raw(&self) -> &Repository {
        &self.repository
    }

    /// The commit that a branch, tag, id or any other revision stands for.
    ///
    /// # Errors
    /// [`GitError::LooksLikeOption`], or [`GitError::UnknownRevision`] if it names no commit here.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        if revision.starts_with('-') {
            return Err(GitError::LooksLikeOption(revision.to_owned()));
        }
        let unknown = || GitError::UnknownRevision { revision: revision.to_owned(), path: self.path.clone() };
        let object = self.repository.revparse_single(revision).map_err(|source| match source.code() {
            ErrorCode::NotFound => self.named_and_missing(revision).unwrap_or_else(unknown),
            ErrorCode::Ambiguous | ErrorCode::InvalidSpec => unknown(),
            _ => GitError::Libgit2 { action: format!("look up `{revision}`"), source },
        })?;
        let commit = object.peel_to_commit().map_err(|_| unknown())?;
        self.refuse_replaced(&commit)?;
        commit_id(commit.id())
    }

    /// The head of a branch: a local one before a tag of the same name, and one of a remote where there is no other.
    /// Any other revision counts as it does elsewhere.
    ///
    /// # Errors
    /// As [`Store::resolve`].
    pub fn resolve_branch(&self, name: &str) -> Result<CommitId, GitError> {
        let is_there = |full: &String| self.repository.find_reference(full).is_ok();
        let full = [format!("refs/heads/{name}"), format!("refs/remotes/{name}")].into_iter().find(is_there);
        match self.resolve(full.as_deref().unwrap_or(name)) {
            Err(unknown @ GitError::UnknownRevision { .. }) => {
                let mut heads = BTreeSet::new();
                for remote in self.repository.remotes().doing(|| "list the remotes".to_owned())?.iter() {
                    let full = remote.ok().flatten().map(|remote| format!("refs/remotes/{remote}/{name}"));
                    if let Some(full) = full.filter(is_there) {
                        heads.insert(self.resolve(&full)?);
                    }
                }
                // Where remotes differ, people say which one they mean.
                if heads.len() == 1 { heads.pop_first().ok_or(unknown) } else { Err(unknown) }
            }
            found => found,
        }
    }

    /// Git reads another object in the place of one that `refs/replace/` names, and libgit2 does not.
    fn refuse_replaced(&self, commit: &git2::Commit<'_>) -> Result<(), GitError> {
        if std::env::var_os("GIT_NO_REPLACE_OBJECTS").is_some() {
            return Ok(());
        }
        let mut read = [commit.id(), commit.tree_id()].into_iter().chain(commit.parent_ids());
        let is_replaced = |id: &Oid| self.repository.find_reference(&format!("refs/replace/{id}")).is_ok();
        match read.find(is_replaced) {
            Some(id) => Err(GitError::Replaced { id: id.to_string() }),
            None => Ok(()),
        }
    }

    /// The error for a name that is here although its commit is not.
    fn named_and_missing(&self, name: &str) -> Option<GitError> {
        let reference = self.repository.resolve_reference_from_short_name(name).ok()?;
        let target = reference.resolve().ok()?.target()?;
        Some(GitError::Missing { id: target.to_string() })
    }

    /// The tree of a commit.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit is not here.
    pub fn tree_of(&self, commit: &CommitId) -> Result<TreeId, GitError> {
        tree_id(self.find_commit(commit)?.tree_id())
    }

    /// Whether a tree has a folder at this path.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn has_folder(&self, tree: &TreeId, path: &str) -> Result<bool, GitError> {
        match self.find_tree(tree)?.get_path(Path::new(path)) {
            Ok(entry) => Ok(entry.kind() == Some(ObjectType::Tree)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
            Err(source) => Err(GitError::Libgit2 { action: format!("look up `{path}`"), source }),
        }
    }

    /// A file's bytes in a tree; `None` if the tree has no such file. A symbolic link gives its target.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree or the blob is not here.
    pub fn read_file_in_tree(&self, tree: &TreeId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let tree = self.find_tree(tree)?;
        let entry = match tree.get_path(Path::new(path)) {
            Ok(entry) => entry,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(source) => return Err(GitError::Libgit2 { action: format!("look up `{path}`"), source }),
        };
        if entry.kind() != Some(ObjectType::Blob) {
            return Ok(None);
        }
        let blob = self.repository.find_blob(entry.id()).map_err(|source| lookup(entry.id(), source))?;
        Ok(Some(blob.content().to_vec()))
    }

    /// Every reference whose full name starts with `prefix` (`refs/heads/`, or `refs/` for all), by name.
    /// References to anything but a commit are left out.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if the references cannot be read; [`GitError::Missing`] if the object of one is not
    /// here: left out, it would look like one that does not exist.
    pub fn references(&self, prefix: &str) -> Result<Vec<Reference>, GitError> {
        let mut found = Vec::new();
        for reference in self.repository.references().doing(|| "list references".to_owned())? {
            let reference = reference.doing(|| "read a reference".to_owned())?;
            // A name in another encoding is shown as well as it can be: left out, it would be overlooked.
            let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
            if !name.starts_with(prefix) {
                continue;
            }
            // A branch that was never born has no target: the HEAD of an empty remote.
            let target = reference.target().or_else(|| reference.resolve().ok()?.target());
            let Some(target) = target else { continue };
            let object =
                self.repository.find_object(target, None).map_err(|source| lookup(target, source))?;
            match object.peel(ObjectType::Commit) {
                Ok(commit) => found.push(Reference { name, commit: commit_id(commit.id())? }),
                Err(error) if matches!(error.code(), ErrorCode::InvalidSpec | ErrorCode::Peel) => {}
                Err(error) => return Err(lookup(target, error)),
            }
        }
        found.sort();
        Ok(found)
    }

    /// The commit of one reference by full name; `None` if it does not exist.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if it exists and cannot be read.
    pub fn reference(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        match self.repository.find_reference(name).and_then(|found| found.peel(ObjectType::Commit)) {
            Ok(commit) => Ok(Some(commit_id(commit.id())?)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(source) => Err(GitError::Libgit2 { action: format!("read `{name}`"), source }),
        }
    }

    /// Points a reference at a commit, if it is where the caller expects it. Writes.
    ///
    /// # Errors
    /// [`GitError::Moved`] if it is elsewhere; [`GitError::Missing`] if the commit is not here.
    pub fn set_ref(
        &self,
        name: &str,
        to: &CommitId,
        expected: &ExpectedRef,
        reason: &str,
    ) -> Result<(), GitError> {
        // libgit2 would write the name of nothing (strict creation is off), and no list of references could be read again.
        let target = self.find_commit(to)?.id();
        let moved = |wanted: &str| -> GitError {
            let found = self.reference(name).ok().flatten();
            GitError::Moved {
                name: name.to_owned(),
                found: found.map_or_else(|| "nothing".to_owned(), |id| id.to_string()),
                expected: wanted.to_owned(),
            }
        };
        let written = match expected {
            ExpectedRef::Absent => self.repository.reference(name, target, false, reason),
            ExpectedRef::At(old) => self.repository.reference_matching(name, target, true, oid(old)?, reason),
            ExpectedRef::Anything => self.repository.reference(name, target, true, reason),
        };
        match (written, expected) {
            (Ok(_), _) => Ok(()),
            (Err(error), ExpectedRef::Absent) if error.code() == ErrorCode::Exists => Err(moved("nothing")),
            (Err(error), ExpectedRef::At(old))
                if matches!(error.code(), ErrorCode::Modified | ErrorCode::NotFound) =>
            {
                Err(moved(old.as_str()))
            }
            (Err(source), _) => Err(GitError::Libgit2 { action: format!("write `{name}`"), source }),
        }
    }

    /// The commit as libgit2 has it.
    ///
    /// # Errors
    /// [`GitError::Missing`] when the clone lacks it.
    pub(crate) fn find_commit(&self, id: &CommitId) -> Result<git2::Commit<'_>, GitError> {
        let id = oid(id)?;
        self.repository.find_commit(id).map_err(|source| lookup(id, source))
    }

    /// The tree as libgit2 has it.
    ///
    /// # Errors
    /// [`GitError::Missing`] when the clone lacks it.
    pub(crate) fn find_tree(&self, id: &TreeId) -> Result<git2::Tree<'_>, GitError> {
        let id = tree_oid(id)?;
        self.repository.find_tree(id).map_err(|source| lookup(id, source))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.path.display())
    }
}

/// Lays out an empty bare repository: what git needs, and nothing else. No template: hooks of the machine's owner have no business
/// in our repositories (BP-45). What makes it one comes last.
fn lay_out(path: &Path) -> std::io::Result<()> {
    for part in ["objects/info", "objects/pack", "refs"] {
        fs::create_dir_all(path.join(part))?;
    }
    if !path.join("config").exists() {
        fs::write(
            path.join("config"),
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n",
        )?;
    }
    fs::write(path.join("HEAD"), "ref: refs/heads/main\n")
}

fn open_failed(path: &Path, source: git2::Error) -> GitError {
    GitError::Open { path: path.to_owned(), source }
}

/// An object that is not here is a matter of the clone, not of libgit2.
pub(crate) fn lookup(id: Oid, source: git2::Error) -> GitError {
    match source.code() {
        ErrorCode::NotFound => GitError::Missing { id: id.to_string() },
        _ => GitError::Libgit2 { action: format!("read object {id}"), source },
    }
}

/// libgit2's form of a commit's id.
pub(crate) fn oid(id: &CommitId) -> Result<Oid, GitError> {
    Oid::from_str(id.as_str()).doing(|| format!("read the id `{id}`"))
}

/// libgit2's form of a tree's id.
pub(crate) fn tree_oid(id: &TreeId) -> Result<Oid, GitError> {
    Oid::from_str(id.as_str()).doing(|| format!("read the id `{id}`"))
}

/// Our form of what libgit2 calls a commit.
pub(crate) fn commit_id(id: Oid) -> Result<CommitId, GitError> {
    Ok(id.to_string().parse()?)
}

/// Our form of what libgit2 calls a tree.
pub(crate) fn tree_id(id: Oid) -> Result<TreeId, GitError> {
    Ok(id.to_string().parse()?)
}
