//! One entry of the matrix: what GitHub would start, with its one verdict.

use std::sync::Arc;

use super::expression::Object;
use super::facts::JobKey;
use super::place::Place;
use super::recipe::Recipe;
use super::runner::Runner;
use super::verdict::EntryVerdict;

/// One check that GitHub would show, or one line for what cannot be counted.
#[derive(Debug, Clone)]
pub struct CiEntry {
    /// The file that the event starts.
    pub workflow: String,
    /// The file that holds the job, if another workflow calls it.
    pub source: Option<String>,
    /// The id of the job; of a called workflow `caller/callee`.
    pub job: String,
    /// The name that GitHub shows.
    pub name: String,
    /// The job's own values.
    pub matrix: Object,
    /// The values of the callers' matrices, by caller.
    pub caller_matrix: Object,
    /// The runner that it asks for.
    pub runner: Runner,
    /// What a job that calls a workflow calls.
    pub calls: Option<String>,
    /// The line of the job in its file.
    pub line: Option<usize>,
    /// Whether GitHub starts it.
    pub started: Started,
    /// Where it can run, if it starts or may start.
    pub place: Option<Place>,
    /// Which job it is of.
    pub key: JobKey,
    /// The jobs that come before it: what it needs, what those need, and what its callers need.
    pub after: Arc<[JobKey]>,
    /// What it consists of, if it is more than a line for what cannot be counted.
    pub recipe: Option<Arc<Recipe>>,
}

/// Whether GitHub starts an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It starts.
    Yes,
    /// It hangs on this, which is not known before the run.
    Perhaps(String),
    /// The matrix hangs on this: how many entries there are is not known.
    Dynamic {
        /// What is not known.
        on: String,
        /// What the condition says: `None` if it is met, otherwise what it hangs on.
        perhaps: Option<String>,
    },
    /// It calls a workflow of another repository, which is not read.
    Remote {
        /// What the condition says, as for a dynamic matrix.
        perhaps: Option<String>,
    },
    /// Its condition is false.
    ConditionFalse(String),
    /// A job in the chain of its needs is skipped.
    NeedsSkipped(String),
    /// The event does not start the workflow.
    NotTriggered(String),
    /// GitHub refuses the file or the job.
    Invalid(String),
}

impl CiEntry {
    /// One line for a file as a whole, at this line of it.
    pub(super) fn of_file(path: &str, line: usize, started: Started) -> CiEntry {
        CiEntry {
            workflow: path.to_owned(),
            source: None,
            job: String::new(),
            name: path.to_owned(),
            matrix: Object::default(),
            caller_matrix: Object::default(),
            runner: Runner::default(),
            calls: None,
            line: Some(line),
            started,
            place: None,
            key: JobKey::of(path, std::iter::empty(), ""),
            after: Arc::default(),
            recipe: None,
        }
    }

    /// Its verdict.
    pub fn verdict(&self) -> EntryVerdict {
        match (&self.started, &self.place) {
            (Started::Yes, place) => place.as_ref().map_or(EntryVerdict::RunHere, Place::verdict),
            (Started::Perhaps(_), _) => EntryVerdict::Conditional,
            (Started::Dynamic { .. }, _) => EntryVerdict::Dynamic,
            (Started::Remote { .. }, _) => EntryVerdict::RemoteReusable,
            (Started::ConditionFalse(_), _) => EntryVerdict::IfFalse,
            (Started::NeedsSkipped(_), _) => EntryVerdict::NeedsSkipped,
            (Started::NotTriggered(_), _) => EntryVerdict::NotTriggered,
            (Started::Invalid(_), _) => EntryVerdict::Invalid,
        }
    }

    /// Why the verdict is what it is.
    pub fn reason(&self) -> String {
        match &self.started {
            Started::Yes => self.place.as_ref().map(Place::reason).unwrap_or_default(),
            Started::Perhaps(on) => on.clone(),
            Started::Dynamic { on, .. } => format!("the matrix is `{on}`"),
            Started::Remote { .. } => {
                format!("`{}` is in another repository", self.calls.as_deref().unwrap_or_default())
            }
            Started::ConditionFalse(why)
            | Started::NeedsSkipped(why)
            | Started::NotTriggered(why)
            | Started::Invalid(why) => why.clone(),
        }
    }

    /// What its start or the number of its like hangs on.
    pub fn hangs_on(&self) -> Option<&str> {
        match &self.started {
            Started::Perhaps(on) | Started::Dynamic { on, .. } => Some(on),
            _ => None,
        }
    }

    /// Whether GitHub starts it for certain.
    pub fn surely_starts(&self) -> bool {
        matches!(
            self.started,
            Started::Yes | Started::Dynamic { perhaps: None, .. } | Started::Remote { perhaps: None }
        )
    }

    /// Whether GitHub starts it, or may.
    pub fn may_start(&self) -> bool {
        matches!(
            self.started,
            Started::Yes | Started::Perhaps(_) | Started::Dynamic { .. } | Started::Remote { .. }
        )
    }
}
