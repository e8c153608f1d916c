//! Which steps may be taken, kept up to date fact by fact: a large run has tens of thousands of steps, and after each
//! fact only those can have come to the front that it touches. `State::ready` says the same of a whole state, for the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::Timestamp;
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::event::Event;
use super::state::State;
use super::status::StepStatus;
use crate::ids::StepName;
use crate::plan::{Plan, Step};

/// The steps of a plan that may be taken, or that the clock holds.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    places: Vec<Place>,
    /// How many steps are not done.
    left: usize,
    /// The steps that all they wait for lets through, and that nobody is known to hold.
    free: BTreeSet<NodeIndex>,
    /// The steps that the clock holds, and until when.
    due: BTreeSet<(Timestamp, NodeIndex)>,
    /// The latest time at which it was asked what is ready: what is due until then has come.
    latest: Timestamp,
    /// The steps that wait behind another one, by that.
    behind: BTreeMap<NodeIndex, BTreeSet<NodeIndex>>,
}

/// Where one step is.
#[derive(Debug, Clone, Default)]
struct Place {
    /// How many of the steps that it needs directly are not settled: done, and so all before them.
    missing: usize,
    is_done: bool,
    /// Whether nothing but other steps holds it.
    is_open: bool,
    due: Option<Timestamp>,
    behind: Option<NodeIndex>,
}

impl Place {
    fn is_settled(&self) -> bool {
        self.is_done && self.missing == 0
    }
}

impl Frontier {
    pub(super) fn of(plan: &Plan, state: &State) -> Frontier {
        let graph = plan.graph();
        let missing = |node| plan.needed(node, Direction::Incoming).count();
        let places: Vec<Place> =
            graph.node_indices().map(|node| Place { missing: missing(node), ..Place::default() }).collect();
        let mut frontier = Frontier { left: places.len(), places, ..Frontier::default() };
        graph.node_indices().for_each(|node| frontier.look_at(plan, state, node));
        frontier
    }

    /// Takes a fact into account that the state has taken.
    pub(super) fn take(&mut self, plan: &Plan, state: &State, event: &Event) {
        match event {
            Event::Intent { step }
            | Event::Done { step, .. }
            | Event::Failed { step, .. }
            | Event::Waiting { step, .. }
            | Event::Asked { step, .. }
            | Event::Approved { step, .. }
            | Event::Decided { step, .. }
            | Event::Rerun { step } => self.touched(plan, state, step),
            Event::Withdrawn { step, steps, .. } => {
                std::iter::once(step).chain(steps).for_each(|step| self.touched(plan, state, step));
            }
            Event::Reopened { steps, .. } => {
                steps.iter().for_each(|step| self.touched(plan, state, step));
            }
            Event::Started { .. } | Event::Resumed { .. } | Event::Amended { .. } => {
                *self = Frontier::of(plan, state);
            }
            Event::Inherited(_) | Event::TakenBack { .. } | Event::Aborted { .. } | Event::Finished => {}
        }
    }

    /// Takes into account that a step is elsewhere.
    pub(super) fn touched(&mut self, plan: &Plan, state: &State, step: &StepName) {
        if let Some(node) = plan.node(step) {
            self.look_at(plan, state, node);
        }
    }

    /// Whether every step is done.
    pub(super) fn is_complete(&self) -> bool {
        self.left == 0
    }

    /// When the next of the steps that only the clock holds is looked at again, after the time at which it was asked what is ready:
    /// what was due before is taken, or others go before it.
    pub(super) fn next_look(&self) -> Option<Timestamp> {
        let later = (Bound::Excluded((self.latest, NodeIndex::end())), Bound::Unbounded);
        self.due.range(later).next().map(|(due, _)| *due)
    }

    /// The steps that could be taken now, in the order of the plan.
    pub(super) fn ready<'a>(
        &mut self,
        plan: &'a Plan,
        state: &State,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Step> {
        let since =
            (Bound::Excluded((self.latest, NodeIndex::end())), Bound::Included((now, NodeIndex::end())));
        let come: Vec<NodeIndex> = if self.latest < now {
            self.due.range(since).map(|(_, node)| *node).collect()
        } else {
            Vec::new()
        };
        self.latest = self.latest.max(now);
        come.into_iter().for_each(|node| self.bring(node));
        let steps = self.free.iter().map(move |node| &plan.graph()[*node]);
        steps.filter(move |step| state.is_free(&step.name, now) && state.is_its_turn(plan, step))
    }

    fn look_at(&mut self, plan: &Plan, state: &State, node: NodeIndex) {
        let status = state.status(&plan.graph()[node].name);
        self.forget(node);
        let place = &mut self.places[node.index()];
        place.is_open = matches!(status, StepStatus::Open | StepStatus::Begun);
        place.due = status.due();
        place.behind = status.behind().and_then(|before| plan.node(before));
        self.due.extend(place.due.map(|due| (due, node)));
        if let Some(before) = place.behind {
            self.behind.entry(before).or_default().insert(node);
        }
        self.set_done(plan, node, *status == StepStatus::Done);
        self.bring(node);
    }

    /// What was known of a step but whether it is done.
    fn forget(&mut self, node: NodeIndex) {
        self.free.remove(&node);
        let place = &mut self.places[node.index()];
        if let Some(due) = place.due.take() {
            self.due.remove(&(due, node));
        }
        if let Some(before) = place.behind.take()
            && let Some(waiting) = self.behind.get_mut(&before)
        {
            waiting.remove(&node);
        }
    }

    /// The step is at the front, if neither the steps before it nor the clock nor people hold it.
    fn bring(&mut self, node: NodeIndex) {
        let place = &self.places[node.index()];
        let is_let_through = || place.behind.is_some_and(|before| self.places[before.index()].is_done);
        let is_free = place.is_open || place.due.is_some_and(|due| due <= self.latest) || is_let_through();
        if place.missing == 0 && is_free {
            self.free.insert(node);
        }
    }

    fn set_done(&mut self, plan: &Plan, node: NodeIndex, is_done: bool) {
        let place = &mut self.places[node.index()];
        if place.is_done == is_done {
            return;
        }
        let was_settled = place.is_settled();
        place.is_done = is_done;
        let is_settled = place.is_settled();
        self.left = if is_done { self.left - 1 } else { self.left + 1 };
        if was_settled != is_settled {
            self.settle_those_after(plan, node);
        }
        let waiting = self.behind.get(&node).cloned().unwrap_or_default();
        waiting.into_iter().for_each(|waiting| self.bring(waiting));
    }

    /// A step is settled, or is so no more: so may be those after it that are done.
    fn settle_those_after(&mut self, plan: &Plan, node: NodeIndex) {
        let mut changed = vec![node];
        while let Some(node) = changed.pop() {
            let is_settled = self.places[node.index()].is_settled();
            for after in plan.needed(node, Direction::Outgoing) {
                let place = &mut self.places[after.index()];
                let was_settled = place.is_settled();
                place.missing = if is_settled { place.missing - 1 } else { place.missing + 1 };
                if place.is_settled() != was_settled {
                    changed.push(after);
                }
                if is_settled {
                    self.bring(after);
                } else {
                    self.free.remove(&after);
                }
            }
        }
    }
}
