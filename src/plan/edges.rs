//! The edges between steps, without those that others imply.
//!
//! A large release has tens of thousands of steps. Whether one waits for another is asked only of such as can have to do
//! with one another, and not of those that an edge reaches which was found before.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use petgraph::graph::{DiGraph, NodeIndex};

use super::order::{Edge, waits};
use super::places::{Place, Places};
use super::step::Step;
use super::target::Target;
use crate::kinds::Order;

/// The graph over `steps`, which come in listed order, without the edges that others imply.
pub(super) fn graph(steps: Vec<Step>, targets: &[Target]) -> DiGraph<Step, Edge> {
    let edges = edges(&steps, targets);
    let mut graph = DiGraph::with_capacity(steps.len(), edges.len());
    for step in steps {
        graph.add_node(step);
    }
    for (earlier, later, edge) in edges {
        graph.add_edge(NodeIndex::new(earlier), NodeIndex::new(later), edge);
    }
    graph
}

/// The edges; whose turn it is says nothing of what is needed, so that nothing is implied by it, and only the nearest is kept.
fn edges(steps: &[Step], targets: &[Target]) -> Vec<(usize, usize, Edge)> {
    let mut places = Places::new(targets);
    let steps: Vec<Place<'_>> = steps.iter().map(|step| places.of(step)).collect();
    let mut listed = Listed::new(steps.len());
    let mut ancestors: Vec<FixedBitSet> = Vec::with_capacity(steps.len());
    let mut edges = Vec::new();
    for (later, step) in steps.iter().enumerate() {
        let mut open = listed.may_concern(step, &places);
        let mut known = FixedBitSet::with_capacity(steps.len());
        let mut is_in_turn = false;
        // From the nearest backwards: whatever an edge found so far already reaches needs none of its own.
        let mut before = later;
        while let Some(earlier) = nearest_below(&open, before) {
            before = earlier;
            match waits(step, &steps[earlier], &places) {
                Some(Edge::Needs) => {
                    edges.push((earlier, later, Edge::Needs));
                    known.insert(earlier);
                    known.union_with(&ancestors[earlier]);
                    open.difference_with(&ancestors[earlier]);
                }
                Some(Edge::InTurn) if !is_in_turn => {
                    edges.push((earlier, later, Edge::InTurn));
                    is_in_turn = true;
                }
                Some(Edge::InTurn) | None => {}
            }
        }
        ancestors.push(known);
        listed.add(later, step);
    }
    edges.sort_unstable_by_key(|(earlier, later, _)| (*earlier, *later));
    edges
}

/// The largest member below a limit.
fn nearest_below(set: &FixedBitSet, limit: usize) -> Option<usize> {
    const BITS: usize = usize::BITS as usize;
    let words = set.as_slice();
    let (word, bits) = (limit / BITS, limit % BITS);
    let partial = words.get(word).map_or(0, |last| last & !(usize::MAX << bits));
    let whole = || (0..word.min(words.len())).rev().map(|at| (at, words[at]));
    let mut found = [(word, partial)].into_iter().chain(whole()).filter(|(_, members)| *members != 0);
    found.next().map(|(at, members)| at * BITS + members.ilog2() as usize)
}

/// Steps of one repository, or of all.
struct Concerned {
    all: FixedBitSet,
    by_advisory: BTreeMap<Option<usize>, FixedBitSet>,
}

impl Concerned {
    fn new(steps: usize) -> Concerned {
        Concerned { all: FixedBitSet::with_capacity(steps), by_advisory: BTreeMap::new() }
    }

    fn add(&mut self, number: usize, step: &Place<'_>) {
        let steps = self.all.len();
        let same = self.by_advisory.entry(step.about.advisory);
        same.or_insert_with(|| FixedBitSet::with_capacity(steps)).insert(number);
        self.all.insert(number);
    }

    /// Adds those that are about this advisory, or about none; all where it is none itself.
    fn add_meeting(&self, advisory: Option<usize>, found: &mut FixedBitSet) {
        match advisory {
            None => found.union_with(&self.all),
            Some(_) => {
                let meeting = [None, advisory].into_iter().filter_map(|about| self.by_advisory.get(&about));
                meeting.for_each(|steps| found.union_with(steps));
            }
        }
    }
}

/// The steps that were listed so far, by what they concern.
struct Listed {
    whole: Concerned,
    by_repository: BTreeMap<Option<usize>, Concerned>,
}

impl Listed {
    fn new(steps: usize) -> Listed {
        Listed { whole: Concerned::new(steps), by_repository: BTreeMap::new() }
    }

    fn add(&mut self, number: usize, step: &Place<'_>) {
        let steps = self.whole.all.len();
        let same = self.by_repository.entry(step.about.repo);
        same.or_insert_with(|| Concerned::new(steps)).add(number, step);
        self.whole.add(number, step);
    }

    /// Every step that this one may wait for, and some more.
    fn may_concern(&self, step: &Place<'_>, places: &Places<'_>) -> FixedBitSet {
        let mut found = FixedBitSet::with_capacity(self.whole.all.len());
        let advisory = step.about.advisory;
        let Some(repo) = step.about.repo else {
            self.whole.add_meeting(advisory, &mut found);
            return found;
        };
        for near in [None, Some(repo)].into_iter().chain(places.carried_by(repo).map(Some)) {
            let Some(steps) = self.by_repository.get(&near) else { continue };
            // Merges and releases of repositories are ordered whatever they are about.
            let advisory = advisory.filter(|_| near.is_none() || step.order == Order::Listed);
            steps.add_meeting(advisory, &mut found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::{demo_plan, demo_plan_with_every_kind};

    /// The same as the rule says it: each step asks for every one before it.
    fn plainly(steps: &[Step], targets: &[Target]) -> Vec<(usize, usize, Edge)> {
        let mut places = Places::new(targets);
        let steps: Vec<Place<'_>> = steps.iter().map(|step| places.of(step)).collect();
        let mut reached: Vec<BTreeSet<usize>> = Vec::new();
        let mut edges = BTreeMap::new();
        for (later, step) in steps.iter().enumerate() {
            let mut known = BTreeSet::new();
            let of = |earlier: usize| waits(step, &steps[earlier], &places);
            let mut turns = (0..later).rev().filter(|earlier| of(*earlier) == Some(Edge::InTurn));
            for earlier in (0..later).rev() {
                if !known.contains(&earlier) && of(earlier) == Some(Edge::Needs) {
                    edges.insert((earlier, later), Edge::Needs);
                    known.insert(earlier);
                    known.extend(&reached[earlier]);
                }
            }
            let before = turns.find(|before| !known.contains(before));
            edges.extend(before.map(|before| ((before, later), Edge::InTurn)));
            reached.push(known);
        }
        edges.into_iter().map(|((earlier, later), edge)| (earlier, later, edge)).collect()
    }

    #[test]
    fn the_nearest_member_below_a_limit_is_found_across_words() {
        let set: FixedBitSet = [0, 63, 64, 200].into_iter().collect();
        let below = |limit| nearest_below(&set, limit);
        assert_eq!([below(0), below(1), below(63), below(64)], [None, Some(0), Some(0), Some(63)]);
        assert_eq!(
            [below(65), below(200), below(201), below(9999)],
            [Some(64), Some(64), Some(200), Some(200)]
        );
    }

    #[test]
    fn no_step_that_may_be_waited_for_is_passed_over() {
        let shipped = ["github", "wasmtime", "wamr"].map(demo_plan);
        for plan in shipped.into_iter().chain([demo_plan_with_every_kind()]) {
            let steps: Vec<Step> = plan.steps().cloned().collect();
            let found = edges(&steps, &plan.targets);
            assert_eq!(found, plainly(&steps, &plan.targets));
            // In any other order, too: what is asked for does not rest on how steps are listed.
            let turned: Vec<Step> = steps.into_iter().rev().collect();
            assert_eq!(edges(&turned, &plan.targets), plainly(&turned, &plan.targets));
        }
    }
}
