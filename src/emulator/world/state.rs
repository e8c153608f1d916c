//! The world: the model in memory, its file on disk, the repositories beside it, and the time.
//!
//! Every request begins with `reactions::begin` (everything due happens) and ends with [`EmulatedWorld::commit`] (one
//! transaction). Where a git reference and the model change together, the model states the intent first;
//! `setup/reopen.rs` finishes or forgets it after a crash.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::EmulatorError;
use super::handles::{Handle, Handles};
use crate::clock::Clock;
use crate::emulator::faults::FaultRule;
use crate::emulator::model::{
    CommitStatus, DueEffect, Scheduled, StoredAccount, StoredAdvisory, StoredPackage, StoredPull,
    StoredRelease, StoredRepository, StoredRun,
};
use crate::emulator::spec::{CveSpec, ForkRules};
use crate::emulator::store::{DocumentStore, Table};
use crate::ids::{CommitId, Login, RepoName};

/// Facts of the world as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorldFacts {
    /// The last time that was saved: the simulated clock resumes here.
    pub(crate) now: Timestamp,
    pub(crate) next_id: u64,
    pub(crate) cve: CveSpec,
    pub(crate) cves_given: usize,
    pub(crate) private_forks: ForkRules,
    pub(crate) rate_limit: u32,
    #[serde(default)]
    pub(crate) record: bool,
}

/// The emulated world.
pub(crate) struct EmulatedWorld {
    dir: PathBuf,
    clock: Clock,
    store: DocumentStore,
    /// The time of the present request; while something due is applied, the time at which it was due.
    pub(crate) now: Timestamp,
    pub(crate) facts: Table<WorldFacts>,
    pub(crate) accounts: Table<StoredAccount>,
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
    handles: Handles,
}

/// The key of the only document of facts.
pub(crate) const FACTS: &str = "world";

impl EmulatedWorld {
    /// Reads a world from its file.
    pub(crate) fn load(
        dir: &Path,
        store: DocumentStore,
        clock: Clock,
    ) -> Result<EmulatedWorld, EmulatorError> {
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
            handles: Handles::default(),
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

    /// Sets the time of the world to the clock's. It is saved once a second, so that a killed world resumes there.
    pub(crate) fn read_clock(&mut self) -> Result<Timestamp, EmulatorError> {
        let now = self.clock.now();
        // GitHub counts whole seconds, and so does everything that happens here.
        self.now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        if self.now.duration_since(self.facts()?.now) >= SignedDuration::from_secs(1) {
            self.facts_mut()?.now = self.now;
            self.commit()?;
        }
        Ok(self.now)
    }

    /// What is due first, if anything is due at `now`.
    pub(crate) fn next_due(&self, now: Timestamp) -> Option<(String, Scheduled)> {
        let (key, scheduled) = self.effects.iter().next()?;
        (scheduled.due <= now).then(|| (key.clone(), scheduled.clone()))
    }

    /// Forgets a scheduled effect that was applied.
    pub(crate) fn finish_effect(&mut self, key: &str) {
        self.effects.remove(key);
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

    /// The directory of the world.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where repositories lie: `OWNER/REPO.git` below it.
    pub(crate) fn git_root(dir: &Path) -> PathBuf {
        dir.join("git")
    }

    /// Where a repository lies.
    pub(crate) fn path(&self, repo: &RepoName) -> PathBuf {
        EmulatedWorld::git_root(&self.dir).join(format!("{repo}.git"))
    }

    /// A repository's objects and references, with what pushes brought. A handle belongs to one request at a time.
    pub(crate) fn git(&self, repo: &RepoName) -> Result<Handle, EmulatorError> {
        Ok(self.handles.open(self.path(repo))?)
    }

    /// Keeps nothing open of a repository that is made or deleted.
    pub(super) fn let_go(&self, repo: &RepoName) {
        self.handles.forget(&self.path(repo));
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
    pub(crate) fn account(&self, login: &Login) -> Option<&StoredAccount> {
        self.accounts.get(&login.as_str().to_ascii_lowercase())
    }

    /// The owner of a repository, as an actor.
    #[allow(clippy::expect_used, reason = "a repository's owner has the form of a login")]
    pub(crate) fn owner(&self, repo: &RepoName) -> Login {
        let owner = repo.owner().parse();
        owner.unwrap_or_else(|_| "ghost".parse().expect("`ghost` is a login"))
    }
}
