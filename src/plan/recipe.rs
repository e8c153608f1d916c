//! What a workflow lists, against what its steps need: a recipe is free, but for what makes its steps work and keeps them safe.

use super::expansion::{is_taken, listed_kinds};
use super::graph::Plan;
use crate::ids::GhsaId;
use crate::kinds::StepKind;
use crate::release::CveWish;

/// A kind of step that is listed without another that it needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the workflow lists `{kind}` and no `{lacks}` {side} it ({}): add it there", lacks.does())]
pub struct LackingStep {
    kind: StepKind,
    lacks: StepKind,
    /// Where: `before` or `behind`.
    side: &'static str,
}

/// The steps that need one before them, or one after them, which the workflow does not list there.
pub(super) fn lacking(plan: &Plan) -> Vec<LackingStep> {
    let listed = listed_kinds(&plan.inputs, &plan.targets);
    let mut found = Vec::new();
    for (position, (kind, _)) in listed.iter().enumerate().filter(|(_, (_, is_taken))| *is_taken) {
        let (before, after) = (&listed[..position], &listed[position + 1..]);
        let lacking = |others: &[(StepKind, bool)], wanted: &StepKind| {
            let is_there = others.iter().any(|(other, _)| other == wanted);
            !is_there && is_taken(&plan.inputs, &plan.targets, *wanted)
        };
        let needed = kind.needs().iter().filter(|wanted| lacking(before, wanted));
        found.extend(needed.map(|lacks| LackingStep { kind: *kind, lacks: *lacks, side: "before" }));
        let later = kind.leads_to().iter().filter(|wanted| lacking(after, wanted));
        found.extend(later.map(|lacks| LackingStep { kind: *kind, lacks: *lacks, side: "behind" }));
    }
    found
}

/// What the release file asks for, and no step of the workflow does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a CVE is wanted for {advisory} (`cve` in release.toml), and the workflow lists no `{lacks}` ({}): add it, or write `cve = \"none\"`",
    lacks.does()
)]
pub struct UnheardWish {
    advisory: GhsaId,
    lacks: StepKind,
}

/// The wishes of the release file that the workflow has no step for.
pub(super) fn unheard(plan: &Plan) -> Vec<UnheardWish> {
    let listed = listed_kinds(&plan.inputs, &plan.targets);
    let is_listed = |kind: StepKind| listed.iter().any(|(listed, _)| *listed == kind);
    let lacks = |wish: &CveWish| match wish {
        CveWish::Request | CveWish::Require if !is_listed(StepKind::RequestCve) => Some(StepKind::RequestCve),
        CveWish::Require if !is_listed(StepKind::AwaitCve) => Some(StepKind::AwaitCve),
        _ => None,
    };
    let advisories = plan.inputs.release.advisories.iter();
    advisories
        .filter_map(|advisory| {
            Some(UnheardWish { advisory: advisory.id.clone(), lacks: lacks(&advisory.cve)? })
        })
        .collect()
}
