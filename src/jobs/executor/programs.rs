//! Whether this machine has what a command needs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::jobs::command::TestCommand;

/// The program that is run, after every needed one was found on the PATH that the command will see; or what is missing.
pub(super) fn find_programs(
    command: &TestCommand,
    environment: &BTreeMap<OsString, OsString>,
    checkout: &Path,
) -> Result<PathBuf, String> {
    let path = environment.get(&OsString::from("PATH"));
    let find = |program: &str| which::which_in(program, path, checkout).ok();
    let missing: Vec<String> = command
        .needs
        .iter()
        .filter(|program| find(program).is_none())
        .map(|program| format!("`{program}`"))
        .collect();
    if !missing.is_empty() {
        return Err(not_on_path(&missing.join(", ")));
    }
    let argv = command.run.argv();
    let program = argv.first().copied().unwrap_or_default();
    find(program).ok_or_else(|| {
        if program.contains('/') {
            format!("`{program}` is not an executable file of the checkout")
        } else {
            not_on_path(&format!("`{program}`"))
        }
    })
}

fn not_on_path(what: &str) -> String {
    format!("{what} not on PATH; install it, or run this suite on a machine that has it")
}
