//! What a machine can do. The caller looks; this room only reads the answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::matrix::expression::Value;
use crate::matrix::reading::{FileProblem, read_yaml};
use crate::matrix::runner::{Architecture, OperatingSystem};

/// What the machine is and has.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Capabilities {
    /// Its operating system.
    pub system: OperatingSystem,
    /// Its architecture.
    pub architecture: Architecture,
    /// The flags of its processor, as Linux names them.
    pub processor_flags: BTreeSet<String>,
    /// The programs on its path, with their versions where they were asked for.
    pub programs: BTreeMap<String, Option<String>>,
    /// The labels that it serves besides those of GitHub's own runners.
    pub labels: BTreeSet<String>,
}

/// The files of local actions.
pub trait ActionFiles {
    /// The text of `action.yml` or `action.yaml` in this folder of the tree.
    fn action(&self, folder: &str) -> Option<String>;
}

/// The local actions of a tree, each read once however many entries use it.
pub struct LocalActions<'a> {
    files: &'a dyn ActionFiles,
    read: RefCell<BTreeMap<String, ReadAction>>,
}

/// What stands in a folder: nothing, an action, or what is no YAML.
type ReadAction = Option<Result<Value, FileProblem>>;

impl<'a> LocalActions<'a> {
    /// Those of these files.
    pub fn of(files: &'a dyn ActionFiles) -> LocalActions<'a> {
        LocalActions { files, read: RefCell::default() }
    }

    /// The action in a folder.
    pub(super) fn get(&self, folder: &str) -> ReadAction {
        let read = || self.files.action(folder).map(|text| read_yaml(folder, &text));
        self.read.borrow_mut().entry(folder.to_owned()).or_insert_with(read).clone()
    }
}

impl Capabilities {
    /// Whether a program is there.
    pub(super) fn has(&self, program: &str) -> bool {
        self.programs.contains_key(program)
    }
}
