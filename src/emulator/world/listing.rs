//! What belongs to one repository. A document's key begins with its repository's name, so these are ranges, not scans.

use std::collections::BTreeMap;

use super::EmulatedWorld;
use crate::emulator::model::{CommitStatus, JobState, ScriptedJob, StoredPull, StoredRelease, StoredRun};
use crate::ids::{CommitId, RepoName};

impl EmulatedWorld {
    /// The workflow runs of a repository, oldest first.
    pub(crate) fn runs_of(&self, repo: &RepoName) -> impl Iterator<Item = &StoredRun> {
        self.runs.within(format!("{repo}@")).map(|(_, run)| run)
    }

    /// The workflow runs on a commit, oldest first.
    pub(crate) fn runs_on(&self, repo: &RepoName, head: &CommitId) -> impl Iterator<Item = &StoredRun> {
        self.runs_of(repo).filter(move |run| run.head == *head)
    }

    /// The states of the checks on a commit, by name; of each the last run counts.
    pub(crate) fn check_states(&self, repo: &RepoName, head: &CommitId) -> BTreeMap<String, JobState> {
        let jobs = self.runs_on(repo, head).flat_map(|run| &run.jobs);
        jobs.map(|job| (job.name.clone(), job.state(self.now))).collect()
    }

    /// Those of the required checks that are not green on a commit, neither as a run nor as a status.
    pub(crate) fn not_green(&self, repo: &RepoName, head: &CommitId, required: &[String]) -> Vec<String> {
        let checks = self.check_states(repo, head);
        let statuses = self.statuses_on(repo, head.as_str());
        let status = |name: &str| {
            let last = statuses.iter().rev().find(|status| status.context == name);
            last.is_some_and(|status| status.state == "success")
        };
        let green = |name: &str| checks.get(name).is_some_and(|state| state.is_green()) || status(name);
        required.iter().filter(|name| !green(name)).cloned().collect()
    }

    /// The job with this number, and its run.
    pub(crate) fn job(&self, repo: &RepoName, id: u64) -> Option<(&StoredRun, &ScriptedJob)> {
        self.runs_of(repo)
            .flat_map(|run| run.jobs.iter().map(move |job| (run, job)))
            .find(|(_, job)| job.id == id)
    }

    /// The pull requests of a repository, oldest first.
    pub(crate) fn pulls_of(&self, repo: &RepoName) -> impl Iterator<Item = &StoredPull> {
        self.pulls.within(format!("{repo}#")).map(|(_, pull)| pull)
    }

    /// The pull request with this number.
    pub(crate) fn pull(&self, repo: &RepoName, number: u64) -> Option<&StoredPull> {
        self.pulls.get(&StoredPull::key(repo, number))
    }

    /// The pull request with this number, for changing.
    pub(crate) fn pull_mut(&mut self, repo: &RepoName, number: u64) -> Option<&mut StoredPull> {
        self.pulls.get_mut(&StoredPull::key(repo, number))
    }

    /// The releases of a repository, oldest first.
    pub(crate) fn releases_of(&self, repo: &RepoName) -> impl Iterator<Item = &StoredRelease> {
        self.releases.within(format!("{repo}@")).map(|(_, release)| release)
    }

    /// The statuses of a commit, oldest first.
    pub(crate) fn statuses_on(&self, repo: &RepoName, commit: &str) -> &[CommitStatus] {
        self.statuses.get(&format!("{repo} {commit}")).map_or(&[], Vec::as_slice)
    }

    /// Adds a status to a commit.
    pub(crate) fn add_status(&mut self, repo: &RepoName, commit: &str, status: CommitStatus) {
        let mut all = self.statuses_on(repo, commit).to_vec();
        all.push(status);
        self.statuses.insert(format!("{repo} {commit}"), all);
    }

    /// Forgets everything that belongs to a repository.
    pub(super) fn forget(&mut self, repo: &RepoName) {
        self.refs.remove_within(&format!("{repo} "));
        self.pulls.remove_within(&format!("{repo}#"));
        self.runs.remove_within(&format!("{repo}@"));
        self.releases.remove_within(&format!("{repo}@"));
        self.statuses.remove_within(&format!("{repo} "));
    }
}
