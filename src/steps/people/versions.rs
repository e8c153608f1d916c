//! The table of versions as a gate shows it, and how a screen tells of it: which versions are affected, and who says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::Plan;
use crate::release::{Advisory, Fix};
use crate::steps::facts::Facts;
use crate::steps::patch::lines::lines_without_fix;
use crate::steps::patch::series::series_of;
use crate::steps::patch::stated_ranges::no_release_is_known;
use crate::steps::patch::version_table::{
    DecidedBy, Finding, VersionRow, lines_later, lines_without_word, rows,
};

/// What is said of the versions of one repository in one advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    /// Of which: the advisory and the repository.
    pub of: String,
    /// A line for each version.
    pub text: String,
}

/// Every table, from which the advisories' ranges follow.
#[must_use]
pub fn version_tables(plan: &Plan, facts: &Facts) -> Vec<VersionTable> {
    fixes(plan)
        .map(|(advisory, fix)| VersionTable {
            of: format!("{} {}", advisory.id, fix.repo),
            text: table(plan, facts, advisory, fix),
        })
        .collect()
}

/// How many versions there are of each kind, and by whose word; `None` before they were assessed.
pub(super) fn counted_versions(plan: &Plan, facts: &Facts) -> Option<String> {
    let (mut found, mut decided) = (BTreeMap::new(), BTreeMap::new());
    for (advisory, fix) in fixes(plan) {
        let tables = series_of(plan, advisory, &fix.repo).into_iter();
        for row in tables.flat_map(|series| rows(plan, facts, advisory, series)) {
            *found.entry(place(row.finding)).or_insert(0) += 1;
            *decided.entry(by(&row.decided)).or_insert(0) += 1;
        }
    }
    let told = |(what, count): (String, usize)| format!("{count} {what}");
    let found: Vec<String> = found.into_iter().map(|((_, what), count)| format!("{count} {what}")).collect();
    let decided: Vec<String> = decided.into_iter().map(told).collect();
    (!found.is_empty()).then(|| format!("{}; {}", found.join(", "), decided.join(", ")))
}

fn fixes(plan: &Plan) -> impl Iterator<Item = (&Advisory, &Fix)> {
    let advisories = plan.inputs.release.advisories.iter();
    advisories.flat_map(|advisory| advisory.fixes.iter().map(move |fix| (advisory, fix)))
}

fn table(plan: &Plan, facts: &Facts, advisory: &Advisory, fix: &Fix) -> String {
    let mut text = String::new();
    for series in series_of(plan, advisory, &fix.repo) {
        let _ = writeln!(text, "\nversions of {series} in {}", advisory.id);
        let rows = rows(plan, facts, advisory, series);
        show_rows(&rows, &mut text);
        if no_release_is_known(&rows) {
            text.push_str(
                "  NEEDS REVIEW: no tag names a version that was released before; the ranges hold every version before \
                 the fix\n",
            );
        }
        for remark in lines_without_word(&rows) {
            let _ = writeln!(text, "  NEEDS REVIEW: {remark}");
        }
    }
    for remark in lines_later(plan, &fix.repo) {
        let _ = writeln!(text, "  NEEDS REVIEW: {remark}; until then the fix is public and it lacks it");
    }
    for line in lines_without_fix(plan, facts, advisory, &fix.repo) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

fn show_rows(rows: &[VersionRow], text: &mut String) {
    for row in rows {
        let from = if row.tag.is_empty() { String::new() } else { format!(" ({}, {})", row.tag, row.origin) };
        let _ = writeln!(text, "  {}{from}: {}, {}", row.version, row.finding, row.decided);
    }
}

/// A finding in the words of a count, with its place among the others.
fn place(finding: Finding) -> (u8, &'static str) {
    match finding {
        Finding::Affected => (0, "affected"),
        Finding::MayBeAffected => (1, "may be affected"),
        Finding::Fixed => (2, "fixed"),
        Finding::NotAffected => (3, "not affected"),
    }
}

fn by(decided: &DecidedBy) -> String {
    match decided {
        DecidedBy::Content(_) | DecidedBy::Unlisted(_) | DecidedBy::Later(..) => {
            "by their content".to_owned()
        }
        DecidedBy::Person(login) => format!("by {login}"),
        DecidedBy::Said(login, _) => format!("by {login} in release.toml"),
        DecidedBy::ReleaseFile => "by release.toml".to_owned(),
        DecidedBy::Release => "released now".to_owned(),
    }
}
