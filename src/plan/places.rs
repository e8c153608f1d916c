//! Where the targets of a plan are in its list, by name: a large plan asks for them many thousand times.

use std::collections::HashMap;

use super::step::Step;
use super::target::Target;
use crate::ids::{BranchName, RepoName};

/// The targets of a plan, by repository and branch.
pub(super) struct Places<'a> {
    by_repository: HashMap<&'a RepoName, HashMap<&'a BranchName, (usize, &'a Target)>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(targets: &'a [Target]) -> Places<'a> {
        let mut by_repository: HashMap<_, HashMap<_, _>> = HashMap::new();
        for (position, target) in targets.iter().enumerate() {
            let branches = by_repository.entry(&target.repo).or_default();
            branches.entry(&target.branch).or_insert((position, target));
        }
        Places { by_repository }
    }

    /// The target of a step and its position; `None` for a step that is about no single one.
    pub(super) fn of(&self, step: &Step) -> Option<(usize, &'a Target)> {
        let (repo, branch) = (step.subject.repo.as_ref()?, step.subject.branch.as_ref()?);
        self.by_repository.get(repo)?.get(branch).copied()
    }

    /// The targets of a repository, in no order.
    pub(super) fn in_repository(&self, repo: &RepoName) -> impl Iterator<Item = &'a Target> {
        self.by_repository
            .get(repo)
            .into_iter()
            .flat_map(|branches| branches.values().map(|(_, target)| *target))
    }
}
