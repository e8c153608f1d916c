//! `lint-advisory`: check that the advisory is complete and consistent before anybody hears of it.

use super::accept_report::current;
use super::describe_advisory::is_shown;
use crate::github::RepositoryAdvisory;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::patch::lines::{known_versions, wrongly_covered};
use crate::steps::publish::answer::wait_and_tell;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let found = current(context).await?;
    let mut problems = problems(&found, |text| is_version(context, text));
    if is_released_here(context) && found.vulnerabilities.iter().all(|one| one.patched_versions.is_none()) {
        problems.push("it names no patched version".to_owned());
    }
    let known = known_versions(context, context.advisory()?);
    problems.extend(wrongly_covered(&found.vulnerabilities, &known));
    if problems.is_empty() {
        return Ok(Observed::Done(Output::Verified(vec![
            "it has a severity, a description, weaknesses and ranges".to_owned(),
        ])));
    }
    let correct = Advice::then("correct the advisory on GitHub, then", NextAction::Resume);
    if was_described(context) && !is_shown(&found, context)? {
        return Ok(not_as_written(context, &found, &problems, correct));
    }
    let mut next = vec![correct];
    if context.advisory()?.rating().is_none() && found.severity.is_none() && found.vector.is_none() {
        let write = "or write `cvss` or `severity` in release.toml, then";
        next.push(Advice::then(write, NextAction::Amend { digest: None }));
    }
    Ok(Observed::Ask(Question {
        kind: QuestionKind::Decision,
        text: format!("{} is incomplete: {}; nothing of it is public", found.id, problems.join("; ")),
        next,
    }))
}

/// The page lacks what this run wrote: GitHub shows it late, or somebody took it out. What is missing is not missing in the files.
fn not_as_written(
    context: &StepContext,
    found: &RepositoryAdvisory,
    problems: &[String],
    correct: Advice,
) -> Observed {
    match wait_and_tell(context, format!("GitHub to show what was written into {}", found.id), correct) {
        Observed::Ask(question) => Observed::Ask(Question {
            text: format!(
                "{} was written, and GitHub does not show it: {}; somebody changed it since, or GitHub lags behind; {}",
                found.id,
                problems.join("; "),
                question.text
            ),
            ..question
        }),
        waiting => waiting,
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// Whether this run wrote the advisory, and did not leave it as it was.
fn was_described(context: &StepContext) -> bool {
    let written = context.facts.output(StepKind::DescribeAdvisory, context.subject());
    matches!(written, Some(Output::Advisory(_)))
}

/// Whether this release makes a version with the advisory's fix. Where others make it, nobody may know its number yet; what the
/// advisory states was shown at the gate `ready`.
fn is_released_here(context: &StepContext) -> bool {
    let Ok(advisory) = context.advisory() else { return true };
    let targets = context.plan.targets.iter().filter(|target| target.advisories.contains(&advisory.id));
    targets.into_iter().any(|target| target.release.is_some())
}

/// Whether a text is a version by the scheme of any project that is released.
fn is_version(context: &StepContext, text: &str) -> bool {
    let inputs = context.inputs();
    inputs.repos().any(|repo| inputs.scheme(repo).parse(text).is_ok())
}

fn problems(advisory: &RepositoryAdvisory, is_version: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    if advisory.summary.trim().is_empty() {
        problems.push("it has no title".to_owned());
    }
    if advisory.description.trim().is_empty() {
        problems.push("it has no description".to_owned());
    }
    if advisory.severity.is_none() && advisory.vector.is_none() {
        problems.push("it has neither a severity nor a CVSS vector".to_owned());
    }
    if advisory.vulnerabilities.is_empty() {
        problems.push("it names no affected version".to_owned());
    }
    for vulnerability in &advisory.vulnerabilities {
        let package = vulnerability.package.as_deref().unwrap_or("a package without a name");
        if vulnerability.vulnerable_version_range.is_none() {
            problems.push(format!("{package} has no affected range"));
        }
        match &vulnerability.patched_versions {
            Some(patched) if is_version(patched) => {}
            Some(patched) => problems.push(format!("`{patched}` is not one patched version of {package}")),
            // A line that is no longer supported has none.
            None => {}
        }
    }
    problems
}
