//! Conflicts as people resolve them: a work tree of its own for each, made by the `git` program, with proposals in it where
//! there are any. People know git, and it knows their editor; their own clones are not touched.

mod program;
mod proposals;
mod work_tree;

pub use program::WorkTreeError;
pub use work_tree::WorkTree;
