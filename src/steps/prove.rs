//! `prove`: run the target's test suites on the stacked tree, in a clean checkout; what they say is evidence for
//! that tree.

use super::checkout::Checkout;
use super::error::StepError;
use super::facts::Decision;
use super::output::Output;
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::plan::StepKind;
use crate::testing::Evidence;

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    // A suite that failed may have been mended: every attempt runs it again.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let tree = site.facts.patch(StepKind::Stack, site.subject())?.tree.clone();
    let checkout = Checkout::of(site, &target.repo, tree.clone()).await?;
    let now = site.world.clock.now();
    let (commands, label) = (&site.repo()?.tests, site.step.name.as_str());
    let evidence = site.world.runner.prove(tree, now, &checkout.folder(), commands, label).await;
    Ok(judge(site, Evidence { absent: checkout.absent, ..evidence }))
}

fn judge(site: &Site, evidence: Evidence) -> Made {
    let waived = matches!(site.facts.decisions.get(&site.step.name), Some(Decision::Waived { .. }));
    if evidence.green() || waived {
        return Made::Done(Output::Evidence(evidence));
    }
    let step = &site.step.name;
    Made::Ask(Question {
        kind: QuestionKind::Decision,
        text: format!(
            "{}: {evidence}\nThe gate `ready` stays closed for this target.",
            site.target_subject()
        ),
        next: vec![
            "mend what fails, then `lockgate resume` runs the suites again".to_owned(),
            format!("or, if it is not the fix: lockgate waive {step} --as NAME --reason WHY"),
        ],
    })
}
