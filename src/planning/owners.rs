//! Who owns the code of the branches where an owner has to approve, as each branch says it itself.

use std::collections::BTreeMap;

use crate::code_owners::{CodeOwners, PLACES};
use crate::git::{GitError, Store};
use crate::ids::{BranchName, CommitId};
use crate::merge_rules::{Demand, MergeRules};

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
