//! A room in which several commands run one after the other: they share a home, temporary directories and a log, as the
//! steps of a CI job do. What a command leaves running ends with it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::log;
use super::loopback::Loopback;
use super::machine::Machine;
use super::masking::{Heard, Masks};
use super::process::Process;
use super::sandbox::{Sandbox, Seen};
use crate::ids::Digest;
use crate::jobs::isolation::{Isolation, IsolationWish};
use crate::jobs::result::JobOutcome;

/// What a room is for.
#[derive(Debug, Clone, Copy)]
pub struct RoomWish<'a> {
    /// The folder that its commands may write to, beside the room's own home and temporary directory.
    pub folder: &'a Path,
    /// How far they are kept from the rest of this machine.
    pub isolation: IsolationWish,
    /// Whose room it is, for the folder of the log.
    pub label: &'a str,
    /// What the log is called.
    pub name: &'a str,
}

/// One command of a room.
#[derive(Debug, Clone, Copy)]
pub struct RoomCommand<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Where it starts.
    pub folder: &'a Path,
    /// Its environment beside the short list that every command gets.
    pub environment: &'a BTreeMap<String, String>,
    /// Whether it may reach the network, where the room can tell.
    pub network: bool,
    /// After this long it and everything that it started is killed.
    pub limit: Duration,
    /// By which it is told to stop before that.
    pub stop: Option<&'a Notify>,
}

/// A room. Its home and temporary directories go away with it; the log stays.
pub struct CommandRoom {
    machine: Arc<Machine>,
    sandbox: Option<Sandbox>,
    isolation: Isolation,
    environment: BTreeMap<OsString, OsString>,
    log: PathBuf,
    file: File,
    masks: Masks,
    /// What commands share that run at the same time.
    loopback: OnceCell<Loopback>,
}

impl CommandRoom {
    /// # Errors
    /// It must be isolated and cannot be, or the disk refuses.
    pub(super) async fn open(machine: Arc<Machine>, wish: &RoomWish<'_>) -> io::Result<CommandRoom> {
        let mut environment = machine.environment.variables().clone();
        let (sandbox, isolation) = sandbox(&machine, wish, &mut environment).await?;
        let (log, file) = log::create(&machine.logs, wish.label, wish.name)?;
        Ok(CommandRoom {
            machine,
            sandbox,
            isolation,
            environment,
            log,
            file,
            masks: Masks::default(),
            loopback: OnceCell::new(),
        })
    }

    /// How far a command of it is kept from the rest of the machine.
    #[must_use]
    pub fn isolation(&self, network: bool) -> Isolation {
        match &self.isolation {
            Isolation::Namespaces { landlock, .. } => {
                Isolation::Namespaces { network, landlock: landlock.clone() }
            }
            other => other.clone(),
        }
    }

    /// A variable that its commands start from.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Begins another log; what is masked stays masked.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn next_log(&mut self, label: &str, name: &str) -> io::Result<()> {
        (self.log, self.file) = log::create(&self.machine.logs, label, name)?;
        Ok(())
    }

    /// Writes a line to the log.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note(&self, line: &str) -> io::Result<()> {
        writeln!(&self.file, "{}", self.masks.masked(line))
    }

    /// Runs a command to its end. Dropping the future ends it.
    pub async fn run(&self, command: RoomCommand<'_>) -> JobOutcome {
        self.run_heard(command).await.0
    }

    /// The same, with the outputs that it set by printing them (`::set-output`).
    pub async fn run_heard(&self, command: RoomCommand<'_>) -> (JobOutcome, Vec<(String, String)>) {
        let heard = Heard::under(&self.masks);
        let outcome = self.ended(command, |output| heard.listen(output)).await;
        (outcome, heard.outputs())
    }

    /// Runs a command whose words are put into others before they are masked and written down: a program that tells what
    /// others print.
    pub async fn run_told<R: io::Read + Send + 'static>(
        &self,
        command: RoomCommand<'_>,
        told: impl FnOnce(io::PipeReader) -> R,
    ) -> JobOutcome {
        let heard = Heard::under(&self.masks);
        self.ended(command, |output| heard.listen(told(output))).await
    }

    async fn ended<R: io::Read + Send + 'static>(
        &self,
        command: RoomCommand<'_>,
        heard: impl FnOnce(io::PipeReader) -> R,
    ) -> JobOutcome {
        self.try_to_run(command, heard).await.unwrap_or_else(|error| {
            let program = command.argv.first().map_or("", String::as_str);
            JobOutcome::Unavailable { why: format!("`{program}`: {error}") }
        })
    }

    async fn try_to_run<R: io::Read + Send + 'static>(
        &self,
        command: RoomCommand<'_>,
        heard: impl FnOnce(io::PipeReader) -> R,
    ) -> io::Result<JobOutcome> {
        let mut environment = self.environment.clone();
        environment.extend(command.environment.iter().map(|(name, value)| (name.into(), value.into())));
        let (program, arguments) = command.argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let path = environment.get(OsStr::new("PATH"));
        let program = which::which_in(program, path, command.folder).map_err(|_| io::ErrorKind::NotFound)?;
        let launcher = self.launcher(command.network);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let process = Process {
            launcher: &launcher,
            program,
            arguments: &arguments,
            folder: command.folder,
            environment,
            limit: command.limit,
            grace: self.machine.grace,
            stop: command.stop,
        };
        process.run(heard, self.file.try_clone()?, &self.machine.notes).await
    }

    fn launcher(&self, network: bool) -> Vec<OsString> {
        let Some(sandbox) = &self.sandbox else { return Vec::new() };
        let shared = self.loopback.get().filter(|_| !network);
        shared.map_or_else(|| sandbox.launcher(network), |loopback| sandbox.launcher_within(loopback.id()))
    }

    /// Lets commands that run at the same time reach each other by `localhost`, also where they have no network: from now on
    /// they share one that leads nowhere. Where they are not kept from the machine's own network they do anyway.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn share_loopback(&self) -> io::Result<()> {
        if let (Isolation::Namespaces { .. }, Ok(makers)) = (&self.isolation, self.machine.permission().await)
            && self.loopback.get().is_none()
        {
            let made = Loopback::make(&makers.unshare, &self.environment).await?;
            // Whoever was faster made one as good.
            let _ = self.loopback.set(made);
        }
        Ok(())
    }

    /// What the machine said of itself in a room like this one, or says now to whoever asks.
    ///
    /// # Errors
    /// What `ask` says; then it is asked again the next time.
    pub async fn machine<F: Future<Output = Result<String, String>>>(
        &self,
        ask: impl FnOnce() -> F,
    ) -> Result<&str, String> {
        self.machine.found.said.get_or_try_init(ask).await.map(String::as_str)
    }

    /// Where the log is.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The digest of the log as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log_digest(&self) -> io::Result<Digest> {
        std::fs::read(&self.log).map(Digest::of)
    }

    /// The last lines of the log, without colours.
    #[must_use]
    pub fn tail(&self) -> Vec<String> {
        log::tail(&self.log)
    }
}

async fn sandbox(
    machine: &Machine,
    wish: &RoomWish<'_>,
    environment: &mut BTreeMap<OsString, OsString>,
) -> io::Result<(Option<Sandbox>, Isolation)> {
    match (machine.permission().await, wish.isolation) {
        (_, IsolationWish::None) => Ok((None, Isolation::Waived)),
        (Ok(makers), _) => {
            environment.insert("TMPDIR".into(), "/tmp".into());
            let (checkout, program) = (wish.folder, Path::new("/bin/sh"));
            let confined = machine.landlock().await.is_ok();
            let seen = Seen { checkout, program, visible: &[], frozen: true, confined, environment };
            let sandbox = Sandbox::prepare(makers, &machine.run, &seen)?;
            Ok((Some(sandbox), machine.namespaces(false).await))
        }
        (Err(denied), IsolationWish::Required) => Err(denied.when_required()),
        (Err(denied), IsolationWish::Available) => {
            Ok((Some(Sandbox::of_directories(environment)?), denied.level()))
        }
    }
}
