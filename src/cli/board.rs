//! The board: what a person sees of a run that is under way, drawn anew as it changes and every second.

mod frame;
mod paint;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use terminal_size::{Height, Width};

use self::frame::{Size, View, frame};
use self::paint::Paint;
use super::command::Commands;
use super::tame::tamed;
use super::{log, screen, terminal};
use crate::control::{HomeKind, Opened};
use crate::ids::StepName;
use crate::plan::Plan;
use crate::report::{Durations, History, Status, Weight};
use crate::run::{Event, Notice, Reporter, StampedEvent, State};

/// How often the time on it moves on by itself.
const TICK: Duration = Duration::from_secs(1);
/// Of the time of a run, one part in so many is spent on drawing at most: a large one takes long to draw, and its facts come
/// faster than anybody reads.
const SHARE: u32 = 10;
/// What a terminal is taken for that does not say how large it is.
const USUAL: Size = Size { columns: 80, lines: 24 };

/// The board of one run.
pub(super) struct Board {
    drawing: Arc<Mutex<Drawing>>,
    stop: Sender<()>,
    ticker: Option<JoinHandle<()>>,
}

impl Board {
    /// The board of a run that is about to be driven.
    pub(super) fn new(opened: &Opened) -> Board {
        let drawing = Arc::new(Mutex::new(Drawing::new(opened)));
        let (stop, stopped) = channel();
        let ticking = Arc::clone(&drawing);
        // A run that sleeps says nothing, and its countdown goes on all the same.
        let ticker = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                with(&ticking, Drawing::draw);
            }
        });
        Board { drawing, stop, ticker: Some(ticker) }
    }
}

/// A drawing is whole after every change, whatever became of another thread.
fn with(drawing: &Mutex<Drawing>, act: impl FnOnce(&mut Drawing)) {
    act(&mut drawing.lock().unwrap_or_else(PoisonError::into_inner));
}

impl Reporter for Board {
    fn notice(&mut self, notice: &Notice) {
        with(&self.drawing, |drawing| {
            drawing.hear(notice);
            drawing.draw_unless_busy();
        });
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(ticker) = self.ticker.take() {
            let _ = ticker.join();
        }
        with(&self.drawing, Drawing::finish);
    }
}

/// What the board shows.
struct Drawing {
    bar: ProgressBar,
    paint: Paint,
    plan: Plan,
    state: State,
    durations: Durations,
    history: History,
    commands: Commands,
    acting: BTreeSet<StepName>,
    /// How far those have come that tell.
    told: BTreeMap<StepName, String>,
    sleeping: Option<Timestamp>,
    /// The time of the last event, where the world's clock is not this machine's.
    simulated: Option<Timestamp>,
    /// When it may be drawn again without taking too much of the time.
    rested: Instant,
}

impl Drawing {
    fn new(opened: &Opened) -> Drawing {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(60));
        let style =
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let is_simulated = opened.home().kind == HomeKind::Rehearsal;
        let bar = bar.with_style(style);
        screen::show(&bar);
        let mut drawing = Drawing {
            bar,
            paint: Paint::new(terminal::is_coloured()),
            plan: opened.plan.clone(),
            state: State::fold(&opened.events),
            durations: Durations::of(&opened.events),
            history: History::default(),
            commands: Commands::of(opened),
            acting: BTreeSet::new(),
            told: BTreeMap::new(),
            sleeping: None,
            simulated: is_simulated.then(|| opened.now()),
            rested: Instant::now(),
        };
        drawing.draw();
        drawing
    }

    fn hear(&mut self, notice: &Notice) {
        match notice {
            Notice::Recorded(stamped) => self.take_in(stamped),
            Notice::Sleeping(time) => self.sleeping = Some(*time),
            Notice::Observing(_) => self.sleeping = None,
            Notice::Acting(step) => drop(self.acting.insert(step.clone())),
            Notice::Progress { step, text } => drop(self.told.insert(step.clone(), text.clone())),
        }
    }

    fn take_in(&mut self, stamped: &StampedEvent) {
        self.state.apply(stamped);
        self.durations.observe(stamped);
        self.simulated = self.simulated.map(|_| stamped.at);
        self.sleeping = None;
        if let Event::Done { step, .. } | Event::Failed { step, .. } | Event::Waiting { step, .. } =
            &stamped.record
        {
            self.acting.remove(step);
            self.told.remove(step);
        }
        let entry = self.history.entry(stamped);
        if entry.weight == Weight::Lasting {
            // It scrolls away above the board; the journal has it all.
            self.bar.println(tamed(&log::line(&entry, &self.commands)));
        }
    }

    /// What is left out now is drawn with the next tick.
    fn draw_unless_busy(&mut self) {
        if Instant::now() >= self.rested {
            self.draw();
        }
    }

    fn draw(&mut self) {
        let begun = Instant::now();
        let status = Status::of(&self.plan, &self.state, &[]);
        let view = View {
            status: &status,
            acting: &self.acting,
            told: &self.told,
            sleeping: self.sleeping,
            now: self.simulated.unwrap_or_else(Timestamp::now),
            least_left: self.durations.least_left(&self.plan, &self.state),
        };
        let lines = frame(&view, size(), self.paint);
        self.bar.set_message(tamed(&lines.join("\n")).into_owned());
        self.bar.tick();
        let now = Instant::now();
        self.rested = now + (now - begun) * (SHARE - 1);
    }

    /// The last picture: nothing acts any more.
    fn finish(&mut self) {
        (self.sleeping, self.acting) = (None, BTreeSet::new());
        self.draw();
    }
}

fn size() -> Size {
    let known = terminal_size::terminal_size_of(std::io::stderr());
    known.map_or(USUAL, |(Width(columns), Height(lines))| Size {
        columns: columns.into(),
        lines: lines.into(),
    })
}
