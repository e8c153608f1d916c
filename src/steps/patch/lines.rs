//! What an advisory states of versions: packages, ranges, and which lines have no fix. All of it follows from the table of
//! versions.

use std::cell::LazyCell;

use super::series::{NamedPackage, VersionSeries, packages_of, series_of};
use super::stated_ranges::{no_release_is_known, ranges_before, stated_ranges};
use super::version_table::{DecidedBy, Finding, VersionRow, first_with_the_fix, rows};
use crate::catalog::OldVersions;
use crate::ecosystem::Ecosystem;
use crate::github::RepositoryVulnerability;
use crate::ids::{BranchName, RepoName};
use crate::numbering::{Version, VersionRange};
use crate::plan::{Plan, Target};
use crate::records::{AffectedPackage, AffectedRange};
use crate::release::Advisory;
use crate::steps::context::StepContext;
use crate::steps::facts::Facts;
use crate::steps::patch::left_out::taken;

/// The packages that an advisory concerns, each with the ranges of the lines that it is in. A line of which no release
/// carries it has none.
pub(in crate::steps) fn affected_packages(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
) -> Vec<AffectedPackage> {
    let mut packages: Vec<AffectedPackage> = Vec::new();
    for fix in &advisory.fixes {
        let Some(repo) = plan.inputs.catalog.repo(&fix.repo) else { continue };
        for named in packages_of(plan, repo, advisory) {
            let NamedPackage { ecosystem, name, .. } = &named;
            let position = packages.iter().position(|one| one.ecosystem == *ecosystem && one.name == *name);
            let position = position.unwrap_or_else(|| {
                packages.push(AffectedPackage::new(*ecosystem, name.to_string()));
                packages.len() - 1
            });
            add_versions(&mut packages[position], (plan, facts), advisory, &named);
        }
    }
    packages.retain(|package| !package.ranges.is_empty() || !package.patched.is_empty());
    packages
}

fn add_versions(
    package: &mut AffectedPackage,
    (plan, facts): (&Plan, &Facts),
    advisory: &Advisory,
    named: &NamedPackage<'_>,
) {
    let rows = named_rows(plan, facts, advisory, named);
    package.ranges.extend(ranges_of(plan, facts, advisory, named, &rows));
    let carrying = rows.iter().filter(|row| row.finding.carries());
    package.affected.extend(carrying.map(|row| row.version.clone()));
    let patched = rows.iter().filter(|row| is_made_with_the_fix(row));
    package.patched.extend(patched.map(|row| row.version.clone()));
    let before = |finding| move |row: &&VersionRow| row.finding == finding && !is_made_with_the_fix(row);
    let versions = |finding| rows.iter().filter(before(finding)).map(|row| row.version.clone());
    package.fixed.extend(versions(Finding::Fixed));
    package.unaffected.extend(versions(Finding::NotAffected));
}

/// The versions that go by the name of a package.
fn named_rows(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
    package: &NamedPackage<'_>,
) -> Vec<VersionRow> {
    let mut rows = rows(plan, facts, advisory, package.series);
    rows.retain(|row| package.holds(&row.version));
    rows
}

fn is_made_with_the_fix(row: &VersionRow) -> bool {
    row.decided == DecidedBy::Release && row.finding == Finding::Fixed
}

/// The ranges of one package. If no release of it is known at all, they begin with the first version that there ever was.
fn ranges_of(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
    package: &NamedPackage<'_>,
    rows: &[VersionRow],
) -> Vec<AffectedRange> {
    let series = package.series;
    let fixed = || plan.targets_of(series.repo).filter(|target| gets_the_fix(plan, facts, advisory, target));
    if no_release_is_known(rows) {
        let raised = fixed().filter_map(|target| Some((stated_before(series, target)?, target)));
        let raised = raised.filter_map(|(from, target)| Some((from, series.released_by(target)?.0)));
        let raised = raised.filter(|(from, to)| from < to && package.holds(to));
        return ranges_before(raised.map(|(_, to)| to).collect());
    }
    stated_ranges(rows, old_versions(plan, series.repo), |branch: &BranchName| {
        let target = fixed().find(|target| target.branch == *branch)?;
        // Of two modules that share a repository, the version of one is no fix for the other.
        let elsewhere = target.released_elsewhere.as_ref().filter(|version| package.holds(version));
        first_with_the_fix(rows, branch).or(elsewhere).cloned()
    })
}

fn old_versions(plan: &Plan, repo: &RepoName) -> OldVersions {
    plan.inputs.catalog.repo(repo).map(|repo| repo.old_versions).unwrap_or_default()
}

/// For each target of one repository the first release, by its repository's own numbers, that has the fix of an advisory; `None`
/// where no table of its versions is known, and where it gets no fix of it.
pub(in crate::steps) fn fixed_in(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
    repo: &RepoName,
    targets: &[&Target],
) -> Vec<Option<Version>> {
    let table = LazyCell::new(|| rows(plan, facts, advisory, VersionSeries::of(repo)));
    let first = |target: &&Target| {
        let is_fixed = gets_the_fix(plan, facts, advisory, target);
        is_fixed.then(|| first_with_the_fix(&table, &target.branch).cloned()).flatten()
    };
    targets.iter().map(first).collect()
}

/// The version in which somebody else releases what a branch gets.
fn released_elsewhere<'p>(plan: &'p Plan, repo: &RepoName, branch: &BranchName) -> Option<&'p Version> {
    plan.target(repo, branch)?.released_elsewhere.as_ref()
}

fn stated_before<'t>(series: VersionSeries<'_>, target: &'t Target) -> Option<&'t Version> {
    let release = target.release.as_ref()?;
    match series.package {
        None => Some(&release.from),
        Some(name) => release.package(name).map(|package| &package.from),
    }
}

fn gets_the_fix(plan: &Plan, facts: &Facts, advisory: &Advisory, target: &Target) -> bool {
    taken(plan, facts, target).any(|taken| *taken == advisory.id)
}

/// The affected and patched ranges of an advisory as GitHub takes them: a row for each range, since it keeps the patched
/// version as one text.
pub(in crate::steps) fn ranges(context: &StepContext, advisory: &Advisory) -> Vec<RepositoryVulnerability> {
    let rows = |package: AffectedPackage| {
        package.ranges.into_iter().map(move |stated| RepositoryVulnerability {
            ecosystem: package.ecosystem.to_string(),
            package: Some(package.name.clone()),
            vulnerable_version_range: Some(stated.range.to_string()),
            patched_versions: stated.patched.as_ref().map(ToString::to_string),
        })
    };
    affected_packages(&context.plan, &context.facts, advisory).into_iter().flat_map(rows).collect()
}

/// A version of a package, and whether an advisory must hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct KnownVersion {
    pub(in crate::steps) ecosystem: Ecosystem,
    pub(in crate::steps) package: String,
    pub(in crate::steps) version: Version,
    pub(in crate::steps) carries: bool,
}

/// What is known of every version that an advisory might concern, those released now included.
pub(in crate::steps) fn known_versions(context: &StepContext, advisory: &Advisory) -> Vec<KnownVersion> {
    let mut all = Vec::new();
    for fix in &advisory.fixes {
        let Some(repo) = context.inputs().catalog.repo(&fix.repo) else { continue };
        for package in packages_of(&context.plan, repo, advisory) {
            let rows = named_rows(&context.plan, &context.facts, advisory, &package);
            all.extend(rows.into_iter().map(|row| KnownVersion {
                ecosystem: package.ecosystem,
                package: package.name.to_string(),
                version: row.version,
                carries: row.finding.carries(),
            }));
        }
    }
    all
}

/// Known versions that the stated ranges leave out or hold without reason, a sentence each. A range that is written in
/// a way of its own is for people to read.
pub(in crate::steps) fn wrongly_covered(
    stated: &[RepositoryVulnerability],
    known: &[KnownVersion],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for one in known {
        let of_package = stated.iter().filter(|stated| {
            stated.package.as_deref() == Some(&one.package) && stated.ecosystem == one.ecosystem.as_str()
        });
        let held: Vec<Option<bool>> = of_package.map(|stated| holds(stated, &one.version)).collect();
        let is_held = held.contains(&Some(true));
        if one.carries && !is_held && !held.contains(&None) {
            wrong.push(format!("its ranges leave out {} {}, which carries it", one.package, one.version));
        } else if !one.carries && is_held {
            wrong.push(format!("its ranges hold {} {}, which does not carry it", one.package, one.version));
        }
    }
    wrong
}

/// Whether a stated range holds a version; `None` where it is written in a way of its own.
fn holds(stated: &RepositoryVulnerability, version: &Version) -> Option<bool> {
    let range = VersionRange::read(stated.vulnerable_version_range.as_deref()?, version.scheme())?;
    Some(range.contains(version))
}

/// The lines of a repository that carry the vulnerability and get no fix, each with where to go: `1.0.x: no fix; move to
/// 1.2.4`. Those of a package that is told apart begin with its name.
pub(in crate::steps) fn lines_without_fix(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
    repo: &RepoName,
) -> Vec<String> {
    let of = |series: VersionSeries<'_>| {
        let lines = without_fix(plan, facts, advisory, series).into_iter();
        let name = series.package.map(|package| format!("{package} ")).unwrap_or_default();
        lines.map(|line| format!("{name}{line}")).collect::<Vec<_>>()
    };
    series_of(plan, advisory, repo).into_iter().flat_map(of).collect()
}

/// How many lines in a row are told one by one.
const LINES: usize = 3;

/// A line that gets no fix.
struct ToldLine {
    line: String,
    advice: String,
    /// Whether a line that is not told stands between it and the one before.
    is_apart: bool,
}

/// A sentence for each line, or one for all where they are many: `0.5.x to 2.1.x: no fix; move to 2.2.5`.
fn lines_of_one_advice(told: &[ToldLine]) -> Vec<String> {
    match told {
        [first, .., last] if told.len() > LINES => {
            vec![format!("{} to {}: {}", first.line, last.line, first.advice)]
        }
        few => few.iter().map(|one| format!("{}: {}", one.line, one.advice)).collect(),
    }
}

fn without_fix(plan: &Plan, facts: &Facts, advisory: &Advisory, series: VersionSeries<'_>) -> Vec<String> {
    let rows = rows(plan, facts, advisory, series);
    let patched = |branch: &BranchName| {
        let target = plan.target(series.repo, branch);
        target.is_some_and(|target| gets_the_fix(plan, facts, advisory, target))
    };
    let way_out = |branch: &BranchName| first_with_the_fix(&rows, branch).filter(|_| patched(branch));
    let ranges = stated_ranges(&rows, old_versions(plan, series.repo), |branch| way_out(branch).cloned());
    let has_a_fix = |row: &VersionRow| {
        ranges.iter().any(|stated| stated.patched.is_some() && stated.range.contains(&row.version))
    };
    let is_way_out = |row: &VersionRow| row.origin.branch().and_then(way_out) == Some(&row.version);
    let line_of = plan.lines_of(series.repo);
    let mut told: Vec<ToldLine> = Vec::new();
    // The lines since the last one that is told.
    let mut others: Vec<String> = Vec::new();
    for row in &rows {
        let line = line_of(&row.version);
        if !row.finding.carries() || has_a_fix(row) {
            others.push(line);
            continue;
        }
        let next = rows.iter().find(|other| other.version > row.version && is_way_out(other));
        let on_its_branch = row.origin.branch().filter(|branch| patched(branch));
        let later = row.origin.branch().and_then(|branch| plan.inputs.release.later(series.repo, branch));
        let advice = match (next, on_its_branch) {
            _ if later.is_some() => format!("the fix follows: {}", later.unwrap_or_default()),
            (Some(next), _) => format!("no fix; move to {}", next.version),
            (None, Some(branch)) => match released_elsewhere(plan, series.repo, branch) {
                Some(version) => format!("fixed in {version}"),
                None => format!("fixed on `{branch}`, not released yet"),
            },
            (None, None) => "no fix".to_owned(),
        };
        let last = told.last();
        let is_apart =
            others.drain(..).any(|other| other != line && last.is_none_or(|last| last.line != other));
        if last.is_none_or(|last| (&last.line, &last.advice) != (&line, &advice)) {
            told.push(ToldLine { line, advice, is_apart });
        }
    }
    sentences(&told)
}

/// What is told of lines, in their order. A supported line that is not affected never stands within `1.0.x to 7.0.x`.
fn sentences(told: &[ToldLine]) -> Vec<String> {
    let together = told.chunk_by(|one, next| one.advice == next.advice && !next.is_apart);
    together.flat_map(lines_of_one_advice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn versions_that_the_ranges_leave_out_or_hold_without_reason_are_told() {
        let stated = |range: &str| RepositoryVulnerability {
            ecosystem: "other".into(),
            package: Some("sluice".into()),
            vulnerable_version_range: Some(range.into()),
            patched_versions: Some("2.4.5".into()),
        };
        let known = |patch: u64, carries| KnownVersion {
            ecosystem: Ecosystem::Other,
            package: "sluice".into(),
            version: semver(&format!("2.4.{patch}")),
            carries,
        };
        let known = [known(1, false), known(2, true), known(4, true), known(5, false)];
        assert!(wrongly_covered(&[stated(">= 2.4.2, < 2.4.5")], &known).is_empty());
        assert_eq!(
            wrongly_covered(&[stated(">= 2.4.0, < 2.4.4")], &known),
            [
                "its ranges hold sluice 2.4.1, which does not carry it",
                "its ranges leave out sluice 2.4.4, which carries it"
            ]
        );
        assert_eq!(wrongly_covered(&[stated("all of 2.4")], &known), Vec::<String>::new());
    }

    #[test]
    fn many_lines_with_one_advice_are_one_sentence() {
        let told = |lines: &[&str]| -> Vec<String> {
            let told = |line: &&str| ToldLine {
                line: line.trim_start_matches('|').to_owned(),
                advice: "no fix".to_owned(),
                is_apart: line.starts_with('|'),
            };
            sentences(&lines.iter().map(told).collect::<Vec<_>>())
        };
        assert_eq!(told(&["0.1.x", "0.2.x", "0.3.x"]), ["0.1.x: no fix", "0.2.x: no fix", "0.3.x: no fix"]);
        assert_eq!(told(&["0.1.x", "0.2.x", "0.3.x", "1.0.x"]), ["0.1.x to 1.0.x: no fix"]);
        let apart = ["0.1.x", "0.2.x", "0.3.x", "1.0.x", "|7.0.x"];
        assert_eq!(told(&apart), ["0.1.x to 1.0.x: no fix", "7.0.x: no fix"]);
    }
}
