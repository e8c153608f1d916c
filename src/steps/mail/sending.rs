//! How the mails of a release are put together from their templates, and sent once.

use serde::Serialize;

use super::announcement::Announcement;
use crate::egress::Permit;
use crate::failure::{Effect, ServiceError as _};
use crate::kinds::StepKind;
use crate::mail::{
    Acknowledgement, Archived, Delivery, MailTemplate, Message, MessageError, NewMessage, Sent, TemplateError,
};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Inputs, Subject, Target};
use crate::steps::context::{Applied, Begun, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::{Output, SentMail};
use crate::steps::publish::answer::decision;

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
pub(in crate::steps) async fn observe(context: &StepContext, message: &Message) -> Observed {
    match context.world.mailer.lookup(message) {
        Sent::Yes { .. } => Observed::Done(sent(message)),
        Sent::No => by_decision(context, message, Observed::Todo),
        Sent::Unknown { why } => match before(context, message) {
            Some(mail) if is_the_same(mail, message) => Observed::Done(Output::Mail(mail.clone())),
            Some(mail) => by_decision(context, message, ask_about_the_other(context, message, mail)),
            None => {
                let undecided = match doubt(context) {
                    None => Observed::Todo,
                    Some(doubt) => look_or_ask(context, message, doubt, &why).await,
                };
                by_decision(context, message, undecided)
            }
        },
    }
}

/// The mail of this id that a run sent which was called off since.
fn before<'a>(context: &'a StepContext, message: &Message) -> Option<&'a SentMail> {
    context.facts.sent_before.iter().rev().find(|mail| mail.id == message.id())
}

fn is_the_same(mail: &SentMail, message: &Message) -> bool {
    mail.subject == message.subject() && mail.to == message.recipients()
}

fn ask_about_the_other(context: &StepContext, message: &Message, mail: &SentMail) -> Observed {
    let step = || context.step.name.clone();
    let text = format!(
        "the run that was called off sent \"{}\" to {}; this one would send \"{}\" to {}. It is not sent unless you say so",
        mail.subject,
        mail.to.join(", "),
        message.subject(),
        message.recipients().join(", ")
    );
    let answers = [
        Advice::then("if the first mail is enough", NextAction::Confirm { step: step() }),
        Advice::then("to send this one, too, once", NextAction::SendAgain { step: step() }),
    ];
    Observed::Ask(decision(text, answers))
}

/// Why the mail may be out already.
#[derive(Debug, Clone, Copy)]
enum SendingDoubt {
    /// An attempt was begun, and nobody knows what came of it.
    Attempted,
    /// The run lies in two places: the other may have sent it.
    Copied,
    /// A run that was called off began to send it, and nobody knows what came of it.
    CalledOff,
}

fn doubt(context: &StepContext) -> Option<SendingDoubt> {
    match context.begun {
        Begun::Yes => Some(SendingDoubt::Attempted),
        Begun::No if context.facts.copied => Some(SendingDoubt::Copied),
        Begun::No => context.facts.doubtful.contains(&context.step.name).then_some(SendingDoubt::CalledOff),
    }
}

/// What people decided about the mail, if they did since it was last tried; else `undecided`.
fn by_decision(context: &StepContext, message: &Message, undecided: Observed) -> Observed {
    // Given about an attempt that has not arrived, it says nothing of the one after it.
    let is_fresh = !context.facts.acted_since_decision.contains(&context.step.name);
    match context.facts.decisions.get(&context.step.name) {
        Some(Decision::Confirmed) => Observed::Done(sent(message)),
        Some(Decision::SendAgain | Decision::Waived { .. }) if is_fresh => Observed::Todo,
        _ => undecided,
    }
}

/// The archive knows what the server does not; what it does not show may be on its way, and is asked about.
async fn look_or_ask(context: &StepContext, message: &Message, doubt: SendingDoubt, why: &str) -> Observed {
    match archived(context, message).await {
        Some(Archived::Found(_)) => Observed::Done(sent(message)),
        Some(Archived::Unseen(page)) => {
            ask(context, message, doubt, &format!("{why}; the archive does not show it yet at {page}"))
        }
        None => ask(context, message, doubt, why),
    }
}

/// The archive is one of the public lists: it is asked about no mail that went to anybody else.
async fn archived(context: &StepContext, message: &Message) -> Option<Archived> {
    let mail = &context.inputs().catalog.mail;
    let is_announced = mail.recipients_of(message.kind()) == mail.announce.as_slice();
    if is_announced { context.world.mailer.archived(message).await } else { None }
}

fn ask(context: &StepContext, message: &Message, doubt: SendingDoubt, why: &str) -> Observed {
    let step = || context.step.name.clone();
    let happened = match doubt {
        SendingDoubt::Attempted => "may have been sent: its attempt ended without an answer",
        SendingDoubt::Copied => {
            "may have been sent by another copy of this run: this folder is not the one that it was started in"
        }
        SendingDoubt::CalledOff => {
            "may have been sent by the run that was called off: its attempt ended without an answer"
        }
    };
    let text = format!(
        "the mail \"{}\" {happened}. {why}. It is not sent again unless you say so",
        message.subject()
    );
    let answers = [
        Advice::then("if it arrived", NextAction::Confirm { step: step() }),
        Advice::then("if it did not, so that it is sent now, once", NextAction::SendAgain { step: step() }),
    ];
    Observed::Ask(decision(text, answers))
}

/// Sends it.
pub(in crate::steps) async fn send(
    context: &StepContext,
    message: &Message,
    permit: &Permit,
) -> Result<Applied, StepError> {
    let by_hand =
        Advice::then("if the mail is sent by hand", NextAction::Confirm { step: context.step.name.clone() });
    match context.world.mailer.send(message, permit).await {
        Ok(Delivery::Sent | Delivery::AlreadySent) => Ok(Applied::Done(sent(message))),
        // What may be out is asked about by the next look.
        Err(error) if error.effect() == Effect::Unknown => Err(error.into()),
        Err(error) => Err(StepError::from(error).or(by_hand)),
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
