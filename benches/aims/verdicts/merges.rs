//! Merges of private forks: a project that merges each fix of an advisory into each affected line.
//!
//! Such days are looked through line by line by the maintainers themselves. A line that took one advisory's fix that
//! week, and never took another's, was not affected by the other, or had it already.

use std::collections::BTreeSet;
use std::path::Path;

use lockgate::CommitId;

use super::project::{Commit, Line, Project, bare};
use super::{Question, Truth};
use crate::repository::{git, output};
use crate::table::Failure;

/// How near another fix must have come to a line for the line to have been looked at, in seconds.
const WEEK: i64 = 7 * 24 * 3600;

/// A merge of a private fork, and what it brought.
struct Merge<'a> {
    merge: &'a Commit,
    fix: Vec<CommitId>,
    subjects: BTreeSet<String>,
}

pub(super) fn questions(mirror: &Path, project: &Project) -> Result<Vec<Question>, Failure> {
    let mut on_default = Vec::new();
    for merge in project.default.iter().filter(|commit| is_private(commit)) {
        on_default.push(opened(mirror, merge)?);
    }
    let mut questions = Vec::new();
    for line in &project.lines {
        let mut on_line = Vec::new();
        for merge in line.own.iter().filter(|commit| is_private(commit)) {
            on_line.push(opened(mirror, merge)?);
        }
        for fix in on_default.iter().filter(|fix| !fix.fix.is_empty()) {
            questions.extend(question(fix, line, &on_line));
        }
    }
    Ok(questions)
}

fn question(fix: &Merge<'_>, line: &Line, on_line: &[Merge<'_>]) -> Vec<Question> {
    let same = |other: &&Merge<'_>| {
        !fix.subjects.is_disjoint(&other.subjects)
            || fix.merge.subject == other.merge.subject && fix.merge.subject.contains("GHSA-")
    };
    let asked = |head: &CommitId, truth| Question {
        fix: fix.fix.clone(),
        head: head.clone(),
        truth,
        about: format!("{} ({})", line.name, fix.merge.subject),
    };
    if let Some(found) = on_line.iter().find(same) {
        let before = found.merge.parents.first().map(|before| asked(before, Truth::Affected));
        return before.into_iter().chain([asked(&found.merge.id, Truth::Fixed)]).collect();
    }
    let looked_at = on_line.iter().any(|other| (other.merge.time - fix.merge.time).abs() <= WEEK);
    let carried = fix.subjects.iter().any(|subject| line.has_subject(subject));
    let head = line.state_before(fix.merge.time).filter(|_| looked_at && !carried);
    head.map(|head| asked(head, Truth::NotAffected)).into_iter().collect()
}

fn is_private(commit: &Commit) -> bool {
    let subject = &commit.subject;
    let told = subject.starts_with("Merge pull request from GHSA-") || subject == "Merge commit from fork";
    told && commit.parents.len() == 2
}

/// The commits that a merge brought, oldest first, merges left out.
fn opened<'a>(mirror: &Path, merge: &'a Commit) -> Result<Merge<'a>, Failure> {
    let (mut fix, mut subjects) = (Vec::new(), BTreeSet::new());
    if let [before, side] = merge.parents.as_slice() {
        let range = format!("{before}..{side}");
        let text =
            output(git(mirror).args(["log", "--reverse", "--no-merges", "--format=%H %s", &range, "--"]))?;
        for (id, subject) in text.lines().filter_map(|line| line.split_once(' ')) {
            fix.push(id.parse()?);
            subjects.insert(bare(subject).to_owned());
        }
    }
    Ok(Merge { merge, fix, subjects })
}
