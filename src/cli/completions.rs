//! `lockgate completions`: what a shell needs to complete our arguments.

use clap::Args;
use clap_complete::Shell;

use super::answer::Answer;
use super::problem::Problem;

/// Prints a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  lockgate completions bash > ~/.local/share/bash-completion/completions/lockgate"
)]
pub(super) struct CompletionsCommand {
    /// The shell.
    shell: Shell,
}

impl CompletionsCommand {
    pub(super) fn run(&self, mut command: clap::Command) -> Result<Answer, Problem> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "lockgate", &mut script);
        Ok(Answer::done(String::from_utf8_lossy(&script)))
    }
}
