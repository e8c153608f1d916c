//! The world: the model in memory, its file on disk, the repositories beside it, and the hour.
//!
//! Every request begins with [`EmulatedWorld::begin`] (everything due happens) and ends with [`EmulatedWorld::commit`] (one
//! transaction). Where a git reference and the model change together, the model states the intent first;
//! `reopen.rs` finishes or forgets it after a crash.

mod create;
mod create_private;
mod latest;
mod observe;
mod reopen;
mod repositories;

use std::path::{Path, PathBuf};

use git2::Oid;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::faults::FaultRule;
use super::git::{GitFailure, MergeFailure};
use super::model::{
    Account, CommitStatus, DueEffect, Scheduled, StoredAdvisory, StoredPackage, StoredPull, StoredRelease,
    StoredRepository, StoredRun,
};
use super::spec::{CveSpec, ForkRules};
use super::store::{DocumentStore, StoreError, Table};
use crate::clock::Clock;
use crate::ids::{CommitId, Login, RepoName};

/// Why the emulated world cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// Its file.
    #[error("failed to keep the emulated world's state")]
    Store(#[from] StoreError),
    /// A repository.
    #[error("failed to use a repository of the emulated world")]
    Git(#[from] git2::Error),
    /// The `git` program.
    #[error("failed to run git in the emulated world")]
    Program(#[from] GitFailure),
    /// A directory or file.
    #[error("failed to use `{path}`")]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The specification contradicts itself.
    #[error("the specification of the world cannot be: {reason}")]
    Specification {
        /// How.
        reason: String,
    },
    /// The directory holds no world.
    #[error("`{dir}` holds no emulated world")]
    NoWorld {
        /// The directory.
        dir: PathBuf,
    },
    /// A repository that the model knows has no directory.
    #[error("the repository `{0}` is missing in the emulated world")]
    MissingRepository(RepoName),
}

impl From<MergeFailure> for EmulatorError {
    fn from(failure: MergeFailure) -> Self {
        match failure {
            MergeFailure::Objects(error) => EmulatorError::Git(error),
            MergeFailure::Program(error) => EmulatorError::Program(error),
        }
    }
}

/// Names the file in an error.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> EmulatorError + '_ {
    move |source| EmulatorError::Files { path: path.to_owned(), source }
}

/// Facts of the world as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorldFacts {
    /// The last hour that was saved: the simulated clock resumes here.
    pub(crate) now: Timestamp,
    pub(crate) next_id: u64,
    pub(crate) cve: CveSpec,
    pub(crate) cves_given: usize,
    pub(crate) private_forks: ForkRules,
    pub(crate) rate_limit: u32,
}

/// The emulated world.
pub(crate) struct EmulatedWorld {
    dir: PathBuf,
    clock: Clock,
    store: DocumentStore,
    /// The hour of the present request; while something due is applied, the hour at which it was due.
    pub(crate) now: Timestamp,
    pub(crate) facts: Table<WorldFacts>,
    pub(crate) accounts: Table<Account>,
    pub(crate) repositories: Table<StoredRepository>,
    /// Branches and tags as they were last seen, by `owner/name refs/…`.
    pub(crate) refs: Table<CommitId>,
    pub(crate) pulls: Table<StoredPull>,
    pub(crate) runs: Table<StoredRun>,
    /// By `owner/name commit`.
    pub(crate) statuses: Table<Vec<CommitStatus>>,
    pub(crate) releases: Table<StoredRelease>,
    pub(crate) advisories: Table<StoredAdvisory>,
    pub(crate) packages: Table<StoredPackage>,
    pub(crate) faults: Table<FaultRule>,
    effects: Table<Scheduled>,
}

/// The key of the only document of facts.
const FACTS: &str = "world";

impl EmulatedWorld {
    fn load(dir: &Path, store: DocumentStore, clock: Clock) -> Result<EmulatedWorld, EmulatorError> {
        Ok(EmulatedWorld {
            dir: dir.to_owned(),
            now: clock.now(),
            clock,
            facts: store.table("facts")?,
            accounts: store.table("account")?,
            repositories: store.table("repository")?,
            refs: store.table("ref")?,
            pulls: store.table("pull")?,
            runs: store.table("run")?,
            statuses: store.table("status")?,
            releases: store.table("release")?,
            advisories: store.table("advisory")?,
            packages: store.table("package")?,
            faults: store.table("fault")?,
            effects: store.table("effect")?,
            store,
        })
    }

    /// The facts of the world as a whole.
    pub(crate) fn facts(&self) -> Result<&WorldFacts, EmulatorError> {
        self.facts.get(FACTS).ok_or_else(|| EmulatorError::NoWorld { dir: self.dir.clone() })
    }

    /// The facts, for changing.
    pub(crate) fn facts_mut(&mut self) -> Result<&mut WorldFacts, EmulatorError> {
        self.facts.get_mut(FACTS).ok_or_else(|| EmulatorError::NoWorld { dir: self.dir.clone() })
    }

    /// A number that nothing else has.
    pub(crate) fn new_id(&mut self) -> Result<u64, EmulatorError> {
        let facts = self.facts_mut()?;
        facts.next_id += 1;
        Ok(facts.next_id)
    }

    /// Lets everything happen that is due, each at its own hour and in order.
    pub(crate) fn begin(&mut self) -> Result<(), EmulatorError> {
        let now = self.clock.now();
        self.now = now;
        if now.duration_since(self.facts()?.now) >= SignedDuration::from_secs(1) {
            self.facts_mut()?.now = now;
            self.commit()?;
        }
        while let Some((key, scheduled)) = self.next_due(now) {
            self.now = scheduled.due;
            super::ci::happen(self, &scheduled)?;
            self.effects.remove(&key);
            self.commit()?;
        }
        self.now = now;
        Ok(())
    }

    fn next_due(&self, now: Timestamp) -> Option<(String, Scheduled)> {
        let (key, scheduled) = self.effects.iter().next()?;
        (scheduled.due <= now).then(|| (key.clone(), scheduled.clone()))
    }

    /// Lets something happen after a time.
    pub(crate) fn schedule(
        &mut self,
        due: Timestamp,
        run: Option<u64>,
        effect: DueEffect,
    ) -> Result<(), EmulatorError> {
        let scheduled = Scheduled { due, effect, run };
        let key = scheduled.key(self.new_id()?);
        self.effects.insert(key, scheduled);
        Ok(())
    }

    /// Forgets what a run would still have done.
    pub(crate) fn unschedule(&mut self, run: u64) {
        let its_own = |scheduled: &Scheduled| scheduled.run == Some(run);
        let keys: Vec<String> =
            self.effects.iter().filter(|(_, one)| its_own(one)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.effects.remove(&key);
        }
    }

    /// Writes everything that was touched, in one transaction.
    pub(crate) fn commit(&mut self) -> Result<(), EmulatorError> {
        let mut changes = Vec::new();
        self.facts.drain(&mut changes)?;
        self.accounts.drain(&mut changes)?;
        self.repositories.drain(&mut changes)?;
        self.refs.drain(&mut changes)?;
        self.pulls.drain(&mut changes)?;
        self.runs.drain(&mut changes)?;
        self.statuses.drain(&mut changes)?;
        self.releases.drain(&mut changes)?;
        self.advisories.drain(&mut changes)?;
        self.packages.drain(&mut changes)?;
        self.faults.drain(&mut changes)?;
        self.effects.drain(&mut changes)?;
        Ok(self.store.write(&changes)?)
    }

    /// Where repositories lie: `OWNER/REPO.git` below it.
    pub(crate) fn git_root(dir: &Path) -> PathBuf {
        dir.join("git")
    }

    /// Where a repository lies.
    pub(crate) fn path(&self, repo: &RepoName) -> PathBuf {
        EmulatedWorld::git_root(&self.dir).join(format!("{repo}.git"))
    }

    /// A repository's objects and references. A handle belongs to one request: it sees what pushes brought.
    pub(crate) fn git(&self, repo: &RepoName) -> Result<git2::Repository, EmulatorError> {
        Ok(git2::Repository::open_bare(self.path(repo))?)
    }

    /// A repository that must be there.
    pub(crate) fn repository(&self, repo: &RepoName) -> Result<&StoredRepository, EmulatorError> {
        self.repositories.get(repo.as_str()).ok_or_else(|| EmulatorError::MissingRepository(repo.clone()))
    }

    /// A repository that must be there, for changing.
    pub(crate) fn repository_mut(&mut self, repo: &RepoName) -> Result<&mut StoredRepository, EmulatorError> {
        self.repositories.get_mut(repo.as_str()).ok_or_else(|| EmulatorError::MissingRepository(repo.clone()))
    }

    /// The account of this name; strangers in commits and specifications are organisations without a token.
    pub(crate) fn account(&self, login: &Login) -> Option<&Account> {
        self.accounts.get(&login.as_str().to_ascii_lowercase())
    }
}

/// git's own id type as the house's.
pub(crate) fn commit_id(id: Oid) -> CommitId {
    #[allow(clippy::expect_used, reason = "an object id always prints as 40 hexadecimal digits")]
    id.to_string().parse().expect("an object id is 40 hexadecimal digits")
}

/// The house's id as git's own.
pub(crate) fn object(id: &CommitId) -> Result<Oid, git2::Error> {
    Oid::from_str(id.as_str())
}
