//! A release that was called off, and the one that is started in its place: what the first left is taken over, and what it
//! sent is not sent again.

use std::path::{Path, PathBuf};

use super::disk::DiskError;
use super::home::Home;
use crate::kinds::StepKind;
use crate::plan::Plan;
use crate::run::{Event, Journal, JournalError, StampedEvent, State};
use crate::steps::{Begun, Output, SentMail};

/// What belongs to one run alone. Everything else in the folder serves the next one, too: what was fetched and made, and the
/// results of tests. The journal goes last: until then the run is the one that was called off.
const OF_ONE_RUN: [&str; 6] =
    ["report.json", "resolve", "journal.db-wal", "journal.db-shm", "journal.last", "journal.db"];

impl Home {
    /// Sets a run that was called off aside, so that another may be started here. The lock must be held.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_aside(&self) -> Result<(), DiskError> {
        let place = self.next_place();
        std::fs::create_dir_all(&place).map_err(DiskError::to("make", &place))?;
        for name in OF_ONE_RUN {
            let (from, to) = (self.folder.root().join(name), place.join(name));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(DiskError::to("set aside", &from))?;
            }
        }
        Ok(())
    }

    /// The first place that holds no run yet: one that was left half filled is filled.
    fn next_place(&self) -> PathBuf {
        let places = (1..).map(|number: u32| self.folder.earlier().join(number.to_string()));
        let mut free = places.filter(|place| !journal_in(place).exists());
        free.next().unwrap_or_else(|| self.folder.earlier())
    }

    /// What the run that was set aside last leaves to the next one; nothing, where there was none.
    pub(super) fn inheritance(&self) -> Result<Option<Event>, JournalError> {
        let places = (1..).map(|number: u32| journal_in(&self.folder.earlier().join(number.to_string())));
        let Some(last) = places.take_while(|journal| journal.exists()).last() else { return Ok(None) };
        let (journal, events) = Journal::read(&last)?;
        Ok(Some(inherited(&journal.plan(&events)?, &events)))
    }
}

fn journal_in(place: &Path) -> PathBuf {
    place.join("journal.db")
}

/// The mails that are out, those of still earlier runs included, those that may be, and what was pushed.
fn inherited(plan: &Plan, events: &[StampedEvent]) -> Event {
    let state = State::fold(events);
    let mut mails: Vec<SentMail> = state.facts.sent_before.clone();
    mails.extend(events.iter().filter_map(|stamped| match &stamped.record {
        Event::Done { output: Output::Mail(mail), .. } => Some(mail.clone()),
        _ => None,
    }));
    let mut pushed = state.facts.pushed_before.clone();
    pushed.extend(events.iter().filter_map(|stamped| match &stamped.record {
        Event::Done { output: Output::Ref(pushed), .. } => Some(pushed.commit.clone()),
        _ => None,
    }));
    let is_mail = |kind: StepKind| matches!(kind, StepKind::AdvanceMail | StepKind::ReleaseMail);
    let begun = plan.steps().filter(|step| is_mail(step.kind) && state.begun(&step.name) == Begun::Yes);
    let mut doubtful = state.facts.doubtful.clone();
    doubtful.extend(begun.map(|step| step.name.clone()));
    Event::Inherited { mails, doubtful, pushed }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::demo_plan;
    use crate::run::Completion;

    fn mail() -> SentMail {
        SentMail {
            id: "<1@brightwater.example>".into(),
            subject: "It comes".into(),
            to: vec!["a@b.example".into()],
        }
    }

    #[test]
    fn what_was_sent_is_known_to_every_later_run_and_what_may_be_is_doubted() {
        let folder = tempfile::tempdir().unwrap();
        let (home, plan) = (Home::find(folder.path()), demo_plan("wamr"));
        home.create().unwrap();
        let step = plan.of_kind(StepKind::AdvanceMail).next().unwrap().name.clone();
        let release = plan.of_kind(StepKind::ReleaseMail).next().unwrap().name.clone();
        assert_eq!(home.inheritance().unwrap(), None);
        let sent = Event::Done { step, how: Completion::Acted, output: Output::Mail(mail()) };
        let inherited = Event::Inherited {
            mails: vec![mail()],
            doubtful: BTreeSet::from([release.clone()]),
            pushed: BTreeSet::new(),
        };
        for events in [vec![sent, Event::Intent { step: release }], vec![inherited.clone()]] {
            let mut journal = Journal::create(&home.folder.journal(), &plan).unwrap();
            for event in events {
                journal.append(plan.snapshot.taken, event).unwrap();
            }
            drop(journal);
            home.set_aside().unwrap();
            assert!(!home.is_started());
            assert_eq!(home.remains().unwrap(), Vec::<String>::new());
            assert_eq!(home.inheritance().unwrap(), Some(inherited.clone()));
        }
    }

    #[test]
    fn a_run_that_was_killed_while_it_was_set_aside_is_set_aside_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (home, plan) = (Home::find(folder.path()), demo_plan("wamr"));
        home.create().unwrap();
        drop(Journal::create(&home.folder.journal(), &plan).unwrap());
        let place = home.folder.earlier().join("1");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("report.json"), "{}").unwrap();
        home.set_aside().unwrap();
        assert!(place.join("journal.db").exists() && place.join("report.json").exists());
    }
}
