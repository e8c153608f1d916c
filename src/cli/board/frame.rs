//! One picture of the board. PURE: what is seen, how large the terminal is, and what time it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::paint::Paint;
use crate::cli::table::{Table, in_a_word};
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::report::{Progress, RunState, Status, StatusRow};
use crate::wording::{counted, span};

/// How large a terminal is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) lines: usize,
}

/// What is seen.
pub(super) struct View<'a> {
    pub(super) status: &'a Status,
    /// Steps that act now.
    pub(super) acting: &'a BTreeSet<StepName>,
    /// How far those have come that tell.
    pub(super) told: &'a BTreeMap<StepName, String>,
    /// Until when nothing moves.
    pub(super) sleeping: Option<Timestamp>,
    pub(super) now: Timestamp,
    /// Seconds that it takes at least, as far as is known.
    pub(super) least_left: u64,
}

/// Lines above the rows: two for the whole, one for the phases.
const HEAD: usize = 3;

/// The picture; no line is wider and there are fewer lines than the terminal has.
pub(super) fn frame(view: &View<'_>, size: Size, paint: Paint) -> Vec<String> {
    // The cursor stands in the last line.
    let room = size.lines.saturating_sub(HEAD + 1).max(1);
    let said = said(view, room / 3);
    let rows = rows(view, room - said.len(), size.columns, paint);
    let mut lines = vec![title(view, size.columns, paint), fitted(&totals(view), size.columns)];
    lines.extend(rows);
    lines.extend(said.into_iter().map(|(progress, text)| paint.of(progress, &fitted(&text, size.columns))));
    lines
}

/// What it is, and how long it is until everybody sees it.
fn title(view: &View<'_>, columns: usize, paint: Paint) -> String {
    let Status { title, disclosure, .. } = view.status;
    let seconds = disclosure.duration_since(view.now).as_secs();
    let hour = disclosure.strftime("%H:%M UTC");
    let countdown = match u64::try_from(seconds) {
        _ if view.status.state == RunState::Aborted => format!("called off (its hour: {hour})"),
        Ok(left @ 1..) => format!("public in {} ({hour})", countdown(left)),
        _ => format!("its hour was {hour}"),
    };
    let countdown = fitted(&countdown, columns);
    let title = fitted(title, columns.saturating_sub(countdown.width() + 2));
    let gap = columns.saturating_sub(title.width() + countdown.width());
    format!("{}{:gap$}{}", paint.heading(&title), "", paint.heading(&countdown))
}

/// The last hour is counted by the second.
fn countdown(seconds: u64) -> String {
    match seconds {
        0..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => span(seconds),
    }
}

/// How far the whole is, and how long the rest takes at least by what the same took so far.
fn totals(view: &View<'_>) -> String {
    let Status { done, steps, asked, waiting, failed, retrying, .. } = view.status;
    let mut parts = vec![format!("{done} of {} done", counted(*steps, "step"))];
    for (count, what) in [
        (failed.len(), "failed"),
        (asked.len(), "asked"),
        (view.acting.len(), "running"),
        (waiting.len() + retrying.len(), "waiting"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if view.least_left > 0 {
        parts.push(format!("at least {} left", span(view.least_left)));
    }
    parts.join(", ")
}

/// The heading of the phases and the rows; where there are more than fit, those come first that need somebody, then what
/// runs, then what comes next.
fn rows(view: &View<'_>, room: usize, columns: usize, paint: Paint) -> Vec<String> {
    let all = &view.status.rows;
    let mut ordered: Vec<&StatusRow> = all.iter().collect();
    let mut more = None;
    if all.len() > room {
        ordered.sort_by_key(|row| urgency(row, view.acting));
        let left = ordered.split_off(room.saturating_sub(1));
        more = Some(fitted(&told_of_more(&left), columns));
    }
    let table = Table::of(all, columns);
    if columns < table.width() {
        return ordered.into_iter().map(|row| narrow(row, columns, paint)).chain(more).collect();
    }
    let now_column = columns.saturating_sub(table.width() + 2);
    let mut lines = vec![paint.heading(&fitted(&table.heading(), columns))];
    for row in ordered {
        let cells = table.row(row, |progress, text| paint.of(progress, text));
        let now = if now_column < NARROWEST { String::new() } else { doing(row, view) };
        let note = row.note.as_ref().filter(|_| now.is_empty() && now_column >= NARROWEST);
        lines.push(match note {
            Some(note) => format!("{cells}  {}", fitted(note, now_column)),
            None if now.is_empty() => cells,
            None => format!("{cells}  {}", paint.of(Progress::Begun, &fitted(&now, now_column))),
        });
    }
    lines.extend(more);
    lines
}

/// A row where the phases have no room: where it is, and its name.
fn narrow(row: &StatusRow, columns: usize, paint: Paint) -> String {
    let text = format!("{:<6} {}", in_a_word(row), row.subject);
    paint.of(row.gravest().unwrap_or(Progress::Open), &fitted(&text, columns))
}

/// A narrower column would show nothing that can be read.
const NARROWEST: usize = 16;

/// The step of a row that acts now.
fn acts<'a>(row: &StatusRow, acting: &'a BTreeSet<StepName>) -> Option<&'a StepName> {
    let about = row.subject.replace(' ', "/");
    acting.iter().find(|step| step.as_str().contains(&about))
}

/// What it does, and how far it has come.
fn doing(row: &StatusRow, view: &View<'_>) -> String {
    let Some(step) = acts(row, view.acting) else { return String::new() };
    let kind = StepKind::of_step(step.as_str()).map_or_else(String::new, |kind| kind.to_string());
    match view.told.get(step) {
        Some(text) => format!("{kind}: {text}"),
        None => kind,
    }
}

/// What the eye should fall on first: failed, asked, running, waiting, begun, not begun, done.
fn urgency(row: &StatusRow, acting: &BTreeSet<StepName>) -> u8 {
    let has = |state: Progress| row.phases.iter().any(|cell| cell.state == state);
    if has(Progress::Failed) {
        0
    } else if has(Progress::Asks) {
        1
    } else if acts(row, acting).is_some() {
        2
    } else if has(Progress::Waiting) {
        3
    } else if has(Progress::Begun) {
        4
    } else if has(Progress::Open) {
        5
    } else {
        6
    }
}

fn told_of_more(left: &[&StatusRow]) -> String {
    let is_done = |row: &&&StatusRow| {
        row.phases.iter().all(|cell| matches!(cell.state, Progress::Done | Progress::None))
    };
    let done = left.iter().filter(is_done).count();
    match left.len() - done {
        0 => format!("… and {done} more done"),
        open if done == 0 => format!("… and {open} more"),
        open => format!("… and {open} more, and {done} done"),
    }
}

/// The lines below: what failed, what is asked, what waits, what runs, and until when nothing moves.
fn said(view: &View<'_>, room: usize) -> Vec<(Progress, String)> {
    let status = view.status;
    let failed = status.failed.iter().map(|one| {
        (Progress::Failed, format!("FAILED {}: {}", one.step, one.message.lines().next().unwrap_or_default()))
    });
    let asked = status.asked.iter().map(|one| (Progress::Asks, format!("asks   {}", one.step)));
    let retried = status.retrying.iter().map(|one| {
        (Progress::Waiting, format!("waits  {}{}: {}", one.step, ahead(one.retry.at, view.now), one.message))
    });
    let waits = status.waiting.iter().map(|one| {
        (Progress::Waiting, format!("waits  {} for {}{}", one.step, one.what, ahead(one.until, view.now)))
    });
    let runs = view.acting.iter().map(|step| (Progress::Begun, format!("runs   {step}")));
    let mut all: Vec<(Progress, String)> =
        failed.chain(asked).chain(runs).chain(retried).chain(waits).collect();
    let sleeps = view.sleeping.filter(|until| *until > view.now).map(|until| {
        let clock = until.strftime("%H:%M:%S UTC");
        (Progress::Waiting, format!("nothing moves until {clock}{}", ahead(until, view.now)))
    });
    let room = room.saturating_sub(usize::from(sleeps.is_some())).max(1);
    if all.len() > room {
        let more = all.split_off(room - 1).len();
        all.push((Progress::Open, format!("… and {more} more")));
    }
    all.extend(sleeps);
    all
}

/// How far ahead a look is; one that is due has no time that could be told.
fn ahead(time: Timestamp, now: Timestamp) -> String {
    match u64::try_from(time.duration_since(now).as_secs()) {
        Ok(seconds @ 1..) => format!(", in {}", countdown(seconds)),
        _ => String::new(),
    }
}

/// Text in so many columns, with a sign where something is cut off.
fn fitted(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|letter| {
        used += letter.width().unwrap_or_default();
        used <= columns
    });
    let kept: String = kept.collect();
    if columns == 0 { String::new() } else { kept + "…" }
}
