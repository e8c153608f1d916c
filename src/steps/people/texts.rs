//! Every text that a release makes public, as far as it is known before the day: mails, advisories, pull requests, records.
//! What is written in files stands in the trees that a gate shows.
//!
//! Pure: the same plan and facts give the same texts. A CVE that GitHub assigns, and pages that are made on the day, are
//! written in then, and are no part of what is approved.

use std::fmt::Write as _;

use super::ahead::is_needless;
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::plan::{BumpText, Plan, Subject, Target};
use crate::release::Advisory;
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::mail::trial;
use crate::steps::patch::lines::affected_packages;
use crate::steps::publish::open_pull;
use crate::steps::records::write_entries;

/// A text that will be public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComingText {
    /// What it is.
    pub kind: TextKind,
    /// Which one: the step of a mail, the id of an advisory, the branch of a pull request, the file of a record.
    pub of: String,
    /// The text, with its title, addresses and fields.
    pub text: String,
    /// The step that makes it public.
    pub step: StepName,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// A mail.
    Mail,
    /// An advisory on GitHub.
    Advisory,
    /// A pull request.
    Pull,
    /// An entry for a vulnerability database.
    Record,
}

impl TextKind {
    /// The noun for it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            TextKind::Mail => "mail",
            TextKind::Advisory => "advisory",
            TextKind::Pull => "pull request",
            TextKind::Record => "record",
        }
    }
}

/// Every text of a release that is known by now.
///
/// # Errors
/// For the first that cannot be put together.
pub fn coming_texts(plan: &Plan, facts: &Facts) -> Result<Vec<ComingText>, StepError> {
    let facts = &without_what_comes_later(facts);
    let mut texts = mails(plan, facts)?;
    texts.extend(
        plan.inputs.release.advisories.iter().filter_map(|advisory| described(plan, facts, advisory)),
    );
    texts.extend(plan.targets.iter().flat_map(|target| pulls(plan, facts, target)));
    for step in plan.of_kind(StepKind::WriteEntries) {
        let advisory = step.subject.advisory.as_ref().and_then(|id| plan.inputs.release.advisory(id));
        let Some(advisory) = advisory else { continue };
        let files = write_entries::expected(plan, facts, advisory)?.into_iter();
        texts.extend(files.map(|file| {
            let (of, text, step) = (file.name, file.text, step.name.clone());
            ComingText { kind: TextKind::Record, of, text, step }
        }));
    }
    Ok(texts)
}

/// The facts as they were before anything was assigned or published.
fn without_what_comes_later(facts: &Facts) -> Facts {
    let later = [
        StepKind::RequestCve,
        StepKind::AwaitCve,
        StepKind::LateCve,
        StepKind::PublishAdvisory,
        StepKind::AwaitRelease,
    ];
    let mut facts = facts.clone();
    facts.outputs.retain(|step| StepKind::of_step(step.as_str()).is_none_or(|kind| !later.contains(&kind)));
    facts
}

fn mails(plan: &Plan, facts: &Facts) -> Result<Vec<ComingText>, StepError> {
    let mut mails = Vec::new();
    for step in plan.steps() {
        if let Some(mail) = trial::expected_mail(plan, facts, step)? {
            let (from, to) = (mail.sender(), mail.recipients().join(", "));
            let text = format!("From: {from}\nTo: {to}\nSubject: {}\n\n{}", mail.subject(), mail.body());
            let (of, step) = (step.name.to_string(), step.name.clone());
            mails.push(ComingText { kind: TextKind::Mail, of, text, step });
        }
    }
    Ok(mails)
}

fn described(plan: &Plan, facts: &Facts, advisory: &Advisory) -> Option<ComingText> {
    let subject = Subject::of_advisory(&advisory.id);
    let kinds = [StepKind::PublishAdvisory, StepKind::DescribeAdvisory];
    let step = kinds.into_iter().find_map(|kind| plan.find(kind, &subject))?.name.clone();
    let mut text = format!("{}\n", advisory.summary);
    let rating = advisory.rating().map_or("not set", |rating| rating.as_str());
    let _ = writeln!(
        text,
        "severity {rating}{}",
        advisory.cvss.as_ref().map_or(String::new(), |it| format!(" ({it})"))
    );
    if !advisory.cwes.is_empty() {
        let _ = writeln!(text, "weaknesses {}", advisory.cwes.join(", "));
    }
    for credit in &advisory.credits {
        let _ = writeln!(text, "credit to {}", credit.login);
    }
    for package in affected_packages(plan, facts, advisory) {
        for range in &package.ranges {
            let patched = range.patched.as_ref().map_or("no fix".to_owned(), |it| format!("fixed in {it}"));
            let _ = writeln!(text, "affected {} {}, {patched}", package.name, range.range);
        }
    }
    let _ = write!(text, "\n{}", advisory.description);
    Some(ComingText { kind: TextKind::Advisory, of: advisory.id.to_string(), text, step })
}

/// The public pull requests of a target: of its fixes, its bump, and what it states afterwards. Those that nobody will open,
/// because of what people decided, are none.
fn pulls(plan: &Plan, facts: &Facts, target: &Target) -> Vec<ComingText> {
    let (title, body) = open_pull::said(plan, facts, target);
    let fixes = BumpText { opens: StepKind::OpenPull, title, body };
    let all = [fixes].into_iter().chain(plan.bump_texts(target));
    let pull = |text: BumpText| {
        let step = plan.find(text.opens, &target.subject()).filter(|step| !is_needless(plan, facts, step))?;
        let BumpText { title, body, .. } = text;
        let body = body.trim_end();
        let text = if body.is_empty() { format!("{title}\n") } else { format!("{title}\n\n{body}\n") };
        Some(ComingText { kind: TextKind::Pull, of: target.label(), text, step: step.name.clone() })
    };
    all.filter_map(pull).collect()
}
