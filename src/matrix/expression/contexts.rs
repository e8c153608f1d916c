//! What an expression may name at one place of a workflow file, and what it finds there.

use std::fmt::Debug;
use std::sync::Arc;

use super::value::Value;

/// The contexts and functions of one place.
#[derive(Debug, Clone, Default)]
pub struct Contexts {
    named: Vec<(String, Value)>,
    /// What the status functions say; `None` where they are not allowed.
    pub status: Option<Status>,
    /// What `hashFiles` gives; `None` where it is not allowed.
    pub(super) hash_files: Option<FileHashes>,
}

/// What `hashFiles` gives.
#[derive(Debug, Clone)]
pub enum FileHashes {
    /// Something that only the run will show.
    Later,
    /// What the files of a run give.
    Of(Arc<dyn HashFiles>),
}

/// The files of a run.
pub trait HashFiles: Debug + Send + Sync {
    /// The hash of the files that these patterns find; empty if they find none.
    fn hash(&self, patterns: &[String]) -> String;
}

/// What the status functions give.
#[derive(Debug, Clone)]
pub struct Status {
    /// `success()`.
    pub success: Value,
    /// `failure()`.
    pub failure: Value,
}

impl Contexts {
    /// These contexts, without functions that only some places have.
    pub fn of<'a>(named: impl IntoIterator<Item = (&'a str, Value)>) -> Contexts {
        let named = named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Contexts { named, status: None, hash_files: None }
    }

    /// The same with one more, or another in its place.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Contexts {
        self.named.retain(|(there, _)| !there.eq_ignore_ascii_case(name));
        self.named.push((name.to_owned(), value));
        self
    }

    /// The same with status functions.
    #[must_use]
    pub fn with_status(self, status: Status) -> Contexts {
        Contexts { status: Some(status), ..self }
    }

    /// The same with `hashFiles`.
    #[must_use]
    pub fn with_hash_files(self, hashes: FileHashes) -> Contexts {
        Contexts { hash_files: Some(hashes), ..self }
    }

    /// What a name stands for; null if there is no such context.
    pub fn value(&self, name: &str) -> Value {
        self.get(name).cloned().unwrap_or(Value::Null)
    }

    /// The context of this name. Names ignore case.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
