//! What was measured, beside what was aimed at.

use std::fmt;
use std::time::Duration;

/// Why something could not be measured.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Rows, and notes below them.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

struct Row {
    what: String,
    found: String,
    aim: String,
    reached: &'static str,
}

impl Table {
    /// A measure that should be at most `aim`.
    pub(crate) fn at_most(&mut self, what: impl Into<String>, found: f64, aim: f64, unit: &str) {
        let reached = if found <= aim { "yes" } else { "NO" };
        let (what, found, aim) = (what.into(), format!("{found:.3} {unit}"), format!("<= {aim} {unit}"));
        self.rows.push(Row { what, found, aim, reached });
    }

    /// A share that should be at least `aim`.
    pub(crate) fn at_least(&mut self, what: impl Into<String>, found: f64, aim: f64) {
        let reached = if found >= aim { "yes" } else { "NO" };
        self.rows.push(Row {
            what: what.into(),
            found: format!("{found:.3}"),
            aim: format!(">= {aim}"),
            reached,
        });
    }

    /// A measure without an aim.
    pub(crate) fn measure(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.rows.push(Row { what: what.into(), found: found.into(), aim: String::new(), reached: "" });
    }

    /// A remark.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
        writeln!(f, "\n{:width$}  {:>18}  {:>18}  reached", "measure", "found", "aim")?;
        for row in &self.rows {
            writeln!(f, "{:width$}  {:>18}  {:>18}  {}", row.what, row.found, row.aim, row.reached)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "- {note}"))
    }
}

/// The middle one; zero of none.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// How many times shorter the first is, as a fraction of the second.
pub(crate) fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A time in milliseconds.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// Cores and load: a busy machine slows whatever starts processes more than what does not.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!("{cores} core(s), load {}", if load.is_empty() { "unknown".to_owned() } else { load.join(" ") })
}
