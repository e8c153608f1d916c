//! Entries given to the workers of a team: where they are, and who is trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::problem::Problem;
use super::terminal;
use crate::control::{GivenWorkers, Home};
use crate::jobs::TimeLimit;
use crate::runner::Crew;
use crate::wording::quoted;
use crate::workers::{CrewSettings, Sending, ServerAddress, SigningKey, Team, Trusted};

/// How long a worker may be silent, as it is typed.
const ACK_WAIT: &str = "1m";
/// How long it is waited for a worker, as it is typed.
const PATIENCE: &str = "5m";

/// Who runs the entries of CI matrices.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running CI entries on other machines")]
pub(super) struct CrewArguments {
    /// Give the entries to the workers at this NATS server (`nats://HOST:4222`, `tls://HOST:4222`) and run none here;
    /// the command `worker` makes a machine one of them.
    #[arg(long, value_name = "URL", requires_all = ["key", "trust"])]
    workers: Option<String>,
    /// The key that signs what workers are to run; `lockgate worker --new-key FILE` makes one.
    #[arg(long, value_name = "FILE", requires = "workers")]
    key: Option<PathBuf>,
    /// The public keys of the workers whose results count and that get what is tested, one a line with a name behind it.
    #[arg(long, value_name = "FILE", requires = "workers")]
    trust: Option<PathBuf>,
    /// The certificates of who vouches for the server, if that is no public authority.
    #[arg(long, value_name = "FILE", requires = "workers")]
    ca: Option<PathBuf>,
    /// A worker that gives no sign of life for so long has lost its entry to another one.
    #[arg(long, value_name = "TIME", default_value = ACK_WAIT, requires = "workers")]
    ack_wait: TimeLimit,
    /// An entry that no worker is left for is given up after this.
    #[arg(long, value_name = "TIME", default_value = PATIENCE, requires = "workers")]
    patience: TimeLimit,
}

/// Who runs those of a release: told once, and noted beside the run.
#[derive(Debug, Args)]
pub(super) struct ReleaseCrew {
    #[command(flatten)]
    told: CrewArguments,
    /// Run the entries on this machine again, and forget the workers that the release was given.
    #[arg(long, conflicts_with = "workers", help_heading = "Running CI entries on other machines")]
    here: bool,
}

impl CrewArguments {
    /// Whether others are asked at all.
    pub(super) fn is_given(&self) -> bool {
        self.workers.is_some()
    }

    /// Whose machines are asked; nobody's, unless they were named.
    pub(super) fn settings(&self, sending: Sending) -> Result<Option<CrewSettings>, Problem> {
        self.given()?.map(|given| settings(&given, sending)).transpose()
    }

    /// The workers of a release that is not started, asked who they are.
    pub(super) async fn team(&self, sending: Sending) -> Result<Option<Arc<dyn Crew>>, Problem> {
        team(self.given()?.as_ref(), sending).await
    }

    /// Who was named, to be found from everywhere.
    fn given(&self) -> Result<Option<GivenWorkers>, Problem> {
        let (Some(server), Some(key), Some(trust)) = (&self.workers, &self.key, &self.trust) else {
            return Ok(None);
        };
        let milliseconds = |time: TimeLimit| u64::try_from(time.duration().as_millis()).unwrap_or(u64::MAX);
        Ok(Some(GivenWorkers {
            server: server.clone(),
            key: absolute(key)?,
            trust: absolute(trust)?,
            ca: self.ca.as_deref().map(absolute).transpose()?,
            ack_wait_ms: milliseconds(self.ack_wait),
            patience_ms: milliseconds(self.patience),
        }))
    }

    /// The options as they are typed, each with a blank before it.
    pub(super) fn arguments(&self) -> String {
        let Some(server) = &self.workers else { return String::new() };
        let file = |path: &PathBuf| path.display().to_string();
        let (ack_wait, patience) = (self.ack_wait.to_string(), self.patience.to_string());
        let options = [
            ("workers", Some(server.clone())),
            ("key", self.key.as_ref().map(file)),
            ("trust", self.trust.as_ref().map(file)),
            ("ca", self.ca.as_ref().map(file)),
            ("ack-wait", (ack_wait != ACK_WAIT).then_some(ack_wait)),
            ("patience", (patience != PATIENCE).then_some(patience)),
        ];
        let typed = options.into_iter().filter_map(|(name, value)| Some((name, quoted(&value?))));
        typed.map(|(name, value)| format!(" --{name} {value}")).collect()
    }
}

/// Who runs the entries of a release from now on.
pub(super) struct Provers {
    /// As they were named; nobody, where this machine runs them.
    pub(super) given: Option<GivenWorkers>,
    /// The same, asked who they are.
    pub(super) crew: Option<Arc<dyn Crew>>,
}

impl ReleaseCrew {
    /// Whether it was said who runs them.
    pub(super) fn is_told(&self) -> bool {
        self.here || self.told.is_given()
    }

    /// Those named now, or else those that the run here was given before.
    pub(super) async fn asked(&self, home: &Home, sending: Sending) -> Result<Provers, Problem> {
        let given = match self.told.given()? {
            None if !self.here => home.workers()?,
            told => told,
        };
        let crew = team(given.as_ref(), sending).await;
        let crew = crew.map_err(|problem| problem.or("to run the entries on this machine, add `--here`"))?;
        Ok(Provers { given, crew })
    }

    /// The same for a run that was started: whoever continues it is not asked for them again.
    pub(super) async fn of_run(
        &self,
        home: &Home,
        sending: Sending,
    ) -> Result<Option<Arc<dyn Crew>>, Problem> {
        let Provers { given, crew } = self.asked(home, sending).await?;
        if given != home.workers()? {
            let place = given.as_ref().map_or("this machine", |given| &given.server);
            terminal::note(format!("from now on the entries of this release run at {place}"));
            home.note_workers(given.as_ref())?;
        }
        Ok(crew)
    }
}

/// These workers, asked who they are.
async fn team(given: Option<&GivenWorkers>, sending: Sending) -> Result<Option<Arc<dyn Crew>>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let team = Team::ask(settings(given, sending)?, Box::new(|line| terminal::note(line))).await?;
    terminal::note(format!("workers: {}", team.in_words().join(", ")));
    Ok(Some(Arc::new(team)))
}

fn settings(given: &GivenWorkers, sending: Sending) -> Result<CrewSettings, Problem> {
    Ok(CrewSettings {
        server: ServerAddress::new(&given.server, given.ca.clone())?,
        key: SigningKey::read(&given.key)?,
        trusted: Trusted::read(&given.trust)?,
        ack_wait: given.ack_wait(),
        patience: given.patience(),
        sending,
    })
}

fn absolute(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path)
        .map_err(|error| Problem::input(format!("`{}` is no path: {error}", path.display()), "name a file"))
}

/// What workers of a rehearsal are sent: commits of a world that was made up are nowhere else, those of mirrors are public.
pub(super) fn sending(files: &Path) -> Sending {
    if files.join("world.toml").is_file() { Sending::All } else { Sending::Change }
}
