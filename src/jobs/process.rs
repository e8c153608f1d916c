//! One process group: started, waited for, and gone whatever happens.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};

use super::result::Outcome;

/// What to start.
pub(super) struct Process<'a> {
    pub(super) program: PathBuf,
    pub(super) arguments: &'a [&'a str],
    pub(super) folder: &'a Path,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) limit: Duration,
    /// How long the group may take to stop by itself after its time limit.
    pub(super) grace: Duration,
}

impl Process<'_> {
    /// Runs it to its end or its time limit. Dropping the future kills the whole group.
    ///
    /// # Errors
    /// It could not be started, or the system lost track of it.
    pub(super) async fn run(self, log: File) -> io::Result<Outcome> {
        let errors = log.try_clone()?;
        let mut child = CommandWrap::with_new(&self.program, |command| {
            command
                .args(self.arguments)
                .current_dir(self.folder)
                .env_clear()
                .envs(&self.environment)
                .stdin(Stdio::null())
                .stdout(log)
                .stderr(errors);
        })
        .wrap(ProcessGroup::leader())
        .spawn()?;
        // Also after a good end: what a suite leaves running would hold its cores and its files.
        let group = Group::of(child.as_ref());
        match tokio::time::timeout(self.limit, child.wait()).await {
            Ok(status) => Ok(outcome(status?)),
            Err(_) => {
                group.signal(Signal::SIGTERM);
                if tokio::time::timeout(self.grace, child.wait()).await.is_err() {
                    group.signal(Signal::SIGKILL);
                    child.wait().await?;
                }
                Ok(Outcome::TimedOut)
            }
        }
    }
}

fn outcome(status: ExitStatus) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(0), _) => Outcome::Passed,
        (Some(code), _) => Outcome::Failed { code },
        (None, signal) => Outcome::Killed { signal: signal.unwrap_or_default() },
    }
}

/// A process group that does not outlive this value. A process that starts a session of its own escapes it;
/// only a container would hold that one.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &dyn ChildWrapper) -> Group {
        Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        // An error means that the group is gone already.
        let _ = self.0.map(|group| killpg(group, signal));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}
