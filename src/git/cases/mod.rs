//! The cases of the backport engine (BP-01 to BP-50, as far as they lie here), each a short story on a small
//! repository.

mod affected;
mod against_git;
mod conflicts;
mod fixes;
mod help;
mod lock_files;
mod mutual;
mod outcomes;
mod review;
mod scenario;
mod scene;
mod stacks;
mod store;
mod touched;
