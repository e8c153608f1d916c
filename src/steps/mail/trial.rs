//! Every mail of a plan, put together once before the run starts.
//!
//! A template that names what its mail does not have, or a mail
//! without recipients, would otherwise be found when everything is public and nothing can be corrected any more.

use jiff::Timestamp;

use super::announcement::Announcement;
use super::sending::{acknowledgement, message};
use crate::kinds::StepKind;
use crate::plan::{Plan, Target};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::output::PublishedRelease;

/// Tries out every mail that the plan will send, and every text that it will show for sending.
///
/// # Errors
/// For the first one that could not be put together, with what to correct.
pub fn try_mails(plan: &Plan, now: Timestamp) -> Result<(), StepError> {
    let announcement = Announcement { plan, facts: &Facts::default(), now };
    for advisory in &plan.inputs.release.advisories {
        acknowledgement(&plan.inputs, &announcement.acknowledgement(advisory))?;
    }
    for step in plan.steps() {
        let name = step.asks.as_deref();
        match step.kind {
            StepKind::AdvanceMail => {
                message(&plan.inputs, name.unwrap_or("advance"), &announcement.advance_notice()?)?;
            }
            StepKind::ReleaseMail => {
                let release = announcement.security_release(|target| Ok(expected(target, now)))?;
                message(&plan.inputs, name.unwrap_or("release"), &release)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A line's release as it will be, as far as that is known before it is made.
fn expected(target: &Target, now: Timestamp) -> PublishedRelease {
    let tag = target.release.as_ref().map(|release| release.tag.clone()).unwrap_or_default();
    let url = format!("https://github.com/{}/releases/tag/{tag}", target.repo);
    PublishedRelease { tag, commit: target.base.clone(), url, assets: Vec::new(), at: now, tag_alone: false }
}
