//! Entries, facts and evidence as they travel. What a worker says of an attempt is judged again where it arrives.

use serde::{Deserialize, Serialize};

use crate::matrix::{CiEntry, CiPlan, JobFact, JobFacts, JobKey, Value, as_json};
use crate::runner::{EntryAttempt, EntryEvidence, OutputTexts, output_texts, outputs_of};

/// Which entry of a plan. A worker makes the same plan of the same commit, and finds it there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct SentEntry {
    pub(super) workflow: String,
    pub(super) key: JobKey,
    pub(super) name: String,
    /// Its matrix as JSON text: numbers stay as they are written.
    pub(super) matrix: String,
}

/// What became of a job that others need.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SentFact {
    key: JobKey,
    failed: bool,
    outputs: Option<OutputTexts>,
}

/// Evidence, and what of it is not written down elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SentEvidence {
    pub(super) evidence: EntryEvidence,
    /// For each attempt in the order of [`attempts`].
    besides: Vec<Besides>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Besides {
    matrix: serde_json::Value,
    tail: Vec<String>,
    outputs: OutputTexts,
}

impl SentEntry {
    pub(super) fn of(entry: &CiEntry) -> SentEntry {
        SentEntry {
            workflow: entry.workflow.clone(),
            key: entry.key.clone(),
            name: entry.name.clone(),
            matrix: as_json(&Value::object(entry.matrix.clone())).to_string(),
        }
    }

    /// The entry of a plan that is meant.
    pub(super) fn in_plan<'a>(&self, plan: &'a CiPlan) -> Option<&'a CiEntry> {
        // Most others have another name; the matrix is written only of those that have not.
        let is_alike = |entry: &&CiEntry| entry.name == self.name && entry.workflow == self.workflow;
        plan.entries().filter(is_alike).find(|entry| SentEntry::of(entry) == *self)
    }
}

/// The facts as they travel: those of the workflow that an entry is of. Nothing of others changes its plan.
pub(super) fn sent_facts(facts: &JobFacts, workflow: &str) -> Vec<SentFact> {
    let sent = |(key, fact): (&JobKey, &JobFact)| SentFact {
        key: key.clone(),
        failed: fact.failed,
        outputs: fact.outputs.as_ref().map(output_texts),
    };
    facts.iter().filter(|(key, _)| key.workflow() == workflow).map(sent).collect()
}

/// The facts as they arrived.
pub(super) fn arrived_facts(sent: &[SentFact]) -> JobFacts {
    let mut facts = JobFacts::default();
    for SentFact { key, failed, outputs } in sent {
        let outputs = outputs.as_ref().map(outputs_of);
        facts.insert(key.clone(), JobFact { failed: *failed, outputs });
    }
    facts
}

impl SentEvidence {
    pub(super) fn of(evidence: EntryEvidence) -> SentEvidence {
        let besides = |attempt: &EntryAttempt| Besides {
            matrix: attempt.matrix.clone(),
            tail: attempt.tail.clone(),
            outputs: output_texts(&attempt.outputs),
        };
        SentEvidence { besides: attempts(&evidence).map(besides).collect(), evidence }
    }

    /// The evidence with everything in its place; nothing, if there is not as much beside it as it has attempts.
    pub(super) fn arrived(mut self) -> Option<EntryEvidence> {
        if attempts(&self.evidence).count() != self.besides.len() {
            return None;
        }
        for (attempt, besides) in attempts_mut(&mut self.evidence).zip(self.besides) {
            attempt.matrix = besides.matrix;
            attempt.tail = besides.tail;
            attempt.outputs = outputs_of(&besides.outputs);
        }
        Some(self.evidence)
    }
}

/// All attempts of an evidence.
pub(super) fn attempts(evidence: &EntryEvidence) -> impl Iterator<Item = &EntryAttempt> {
    evidence.warm_up.iter().chain(&evidence.attempts).chain(&evidence.base)
}

/// The same, to be changed.
pub(super) fn attempts_mut(evidence: &mut EntryEvidence) -> impl Iterator<Item = &mut EntryAttempt> {
    evidence.warm_up.iter_mut().chain(&mut evidence.attempts).chain(&mut evidence.base)
}
