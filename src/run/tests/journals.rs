//! EN-15, EN-16: journals that are cut, torn, edited, full, or of another version: continued, or refused with the reason.

use std::path::{Path, PathBuf};
use std::sync::Barrier;

use rstest::rstest;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::super::event::{Event, StampedEvent};
use super::super::journal::Journal;
use super::super::journal_error::JournalError;
use super::super::state::State;
use super::super::status::StepStatus;
use super::fold::time;
use super::plans::{name, small_plan};
use crate::steps::Begun;

/// A run that was started, and has gone through a few events.
pub(super) struct Written {
    pub(super) folder: TempDir,
    pub(super) path: PathBuf,
    pub(super) journal: Journal,
    pub(super) events: Vec<StampedEvent>,
}

pub(super) fn written() -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let plan = small_plan();
    let mut journal = Journal::create(&path, &plan).unwrap();
    let (operator, version) = ("mara@desk".to_owned(), "9.9.9".to_owned());
    let mut facts = vec![Event::Started { operator, plan: plan.digest().unwrap(), version, seat: None }];
    facts.extend(plan.steps().take(8).map(|step| Event::Intent { step: step.name.clone() }));
    let events =
        (0..).zip(facts).map(|(minute, event)| journal.append(time(minute), event).unwrap()).collect();
    Written { folder, path, journal, events }
}

impl Written {
    /// Closes the journal, and has its file changed by this statement.
    fn spoilt(self, statement: &str) -> (TempDir, PathBuf) {
        drop(self.journal);
        Connection::open(&self.path).unwrap().execute_batch(statement).unwrap();
        (self.folder, self.path)
    }
}

fn refusal(path: &Path) -> String {
    let error =
        Journal::open(path).map(|journal| journal.plan(&[]).map(drop)).and_then(|plan| plan).unwrap_err();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    assert!(Journal::exists(path), "a run that cannot be read is there all the same: {error}");
    assert!(matches!(Journal::create(path, &small_plan()), Err(JournalError::Exists(_))));
    format!("{error}{cause}")
}

#[rstest]
#[case::gap("DELETE FROM event WHERE number = 4", "lacks event 4; it was cut or edited")]
#[case::beginning("DELETE FROM event WHERE number < 3", "lacks event 1; it was cut or edited")]
#[case::half_an_event(
    "UPDATE event SET json = substr(json, 1, 12) WHERE number = 5",
    "event 5 of the journal"
)]
#[case::no_time("UPDATE event SET at = 'noon' WHERE number = 5", "is damaged, so nothing is guessed from it")]
#[case::newer_event(
    "UPDATE event SET json = '{\"fact\":\"sealed\"}' WHERE number = 5",
    "event 5 of the journal `JOURNAL` has a form that this version of lockgate does not know; the run was started by \
     lockgate 9.9.9: unknown variant `sealed`"
)]
#[case::newer_output(
    "UPDATE event SET json = '{\"fact\":\"done\",\"step\":\"prove/x\",\"how\":\"acted\",\
     \"output\":{\"output\":\"signature\",\"value\":1}}' WHERE number = 5",
    "unknown variant `signature`"
)]
#[case::another_word(
    "UPDATE event SET json = replace(json, 'record-manager', 'record-managed') WHERE number = 2",
    "event 2 of the journal `JOURNAL` is damaged, so nothing is guessed from it: it or one before it was changed"
)]
#[case::another_time(
    "UPDATE event SET at = '2026-03-02T09:00:01Z' WHERE number = 3",
    "event 3 of the journal `JOURNAL` is damaged"
)]
#[case::a_seal_taken_off(
    "UPDATE event SET seal = NULL WHERE number = 6",
    "event 6 of the journal `JOURNAL` is damaged"
)]
#[case::the_end(
    "DELETE FROM event WHERE number > 4",
    "the journal `JOURNAL` ends with event 4, but 9 were written: a part of it was left behind"
)]
#[case::another_end(
    "UPDATE event SET json = '{\"fact\":\"finished\"}', seal = 'x' WHERE number = 9",
    "event 9 of the journal `JOURNAL` is damaged"
)]
#[case::newer_tables("PRAGMA user_version = 99", "was written by a newer version of lockgate")]
#[case::edited_plan(
    "UPDATE plan SET json = replace(json, 'mara', 'ines')",
    "but DIGEST was started: it was edited"
)]
fn what_cannot_be_continued_is_refused_with_the_reason(#[case] statement: &str, #[case] reason: &str) {
    let written = written();
    let digest = small_plan().digest().unwrap();
    let (_folder, path) = written.spoilt(statement);
    let told = refusal(&path);
    let reason = reason.replace("JOURNAL", path.to_str().unwrap()).replace("DIGEST", digest.as_str());
    assert!(told.contains(&reason), "{told}");
}

#[test]
fn a_plan_of_another_form_names_the_version_that_can_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let plan = small_plan();
    drop(Journal::create(&path, &plan).unwrap());
    let text = plan.to_json().unwrap().replacen("\"format\": 1", "\"format\": 2", 1);
    let digest = crate::ids::Digest::of(&text);
    let started =
        format!("{{\"fact\":\"started\",\"operator\":\"m\",\"plan\":\"{digest}\",\"version\":\"9.9.9\"}}");
    let file = Connection::open(&path).unwrap();
    file.execute("UPDATE plan SET json = ?1", [&text]).unwrap();
    file.execute(
        "INSERT INTO event (number, at, json) VALUES (1, ?1, ?2)",
        params![time(0).to_string(), started],
    )
    .unwrap();
    drop(file);
    let told = refusal(&path);
    assert!(
        told.contains("cannot be used by this version of lockgate; the run was started by lockgate 9.9.9"),
        "{told}"
    );
    assert!(told.contains("the plan has format 2; this version of lockgate reads format 1"), "{told}");
}

#[test]
fn a_file_that_is_no_journal_any_more_is_damaged_and_not_overwritten() {
    let Written { folder: _folder, path, journal, .. } = written();
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.iter_mut().take(4096).for_each(|byte| *byte ^= 0x55);
    std::fs::write(&path, &bytes).unwrap();
    assert!(refusal(&path).contains("is damaged, so nothing is guessed from it"));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

/// What a killed process left beside the file is the newest; a copy without it is an older state.
#[test]
fn a_copy_that_lacks_the_newest_events_is_noticed() {
    let Written { folder, path, journal, events } = written();
    let whole = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let copy = |with_log: bool| {
        let place = tempfile::tempdir().unwrap();
        let copied = place.path().join("journal.db");
        std::fs::write(&copied, whole("journal.db")).unwrap();
        std::fs::write(copied.with_extension("last"), whole("journal.last")).unwrap();
        if with_log {
            std::fs::write(copied.with_extension("db-wal"), whole("journal.db-wal")).unwrap();
        }
        Journal::open(&copied).and_then(|journal| journal.events())
    };
    assert!(matches!(copy(false), Err(JournalError::EndMissing { written: 9, .. })), "{:?}", copy(false));
    assert_eq!(copy(true).unwrap(), events);
    // Without the note an older state can still be continued, knowingly.
    drop(journal);
    Connection::open(&path).unwrap().execute("DELETE FROM event WHERE number > 4", []).unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::EndMissing { found: 4, .. })));
    std::fs::remove_file(path.with_extension("last")).unwrap();
    assert_eq!(Journal::open(&path).unwrap().events().unwrap(), events[..4]);
}

/// What is written last is torn at every place by a power cut: SQLite gives back a prefix of the events, whole.
#[test]
fn en_15_a_torn_tail_leaves_a_prefix() {
    let written = written();
    let wal = |path: &Path| path.with_extension("db-wal");
    let (whole, log) = (std::fs::read(&written.path).unwrap(), std::fs::read(wal(&written.path)).unwrap());
    let mut lengths = std::collections::BTreeSet::new();
    for length in (0..=log.len()).step_by(1021) {
        for torn in [&log[..length], &[&log[..length], &[0x55; 400][..]].concat()[..]] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal.db");
            std::fs::write(&path, &whole).unwrap();
            std::fs::write(wal(&path), torn).unwrap();
            if !Journal::exists(&path) {
                continue;
            }
            let mut journal = Journal::open(&path).unwrap();
            let events = journal.events().unwrap();
            assert_eq!(events, written.events[..events.len()], "torn at {length}");
            lengths.insert(events.len());
            let next = journal.append(time(30), Event::Finished).unwrap();
            assert_eq!(next.number, events.len() as u64 + 1);
        }
    }
    assert!(lengths.len() > 5, "it was torn between few events only: {lengths:?}");
}

#[test]
fn en_15_on_a_full_disk_nothing_is_written_and_nothing_is_lost() {
    let Written { folder: _folder, path, mut journal, events } = written();
    journal.fill_up();
    let long = Event::Aborted { by: "mara".parse().unwrap(), reason: "x".repeat(100_000) };
    let error = journal.append(time(40), long).unwrap_err();
    assert!(matches!(error, JournalError::Sqlite { .. }), "{error}");
    assert!(error.to_string().contains("nothing was done that is not in it"), "{error}");
    drop(journal);
    assert_eq!(Journal::open(&path).unwrap().events().unwrap(), events);
}

#[test]
fn en_15_a_clock_that_was_set_back_changes_nothing_but_times() {
    let Written { folder: _folder, path, mut journal, events } = written();
    journal.append(time(-90), Event::Resumed { operator: "mara@desk".into(), seat: None }).unwrap();
    drop(journal);
    let again = Journal::open(&path).unwrap().events().unwrap();
    let state = State::fold(&again);
    assert_eq!(again.len(), events.len() + 1);
    assert_eq!(state.begun(&name("record-manager")), Begun::Yes);
}

/// A journal of lockgate 0.1.0 before failures had a `retry`: every fact in the form that it had then.
const BEFORE: &str = r#"
{"fact":"started","operator":"mara@desk","plan":"PLAN","version":"0.1.0"}
{"fact":"intent","step":"record-manager"}
{"fact":"done","step":"record-manager","how":"acted","output":{"output":"note","value":"mara leads the release"}}
{"fact":"done","step":"accept-report/GHSA-3g8f-wv5j-m2cx","how":"adopted","output":{"output":"skipped","value":"it is a draft already"}}
{"fact":"failed","step":"import-fix/brightwater/gauge/GHSA-3g8f-wv5j-m2cx","message":"no connection","hint":null,"effect":"none","blame":"outside"}
{"fact":"failed","step":"import-fix/brightwater/gauge/GHSA-3g8f-wv5j-m2cx","message":"no connection","hint":"wait","effect":"none","blame":"outside"}
{"fact":"resumed","operator":"ines@sofa"}
{"fact":"done","step":"import-fix/brightwater/gauge/GHSA-3g8f-wv5j-m2cx","how":"acted","output":{"output":"commits","value":["1111111111111111111111111111111111111111"]}}
{"fact":"asked","step":"assess/brightwater/gauge/main/GHSA-3g8f-wv5j-m2cx","question":{"kind":{"kind":"decision"},"text":"is it affected?","next":["lockgate resume"]}}
{"fact":"decided","step":"assess/brightwater/gauge/main/GHSA-3g8f-wv5j-m2cx","decision":{"decision":"confirmed"},"by":"mara"}
{"fact":"waiting","step":"backport/brightwater/gauge/main/GHSA-3g8f-wv5j-m2cx","wait":{"until":"2026-03-02T17:00:00Z","what":"the newer lines"}}
{"fact":"asked","step":"gate/ready","question":{"kind":{"kind":"approval","digest":"PLAN","missing":1},"text":"ready?","next":[]}}
{"fact":"approved","step":"gate/ready","digest":"PLAN","by":"ines"}
{"fact":"rerun","step":"await-checks/brightwater/gauge/main"}
{"fact":"reopened","moved":[{"repo":"brightwater/gauge","branch":"main","to":"2222222222222222222222222222222222222222"}],"steps":["stack/brightwater/gauge/main"]}
{"fact":"intent","step":"merge-patch/brightwater/gauge/main"}
{"fact":"failed","step":"merge-patch/brightwater/gauge/main","message":"GitHub had a fault (status 502)","hint":null,"effect":"unknown","blame":"outside"}
"#;

#[test]
fn en_16_a_journal_of_the_version_before_is_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let plan = small_plan();
    drop(Journal::create(&path, &plan).unwrap());
    let file = Connection::open(&path).unwrap();
    let text = BEFORE.replace("PLAN", plan.digest().unwrap().as_str());
    for (number, line) in (1..).zip(text.trim().lines()) {
        let row = params![number, time(number).to_string(), line];
        file.execute("INSERT INTO event (number, at, json) VALUES (?1, ?2, ?3)", row).unwrap();
    }
    drop(file);

    let mut journal = Journal::open(&path).unwrap();
    let mut events = journal.events().unwrap();
    assert_eq!(events.len(), 17);
    let merge = name("merge-patch/brightwater/gauge/main");
    let state = State::fold(&events);
    assert!(state.is_done(&name("record-manager")));
    assert_eq!(state.failures_left().map(|(step, _)| step).collect::<Vec<_>>(), [&merge]);
    assert_eq!(state.begun(&merge), Begun::Yes);
    assert_eq!(state.facts.approvals[&name("gate/ready")].len(), 1);

    // It is resumed as one of this version: what may have happened is looked at first, and has its attempts again.
    events
        .push(journal.append(time(90), Event::Resumed { operator: "mara@desk".into(), seat: None }).unwrap());
    let state = State::fold(&events);
    assert_eq!((state.status(&merge), state.begun(&merge)), (&StepStatus::Begun, Begun::Yes));
    assert_eq!(state.failures(&merge), 0);

    // The first event of this version seals those before it.
    drop(journal);
    let file = Connection::open(&path).unwrap();
    file.execute("UPDATE event SET json = replace(json, 'mara', 'ines') WHERE number = 3", []).unwrap();
    drop(file);
    assert!(matches!(Journal::open(&path), Err(JournalError::DamagedEvent { number: 18, .. })));
}

/// Each has their own process on a release day; the tables are made once, whoever comes first.
#[test]
fn those_who_look_while_a_run_is_started_neither_disturb_nor_are_disturbed() {
    let plan = small_plan();
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let all_at_once = Barrier::new(5);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    all_at_once.wait();
                    (0..20).filter(|_| Journal::exists(&path)).for_each(drop);
                });
            }
            all_at_once.wait();
            Journal::create(&path, &plan).unwrap();
        });
        let kept = Journal::open(&path).unwrap().plan(&[]).unwrap();
        assert_eq!(kept.digest().unwrap(), plan.digest().unwrap());
    }
}

/// Advice as it is written since form 2 of the journal: words, actions, or both.
const ADVICE: &str = r#"
{"fact":"failed","step":"stack/brightwater/gauge/main","message":"no branch","hint":["ask its owner",{"text":"restore the branch, then","action":"resume"}],"effect":"none","blame":"input"}
{"fact":"waiting","step":"await-cve/GHSA-3g8f-wv5j-m2cx","wait":{"until":"2026-03-02T17:00:00Z","what":"a CVE","instead":[{"text":"to continue without it","action":"waive","step":"await-cve/GHSA-3g8f-wv5j-m2cx"}]}}
{"fact":"asked","step":"gate/ready","question":{"kind":{"kind":"approval","digest":"PLAN","missing":1},"text":"ready?","next":[{"action":"approve","gate":"ready","digest":"PLAN"}]}}
"#;

/// What is on disk must not change by a rename in the code.
#[test]
fn events_have_the_form_that_they_had() {
    let plan = small_plan().digest().unwrap();
    // The one thing that form 2 writes in another way: a hint is a list.
    let hints =
        BEFORE.replace(r#""hint":null"#, r#""hint":[]"#).replace(r#""hint":"wait""#, r#""hint":["wait"]"#);
    for line in format!("{}\n{}", hints.trim(), ADVICE.trim()).replace("PLAN", plan.as_str()).lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        let written = serde_json::to_value(&event).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(line).unwrap());
    }
}
