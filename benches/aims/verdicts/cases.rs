//! What the cases file says: which branches got a security fix, and which did not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lockgate::CommitId;

use super::project::Project;
use super::{Question, Truth};
use crate::table::Failure;

/// How near to a fix a line must have been worked on to be called alive.
const WEEKS: i64 = 4;

/// A line of the cases file.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Case {
    branch: String,
    fix: CommitId,
    bp_parent: CommitId,
    bp: CommitId,
    #[serde(default)]
    security: bool,
    #[serde(default)]
    tier: String,
}

pub(super) fn read(file: &Path) -> Result<Vec<Case>, Failure> {
    let text = std::fs::read_to_string(file)?;
    let cases: Result<Vec<Case>, _> = text.lines().map(serde_json::from_str).collect();
    Ok(cases?)
}

/// Each branch as it was just before it was patched, and as it was then.
pub(super) fn patched(cases: &[Case], tiers: &[&str]) -> Vec<Question> {
    let wanted = cases.iter().filter(|case| case.security && tiers.contains(&case.tier.as_str()));
    let questions = |case: &Case| {
        [(&case.bp_parent, Truth::Affected), (&case.bp, Truth::Fixed)].map(|(head, truth)| Question {
            fix: vec![case.fix.clone()],
            head: head.clone(),
            truth,
            about: case.branch.clone(),
        })
    };
    wanted.flat_map(questions).collect()
}

/// Lines that were worked on around the time of a security fix, and never got it.
pub(super) fn alive(project: &Project, cases: &[Case]) -> Vec<Question> {
    let mut got: BTreeMap<&CommitId, BTreeSet<&str>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.security) {
        got.entry(&case.fix).or_default().insert(case.branch.as_str());
    }
    let by_id = project.by_id();
    let mut questions = Vec::new();
    for (fix, branches) in got {
        let Some(commit) = by_id.get(fix) else { continue };
        for line in project.lines.iter().filter(|line| !branches.contains(line.name.as_str())) {
            // Whether it came later or under another number makes no difference: then the line was affected.
            let never = line.is_alive_at(commit.time, WEEKS) && !line.says_it_has(commit);
            let state = line.state_before(commit.time).filter(|_| never);
            questions.extend(state.map(|head| Question {
                fix: vec![fix.clone()],
                head: head.clone(),
                truth: Truth::NotAffected,
                about: line.name.clone(),
            }));
        }
    }
    questions
}
