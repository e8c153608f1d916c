//! Who owns what the fixes change, where an owner has to approve.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::RepoName;
use crate::plan::{Plan, Target};
use crate::wording::counted;

/// How many files are named.
const SHOWN: usize = 3;

/// What there is to say of the owners of what the target gets, a line each.
pub(super) fn owners(plan: &Plan, target: &Target) -> Vec<String> {
    let seen = plan.snapshot.repos.get(&target.repo);
    let Some(owners) = seen.and_then(|state| state.rules.owners.get(&target.branch)) else {
        return Vec::new();
    };
    let changed = changed(plan, &target.repo, target);
    if changed.is_empty() {
        let all = owners.all();
        return vec![format!("owners by its CODEOWNERS: {}", all.join(", "))];
    }
    let mut by_owners: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for path in &changed {
        by_owners.entry(owners.of(path)).or_default().push(path);
    }
    by_owners.iter().map(|(owners, paths)| told(plan, owners, paths)).collect()
}

fn told(plan: &Plan, owners: &[String], paths: &[&str]) -> String {
    let manager = plan.inputs.release.manager.as_str();
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = match paths.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {}", counted(more, "other file")),
    };
    let files = format!("{}{more}", shown.join(", "));
    match owners {
        [] => format!("nobody owns {files}"),
        [only] if only.trim_start_matches('@').eq_ignore_ascii_case(manager) => format!(
            "ONLY {only} owns {files}, and opens the pull requests, which nobody approves for themselves: have CODEOWNERS \
             name somebody else, too, before the hour"
        ),
        owners => format!("{} owns {files}", owners.join(" or ")),
    }
}

/// The files that the fixes change, as far as they come as patch files: the others are known once they are fetched.
fn changed(plan: &Plan, repo: &RepoName, target: &Target) -> BTreeSet<String> {
    let advisories = target.advisories.iter().filter_map(|id| plan.inputs.release.advisory(id));
    let names = advisories.filter_map(|advisory| advisory.fix_in(repo)).flat_map(|fix| &fix.patches);
    names.filter_map(|name| plan.inputs.patches.get(name)).flat_map(|patch| patch.paths()).collect()
}
