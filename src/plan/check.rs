//! Rules that every plan keeps, whatever the workflow says. A plan that breaks one is refused.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;
use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;

use super::graph::Plan;
use super::recipe::{self, LackingStep, UnheardWish};
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
    /// The release file asks for what no step does.
    #[error(transparent)]
    Unheard(UnheardWish),
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
    let ordered = match toposort(plan.graph(), None) {
        Ok(ordered) => ordered,
        Err(cycle) => return vec![Fault::Cycle(plan.graph()[cycle.node_id()].name.clone())],
    };
    let mut faults = Vec::new();
    for gate in [READY, RELEASE_DAY] {
        if plan.gate(gate).is_none() {
            faults.push(Fault::NoGate(gate));
        }
    }
    faults.extend(recipe::lacking(plan).into_iter().map(Fault::Lacks));
    faults.extend(recipe::unheard(plan).into_iter().map(Fault::Unheard));
    faults.extend(impassable(plan));
    let before = Before::of(plan, &ordered);
    for node in plan.graph().node_indices() {
        faults.extend(check_step(plan, node, &before));
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

fn check_step(plan: &Plan, node: NodeIndex, before: &Before) -> Vec<Fault> {
    let step = &plan.graph()[node];
    if step.kind == StepKind::AdvanceMail {
        let read = before.steps(plan, node).any(|earlier| earlier.kind == StepKind::Gate);
        return if read { Vec::new() } else { vec![Fault::UnreadMail(step.name.clone())] };
    }
    if step.kind.visibility() != Visibility::Public {
        return Vec::new();
    }
    let mut faults = public_before_gate(step, before.steps(plan, node));
    match step.kind.order() {
        Order::Discloses => {
            let unwaited = before.not_before(plan, node).filter(|other| is_of_a_release(other));
            faults.extend(unwaited.map(|release| Fault::DisclosedEarly {
                disclosure: step.name.clone(),
                release: release.name.clone(),
            }));
        }
        Order::ShowsFix => {
            let proves =
                |earlier: &Step| earlier.kind.order() == Order::Proves && earlier.subject == step.subject;
            if !before.steps(plan, node).any(proves) {
                faults.push(Fault::Unproven(step.name.clone()));
            }
        }
        _ => {}
    }
    faults
}

fn public_before_gate<'a>(step: &Step, mut before: impl Iterator<Item = &'a Step>) -> Vec<Fault> {
    let waits =
        before.any(|earlier| earlier.kind == StepKind::Gate && earlier.asks.as_deref() == Some(RELEASE_DAY));
    if waits { Vec::new() } else { vec![Fault::PublicBeforeGate(step.name.clone())] }
}

fn is_of_a_release(step: &Step) -> bool {
    matches!(step.kind.order(), Order::SeesRelease | Order::MergesFix)
}

/// Whether it matters which steps come after this one.
fn is_waited_for(step: &Step) -> bool {
    step.kind == StepKind::Gate || step.kind.order() == Order::Proves || is_of_a_release(step)
}

/// Which of the steps that others have to wait for each step does wait for, directly or not. They are few, and counted
/// once for the whole plan.
struct Before {
    waited_for: Vec<NodeIndex>,
    /// By step: of `waited_for`, those before it.
    known: Vec<FixedBitSet>,
}

impl Before {
    /// `ordered` are all steps, each behind those that it waits for.
    fn of(plan: &Plan, ordered: &[NodeIndex]) -> Before {
        let graph = plan.graph();
        let waited_for: Vec<NodeIndex> =
            graph.node_indices().filter(|node| is_waited_for(&graph[*node])).collect();
        let mut known = vec![FixedBitSet::with_capacity(waited_for.len()); graph.node_count()];
        for node in ordered {
            let mut own = FixedBitSet::with_capacity(waited_for.len());
            for earlier in plan.needed(*node, Direction::Incoming) {
                own.union_with(&known[earlier.index()]);
                own.extend(waited_for.binary_search(&earlier));
            }
            known[node.index()] = own;
        }
        Before { waited_for, known }
    }

    fn steps<'a>(&'a self, plan: &'a Plan, node: NodeIndex) -> impl Iterator<Item = &'a Step> {
        self.known[node.index()].ones().map(|number| &plan.graph()[self.waited_for[number]])
    }

    /// Those that the step does not wait for.
    fn not_before<'a>(&'a self, plan: &'a Plan, node: NodeIndex) -> impl Iterator<Item = &'a Step> {
        self.known[node.index()].zeroes().map(|number| &plan.graph()[self.waited_for[number]])
    }
}
