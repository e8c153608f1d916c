//! Every mail of a plan, put together once before the run starts.
//!
//! A template that names what its mail does not have, or a mail
//! without recipients, would otherwise be found when everything is public and nothing can be corrected any more.

use jiff::Timestamp;

use super::announcement::Announcement;
use super::sending::{acknowledgement, message};
use crate::kinds::StepKind;
use crate::mail::Message;
use crate::plan::{Plan, Step, Target};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::output::PublishedRelease;

/// Tries out every mail that the plan will send, and every text that it will show for sending.
///
/// # Errors
/// For the first one that could not be put together, with what to correct.
pub fn try_mails(plan: &Plan, now: Timestamp) -> Result<(), StepError> {
    let facts = Facts::default();
    let announcement = Announcement { plan, facts: &facts, now };
    for advisory in &plan.inputs.release.advisories {
        acknowledgement(&plan.inputs, &announcement.acknowledgement(advisory))?;
    }
    plan.steps().try_for_each(|step| expected_mail(plan, &facts, step).map(drop))
}

/// The mail of a step as it is known before the day; `None` where the step sends none.
pub(in crate::steps) fn expected_mail(
    plan: &Plan,
    facts: &Facts,
    step: &Step,
) -> Result<Option<Message>, StepError> {
    let now = plan.inputs.release.disclosure;
    let announcement = Announcement { plan, facts, now };
    let name = step.asks.as_deref();
    Ok(match step.kind {
        StepKind::AdvanceMail => {
            let notice = announcement.advance_notice()?;
            Some(message(&plan.inputs, name.unwrap_or("advance"), &notice)?)
        }
        StepKind::ReleaseMail => {
            let release = announcement.security_release(|target| Ok(expected(plan, target, now)))?;
            Some(message(&plan.inputs, name.unwrap_or("release"), &release)?)
        }
        _ => None,
    })
}

/// A line's release as it will be, as far as that is known before it is made.
fn expected(plan: &Plan, target: &Target, now: Timestamp) -> PublishedRelease {
    let tag = target.release.as_ref().map(|release| release.tag.clone()).unwrap_or_default();
    let tag_alone = plan.inputs.catalog.repo(&target.repo).is_some_and(|repo| plan.inputs.is_tag_alone(repo));
    let place = if tag_alone { "tree" } else { "releases/tag" };
    let url = plan.inputs.catalog.endpoints.page(format_args!("{}/{place}/{tag}", target.repo));
    PublishedRelease { tag, commit: target.base.clone(), url, assets: Vec::new(), at: now, tag_alone }
}
