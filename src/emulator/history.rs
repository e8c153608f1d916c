//! Told histories: a directory of readable text from which a bare git repository is built.
//!
//! `history.toml` lists commits in order; each lays a directory of files over its branch or applies a patch.
//! Authors and dates are given, so the same text always gives the same commit ids, on every machine.

mod error;
mod mirror;
mod settle;
#[cfg(test)]
mod tests;
mod tree;

use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, Oid, Repository, RepositoryInitOptions, Signature, Time};
use jiff::Timestamp;
use serde::Deserialize;

pub use self::error::{EntryError, HistoryError};
pub use self::mirror::MirrorError;
pub use self::settle::settle;
use crate::ids::BranchName;

/// The file that makes a directory a told history.
const FILE: &str = "history.toml";

/// Everything that stands in `history.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToldHistory {
    /// Another told history that comes first, relative to this one: what a fork or a private copy begins with.
    #[serde(default)]
    begins_with: Option<PathBuf>,
    /// The commits, oldest first.
    #[serde(rename = "commit", default)]
    commits: Vec<ToldCommit>,
}

/// One commit on top of a branch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToldCommit {
    /// The branch that it is made on.
    branch: BranchName,
    /// The branch or tag from which a new branch starts.
    #[serde(default)]
    from: Option<BranchName>,
    /// Author and committer.
    author: Person,
    /// When, for author and committer alike.
    date: Timestamp,
    /// The message; it ends with one line break.
    message: String,
    /// A directory, relative to the history, whose files are laid over the tree.
    #[serde(default)]
    files: Option<PathBuf>,
    /// A diff as `git diff` prints it (libgit2 wants the `diff --git` lines), relative to the history, that is
    /// applied to the tree.
    #[serde(default)]
    patch: Option<PathBuf>,
    /// Paths that are removed.
    #[serde(default)]
    delete: Vec<String>,
    /// Paths that become executable; those that are stay so.
    #[serde(default)]
    executable: Vec<String>,
    /// A lightweight tag on this commit.
    #[serde(default)]
    tag: Option<String>,
}

/// A name and an address, told as `Name <address>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Person {
    name: String,
    address: String,
}

impl TryFrom<String> for Person {
    type Error = String;

    fn try_from(text: String) -> Result<Person, String> {
        let parts = text.strip_suffix('>').and_then(|rest| rest.split_once(" <"));
        let (name, address) = parts.ok_or_else(|| format!("`{text}` is not `Name <address>`"))?;
        Ok(Person { name: name.to_owned(), address: address.to_owned() })
    }
}

/// Whether the directory holds a told history (and not, say, a repository).
#[must_use]
pub fn is_told(directory: &Path) -> bool {
    directory.join(FILE).is_file()
}

/// Builds the bare repository `into` from the history told in the directory `told`. Its `HEAD` is the branch of
/// the first commit.
///
/// # Errors
/// With the file and the entry: something is missing, does not apply or changes nothing; or `into` exists.
pub fn build(told: &Path, into: &Path) -> Result<(), HistoryError> {
    let chapters = chapters(told)?;
    let make = |source| HistoryError::Make { path: into.to_owned(), source };
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).external_template(false);
    if let Some(first) = chapters.iter().find_map(|(_, told)| told.commits.first()) {
        options.initial_head(first.branch.as_str());
    }
    let repository = Repository::init_opts(into, &options).map_err(make)?;
    for (directory, told) in &chapters {
        for (index, commit) in told.commits.iter().enumerate() {
            add(&repository, directory, commit).map_err(|source| HistoryError::Entry {
                path: directory.join(FILE),
                number: index + 1,
                subject: commit.message.lines().next().unwrap_or_default().to_owned(),
                source: Box::new(source),
            })?;
        }
    }
    Ok(())
}

/// The histories to be told one after the other, each with its directory.
fn chapters(last: &Path) -> Result<Vec<(PathBuf, ToldHistory)>, HistoryError> {
    let mut chapters: Vec<(PathBuf, ToldHistory)> = Vec::new();
    let mut next = Some(last.to_owned());
    while let Some(directory) = next {
        let path = directory.join(FILE);
        let read = |source| HistoryError::Read { path: path.clone(), source };
        let directory = directory.canonicalize().map_err(read)?;
        if chapters.iter().any(|(seen, _)| *seen == directory) {
            return Err(HistoryError::Circular { path });
        }
        let text = std::fs::read_to_string(&path).map_err(read)?;
        let told: ToldHistory = toml::from_str(&text)
            .map_err(|source| HistoryError::Malformed { path: path.clone(), source: Box::new(source) })?;
        next = told.begins_with.as_ref().map(|earlier| directory.join(earlier));
        chapters.push((directory, told));
    }
    chapters.reverse();
    Ok(chapters)
}

fn add(repository: &Repository, directory: &Path, told: &ToldCommit) -> Result<Oid, EntryError> {
    let parent = parent(repository, told)?;
    let before = parent.as_ref().map(Commit::tree).transpose()?;
    let after = tree::after(repository, before.as_ref(), directory, told)?;
    if before.is_some_and(|before| before.id() == after) {
        return Err(EntryError::NothingChanges);
    }
    let hour = Time::new(told.date.as_second(), 0);
    let person = Signature::new(&told.author.name, &told.author.address, &hour)?;
    let message = format!("{}\n", told.message.trim_end());
    let after = repository.find_tree(after)?;
    let parents: Vec<&Commit<'_>> = parent.iter().collect();
    let made = repository.commit(None, &person, &person, &message, &after, &parents)?;
    repository.reference(&told.branch.full(), made, true, "told")?;
    if let Some(tag) = &told.tag {
        repository.reference(&format!("refs/tags/{tag}"), made, false, "told")?;
    }
    Ok(made)
}

/// The commit that the entry stands on; `None` for the very first one.
fn parent<'repo>(
    repository: &'repo Repository,
    told: &ToldCommit,
) -> Result<Option<Commit<'repo>>, EntryError> {
    match (tip(repository, &told.branch.full())?, &told.from) {
        (Some(tip), None) => Ok(Some(tip)),
        (Some(_), Some(_)) => Err(EntryError::Started(told.branch.clone())),
        (None, Some(from)) => {
            let start = match tip(repository, &from.full())? {
                Some(start) => Some(start),
                None => tip(repository, &format!("refs/tags/{from}"))?,
            };
            start.map(Some).ok_or_else(|| EntryError::NoSuchStart(from.clone()))
        }
        (None, None) if repository.references()?.next().is_none() => Ok(None),
        (None, None) => Err(EntryError::NoStart(told.branch.clone())),
    }
}

fn tip<'repo>(repository: &'repo Repository, reference: &str) -> Result<Option<Commit<'repo>>, EntryError> {
    match repository.find_reference(reference) {
        Ok(reference) => Ok(Some(reference.peel_to_commit()?)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
