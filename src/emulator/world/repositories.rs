//! Making and deleting repositories: the directory and the model together.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use git2::Oid;

use super::{EmulatedWorld, EmulatorError, at};
use crate::emulator::git::{commit_id, make_repository, protect, watched_refs};
use crate::emulator::model::{
    ForkProgress, RepositoryKind, StoredAdvisory, StoredPullState, StoredRepository,
};
use crate::emulator::spec::{MergeStyle, Role, StoredVisibility};
use crate::ids::{GhsaId, Login, RepoName};

impl EmulatedWorld {
    /// The repository that had this name before, if none has it now.
    pub(crate) fn renamed(&self, name: &str) -> Option<&StoredRepository> {
        if self.repositories.get(name).is_some() {
            return None;
        }
        let had = |repository: &&StoredRepository| repository.formerly.iter().any(|old| old.as_str() == name);
        self.repositories.iter().map(|(_, repository)| repository).find(had)
    }

    /// The repository that a fork comes from in the end, and every other is itself.
    pub(crate) fn root_of<'a>(&'a self, repo: &'a RepoName) -> &'a RepoName {
        let mut root = repo;
        while let Some(parent) = self.repositories.get(root.as_str()).and_then(StoredRepository::parent) {
            root = parent;
        }
        root
    }

    /// What people have made public by now is.
    pub(crate) fn publish_due(&mut self) {
        let now = self.now;
        let is_due = |repository: &StoredRepository| repository.turns_public.is_some_and(|at| at <= now);
        let due: Vec<String> = self
            .repositories
            .iter()
            .filter(|(_, repository)| is_due(repository))
            .map(|(name, _)| name.clone())
            .collect();
        for name in due {
            if let Some(repository) = self.repositories.get_mut(&name) {
                repository.visibility = StoredVisibility::Public;
                repository.turns_public = None;
            }
        }
    }

    /// Makes the directory, then the model's entry: a directory without an entry is removed on reopening.
    pub(crate) fn add_repository(
        &mut self,
        repository: StoredRepository,
        references: &BTreeMap<String, Oid>,
        lenders: &[PathBuf],
    ) -> Result<(), EmulatorError> {
        let name = repository.name.clone();
        let path = self.path(&name);
        self.let_go(&name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(at(&path))?;
        }
        make_repository(&path, &repository.default_branch, references, lenders).map_err(at(&path))?;
        if !repository.is_workspace() {
            protect(&path, &repository.protection, &repository.rulesets).map_err(at(&path))?;
        }
        for (reference, target) in references {
            if reference.starts_with("refs/heads/") || reference.starts_with("refs/tags/") {
                self.remember(&name, reference, Some(*target));
            }
        }
        self.repositories.insert(name.to_string(), repository);
        Ok(())
    }

    /// A copy of a repository: its branches and tags, its objects borrowed.
    pub(crate) fn add_fork(
        &mut self,
        parent: &RepoName,
        name: RepoName,
        kind: RepositoryKind,
        further: &BTreeMap<String, Oid>,
        mut lenders: Vec<PathBuf>,
    ) -> Result<(), EmulatorError> {
        let origin = self.repository(parent)?.clone();
        let mut references = watched_refs(&*self.git(parent)?)?;
        references.extend(further.iter().map(|(reference, target)| (reference.clone(), *target)));
        lenders.push(self.path(parent));
        let workspace = matches!(kind, RepositoryKind::Workspace(..));
        let fork = StoredRepository {
            id: self.new_id()?,
            name,
            formerly: Vec::new(),
            turns_public: None,
            kind,
            default_branch: origin.default_branch,
            visibility: if workspace { StoredVisibility::Private } else { origin.visibility },
            collaborators: BTreeMap::new(),
            protection: Vec::new(),
            rulesets: Vec::new(),
            merge_methods: vec![MergeStyle::Merge, MergeStyle::Squash, MergeStyle::Rebase],
            checks: Vec::new(),
            release: None,
            latest: None,
            immutable_releases: false,
            burnt_tags: Vec::new(),
            next_number: 1,
            created_at: self.now,
            pushed_at: self.now,
        };
        self.add_repository(fork, &references, &lenders)
    }

    /// Opens the private fork of an advisory, with its collaborators as they are then.
    pub(crate) fn open_private_fork(
        &mut self,
        ghsa: &GhsaId,
        further: &BTreeMap<String, Oid>,
        lenders: Vec<PathBuf>,
    ) -> Result<(), EmulatorError> {
        let Some(advisory) = self.advisories.get(ghsa.as_str()).cloned() else { return Ok(()) };
        let name = advisory.fork_name();
        if self.repositories.get(name.as_str()).is_none() {
            let kind = RepositoryKind::Workspace(advisory.repo.clone(), ghsa.clone());
            self.add_fork(&advisory.repo, name, kind, further, lenders)?;
        }
        self.admit_collaborators(&advisory)?;
        if let Some(advisory) = self.advisories.get_mut(ghsa.as_str()) {
            advisory.fork = ForkProgress::Open;
        }
        Ok(())
    }

    /// Gives the advisory's author and collaborators their rights in the private fork.
    pub(crate) fn admit_collaborators(&mut self, advisory: &StoredAdvisory) -> Result<(), EmulatorError> {
        let everyone: Vec<Login> =
            advisory.collaborating_users.iter().chain([&advisory.author]).cloned().collect();
        if let Some(fork) = self.repositories.get_mut(advisory.fork_name().as_str()) {
            fork.collaborators = everyone.into_iter().map(|login| (login, Role::Write)).collect();
        }
        Ok(())
    }

    /// Deletes a repository: first in the model, durably, then on disk.
    pub(crate) fn delete_repository(&mut self, name: &RepoName) -> Result<(), EmulatorError> {
        let Some(repository) = self.repositories.remove(name.as_str()) else { return Ok(()) };
        if let RepositoryKind::Workspace(_, ghsa) = &repository.kind
            && let Some(advisory) = self.advisories.get_mut(ghsa.as_str())
        {
            advisory.fork = ForkProgress::Gone;
        }
        self.forget(name);
        self.close_pulls_from(name);
        self.commit()?;
        self.let_go(name);
        let path = self.path(name);
        fs::remove_dir_all(&path).map_err(at(&path))
    }

    /// Whether other repositories borrow this one's objects.
    pub(crate) fn has_forks(&self, name: &RepoName) -> bool {
        self.repositories.values().any(|other| other.parent() == Some(name))
    }

    fn close_pulls_from(&mut self, gone: &RepoName) {
        let now = self.now;
        let orphans: Vec<String> = self
            .pulls
            .iter()
            .filter(|(_, pull)| pull.head_repo == *gone && pull.is_open())
            .map(|(key, _)| key.clone())
            .collect();
        for key in orphans {
            if let Some(pull) = self.pulls.get_mut(&key) {
                pull.state = StoredPullState::Closed { at: now };
            }
        }
    }

    /// The number of the next pull request.
    pub(crate) fn new_number(&mut self, repo: &RepoName) -> Result<u64, EmulatorError> {
        let repository = self.repository_mut(repo)?;
        let number = repository.next_number;
        repository.next_number += 1;
        Ok(number)
    }

    /// Notes where a reference is, so that the next look finds nothing new there.
    pub(crate) fn remember(&mut self, repo: &RepoName, reference: &str, target: Option<Oid>) {
        let key = format!("{repo} {reference}");
        match target {
            Some(target) => self.refs.insert(key, commit_id(target)),
            None => drop(self.refs.remove(&key)),
        }
    }
}
