//! The edges that a drawing shows: those that no others say already, also where some only tell whose turn it is.

use fixedbitset::FixedBitSet;
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef as _;

use crate::plan::{Edge, Plan};

/// An edge from the step that comes first to the later one.
pub(super) struct DrawnEdge {
    pub(super) from: NodeIndex,
    pub(super) to: NodeIndex,
    pub(super) edge: Edge,
}

/// In the order of the steps.
pub(super) fn edges(plan: &Plan) -> Vec<DrawnEdge> {
    let graph = plan.graph();
    let mut before: Vec<FixedBitSet> = Vec::with_capacity(graph.node_count());
    let mut drawn = Vec::new();
    // The steps come in an order in which they could be taken.
    for to in graph.node_indices() {
        let mut edges: Vec<_> = graph.edges_directed(to, Direction::Incoming).collect();
        edges.sort_by_key(|edge| std::cmp::Reverse(edge.source()));
        let mut known = FixedBitSet::with_capacity(graph.node_count());
        for edge in edges {
            let from = edge.source();
            if !known.contains(from.index()) {
                known.insert(from.index());
                known.union_with(&before[from.index()]);
                drawn.push(DrawnEdge { from, to, edge: *edge.weight() });
            }
        }
        before.push(known);
    }
    drawn.sort_by_key(|drawn| (drawn.from, drawn.to));
    drawn
}
