//! What act said of the job, as a report that is judged.

use std::path::Path;

use super::one_job::OneJob;
use super::transcript::{ActLine, Said};
use crate::jobs::JobOutcome;
use crate::runner::executor::{AttemptEnd, StepDeed, StepOutcome, StepRecord};

/// What act said, held against how it ended.
pub(super) struct ActReport {
    /// The configuration that it ran; nothing where it says nothing of the job, or says it of several.
    pub(super) matrix: serde_json::Value,
    pub(super) end: AttemptEnd,
    pub(super) steps: Vec<StepRecord>,
}

impl ActReport {
    /// Of what it said of this job, whose actions are in this tree.
    pub(super) fn of(job: &OneJob, tree: &Path, said: &Said, outcome: &JobOutcome) -> ActReport {
        let lines = said.lines();
        let steps = records(job, tree, &lines);
        let results: Vec<&ActLine> = lines.iter().filter(|line| line.job_result.is_some()).collect();
        let matrix = match results.as_slice() {
            [only] => only.matrix.clone().unwrap_or_default(),
            _ => serde_json::Value::Null,
        };
        let end = end_of(&steps, &results, (&lines, &said.last_words()), outcome);
        ActReport { matrix, end, steps }
    }
}

fn end_of(
    steps: &[StepRecord],
    results: &[&ActLine],
    (lines, last_words): (&[ActLine], &str),
    outcome: &JobOutcome,
) -> AttemptEnd {
    let last_error = || {
        let last = lines.iter().rev().find(|line| line.is_error() && !line.msg.trim().is_empty());
        match (last, last_words) {
            (Some(line), _) => first_line(&line.msg),
            (None, "") => "it gives no reason".to_owned(),
            (None, words) => words.to_owned(),
        }
    };
    let result = match results {
        [only] => only.job_result.as_deref().unwrap_or_default(),
        [] => "",
        _ => return AttemptEnd::Unavailable("act ran several jobs in place of one".to_owned()),
    };
    match (outcome, result) {
        (JobOutcome::TimedOut, _) => AttemptEnd::TimedOut("the job ran into its time limit".to_owned()),
        (JobOutcome::Unavailable { why }, _) => AttemptEnd::Unavailable(why.clone()),
        (JobOutcome::Passed, "success") => AttemptEnd::Succeeded,
        // Nobody but a step of its own ends it so: without it the step would be what was killed.
        (JobOutcome::Killed { .. }, "") => AttemptEnd::Failed(format!("act {outcome} while it ran the job")),
        (_, "") => {
            AttemptEnd::Unavailable(format!("act {outcome} and says nothing of the job: {}", last_error()))
        }
        (JobOutcome::Failed { .. }, "failure") => match failed(steps) {
            Some(why) => AttemptEnd::Failed(why),
            // What fails without a step is what act could not do: an action that cannot be had, for instance.
            None => AttemptEnd::Unavailable(format!("act: {}", last_error())),
        },
        (outcome, result) => {
            AttemptEnd::Unavailable(format!("act {outcome}, and says of the job `{result}`"))
        }
    }
}

/// The first step that failed and may not; of an action, its own step.
fn failed(steps: &[StepRecord]) -> Option<String> {
    let failed = |record: &&StepRecord| record.outcome == StepOutcome::Failure && !record.tolerated;
    let own = |record: &&StepRecord| record.deed != StepDeed::Action;
    let all = || steps.iter().filter(failed);
    let first = all().find(own).or(all().next())?;
    let colon = if first.note.is_empty() { "" } else { ": " };
    Some(format!("`{}` failed{colon}{}", first.name, first.note))
}

/// All steps in their order, each followed by those of the action that it uses. Those of which nothing was said were skipped.
fn records(job: &OneJob, tree: &Path, lines: &[ActLine]) -> Vec<StepRecord> {
    let mut records = Vec::new();
    for step in &job.steps {
        let of_step = |line: &&ActLine| line.step.first() == Some(&step.id) && line.stage == "Main";
        let of_step: Vec<&ActLine> = lines.iter().filter(of_step).collect();
        let own: Vec<&ActLine> = of_step.iter().copied().filter(|line| line.step.len() == 1).collect();
        records.push(record(&step.name, step.deed, &own));
        let inner = of_step.iter().filter(|line| line.step.len() > 1 && line.step_result.is_some());
        for line in inner {
            let same: Vec<&ActLine> =
                of_step.iter().copied().filter(|other| other.step == line.step).collect();
            let is_script = job.is_script(&line.step, tree);
            let deed = if is_script { StepDeed::Script } else { StepDeed::Action };
            records.push(record(&format!("{} / {}", step.name, line.step[1..].join(".")), deed, &same));
        }
    }
    records
}

fn record(name: &str, deed: StepDeed, lines: &[&ActLine]) -> StepRecord {
    let outcome = match lines.iter().find_map(|line| line.step_result.as_deref()) {
        Some("success") => StepOutcome::Success,
        Some("skipped") | None => StepOutcome::Skipped,
        Some(_) => StepOutcome::Failure,
    };
    let errors = lines.iter().filter(|line| outcome == StepOutcome::Failure && line.is_error());
    StepRecord {
        name: name.to_owned(),
        deed: if outcome == StepOutcome::Skipped { StepDeed::Nothing } else { deed },
        outcome,
        tolerated: outcome == StepOutcome::Failure && lines.iter().any(|line| line.goes_on()),
        note: errors.map(|line| first_line(&line.msg)).next_back().unwrap_or_default(),
    }
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().to_owned()
}
