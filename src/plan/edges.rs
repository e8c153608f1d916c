//! The edges between steps, without those that others imply.
//!
//! A large release has tens of thousands of steps. Whether one waits for another is asked only of such as can have to do
//! with one another, and not of those that an edge reaches which was found before.

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;
use petgraph::graph::{DiGraph, NodeIndex};

use super::order::{Edge, waits};
use super::places::Places;
use super::step::Step;
use super::target::Target;
use crate::ids::{GhsaId, RepoName};
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
    let places = Places::new(targets);
    let mut listed = Listed::new(steps.len(), targets);
    let mut ancestors: Vec<FixedBitSet> = Vec::with_capacity(steps.len());
    let mut edges = Vec::new();
    for (later, step) in steps.iter().enumerate() {
        let mut open = listed.may_concern(step);
        let mut known = FixedBitSet::with_capacity(steps.len());
        let mut is_in_turn = false;
        // From the nearest backwards: whatever an edge found so far already reaches needs none of its own.
        while let Some(earlier) = open.maximum() {
            open.remove(earlier);
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

/// Steps by the advisory that they are about.
type ByAdvisory<'a> = BTreeMap<Option<&'a GhsaId>, FixedBitSet>;

/// The steps that were listed so far, by what they concern.
struct Listed<'a> {
    steps: usize,
    by_repository: BTreeMap<Option<&'a RepoName>, ByAdvisory<'a>>,
    /// The repositories whose releases each carries.
    carried: BTreeMap<&'a RepoName, BTreeSet<&'a RepoName>>,
}

impl<'a> Listed<'a> {
    fn new(steps: usize, targets: &'a [Target]) -> Listed<'a> {
        let mut carried: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for target in targets {
            carried.entry(&target.repo).or_default().extend(target.carries.iter().map(|one| &one.repo));
        }
        Listed { steps, by_repository: BTreeMap::new(), carried }
    }

    fn add(&mut self, number: usize, step: &'a Step) {
        let steps = self.steps;
        let same = self.by_repository.entry(step.subject.repo.as_ref()).or_default();
        let same = same.entry(step.subject.advisory.as_ref());
        same.or_insert_with(|| FixedBitSet::with_capacity(steps)).insert(number);
    }

    /// Every step that this one may wait for, and some more.
    fn may_concern(&self, step: &Step) -> FixedBitSet {
        let mut found = FixedBitSet::with_capacity(self.steps);
        let own = step.subject.repo.as_ref();
        let advisory = step.subject.advisory.as_ref();
        let Some(repo) = own else {
            self.by_repository.values().for_each(|steps| add_meeting(&mut found, steps, advisory));
            return found;
        };
        let carried = self.carried.get(repo).into_iter().flatten().map(|repo| Some(*repo));
        for near in [None, own].into_iter().chain(carried) {
            let Some(steps) = self.by_repository.get(&near) else { continue };
            // Merges and releases of repositories are ordered whatever they are about.
            let advisory = advisory.filter(|_| near.is_none() || step.kind.order() == Order::Listed);
            add_meeting(&mut found, steps, advisory);
        }
        found
    }
}

/// Adds the steps that are about this advisory, or about none; all where it is none itself.
fn add_meeting(found: &mut FixedBitSet, steps: &ByAdvisory<'_>, advisory: Option<&GhsaId>) {
    match advisory {
        None => steps.values().for_each(|steps| found.union_with(steps)),
        Some(_) => {
            [None, advisory]
                .iter()
                .filter_map(|about| steps.get(about))
                .for_each(|steps| found.union_with(steps));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{demo_plan, demo_plan_with_every_kind};

    /// The same as the rule says it: each step asks for every one before it.
    fn plainly(steps: &[Step], targets: &[Target]) -> Vec<(usize, usize, Edge)> {
        let places = Places::new(targets);
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
