//! What the catalog's policies of carrying and order mean on the day, and for the embargo.

use std::fmt::Write as _;

use crate::catalog::Repo;
use crate::plan::{Plan, Target};

/// A sentence or two for each policy that is not the usual one; nothing where all are.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let mut told = Vec::new();
    for repo in &plan.inputs.catalog.repos {
        let targets: Vec<&Target> =
            plan.in_merge_order().into_iter().filter(|target| target.repo == repo.name).collect();
        told.extend(merged_up(&targets).map(|text| (repo, text)));
        told.extend(last(&targets).map(|text| (repo, text)));
        told.extend(bumped_first(&targets).map(|text| (repo, text)));
    }
    if told.is_empty() {
        return;
    }
    out.push_str("\nHow the fixes get there, and what that means for the embargo\n");
    for (Repo { name, .. }, text) in told {
        let _ = writeln!(out, "  {name}: {text}");
    }
}

fn merged_up(targets: &[&Target]) -> Option<String> {
    let chain = targets.iter().filter(|target| target.merged_from.is_some());
    let names: Vec<String> = chain.map(|target| format!("`{}`", target.branch)).collect();
    let oldest = targets.iter().find_map(|target| target.merged_from.as_ref())?;
    Some(format!(
        "fixes are picked onto the oldest line that needs them, and merged upwards: `{oldest}` into {}. Each merge also brings \
         what the line below has and the newer one lacks, but for its version, and is proven and approved as a whole; the \
         bump and the notes of a line stay there until you merge it the next time. The private side shows the oldest line \
         only; the merges are shown at the gates. From the end of the embargo on the fix can be read on every one of these \
         branches, also on those that are not merged yet.",
        names.join(", then into ")
    ))
}

fn last(targets: &[&Target]) -> Option<String> {
    let last: Vec<String> = targets
        .iter()
        .filter(|target| target.comes_last)
        .map(|target| format!("`{}`", target.branch))
        .collect();
    let (is, lacks) = if last.len() == 1 { ("is", "lacks") } else { ("are", "lack") };
    (!last.is_empty()).then(|| {
        let last = last.join(" and ");
        format!(
            "{last} {is} merged when the releases of the lines are out: until then the fix is public and {last} {lacks} it, \
             so that whoever builds from it is exposed. The advisories are published after it."
        )
    })
}

fn bumped_first(targets: &[&Target]) -> Option<String> {
    let first = targets.iter().filter(|target| target.bump_first);
    let stated: Vec<String> = first
        .filter_map(|target| Some(format!("`{}` states {}", target.branch, target.release.as_ref()?.to)))
        .collect();
    if stated.is_empty() {
        return None;
    }
    Some(format!(
        "bumps are merged before the fixes are shown: for the time between, {} without its fixes, and whoever watches knows \
         that a release is coming. The bumps hold nothing of the fixes; no tag is made before these are merged.",
        stated.join(", ")
    ))
}
