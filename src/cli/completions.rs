//! `lockgate completions`: what a shell needs to complete our arguments.

use clap::Args;
use clap_complete::Shell;

use super::exit::Exit;
use super::problem::Problem;
use super::terminal;

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
    pub(super) fn run(&self, mut command: clap::Command) -> Result<Exit, Problem> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "lockgate", &mut script);
        terminal::out(String::from_utf8_lossy(&script));
        Ok(Exit::Done)
    }
}
