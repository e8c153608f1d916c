//! `prove`: run the target's test suites on the stacked tree, in a clean checkout, and the entries of the project's own CI
//! that the catalog wants; what they say is evidence for that tree.
//!
//! Looking and acting are the executor's `look` and `submit`: what an earlier attempt has finished is adopted, however it
//! ended, and only what is missing runs. A suite that did not pass is asked about once, and then run again: people may
//! have fixed what it needs.

use std::fmt;

use crate::ids::TreeId;
use crate::jobs::{Job, JobStatus, TestEvidence};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Step;
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::matrix::{self, Found};
use crate::steps::output::{Output, TreeProof};
use crate::steps::publish::answer::waive;
use crate::steps::release::checkout::Checkout;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let proof = Proof::of(context)?;
    let statuses = context.world.executor.look(&proof.jobs);
    let Some(suites) = proof.evidence(context, &statuses) else { return Ok(Observed::Todo) };
    Ok(match told(suites, matrix::look(context).await?) {
        Some(said) if counts(context, &said) => Observed::Done(said.output()),
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
    let suites = proof.evidence(context, &statuses);
    let found = matrix::run(context).await?;
    let said = suites
        .and_then(|suites| told(suites, found))
        .ok_or_else(|| StepError::internal("a test suite ended without a result"))?;
    if counts(context, &said) {
        return Ok(Applied::Done(said.output()));
    }
    executor.mark_reported(&proof.jobs);
    matrix::mark_reported(context).await?;
    Ok(Applied::Ask(question(context, &said)))
}

/// What is known of a tree.
enum Said {
    /// By the suites of the catalog alone.
    BySuites(TestEvidence),
    /// By the project's own CI, too.
    ByAll(Box<TreeProof>),
}

/// `None` while an entry was not run yet.
fn told(suites: TestEvidence, found: Found) -> Option<Said> {
    match found {
        Found::Unwanted => Some(Said::BySuites(suites)),
        Found::Evidence(matrix) => Some(Said::ByAll(Box::new(TreeProof { suites, matrix }))),
        Found::Open => None,
    }
}

impl Said {
    fn tree(&self) -> &TreeId {
        match self {
            Said::BySuites(suites) => &suites.tree,
            Said::ByAll(proof) => &proof.suites.tree,
        }
    }

    fn green(&self) -> bool {
        match self {
            Said::BySuites(suites) => suites.green(),
            Said::ByAll(proof) => proof.green(),
        }
    }

    fn output(self) -> Output {
        match self {
            Said::BySuites(suites) => Output::Evidence(suites),
            Said::ByAll(proof) => Output::Proven(proof),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::BySuites(suites) => suites.fmt(f),
            Said::ByAll(proof) => proof.fmt(f),
        }
    }
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

/// Whether the tree counts as proven: what was run passed as far as the catalog wants it, or people waived what was said of
/// this very tree.
fn counts(context: &StepContext, said: &Said) -> bool {
    said.green() || context.facts.waiver_of(&context.step.name, said.tree()).is_some()
}

fn question(context: &StepContext, said: &Said) -> Question {
    let again = match said {
        Said::BySuites(_) => "fix what fails; to run those suites again",
        Said::ByAll(_) => "fix what fails; to run it again",
    };
    Question {
        kind: QuestionKind::Tree { tree: said.tree().clone() },
        text: format!("{}: {said}\nThe gate `ready` stays closed for this target.", context.target_subject()),
        next: [
            Some(Advice::then(again, NextAction::Resume)),
            resolution_to_take_back(context),
            Some(Advice::then(
                "if what is run is wrong: correct it in the catalog, and",
                NextAction::Amend { digest: None },
            )),
            Some(Advice::then("if it is not the fix that fails", waive(context))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// What people resolved on this branch may be what fails.
fn resolution_to_take_back(context: &StepContext) -> Option<Advice> {
    let target = context.target().ok()?;
    let of_advisories = target.advisories.iter().map(|advisory| target.subject_for(advisory));
    let backports = of_advisories.filter_map(|subject| context.plan.find(StepKind::Backport, &subject));
    let stack = context.plan.find(StepKind::Stack, context.subject());
    let is_resolved = |step: &&Step| context.facts.is_resolved(&step.name);
    let step = backports.chain(stack).find(is_resolved)?.name.clone();
    let by = context.inputs().release.manager.clone();
    Some(Advice::then(
        "if what was resolved here is wrong, to resolve it anew",
        NextAction::Withdraw { step, by },
    ))
}
