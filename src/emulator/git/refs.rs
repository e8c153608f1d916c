//! References.

use std::collections::BTreeMap;

use git2::{Error, ErrorCode, Oid, Repository};

/// What a reference points at (the tag object of an annotated tag).
pub(crate) fn read_ref(repository: &Repository, name: &str) -> Option<Oid> {
    repository.find_reference(name).ok()?.target()
}

/// The tip of a branch, if there is one.
pub(crate) fn branch_tip(repository: &Repository, branch: &str) -> Option<Oid> {
    read_ref(repository, &format!("refs/heads/{branch}"))
}

/// Sets a reference; with `expected`, only if it still points there (`Oid::ZERO`: does not exist).
///
/// Returns whether it was set.
pub(crate) fn set_ref(
    repository: &Repository,
    name: &str,
    target: Oid,
    expected: Option<Oid>,
) -> Result<bool, Error> {
    let result = match expected {
        None => repository.reference(name, target, true, "emulator"),
        Some(old) if old.is_zero() => repository.reference(name, target, false, "emulator"),
        Some(old) => repository.reference_matching(name, target, true, old, "emulator"),
    };
    match result {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes a reference; nothing happens if it does not exist.
pub(crate) fn delete_ref(repository: &Repository, name: &str) -> Result<(), Error> {
    match repository.find_reference(name) {
        Ok(mut reference) => reference.delete(),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// All branches with their tips, by name.
pub(crate) fn branches(repository: &Repository) -> Result<BTreeMap<String, Oid>, Error> {
    let all = under(repository, "refs/heads/*")?;
    Ok(all.into_iter().map(|(name, tip)| (name["refs/heads/".len()..].to_owned(), tip)).collect())
}

/// Branches and tags, by full name: what CI and pull requests react to.
pub(crate) fn watched_refs(repository: &Repository) -> Result<BTreeMap<String, Oid>, Error> {
    let mut all = under(repository, "refs/heads/*")?;
    all.append(&mut under(repository, "refs/tags/*")?);
    Ok(all)
}

/// Where a reference leads.
pub(crate) struct RefTip {
    pub(crate) target: Oid,
    /// The reference that a symbolic one stands for.
    pub(crate) stands_for: Option<String>,
}

/// Every reference by full name. One that leads nowhere is left out.
pub(crate) fn reference_tips(repository: &Repository) -> Result<BTreeMap<String, RefTip>, Error> {
    let mut found = BTreeMap::new();
    for reference in repository.references()? {
        let reference = reference?;
        let Ok(name) = reference.name() else { continue };
        let tip = match reference.target() {
            Some(target) => RefTip { target, stands_for: None },
            None => match reference.resolve() {
                Ok(end) => match end.target() {
                    Some(target) => RefTip { target, stands_for: end.name().ok().map(str::to_owned) },
                    None => continue,
                },
                Err(_) => continue,
            },
        };
        found.insert(name.to_owned(), tip);
    }
    Ok(found)
}

fn under(repository: &Repository, glob: &str) -> Result<BTreeMap<String, Oid>, Error> {
    let mut found = BTreeMap::new();
    for reference in repository.references_glob(glob)? {
        let reference = reference?;
        if let (Ok(name), Some(target)) = (reference.name(), reference.target()) {
            found.insert(name.to_owned(), target);
        }
    }
    Ok(found)
}

/// The commit that a branch, tag, full reference or commit id names, as GitHub's `{ref}` parameters do.
pub(crate) fn resolve(repository: &Repository, name: &str) -> Option<Oid> {
    for candidate in
        [format!("refs/heads/{name}"), format!("refs/tags/{name}"), format!("refs/{name}"), name.to_owned()]
    {
        if let Ok(reference) = repository.find_reference(&candidate)
            && let Ok(commit) = reference.peel_to_commit()
        {
            return Some(commit.id());
        }
    }
    let digits = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !digits {
        return None;
    }
    Some(repository.find_commit_by_prefix(name).ok()?.id())
}
