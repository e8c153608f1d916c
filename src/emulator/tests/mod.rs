//! Stories told by the wire: a client with reqwest and the `git` program against a world in a temporary directory.

mod advisories;
mod crashes;
mod fuzz;
mod git_data;
mod pulls;
mod releases;
mod shapes;
mod stage;
