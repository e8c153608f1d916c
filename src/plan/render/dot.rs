//! The plan for Graphviz: a cluster per phase, gates as hexagons, public steps in red.

use std::fmt::Write as _;

use super::drawn::{self, DrawnEdge};
use super::grouping::Grouping;
use crate::kinds::{StepKind, Visibility};
use crate::plan::{Edge, Plan, Step};

pub(super) fn render(plan: &Plan, grouping: Grouping) -> String {
    let mut out = String::from(
        "digraph lockgate {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];\n",
    );
    for group in grouping.groups(plan) {
        let _ = writeln!(out, "  subgraph cluster_{} {{\n    label=\"{}\";", group.id, group.title);
        for node in group.steps {
            let step = &plan.graph()[node];
            let _ = writeln!(out, "    s{} [label=\"{}\"{}];", node.index(), label(step), style(step));
        }
        out.push_str("  }\n");
    }
    for DrawnEdge { from, to, edge } in drawn::edges(plan) {
        let style = if edge == Edge::InTurn { " [style=dashed]" } else { "" };
        let _ = writeln!(out, "  s{} -> s{}{style};", from.index(), to.index());
    }
    out.push_str("}\n");
    out
}

/// Kind and subject on lines of their own.
pub(super) fn label(step: &Step) -> String {
    let head =
        step.asks.as_ref().map_or_else(|| step.kind.to_string(), |asks| format!("{} {asks}", step.kind));
    let subject = step.subject.to_string();
    if subject.is_empty() { head } else { format!("{head}\\n{}", subject.replace(' ', "\\n")) }
}

fn style(step: &Step) -> &'static str {
    match (step.kind, step.kind.visibility()) {
        (StepKind::Gate, _) => ", shape=hexagon, fillcolor=\"#ffe08a\"",
        (StepKind::Confirm, _) => ", fillcolor=\"#fff3cd\"",
        (_, Visibility::Public) => ", fillcolor=\"#f8d7da\"",
        (_, Visibility::Guarded) => ", fillcolor=\"#fde8d0\"",
        (_, Visibility::Private) => ", fillcolor=\"#dbe9ff\"",
        (_, Visibility::Local) => "",
    }
}
