//! What a run tells while it is under way: the facts as they are written, and what passes without being written.

use jiff::Timestamp;

use super::event::StampedEvent;
use crate::ids::StepName;

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A fact was written to the journal.
    Recorded(StampedEvent),
    /// A step looks at the world.
    Observing(StepName),
    /// A step acts.
    Acting(StepName),
    /// How far a step has come that acts.
    Progress {
        /// The step.
        step: StepName,
        /// In words: `3 of 9 CI entries`.
        text: String,
    },
    /// Nothing moves until this time.
    Sleeping(Timestamp),
}

/// Whoever wants to hear of events, in order. It cannot hold the run up or fail it.
pub trait Reporter: Send {
    /// Takes one notice.
    fn notice(&mut self, notice: &Notice);
}

/// Everybody hears everything, in their order: a terminal, a page and a log beside each other.
impl Reporter for Vec<Box<dyn Reporter>> {
    fn notice(&mut self, notice: &Notice) {
        self.iter_mut().for_each(|reporter| reporter.notice(notice));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    struct Listener {
        name: &'static str,
        heard: Arc<Mutex<Vec<String>>>,
    }

    impl Reporter for Listener {
        fn notice(&mut self, notice: &Notice) {
            let Notice::Acting(step) = notice else { panic!("{notice:?}") };
            self.heard.lock().unwrap().push(format!("{}: {step}", self.name));
        }
    }

    #[test]
    fn every_reporter_hears_every_notice_in_order() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = |name| -> Box<dyn Reporter> { Box::new(Listener { name, heard: Arc::clone(&heard) }) };
        let mut reporters = vec![listener("terminal"), listener("page")];
        for step in ["gate/ready", "prove/x"] {
            reporters.notice(&Notice::Acting(step.parse().unwrap()));
        }
        assert_eq!(
            *heard.lock().unwrap(),
            ["terminal: gate/ready", "page: gate/ready", "terminal: prove/x", "page: prove/x"]
        );
    }
}
