//! Who may do what: names given with `--as`, checked against the release.

use super::problem::Problem;
use crate::ids::Login;
use crate::input::suggest;
use crate::plan::Inputs;

/// The name is one of those who may approve gates.
pub(super) fn approver(inputs: &Inputs, name: &Login) -> Result<(), Problem> {
    let may = inputs.approvers();
    if may.iter().any(|login| same(login, name)) {
        return Ok(());
    }
    Err(Problem::input(
        format!("`{name}` may not approve gates of this release"),
        format!(
            "{}; `approvers` in release.toml, else `maintainers` in catalog.toml, say who may",
            known(may)
        ),
    ))
}

/// The name is one of those who lead or approve the release.
pub(super) fn member(inputs: &Inputs, name: &Login) -> Result<(), Problem> {
    let mut may = vec![inputs.release.manager.clone()];
    may.extend(inputs.approvers().iter().cloned());
    may.extend(inputs.catalog.maintainers.iter().cloned());
    may.sort();
    may.dedup();
    if may.iter().any(|login| same(login, name)) {
        return Ok(());
    }
    Err(Problem::input(format!("`{name}` is not among the people of this release"), known(&may)))
}

/// GitHub tells names apart without regard to case.
pub(super) fn same(one: &Login, other: &Login) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

fn known(may: &[Login]) -> String {
    suggest("", may.iter().map(Login::as_str))
}
