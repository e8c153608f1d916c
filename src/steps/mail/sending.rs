//! How the mails of a release are put together from their templates, and sent once.

use serde::Serialize;

use super::announcement::Announcement;
use crate::egress::Permit;
use crate::kinds::StepKind;
use crate::mail::{
    Acknowledgement, Delivery, MailTemplate, Message, MessageError, NewMessage, Sent, TemplateError,
};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Inputs, Subject, Target};
use crate::steps::context::{Applied, Begun, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::{Output, SentMail};
use crate::steps::publish::answer::{decision, waive};

/// The mail of a step before the disclosure. It names nothing of the fixes.
pub(in crate::steps) fn advance(context: &StepContext) -> Result<Message, StepError> {
    let name = context.step.asks.as_deref().unwrap_or("advance");
    message(context.inputs(), name, &Announcement::of(context).advance_notice()?)
}

/// The mail of a step that announces what was released.
pub(in crate::steps) fn release(context: &StepContext) -> Result<Message, StepError> {
    let name = context.step.asks.as_deref().unwrap_or("release");
    let published = |target: &Target| {
        let subject =
            Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) };
        context.facts.standing(StepKind::AwaitRelease, &subject).cloned()
    };
    message(context.inputs(), name, &Announcement::of(context).security_release(published)?)
}

/// The template of a mail. The user's own comes before the workflow's.
pub(super) fn template(inputs: &Inputs, name: &str) -> Result<MailTemplate, StepError> {
    let own = inputs.catalog.mail.own_template(name).and_then(|file| inputs.templates.get_key_value(file));
    match (own, inputs.workflow.mail.of(name)) {
        (Some((file, text)), _) => Ok(MailTemplate::of_user(file, text)),
        (None, Some(built_in)) => Ok(MailTemplate::built_in(built_in)?),
        (None, None) => Err(StepError::internal(format!("the mail `{name}` has no template"))),
    }
}

/// What a reporter is answered.
pub(super) fn acknowledgement(inputs: &Inputs, facts: &Acknowledgement) -> Result<String, StepError> {
    Ok(template(inputs, "acknowledgement")?.fill(facts)?)
}

/// The mail of this name. Its name is part of its id, by which it is found again.
pub(super) fn message(inputs: &Inputs, name: &str, facts: &impl Serialize) -> Result<Message, StepError> {
    let mail = &inputs.catalog.mail;
    let text = template(inputs, name)?.render(facts)?;
    let (release, to) = (&inputs.release.id, mail.recipients_of(name));
    Ok(Message::new(NewMessage { release, kind: name, from: &mail.from, to, text })?)
}

/// Whether the mail was sent. A mail server cannot tell: after an attempt of unknown outcome people look.
pub(in crate::steps) fn observe(context: &StepContext, message: &Message) -> Observed {
    match context.world.mailer.lookup(message) {
        Sent::Yes { .. } => Observed::Done(sent(message)),
        Sent::No => Observed::Todo,
        Sent::Unknown { .. } if context.begun == Begun::No => Observed::Todo,
        Sent::Unknown { why } => match context.facts.decisions.get(&context.step.name) {
            Some(Decision::Confirmed) => Observed::Done(sent(message)),
            // Given about an attempt that has not arrived, it says nothing of the one after it.
            Some(Decision::Waived { .. })
                if !context.facts.acted_since_decision.contains(&context.step.name) =>
            {
                Observed::Todo
            }
            _ => Observed::Ask(decision(
                format!(
                    "the mail \"{}\" may have been sent: {why}; confirm the step if the mail arrived, waive it if it \
                     did not, and the mail is sent now",
                    message.subject()
                ),
                [
                    Advice::then("if it arrived", NextAction::Confirm { step: context.step.name.clone() }),
                    Advice::then("if it did not, so that it is sent now", waive(context)),
                ],
            )),
        },
    }
}

/// Sends it.
pub(in crate::steps) async fn send(
    context: &StepContext,
    message: &Message,
    permit: &Permit,
) -> Result<Applied, StepError> {
    match context.world.mailer.send(message, permit).await? {
        Delivery::Sent | Delivery::AlreadySent => Ok(Applied::Done(sent(message))),
    }
}

fn sent(message: &Message) -> Output {
    Output::Mail(SentMail {
        id: message.id().to_owned(),
        subject: message.subject().to_owned(),
        to: message.recipients(),
    })
}

impl From<MessageError> for StepError {
    fn from(error: MessageError) -> StepError {
        let hint = match &error {
            MessageError::NoRecipient { kind } => {
                format!("say who gets it in the catalog: `{kind} = [\"…\"]` below `[mail.recipients]`")
            }
            _ => "correct `[mail]` in the catalog, or the mail's template".to_owned(),
        };
        StepError::input(error.to_string(), hint)
    }
}

impl From<TemplateError> for StepError {
    fn from(error: TemplateError) -> StepError {
        StepError::input(error.to_string(), "correct the template, or its name in the catalog or workflow")
    }
}
