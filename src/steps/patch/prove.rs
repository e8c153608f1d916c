//! `prove`: run the target's test suites on the stacked tree, in a clean checkout; what they say is evidence for
//! that tree.
//!
//! Looking and acting are the executor's `look` and `submit`: what an earlier attempt has finished is adopted, however it
//! ended, and only what is missing runs. A suite that did not pass is asked about once, and then run again: people may
//! have fixed what it needs.

use crate::ids::TreeId;
use crate::jobs::{Job, JobStatus, TestEvidence};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::waive;
use crate::steps::release::checkout::Checkout;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let proof = Proof::of(context)?;
    let statuses = context.world.executor.look(&proof.jobs);
    Ok(match proof.evidence(context, &statuses) {
        Some(evidence) if counts(context, &evidence) => Observed::Done(Output::Evidence(evidence)),
        _ => Observed::Todo,
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let proof = Proof::of(context)?;
    let executor = &context.world.executor;
    let mut statuses = executor.look(&proof.jobs);
    if statuses.iter().any(|status| status.settled().is_none()) {
        let checkout = Checkout::of(context, &context.target()?.repo, proof.tree.clone()).await?;
        executor.submit(&proof.jobs, checkout.for_jobs(context), context.world.clock.now()).await;
        statuses = executor.finished(&proof.jobs).await;
    }
    let evidence = proof
        .evidence(context, &statuses)
        .ok_or_else(|| StepError::internal("a test suite ended without a result"))?;
    if counts(context, &evidence) {
        return Ok(Applied::Done(Output::Evidence(evidence)));
    }
    executor.mark_reported(&proof.jobs);
    Ok(Applied::Ask(question(context, &evidence)))
}

/// What is to be proven, and by which jobs.
struct Proof {
    tree: TreeId,
    jobs: Vec<Job>,
}

impl Proof {
    fn of(context: &StepContext) -> Result<Proof, StepError> {
        let tree = context.facts.patch(StepKind::Stack, context.subject())?.tree.clone();
        let jobs = context.world.executor.jobs(&tree, &context.repo()?.tests);
        Ok(Proof { tree, jobs })
    }

    fn evidence(&self, context: &StepContext, statuses: &[JobStatus]) -> Option<TestEvidence> {
        TestEvidence::of(&self.tree, context.world.clock.now(), statuses)
    }
}

/// Whether the tree counts as proven: its suites passed, or people waived what they said of this very tree.
fn counts(context: &StepContext, evidence: &TestEvidence) -> bool {
    evidence.green() || context.facts.waiver_of(&context.step.name, &evidence.tree).is_some()
}

fn question(context: &StepContext, evidence: &TestEvidence) -> Question {
    Question {
        kind: QuestionKind::Tree { tree: evidence.tree.clone() },
        text: format!(
            "{}: {evidence}\nThe gate `ready` stays closed for this target.",
            context.target_subject()
        ),
        next: vec![
            Advice::then("fix what fails; to run those suites again", NextAction::Resume),
            Advice::then("if it is not the fix that fails", waive(context)),
        ],
    }
}
