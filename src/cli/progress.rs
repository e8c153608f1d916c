//! What is seen while a run is driven: the board on a terminal, plain lines elsewhere.

use super::board::Board;
use super::command::Commands;
use super::log;
use super::terminal;
use crate::control::Opened;
use crate::report::{History, Weight};
use crate::run::{Notice, Reporter};

/// A reporter for the person at this terminal, or for the file that stands in for one.
pub(super) fn reporter(opened: &Opened) -> Box<dyn Reporter> {
    let commands = Commands::of(opened);
    if terminal::is_quiet() {
        Box::new(Silence)
    } else if terminal::is_drawn() && !terminal::is_verbose() {
        Box::new(Board::new(opened))
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
            Notice::Progress { step, text } if terminal::is_verbose() => {
                terminal::note(format!("{step}: {text}"))
            }
            Notice::Progress { .. } | Notice::Sleeping(_) | Notice::Observing(_) | Notice::Acting(_) => {}
        }
    }
}
