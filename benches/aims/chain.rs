//! Security backports onto a second or later line: how many need no hand when the fix alone is picked, and how many when
//! the newer lines' published versions help, and the resolutions given there.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use lockgate::{
    Against, Help, HistorySearch, Memory, NewerLine, Onto, Outcome, Pick, PickRequest, Picker, Store,
};
use lockgate::{CommitId, TreeId};

use crate::given::mirror_and_cases;
use crate::table::{Failure, Table};

/// By how much help should raise the number of targets that are as they were published.
const AIM: f64 = 1.5;

/// A line of the cases file.
#[derive(Debug, Clone, serde::Deserialize)]
struct Case {
    branch: String,
    fix: CommitId,
    fix_parent: CommitId,
    bp_parent: CommitId,
    bp: CommitId,
    bp_tree: TreeId,
    #[serde(default)]
    security: bool,
    #[serde(default)]
    tier: String,
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let Some((mirror, file)) = mirror_and_cases(table, "chain")? else { return Ok(()) };
    let store = Store::open(&mirror)?;
    let mut all = [Count::default(), Count::default(), Count::default(), Count::default()];
    for lines in by_fix(&store, &file)?.values() {
        for (at, case) in lines.iter().enumerate().skip(1) {
            let newer: Vec<&Case> = lines[..at].iter().rev().collect();
            measure_one(&store, case, &newer, &mut all)?;
        }
    }
    report(table, &all);
    Ok(())
}

/// The security fixes that went to several lines, each with its lines from the newest to the oldest.
fn by_fix(store: &Store, file: &Path) -> Result<BTreeMap<CommitId, Vec<Case>>, Failure> {
    let mut fixes: BTreeMap<CommitId, Vec<(Timestamp, Case)>> = BTreeMap::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let Ok(case) = serde_json::from_str::<Case>(line) else { continue };
        if !case.security || !["A", "B"].contains(&case.tier.as_str()) {
            continue;
        }
        let left = store.merge_base(&case.fix, &case.bp_parent)?;
        let left_at = left.map(|commit| store.commit_info(&commit)).transpose()?;
        let left_at = left_at.map_or(Timestamp::MIN, |commit| commit.committer.time);
        fixes.entry(case.fix.clone()).or_default().push((left_at, case));
    }
    let newest_first = |(fix, mut lines): (CommitId, Vec<(Timestamp, Case)>)| {
        lines.sort_by_key(|(left_at, _)| std::cmp::Reverse(*left_at));
        (fix, lines.into_iter().map(|(_, case)| case).collect())
    };
    Ok(fixes.into_iter().map(newest_first).collect())
}

/// What became of the targets by one way of picking.
#[derive(Default)]
struct Count {
    targets: usize,
    as_published: usize,
    without_a_hand: usize,
    /// Helped and yet called clean: must stay at none.
    passed_off: usize,
    outcomes: BTreeMap<&'static str, usize>,
}

impl Count {
    fn add(&mut self, case: &Case, pick: &Pick) {
        self.targets += 1;
        self.without_a_hand += usize::from(pick.tree.is_some());
        self.as_published += usize::from(pick.tree.as_ref() == Some(&case.bp_tree));
        let called_clean = matches!(pick.outcome, Outcome::Clean { .. });
        self.passed_off += usize::from(called_clean && !pick.helped_by.is_empty());
        *self.outcomes.entry(pick.outcome.name()).or_default() += 1;
    }
}

fn measure_one(
    store: &Store,
    case: &Case,
    newer: &[&Case],
    [alone, with_memory, with_newer, with_both]: &mut [Count; 4],
) -> Result<(), Failure> {
    let mut picker = Picker::new(store)?.with_history(HistorySearch::Skip);
    let memory = learnt(&mut picker, newer)?;
    let lines: Vec<NewerLine> = newer
        .iter()
        .map(|case| NewerLine {
            line: case.branch.clone(),
            picked: [(case.fix.clone(), case.bp.clone())].into(),
        })
        .collect();
    let ways = [
        (alone, Help::default()),
        (with_memory, Help { memory: Some(&memory), ..Help::default() }),
        (with_newer, Help { newer: &lines, ..Help::default() }),
        (with_both, Help { newer: &lines, memory: Some(&memory), ..Help::default() }),
    ];
    for (count, help) in ways {
        count.add(case, &picker.pick_with_help(&request(case), &help)?);
    }
    Ok(())
}

fn request(case: &Case) -> PickRequest {
    PickRequest {
        fix: case.fix.clone(),
        against: Against::Commit(case.fix_parent.clone()),
        onto: Onto::Commit(case.bp_parent.clone()),
    }
}

/// What the published versions teach about the places at which the fix conflicted on the newer lines.
fn learnt(picker: &mut Picker, newer: &[&Case]) -> Result<Memory, Failure> {
    let mut memory = Memory::default();
    for case in newer.iter().rev() {
        let pick = picker.pick(&request(case))?;
        memory.learn(picker.draft(), &pick, &case.bp_tree, &case.branch)?;
    }
    Ok(memory)
}

fn report(table: &mut Table, [alone, with_memory, with_newer, with_both]: &[Count; 4]) {
    let ways = [
        ("the fix alone", alone),
        ("with memory", with_memory),
        ("with newer lines", with_newer),
        ("with both", with_both),
    ];
    for (way, count) in ways {
        let outcomes: Vec<String> =
            count.outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
        table.measure(
            format!("chain: {} targets, {way}", count.targets),
            format!("{} as published, {} without a hand", count.as_published, count.without_a_hand),
        );
        table.note(format!("chain, {way}: {}", outcomes.join(", ")));
    }
    if alone.as_published > 0 {
        let raised = with_both.as_published as f64 / alone.as_published as f64;
        table.at_least("chain: as published, with both / alone", raised, AIM);
    }
    table.at_most("chain: helped and yet called clean", with_both.passed_off as f64, 0.0, "");
}
