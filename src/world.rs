//! The world: every outside service behind one value. Real or emulated is only a matter of endpoints.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use crate::backport::{Assessors, Kinships, Proposer};
use crate::clock::Clock;
use crate::git::{Signer, Transport};
use crate::github;
use crate::jobs::{Environment, Executor};
use crate::mail::Mailer;
use crate::registry::Registry;
use crate::runner::{Crew, EntryRecords};
use crate::token::Token;

/// Where the services of a world are.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// GitHub's REST interface.
    pub api: Url,
    /// The prefix of clone addresses.
    pub git: Url,
    /// The token for both.
    pub token: Token,
    /// Where mail goes.
    pub mailer: Mailer,
    /// The package registries.
    pub registry: Registry,
    /// How fast changes may be asked for.
    pub pacing: github::Pacing,
    /// What signs commits and tags, where a project wants that.
    pub signer: Signer,
    /// The clock.
    pub clock: Clock,
    /// How many cores the test suites may use together.
    pub cores: u32,
    /// Where test logs go.
    pub logs: PathBuf,
    /// Where results of test suites are kept.
    pub jobs: PathBuf,
    /// Whose machines run entries of the projects' own CI, if this one does not.
    pub crew: Option<Arc<dyn Crew>>,
}

/// Every outside service.
#[derive(Debug)]
pub struct World {
    /// GitHub's REST interface.
    pub github: github::Client,
    /// Git remotes.
    pub transport: Transport,
    /// Mail.
    pub mailer: Mailer,
    /// The package registries.
    pub registry: Registry,
    /// Test suites.
    pub executor: Executor,
    /// What is kept of entries of the projects' own CI.
    pub entries: EntryRecords,
    /// Whose machines run those entries, if this one does not.
    pub crew: Option<Arc<dyn Crew>>,
    /// What proposes merges of files that conflict, where this machine has it.
    pub proposer: Option<Proposer>,
    /// What signs commits and tags, where a project wants that.
    pub signer: Signer,
    /// What finds out which branches and versions are affected, kept for what they share.
    pub assessors: Assessors,
    /// What fixes have to do with one another, kept for the same reason.
    pub kinships: Arc<Kinships>,
    /// The clock.
    pub clock: Clock,
}

impl World {
    /// Connects to the services at these endpoints; nothing is asked of them yet.
    ///
    /// # Errors
    /// When an address or the token cannot be used at all.
    pub async fn connect(endpoints: Endpoints) -> Result<World, github::ConnectError> {
        let Endpoints { api, git, token, mailer, registry, pacing, signer, clock, cores, logs, jobs, crew } =
            endpoints;
        let mut endpoint = github::Endpoint::new(api, token.clone(), clock.clone());
        endpoint.pacing = pacing;
        Ok(World {
            github: github::Client::connect(endpoint).await?,
            transport: Transport::new(git, token),
            mailer,
            registry,
            entries: EntryRecords::in_folder(&jobs.join("entries")),
            executor: Executor::new(cores, logs, &jobs, Environment::of_this_process()),
            crew,
            proposer: Proposer::on_path(),
            signer,
            assessors: Assessors::default(),
            kinships: Arc::default(),
            clock,
        })
    }
}
