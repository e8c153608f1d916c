//! Our side: the command itself, in its form for many pairs and in its form for one fix and many branches.

use std::path::Path;
use std::process::{Command, Stdio};

use super::job::Made;
use crate::cpu::{Spent, spent};
use crate::picks::{Case, batch_file};
use crate::table::Failure;

/// An answer of the batch, as far as it is compared.
#[derive(serde::Deserialize)]
struct Answer {
    outcome: String,
    tree: Option<String>,
}

/// The answers to the cases, in their order, and what they cost.
pub(super) fn answers(repository: &Path, cases: &[Case]) -> Result<(Vec<Made>, Spent), Failure> {
    let file = batch_file(cases)?;
    let mut command = command(repository);
    let spent = spent(command.arg("--batch").arg(file.path()))?;
    let lines = std::str::from_utf8(&spent.printed)?.lines();
    let answers: Vec<Answer> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    if answers.len() != cases.len() || answers.iter().any(|answer| answer.outcome == "error") {
        return Err("the batch could not answer every case".into());
    }
    let made = |answer: Answer| answer.tree.map_or(Made::Conflict, Made::Tree);
    Ok((answers.into_iter().map(made).collect(), spent))
}

/// One fix onto branches, with everything that a person is told about its conflicts.
pub(super) fn explained(
    repository: &Path,
    fix: &str,
    onto: &[String],
    more: &[&str],
) -> Result<Spent, Failure> {
    let mut command = command(repository);
    command.args(["--fix", fix, "--merges", "first-parent"]).args(more);
    for branch in onto {
        command.arg("--onto").arg(branch);
    }
    let spent = spent(command.stdin(Stdio::null()).stderr(Stdio::null()))?;
    // That a person's hand is needed is an answer.
    match spent.status {
        Some(0 | 11) => Ok(spent),
        status => Err(format!("the backport of {fix} ended with {status:?}").into()),
    }
}

fn command(repository: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.arg("backport").arg("--repo").arg(repository);
    command
}
