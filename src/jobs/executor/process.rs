//! One process group: started, waited for, and gone whatever happens.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::recording::Recording;
use super::survivors::{MARK, Notes, end_marked};
use super::variables;
use crate::jobs::result::JobOutcome;

/// What the process does until it is noted which one it is; then it becomes the command.
const WAIT_TO_BE_NOTED: &str = "read -r _ && exec \"$@\" </dev/null";
/// The same where the command is started by a launcher, which reads on.
const WAIT_AND_PASS_ON: &str = "read -r _ && exec \"$@\"";

/// What to start.
pub(super) struct Process<'a> {
    /// What makes its namespaces; nothing where there are none.
    pub(super) launcher: &'a [OsString],
    pub(super) program: PathBuf,
    pub(super) arguments: &'a [&'a str],
    pub(super) folder: &'a Path,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) limit: Duration,
    /// How long the group may take to stop by itself after its time limit.
    pub(super) grace: Duration,
    /// By which it is told to stop before that.
    pub(super) stop: Option<&'a Notify>,
}

impl Process<'_> {
    /// Runs it to its end or its time limit; its output goes through `heard` into the log. Dropping the future kills the
    /// whole group.
    ///
    /// # Errors
    /// It could not be noted or started, or the system lost track of it.
    pub(super) async fn run<R: io::Read + Send + 'static>(
        self,
        heard: impl FnOnce(io::PipeReader) -> R,
        log: File,
        notes: &Notes,
    ) -> io::Result<JobOutcome> {
        // A pipe, and not the file itself: what a command can open, it can empty.
        let (reader, writer) = io::pipe()?;
        let errors = writer.try_clone()?;
        let mark = new_mark();
        let (wait, environment, told) = self.manner(&mark)?;
        let mut child = CommandWrap::with_new("/bin/sh", |command| {
            command
                .args(["-c", wait, "sh"])
                .args(self.launcher)
                .arg(&self.program)
                .args(self.arguments)
                .current_dir(self.folder)
                .env_clear()
                .envs(environment)
                .env(MARK, &mark)
                .stdin(Stdio::piped())
                .stdout(writer)
                .stderr(errors);
        })
        .wrap(ProcessGroup::leader())
        .spawn()?;
        // Also after a good end: what a suite leaves running would hold its cores and its files.
        let group = GroupGuard::of(child.as_ref(), &mark);
        let recording = Recording::start(heard(reader), log);
        // Noted before begun: were we killed before the note is there, the shell would find its input closed.
        let _noted = notes.write(child.id().ok_or(io::ErrorKind::NotFound)?, &mark)?;
        let begun = begin(child.as_mut(), told);
        let ended = self.ended(child.as_mut(), &group).await;
        begun.abort();
        drop(group);
        recording.finish().await;
        ended
    }

    /// How it waits, what it has in its environment until it is the command, and what it is told to begin.
    ///
    /// What comes before the command in its namespaces runs outside of them, or before anything is hidden: no variable of the
    /// command's may have a say in what that does (`LD_PRELOAD`, `PATH`).
    fn manner(&self, mark: &str) -> io::Result<(&'static str, BTreeMap<OsString, OsString>, Vec<u8>)> {
        let mut told = b"begin\n".to_vec();
        if self.launcher.is_empty() {
            return Ok((WAIT_TO_BE_NOTED, self.environment.clone(), told));
        }
        let mut inside = self.environment.clone();
        inside.insert(MARK.into(), mark.into());
        told.extend(variables::told(&inside)?);
        Ok((WAIT_AND_PASS_ON, BTreeMap::new(), told))
    }

    /// Waits for its end, or ends the group at its time limit.
    async fn ended(&self, child: &mut dyn ChildWrapper, group: &GroupGuard<'_>) -> io::Result<JobOutcome> {
        let told_to_stop = async {
            match self.stop {
                Some(stop) => stop.notified().await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            biased;
            status = child.wait() => return Ok(self.outcome(status?)),
            () = told_to_stop => JobOutcome::Killed { signal: Signal::SIGTERM as i32 },
            () = tokio::time::sleep(self.limit) => JobOutcome::TimedOut,
        };
        group.signal(Signal::SIGTERM);
        if tokio::time::timeout(self.grace, child.wait()).await.is_err() {
            group.signal(Signal::SIGKILL);
            child.wait().await?;
        }
        Ok(ended)
    }

    fn outcome(&self, status: ExitStatus) -> JobOutcome {
        match (status.code(), status.signal()) {
            (Some(0), _) => JobOutcome::Passed,
            // The first process of its namespaces tells a signal as shells do.
            (Some(code @ 129..=192), _) if !self.launcher.is_empty() => {
                JobOutcome::Killed { signal: code - 128 }
            }
            (Some(code), _) => JobOutcome::Failed { code },
            (None, signal) => JobOutcome::Killed { signal: signal.unwrap_or_default() },
        }
    }
}

/// What no other command of this machine carries.
fn new_mark() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{number}", std::process::id(), jiff::Timestamp::now().as_nanosecond())
}

/// Lets the process begin its work. One that is gone already has an exit status that tells more, and one that does not listen
/// has a time limit.
fn begin(child: &mut dyn ChildWrapper, told: Vec<u8>) -> JoinHandle<()> {
    let input = child.stdin().take();
    tokio::spawn(async move {
        if let Some(mut input) = input {
            let _ = input.write_all(&told).await;
        }
    })
}

/// A process group that does not outlive this value, and what left it by a session of its own: with namespaces the system
/// ends that one, without, it is found by the mark in its environment.
struct GroupGuard<'a>(Option<Pid>, &'a str);

impl GroupGuard<'_> {
    fn of<'a>(child: &dyn ChildWrapper, mark: &'a str) -> GroupGuard<'a> {
        GroupGuard(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw), mark)
    }

    fn signal(&self, signal: Signal) {
        // An error means that the group is gone already.
        let _ = self.0.map(|group| killpg(group, signal));
    }
}

impl Drop for GroupGuard<'_> {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        end_marked(self.1);
    }
}
