//! Tokens and passwords leave the environment as the process starts: whoever may read `/proc/PID/environ`, a test suite
//! above all, finds none, and no child inherits one.
//!
//! The environment that a process was started with stays readable for as long as it lives, whatever it unsets. So it
//! starts itself once more without them, and hands them on through a pipe.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::OnceLock;

use secrecy::SecretString;

/// The variables that hold secrets.
const NAMES: [&str; 4] = ["GH_TOKEN", "GITHUB_TOKEN", "LOCKGATE_APP_KEY", "LOCKGATE_SMTP_PASSWORD"];
/// Which pipe they are handed on through, and to which process: what a child inherits of it means nothing.
const PIPE: &str = "LOCKGATE_PIPE";

static WITHDRAWN: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Takes the secrets out of the environment. Returns in a process that was started without any.
pub(super) fn withdraw() {
    let received = std::env::var(PIPE).ok().and_then(|pipe| receive(&pipe));
    let was_started_again = received.is_some();
    let _ = WITHDRAWN.set(received.unwrap_or_default());
    if was_started_again || NAMES.iter().all(|name| std::env::var_os(name).is_none()) {
        return;
    }
    // It returns only if it failed: then they stay where they are, and everything works as before.
    if let Err(error) = start_again() {
        tracing::warn!(%error, "the tokens stay in the environment");
    }
}

/// A secret of this name, unless it is blank.
pub(super) fn get(name: &str) -> Option<SecretString> {
    let withdrawn = WITHDRAWN.get().and_then(|secrets| secrets.get(name)).cloned();
    let value = withdrawn.or_else(|| std::env::var(name).ok())?;
    (!value.trim().is_empty()).then(|| SecretString::from(value))
}

fn start_again() -> std::io::Result<()> {
    let secrets: BTreeMap<&str, String> =
        NAMES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?))).collect();
    // Unlike the standard library's, these ends outlive the start of another program.
    let (reader, writer) = nix::unistd::pipe()?;
    // More than fits into a pipe is no token.
    std::fs::File::from(writer).write_all(&serde_json::to_vec(&secrets)?)?;
    let mut command = Command::new(std::env::current_exe()?);
    let mut arguments = std::env::args_os();
    command.arg0(arguments.next().unwrap_or_default()).args(arguments);
    for name in NAMES {
        command.env_remove(name);
    }
    command.env(PIPE, format!("{}:{}", std::process::id(), reader.as_raw_fd()));
    Err(command.exec())
}

fn receive(pipe: &str) -> Option<BTreeMap<String, String>> {
    let (process, number) = pipe.split_once(':')?;
    if process.parse() != Ok(std::process::id()) {
        return None;
    }
    let number: RawFd = number.parse().ok()?;
    let mut text = String::new();
    std::fs::File::open(format!("/dev/fd/{number}")).ok()?.read_to_string(&mut text).ok()?;
    let _ = nix::unistd::close(number);
    serde_json::from_str(&text).ok()
}
