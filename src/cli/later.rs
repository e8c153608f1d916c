//! What a release will ask, and can be told before it does.

use super::command::Commands;
use crate::control::Opened;
use crate::ids::StepName;
use crate::next_action::NextAction;

/// What the release will ask that can be confirmed now, and the command; nothing where it asks no more.
pub(super) fn asked_later(opened: &Opened) -> Option<String> {
    let steps: Vec<StepName> =
        opened.decisions().confirmed_ahead().into_iter().map(|step| step.name.clone()).collect();
    if steps.is_empty() {
        return None;
    }
    let command = Commands::of(opened).word(&NextAction::ConfirmAll { steps });
    Some(format!("asked later, and to be confirmed now if it is so:\n    {command}"))
}
