//! A release that was called off, and the one that is started in its place: what the first left is taken over, and what it
//! sent is not sent again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::disk::DiskError;
use super::home::Home;
use super::opened::Opened;
use crate::ids::{RepoName, StepName};
use crate::kinds::StepKind;
use crate::plan::Plan;
use crate::report::{Account, public_steps};
use crate::run::{Event, Inheritance, Journal, JournalError, StampedEvent, State};
use crate::steps::{Begun, Output, merges_of};

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
        let Some(last) = self.earlier_journals().last() else { return Ok(None) };
        let (plan, events) = read(&last)?;
        Ok(Some(inherited(&plan, &events)))
    }

    /// The runs that were called off here and set aside, the last first, each with what is left of it.
    fn earlier_runs(&self, now: &[StampedEvent]) -> Result<Vec<EarlierRun>, JournalError> {
        let journals: Vec<PathBuf> = self.earlier_journals().collect();
        let (mut runs, mut later) = (Vec::new(), now.to_vec());
        for journal in journals.iter().rev() {
            let (plan, events) = read(journal)?;
            let state = State::fold(&events);
            let account = Account::of_earlier(&plan, &state, &events, &later);
            later.extend(events);
            runs.push(EarlierRun { plan, state, account });
        }
        Ok(runs)
    }

    fn earlier_journals(&self) -> impl Iterator<Item = PathBuf> {
        let places = (1..).map(|number: u32| journal_in(&self.folder.earlier().join(number.to_string())));
        places.take_while(|journal| journal.exists())
    }
}

/// A run that was called off and set aside.
pub struct EarlierRun {
    /// Its last plan.
    pub plan: Plan,
    /// What its facts add up to.
    pub state: State,
    /// What it did and is still there, as far as those know that were started in its place.
    pub account: Account,
}

impl Opened {
    /// The runs in whose place this one was started, the last first.
    ///
    /// # Errors
    /// When the journal of one cannot be used.
    pub fn earlier_runs(&self) -> Result<Vec<EarlierRun>, JournalError> {
        self.home().earlier_runs(&self.events)
    }
}

fn read(journal: &Path) -> Result<(Plan, Vec<StampedEvent>), JournalError> {
    let (journal, events) = Journal::read(journal)?;
    Ok((journal.plan(&events)?, events))
}

fn journal_in(place: &Path) -> PathBuf {
    place.join("journal.db")
}

/// What a run leaves, that of still earlier ones included: the mails that are out and those that may be, what was pushed, the pull
/// requests, and what everybody can see.
fn inherited(plan: &Plan, events: &[StampedEvent]) -> Event {
    let state = State::fold(events);
    let facts = &state.facts;
    let mut left = Inheritance {
        mails: facts.sent_before.clone(),
        doubtful: doubtful(plan, &state),
        pushed: facts.pushed_before.clone(),
        pulls: facts.pulls_before.clone(),
        merged: facts.merged_before.clone(),
        public: public_steps(events).into_iter().map(|(step, _)| step).collect(),
    };
    for target in &plan.targets {
        left.merged.extend(merges_of(facts, &target.subject()).map(|(step, pull)| (step, pull.clone())));
    }
    for stamped in events {
        match &stamped.record {
            Event::Done { output: Output::Mail(mail), .. } => left.mails.push(mail.clone()),
            Event::Done { output: Output::Ref(pushed), .. } => left.pushed.extend([pushed.commit.clone()]),
            Event::Done { output: Output::Pull(pull), .. } => left.pulls.push(pull.clone()),
            _ => {}
        }
    }
    let Inheritance { pulls, merged, .. } = &mut left;
    let mut known: BTreeSet<(RepoName, u64)> =
        merged.values().map(|pull| (pull.repo.clone(), pull.number)).collect();
    pulls.retain(|pull| known.insert((pull.repo.clone(), pull.number)));
    Event::Inherited(left)
}

/// The steps whose mail may be out.
fn doubtful(plan: &Plan, state: &State) -> BTreeSet<StepName> {
    let is_mail = |kind: StepKind| matches!(kind, StepKind::AdvanceMail | StepKind::ReleaseMail);
    let begun = plan.steps().filter(|step| is_mail(step.kind) && state.begun(&step.name) == Begun::Yes);
    let mut doubtful = state.facts.doubtful.clone();
    doubtful.extend(begun.map(|step| step.name.clone()));
    doubtful
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::Completion;
    use crate::steps::SentMail;

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
        let sent = Event::Done { step: step.clone(), how: Completion::Acted, output: Output::Mail(mail()) };
        let inherited = Event::Inherited(Inheritance {
            mails: vec![mail()],
            doubtful: BTreeSet::from([release.clone()]),
            public: BTreeSet::from([step.clone()]),
            ..Inheritance::default()
        });
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
