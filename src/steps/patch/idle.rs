//! Branches that nothing is done for: left out by people, or released with every fix before.

use super::left_out::{gets_nothing, left_out_with, taken, verdict_on};
use super::series::series_of;
use crate::backport::Verdict;
use crate::ids::GhsaId;
use crate::kinds::{Scope, StepKind};
use crate::numbering::Version;
use crate::plan::{Plan, Step, Subject, Target};
use crate::steps::facts::Facts;
use crate::steps::output::{JudgedVersion, Output};

/// The newest release of a branch, where it has every fix already and the branch needs no other. One that the release file asks
/// for by its version is made all the same, and so is the first one of a new branch. Where fixes are merged upwards, the branch is
/// merged with the one below it as ever, and nothing of that is released today.
#[must_use]
pub fn released_before<'a>(plan: &'a Plan, facts: &'a Facts, target: &Target) -> Option<&'a Version> {
    let is_asked_for = || {
        let line = plan.inputs.release.line(&target.repo, &target.branch);
        line.is_some_and(|line| line.version.is_some() || !line.packages.is_empty())
    };
    let comes_anyway = target.begins_at.is_some() || is_asked_for();
    if target.release.is_none() || comes_anyway || carries_something_new(plan, facts, target) {
        return None;
    }
    let mut newest = None;
    for advisory in taken(plan, facts, target) {
        newest = Some(newest_with_the_fix(plan, facts, target, advisory)?);
    }
    newest
}

/// Whether nothing is made of a branch: no release, and nothing that leads to one.
#[must_use]
pub fn makes_no_release(plan: &Plan, facts: &Facts, target: &Target) -> bool {
    gets_nothing(plan, facts, target) || released_before(plan, facts, target).is_some()
}

/// Whether the branch carries a release of another repository that is made now.
fn carries_something_new(plan: &Plan, facts: &Facts, target: &Target) -> bool {
    target.carries.iter().any(|carried| {
        let from = plan.target(&carried.repo, &carried.branch);
        from.is_some_and(|from| !makes_no_release(plan, facts, from))
    })
}

/// The newest release of a branch, where neither it nor the branch lacks the fix of an advisory, by their contents.
fn newest_with_the_fix<'a>(
    plan: &'a Plan,
    facts: &'a Facts,
    target: &Target,
    advisory: &GhsaId,
) -> Option<&'a Version> {
    let found = verdict_on(plan, facts, target, advisory)?;
    if found.verdict != Verdict::AlreadyFixed.as_str() {
        return None;
    }
    let known = plan.inputs.release.advisory(advisory)?;
    let table = match facts.output(StepKind::AssessVersions, &Subject::of_fix(advisory, &target.repo))? {
        Output::Versions(table) => &table.versions,
        _ => return None,
    };
    let mut newest = None;
    for series in series_of(plan, known, &target.repo) {
        let released = table.iter().filter(|one| {
            one.package.as_deref() == series.package && one.origin.branch() == Some(&target.branch)
        });
        let last = newest_of(released).filter(|last| last.verdict == Verdict::AlreadyFixed)?;
        newest = newest.or(Some(&last.version));
    }
    newest
}

/// The newest of some versions; a pre-release only where there is nothing else.
fn newest_of<'a>(released: impl Iterator<Item = &'a JudgedVersion>) -> Option<&'a JudgedVersion> {
    released.max_by_key(|one| (!one.version.is_prerelease(), &one.version))
}

/// Why a step has nothing to do: people left its branch out, or its release would bring nothing.
pub(in crate::steps) fn needless(plan: &Plan, facts: &Facts, step: &Step) -> Option<String> {
    if let Some(target) = left_out_with(plan, facts, step) {
        return Some(format!("{} was left out as not affected", target.label()));
    }
    let target = || plan.target(step.subject.repo.as_ref()?, step.subject.branch.as_ref()?);
    match step.kind {
        StepKind::Prove => untested(plan, facts, target()?),
        kind if kind.scope() == Scope::Line => {
            let target = target()?;
            let before = released_before(plan, facts, target)?;
            Some(format!("{before}, which is released, has every fix that {} gets", target.label()))
        }
        _ => None,
    }
}

/// Why the suites of a branch are not run: it stays as it was released, with every fix. A merge of the line below is proven.
fn untested(plan: &Plan, facts: &Facts, target: &Target) -> Option<String> {
    let before = released_before(plan, facts, target)?;
    let stays = facts.patch(StepKind::Stack, &target.subject()).is_ok_and(|stack| stack.commits.is_empty());
    stays.then(|| {
        format!("released already as {before}, with every fix; nothing is put on {}", target.label())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;
    use crate::snapshot::Origin;

    #[test]
    fn the_newest_release_speaks_for_a_line_and_a_candidate_only_where_nothing_else_is_out() {
        let judged = |version: &str| JudgedVersion {
            version: semver(version),
            tag: format!("v{version}"),
            origin: Origin::Branch("release-1".parse().unwrap()),
            verdict: Verdict::AlreadyFixed,
            because: String::new(),
            package: None,
            never_introduced: false,
        };
        let newest = |versions: &[&str]| {
            let versions: Vec<JudgedVersion> = versions.iter().map(|version| judged(version)).collect();
            newest_of(versions.iter()).map(|one| one.version.to_string())
        };
        assert_eq!(newest(&["1.1.0", "1.1.2", "1.1.1"]).as_deref(), Some("1.1.2"));
        assert_eq!(newest(&["1.1.2", "1.2.0-rc.1"]).as_deref(), Some("1.1.2"));
        assert_eq!(newest(&["1.2.0-rc.1", "1.2.0-rc.2"]).as_deref(), Some("1.2.0-rc.2"));
        assert_eq!(newest(&[]), None);
    }
}
