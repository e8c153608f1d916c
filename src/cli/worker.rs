//! `lockgate worker`: this machine runs entries for others, and what it needs for that.

use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::answer::Answer;
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::problem::{Problem, io_problem};
use super::{temporary, terminal};
use crate::jobs::TimeLimit;
use crate::runner::{act_of_this_machine, this_machine};
use crate::workers::{ServerAddress, SigningKey, Trusted, WorkerSettings, WorkersError, server_config, work};

/// Takes CI entries from a NATS server, runs them on this machine as `matrix --run` does, and says what came of them;
/// until it is interrupted.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate worker --new-key worker.key                 (prints the public key)\n  \
    lockgate worker --join tls://ci.example.org --key worker.key --trust coordinators\n  \
    lockgate worker --server-config coordinators workers > lockgate.conf\n  \
    lockgate matrix --repo . --rev fix --run --workers tls://ci --key me.key --trust us\n\n\
    It runs only what a coordinator of its list has signed; the coordinator encrypts what is under embargo to the\n\
    workers of its own list. A list holds one public key a line, with a name behind it. When it is stopped it gives\n\
    back what it has."
)]
pub(super) struct WorkerCommand {
    /// Take entries from this server: `nats://HOST:4222` or `tls://HOST:4222`.
    #[arg(long, value_name = "URL", required_unless_present_any = ["new_key", "server_config"], requires_all = ["key", "trust"])]
    join: Option<String>,
    /// The key that says who this worker is, to the server and to coordinators.
    #[arg(long, value_name = "FILE", requires = "join")]
    key: Option<PathBuf>,
    /// The public keys of the coordinators whose entries are run, one a line with a name behind it.
    #[arg(long, value_name = "FILE", requires = "join")]
    trust: Option<PathBuf>,
    /// The certificates of who vouches for the server, if that is no public authority.
    #[arg(long, value_name = "FILE", requires = "join")]
    ca: Option<PathBuf>,
    /// What this worker calls itself; otherwise as the machine is called.
    #[arg(long, value_name = "NAME", requires = "join")]
    name: Option<String>,
    /// How many entries run at the same time.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "join", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Where copies of public repositories are kept from one start to the next; otherwise they go away with the worker.
    #[arg(long, value_name = "DIR", requires = "join")]
    folder: Option<PathBuf>,
    /// Go home after so long without an entry: for workers that a batch system starts.
    #[arg(long, value_name = "TIME", requires = "join")]
    idle: Option<TimeLimit>,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// Make a key, for a worker or a coordinator, in a new file, and print its public half.
    #[arg(long, value_name = "FILE", exclusive = true)]
    new_key: Option<PathBuf>,
    /// Print a configuration of the server for these lists of keys: everybody may do what they need and no more.
    #[arg(long, num_args = 2, value_names = ["COORDINATORS", "WORKERS"], exclusive = true)]
    server_config: Vec<PathBuf>,
}

impl WorkerCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        if let Some(file) = &self.new_key {
            let key = SigningKey::new().map_err(|error| Problem::outside(&error))?;
            key.write_new(file)?;
            let public = key.public();
            let data = serde_json::json!({ "public": public, "file": file });
            return Answer::done(public.to_string()).with(&data);
        }
        if let [coordinators, workers] = self.server_config.as_slice() {
            let text = server_config(&Trusted::read(coordinators)?, &Trusted::read(workers)?);
            return Answer::done(text.clone()).with(&serde_json::json!({ "config": text }));
        }
        self.work().await
    }

    async fn work(&self) -> Result<Answer, Problem> {
        let (Some(url), Some(key), Some(trust)) = (&self.join, &self.key, &self.trust) else {
            return Err(Problem::input("no server is named", "name it with `--join URL`"));
        };
        let temporary = temporary::folder("worker")?;
        let folder = self.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
        std::fs::create_dir_all(&folder).map_err(|error| io_problem("make the folder", &folder, &error))?;
        let settings = WorkerSettings {
            server: &ServerAddress::new(url, self.ca.clone())?,
            key: &SigningKey::read(key)?,
            trusted: &Trusted::read(trust)?,
            name: self.name.clone().unwrap_or_else(machine_name),
            machine: this_machine(),
            act: act_of_this_machine(),
            slots: usize::from(self.jobs),
            folder: folder.canonicalize().map_err(|error| io_problem("find", &folder, &error))?,
            mirrors: self.mirrors.paths(),
            idle: self.idle.map(TimeLimit::duration),
        };
        terminal::note(format!("worker {} with the key {} at {url}", settings.name, settings.key.public()));
        work(&settings, &|line| terminal::note(line), interrupted()).await?;
        Ok(Answer::new(Exit::Done, "the worker has stopped; what it had was given back"))
    }
}

/// Ctrl-C, or what a batch system sends.
async fn interrupted() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

fn machine_name() -> String {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "worker".to_owned())
}

impl From<WorkersError> for Problem {
    fn from(error: WorkersError) -> Problem {
        let text = crate::wording::with_causes(&error);
        match error {
            WorkersError::Address { .. } => Problem::input(text, "see `lockgate worker --help`"),
            WorkersError::Key { .. } | WorkersError::Trust { .. } => {
                Problem::input(text, "`lockgate worker --new-key FILE` makes a key and prints its public half")
            }
            WorkersError::Nobody { .. } => Problem::outside(&error)
                .hinted("start one with `lockgate worker --join URL --key FILE --trust FILE`, and name its key in the file of --trust"),
            WorkersError::Connect { .. } => Problem::outside(&error)
                .hinted("is it running, with JetStream (`nats-server -js`), and does its configuration name your key?"),
            WorkersError::Git(error) => error.into(),
            WorkersError::NoPlace(_) => Problem::outside(&error)
                .hinted("give the worker a copy of the repository with `--mirror OWNER/REPO=PATH`"),
            WorkersError::Refused { .. }
            | WorkersError::File { .. }
            | WorkersError::Transport(_)
            | WorkersError::Seal(_) => Problem::outside(&error),
        }
    }
}
