//! What is kept of entries that were proven, in the run's folder: a run that was killed, or another target with an equal
//! tree, adopts what is here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::durations::Durations;
use super::evidence::{EntryEvidence, EntryOutcome};
use super::output_text::{OutputTexts, output_texts, outputs_of};
use crate::ids::{Digest, TreeId};
use crate::jobs::write_whole;

/// The folder of what is kept.
#[derive(Debug)]
pub struct EntryRecords {
    folder: PathBuf,
    turns: Mutex<BTreeMap<TreeId, Arc<Turn<()>>>>,
    /// How long entries took.
    pub durations: Durations,
}

/// What is kept of one entry.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptEvidence {
    /// What was found.
    pub evidence: EntryEvidence,
    /// Whether people know that it did not pass: then it is run again when the step is taken again.
    pub reported: bool,
    /// The outputs of its last attempt.
    outputs: OutputTexts,
    /// The last lines of the logs of its attempts.
    tails: Vec<Vec<String>>,
}

impl EntryRecords {
    /// Those in this folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> EntryRecords {
        let durations = Durations::in_folder(folder);
        EntryRecords { folder: folder.to_owned(), turns: Mutex::default(), durations }
    }

    /// Where entries of a tree put by what they leave for each other.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }

    /// Waits until nobody else runs entries of this tree.
    pub async fn turn(&self, tree: &TreeId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(tree.clone()).or_default())
        };
        turn.lock_owned().await
    }

    /// What is kept under this. What cannot be read counts as nothing: then the entry is run again, and nothing is proven by
    /// a guess.
    pub(super) fn read(&self, id: &Digest) -> Option<KeptEvidence> {
        let text = std::fs::read(self.path(id)).ok()?;
        let mut kept: KeptEvidence = serde_json::from_slice(&text).ok()?;
        kept.evidence.attempts.iter_mut().zip(&kept.tails).for_each(|(attempt, tail)| {
            attempt.tail.clone_from(tail);
        });
        if let Some(last) = kept.evidence.attempts.last_mut() {
            last.outputs = outputs_of(&kept.outputs);
        }
        Some(kept)
    }

    /// Keeps what was found. Where the disk refuses, only a crash would cost something: the entry would be run once more.
    pub(super) fn keep(&self, id: &Digest, evidence: EntryEvidence, reported: bool) {
        let outputs = evidence.attempts.last().map(|last| output_texts(&last.outputs));
        let tails = evidence.attempts.iter().map(|attempt| attempt.tail.clone()).collect();
        let kept = KeptEvidence { evidence, reported, outputs: outputs.unwrap_or_default(), tails };
        if let Err(error) = write_whole(&self.path(id), &kept) {
            tracing::warn!(%error, "failed to keep what an entry came to");
        }
    }

    fn path(&self, id: &Digest) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

impl KeptEvidence {
    /// When its first attempt began, as far as there was one.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.evidence.attempts.first().map(|attempt| attempt.started)
    }

    /// Whether it still counts: what did not pass counts until people know of it.
    pub(super) fn counts(&self) -> bool {
        self.evidence.outcome == EntryOutcome::Passed || !self.reported
    }
}
