//! Our picks against those of `git merge-tree`, pair by pair: the same trees, and no conflict of git's called clean.

use std::path::Path;
use std::process::Stdio;

use lockgate::{Against, HistorySearch, Onto, Outcome, PickRequest, Picker, Store};
use lockgate::{CommitId, TreeId};

use crate::given::mirror_and_cases;
use crate::picks::Elsewhere;
use crate::table::{Failure, Table};

/// How far our clean picks may stay behind git's, as a share.
const BEHIND: f64 = 0.001;

/// A line of the cases file.
#[derive(Debug, Clone, serde::Deserialize)]
struct Case {
    fix: CommitId,
    fix_parent: CommitId,
    bp_parent: CommitId,
    bp_tree: Option<TreeId>,
}

/// What came of the pairs.
#[derive(Default)]
struct Counts {
    pairs: usize,
    errors: usize,
    git_clean: usize,
    git_as_published: usize,
    /// Picks that went in: clean, clean but unconfirmed, or nothing to do.
    ours_in: usize,
    ours_clean: usize,
    ours_as_published: usize,
    /// Another tree than git's, which is as published.
    other_tree: usize,
    /// Plainly clean where git conflicts.
    false_clean: usize,
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let Some((mirror, file)) = mirror_and_cases(table, "agreement")? else { return Ok(()) };
    let counts = compare(&mirror, &file)?;
    let Counts { pairs, git_clean, git_as_published, ours_in, ours_clean, ours_as_published, .. } = counts;
    table.measure(format!("agreement: {pairs} pairs, git merge-tree"), format!("{git_clean} clean"));
    table.measure("agreement: as published, git merge-tree", git_as_published.to_string());
    table.measure("agreement: picked by us", format!("{ours_in} ({ours_clean} plainly clean)"));
    table.measure("agreement: as published, ours", ours_as_published.to_string());
    table.at_least(
        "agreement: picked by us / clean by git",
        ours_in as f64 / git_clean.max(1) as f64,
        1.0 - BEHIND,
    );
    for (what, found) in [
        ("agreement: another tree where git's is as published", counts.other_tree),
        ("agreement: plainly clean where git conflicts", counts.false_clean),
        ("agreement: errors", counts.errors),
    ] {
        table.at_most(what, found as f64, 0.0, "");
    }
    Ok(())
}

fn compare(mirror: &Path, file: &Path) -> Result<Counts, Failure> {
    let store = Store::open(mirror)?;
    let mut picker = Picker::new(&store)?.with_history(HistorySearch::Skip);
    let elsewhere = Elsewhere::of(mirror)?;
    let mut counts = Counts::default();
    for line in std::fs::read_to_string(file)?.lines() {
        let case: Case = serde_json::from_str(line)?;
        counts.pairs += 1;
        let theirs = git_tree(&elsewhere, &case)?;
        let is_published = |tree: &Option<TreeId>| tree.is_some() && *tree == case.bp_tree;
        counts.git_clean += usize::from(theirs.is_some());
        counts.git_as_published += usize::from(is_published(&theirs));
        let request = PickRequest {
            fix: case.fix.clone(),
            against: Against::Commit(case.fix_parent.clone()),
            onto: Onto::Commit(case.bp_parent.clone()),
        };
        let Ok(pick) = picker.try_pick(&request) else {
            counts.errors += 1;
            continue;
        };
        let plainly = matches!(pick.outcome, Outcome::Clean { .. });
        counts.ours_in += usize::from(pick.tree.is_some());
        counts.ours_clean += usize::from(plainly);
        counts.ours_as_published += usize::from(is_published(&pick.tree));
        counts.other_tree += usize::from(is_published(&theirs) && pick.tree.is_some() && pick.tree != theirs);
        counts.false_clean += usize::from(plainly && theirs.is_none());
    }
    Ok(counts)
}

/// The tree that git makes; `None` on a conflict, or where the clone lacks what git needs.
fn git_tree(elsewhere: &Elsewhere, case: &Case) -> Result<Option<TreeId>, Failure> {
    let mut command = elsewhere.merge_tree(&case.fix_parent, &case.bp_parent, &case.fix);
    let answer = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    let text = String::from_utf8(answer.stdout)?;
    let tree = text.lines().next().unwrap_or_default().parse().ok();
    Ok(tree.filter(|_| answer.status.success()))
}
