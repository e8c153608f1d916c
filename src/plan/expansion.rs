//! From a workflow's lists to steps: each entry becomes one step for each thing that it is done for.

use super::inputs::Inputs;
use super::policies::in_merge_order;
use super::step::{Step, Subject};
use super::target::{LineRelease, Target};
use crate::catalog::Repo;
use crate::ids::RepoName;
use crate::kinds::{Applies, Order, Phase, Scope, StepKind};
use crate::workflow::RecipeStep;

/// The steps of a release, each after every one that it may have to wait for.
pub(super) fn steps(inputs: &Inputs, targets: &[Target]) -> Vec<Step> {
    Expansion { inputs, targets: &in_merge_order(targets) }.steps()
}

/// The kinds of step that the workflow lists, with those that are put where it lists none, each with whether it applies to
/// anything in this release.
pub(super) fn listed_kinds(inputs: &Inputs, targets: &[Target]) -> Vec<(StepKind, bool)> {
    let expansion = Expansion { inputs, targets: &in_merge_order(targets) };
    let listed = expansion.listed();
    let kinds = listed.iter().map(|listed| listed.step.kind);
    kinds.map(|kind| (kind, expansion.is_taken(kind))).collect()
}

/// Whether a step of this kind would be taken in this release if the workflow listed it.
pub(super) fn is_taken(inputs: &Inputs, targets: &[Target], kind: StepKind) -> bool {
    Expansion { inputs, targets: &in_merge_order(targets) }.is_taken(kind)
}

struct Expansion<'a> {
    inputs: &'a Inputs,
    /// In the order in which they are merged.
    targets: &'a [&'a Target],
}

/// One entry of a workflow's lists.
#[derive(Clone, Copy)]
struct ListedStep<'a> {
    phase: Phase,
    step: RecipeStep<'a>,
}

impl ListedStep<'_> {
    fn is_in_a_repository(&self) -> bool {
        self.step.scope.is_in_a_repository()
    }
}

impl Expansion<'_> {
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let listed = self.listed();
        for run in listed.chunk_by(|one, next| one.is_in_a_repository() == next.is_in_a_repository()) {
            if run[0].is_in_a_repository() {
                self.expand_by_repository(run, &mut steps);
            } else {
                run.iter().for_each(|listed| self.expand(listed, None, &mut steps));
            }
        }
        steps
    }

    fn listed(&self) -> Vec<ListedStep<'_>> {
        let workflow = &self.inputs.workflow;
        let entries = workflow
            .phases
            .iter()
            .flat_map(|phase| phase.steps.iter().map(|entry| (phase.name, workflow.understand(entry))));
        // Reading the workflow has refused what means nothing.
        let listed = entries.filter_map(|(phase, step)| Some(ListedStep { phase, step: step? }));
        with_tidying(with_development(with_github_release(with_merge(with_versions(listed.collect())))))
    }

    /// A run of steps within repositories is written down repository by repository, in dependency order, so that
    /// a downstream repository's steps may wait for any of its upstream's.
    fn expand_by_repository(&self, run: &[ListedStep<'_>], steps: &mut Vec<Step>) {
        let mut repos: Vec<&RepoName> = self.targets.iter().map(|target| &target.repo).collect();
        repos.dedup();
        for repo in repos {
            let (before, released, after) = self.around_releases(repo, run);
            let all = |_: &Target| true;
            self.expand_in(repo, before, all, steps);
            let of_branches: Vec<ListedStep<'_>> =
                released.iter().copied().filter(|listed| listed.step.scope.is_of_a_branch()).collect();
            self.expand_in(repo, &of_branches, |target| !target.comes_last, steps);
            self.expand_in(repo, released, |target| target.comes_last, steps);
            self.expand_in(repo, after, all, steps);
        }
    }

    /// The steps from the first merge to the last sight of a release, and what comes before and after them. Where a branch
    /// waits for the releases of the others, it takes them when the others have.
    fn around_releases<'l>(
        &self,
        repo: &RepoName,
        run: &'l [ListedStep<'l>],
    ) -> (&'l [ListedStep<'l>], &'l [ListedStep<'l>], &'l [ListedStep<'l>]) {
        let waits = self.targets.iter().any(|target| target.repo == *repo && target.comes_last);
        let first = run.iter().position(|listed| listed.step.kind.order() == Order::MergesFix);
        let last = run.iter().rposition(|listed| self.last_of_release() == Some(listed.step.kind));
        match (first, last) {
            (Some(first), Some(last)) if waits && first <= last => {
                (&run[..first], &run[first..=last], &run[last + 1..])
            }
            _ => (run, &[], &[]),
        }
    }

    /// These steps of a repository, for those of its targets that are meant.
    fn expand_in(
        &self,
        repo: &RepoName,
        run: &[ListedStep<'_>],
        is_meant: fn(&Target) -> bool,
        steps: &mut Vec<Step>,
    ) {
        let meant: Vec<&Target> = self.targets.iter().copied().filter(|target| is_meant(target)).collect();
        let part = Expansion { inputs: self.inputs, targets: &meant };
        for listed in run {
            match listed.step.kind.order() {
                Order::MergesBump => part.open_late_bumps(repo, listed.phase, steps),
                Order::ShowsFix => part.merge_early_bumps(repo, listed.phase, steps),
                _ if listed.step.kind == StepKind::Stack => part.make_early_bumps(repo, listed.phase, steps),
                _ => {}
            }
            let of = if listed.step.scope.is_of_a_branch() { &part } else { self };
            of.expand(listed, Some(repo), steps);
            if self.last_of_release() == Some(listed.step.kind) {
                part.merge_back(repo, listed.phase, steps);
            }
        }
    }

    /// A bump that comes before the fixes is made before they are stacked on it.
    fn make_early_bumps(&self, repo: &RepoName, phase: Phase, steps: &mut Vec<Step>) {
        if self.is_taken_early(StepKind::PrepareBump) {
            let is_kind = |kind| kind == StepKind::PrepareBump;
            self.take_late(repo, phase, is_kind, |target| target.bump_first, steps);
        }
    }

    /// A bump that comes before the fixes is merged before they are shown; what the workflow lists earlier stays there.
    fn merge_early_bumps(&self, repo: &RepoName, phase: Phase, steps: &mut Vec<Step>) {
        for kind in [StepKind::OpenBump, StepKind::AwaitBumpChecks, StepKind::MergeBump] {
            if self.is_taken_early(kind) {
                let early = self.targets.iter().filter(|target| target.repo == *repo && target.bump_first);
                steps.extend(early.filter_map(|target| Step::named(kind, target.subject(), phase, None)));
            }
        }
    }

    /// Where the workflow lists the first step of such a kind, counted over all phases.
    fn position(&self, is_kind: impl Fn(StepKind) -> bool) -> Option<usize> {
        let entries = self.inputs.workflow.phases.iter().flat_map(|phase| &phase.steps);
        entries
            .filter_map(|entry| self.inputs.workflow.understand(entry))
            .position(|listed| is_kind(listed.kind))
    }

    /// Whether a step of a bump that comes before the fixes was taken ahead of where the workflow lists it.
    fn is_taken_early(&self, kind: StepKind) -> bool {
        let behind = |marks: fn(StepKind) -> bool| {
            let (own, mark) = (self.position(|listed| listed == kind), self.position(marks));
            own.is_some_and(|own| mark.is_some_and(|mark| own > mark))
        };
        match kind {
            StepKind::PrepareBump => behind(|kind| kind == StepKind::Stack),
            StepKind::OpenBump | StepKind::AwaitBumpChecks | StepKind::MergeBump => {
                behind(|kind| kind.order() == Order::ShowsFix)
            }
            _ => false,
        }
    }

    /// The kind of step after which a release is out.
    fn last_of_release(&self) -> Option<StepKind> {
        let entries = self.inputs.workflow.phases.iter().flat_map(|phase| &phase.steps);
        let kinds = entries.filter_map(|entry| Some(self.inputs.workflow.understand(entry)?.kind));
        kinds.rev().find(|kind| matches!(kind.order(), Order::StartsRelease | Order::SeesRelease))
    }

    /// A release that is made beside its line is merged into it when it is out, wherever the workflow lists the merge.
    fn merge_back(&self, repo: &RepoName, phase: Phase, steps: &mut Vec<Step>) {
        self.take_late(repo, phase, is_as_late_as_its_release, Target::is_merged_back, steps);
    }

    /// A bump that carries another repository's release can only be opened once that release is out, wherever the
    /// workflow lists it: it is opened, and its checks awaited, right before it is merged.
    fn open_late_bumps(&self, repo: &RepoName, phase: Phase, steps: &mut Vec<Step>) {
        self.take_late(repo, phase, is_as_late_as_its_bump, has_late_bump, steps);
    }

    /// The steps of these kinds for the repository's targets that take them here and not where they are listed.
    fn take_late(
        &self,
        repo: &RepoName,
        phase: Phase,
        is_kind: fn(StepKind) -> bool,
        is_late: fn(&Target) -> bool,
        steps: &mut Vec<Step>,
    ) {
        for kind in StepKind::ALL.iter().copied().filter(|kind| is_kind(*kind)) {
            let late = self.targets.iter().copied().filter(|target| target.repo == *repo && is_late(target));
            steps.extend(late.filter_map(|target| Step::named(kind, target.subject(), phase, None)));
        }
    }

    fn expand(&self, listed: &ListedStep<'_>, repo: Option<&RepoName>, steps: &mut Vec<Step>) {
        let RecipeStep { kind, asks, scope } = listed.step;
        for subject in self.subjects(scope, kind, repo) {
            steps.extend(Step::named(kind, subject, listed.phase, asks.map(ToOwned::to_owned)));
        }
    }

    fn is_taken(&self, kind: StepKind) -> bool {
        !self.subjects(kind.scope(), kind, None).is_empty()
    }

    /// What a step of this kind is done once for; in one repository, where one is named.
    fn subjects(&self, scope: Scope, kind: StepKind, within: Option<&RepoName>) -> Vec<Subject> {
        let advisories = &self.inputs.release.advisories;
        let is_within = |repo: &RepoName| within.is_none_or(|within| within == repo);
        let targets = self.targets.iter().copied().filter(|target| is_within(&target.repo));
        match scope {
            Scope::Release | Scope::Advisory if within.is_some() => Vec::new(),
            Scope::Release => vec![Subject::default()],
            Scope::Advisory => {
                let forked = |advisory| self.inputs.advisory_fork(advisory).is_some();
                let applies =
                    advisories.iter().filter(|one| kind.applies() != Applies::IfForked || forked(one));
                applies.map(|advisory| Subject::of_advisory(&advisory.id)).collect()
            }
            Scope::Repository => {
                let released =
                    targets.filter(|target| target.release.is_some() && self.applies(kind, target));
                let mut repos: Vec<&RepoName> = released.map(|target| &target.repo).collect();
                repos.dedup();
                repos.into_iter().map(Subject::of_repo).collect()
            }
            Scope::Target => {
                targets.filter(|target| self.applies(kind, target)).map(Target::subject).collect()
            }
            Scope::Line => targets
                .filter(|target| target.release.is_some() && self.applies(kind, target))
                .map(Target::subject)
                .collect(),
            Scope::Fix => advisories
                .iter()
                .flat_map(|advisory| {
                    let fixes = advisory.fixes.iter().filter(|fix| is_within(&fix.repo));
                    fixes.map(|fix| Subject::of_fix(&advisory.id, &fix.repo))
                })
                .collect(),
            Scope::Patch => targets
                .flat_map(|target| target.advisories.iter().map(|advisory| target.subject_for(advisory)))
                .collect(),
        }
    }

    /// Whether a step of this kind is taken for the target where the workflow lists it.
    fn applies(&self, kind: StepKind, target: &Target) -> bool {
        if is_as_late_as_its_bump(kind) && has_late_bump(target) {
            return false;
        }
        if target.bump_first && self.is_taken_early(kind) {
            return false;
        }
        if target.is_merged_back() && is_as_late_as_its_release(kind) && self.last_of_release().is_some() {
            return false;
        }
        match kind.applies() {
            Applies::Always | Applies::IfForked => true,
            Applies::IfPatched => target.is_patched(),
            Applies::IfBumped => self.inputs.is_bumped(target),
            Applies::IfBumpPulled => self.inputs.is_bumped_by_pull(target),
            Applies::IfMergedBack => target.is_merged_back(),
            Applies::IfRegistered => self.has(target, |repo| repo.registered_packages().next().is_some()),
            Applies::IfTidied => self.has(target, |repo| repo.delete_branches),
            Applies::IfDeveloped => target.release.as_ref().is_some_and(LineRelease::is_developed),
            Applies::UnlessTagAlone => self.has(target, |repo| !self.inputs.is_tag_alone(repo)),
            Applies::IfGitHubReleased => self.has(target, |repo| self.inputs.github_release(repo).is_some()),
        }
    }

    /// Whether the target's repository is of that kind.
    fn has(&self, target: &Target, is_of_kind: impl Fn(&Repo) -> bool) -> bool {
        self.inputs.catalog.repo(&target.repo).is_some_and(is_of_kind)
    }
}

/// A workflow that was written before versions had a step of their own assesses them with the branches: right behind them.
fn with_versions(listed: Vec<ListedStep<'_>>) -> Vec<ListedStep<'_>> {
    with_step(StepKind::AssessVersions, &[StepKind::Assess], listed)
}

/// A release that is merged into its line tries the merge once there is something to merge: behind the bump, or the stack.
fn with_merge(listed: Vec<ListedStep<'_>>) -> Vec<ListedStep<'_>> {
    with_step(StepKind::PrepareMerge, &[StepKind::PrepareBump, StepKind::Stack], listed)
}

/// A GitHub Release is written with what else is prepared, and made right behind the start of its release.
fn with_github_release(listed: Vec<ListedStep<'_>>) -> Vec<ListedStep<'_>> {
    let behind = [StepKind::PrepareMerge, StepKind::PrepareBump, StepKind::Stack];
    let listed = with_step(StepKind::PrepareRelease, &behind, listed);
    let listed = with_step(StepKind::DraftRelease, &[StepKind::TriggerRelease], listed);
    with_step(StepKind::PublishRelease, &[StepKind::DraftRelease], listed)
}

/// What a line states after its release is made with its bump, and merged when everything is checked: it holds up nothing.
fn with_development(listed: Vec<ListedStep<'_>>) -> Vec<ListedStep<'_>> {
    let last = [
        StepKind::VerifyTarget,
        StepKind::WriteEntries,
        StepKind::PublishAdvisory,
        StepKind::AwaitRelease,
        StepKind::TriggerRelease,
    ];
    let listed = with_step(StepKind::PrepareDevelopment, &[StepKind::PrepareBump, StepKind::Stack], listed);
    let listed = with_step(StepKind::OpenDevelopment, &last, listed);
    let listed = with_step(StepKind::AwaitDevelopmentChecks, &[StepKind::OpenDevelopment], listed);
    with_step(StepKind::MergeDevelopment, &[StepKind::AwaitDevelopmentChecks], listed)
}

/// Branches of merged pull requests go when the last of them is merged.
fn with_tidying(listed: Vec<ListedStep<'_>>) -> Vec<ListedStep<'_>> {
    with_step(StepKind::DeleteBranches, &[StepKind::MergeDevelopment], listed)
}

/// The step right behind the first of these that is listed, where the workflow does not list it itself.
fn with_step<'a>(
    kind: StepKind,
    behind: &[StepKind],
    mut listed: Vec<ListedStep<'a>>,
) -> Vec<ListedStep<'a>> {
    let position = |kind: StepKind| listed.iter().position(|listed| listed.step.kind == kind);
    if let (None, Some(position)) = (position(kind), behind.iter().copied().find_map(position)) {
        let step = RecipeStep { kind, asks: None, scope: kind.scope() };
        listed.insert(position + 1, ListedStep { phase: listed[position].phase, step });
    }
    listed
}

/// Whether the target's bump carries another repository's release and can only follow it.
fn has_late_bump(target: &Target) -> bool {
    target.release.is_some() && !target.carries.is_empty()
}

/// Whether the step is taken once the release is out, where that is merged into its line afterwards.
fn is_as_late_as_its_release(kind: StepKind) -> bool {
    matches!(kind, StepKind::MergePatch | StepKind::CompareTree)
}

fn is_as_late_as_its_bump(kind: StepKind) -> bool {
    matches!(kind.order(), Order::OpensBump | Order::ChecksBump)
}
