//! Which steps cannot come before people have done something.

use std::collections::BTreeSet;

use crate::ids::StepName;
use crate::plan::{Edge, Plan};
use crate::steps::facts::Facts;

/// Whether a step cannot come before people have done something about it or about what it waits for.
pub(crate) fn is_held(plan: &Plan, facts: &Facts, step: &StepName) -> bool {
    let mut open = vec![step.clone()];
    let mut seen = BTreeSet::new();
    while let Some(step) = open.pop() {
        if facts.held.contains(&step) {
            return true;
        }
        let before = plan.before_it(&step, Edge::Needs).map(|before| before.name.clone());
        let before = before.chain(facts.behind.get(&step).cloned());
        let before: Vec<StepName> = before.filter(|name| !facts.outputs.contains_key(name)).collect();
        open.extend(before.into_iter().filter(|name| seen.insert(name.clone())));
    }
    false
}
