//! The workflow files of a tree, as the planner reads them.

use crate::git::Store;
use crate::ids::TreeId;
use crate::matrix::{ActionFiles, FileProblem, Library, WorkflowFile};
use crate::version::{TreeReader, open};

/// Where GitHub looks for workflows.
pub const WORKFLOWS: &str = ".github/workflows";

/// The files of a tree that planning reads.
pub struct WorkflowFiles<'a> {
    /// The files.
    pub files: &'a dyn TreeReader,
    /// The repository that has the tree, and the tree: for what this machine has of its submodules. Nothing where other
    /// machines run the entries.
    pub here: Option<(&'a Store, TreeId)>,
}

impl WorkflowFiles<'_> {
    /// Its workflows. One that cannot be read is an entry of its own.
    pub fn library(&self) -> Library<'_> {
        let globs = ["yml", "yaml"].map(|end| format!("{WORKFLOWS}/*.{end}"));
        let paths = globs.iter().flat_map(|glob| self.files.list(glob));
        let read = paths.filter_map(|path| {
            let text = match open(self.files, &path) {
                Ok(file) => file?.text,
                Err(error) => return Some((path.clone(), Err(FileProblem::whole(&path, error.to_string())))),
            };
            Some((path.clone(), WorkflowFile::read(&path, &text)))
        });
        Library::of(read.collect(), self)
    }
}

impl ActionFiles for WorkflowFiles<'_> {
    fn action(&self, folder: &str) -> Option<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let paths = ["yml", "yaml"].map(|end| format!("{prefix}action.{end}"));
        paths.iter().find_map(|path| Some(open(self.files, path).ok()??.text))
    }

    fn has_submodules(&self, recursive: bool) -> bool {
        self.here.as_ref().is_some_and(|(store, tree)| store.has_submodules(tree, recursive))
    }
}
