//! Entries given to the workers of a team: where they are, who is trusted, and the run itself.

use std::path::PathBuf;

use clap::Args;

use super::progress::RunBar;
use crate::cli::problem::Problem;
use crate::jobs::TimeLimit;
use crate::matrix::CiEntry;
use crate::runner::{MatrixOrder, MatrixRun, run_matrix};
use crate::workers::{Coordinator, CrewSettings, Errand, ServerAddress, SigningKey, Trusted};

/// All entries of a round are given away at once: the workers decide how many run at the same time.
const ALL: usize = 100_000;

/// Who runs the entries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running on other machines")]
pub(super) struct CrewArguments {
    /// Give the entries to the workers at this NATS server (`nats://HOST:4222`, `tls://HOST:4222`) and run none here;
    /// the command `worker` makes a machine one of them.
    #[arg(long, value_name = "URL", requires_all = ["run", "key", "trust"])]
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
    /// Whether the entries are given away.
    pub(super) fn are_asked(&self) -> bool {
        self.workers.is_some()
    }

    /// Gives them away and waits for what comes of them.
    pub(super) async fn run(
        &self,
        errand: Errand<'_>,
        chosen: &dyn Fn(&CiEntry) -> bool,
        insists: bool,
    ) -> Result<MatrixRun, Problem> {
        let (Some(url), Some(key), Some(trust)) = (&self.workers, &self.key, &self.trust) else {
            return Err(Problem::input("no workers are asked", "name their server with `--workers URL`"));
        };
        let server = ServerAddress::new(url, self.ca.clone())?;
        let (key, trusted) = (SigningKey::read(key)?, Trusted::read(trust)?);
        let settings = CrewSettings {
            server: &server,
            key: &key,
            trusted: &trusted,
            ack_wait: self.ack_wait.duration(),
            patience: self.patience.duration(),
        };
        let bar = RunBar::new();
        let say = |line: &str| bar.tell(line);
        let coordinator = Coordinator::join(settings, errand, &say).await?;
        coordinator.introduction().iter().for_each(|line| bar.tell(line));
        let ran = async {
            coordinator.start().await?;
            let matrix = MatrixOrder {
                plan: &|facts| coordinator.plan(facts),
                chosen,
                insists: &|_| insists,
                producers_only: false,
                side_by_side: ALL,
                prover: &coordinator,
            };
            tokio::select! {
                ran = run_matrix(&matrix, &bar) => Ok(ran),
                () = coordinator.serve() => Err(stopped()),
            }
        };
        let ran = tokio::select! {
            ran = ran => ran,
            _ = tokio::signal::ctrl_c() => Err(stopped()),
        };
        coordinator.end().await;
        ran
    }
}

fn stopped() -> Problem {
    Problem::decision(
        "stopped: the workers were told to drop what they had, and nothing is left at the server",
        "give the same command again; entries are run again from their beginning",
    )
}
