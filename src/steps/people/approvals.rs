//! Who has approved a gate. The gate asks here whether it is passed, and whoever records an approval asks here, too:
//! what one accepts, the other counts.

use std::collections::BTreeSet;

use crate::ids::{Digest, Login, StepName};
use crate::plan::Inputs;
use crate::steps::facts::Facts;

/// What the approvals on record come to for a gate that shows something with this digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// Different people who may approve and approved exactly this, as the release spells them.
    pub given: Vec<Login>,
    /// People who approved what the gate no longer shows, and not yet what it shows now.
    pub lapsed: Vec<Login>,
}

impl Approvals {
    /// The approvals of a gate.
    #[must_use]
    pub fn of(inputs: &Inputs, facts: &Facts, gate: &StepName, digest: &Digest) -> Approvals {
        let all = facts.approvals.get(gate).map(Vec::as_slice).unwrap_or_default();
        let people = |of_this: bool| -> BTreeSet<&Login> {
            let fitting = all.iter().filter(|(_, of)| (of == digest) == of_this);
            fitting.filter_map(|(by, _)| inputs.approver(by)).collect()
        };
        let (given, earlier) = (people(true), people(false));
        Approvals {
            lapsed: earlier.difference(&given).map(|login| (*login).clone()).collect(),
            given: given.into_iter().cloned().collect(),
        }
    }
}
