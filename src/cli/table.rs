//! Rows and phases as a table that fits 80 columns.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;

use crate::kinds::Phase;
use crate::report::{Progress, StatusCell, StatusRow};

/// How wide the column of the rows' names may be.
const SUBJECT: usize = 19;
/// From so many rows on, those come first that need somebody.
const MANY: usize = 20;

/// The whole table, without colours.
pub(super) fn table(rows: &[StatusRow]) -> String {
    let mut ordered: Vec<&StatusRow> = rows.iter().collect();
    if rows.len() > MANY {
        ordered.sort_by_key(|row| std::cmp::Reverse(row.gravest()));
    }
    let table = Table::of(rows, 0);
    let lines = ordered.into_iter().map(|row| table.row(row, |_, text| text.to_owned()));
    let lines: Vec<String> =
        [table.heading()].into_iter().chain(lines).map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// A row in a word, for where its phases have no room.
pub(super) fn in_a_word(row: &StatusRow) -> String {
    let (done, steps) =
        row.phases.iter().fold((0, 0), |(done, steps), cell| (done + cell.done, steps + cell.steps));
    match row.gravest() {
        None => word(Progress::Open, done, steps),
        Some(Progress::Done | Progress::None)
            if row.phases.iter().any(|cell| cell.state == Progress::Open) =>
        {
            word(Progress::Begun, done, steps)
        }
        Some(state) => word(state, done, steps),
    }
}

/// The form of a table of these rows, or of some of them.
pub(super) struct Table {
    /// The owner is left out where all have the same.
    one_owner: bool,
    /// How wide the column of the names is, and how wide it may be.
    subject: usize,
    most: usize,
}

impl Table {
    /// In so many columns; fewer than it takes are taken for as many.
    pub(super) fn of(rows: &[StatusRow], columns: usize) -> Table {
        let one_owner = owners(rows).len() < 2;
        // Half of what is left is for the names, the other half for what they do.
        let most = SUBJECT + columns.saturating_sub(SUBJECT + phases_width()) / 2;
        let names = rows.iter().map(|row| shortened(&row.subject, one_owner, most).width());
        Table { one_owner, subject: names.max().unwrap_or_default(), most }
    }

    /// The phases, each over its column.
    pub(super) fn heading(&self) -> String {
        let phases = Phase::ALL.iter().map(|phase| format!(" {:<1$}", heading(*phase), width(*phase)));
        format!("{:1$}{2}", "", self.subject, phases.collect::<String>())
    }

    /// One row, with each cell painted as what it says.
    pub(super) fn row(&self, row: &StatusRow, paint: impl Fn(Progress, &str) -> String) -> String {
        let name = shortened(&row.subject, self.one_owner, self.most);
        let gap = self.subject.saturating_sub(name.width());
        let cells = row.phases.iter().map(|one| {
            let text = cell(one);
            let gap = width(one.phase).saturating_sub(text.width());
            format!(" {}{:gap$}", paint(one.state, &text), "")
        });
        format!("{name}{:gap$}{}", "", cells.collect::<String>())
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.subject + phases_width()
    }
}

/// The phase over its column.
fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::Finalise => "final",
        _ => phase.as_str(),
    }
}

fn phases_width() -> usize {
    Phase::ALL.iter().map(|phase| 1 + width(*phase)).sum()
}

fn width(phase: Phase) -> usize {
    heading(phase).len().max("FAILED".len())
}

/// The owners of the repositories that rows are about.
fn owners(rows: &[StatusRow]) -> BTreeSet<&str> {
    rows.iter()
        .filter_map(|row| row.subject.split(' ').next()?.split_once('/'))
        .map(|(owner, _)| owner)
        .collect()
}

/// A row's name, without the owner where all have the same, and with its middle left out where it is long.
fn shortened(subject: &str, one_owner: bool, most: usize) -> String {
    let (repo, rest) = subject.split_once(' ').map_or((subject, ""), |(repo, rest)| (repo, rest));
    let repo = repo.split_once('/').filter(|_| one_owner).map_or(repo, |(_, name)| name);
    let name = format!("{repo} {rest}").trim_end().to_owned();
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= most {
        return name;
    }
    // The end tells the branch.
    let (begin, end) = (most / 2 - 1, most - most / 2);
    let (first, last) = (&letters[..begin], &letters[letters.len() - end..]);
    format!("{}…{}", first.iter().collect::<String>(), last.iter().collect::<String>())
}

fn cell(cell: &StatusCell) -> String {
    word(cell.state, cell.done, cell.steps)
}

/// A state in a word, or how many of its steps are done.
fn word(state: Progress, done: usize, steps: usize) -> String {
    match state {
        Progress::None => String::new(),
        Progress::Done => "done".to_owned(),
        Progress::Open => "-".to_owned(),
        Progress::Begun => format!("{done}/{steps}"),
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
        let phases = Phase::ALL.iter().map(cell).collect();
        StatusRow { subject: subject.to_owned(), note: None, phases }
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
