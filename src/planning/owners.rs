//! Who owns the code of the branches where an owner has to approve, as each branch says it itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Repo;
use crate::code_owners::{CodeOwners, PLACES};
use crate::git::{GitError, Store};
use crate::github::{Client, GitHubError};
use crate::ids::{BranchName, CommitId};
use crate::merge_rules::{Demand, MergeRules};
use crate::plan::Inputs;
use crate::steps::TreeFiles;

/// The owners that these branches name at their heads; a branch is missing where no rule asks for any, or it names none.
///
/// # Errors
/// When the store lacks a head.
pub(super) fn code_owners(
    store: &Store,
    rules: &MergeRules,
    heads: &BTreeMap<BranchName, CommitId>,
) -> Result<BTreeMap<BranchName, CodeOwners>, GitError> {
    let mut all = BTreeMap::new();
    let is_asked = |branch: &BranchName| {
        rules.branches.get(branch).is_some_and(|rules| rules.demands.contains(&Demand::CodeOwner))
    };
    for (branch, head) in heads.iter().filter(|(branch, _)| is_asked(branch)) {
        let tree = store.tree_of(head)?;
        for place in PLACES {
            if let Some(bytes) = store.read_file_in_tree(&tree, place)? {
                all.insert(branch.clone(), CodeOwners::parse(&String::from_utf8_lossy(&bytes)));
                break;
            }
        }
    }
    Ok(all)
}

/// The files that another version changes on each of these branches. Where none can be written, or a command writes it, none are
/// known.
///
/// # Errors
/// When the store lacks a head.
pub(super) fn versioned(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    owners: &BTreeMap<BranchName, CodeOwners>,
    heads: &BTreeMap<BranchName, CommitId>,
) -> Result<BTreeMap<BranchName, BTreeSet<String>>, GitError> {
    let mut all = BTreeMap::new();
    for (branch, head) in heads.iter().filter(|(branch, _)| owners.contains_key(*branch)) {
        let Some(versioning) = inputs.versioning(repo, branch) else { continue };
        let files = TreeFiles::of(store, head)?;
        let next = versioning.read(&files).ok().and_then(|version| version.next_patch());
        let changed = next.and_then(|next| versioning.write(&files, &next).ok()).unwrap_or_default();
        if !changed.is_empty() {
            all.insert(branch.clone(), changed.into_iter().map(|change| change.path).collect());
        }
    }
    Ok(all)
}

/// The members of the teams among these owners, as far as the token may read them.
///
/// # Errors
/// When GitHub cannot be asked.
pub(super) async fn teams(
    github: &Client,
    owners: &BTreeMap<BranchName, CodeOwners>,
) -> Result<BTreeMap<String, Option<Vec<String>>>, GitHubError> {
    let mut teams = BTreeMap::new();
    for owner in owners.values().flat_map(CodeOwners::all) {
        let named = owner.strip_prefix('@').and_then(|name| name.split_once('/'));
        if let (Some((org, team)), false) = (named, teams.contains_key(owner)) {
            teams.insert(owner.to_owned(), github.team_members(org, team).await?);
        }
    }
    Ok(teams)
}
