//! Release lines: which released versions belong to which line, and the ranges that advisories state.

use std::ops::Bound;

use super::left_out::{is_left_out, taken, verdict_on};
use crate::catalog::Repo;
use crate::ecosystem::Ecosystem;
use crate::github::RepositoryVulnerability;
use crate::ids::CommitId;
use crate::numbering::{Version, VersionRange, ranges as ranges_of_line};
use crate::plan::{LineRelease, Target};
use crate::records::AffectedPackage;
use crate::release::Advisory;
use crate::snapshot::TaggedVersion;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::BranchVerdict;

/// The versions that were released from a target's line, with their commits, as far as they are older than what is
/// released now. Empty where nothing is released.
pub(in crate::steps) fn released_tags(context: &StepContext, target: &Target) -> Vec<(Version, CommitId)> {
    let (Some(release), Some(state)) = (&target.release, context.plan.snapshot.repos.get(&target.repo))
    else {
        return Vec::new();
    };
    let from_here = |one: &&TaggedVersion| one.origin.branch() == Some(&target.branch);
    let older = state.versions.iter().filter(from_here).filter(|one| one.version < release.to);
    older.map(|one| (one.version.clone(), one.commit.clone())).collect()
}

fn repo_of<'a>(context: &'a StepContext, target: &Target) -> Result<&'a Repo, StepError> {
    context
        .inputs()
        .catalog
        .repo(&target.repo)
        .ok_or_else(|| StepError::internal(format!("`{}` is not in the catalog", target.repo)))
}

/// The packages that an advisory concerns, each with the ranges of the lines that it is in. A line that people left out
/// has none, and neither has one of which no release carries it.
pub(in crate::steps) fn affected_packages(
    context: &StepContext,
    advisory: &Advisory,
) -> Result<Vec<AffectedPackage>, StepError> {
    let mut packages: Vec<AffectedPackage> = Vec::new();
    for target in context.plan.targets.iter().filter(|target| target.advisories.contains(&advisory.id)) {
        let Some(release) = &target.release else { continue };
        if is_left_out(&context.plan, &context.facts, target, &advisory.id) {
            continue;
        }
        let (ecosystem, name) = package_of(repo_of(context, target)?);
        let position = packages.iter().position(|one| one.ecosystem == ecosystem && one.name == name);
        let position = position.unwrap_or_else(|| {
            packages.push(AffectedPackage::new(ecosystem, name));
            packages.len() - 1
        });
        let package = &mut packages[position];
        let known = verdict_on(&context.plan, &context.facts, target, &advisory.id);
        let known = known.map(BranchVerdict::known_versions).unwrap_or_default();
        package.ranges.extend(of_line(&known, release));
        package.affected.extend(known.iter().filter(|(_, carries)| *carries).map(|(one, _)| (*one).clone()));
        if taken(&context.plan, &context.facts, target).any(|taken| *taken == advisory.id) {
            package.patched.push(release.to.clone());
        }
    }
    Ok(packages)
}

/// The affected and patched ranges of an advisory as GitHub takes them: a row for each range, since it keeps the patched
/// version as one text.
pub(in crate::steps) fn ranges(
    context: &StepContext,
    advisory: &Advisory,
) -> Result<Vec<RepositoryVulnerability>, StepError> {
    let rows = |package: AffectedPackage| {
        package.ranges.into_iter().map(move |range| RepositoryVulnerability {
            ecosystem: package.ecosystem.to_string(),
            package: Some(package.name.clone()),
            vulnerable_version_range: Some(range.to_string()),
            patched_versions: range.fixed().map(ToString::to_string),
        })
    };
    Ok(affected_packages(context, advisory)?.into_iter().flat_map(rows).collect())
}

/// The ranges of a line, each with the version that ends it. If no release of the line is known, the version that it
/// states now was released.
fn of_line(known: &[(&Version, bool)], release: &LineRelease) -> Vec<VersionRange> {
    if known.is_empty() {
        return vec![VersionRange::until(release.from.clone(), release.to.clone())];
    }
    let known = known.iter().map(|(version, carries)| ((*version).clone(), *carries)).collect();
    let patched = |range: VersionRange| {
        let fixed = range.fixed().unwrap_or(&release.to).clone();
        VersionRange { upper: Bound::Excluded(fixed), ..range }
    };
    ranges_of_line(known).into_iter().map(patched).collect()
}

fn package_of(repo: &Repo) -> (Ecosystem, String) {
    repo.package.as_ref().map_or_else(
        || (Ecosystem::Other, repo.name.name().to_owned()),
        |package| (package.ecosystem, package.name.clone()),
    )
}

/// A version of a package, and whether an advisory must hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct KnownVersion {
    pub(in crate::steps) package: String,
    pub(in crate::steps) version: Version,
    pub(in crate::steps) carries: bool,
}

/// What is known of the versions of every line that an advisory might concern, the one released now included.
pub(in crate::steps) fn known_versions(
    context: &StepContext,
    advisory: &Advisory,
) -> Result<Vec<KnownVersion>, StepError> {
    let mut all = Vec::new();
    for target in context.plan.targets.iter().filter(|target| target.advisories.contains(&advisory.id)) {
        let (Some(release), Some(verdict)) =
            (&target.release, verdict_on(&context.plan, &context.facts, target, &advisory.id))
        else {
            continue;
        };
        let (_, package) = package_of(repo_of(context, target)?);
        let released = verdict.known_versions().into_iter().chain([(&release.to, false)]);
        all.extend(released.map(|(version, carries)| KnownVersion {
            package: package.clone(),
            version: version.clone(),
            carries,
        }));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    fn ranges_of(known: &[(Version, bool)]) -> Vec<String> {
        let release =
            LineRelease { from: semver("2.4.4"), to: semver("2.4.5"), tag: "v2.4.5".to_owned(), why: None };
        let known: Vec<_> = known.iter().map(|(version, carries)| (version, *carries)).collect();
        of_line(&known, &release)
            .into_iter()
            .map(|range| format!("{range} -> {}", range.fixed().unwrap()))
            .collect()
    }

    #[test]
    fn range_begins_with_the_version_that_brought_it() {
        let known = |first: u64| {
            (0..5).map(|patch| (semver(&format!("2.4.{patch}")), patch >= first)).collect::<Vec<_>>()
        };
        assert_eq!(ranges_of(&known(2)), [">= 2.4.2, < 2.4.5 -> 2.4.5"]);
        assert_eq!(ranges_of(&known(0)), [">= 2.4.0, < 2.4.5 -> 2.4.5"]);
        assert!(ranges_of(&known(9)).is_empty(), "nothing that was released carries it");
        assert_eq!(ranges_of(&[]), [">= 2.4.4, < 2.4.5 -> 2.4.5"]);
    }

    #[test]
    fn versions_between_which_it_was_gone_are_two_ranges() {
        let known = [(0, true), (1, false), (2, true)]
            .map(|(patch, carries)| (semver(&format!("2.4.{patch}")), carries));
        assert_eq!(ranges_of(&known), [">= 2.4.0, < 2.4.1 -> 2.4.1", ">= 2.4.2, < 2.4.5 -> 2.4.5"]);
    }
}
