//! The ranges that follow from a table of versions: without a gap in what they hold, and without a version that does not
//! carry the vulnerability.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::version_table::{DecidedBy, Finding, VersionRow};
use crate::catalog::OldVersions;
use crate::ids::BranchName;
use crate::numbering::{Version, VersionRange};
use crate::records::AffectedRange;

/// The ranges of these versions, which come oldest first. `supported` gives the version that is released from a branch
/// with the fix; a branch without one is not supported, and its ranges end with the last version, without a patched one, unless
/// old versions are to move up.
pub(in crate::steps) fn stated_ranges(
    rows: &[VersionRow],
    old: OldVersions,
    supported: impl Fn(&BranchName) -> Option<Version>,
) -> Vec<AffectedRange> {
    let of_line = |row: &VersionRow| row.origin.branch().and_then(&supported);
    let way_out: BTreeSet<Version> = rows.iter().filter_map(of_line).collect();
    let above = |row: &VersionRow| {
        let moves = old == OldVersions::MoveUp && row.origin.branch().is_none();
        let higher = rows.iter().filter(|other| moves && other.version > row.version);
        higher.map(|other| &other.version).find(|version| way_out.contains(version)).cloned()
    };
    let mut ranges = Vec::new();
    let mut open: Option<OpenRange<'_>> = None;
    for (at, row) in rows.iter().enumerate() {
        let patched = of_line(row).or_else(|| above(row));
        open = match (open.take(), row.finding.carries()) {
            (Some(range), true)
                if range.patched == patched
                    && (patched.is_some() || !leaves_a_fixed_line(rows, range.last, row)) =>
            {
                Some(OpenRange { last: row, ..range })
            }
            (range, true) => {
                ranges.extend(range.map(|range| range.closed(None)));
                Some(OpenRange { first: beginning(&rows[..at], row), last: row, patched })
            }
            (range, false) => {
                ranges.extend(range.map(|range| range.closed(Some(row))));
                None
            }
        };
    }
    ranges.extend(open.map(|range| range.closed(None)));
    joined(ranges, rows)
}

/// Whether the first of two versions that have no way out is of a line that has a version with the fix, and the second is not: a range
/// over both would cover what is to come on that line. Electron has nightlies of its default branch under the number that becomes a
/// line's.
fn leaves_a_fixed_line(rows: &[VersionRow], before: &VersionRow, after: &VersionRow) -> bool {
    let mut fixed = rows.iter().filter(|row| row.finding == Finding::Fixed).map(|row| &row.version);
    fixed.any(|fixed| fixed.is_of_the_line_of(&before.version) && !fixed.is_of_the_line_of(&after.version))
}

/// Whether nothing was released before: no tag names a version.
pub(in crate::steps) fn no_release_is_known(rows: &[VersionRow]) -> bool {
    rows.iter().all(|row| row.decided == DecidedBy::Release)
}

/// The ranges that end before these fixed versions, where nobody knows what was released before them: the first is open at its
/// beginning, the others begin with their lines.
pub(in crate::steps) fn ranges_before(mut fixed: Vec<&Version>) -> Vec<AffectedRange> {
    fixed.sort();
    let below = std::iter::once(None).chain(fixed.iter().copied().map(Some));
    let range = |(to, below): (&&Version, Option<&Version>)| {
        let lower = match below.map(|below| (to.beginning_of_line().filter(|first| first > below), below)) {
            None => Bound::Unbounded,
            Some((Some(first), _)) => Bound::Included(first),
            Some((None, below)) => Bound::Excluded(below.clone()),
        };
        let range = VersionRange { lower, upper: Bound::Excluded((*to).clone()) };
        AffectedRange { range, patched: Some((*to).clone()) }
    };
    fixed.iter().zip(below).map(range).collect()
}

/// Where a range begins of which this is the first version with a tag. Where a line's first releases have none, and the line below
/// is affected to its end, those have no way out either: `1.19.0` was released before `1.19.1` and came after `1.18.1`.
fn beginning(before: &[VersionRow], first: &VersionRow) -> Version {
    let is_of_the_line = |row: &VersionRow| row.version.is_of_the_line_of(&first.version);
    let below = before.iter().rev().find(|row| row.finding != Finding::Fixed);
    let goes_on = below.is_some_and(|row| row.finding.carries()) && !before.iter().any(is_of_the_line);
    let line = first.version.beginning_of_line().filter(|_| goes_on);
    line.unwrap_or_else(|| first.version.clone())
}

/// What lies between two ranges with the same fix, all of it affected, is one range with them: whoever is there goes where
/// those before and behind it go, whatever line its tag happens to be on.
fn joined(ranges: Vec<AffectedRange>, rows: &[VersionRow]) -> Vec<AffectedRange> {
    let mut joined: Vec<AffectedRange> = Vec::new();
    for range in ranges {
        let same = |other: &AffectedRange| range.patched.is_some() && other.patched == range.patched;
        let before = joined.iter().rposition(same).filter(|at| {
            let between = joined[*at + 1..].iter().all(|other| other.patched.is_none());
            between && is_without_a_gap(rows, &joined[*at], &range)
        });
        match before {
            Some(at) => {
                joined.truncate(at + 1);
                joined[at].range.upper = range.range.upper;
            }
            None => joined.push(range),
        }
    }
    joined
}

/// Whether every version from the beginning of one range to that of another carries the vulnerability.
fn is_without_a_gap(rows: &[VersionRow], from: &AffectedRange, to: &AffectedRange) -> bool {
    let whole = VersionRange { lower: from.range.lower.clone(), upper: to.range.upper.clone() };
    rows.iter().filter(|row| whole.contains(&row.version)).all(|row| row.finding.carries())
}

/// Versions one after another that carry the vulnerability and have the same way out.
struct OpenRange<'a> {
    first: Version,
    last: &'a VersionRow,
    /// What is released with the fix for them.
    patched: Option<Version>,
}

impl OpenRange<'_> {
    /// Ends before the next version, which does not carry it; without one, with the last version that does.
    fn closed(self, next: Option<&VersionRow>) -> AffectedRange {
        // A version that never had the fault is no fix for those before it, and one of another line none for a line that has
        // no fix.
        let ends = |next: &&VersionRow| {
            let same_line = next.version.is_of_the_line_of(&self.last.version);
            next.finding == Finding::Fixed && (same_line || self.patched.is_some())
        };
        let first = self.first;
        match next.filter(ends) {
            Some(next) => AffectedRange::until(first, next.version.clone()),
            None => AffectedRange {
                range: VersionRange {
                    lower: Bound::Included(first),
                    upper: Bound::Included(self.last.version.clone()),
                },
                patched: self.patched,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;
    use crate::snapshot::Origin;

    /// A version as `1.2.3 line A`: where it is from, and `A`ffected, `F`ixed or `N`ot affected.
    fn rows(table: &[(&str, &str, char)]) -> Vec<VersionRow> {
        let row = |(version, from, finding): &(&str, &str, char)| VersionRow {
            version: semver(version),
            tag: format!("v{version}"),
            origin: match from.strip_prefix("old ") {
                Some(line) => Origin::OldLine(line.to_owned()),
                None => Origin::Branch(from.parse().unwrap()),
            },
            finding: match finding {
                'A' => Finding::Affected,
                'F' => Finding::Fixed,
                _ => Finding::NotAffected,
            },
            decided: DecidedBy::Content(String::new()),
        };
        table.iter().map(row).collect()
    }

    fn ranges(table: &[(&str, &str, char)]) -> Vec<String> {
        ranges_where(OldVersions::NoFix, table)
    }

    fn ranges_where(old: OldVersions, table: &[(&str, &str, char)]) -> Vec<String> {
        let supported = |branch: &BranchName| match branch.as_str() {
            "1.2" => Some(semver("1.2.4")),
            "2.4" => Some(semver("2.4.5")),
            _ => None,
        };
        let told = |range: &AffectedRange| {
            let patched = range.patched.as_ref().map_or("no fix".to_owned(), ToString::to_string);
            format!("{} -> {patched}", range.range)
        };
        stated_ranges(&rows(table), old, supported).iter().map(told).collect()
    }

    #[test]
    fn each_line_has_its_range_and_what_is_not_supported_has_no_fix() {
        let table = [
            ("1.0.0", "old 1.0", 'A'),
            ("1.0.1", "old 1.0", 'A'),
            ("1.1.0", "1.2", 'A'),
            ("1.2.3", "1.2", 'A'),
            ("1.2.4", "1.2", 'F'),
            ("1.9.0", "main", 'A'),
            ("2.4.0", "2.4", 'A'),
            ("2.4.5", "2.4", 'F'),
            ("3.0.0", "main", 'N'),
        ];
        assert_eq!(
            ranges(&table),
            [
                ">= 1.0.0, <= 1.0.1 -> no fix",
                ">= 1.1.0, < 1.2.4 -> 1.2.4",
                ">= 1.9.0, <= 1.9.0 -> no fix",
                ">= 2.4.0, < 2.4.5 -> 2.4.5"
            ]
        );
    }

    #[test]
    fn old_versions_move_up_to_the_next_fix_where_the_catalog_says_so() {
        let table = [
            ("1.0.0", "old 1.0", 'A'),
            ("1.0.1", "old 1.0", 'N'),
            ("1.1.0", "old 1.1", 'A'),
            ("1.2.3", "1.2", 'A'),
            ("1.2.4", "1.2", 'F'),
            ("1.3.0", "old 1.3", 'A'),
            ("1.9.0", "main", 'A'),
            ("2.4.0", "2.4", 'A'),
            ("2.4.5", "2.4", 'F'),
            ("3.0.0", "old 3.0", 'A'),
        ];
        assert_eq!(
            ranges_where(OldVersions::MoveUp, &table),
            [
                ">= 1.0.0, <= 1.0.0 -> 1.2.4",
                ">= 1.1.0, < 1.2.4 -> 1.2.4",
                ">= 1.3.0, < 2.4.5 -> 2.4.5",
                ">= 3.0.0, <= 3.0.0 -> no fix"
            ]
        );
    }

    #[test]
    fn range_begins_with_the_version_that_brought_it_and_ends_before_one_that_has_the_fix() {
        let line = |findings: &str| {
            let numbers = ["2.4.0", "2.4.1", "2.4.2", "2.4.3", "2.4.4", "2.4.5"];
            let table: Vec<_> = numbers
                .iter()
                .zip(findings.chars())
                .map(|(version, finding)| (*version, "2.4", finding))
                .collect();
            ranges(&table)
        };
        assert_eq!(line("NNAAAF"), [">= 2.4.2, < 2.4.5 -> 2.4.5"]);
        assert_eq!(line("AFAAAF"), [">= 2.4.0, < 2.4.1 -> 2.4.1", ">= 2.4.2, < 2.4.5 -> 2.4.5"]);
        assert!(line("NNNNNF").is_empty(), "nothing that was released carries it");
    }

    #[test]
    fn line_whose_first_release_has_no_tag_is_affected_from_its_beginning_where_the_one_below_is() {
        let below = ("1.2.3", "1.2", 'A');
        let (fixed, own, last) = (("1.2.4", "1.2", 'F'), ("2.4.1", "2.4", 'A'), ("2.4.5", "2.4", 'F'));
        assert_eq!(ranges(&[below, fixed, own, last])[1], ">= 2.4.0, < 2.4.5 -> 2.4.5");
        // Something of the line is known before it, or nothing tells that the fault is older than the line.
        let beta = ("2.4.0-beta.1", "2.4", 'N');
        assert_eq!(ranges(&[below, fixed, beta, own, last])[1], ">= 2.4.1, < 2.4.5 -> 2.4.5");
        assert_eq!(ranges(&[("1.2.3", "1.2", 'N'), own, last]), [">= 2.4.1, < 2.4.5 -> 2.4.5"]);
        assert_eq!(ranges(&[own, last]), [">= 2.4.1, < 2.4.5 -> 2.4.5"]);
    }

    #[test]
    fn version_that_never_had_it_fixes_nothing() {
        let table = [
            ("0.1.0", "old 0.1", 'A'),
            ("0.2.0", "old 0.2", 'N'),
            ("1.2.3", "1.2", 'A'),
            ("1.2.4", "1.2", 'F'),
        ];
        assert_eq!(ranges(&table), [">= 0.1.0, <= 0.1.0 -> no fix", ">= 1.2.3, < 1.2.4 -> 1.2.4"]);
        let table =
            [("1.2.0", "1.2", 'A'), ("1.2.1", "1.2", 'N'), ("1.2.3", "1.2", 'A'), ("1.2.4", "1.2", 'F')];
        assert_eq!(ranges(&table), [">= 1.2.0, <= 1.2.0 -> 1.2.4", ">= 1.2.3, < 1.2.4 -> 1.2.4"]);
    }

    #[test]
    fn affected_versions_without_a_gap_and_with_one_way_out_are_one_range() {
        // Tags on the line's history, and those of lines that are gone, one after another.
        let table = [
            ("1.0.0", "old 1.0", 'A'),
            ("1.1.0", "1.2", 'A'),
            ("1.1.1", "old 1.1", 'A'),
            ("1.2.0", "1.2", 'A'),
            ("1.2.1", "old 1.2", 'A'),
            ("1.2.3", "1.2", 'A'),
            ("1.2.4", "1.2", 'F'),
            ("1.3.0", "old 1.3", 'A'),
            ("2.4.0", "2.4", 'A'),
            ("2.4.5", "2.4", 'F'),
        ];
        assert_eq!(
            ranges(&table),
            [
                ">= 1.0.0, <= 1.0.0 -> no fix",
                ">= 1.1.0, < 1.2.4 -> 1.2.4",
                ">= 1.3.0, <= 1.3.0 -> no fix",
                ">= 2.4.0, < 2.4.5 -> 2.4.5"
            ]
        );
        let gap =
            [("1.1.0", "1.2", 'A'), ("1.1.1", "old 1.1", 'N'), ("1.2.3", "1.2", 'A'), ("1.2.4", "1.2", 'F')];
        assert_eq!(ranges(&gap), [">= 1.1.0, <= 1.1.0 -> 1.2.4", ">= 1.2.3, < 1.2.4 -> 1.2.4"]);
    }

    #[test]
    fn what_has_no_fix_covers_nothing_of_a_line_that_has_one() {
        let table = [
            ("2.4.0", "2.4", 'A'),
            ("2.4.5", "2.4", 'F'),
            ("2.4.6-nightly.1", "main", 'A'),
            ("2.4.6-nightly.2", "main", 'A'),
            ("2.5.0-nightly.3", "main", 'A'),
            ("2.6.0-nightly.4", "main", 'A'),
        ];
        assert_eq!(
            ranges(&table),
            [
                ">= 2.4.0, < 2.4.5 -> 2.4.5",
                ">= 2.4.6-nightly.1, <= 2.4.6-nightly.2 -> no fix",
                ">= 2.5.0-nightly.3, <= 2.6.0-nightly.4 -> no fix"
            ]
        );
    }

    #[test]
    fn where_no_release_is_known_ranges_do_not_begin_with_what_a_file_happens_to_state() {
        let fixed = ["2.4.5", "1.2.4", "2.4.0"].map(semver);
        let told: Vec<String> =
            ranges_before(fixed.iter().collect()).iter().map(|stated| stated.range.to_string()).collect();
        assert_eq!(told, ["< 1.2.4", "> 1.2.4, < 2.4.0", "> 2.4.0, < 2.4.5"]);
        let fixed = ["2.4.5", "1.2.4"].map(semver);
        assert_eq!(ranges_before(fixed.iter().collect())[1].range.to_string(), ">= 2.4.0, < 2.4.5");
    }

    #[test]
    fn fixed_version_of_another_line_is_in_no_range() {
        // 2.4.1 was made on the default branch with the fix, and its line went on without it.
        let table =
            [("2.4.0", "2.4", 'A'), ("2.4.1", "main", 'F'), ("2.4.2", "2.4", 'A'), ("2.4.5", "2.4", 'F')];
        assert_eq!(ranges(&table), [">= 2.4.0, < 2.4.1 -> 2.4.1", ">= 2.4.2, < 2.4.5 -> 2.4.5"]);
        // An old line that somebody fixed.
        let table = [
            ("1.0.0", "old 1.0", 'A'),
            ("1.0.1", "old 1.0", 'F'),
            ("1.0.2", "old 1.0", 'A'),
            ("1.2.4", "1.2", 'F'),
        ];
        assert_eq!(ranges(&table), [">= 1.0.0, < 1.0.1 -> 1.0.1", ">= 1.0.2, <= 1.0.2 -> no fix"]);
    }
}
