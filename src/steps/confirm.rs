//! `confirm`: something that only people can do or decide; shown with its text, recorded with a name.

use super::error::StepError;
use super::facts::Decision;
use super::output::Output;
use super::site::{Made, Question, QuestionKind, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let name = site.step.asks.as_deref().unwrap_or_default();
    let confirm = site
        .inputs()
        .workflow
        .confirm
        .get(name)
        .ok_or_else(|| StepError::internal(format!("the workflow has no `confirm.{name}`")))?;
    Ok(ask(site, confirm.text.clone()))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}

/// Done if somebody confirmed this step; else the question.
pub(super) fn ask(site: &Site, text: String) -> Seen {
    let step = &site.step.name;
    let by = site.facts.decided_by.get(step).map_or("nobody", |login| login.as_str());
    match site.facts.decisions.get(step) {
        Some(Decision::Confirmed) => Seen::Done(Output::Note(format!("confirmed by {by}"))),
        Some(Decision::Waived { reason }) => {
            Seen::Done(Output::Note(format!("{by} goes on without: {reason}")))
        }
        _ => Seen::Ask(Question {
            kind: QuestionKind::Confirmation,
            text,
            next: vec![format!("lockgate confirm {step} --as NAME")],
        }),
    }
}
