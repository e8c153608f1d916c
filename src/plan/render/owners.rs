//! Who owns what the fixes change, where an owner has to approve.

use std::collections::{BTreeMap, BTreeSet};

use crate::code_owners::CodeOwners;
use crate::kinds::StepKind;
use crate::merge_rules::MergeRules;
use crate::plan::{Plan, Target};
use crate::wording::counted;

/// How many files are named.
const SHOWN: usize = 3;

/// What there is to say of the owners of what the target gets, a line each: of its fixes with their release note, and of the bump of
/// its version.
pub(super) fn owners(plan: &Plan, target: &Target) -> Vec<String> {
    let Some(state) = plan.snapshot.repos.get(&target.repo) else { return Vec::new() };
    let Some(owners) = state.rules.owners.get(&target.branch) else { return Vec::new() };
    let changed = changed(plan, target);
    let bump = if is_bumped_in_a_pull(plan, target) { state.versioned.get(&target.branch) } else { None };
    if changed.is_empty() {
        let all = owners.all().into_iter().map(|owner| state.rules.owner_in_words(owner));
        return vec![format!("owners by its CODEOWNERS: {}", all.collect::<Vec<_>>().join(", "))];
    }
    let of_fixes = told_by_owners(plan, &state.rules, owners, &changed).into_iter();
    let of_bump = bump.map(|files| told_by_owners(plan, &state.rules, owners, files)).unwrap_or_default();
    of_fixes.chain(of_bump.into_iter().map(|line| format!("of the bump: {line}"))).collect()
}

fn told_by_owners(
    plan: &Plan,
    rules: &MergeRules,
    owners: &CodeOwners,
    files: &BTreeSet<String>,
) -> Vec<String> {
    let mut by_owners: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for path in files {
        by_owners.entry(owners.of(path)).or_default().push(path);
    }
    by_owners.iter().map(|(owners, paths)| told(plan, rules, owners, paths)).collect()
}

/// Whether the version of the target is raised by a pull request.
fn is_bumped_in_a_pull(plan: &Plan, target: &Target) -> bool {
    plan.find(StepKind::OpenBump, &target.subject()).is_some()
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

/// The files that the fixes change on the branch, as far as they could be seen when the plan was made, and the one that tells of the
/// release, which comes with them.
fn changed(plan: &Plan, target: &Target) -> BTreeSet<String> {
    let seen = plan.snapshot.repos.get(&target.repo).map(|state| &state.fixes);
    let fixes = target.advisories.iter().filter_map(|advisory| seen?.get(advisory));
    let files = fixes.filter_map(|fix| fix.files.get(&target.branch)).flatten().cloned();
    let mut files: BTreeSet<String> = files.collect();
    let release = target.release.as_ref().filter(|_| !files.is_empty());
    if let (Some(release), Some(repo)) = (release, plan.inputs.catalog.repo(&target.repo)) {
        let notes = plan.inputs.notes(repo, &target.branch);
        files.extend(notes.into_iter().flat_map(|notes| notes.regenerated(&release.to)));
    }
    files
}
