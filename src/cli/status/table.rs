//! Rows and phases as a table that fits 80 columns.

use std::collections::BTreeSet;

use crate::kinds::Phase;
use crate::report::{Progress, StatusCell, StatusRow};

/// How wide the column of the rows' names may be.
const SUBJECT: usize = 19;
/// From so many rows on, those come first that need somebody.
const MANY: usize = 20;

/// The table.
pub(super) fn table(rows: &[StatusRow]) -> String {
    let mut ordered: Vec<&StatusRow> = rows.iter().collect();
    if rows.len() > MANY {
        ordered.sort_by_key(|row| std::cmp::Reverse(gravest(row)));
    }
    let owners = owners(rows);
    let names: Vec<String> = ordered.iter().map(|row| shortened(&row.subject, owners.len() < 2)).collect();
    let subject = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let header = Phase::ALL.iter().map(|phase| format!(" {:<1$}", heading(*phase), width(*phase)));
    let header = format!("{:subject$}{}", "", header.collect::<String>());
    let lines = ordered.iter().zip(&names).map(|(row, name)| {
        let cells = row.phases.iter().map(|one| format!(" {:<1$}", cell(one), width(one.phase)));
        format!("{name:<subject$}{}", cells.collect::<String>())
    });
    let lines: Vec<String> =
        [header].into_iter().chain(lines).map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The phase over its column.
fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::Finalise => "final",
        _ => phase.as_str(),
    }
}

fn width(phase: Phase) -> usize {
    heading(phase).len().max("FAILED".len())
}

fn gravest(row: &StatusRow) -> Progress {
    let open = row.phases.iter().map(|cell| cell.state).filter(|state| *state != Progress::Open);
    open.max().unwrap_or(Progress::None)
}

/// The owners of the repositories that rows are about.
fn owners(rows: &[StatusRow]) -> BTreeSet<&str> {
    rows.iter()
        .filter_map(|row| row.subject.split(' ').next()?.split_once('/'))
        .map(|(owner, _)| owner)
        .collect()
}

/// A row's name, without the owner where all have the same, and with its middle left out where it is long.
fn shortened(subject: &str, one_owner: bool) -> String {
    let (repo, rest) = subject.split_once(' ').map_or((subject, ""), |(repo, rest)| (repo, rest));
    let repo = repo.split_once('/').filter(|_| one_owner).map_or(repo, |(_, name)| name);
    let name = format!("{repo} {rest}").trim_end().to_owned();
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= SUBJECT {
        return name;
    }
    // The end tells the branch.
    let (begin, end) = (SUBJECT / 2 - 1, SUBJECT - SUBJECT / 2);
    let (first, last) = (&letters[..begin], &letters[letters.len() - end..]);
    format!("{}…{}", first.iter().collect::<String>(), last.iter().collect::<String>())
}

fn cell(cell: &StatusCell) -> String {
    match cell.state {
        Progress::None => String::new(),
        Progress::Done => "done".to_owned(),
        Progress::Open => "-".to_owned(),
        Progress::Begun => format!("{}/{}", cell.done, cell.steps),
        Progress::Waiting => "waits".to_owned(),
        Progress::Asks => "ASKS".to_owned(),
        Progress::Failed => "FAILED".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str, state: Progress) -> StatusRow {
        let cell = |phase: &Phase| StatusCell { phase: *phase, state, done: 3, steps: 12 };
        StatusRow { subject: subject.to_owned(), phases: Phase::ALL.iter().map(cell).collect() }
    }

    #[test]
    fn table_fits_eighty_columns_whatever_is_in_it() {
        let states = [Progress::Failed, Progress::Asks, Progress::Waiting, Progress::Begun, Progress::Done];
        let long = "brightwater/a-repository-with-a-long-name release/2026.11.x";
        let mut rows: Vec<StatusRow> = states.iter().map(|state| row(long, *state)).collect();
        rows.push(row("GHSA-4wx7-c2fg-q8rm", Progress::Open));
        rows.push(row("other-owner/weir", Progress::Open));
        let table = table(&rows);
        for line in table.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(table.contains("2026.11.x"), "{table}");
    }

    #[test]
    fn where_rows_are_many_those_come_first_that_need_somebody() {
        let mut rows: Vec<StatusRow> = (0..30).map(|at| row(&format!("a/b {at}"), Progress::Done)).collect();
        rows.push(row("a/b late", Progress::Asks));
        let table = table(&rows);
        assert!(table.lines().nth(1).unwrap().starts_with("b late"), "{table}");
    }
}
