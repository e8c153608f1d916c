//! Exit codes: what a script or a tired person can rely on.

use std::process::ExitCode;

/// Everything that was asked for is done.
pub const DONE: u8 = 0;
/// What was given cannot be used: arguments, a file, a rule. Nothing was begun. The number is clap's own.
pub const BAD_INPUT: u8 = 2;
/// The run waits for people or the clock; nothing is wrong.
pub const WAITING: u8 = 10;
/// A conflict, or something else that only a person can decide.
pub const DECISION: u8 = 11;
/// A service outside failed: GitHub, a remote, mail, the disk. `lockgate resume` tries again.
pub const OUTSIDE: u8 = 20;
/// A fault of Lockgate itself; the number is `EX_SOFTWARE` of sysexits.h.
pub const INTERNAL: u8 = 70;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// [`DONE`].
    Done,
    /// [`BAD_INPUT`].
    BadInput,
    /// [`WAITING`].
    Waiting,
    /// [`DECISION`].
    Decision,
    /// [`OUTSIDE`].
    Outside,
    /// [`INTERNAL`].
    Internal,
}

impl Exit {
    /// The documented number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => DONE,
            Exit::BadInput => BAD_INPUT,
            Exit::Waiting => WAITING,
            Exit::Decision => DECISION,
            Exit::Outside => OUTSIDE,
            Exit::Internal => INTERNAL,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// The table that `lockgate --help` ends with.
pub(super) const HELP: &str = "\
Exit codes:
   0  done
   2  bad input: an argument, a file or a rule cannot be used
  10  waiting for people or the clock
  11  a conflict, or something else that only a person can decide
  20  a service outside failed; `lockgate resume` tries again
  70  an internal error of lockgate

A first look, without a token, a server or a network:
  lockgate rehearse fixtures/demo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_code() {
        for exit in [Exit::Done, Exit::BadInput, Exit::Waiting, Exit::Decision, Exit::Outside, Exit::Internal]
        {
            let code = format!("{:>4}  ", exit.code());
            assert!(HELP.lines().any(|line| line.starts_with(&code)), "{exit:?}");
        }
    }
}
