//! A bar for work that is over at once as a rule: it is seen from the second second on, and only on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tame::tamed;
use super::terminal;

/// What may pass before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far something has come.
pub(super) struct Bar {
    bar: ProgressBar,
    since: Instant,
}

impl Bar {
    /// A bar of so many steps.
    pub(super) fn new(steps: usize) -> Bar {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden());
        Bar { bar: bar.with_style(style), since: Instant::now() }
    }

    /// The next step begins.
    pub(super) fn step(&self, what: &str) {
        if self.bar.is_hidden() && terminal::is_drawn() && self.since.elapsed() >= PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(tamed(what).into_owned());
        self.bar.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
