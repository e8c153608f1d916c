//! Verdicts on branches of a real project, against what is known of them.
//!
//! What is true is the difficult part: a branch that did not get a fix may have been affected and out of support. So
//! the same verdicts are held against several readings of the truth, each with its own faults, and the counts are
//! printed beside the ratios:
//!
//! - **patched** (`cases.rs`): what the cases file says got a security fix was affected just before. Sure, and says
//!   nothing about branches that were not.
//! - **alive** (`cases.rs`): other lines that got some other commit within four weeks of the fix and never got it.
//!   Many of them were affected and left alone, so precision by this reading is a lower bound.
//! - **notes** (`notes.rs`): the project's release notes name the advisories that each released version fixes. A line
//!   that was still released from, and whose notes never name the advisory, was not affected, by the project's word.
//! - **merged** (`merges.rs`): the project merges a private fork into each line that needs it. A line that took one
//!   advisory's fix in a week and never another's was not affected by the other.
//! - **named** (`named.rs`): the fix's message names the commit that brought the fault. A line is affected if it has
//!   that commit, and not if it has not. No person chose these, and they are not only security fixes.
//!
//! With `LOCKGATE_BENCH_EACH=FILE` every answer is added to a file, a JSON object a line.

mod cases;
mod merges;
mod named;
mod notes;
mod project;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use lockgate::CommitId;
use lockgate::{AssessRequest, Assessor, Store, Verdict};

use crate::given::mirror_and_cases;
use crate::table::{Failure, Table};
use project::Project;

/// A branch at a moment, and what is true of it.
struct Question {
    fix: Vec<CommitId>,
    head: CommitId,
    truth: Truth,
    /// Which line at what time, for people who look into it.
    about: String,
}

/// Whether the vulnerability was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    Affected,
    NotAffected,
    Fixed,
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let Some((mirror, file)) = mirror_and_cases(table, "verdicts")? else { return Ok(()) };
    let store = Store::open(&mirror)?;
    let project = Project::read(&mirror)?;
    let cases = cases::read(&file)?;
    let readings = [
        ("patched, sure matches", cases::patched(&cases, &["A", "B"])),
        ("patched, squashed together", cases::patched(&cases, &["C"])),
        ("alive without it", cases::alive(&project, &cases)),
        ("release notes", notes::questions(&mirror, &project)?),
        ("private forks merged", merges::questions(&mirror, &project)?),
        ("introducing commit named", named::questions(&store, &project)?),
    ];
    for (reading, questions) in readings {
        judge(table, &mirror, reading, questions)?;
    }
    Ok(())
}

fn judge(table: &mut Table, mirror: &Path, reading: &str, questions: Vec<Question>) -> Result<(), Failure> {
    if questions.is_empty() {
        return Ok(());
    }
    let store = Store::open(mirror)?;
    let mut assessor = Assessor::new(&store)?;
    let mut tally = Tally::default();
    let each = std::env::var_os("LOCKGATE_BENCH_EACH");
    let mut each =
        each.map(|path| std::fs::OpenOptions::new().create(true).append(true).open(path)).transpose()?;
    for question in questions {
        let request = AssessRequest {
            fix: question.fix.clone(),
            introduced: Vec::new(),
            head: question.head.clone(),
            beneath: Vec::new(),
        };
        // What a partial clone lacks says nothing about the rule.
        let Ok(assessment) = assessor.assess(&request) else {
            tally.unknown += 1;
            continue;
        };
        tally.add(question.truth, assessment.verdict);
        if let Some(each) = &mut each {
            let presence = serde_json::to_value(&assessment.presence)?;
            let line = serde_json::json!({
                "reading": reading, "truth": format!("{:?}", question.truth), "verdict": assessment.verdict,
                "fix": question.fix, "head": question.head, "about": question.about,
                "evidence": assessment.evidence, "presence": presence,
            });
            writeln!(each, "{line}")?;
        }
    }
    tally.tell(table, reading);
    Ok(())
}

#[derive(Default)]
struct Tally {
    counts: BTreeMap<(Truth, Verdict), usize>,
    unknown: usize,
}

impl Tally {
    fn add(&mut self, truth: Truth, verdict: Verdict) {
        *self.counts.entry((truth, verdict)).or_default() += 1;
    }

    fn count(&self, truth: Truth, verdicts: &[Verdict]) -> usize {
        verdicts.iter().filter_map(|verdict| self.counts.get(&(truth, *verdict))).sum()
    }

    fn tell(&self, table: &mut Table, reading: &str) {
        use Verdict::{Affected, AlreadyFixed, Likely, NotAffected, Possibly};
        let truths =
            [(Truth::Affected, "affected"), (Truth::NotAffected, "not affected"), (Truth::Fixed, "fixed")];
        for (truth, called) in truths {
            let of = |verdict| self.count(truth, &[verdict]);
            let all = self.count(truth, &[Affected, AlreadyFixed, Likely, NotAffected, Possibly]);
            if all == 0 {
                continue;
            }
            let found = format!(
                "{} {} {} {} {}",
                of(Affected),
                of(Likely),
                of(Possibly),
                of(NotAffected),
                of(AlreadyFixed)
            );
            table.measure(
                format!("verdicts, {reading}: {all} {called}, called affected/likely/possibly/not/fixed"),
                found,
            );
        }
        if self.unknown > 0 {
            table.note(format!(
                "verdicts, {reading}: {} could not be assessed (objects that the clone lacks, merges)",
                self.unknown
            ));
        }
        let right = self.count(Truth::Affected, &[Affected, Likely]);
        let affected = self.count(Truth::Affected, &[Affected, AlreadyFixed, Likely, NotAffected, Possibly]);
        let wrong = self.count(Truth::NotAffected, &[Affected, Likely]);
        if affected > 0 {
            let missed = self.count(Truth::Affected, &[NotAffected]);
            table.measure(
                format!("verdicts, {reading}: affected ones called \"not affected\""),
                missed.to_string(),
            );
            table.at_least(
                format!("verdicts, {reading}: recall, {right} of {affected}"),
                share(right, affected),
                0.95,
            );
        }
        if self.count(Truth::NotAffected, &[Affected, AlreadyFixed, Likely, NotAffected, Possibly]) > 0 {
            table.at_least(
                format!("verdicts, {reading}: precision, {right} of {}", right + wrong),
                share(right, right + wrong),
                0.90,
            );
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of some hundreds")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
