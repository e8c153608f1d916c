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

/// The branches that the globs cover, each once, by name: `main`, and `origin/main` for a branch of a clone's remote. Such a
/// branch is also covered by its name without the remote's, unless there is a local one of that name; what two remotes have at
/// one commit counts once then.
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
        covered.extend(meant(&all, &pattern).cloned());
        if covered.len() == before {
            let known = all.into_iter().map(|branch| branch.reference.name).collect();
            return Err(CoverError::CoversNone { glob: glob.clone(), known });
        }
    }
    covered.sort();
    covered.dedup();
    Ok(covered)
}

/// A branch, and what people call it.
struct KnownBranch {
    reference: Reference,
    /// Without the name of the remote that has it.
    short: String,
}

/// The branches that a glob covers: by their full names, or by their short ones where nothing before has that.
fn meant<'b>(all: &'b [KnownBranch], pattern: &'b glob::Pattern) -> impl Iterator<Item = &'b Reference> {
    let covered = all.iter().enumerate().filter(move |(index, branch)| {
        let is_named_before = |other: &KnownBranch| {
            let is_local = other.reference.name == other.short;
            other.short == branch.short && (is_local || other.reference.commit == branch.reference.commit)
        };
        pattern.matches(&branch.reference.name)
            || pattern.matches(&branch.short) && !all[..*index].iter().any(is_named_before)
    });
    covered.map(|(_, branch)| &branch.reference)
}

/// The local branches, and then those of remotes.
fn branches(store: &Store) -> Result<Vec<KnownBranch>, GitError> {
    let mut all = Vec::new();
    for prefix in ["refs/heads/", "refs/remotes/"] {
        all.extend(store.references(prefix)?.into_iter().filter_map(|reference| {
            let name = reference.name.strip_prefix(prefix)?.to_owned();
            // A remote's HEAD is another name of one of its branches.
            let is_head = name.ends_with("/HEAD");
            let remote = name.split_once('/').filter(|_| prefix == "refs/remotes/");
            let short = remote.map_or(name.as_str(), |(_, short)| short).to_owned();
            let reference = Reference { name, commit: reference.commit };
            (!is_head).then_some(KnownBranch { reference, short })
        }));
    }
    // Of remotes that have the same, `origin` is the one that people mean.
    all.sort_by_key(|branch| {
        branch.reference.name != branch.short && !branch.reference.name.starts_with("origin/")
    });
    Ok(all)
}
