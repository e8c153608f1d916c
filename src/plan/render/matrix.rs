//! What of the projects' own CI is run before the gate, and what is not: per target, with totals that add up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalog::Repo;
use crate::plan::{Plan, Target};
use crate::snapshot::MatrixState;
use crate::wording::counted;

/// A section for the repositories that have workflows; nothing where none has.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let mut told = String::new();
    for repo in &plan.inputs.catalog.repos {
        let targets: Vec<(&Target, &MatrixState)> = plan
            .targets_of(&repo.name)
            .filter(|target| target.is_patched())
            .filter_map(|target| Some((target, state_of(plan, target)?)))
            .collect();
        if targets.is_empty() {
            continue;
        }
        let _ = writeln!(told, "  {}", repo.name);
        match &repo.matrix {
            Some(_) => {
                let place = if plan.snapshot.workers.is_empty() { "here" } else { "on workers" };
                of_targets(&targets, place, &mut told);
                reasons(&targets, &mut told);
            }
            None => not_run(repo, &targets, &mut told),
        }
    }
    if told.is_empty() {
        return;
    }
    let workers = &plan.snapshot.workers;
    let by =
        if workers.is_empty() { "on this machine".to_owned() } else { format!("by {}", workers.join(", ")) };
    let _ = write!(out, "\nCI of the projects, run {by} before the gate\n{told}");
}

fn state_of<'p>(plan: &'p Plan, target: &Target) -> Option<&'p MatrixState> {
    plan.snapshot.repos.get(&target.repo)?.branches.get(&target.branch)?.matrix.as_ref()
}

/// `main, 1.x: each 812 entries (pull_request/opened), 40 here, 772 not attempted`; branches of which the same is true stand together.
fn of_targets(targets: &[(&Target, &MatrixState)], place: &str, out: &mut String) {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (target, state) in targets {
        let (text, branch) = (of_state(state, place), target.branch.as_str());
        match told.iter_mut().find(|(other, _)| *other == text) {
            Some((_, branches)) => branches.push(branch),
            None => told.push((text, vec![branch])),
        }
    }
    for (text, branches) in told {
        let each = if branches.len() > 1 { "each " } else { "" };
        let _ = writeln!(out, "    {}: {each}{text}", branches.join(", "));
    }
}

fn of_state(state: &MatrixState, place: &str) -> String {
    let Some(event) = &state.event else { return "no CI here: no event starts anything".to_owned() };
    let (entries, here) = (counted(state.entries, "entry"), state.here);
    let left = match state.entries - here {
        0 => String::new(),
        left => format!(", {left} not attempted"),
    };
    format!("{entries} ({event}), {here} {place}{left}")
}

/// Why entries are not attempted, over all branches, the most frequent reason first; and what the catalog names in vain.
fn reasons(targets: &[(&Target, &MatrixState)], out: &mut String) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unmatched: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (target, state) in targets {
        for share in state.others.iter().filter(|_| state.event.is_some()) {
            *counts.entry(&share.why).or_default() += share.count;
        }
        for name in &state.unmatched {
            unmatched.entry(name).or_default().push(target.branch.as_str());
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (why, count) in counts {
        let _ = writeln!(out, "      {why}: {} not attempted", counted(count, "entry"));
    }
    for (name, branches) in unmatched {
        let _ = writeln!(out, "      `{name}` of the catalog is nothing on {}", branches.join(", "));
    }
}

/// A catalog of before does not ask for it; that it is there is said all the same.
fn not_run(repo: &Repo, targets: &[(&Target, &MatrixState)], out: &mut String) {
    let most = targets.iter().map(|(_, state)| state.entries).max().unwrap_or(0);
    let proof =
        if repo.tests.is_empty() { "nothing proves it" } else { "its `[[repo.test]]` alone prove it" };
    let _ = writeln!(
        out,
        "    not run: its workflows start up to {}, and {proof} (`[repo.matrix]` in the catalog runs them)",
        counted(most, "entry")
    );
}
