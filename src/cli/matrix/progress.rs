//! What is seen while entries run: a bar on a terminal, a line for each entry elsewhere.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::tame::tamed;
use crate::cli::terminal;
use crate::matrix::CiEntry;
use crate::runner::{EntryEvidence, EntryOutcome, EntryProgress, TimeLeft};

/// How often the time that has passed is drawn again.
const TICK: Duration = Duration::from_millis(250);

/// How far the entries are.
pub(super) struct RunBar {
    bar: ProgressBar,
    failed: Cell<usize>,
    left: Cell<TimeLeft>,
    under_way: RefCell<BTreeMap<String, (String, Instant)>>,
}

impl RunBar {
    pub(super) fn new() -> RunBar {
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len} entries, {elapsed}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let drawn = terminal::is_drawn() && !terminal::is_quiet();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
        if drawn {
            bar.enable_steady_tick(TICK);
        }
        RunBar { bar, failed: Cell::default(), left: Cell::default(), under_way: RefCell::default() }
    }

    fn draw(&self) {
        let failed = match self.failed.get() {
            0 => String::new(),
            failed => format!("{failed} not passed; "),
        };
        let left = match self.left.get().to_string() {
            left if left.is_empty() => left,
            left => format!("{left}; "),
        };
        let under_way = self.under_way.borrow();
        let names = under_way.iter().map(|(name, (what, _))| match what.as_str() {
            "" => name.clone(),
            what => format!("{name}: {what}"),
        });
        let under_way = format!("{failed}{left}{}", names.collect::<Vec<_>>().join(", "));
        self.bar.set_message(tamed(&under_way).into_owned());
    }

    pub(super) fn tell(&self, line: &str) {
        if self.bar.is_hidden() { terminal::note(line) } else { self.bar.println(tamed(line)) }
    }
}

impl EntryProgress for RunBar {
    fn expected(&self, total: usize) {
        self.bar.set_length(total as u64);
        self.draw();
    }

    fn doing(&self, entry: &CiEntry, what: &str) {
        let mut under_way = self.under_way.borrow_mut();
        let since = under_way.get(&entry.name).map_or_else(Instant::now, |(_, since)| *since);
        under_way.insert(entry.name.clone(), (what.to_owned(), since));
        drop(under_way);
        self.draw();
    }

    fn ended(&self, entry: &CiEntry, evidence: &EntryEvidence) {
        let since =
            self.under_way.borrow_mut().remove(&entry.name).map_or_else(Instant::now, |(_, since)| since);
        let seconds = since.elapsed().as_secs_f64();
        let passed = evidence.outcome == EntryOutcome::Passed;
        self.failed.set(self.failed.get() + usize::from(!passed));
        self.bar.inc(1);
        if self.bar.is_hidden() || !passed {
            self.tell(&format!("{}: {} ({seconds:.1} s)", entry.name, evidence.outcome.word()));
        }
        self.draw();
    }

    fn left(&self, left: TimeLeft) {
        self.left.set(left);
        self.draw();
    }
}

impl Drop for RunBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
