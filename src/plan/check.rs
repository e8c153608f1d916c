//! Rules that every plan keeps, whatever the workflow says. A plan that breaks one is refused.

use std::collections::BTreeSet;

use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;
use petgraph::visit::{Dfs, Reversed};

use super::graph::Plan;
use super::recipe::{self, LackingStep};
use super::step::Step;
use crate::ids::StepName;
use crate::kinds::{Order, StepKind, Visibility};
use crate::wording::counted;
use crate::workflow::{READY, RELEASE_DAY};

/// A rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Steps wait for each other.
    #[error("the step `{0}` waits for itself")]
    Cycle(StepName),
    /// A gate is missing.
    #[error("the workflow has no gate `{0}`; nothing would hold the embargo")]
    NoGate(&'static str),
    /// A step would do nothing, or nothing safe, without another one.
    #[error(transparent)]
    Lacks(LackingStep),
    /// Nobody could ever pass a gate.
    #[error("the gate `{gate}` wants {} and {} may approve", counted(*.wanted, "approval"), people(*.may))]
    TooFewApprovers {
        /// The gate.
        gate: String,
        /// How many different people must approve it.
        wanted: usize,
        /// How many may.
        may: usize,
    },
    /// A public step could be taken under embargo.
    #[error("the step `{0}` is public and does not wait for the gate `release-day`")]
    PublicBeforeGate(StepName),
    /// A mail would go out that nobody has read.
    #[error(
        "the step `{0}` sends a mail that nobody has approved: list it after the gate `ready`, or after a gate of its own"
    )]
    UnreadMail(StepName),
    /// A target becomes public unproven.
    #[error(
        "the step `{0}` makes a patch public that nothing proves: add `prove` for its target before the gate `ready`"
    )]
    Unproven(StepName),
    /// An advisory is disclosed before a release.
    #[error(
        "the step `{disclosure}` does not wait for `{release}`: the advisory would be public before the release"
    )]
    DisclosedEarly {
        /// The step that discloses.
        disclosure: StepName,
        /// The release that it must wait for.
        release: StepName,
    },
}

/// Every rule that the plan breaks.
#[must_use]
pub fn check(plan: &Plan) -> Vec<Fault> {
    if let Err(cycle) = toposort(plan.graph(), None) {
        return vec![Fault::Cycle(plan.graph()[cycle.node_id()].name.clone())];
    }
    let mut faults = Vec::new();
    for gate in [READY, RELEASE_DAY] {
        if plan.gate(gate).is_none() {
            faults.push(Fault::NoGate(gate));
        }
    }
    faults.extend(recipe::lacking(plan).into_iter().map(Fault::Lacks));
    faults.extend(impassable(plan));
    for node in plan.graph().node_indices() {
        faults.extend(check_step(plan, node));
    }
    faults
}

/// Gates that want more approvals than there are different people to give them.
fn impassable(plan: &Plan) -> Vec<Fault> {
    let may = plan.inputs.approvers().iter().collect::<BTreeSet<_>>().len();
    let gates = plan.of_kind(StepKind::Gate).filter_map(|step| step.asks.as_deref());
    let wanted = gates.filter_map(|name| Some((name, plan.inputs.workflow.gate.get(name)?.approvals)));
    wanted
        .filter(|(_, wanted)| *wanted > may)
        .map(|(gate, wanted)| Fault::TooFewApprovers { gate: gate.to_owned(), wanted, may })
        .collect()
}

fn people(may: usize) -> String {
    match may {
        0 => "nobody".to_owned(),
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    }
}

fn check_step(plan: &Plan, node: NodeIndex) -> Vec<Fault> {
    let step = &plan.graph()[node];
    if step.kind == StepKind::AdvanceMail {
        let read = ancestors(plan, node).iter().any(|earlier| earlier.kind == StepKind::Gate);
        return if read { Vec::new() } else { vec![Fault::UnreadMail(step.name.clone())] };
    }
    if step.kind.visibility() != Visibility::Public {
        return Vec::new();
    }
    match step.kind.order() {
        Order::Discloses => {
            let before = ancestors(plan, node);
            let mut faults = public_before_gate(step, &before);
            let unwaited = plan
                .steps()
                .filter(|release| matches!(release.kind.order(), Order::SeesRelease | Order::MergesFix))
                .filter(|release| !before.iter().any(|earlier| earlier.name == release.name));
            faults.extend(unwaited.map(|release| Fault::DisclosedEarly {
                disclosure: step.name.clone(),
                release: release.name.clone(),
            }));
            faults
        }
        Order::ShowsFix => {
            let before = ancestors(plan, node);
            let mut faults = public_before_gate(step, &before);
            let proven = before
                .iter()
                .any(|earlier| earlier.kind.order() == Order::Proves && earlier.subject == step.subject);
            if !proven {
                faults.push(Fault::Unproven(step.name.clone()));
            }
            faults
        }
        _ => public_before_gate(step, &ancestors(plan, node)),
    }
}

fn public_before_gate(step: &Step, before: &[&Step]) -> Vec<Fault> {
    let waits = before
        .iter()
        .any(|earlier| earlier.kind == StepKind::Gate && earlier.asks.as_deref() == Some(RELEASE_DAY));
    if waits { Vec::new() } else { vec![Fault::PublicBeforeGate(step.name.clone())] }
}

/// Every step that this one waits for, directly or not.
fn ancestors(plan: &Plan, node: NodeIndex) -> Vec<&Step> {
    let reversed = Reversed(plan.graph());
    let mut walk = Dfs::new(reversed, node);
    let mut found = Vec::new();
    while let Some(earlier) = walk.next(reversed) {
        if earlier != node {
            found.push(&plan.graph()[earlier]);
        }
    }
    found
}
