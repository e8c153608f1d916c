//! `lockgate completions`: what a shell needs to complete our arguments. The script asks this program at every try, so that it
//! knows the steps, gates and people of the release in question.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Shells};

use super::answer::Answer;
use super::problem::Problem;

/// The variable in which a shell that completes says which one it is.
const ASKS: &str = "LOCKGATE_COMPLETE";

/// Prints a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  lockgate completions bash > ~/.local/share/bash-completion/completions/lockgate\n\n\
    It completes commands and options, and of the release in the current directory, or after `--dir`, the steps that are \
    held, its gates and its people."
)]
pub(super) struct CompletionsCommand {
    /// The shell.
    shell: Shell,
}

impl CompletionsCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let mut script = Vec::new();
        if let Some(shell) = Shells::builtins().completer(&self.shell.to_string()) {
            let written = shell.write_registration(ASKS, "lockgate", "lockgate", "lockgate", &mut script);
            written.map_err(|error| Problem::internal(&error))?;
        }
        Ok(Answer::done(String::from_utf8_lossy(&script)))
    }
}

/// Answers a shell that completes, and ends then; does nothing for everybody else.
pub(super) fn answer_shells(command: fn() -> clap::Command) {
    CompleteEnv::with_factory(command).var(ASKS).complete();
}
