//! The entries of a project's CI on one branch.

use crate::catalog::{MatrixEvent, MatrixExecutor, MatrixRule};
use crate::ids::{BranchName, CommitId, RepoName};
use crate::matrix::{
    Capabilities, CiEntry, CiEvent, CiPlan, EntryVerdict, EventKind, JobFacts, Library, choose_event,
    plan_after,
};
use crate::runner::{Crew, ExecutorChoice, no_worker_with};
use crate::wording::one_line;

/// How long a reason may be.
const MOST: usize = 100;

/// The entries of a project's CI on one branch, under the rule of the catalog.
pub(super) struct ProjectMatrix<'a> {
    library: Library<'a>,
    rule: &'a MatrixRule,
    /// The event whose entries these are.
    pub(super) event: CiEvent,
    /// Whether an event starts anything.
    pub(super) starts: bool,
}

impl<'a> ProjectMatrix<'a> {
    pub(super) fn of(library: Library<'a>, rule: &'a MatrixRule, like: &CiEvent) -> ProjectMatrix<'a> {
        let kind = rule.event.map(|event| match event {
            MatrixEvent::Push => EventKind::Push,
            MatrixEvent::MergeGroup => EventKind::MergeGroup,
            MatrixEvent::PullRequest => EventKind::PullRequest,
        });
        let choice = choose_event(&library, like, kind, &|path| rule.reads(path));
        let (event, starts) = (choice.settled(kind, None, like), choice.fullest().is_some());
        ProjectMatrix { library, rule, event, starts }
    }

    /// All of them as this machine sees them, or the machines of others together; with what is known of jobs that were run.
    pub(super) fn plan(&self, facts: &JobFacts, crew: Option<&dyn Crew>) -> CiPlan {
        match crew {
            None => self.plan_on(self.executor().machine(), facts),
            Some(crew) => crew.plan(&self.event, self.executor(), &|machine| self.plan_on(machine, facts)),
        }
    }

    /// What runs them.
    pub(super) fn executor(&self) -> ExecutorChoice {
        match self.rule.executor {
            MatrixExecutor::Steps => ExecutorChoice::Steps,
            MatrixExecutor::Act => ExecutorChoice::Act,
        }
    }

    /// All of them as one machine sees them.
    pub(super) fn plan_on(&self, machine: &Capabilities, facts: &JobFacts) -> CiPlan {
        let wanted = |path: &str| self.rule.reads(path);
        plan_after(facts, &self.library, &self.event, Some(machine), &wanted)
    }

    /// Whether an entry is among those that the catalog wants.
    pub(super) fn chooses(&self, entry: &CiEntry) -> bool {
        self.rule.chooses(&entry.name, &entry.job)
    }

    /// Whether the catalog names an entry as required.
    pub(super) fn insists(&self, entry: &CiEntry) -> bool {
        self.rule.requires(&entry.name, &entry.job, false)
    }

    /// What the catalog names and this branch does not have.
    pub(super) fn unmatched(&self, plan: &CiPlan) -> Vec<String> {
        let rule = self.rule;
        let entries: Vec<&CiEntry> = plan.entries().collect();
        let files =
            rule.workflows.iter().filter(|file| !self.library.workflows.keys().any(|path| names(path, file)));
        let globs = rule.only.iter().chain(&rule.required).chain(&rule.may_be_missing);
        // What a matrix that is not settled yet will hold may be meant.
        let is_open = entries.iter().any(|entry| entry.verdict() == EntryVerdict::Dynamic);
        let globs = globs
            .filter(|glob| !is_open && !entries.iter().any(|entry| glob.matches(&entry.name, &entry.job)));
        files.cloned().chain(globs.map(|glob| glob.as_str().to_owned())).collect()
    }
}

fn names(path: &str, file: &str) -> bool {
    path == file || path.rsplit('/').next() == Some(file)
}

/// The branch of a repository at a commit, for whatever event starts its entries. A mark in the commit's message is not
/// looked at: what is to be proven is tested, whether or not GitHub will test it.
pub(super) fn pushed(repo: &RepoName, branch: &BranchName, commit: &CommitId) -> CiEvent {
    CiEvent {
        kind: EventKind::Push,
        action: None,
        branch: branch.to_string(),
        repository: Some((repo.owner().to_owned(), repo.name().to_owned())),
        commit: commit.to_string(),
        skip: None,
    }
}

/// Why an entry is not run, so that equal reasons are counted together.
pub(super) fn why_not(entry: &CiEntry, is_chosen: bool, crew: Option<&dyn Crew>) -> String {
    let verdict = entry.verdict();
    let starts = entry.may_start();
    match verdict {
        _ if starts && !is_chosen => "not chosen by `only` of the catalog".to_owned(),
        EntryVerdict::RunOn => format!("no worker for {}", one_line(&entry.reason(), MOST)),
        EntryVerdict::NotTriggered | EntryVerdict::IfFalse | EntryVerdict::Invalid => {
            verdict.word().to_owned()
        }
        // It cannot be given away, or was left out at the last moment.
        EntryVerdict::RunHere => {
            crew.and_then(|crew| crew.hindrance(entry)).unwrap_or("not attempted").to_owned()
        }
        _ => no_worker_with(&entry.reason())
            .unwrap_or_else(|| format!("{}: {}", verdict.word(), one_line(&entry.reason(), MOST))),
    }
}
