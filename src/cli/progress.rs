//! What is seen while a run is driven: targets × phases on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::command::Commands;
use super::log;
use super::terminal;
use crate::control::Opened;
use crate::ids::StepName;
use crate::kinds::Phase;
use crate::plan::Plan;
use crate::report::{History, Progress, Weight, progress_of, row_of};
use crate::run::{Event, Notice, Reporter, StampedEvent, State};

/// A reporter for the person at this terminal, or for the file that stands in for one.
pub(super) fn reporter(opened: &Opened) -> Box<dyn Reporter> {
    let commands = Commands::of(opened);
    if terminal::is_quiet() {
        Box::new(Silence)
    } else if terminal::is_drawn() && !terminal::is_verbose() {
        Box::new(Board::new(&opened.plan, &opened.events, commands))
    } else {
        Box::new(PlainLines { history: History::default(), commands })
    }
}

/// Nothing at all: the result is enough.
struct Silence;

impl Reporter for Silence {
    fn notice(&mut self, _notice: &Notice) {}
}

/// One line for each event that changes something.
struct PlainLines {
    history: History,
    commands: Commands,
}

impl Reporter for PlainLines {
    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Recorded(stamped) => {
                let entry = self.history.entry(stamped);
                let is_told = matches!(entry.weight, Weight::Usual | Weight::Lasting);
                if is_told || terminal::is_verbose() {
                    terminal::note(log::line(&entry, &self.commands));
                }
            }
            Notice::Sleeping(_) | Notice::Observing(_) | Notice::Acting(_) => {}
        }
    }
}

/// One line a target with a mark for each phase, and what it does now.
struct Board {
    bars: MultiProgress,
    rows: BTreeMap<String, ProgressBar>,
    clock: ProgressBar,
    cells: BTreeMap<StepName, (String, Phase)>,
    state: State,
    history: History,
    commands: Commands,
}

impl Board {
    fn new(plan: &Plan, events: &[StampedEvent], commands: Commands) -> Board {
        let bars = MultiProgress::new();
        let cells: BTreeMap<StepName, (String, Phase)> =
            plan.steps().map(|step| (step.name.clone(), (row_of(step), step.phase))).collect();
        let mut order: Vec<String> = Vec::new();
        for step in plan.steps() {
            let row = row_of(step);
            if !order.contains(&row) {
                order.push(row);
            }
        }
        let width = order.iter().map(String::len).max().unwrap_or(0);
        let style = ProgressStyle::with_template(&format!("{{prefix:{width}}}  {{wide_msg}}"))
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let rows = order
            .into_iter()
            .map(|row| {
                let bar = bars.add(ProgressBar::new_spinner().with_style(style.clone()));
                bar.set_prefix(row.clone());
                (row, bar)
            })
            .collect();
        let clock = bars.add(ProgressBar::new_spinner().with_style(style));
        let board = Board {
            bars,
            rows,
            clock,
            cells,
            state: State::fold(events),
            history: History::default(),
            commands,
        };
        board.rows.keys().for_each(|row| board.draw(row, ""));
        board
    }

    fn draw(&self, row: &str, now: &str) {
        let Some(bar) = self.rows.get(row) else { return };
        let marks: Vec<&str> = Phase::ALL.iter().map(|phase| self.mark(row, *phase)).collect();
        bar.set_message(format!("{}  {now}", marks.join(" ")));
        bar.tick();
    }

    fn mark(&self, row: &str, phase: Phase) -> &'static str {
        let steps = || self.cells.iter().filter(|(_, cell)| cell.0 == row && cell.1 == phase);
        let worst = steps().map(|(step, _)| progress_of(self.state.status(step))).max();
        let begun = steps().any(|(step, _)| self.state.is_done(step));
        match worst {
            None => " ",
            Some(Progress::Done) => "✓",
            Some(Progress::Failed) => "✗",
            Some(Progress::Asks) => "?",
            Some(Progress::Waiting) => "…",
            Some(Progress::Begun) => "▸",
            Some(_) if begun => "▸",
            Some(_) => "·",
        }
    }

    fn told(&self, step: &StepName, what: &str) {
        if let Some((row, _)) = self.cells.get(step) {
            self.draw(row, what);
        }
    }
}

impl Reporter for Board {
    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Recorded(stamped) => {
                self.state.apply(stamped);
                self.clock.set_message(format!("{:.0}", stamped.at));
                let entry = self.history.entry(stamped);
                match &stamped.record {
                    Event::Intent { step } => self.told(step, step.as_str()),
                    Event::Done { step, .. } | Event::Waiting { step, .. } | Event::Rerun { step } => {
                        self.told(step, entry.what.lines().next().unwrap_or_default());
                    }
                    Event::Reopened { .. } | Event::Amended { .. } => {
                        self.rows.keys().for_each(|row| self.draw(row, ""))
                    }
                    _ => {}
                }
                if entry.weight == Weight::Lasting {
                    // An error means that the terminal has gone; the journal has it all.
                    let _ = self.bars.println(log::line(&entry, &self.commands));
                }
            }
            Notice::Sleeping(time) => self.clock.set_message(format!("nothing moves until {time:.0}")),
            Notice::Observing(_) => {}
            Notice::Acting(step) => self.told(step, step.as_str()),
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.rows.values().for_each(ProgressBar::abandon);
        self.clock.finish_and_clear();
    }
}
