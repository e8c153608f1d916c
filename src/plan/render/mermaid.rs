//! The plan for Markdown pages.

use std::fmt::Write as _;

use super::dot::label;
use super::drawn::{self, DrawnEdge};
use super::grouping::Grouping;
use crate::kinds::{StepKind, Visibility};
use crate::plan::{Edge, Plan};

pub(super) fn render(plan: &Plan, grouping: Grouping) -> String {
    let mut out = String::from("flowchart LR\n");
    for group in grouping.groups(plan) {
        let title = if group.id == group.title { String::new() } else { format!("[\"{}\"]", group.title) };
        let _ = writeln!(out, "  subgraph {}{title}", group.id);
        for node in group.steps {
            let step = &plan.graph()[node];
            let text = label(step).replace("\\n", "<br/>");
            let _ = match step.kind {
                StepKind::Gate => writeln!(out, "    s{}{{{{\"{text}\"}}}}:::gate", node.index()),
                kind if kind.visibility() == Visibility::Public => {
                    writeln!(out, "    s{}[\"{text}\"]:::public", node.index())
                }
                _ => writeln!(out, "    s{}[\"{text}\"]", node.index()),
            };
        }
        out.push_str("  end\n");
    }
    for DrawnEdge { from, to, edge } in drawn::edges(plan) {
        let arrow = if edge == Edge::InTurn { "-.->" } else { "-->" };
        let _ = writeln!(out, "  s{} {arrow} s{}", from.index(), to.index());
    }
    out.push_str("  classDef gate fill:#ffe08a,stroke:#8a6d00\n  classDef public fill:#f8d7da,stroke:#a33\n");
    out
}
