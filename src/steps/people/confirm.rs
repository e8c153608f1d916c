//! `confirm`: something that only people can do or decide; shown with its text, recorded with a name.

use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::Output;
use crate::steps::publish::answer::waive;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let name = context.step.asks.as_deref().unwrap_or_default();
    let confirm = context
        .inputs()
        .workflow
        .confirm
        .get(name)
        .ok_or_else(|| StepError::internal(format!("the workflow has no `confirm.{name}`")))?;
    Ok(ask(context, confirm.text.clone()))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// Done if somebody confirmed this step; else the question.
pub(in crate::steps) fn ask(context: &StepContext, text: String) -> Observed {
    let step = &context.step.name;
    let by = context.facts.decided_by.get(step).map_or("nobody", |login| login.as_str());
    match context.facts.decisions.get(step) {
        Some(Decision::Confirmed) => Observed::Done(Output::Note(format!("confirmed by {by}"))),
        Some(Decision::Waived { reason }) => {
            Observed::Done(Output::Note(format!("{by} continues without it: {reason}")))
        }
        _ => Observed::Ask(Question {
            kind: QuestionKind::Confirmation,
            text,
            next: vec![
                NextAction::Confirm { step: step.clone() }.into(),
                Advice::then("to continue without it", waive(context)),
            ],
        }),
    }
}
