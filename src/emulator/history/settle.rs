//! Where the repositories of a world really are: told, mirrored, or beside the world's file.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{HistoryError, build, is_told};
use crate::emulator::spec::{SourceSpec, WorldSpec};
use crate::ids::RepoName;

/// Points every source of a world at a repository that exists: the mirror that was given for it, or what its path
/// names relative to `directory` (where `world.toml` lies). Told histories are built below `into`, which must live
/// as long as the world, as mirrors must. What an earlier, killed attempt has built is taken as it is.
///
/// # Errors
/// [`HistoryError::NoRepository`] for a path with nothing there and no mirror; else as [`build`].
pub fn settle(
    world: &mut WorldSpec,
    directory: &Path,
    mirrors: &BTreeMap<RepoName, PathBuf>,
    into: &Path,
) -> Result<(), HistoryError> {
    for repo in &mut world.repos {
        if let Some(source) = &mut repo.source {
            settle_source(source, &repo.name, directory, mirrors, &into.join(format!("{}.git", repo.name)))?;
        }
    }
    for advisory in &mut world.advisories {
        if let Some(source) = advisory.fork.as_mut().and_then(|fork| fork.source.as_mut()) {
            let fork = advisory.repo.private_fork(&advisory.ghsa);
            settle_source(source, &fork, directory, mirrors, &into.join(format!("{fork}.git")))?;
        }
    }
    Ok(())
}

fn settle_source(
    source: &mut SourceSpec,
    repo: &RepoName,
    directory: &Path,
    mirrors: &BTreeMap<RepoName, PathBuf>,
    into: &Path,
) -> Result<(), HistoryError> {
    let path = mirrors.get(repo).cloned().unwrap_or_else(|| directory.join(&source.path));
    source.path = if is_told(&path) {
        build_once(&path, into)?;
        into.to_owned()
    } else {
        // Git's alternates are read from elsewhere, so the path must not depend on where we stand.
        path.canonicalize().map_err(|source| HistoryError::NoRepository {
            repo: repo.clone(),
            path,
            source,
        })?
    };
    Ok(())
}

/// Builds beside the place and moves there what is whole: half a history must never be taken for all of it.
fn build_once(told: &Path, into: &Path) -> Result<(), HistoryError> {
    if into.exists() {
        return Ok(());
    }
    let place = |source| HistoryError::Place { path: into.to_owned(), source };
    let half = into.with_extension("half");
    match std::fs::remove_dir_all(&half) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(place(error)),
        _ => build(told, &half)?,
    }
    std::fs::rename(&half, into).map_err(place)
}
