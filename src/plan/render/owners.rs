//! Who owns what the fixes change, where an owner has to approve.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge_rules::MergeRules;
use crate::plan::{Plan, Target};
use crate::wording::counted;

/// How many files are named.
const SHOWN: usize = 3;

/// What there is to say of the owners of what the target gets, a line each.
pub(super) fn owners(plan: &Plan, target: &Target) -> Vec<String> {
    let Some(rules) = plan.snapshot.repos.get(&target.repo).map(|state| &state.rules) else {
        return Vec::new();
    };
    let Some(owners) = rules.owners.get(&target.branch) else { return Vec::new() };
    let changed = changed(plan, target);
    if changed.is_empty() {
        let all: Vec<String> = owners.all().into_iter().map(|owner| rules.owner_in_words(owner)).collect();
        return vec![format!("owners by its CODEOWNERS: {}", all.join(", "))];
    }
    let mut by_owners: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for path in &changed {
        by_owners.entry(owners.of(path)).or_default().push(path);
    }
    by_owners.iter().map(|(owners, paths)| told(plan, rules, owners, paths)).collect()
}

fn told(plan: &Plan, rules: &MergeRules, owners: &[String], paths: &[&str]) -> String {
    let manager = plan.inputs.release.manager.as_str();
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = match paths.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {}", counted(more, "other file")),
    };
    let files = format!("{}{more}", shown.join(", "));
    if owners.is_empty() {
        return format!("nobody owns {files}");
    }
    let names: Vec<String> = owners.iter().map(|owner| rules.owner_in_words(owner)).collect();
    let names = names.join(" or ");
    let others =
        rules.people_of(owners).map(|people| people.iter().any(|one| *one != manager.to_lowercase()));
    match others {
        Some(false) => format!(
            "ONLY {names} owns {files}, and {manager} opens the pull requests, which nobody approves for themselves: have \
             CODEOWNERS name somebody else, too, before the hour"
        ),
        Some(true) | None => format!("{names} owns {files}"),
    }
}

/// The files that the fixes change on the branch, as far as they could be seen when the plan was made.
fn changed(plan: &Plan, target: &Target) -> BTreeSet<String> {
    let seen = plan.snapshot.repos.get(&target.repo).map(|state| &state.fixes);
    let fixes = target.advisories.iter().filter_map(|advisory| seen?.get(advisory));
    fixes.filter_map(|fix| fix.files.get(&target.branch)).flatten().cloned().collect()
}
