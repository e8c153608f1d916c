//! The commits of a run, on this machine: the public ones from a copy that is here or from where they are public, the
//! others from the bundle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::git::{Store, fetch_commit, read_bundle};
use crate::ids::{CommitId, RepoName};
use crate::private_folder::private_folder_in;
use crate::runner::TreeUnderTest;
use crate::workers::error::WorkersError;
use crate::workers::kit::{Kit, TESTED};

/// Copies of public repositories on this machine.
pub type Mirrors = BTreeMap<RepoName, PathBuf>;

/// Where repositories are public.
const PUBLIC: &str = "https://github.com";

/// The commits of a run. They go away with this value.
pub(super) struct Checkout {
    store: Store,
    _folder: TempDir,
}

impl Checkout {
    /// Takes them in.
    ///
    /// # Errors
    /// The public ones cannot be had, or the bundle does not fit on them.
    pub(super) async fn of(kit: &Kit, below: &Path, mirrors: &Mirrors) -> Result<Checkout, WorkersError> {
        let file = |source| WorkersError::File { what: "write", path: below.to_owned(), source };
        let folder = private_folder_in(below, "run-").map_err(file)?;
        let path = folder.path().join("tested.git");
        let store = match &kit.head.base {
            Some(base) if !kit.head.is_whole => {
                Store::create_borrowing(&path, &public(kit, base, below, mirrors).await?)?
            }
            _ => Store::create(&path)?,
        };
        let bundle = folder.path().join("tested.bundle");
        std::fs::write(&bundle, &kit.bundle).map_err(file)?;
        read_bundle(store.git_dir(), TESTED, &bundle).await?;
        std::fs::remove_file(&bundle).map_err(file)?;
        Ok(Checkout { store: store.again()?, _folder: folder })
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// A commit of it, to be tested.
    pub(super) fn tree(&self, commit: &CommitId) -> Result<TreeUnderTest, WorkersError> {
        let path = self.store.git_dir().to_owned();
        TreeUnderTest::of(&self.store, commit.clone())?.map_err(|source| WorkersError::File {
            what: "find",
            path,
            source,
        })
    }
}

/// A repository on this machine that has the public commit.
async fn public(
    kit: &Kit,
    base: &CommitId,
    below: &Path,
    mirrors: &Mirrors,
) -> Result<PathBuf, WorkersError> {
    let name = kit.head.repository.as_deref().and_then(|name| name.parse::<RepoName>().ok());
    if let Some(mirror) = name.as_ref().and_then(|name| mirrors.get(name))
        && Store::open(mirror)?.has_commit(base)
    {
        return Ok(mirror.clone());
    }
    let name = name.ok_or_else(|| WorkersError::NoPlace(base.clone()))?;
    let kept = below.join("public").join(format!("{}+{}.git", name.owner(), name.name()));
    let store = Store::create(&kept)?;
    if !store.has_commit(base) {
        let reference = format!("refs/heads/base-{base}");
        fetch_commit(store.git_dir(), &format!("{PUBLIC}/{name}"), base, &reference).await?;
    }
    Ok(kept)
}
