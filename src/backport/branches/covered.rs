//! The branches that globs cover.

use crate::git::{GitError, Reference, Store};

/// Why globs cover no branches.
#[derive(Debug, thiserror::Error)]
pub enum CoverError {
    /// It starts with a dash: somebody mixed up the arguments.
    #[error("`{0}` looks like an option, not like a branch")]
    LooksLikeOption(String),
    /// It cannot be read.
    #[error("`{glob}` is not a glob: {source}")]
    NotAGlob {
        /// As it was given.
        glob: String,
        /// What is wrong.
        source: glob::PatternError,
    },
    /// No branch is called like that. A misspelt name must not look like a branch that is not affected.
    #[error("no branch is covered by `{glob}`")]
    CoversNone {
        /// As it was given.
        glob: String,
        /// The branches that there are.
        known: Vec<String>,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// The branches that the globs cover, each once, by name: `main`, and `origin/main` for a branch of a clone's remote.
///
/// # Errors
/// When one of the globs cannot be read, or covers none.
pub fn covered_branches(store: &Store, globs: &[String]) -> Result<Vec<Reference>, CoverError> {
    let all = branches(store)?;
    let mut covered = Vec::new();
    for glob in globs {
        if glob.starts_with('-') {
            return Err(CoverError::LooksLikeOption(glob.clone()));
        }
        let pattern =
            glob::Pattern::new(glob).map_err(|source| CoverError::NotAGlob { glob: glob.clone(), source })?;
        let before = covered.len();
        covered.extend(all.iter().filter(|branch| pattern.matches(&branch.name)).cloned());
        if covered.len() == before {
            let known = all.into_iter().map(|branch| branch.name).collect();
            return Err(CoverError::CoversNone { glob: glob.clone(), known });
        }
    }
    covered.sort();
    covered.dedup();
    Ok(covered)
}

fn branches(store: &Store) -> Result<Vec<Reference>, GitError> {
    let mut all = Vec::new();
    for prefix in ["refs/heads/", "refs/remotes/"] {
        all.extend(store.references(prefix)?.into_iter().filter_map(|reference| {
            let name = reference.name.strip_prefix(prefix)?.to_owned();
            // A remote's HEAD is another name of one of its branches.
            (!name.ends_with("/HEAD")).then_some(Reference { name, commit: reference.commit })
        }));
    }
    Ok(all)
}
