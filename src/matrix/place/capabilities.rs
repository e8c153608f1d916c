//! What a machine can do. The caller looks; this room only reads the answer.

use std::cell::{OnceCell, RefCell};
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
    /// What becomes of actions here.
    #[serde(default, skip_serializing_if = "Actions::stand_in")]
    pub actions: Actions,
}

/// What becomes of the actions that steps use.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actions {
    /// Something on the machine stands in for those that are known.
    #[default]
    StandIns,
    /// They are run as they are, by `act`; why it cannot, if it cannot.
    ByAct(Option<String>),
}

impl Actions {
    fn stand_in(&self) -> bool {
        *self == Actions::StandIns
    }
}

/// What planning asks of a tree beside its workflow files.
pub trait ActionFiles {
    /// The text of `action.yml` or `action.yaml` in this folder of the tree.
    fn action(&self, folder: &str) -> Option<String>;

    /// Whether its submodules can be checked out of what is on the machine: theirs, too, if `recursive` says so.
    fn has_submodules(&self, _recursive: bool) -> bool {
        false
    }
}

/// The local actions of a tree, each read once however many entries use it.
pub struct LocalActions<'a> {
    files: &'a dyn ActionFiles,
    read: RefCell<BTreeMap<String, ReadAction>>,
    /// The answers for submodules, and for theirs, once they were asked for.
    submodules: [OnceCell<bool>; 2],
}

/// What stands in a folder: nothing, an action, or what is no YAML.
type ReadAction = Option<Result<Value, FileProblem>>;

impl<'a> LocalActions<'a> {
    /// Those of these files.
    pub fn of(files: &'a dyn ActionFiles) -> LocalActions<'a> {
        LocalActions { files, read: RefCell::default(), submodules: Default::default() }
    }

    /// The action in a folder.
    pub(super) fn get(&self, folder: &str) -> ReadAction {
        let read = || self.files.action(folder).map(|text| read_yaml(folder, &text));
        self.read.borrow_mut().entry(folder.to_owned()).or_insert_with(read).clone()
    }

    /// Whether submodules can be checked out without a network.
    pub(super) fn has_submodules(&self, recursive: bool) -> bool {
        *self.submodules[usize::from(recursive)].get_or_init(|| self.files.has_submodules(recursive))
    }
}

impl Capabilities {
    /// Whether a program is there.
    pub(super) fn has(&self, program: &str) -> bool {
        self.programs.contains_key(program)
    }
}
