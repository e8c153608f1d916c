//! What was proven before is not proven again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use futures::future::LocalBoxFuture;

use super::evidence::{EntryEvidence, EntryOutcome};
use super::executor::TreeUnderTest;
use super::prover::{EntryProver, Wish};
use super::records::{EntryRecords, KeptEvidence};
use crate::ids::Digest;
use crate::matrix::{CiEntry, CiEvent, Recipe, Value, as_json};

/// Adopts what is kept of entries, and keeps what is new.
pub struct Remembered<'a> {
    /// Who proves what is not known.
    pub prover: &'a dyn EntryProver,
    /// What is kept.
    pub records: &'a EntryRecords,
    /// What all entries of the run have in common.
    pub basis: EvidenceBasis<'a>,
    /// Whether anything is run.
    pub manner: Manner,
    /// What was asked for.
    pub asked: &'a Asked,
}

/// What evidence of an entry rests on beside the entry.
pub struct EvidenceBasis<'a> {
    /// The event that starts the entries.
    pub event: &'a CiEvent,
    /// What is tested.
    pub tree: &'a TreeUnderTest,
    /// What it is compared with.
    pub base: Option<&'a TreeUnderTest>,
    /// The digests of what results may depend on beside the trees: where entries are run now, and where else what was found
    /// before counts as well.
    pub environments: [Digest; 2],
    /// How entries are run, as far as that may change what they come to.
    pub how: String,
}

/// Whether anything is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What is kept is looked at, and nothing is run.
    Look,
    /// What is not kept is run, and what people know to have failed is run again.
    Run,
}

/// What was asked for in a run.
#[derive(Debug, Default)]
pub struct Asked {
    ids: RefCell<BTreeSet<Digest>>,
    missed: Cell<bool>,
}

impl Asked {
    /// Whether something that is wanted was neither kept nor run.
    #[must_use]
    pub fn missed(&self) -> bool {
        self.missed.get()
    }

    /// Notes that people know of what did not pass.
    pub fn mark_reported(&self, records: &EntryRecords) {
        for id in self.ids.borrow().iter() {
            if let Some(kept) = records.read(id)
                && !kept.reported
                && kept.evidence.outcome != EntryOutcome::Passed
            {
                records.keep(id, kept.evidence, true);
            }
        }
    }
}

impl Remembered<'_> {
    /// What is kept of an entry: of all places where it was run what was found last.
    fn kept(&self, entry: &CiEntry) -> Option<KeptEvidence> {
        let ids = self.basis.ids(entry);
        let kept = ids.iter().filter_map(|id| self.records.read(id)).max_by_key(KeptEvidence::begun);
        self.asked.ids.borrow_mut().extend(ids);
        kept
    }

    async fn found(&self, entry: &CiEntry, doing: &dyn Fn(&str)) -> EntryEvidence {
        let kept = self.kept(entry);
        // What failed elsewhere and cannot be tried again is not forgotten.
        let stays = |kept: &KeptEvidence| {
            self.manner == Manner::Look || kept.counts() || !self.prover.takes(entry, Wish::Insists)
        };
        if let Some(kept) = kept.filter(stays) {
            return kept.evidence;
        }
        let [here, _] = &self.basis.environments;
        if self.manner == Manner::Look {
            self.asked.missed.set(true);
            return EntryEvidence::none(here.clone());
        }
        let found = self.prover.prove(entry, doing).await;
        self.records.keep(&self.basis.id(entry, here), found.clone(), false);
        found
    }
}

impl EntryProver for Remembered<'_> {
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool {
        self.prover.takes(entry, wish) || self.kept(entry).is_some()
    }

    fn prove<'a>(&'a self, entry: &'a CiEntry, doing: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(self.found(entry, doing))
    }
}

impl EvidenceBasis<'_> {
    fn ids(&self, entry: &CiEntry) -> [Digest; 2] {
        self.environments.each_ref().map(|environment| self.id(entry, environment))
    }

    /// What the evidence of an entry is known by. The job itself is in the tree. The branch and the commit count only for
    /// entries that may see them: two branches with an equal tree share the rest.
    pub(super) fn id(&self, entry: &CiEntry, environment: &Digest) -> Digest {
        let recipe = entry.recipe.as_deref();
        let context = |name: &str| recipe.map(|recipe| as_json(&recipe.contexts.value(name)));
        let place = recipe.is_none_or(sees_its_place).then(|| {
            let CiEvent { branch, commit, .. } = self.event;
            serde_json::json!([branch, commit])
        });
        let matrices = [&entry.matrix, &entry.caller_matrix].map(|one| as_json(&Value::object(one.clone())));
        let CiEvent { kind, action, repository, .. } = self.event;
        let whole = serde_json::json!({
            "tree": self.tree.tree,
            "base": self.base.map(|base| &base.tree),
            "environment": environment,
            "how": self.how,
            "event": [kind.name().to_owned(), format!("{action:?} {repository:?}")],
            "entry": [&entry.workflow, &entry.job, &entry.name],
            "matrices": matrices,
            "needs": context("needs"),
            "inputs": context("inputs"),
            "place": place,
        });
        Digest::of(whole.to_string())
    }
}

/// The names under which steps see on which branch or commit they run.
const PLACES: [&str; 10] = [
    ".ref",
    ".sha",
    "_ref",
    "_sha",
    "github.event",
    "github_event_path",
    "github)",
    "github[",
    "git ",
    "uses\":\"./",
];

/// Whether a step may see on which branch or commit it runs, by the text of the job. An action of the repository has a text
/// of its own.
fn sees_its_place(recipe: &Recipe) -> bool {
    let text = [&recipe.job, &recipe.file_env, &recipe.file_defaults].map(|part| as_json(part).to_string());
    let text = text.concat().to_lowercase();
    PLACES.iter().any(|place| text.contains(place))
}
