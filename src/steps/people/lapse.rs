//! Gates whose approval has lapsed: what they showed is another by now.

use super::shown;
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::plan::Step;
use crate::steps::context::StepContext;

/// The gates before this step that were passed and show something else now.
pub(in crate::steps) fn lapsed_before(context: &StepContext) -> Vec<StepName> {
    let plan = &context.plan;
    let before = plan.steps().take_while(|step| step.name != context.step.name);
    let gates = before.filter(|step| step.kind == StepKind::Gate);
    gates.filter(|gate| has_lapsed(context, gate)).map(|gate| gate.name.clone()).collect()
}

fn has_lapsed(context: &StepContext, gate: &Step) -> bool {
    let name = gate.asks.as_deref().unwrap_or_default();
    let Some(passage) = context.facts.passage(&context.plan, name) else { return false };
    passage.digest != shown::digest(&context.plan, &context.facts, gate)
}
