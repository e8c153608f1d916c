//! The two mails of a release: what they tell, and how they are sent once.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::egress::Permit;
use crate::ids::GhsaId;
use crate::kinds::StepKind;
use crate::mail::{
    AdvanceNotice, AdvisoryLine, Delivery, Message, MessageError, NewMessage, ReleaseLine, Rendered,
    SecurityRelease, Sent, SupportedLine, Template, TemplateError,
};
use crate::plan::{Inputs, Subject, Target};
use crate::release::{Advisory, CveWish};
use crate::steps::context::{Applied, Begun, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::{Output, SentMail};
use crate::steps::patch::left_out::gets_nothing;
use crate::steps::publish::answer::decision;

/// The mail that announces that a security release is coming. It names nothing of the fixes.
pub(in crate::steps) fn advance(context: &StepContext) -> Result<Message, StepError> {
    let inputs = context.inputs();
    let facts = AdvanceNotice {
        project: projects(inputs),
        disclosure_date: day(inputs.release.disclosure),
        disclosure_time: hour(inputs.release.disclosure),
        highest_severity: highest_severity(inputs)?,
        lines: released(context).map(|(name, target)| SupportedLine { name, line: line(target) }).collect(),
    };
    let (own, built_in) = (&inputs.catalog.mail.advance_template, &inputs.workflow.mail.advance);
    message(inputs, "advance", template(inputs, own.as_deref(), built_in)?.render(&facts)?)
}

/// The mail that announces the security release itself.
pub(in crate::steps) fn release(context: &StepContext) -> Result<Message, StepError> {
    let inputs = context.inputs();
    let releases = released(context).map(|(name, target)| release_line(context, name, target));
    let facts = SecurityRelease {
        project: projects(inputs),
        date: day(context.world.clock.now()),
        highest_severity: highest_severity(inputs)?,
        releases: releases.collect::<Result<_, _>>()?,
        advisories: inputs
            .release
            .advisories
            .iter()
            .map(|advisory| advisory_line(context, advisory))
            .collect(),
    };
    let (own, built_in) = (&inputs.catalog.mail.release_template, &inputs.workflow.mail.release);
    message(inputs, "release", template(inputs, own.as_deref(), built_in)?.render(&facts)?)
}

/// Whether the mail was sent. A mail server cannot tell: after an attempt of unknown outcome people look.
pub(in crate::steps) fn observe(context: &StepContext, message: &Message) -> Observed {
    match context.world.mailer.lookup(message) {
        Sent::Yes { .. } => Observed::Done(sent(message)),
        Sent::No => Observed::Todo,
        Sent::Unknown { .. } if context.begun == Begun::No => Observed::Todo,
        Sent::Unknown { why } => match context.facts.decisions.get(&context.step.name) {
            Some(Decision::Confirmed) => Observed::Done(sent(message)),
            Some(Decision::Waived { .. }) => Observed::Todo,
            _ => Observed::Ask(decision(
                format!(
                    "the mail \"{}\" was begun and may have been sent: {why}; confirm it if it arrived, waive it if it \
                     did not and is to be sent now",
                    message.subject()
                ),
                [
                    format!("lockgate confirm {} --as NAME", context.step.name),
                    format!("lockgate waive {} --as NAME --reason WHY", context.step.name),
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

fn template(inputs: &Inputs, own: Option<&str>, built_in: &str) -> Result<Template, TemplateError> {
    match own.and_then(|name| inputs.templates.get_key_value(name)) {
        Some((name, text)) => Ok(Template::of_user(name, text)),
        None => Template::built_in(built_in),
    }
}

fn message(inputs: &Inputs, kind: &str, text: Rendered) -> Result<Message, StepError> {
    let mail = &inputs.catalog.mail;
    let new = NewMessage { release: &inputs.release.id, kind, from: &mail.from, to: &mail.announce, text };
    Ok(Message::new(new)?)
}

/// The projects that are released: `A`, `A and B`, `A, B and C`.
fn projects(inputs: &Inputs) -> String {
    let mut names: Vec<&str> = inputs.repos().map(|repo| repo.project.as_str()).collect();
    names.dedup();
    match names.as_slice() {
        [] => inputs.catalog.organisation.clone(),
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The lines that are released, each with its project's name.
fn released(context: &StepContext) -> impl Iterator<Item = (String, &Target)> {
    let released =
        |target: &&Target| target.release.is_some() && !gets_nothing(&context.plan, &context.facts, target);
    context.plan.targets.iter().filter(released).map(|target| {
        let project = context.inputs().catalog.repo(&target.repo).map(|repo| repo.project.clone());
        (project.unwrap_or_else(|| target.repo.name().to_owned()), target)
    })
}

/// The line as people call it: `2.4.x`.
fn line(target: &Target) -> String {
    target.release.as_ref().map_or_else(|| target.branch.to_string(), |release| release.from.line())
}

fn release_line(context: &StepContext, name: String, target: &Target) -> Result<ReleaseLine, StepError> {
    let subject =
        Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) };
    let standing = context.facts.standing(StepKind::AwaitRelease, &subject)?;
    let version = target.release.as_ref().map(|release| release.to.to_string()).unwrap_or_default();
    Ok(ReleaseLine {
        name,
        repository: target.repo.to_string(),
        version,
        url: standing.url.clone(),
        date: day(standing.at),
    })
}

fn advisory_line(context: &StepContext, advisory: &Advisory) -> AdvisoryLine {
    AdvisoryLine {
        ghsa: advisory.id.to_string(),
        cve: cve(context, advisory),
        url: page(context, advisory),
        severity: advisory.rating().map_or("unrated", |severity| severity.as_str()).to_owned(),
        summary: advisory.summary.clone(),
    }
}

/// The CVE that an advisory was given, if it has one.
pub(in crate::steps) fn cve(context: &StepContext, advisory: &Advisory) -> Option<String> {
    let given = match &advisory.cve {
        CveWish::Given(cve) => Some(cve.to_string()),
        CveWish::Request | CveWish::None => None,
    };
    let assigned = [StepKind::AwaitCve, StepKind::RequestCve].into_iter().find_map(|kind| {
        match context.facts.output(kind, &of_advisory(&advisory.id)) {
            Some(Output::Cve(cve)) => cve.as_ref().map(ToString::to_string),
            _ => None,
        }
    });
    let seen = || context.plan.snapshot.advisories.get(&advisory.id).and_then(|seen| seen.cve.clone());
    given.or(assigned).or_else(seen)
}

/// The advisory's page.
pub(in crate::steps) fn page(context: &StepContext, advisory: &Advisory) -> String {
    match context.facts.output(StepKind::PublishAdvisory, &of_advisory(&advisory.id)) {
        Some(Output::Advisory(fact)) => fact.url.clone(),
        _ => format!("https://github.com/{}/security/advisories/{}", advisory.repo, advisory.id),
    }
}

fn of_advisory(id: &GhsaId) -> Subject {
    Subject { advisory: Some(id.clone()), ..Subject::default() }
}

fn highest_severity(inputs: &Inputs) -> Result<String, StepError> {
    let highest = inputs.release.advisories.iter().filter_map(Advisory::rating).max();
    highest.map(|severity| severity.as_str().to_owned()).ok_or_else(|| {
        StepError::input(
            "no advisory of the release has a severity, which the mail tells",
            "give `severity` or `cvss` in the release file",
        )
    })
}

fn day(hour: Timestamp) -> String {
    hour.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

fn hour(hour: Timestamp) -> String {
    hour.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl From<MessageError> for StepError {
    fn from(error: MessageError) -> StepError {
        StepError::input(error.to_string(), "correct `mail` in the catalog, or the mail's template")
    }
}

impl From<TemplateError> for StepError {
    fn from(error: TemplateError) -> StepError {
        StepError::input(
            error.to_string(),
            "correct the template, or the name of it in the catalog or workflow",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_in_utc() {
        let disclosure: Timestamp = "2026-03-09T18:00:00+01:00".parse().unwrap();
        assert_eq!(day(disclosure), "2026-03-09");
        assert_eq!(hour(disclosure), "2026-03-09 17:00 UTC");
    }
}
