//! What people continued without.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{Login, StepName};
use crate::run::{Event, StampedEvent};
use crate::steps::Decision;

/// A step that people continued without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The step.
    pub step: StepName,
    /// Who.
    pub by: Login,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// All of a run that were not taken back, in their order.
pub(super) fn waivers(events: &[StampedEvent]) -> Vec<Waiver> {
    let mut waivers: Vec<Waiver> = Vec::new();
    for stamped in events {
        match &stamped.record {
            Event::Decided { step, decision: Decision::Waived { reason }, by } => waivers.push(Waiver {
                step: step.clone(),
                by: by.clone(),
                reason: reason.clone(),
                at: stamped.at,
            }),
            Event::Withdrawn { step, .. } => {
                if let Some(last) = waivers.iter().rposition(|waiver| waiver.step == *step) {
                    waivers.remove(last);
                }
            }
            _ => {}
        }
    }
    waivers
}
