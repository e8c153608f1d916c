//! Steps and targets by number: a large plan asks many million times whether two steps are about the same thing.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::step::Step;
use super::target::Target;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::kinds::{Order, StepKind};
use crate::workflow::RELEASE_DAY;

/// A step, as far as its order among the others depends on it. What has a name has a number here.
pub(super) struct Place<'a> {
    pub(super) kind: StepKind,
    pub(super) order: Order,
    /// Whether it is the end of the embargo.
    pub(super) is_release_day: bool,
    pub(super) about: About,
    /// The position of its target, and the target; `None` for a step that is about no single one.
    pub(super) target: Option<(usize, &'a Target)>,
    /// The line below, from which its target is merged upwards.
    pub(super) merged_from: Option<usize>,
}

/// What a step is about. An absent part means "all of them".
#[derive(Clone, Copy)]
pub(super) struct About {
    pub(super) advisory: Option<usize>,
    pub(super) repo: Option<usize>,
    pub(super) branch: Option<usize>,
}

impl About {
    /// As [`Subject::meets`](super::step::Subject::meets).
    pub(super) fn meets(self, other: About) -> bool {
        let agree =
            |one: Option<usize>, other: Option<usize>| one.is_none() || other.is_none() || one == other;
        agree(self.advisory, other.advisory)
            && agree(self.repo, other.repo)
            && agree(self.branch, other.branch)
    }
}

/// The targets of a plan, and the number of each name.
pub(super) struct Places<'a> {
    repositories: Numbers<'a, RepoName>,
    branches: Numbers<'a, BranchName>,
    advisories: Numbers<'a, GhsaId>,
    /// By repository and branch.
    targets: HashMap<(usize, usize), (usize, &'a Target)>,
    /// The repositories of which each carries a release.
    carried: HashMap<usize, BTreeSet<usize>>,
    /// The lines whose releases the target at each position carries, by repository and branch.
    carried_lines: Vec<Vec<(usize, usize)>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(targets: &'a [Target]) -> Places<'a> {
        let mut places = Places {
            repositories: Numbers::default(),
            branches: Numbers::default(),
            advisories: Numbers::default(),
            targets: HashMap::new(),
            carried: HashMap::new(),
            carried_lines: Vec::with_capacity(targets.len()),
        };
        for (position, target) in targets.iter().enumerate() {
            let (repo, branch) = places.line(&target.repo, &target.branch);
            places.targets.entry((repo, branch)).or_insert((position, target));
            let carried: Vec<(usize, usize)> =
                target.carries.iter().map(|carried| places.line(&carried.repo, &carried.branch)).collect();
            places.carried.entry(repo).or_default().extend(carried.iter().map(|(from, _)| *from));
            places.carried_lines.push(carried);
        }
        places
    }

    fn line(&mut self, repo: &'a RepoName, branch: &'a BranchName) -> (usize, usize) {
        (self.repositories.of(repo), self.branches.of(branch))
    }

    /// The place of a step.
    pub(super) fn of(&mut self, step: &'a Step) -> Place<'a> {
        let about = About {
            advisory: step.subject.advisory.as_ref().map(|advisory| self.advisories.of(advisory)),
            repo: step.subject.repo.as_ref().map(|repo| self.repositories.of(repo)),
            branch: step.subject.branch.as_ref().map(|branch| self.branches.of(branch)),
        };
        let target = about.repo.zip(about.branch).and_then(|line| self.targets.get(&line).copied());
        let below = target.and_then(|(_, target)| target.merged_from.as_ref());
        Place {
            kind: step.kind,
            order: step.kind.order(),
            is_release_day: step.kind == StepKind::Gate && step.asks.as_deref() == Some(RELEASE_DAY),
            about,
            target,
            merged_from: below.map(|branch| self.branches.of(branch)),
        }
    }

    /// The repositories of which this one carries a release.
    pub(super) fn carried_by(&self, repo: usize) -> impl Iterator<Item = usize> {
        self.carried.get(&repo).into_iter().flatten().copied()
    }

    /// Whether a target of the first repository carries a release of the second.
    pub(super) fn carries_from(&self, repo: usize, from: usize) -> bool {
        self.carried.get(&repo).is_some_and(|carried| carried.contains(&from))
    }

    /// Whether the target of the step carries the release of this very line.
    pub(super) fn carries_line(&self, step: &Place<'_>, from: About) -> bool {
        let carried = step.target.and_then(|(position, _)| self.carried_lines.get(position));
        let line = from.repo.zip(from.branch);
        carried.is_some_and(|carried| carried.iter().any(|one| Some(*one) == line))
    }
}

/// The number of each name, in the order in which they were met.
struct Numbers<'a, N>(HashMap<&'a N, usize>);

impl<N> Default for Numbers<'_, N> {
    fn default() -> Self {
        Numbers(HashMap::new())
    }
}

impl<'a, N: Eq + Hash> Numbers<'a, N> {
    fn of(&mut self, name: &'a N) -> usize {
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }
}
