//! A bare repository from a told history.

use std::path::Path;

use git2::{Commit, ErrorCode, Oid, Repository, RepositoryInitOptions, Signature, Time};

use super::error::{EntryError, HistoryError};
use super::told::{FILE, ToldCommit, chapters};
use super::tree;

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

fn add(repository: &Repository, directory: &Path, told: &ToldCommit) -> Result<Oid, EntryError> {
    let parent = parent(repository, told)?;
    let before = parent.as_ref().map(Commit::tree).transpose()?;
    let after = tree::after(repository, before.as_ref(), directory, told)?;
    if before.is_some_and(|before| before.id() == after) {
        return Err(EntryError::NothingChanges);
    }
    let time = Time::new(told.date.as_second(), 0);
    let person = Signature::new(&told.author.name, &told.author.address, &time)?;
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

pub(super) fn tip<'repo>(
    repository: &'repo Repository,
    reference: &str,
) -> Result<Option<Commit<'repo>>, EntryError> {
    match repository.find_reference(reference) {
        Ok(reference) => Ok(Some(reference.peel_to_commit()?)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
