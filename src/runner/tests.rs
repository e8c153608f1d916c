//! What executors may claim, and what is made of it.

use std::collections::{BTreeMap, BTreeSet};

use super::executor::{
    AttemptEnd, AttemptReport, FoundMachine, StepDeed, StepOutcome, StepRecord, TreeUnderTest,
};
use super::judgement::{AttemptOutcome, judge};
use super::remembered::EvidenceBasis;
use crate::ids::Digest;
use crate::matrix::{
    ActionFiles, Architecture, Capabilities, CiEntry, CiEvent, CiPlan, EventKind, JobFact, JobFacts, Library,
    Object, OperatingSystem, Value, WorkflowFile, as_json, plan_after,
};

struct NoActions;

impl ActionFiles for NoActions {
    fn action(&self, _folder: &str) -> Option<String> {
        None
    }
}

/// What is done with whatever plans a workflow that is pushed to `main`, for a Linux x64 machine.
pub(super) fn with_planner<T>(text: &str, work: impl FnOnce(&dyn Fn(&JobFacts) -> CiPlan) -> T) -> T {
    let path = ".github/workflows/ci.yml";
    let read = WorkflowFile::read(path, text);
    let library = Library::of(BTreeMap::from([(path.to_owned(), read)]), &NoActions);
    let event = CiEvent {
        kind: EventKind::Push,
        action: None,
        branch: "main".to_owned(),
        repository: None,
        commit: "c".to_owned(),
        skip: None,
    };
    let machine = Capabilities {
        system: OperatingSystem::Linux,
        architecture: Architecture::X64,
        processor_flags: BTreeSet::new(),
        programs: BTreeMap::new(),
        labels: BTreeSet::new(),
        actions: Default::default(),
    };
    work(&|facts| plan_after(facts, &library, &event, Some(&machine), &|_| true))
}

/// Its entries.
pub(super) fn planned(text: &str, facts: impl Fn(&CiEntry) -> Option<JobFact>) -> Vec<CiEntry> {
    with_planner(text, |plan| {
        let mut known = JobFacts::default();
        for entry in plan(&JobFacts::default()).entries() {
            facts(entry).into_iter().for_each(|fact| known.insert(entry.key.clone(), fact));
        }
        plan(&known).entries().cloned().collect()
    })
}

const MIXED: &str = "on: push
jobs:
  test:
    strategy: { matrix: { os: [ubuntu-latest, macos-15] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
";

/// The report of an executor that ran this entry well.
fn good(entry: &CiEntry) -> AttemptReport {
    AttemptReport {
        matrix: as_json(&Value::object(entry.matrix.clone())),
        end: AttemptEnd::Succeeded,
        machine: FoundMachine::of("Linux x86_64\n"),
        steps: vec![step(StepDeed::Script, StepOutcome::Success)],
        outputs: Object::default(),
    }
}

fn step(deed: StepDeed, outcome: StepOutcome) -> StepRecord {
    StepRecord { name: "x".to_owned(), deed, outcome, tolerated: false, note: String::new() }
}

#[test]
fn a_success_counts_only_for_the_entry_that_was_expected_on_the_machine_that_it_asks_for() {
    let entries = planned(MIXED, |_| None);
    let (linux, mac) = (&entries[0], &entries[1]);
    let outcome = |entry: &CiEntry, report: &AttemptReport| judge(entry, report).0;
    assert_eq!(outcome(linux, &good(linux)), AttemptOutcome::Passed);
    // An executor that ran the Mac's entry here, as others do.
    assert_eq!(outcome(mac, &good(mac)), AttemptOutcome::NotExpected);
    // One that ran another configuration.
    assert_eq!(outcome(linux, &good(mac)), AttemptOutcome::NotExpected);
    let lying = AttemptReport { machine: FoundMachine::of("Darwin arm64"), ..good(linux) };
    assert_eq!(outcome(linux, &lying), AttemptOutcome::WrongMachine);
    let unknown = AttemptReport { machine: FoundMachine::of("Plan9 mips"), ..good(linux) };
    assert_eq!(outcome(linux, &unknown), AttemptOutcome::WrongMachine);
}

#[test]
fn a_success_in_which_nothing_ran_is_none() {
    let entries = planned(MIXED, |_| None);
    let with = |steps: Vec<StepRecord>| judge(&entries[0], &AttemptReport { steps, ..good(&entries[0]) }).0;
    assert_eq!(with(vec![]), AttemptOutcome::NothingRan);
    assert_eq!(with(vec![step(StepDeed::StandIn, StepOutcome::Success)]), AttemptOutcome::NothingRan);
    assert_eq!(with(vec![step(StepDeed::Script, StepOutcome::Skipped)]), AttemptOutcome::NothingRan);
    assert_eq!(with(vec![step(StepDeed::Script, StepOutcome::Failure)]), AttemptOutcome::NothingRan);
}

const CHAIN: &str = "on: push
jobs:
  make: { runs-on: ubuntu-latest, outputs: { parts: '${{ steps.x.outputs.y }}' }, steps: [{ run: 'true' }] }
  use:
    needs: MAKE
    strategy: { matrix: { part: '${{ fromJSON(needs.make.outputs.parts) }}' } }
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
  end: { needs: use, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  mourn: { needs: use, if: failure(), runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
";

fn told(entries: &[CiEntry]) -> Vec<String> {
    entries.iter().map(|entry| format!("{}: {}", entry.name, entry.verdict().word())).collect()
}

#[test]
fn what_jobs_said_and_how_they_ended_counts_when_it_is_planned_again() {
    let of_make = |entry: &CiEntry, fact: JobFact| (entry.key.id() == "make").then_some(fact);
    let unknown = planned(CHAIN, |_| None);
    assert_eq!(told(&unknown)[1], "use: dynamic (unresolved)");
    assert_eq!(unknown[2].after.len(), 2, "`end` comes after both");
    let outputs = Object::from_iter([("parts".to_owned(), Value::text(r#"["a","b"]"#))]);
    let known = JobFact { failed: false, outputs: Some(outputs) };
    let resolved = planned(CHAIN, |entry| of_make(entry, known.clone()));
    assert_eq!(told(&resolved)[1..4], ["use (a): here", "use (b): here", "end: here"]);
    let failed = planned(CHAIN, |entry| of_make(entry, JobFact { failed: true, outputs: None }));
    assert_eq!(
        told(&failed)[1..],
        ["use: condition false: needs skipped", "end: condition false: needs skipped", "mourn: here"]
    );
    assert_eq!(failed[1].reason(), "needs make, which failed");
}

const PLACED: &str = "on: push
jobs:
  plain: { runs-on: ubuntu-latest, steps: [{ run: make test }] }
  placed: { runs-on: ubuntu-latest, steps: [{ run: 'echo ${{ github.ref }}' }] }
  by-variable: { runs-on: ubuntu-latest, env: { X: 1 }, steps: [{ run: 'echo $GITHUB_SHA' }] }
  by-action: { runs-on: ubuntu-latest, steps: [{ uses: ./act }] }
";

#[test]
fn evidence_is_shared_by_branches_with_an_equal_tree_unless_an_entry_sees_where_it_is() {
    let entries = planned(PLACED, |_| None);
    let tree = |commit: char, tree: char| TreeUnderTest {
        repository: "r".into(),
        commit: commit.to_string().repeat(40).parse().unwrap(),
        tree: tree.to_string().repeat(40).parse().unwrap(),
    };
    let ids = |branch: &str, tree: &TreeUnderTest| -> Vec<Digest> {
        let event = CiEvent {
            kind: EventKind::Push,
            action: None,
            branch: branch.to_owned(),
            repository: None,
            commit: tree.commit.to_string(),
            skip: None,
        };
        let environments = ["here", "elsewhere"].map(Digest::of);
        let here = &environments[0].clone();
        let basis = EvidenceBasis { event: &event, tree, base: None, environments, how: String::new() };
        entries.iter().map(|entry| basis.id(entry, here)).collect()
    };
    let (one, other) = (ids("main", &tree('a', 'e')), ids("release/1.x", &tree('b', 'e')));
    let shared: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
    assert_eq!(shared, [true, false, false, false]);
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), 4);
    assert!(ids("main", &tree('a', 'f')).iter().zip(&one).all(|(one, other)| one != other));
}
