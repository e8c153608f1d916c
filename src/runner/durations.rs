//! How long entries took before: what takes longest begins first, and how long the rest takes is told by it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::LocalBoxFuture;

use super::evidence::EntryEvidence;
use super::prover::{EntryProver, Wish};
use crate::ids::Digest;
use crate::jobs::write_fleeting;
use crate::matrix::{CiEntry, CiEvent};

/// How long entries took when they were last run, by entry: on whatever branch, tree and machine that was.
#[derive(Debug)]
pub struct Durations {
    path: PathBuf,
    /// In milliseconds.
    known: Mutex<BTreeMap<Digest, u64>>,
}

impl Durations {
    /// Those that are kept below this folder. What cannot be read counts as nothing: it only says what begins first.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Durations {
        let path = folder.join("durations.json");
        let known = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Durations { path, known: Mutex::new(known.unwrap_or_default()) }
    }

    /// How long an entry took when it was last run.
    #[must_use]
    pub fn of(&self, event: &CiEvent, entry: &CiEntry) -> Option<Duration> {
        self.known().get(&id(event, entry)).copied().map(Duration::from_millis)
    }

    /// Takes down how long an entry took, with its warm-up, its second try and the base.
    fn learn(&self, event: &CiEvent, entry: &CiEntry, evidence: &EntryEvidence) {
        let attempts = evidence.warm_up.iter().chain(&evidence.attempts).chain(&evidence.base);
        let took: u64 = attempts.map(|attempt| attempt.duration_ms).sum();
        if evidence.attempts.is_empty() {
            return;
        }
        let mut known = self.known();
        known.insert(id(event, entry), took);
        if let Err(error) = write_fleeting(&self.path, &*known) {
            tracing::warn!(%error, "failed to keep how long an entry took");
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Digest, u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proves entries, and takes down how long that took.
pub struct Timed<'a> {
    /// Who proves them.
    pub prover: &'a dyn EntryProver,
    /// Where it is taken down.
    pub durations: &'a Durations,
    /// The event that starts them.
    pub event: &'a CiEvent,
}

impl EntryProver for Timed<'_> {
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool {
        self.prover.takes(entry, wish)
    }

    fn prove<'a>(&'a self, entry: &'a CiEntry, doing: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(async move {
            let found = self.prover.prove(entry, doing).await;
            self.durations.learn(self.event, entry, &found);
            found
        })
    }
}

/// An entry by its repository, job and name: what it tests is another thing each time.
fn id(event: &CiEvent, entry: &CiEntry) -> Digest {
    Digest::of(serde_json::json!([event.repository, entry.key, entry.name]).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::EventKind;
    use crate::runner::tests::planned;

    const TWO: &str = "on: push
jobs:
  ran: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  lost: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
";

    fn on(branch: &str) -> CiEvent {
        CiEvent {
            kind: EventKind::Push,
            action: None,
            branch: branch.to_owned(),
            repository: Some(("acme".to_owned(), "pump".to_owned())),
            commit: branch.to_owned(),
            skip: None,
        }
    }

    /// An attempt took 300 ms, and one on the base 200.
    fn evidence() -> EntryEvidence {
        let attempt = |took: u64| {
            serde_json::json!({
                "outcome": "failed", "commit": "a".repeat(40), "tree": "b".repeat(40),
                "started": "2026-03-02T09:00:00Z", "duration_ms": took, "machine": "Linux x86_64",
                "isolation": { "level": "namespaces", "network": false },
                "log": "x.log", "log_digest": Digest::of(""), "steps": [],
            })
        };
        let whole = serde_json::json!({
            "outcome": "fails-on-base", "executor": "steps", "environment": Digest::of(""),
            "attempts": [attempt(300)], "base": attempt(200),
        });
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn what_an_entry_took_is_known_the_next_time_on_every_branch() {
        let (folder, entries) = (tempfile::tempdir().unwrap(), planned(TWO, |_| None));
        let durations = Durations::in_folder(folder.path());
        assert_eq!(durations.of(&on("main"), &entries[0]), None);
        durations.learn(&on("main"), &entries[0], &evidence());
        durations.learn(&on("main"), &entries[1], &EntryEvidence::unavailable("no disk".to_owned()));
        let next = Durations::in_folder(folder.path());
        assert_eq!(next.of(&on("release/2.x"), &entries[0]), Some(Duration::from_millis(500)));
        assert_eq!(next.of(&on("main"), &entries[1]), None, "nothing of it ran");
        let other = CiEvent { repository: Some(("acme".to_owned(), "valve".to_owned())), ..on("main") };
        assert_eq!(next.of(&other, &entries[0]), None);
    }
}
