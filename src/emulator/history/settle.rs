//! Where the repositories of a world really are: told, mirrored, or beside the world's file.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::build::build;
use super::error::HistoryError;
use super::mirror;
use super::told::is_told;
use crate::emulator::spec::{SourceSpec, WorldSpec};
use crate::ids::RepoName;

/// Points every source of a world at a repository that exists: the mirror that was given for it, or what its path
/// names relative to `directory` (where `world.toml` lies). Told histories are built and mirrors are copied below
/// `into`, which must live as long as the world. What an earlier, killed attempt has built is taken as it is.
///
/// # Errors
/// [`HistoryError::NoRepository`] for a path with nothing there and no mirror; else as [`build`].
pub fn settle(
    world: &mut WorldSpec,
    directory: &Path,
    mirrors: &BTreeMap<RepoName, PathBuf>,
    into: &Path,
) -> Result<(), HistoryError> {
    let mut settling = Settling { directory, mirrors, into, settled: BTreeMap::new() };
    for repo in &mut world.repos {
        if let Some(source) = &mut repo.source {
            settling.settle(source, &repo.name)?;
        }
    }
    for advisory in &mut world.advisories {
        if let Some(source) = advisory.fork.as_mut().and_then(|fork| fork.source.as_mut()) {
            settling.settle(source, &advisory.repo.private_fork(&advisory.ghsa))?;
        }
    }
    Ok(())
}

/// The sources of a world, one after the other.
struct Settling<'a> {
    directory: &'a Path,
    mirrors: &'a BTreeMap<RepoName, PathBuf>,
    into: &'a Path,
    /// What became of each place: two repositories may share a mirror, which is copied once.
    settled: BTreeMap<PathBuf, PathBuf>,
}

impl Settling<'_> {
    fn settle(&mut self, source: &mut SourceSpec, repo: &RepoName) -> Result<(), HistoryError> {
        let path = self.mirrors.get(repo).cloned().unwrap_or_else(|| self.directory.join(&source.path));
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(source) => return Err(HistoryError::NoRepository { repo: repo.clone(), path, source }),
        };
        if let Some(known) = self.settled.get(&path) {
            source.path.clone_from(known);
            return Ok(());
        }
        let into = self.into.join(format!("{repo}.git"));
        build_once(&path, &into)?;
        // Git's alternates are read from elsewhere, so the path must not depend on where we stand.
        let into = into.canonicalize().map_err(|source| HistoryError::Place { path: into, source })?;
        source.path.clone_from(&into);
        self.settled.insert(path, into);
        Ok(())
    }
}

/// Builds or copies beside the place and moves there what is whole: half a history must never be taken for all of it.
fn build_once(from: &Path, into: &Path) -> Result<(), HistoryError> {
    if into.exists() {
        return Ok(());
    }
    let place = |source| HistoryError::Place { path: into.to_owned(), source };
    let half = into.with_extension("half");
    match std::fs::remove_dir_all(&half) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(place(error)),
        _ if is_told(from) => build(from, &half)?,
        _ => mirror::copy(from, &half)
            .map_err(|source| HistoryError::Mirror { path: from.to_owned(), source: Box::new(source) })?,
    }
    std::fs::rename(&half, into).map_err(place)
}
