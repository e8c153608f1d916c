//! From files and a snapshot to a plan.

use std::collections::BTreeMap;

use super::dependencies::dependency_order;
use super::graph::Plan;
use super::inputs::Inputs;
use super::order;
use super::step::{Step, Subject};
use super::target::{Carried, LineRelease, Target};
use crate::catalog::Repo;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::kinds::{Applies, Order, Phase, Scope, StepKind};
use crate::numbering::Version;
use crate::release::Advisory;
use crate::snapshot::{BranchState, Snapshot};
use crate::workflow::RecipeStep;

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The snapshot lacks a branch that the catalog calls supported.
    #[error("`{repo}` has no branch `{branch}`")]
    NoBranch {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// The snapshot lacks a repository.
    #[error("the repository `{0}` was not found")]
    NoRepository(RepoName),
    /// The snapshot lacks an advisory.
    #[error("the advisory {advisory} was not found in `{repo}`")]
    NoAdvisory {
        /// The advisory.
        advisory: GhsaId,
        /// Where it should be.
        repo: RepoName,
    },
    /// A line is released, but nothing says how.
    #[error("nothing says how `{repo}` is released: it has no {missing}, and the workflow has none either")]
    NoRule {
        /// The repository.
        repo: RepoName,
        /// `version` or `release`.
        missing: &'static str,
    },
    /// The version of a line could not be read.
    #[error("the version of `{repo}` on `{branch}` is unknown")]
    NoVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// No rule tells which version comes after the present one.
    #[error("`{repo}` states {from} on `{branch}`, and no rule tells which version comes next")]
    NoNextVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// The present version.
        from: Version,
    },
    /// Repositories depend on each other.
    #[error("these repositories wait for each other's release: {}", circle(.0))]
    Cycle(Vec<RepoName>),
}

/// A cycle in words, back to where it began.
fn circle(repos: &[RepoName]) -> String {
    let names: Vec<String> = repos.iter().chain(repos.first()).map(|name| format!("`{name}`")).collect();
    names.join(" -> ")
}

/// Computes the plan.
///
/// # Errors
/// When the snapshot lacks something that the files name, or a line has no rule for its release.
pub fn build(inputs: Inputs, snapshot: Snapshot) -> Result<Plan, PlanError> {
    for advisory in &inputs.release.advisories {
        if !snapshot.advisories.contains_key(&advisory.id) {
            return Err(PlanError::NoAdvisory { advisory: advisory.id.clone(), repo: advisory.repo.clone() });
        }
    }
    let targets = targets(&inputs, &snapshot)?;
    let steps = Expansion { inputs: &inputs, targets: &targets }.steps()?;
    let graph = order::graph(steps, &targets);
    Ok(Plan::new(inputs, snapshot, targets, graph))
}

/// The branches that receive something, upstream repositories first.
fn targets(inputs: &Inputs, snapshot: &Snapshot) -> Result<Vec<Target>, PlanError> {
    let mut targets: Vec<Target> = Vec::new();
    for repo in dependency_order(&inputs.catalog)? {
        if !inputs.fixes(&repo.name) {
            continue;
        }
        for branch in repo.branches() {
            if let Some(target) = target(inputs, snapshot, &targets, repo, branch)? {
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

/// What this branch receives; `None` if nothing.
fn target(
    inputs: &Inputs,
    snapshot: &Snapshot,
    upstream: &[Target],
    repo: &Repo,
    branch: &BranchName,
) -> Result<Option<Target>, PlanError> {
    let advisories: Vec<GhsaId> = inputs
        .release
        .advisories
        .iter()
        .filter(|advisory| concerns(advisory, &repo.name, branch))
        .map(|advisory| advisory.id.clone())
        .collect();
    let carries = carries(upstream, repo, branch);
    if advisories.is_empty() && carries.is_empty() {
        return Ok(None);
    }
    let seen = snapshot.repos.get(&repo.name).ok_or_else(|| PlanError::NoRepository(repo.name.clone()))?;
    let state = seen
        .branches
        .get(branch)
        .ok_or_else(|| PlanError::NoBranch { repo: repo.name.clone(), branch: branch.clone() })?;
    let is_line = *branch != repo.default_branch;
    let release = is_line.then(|| line_release(inputs, repo, branch, state)).transpose()?;
    Ok(Some(Target {
        repo: repo.name.clone(),
        branch: branch.clone(),
        base: state.head.clone(),
        advisories,
        release,
        carries,
    }))
}

fn concerns(advisory: &Advisory, repo: &RepoName, branch: &BranchName) -> bool {
    advisory.fix_in(repo).is_some_and(|fix| fix.branches.is_empty() || fix.branches.contains(branch))
}

/// The versions of other repositories, released here and now, that this line carries.
fn carries(upstream: &[Target], repo: &Repo, branch: &BranchName) -> Vec<Carried> {
    let released = |on: &RepoName, line: &BranchName| {
        let target = upstream.iter().find(|target| target.is(on, line))?;
        Some(Carried { repo: on.clone(), branch: line.clone(), version: target.release.as_ref()?.to.clone() })
    };
    repo.depends
        .iter()
        .filter_map(|dependency| released(&dependency.on, dependency.lines.get(branch)?))
        .collect()
}

fn line_release(
    inputs: &Inputs,
    repo: &Repo,
    branch: &BranchName,
    state: &BranchState,
) -> Result<LineRelease, PlanError> {
    let missing = |missing| PlanError::NoRule { repo: repo.name.clone(), missing };
    inputs.version_rule(repo).ok_or_else(|| missing("version"))?;
    let rule = inputs.release_rule(repo).ok_or_else(|| missing("release"))?;
    let from = state
        .version
        .clone()
        .ok_or_else(|| PlanError::NoVersion { repo: repo.name.clone(), branch: branch.clone() })?;
    let to = from.next_patch().ok_or_else(|| PlanError::NoNextVersion {
        repo: repo.name.clone(),
        branch: branch.clone(),
        from: from.clone(),
    })?;
    Ok(LineRelease { tag: rule.tag_of(&to), from, to })
}

/// Turns the workflow's lists into steps.
struct Expansion<'a> {
    inputs: &'a Inputs,
    targets: &'a [Target],
}

/// One entry of a workflow's lists.
#[derive(Clone, Copy)]
struct ListedStep<'a> {
    phase: Phase,
    step: RecipeStep<'a>,
}

impl Expansion<'_> {
    fn steps(&self) -> Result<Vec<Step>, PlanError> {
        let entries = self.entries();
        let mut steps = Vec::new();
        let mut rest = entries.as_slice();
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|entry| in_a_repository(entry.step.scope)).count();
            if run == 0 {
                self.expand(first, None, &mut steps);
                rest = &rest[1..];
            } else {
                self.expand_by_repository(&rest[..run], &mut steps);
                rest = &rest[run..];
            }
        }
        Ok(steps)
    }

    fn entries(&self) -> Vec<ListedStep<'_>> {
        let workflow = &self.inputs.workflow;
        workflow
            .phases
            .iter()
            .flat_map(|phase| phase.steps.iter().map(move |step| (phase.name, step)))
            .filter_map(|(phase, text)| Some(ListedStep { phase, step: workflow.understand(text)? }))
            .collect()
    }

    /// A run of steps within repositories is written down repository by repository, in dependency order, so that
    /// a downstream repository's steps may wait for any of its upstream's.
    fn expand_by_repository(&self, run: &[ListedStep<'_>], steps: &mut Vec<Step>) {
        let mut repos: Vec<&RepoName> = self.targets.iter().map(|target| &target.repo).collect();
        repos.dedup();
        for repo in repos {
            for entry in run {
                if entry.step.kind.order() == Order::MergesBump {
                    self.open_late_bumps(repo, entry.phase, steps);
                }
                self.expand(entry, Some(repo), steps);
            }
        }
    }

    /// A bump that carries another repository's release can only be opened once that release is out, wherever the
    /// workflow lists it: it is opened, and its checks awaited, right before it is merged.
    fn open_late_bumps(&self, repo: &RepoName, phase: Phase, steps: &mut Vec<Step>) {
        for kind in StepKind::ALL.iter().copied().filter(|kind| is_late_with_its_bump(*kind)) {
            let late = self.targets.iter().filter(|target| target.repo == *repo && is_late(target));
            steps.extend(late.filter_map(|target| Step::named(kind, of_target(target), phase, None)));
        }
    }

    fn expand(&self, entry: &ListedStep<'_>, repo: Option<&RepoName>, steps: &mut Vec<Step>) {
        let RecipeStep { kind, asks, scope } = entry.step;
        for subject in self.subjects(scope, kind) {
            let elsewhere = repo.is_some() && subject.repo.as_ref() != repo;
            if !elsewhere {
                steps.extend(Step::named(kind, subject, entry.phase, asks.map(ToOwned::to_owned)));
            }
        }
    }

    fn subjects(&self, scope: Scope, kind: StepKind) -> Vec<Subject> {
        let advisories = &self.inputs.release.advisories;
        match scope {
            Scope::Release => vec![Subject::default()],
            Scope::Advisory => advisories
                .iter()
                .filter(|advisory| {
                    kind.applies() != Applies::IfForked || self.inputs.advisory_fork(advisory).is_some()
                })
                .map(|advisory| Subject { advisory: Some(advisory.id.clone()), ..Subject::default() })
                .collect(),
            Scope::Repository => self.by_repository(),
            Scope::Target => {
                self.targets.iter().filter(|target| self.applies(kind, target)).map(of_target).collect()
            }
            Scope::Line => self
                .targets
                .iter()
                .filter(|target| target.release.is_some() && self.applies(kind, target))
                .map(of_target)
                .collect(),
            Scope::Fix => advisories
                .iter()
                .flat_map(|advisory| {
                    advisory.fixes.iter().map(|fix| Subject {
                        advisory: Some(advisory.id.clone()),
                        repo: Some(fix.repo.clone()),
                        branch: None,
                    })
                })
                .collect(),
            Scope::Patch => self
                .targets
                .iter()
                .flat_map(|target| {
                    target
                        .advisories
                        .iter()
                        .map(|advisory| Subject { advisory: Some(advisory.clone()), ..of_target(target) })
                })
                .collect(),
        }
    }

    /// Repositories that release something.
    fn by_repository(&self) -> Vec<Subject> {
        let mut released: BTreeMap<&RepoName, usize> = BTreeMap::new();
        for (index, target) in self.targets.iter().enumerate() {
            if target.release.is_some() {
                released.entry(&target.repo).or_insert(index);
            }
        }
        let mut repos: Vec<(usize, &RepoName)> =
            released.into_iter().map(|(repo, index)| (index, repo)).collect();
        repos.sort();
        repos
            .into_iter()
            .map(|(_, repo)| Subject { repo: Some(repo.clone()), ..Subject::default() })
            .collect()
    }

    /// Whether a step of this kind is taken for the target where the workflow lists it.
    fn applies(&self, kind: StepKind, target: &Target) -> bool {
        if is_late_with_its_bump(kind) && is_late(target) {
            return false;
        }
        match kind.applies() {
            Applies::Always | Applies::IfForked => true,
            Applies::IfPatched => target.is_patched(),
            Applies::IfRegistered => {
                let package = self.inputs.catalog.repo(&target.repo).and_then(|repo| repo.package.as_ref());
                package.is_some_and(|package| package.registry)
            }
        }
    }
}

/// Whether the target's bump carries another repository's release and can only follow it.
fn is_late(target: &Target) -> bool {
    target.release.is_some() && !target.carries.is_empty()
}

fn of_target(target: &Target) -> Subject {
    Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) }
}

fn in_a_repository(scope: Scope) -> bool {
    matches!(scope, Scope::Repository | Scope::Target | Scope::Line | Scope::Fix | Scope::Patch)
}

fn is_late_with_its_bump(kind: StepKind) -> bool {
    matches!(kind.order(), Order::OpensBump | Order::ChecksBump)
}
