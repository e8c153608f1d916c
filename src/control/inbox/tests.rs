//! Letters, and processes that die between any two steps of taking one.

use super::asking::{DecideError, Decided, SentLetter, decide};
use super::files::{LetterFiles, Post, Stage};
use super::folder::InboxFolder;
use crate::control::decisions::{DecisionRequest, Refusal};
use crate::control::home::Home;
use crate::ids::Login;
use crate::plan::{Plan, demo_plan};
use crate::run::{Event, Inbox as _, Journal, State};

/// A run at its beginning.
struct Run {
    _folder: tempfile::TempDir,
    home: Home,
    plan: Plan,
}

impl Run {
    fn new() -> Run {
        let folder = tempfile::tempdir().unwrap();
        let (home, plan) = (Home::find(folder.path()), demo_plan("wamr"));
        home.create().unwrap();
        let mut journal = Journal::create(&home.folder.journal(), &plan).unwrap();
        let started = Event::Started {
            operator: "mara@desk".into(),
            plan: plan.digest().unwrap(),
            version: "0.1.0".into(),
            seat: None,
        };
        journal.append(plan.snapshot.taken, started).unwrap();
        Run { _folder: folder, home, plan }
    }

    fn send(&self, request: DecisionRequest) -> SentLetter {
        let before = self.home.open().unwrap().events.len() as u64;
        SentLetter::send(&self.home.folder.inbox(), Post { before, request }).unwrap()
    }

    fn inbox(&self) -> InboxFolder {
        InboxFolder::open(&self.home.folder, &self.home.open().unwrap().events)
    }

    fn state(&self) -> State {
        State::fold(&self.home.open().unwrap().events)
    }

    fn record(&self, event: Event) {
        self.home.open().unwrap().record(event).unwrap();
    }

    /// The files in the inbox.
    fn left(&self) -> usize {
        std::fs::read_dir(self.home.folder.inbox()).map_or(0, Iterator::count)
    }

    fn times_called_off(&self) -> usize {
        let events = self.home.open().unwrap().events;
        events.iter().filter(|event| matches!(event.record, Event::Aborted { .. })).count()
    }

    /// What becomes of the letter once nobody drives the run.
    fn settled(&self, letter: &SentLetter) -> Result<Decided, DecideError> {
        letter.settle(&mut self.home.open().unwrap(), "mara@desk".into())
    }
}

fn mara() -> Login {
    "mara".parse().unwrap()
}

fn abort(reason: &str) -> DecisionRequest {
    DecisionRequest::Abort { who: mara(), reason: reason.into() }
}

/// How far the process that drove the run came with a letter before it died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Death {
    BeforeIt,
    Taken,
    Judged,
    Recorded,
    Answered,
}

const DEATHS: [Death; 5] = [Death::BeforeIt, Death::Taken, Death::Judged, Death::Recorded, Death::Answered];

fn die_at(run: &Run, death: Death) {
    let [letter] = &LetterFiles::all(&run.home.folder.inbox(), Stage::Posted)[..] else {
        panic!("one letter")
    };
    match death {
        Death::BeforeIt => {}
        Death::Taken => letter.turn(Stage::Posted, Stage::Taken).unwrap(),
        Death::Judged | Death::Recorded | Death::Answered => {
            let mut inbox = run.inbox();
            let accepted = inbox.next(&run.plan, &run.state()).unwrap();
            if death >= Death::Recorded {
                run.record(accepted.event);
            }
            if death == Death::Answered {
                inbox.recorded(&accepted.name);
            }
        }
    }
}

#[test]
fn en_02_whoever_waits_for_a_process_that_died_has_their_decision_recorded_once() {
    for death in DEATHS {
        let run = Run::new();
        let letter = run.send(abort("the fix is wrong"));
        die_at(&run, death);
        let decided = run.settled(&letter).unwrap();
        assert_eq!(decided.ruling.by, mara(), "{death:?}");
        assert_eq!(decided.taken_by.is_some(), death == Death::Answered, "{death:?}");
        assert_eq!(run.times_called_off(), 1, "{death:?}");
        drop(letter);
        assert_eq!(run.left(), 0, "{death:?}");
    }
}

#[test]
fn en_02_a_process_that_comes_after_one_that_died_takes_each_letter_once() {
    for death in DEATHS {
        let run = Run::new();
        let letter = run.send(abort("the fix is wrong"));
        die_at(&run, death);
        let mut next = run.inbox();
        if let Some(accepted) = next.next(&run.plan, &run.state()) {
            assert!(death < Death::Recorded, "{death:?}");
            run.record(accepted.event);
            next.recorded(&accepted.name);
        }
        assert!(!next.has_mail());
        assert!(run.settled(&letter).unwrap().taken_by.is_some(), "{death:?}");
        assert_eq!(run.times_called_off(), 1, "{death:?}");
    }
}

#[test]
fn en_02_what_a_dead_command_left_is_thrown_away() {
    for death in DEATHS {
        let run = Run::new();
        let letter = run.send(abort("the fix is wrong"));
        die_at(&run, death);
        // As `kill -9` does: the file is closed, and lies where it was.
        let inbox = run.home.folder.inbox();
        let files: Vec<(std::path::PathBuf, Vec<u8>)> = std::fs::read_dir(&inbox)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect();
        drop(letter);
        files.into_iter().for_each(|(path, text)| std::fs::write(path, text).unwrap());
        assert_eq!(run.inbox().next(&run.plan, &run.state()), None, "{death:?}");
        assert_eq!(run.left(), 0, "{death:?}");
        assert_eq!(run.times_called_off(), usize::from(death >= Death::Recorded), "{death:?}");
    }
}

#[test]
fn letters_are_judged_in_their_order_and_the_second_of_two_is_told_why_not() {
    let run = Run::new();
    let (first, second) = (run.send(abort("the fix is wrong")), run.send(abort("too late")));
    let mut inbox = run.inbox();
    let accepted = inbox.next(&run.plan, &run.state()).unwrap();
    run.record(accepted.event);
    inbox.recorded(&accepted.name);
    assert_eq!(inbox.next(&run.plan, &run.state()), None);
    assert!(run.settled(&first).is_ok());
    let Err(DecideError::Refused(refusal)) = run.settled(&second) else { panic!("it is refused") };
    assert_eq!(*refusal, Refusal::CalledOff { reason: "the fix is wrong".into() });
}

#[test]
fn a_letter_that_is_not_understood_is_answered() {
    let run = Run::new();
    let letter = run.send(abort("the fix is wrong"));
    let [files] = &LetterFiles::all(&run.home.folder.inbox(), Stage::Posted)[..] else {
        panic!("one letter")
    };
    std::fs::write(files.path(Stage::Posted), "{\"decision\":\"dance\"}").unwrap();
    assert_eq!(run.inbox().next(&run.plan, &run.state()), None);
    assert!(matches!(run.settled(&letter), Err(DecideError::OtherVersion { .. })));
}

#[test]
fn a_link_in_the_inbox_is_no_letter() {
    let run = Run::new();
    let letter = run.send(abort("the fix is wrong"));
    let [files] = &LetterFiles::all(&run.home.folder.inbox(), Stage::Posted)[..] else {
        panic!("one letter")
    };
    let path = files.path(Stage::Posted);
    let elsewhere = run.home.folder.root().join("elsewhere");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(run.inbox().next(&run.plan, &run.state()), None);
    assert!(!path.exists());
    drop(letter);
}

#[test]
fn where_nobody_drives_the_run_a_decision_leaves_no_letter() {
    let run = Run::new();
    let decided = decide(&run.home, &abort("the fix is wrong"), |_| {}).unwrap();
    assert_eq!(decided.taken_by, None);
    assert_eq!((run.times_called_off(), run.left()), (1, 0));
}
