//! Entries given to the workers of a team: where they are, and who is trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::problem::Problem;
use super::terminal;
use crate::jobs::TimeLimit;
use crate::runner::Crew;
use crate::workers::{CrewSettings, Sending, ServerAddress, SigningKey, Team, Trusted};

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
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "workers")]
    ack_wait: TimeLimit,
    /// An entry that no worker is left for is given up after this.
    #[arg(long, value_name = "TIME", default_value = "5m", requires = "workers")]
    patience: TimeLimit,
}

impl CrewArguments {
    /// Whose machines are asked; nobody's, unless they were named.
    pub(super) fn settings(&self, sending: Sending) -> Result<Option<CrewSettings>, Problem> {
        let (Some(url), Some(key), Some(trust)) = (&self.workers, &self.key, &self.trust) else {
            return Ok(None);
        };
        Ok(Some(CrewSettings {
            server: ServerAddress::new(url, self.ca.clone())?,
            key: SigningKey::read(key)?,
            trusted: Trusted::read(trust)?,
            ack_wait: self.ack_wait.duration(),
            patience: self.patience.duration(),
            sending,
        }))
    }

    /// The workers of a release, asked who they are.
    pub(super) async fn team(&self, sending: Sending) -> Result<Option<Arc<dyn Crew>>, Problem> {
        let Some(settings) = self.settings(sending)? else { return Ok(None) };
        let team = Team::ask(settings, Box::new(|line| terminal::note(line))).await?;
        terminal::note(format!("workers: {}", team.in_words().join(", ")));
        Ok(Some(Arc::new(team)))
    }
}

/// What workers of a rehearsal are sent: commits of a world that was made up are nowhere else, those of mirrors are public.
pub(super) fn sending(files: &Path) -> Sending {
    if files.join("world.toml").is_file() { Sending::All } else { Sending::Change }
}
