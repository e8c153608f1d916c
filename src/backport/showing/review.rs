//! What a person must be shown before a pick is trusted: markers left in files, and lines that came from nowhere.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::difference::{ChangedLine, LineChange};
use crate::backport::merging::marked::is_marker;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};

/// How one change compares with the fix that it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PickComparison {
    /// Lines that the change brings or takes and the fix does not: what somebody may have smuggled in.
    pub only_here: Vec<ChangedLine>,
    /// Lines that the fix brings or takes and the change does not.
    pub only_in_fix: Vec<ChangedLine>,
    /// The difference between the two patches, as `git range-diff` shows it. Empty if they are the same.
    pub text: String,
}

impl PickComparison {
    /// Whether the change brings and takes exactly the lines of the fix, wherever they are.
    #[must_use]
    pub fn is_same_change(&self) -> bool {
        self.only_here.is_empty() && self.only_in_fix.is_empty()
    }
}

/// A line that a merge tool leaves where people must decide.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Marker {
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// Its text.
    pub text: String,
}

impl Store {
    /// Conflict markers in lines that `to` has and `from` has not. Any of them closes the gate.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a tree or a blob is not here.
    pub fn conflict_markers(&self, from: &TreeId, to: &TreeId) -> Result<Vec<Marker>, GitError> {
        let lines = self.changed_lines(from, to)?;
        let found =
            lines.into_iter().filter(|line| line.change == LineChange::Added && is_marker(&line.text));
        Ok(found.map(|line| Marker { path: line.path, line: line.number, text: line.text }).collect())
    }

    /// Compares what the step from `from` to `to` does with what the fix's commits do together.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit, a tree or a blob is not here.
    pub fn compare_with_fix(
        &self,
        fix: &[CommitId],
        from: &TreeId,
        to: &TreeId,
    ) -> Result<PickComparison, GitError> {
        let (mut fix_lines, mut fix_patch) = (Vec::new(), String::new());
        for commit in fix {
            let (before, after) = self.commit_trees(commit)?;
            fix_lines.extend(self.changed_lines(&before, &after)?);
            fix_patch.push_str(&self.patch(&before, &after)?);
        }
        let lines = self.changed_lines(from, to)?;
        let patch = self.patch(from, to)?;
        Ok(PickComparison {
            only_here: surplus(&lines, &fix_lines),
            only_in_fix: surplus(&fix_lines, &lines),
            text: difference_of_patches(&fix_patch, &patch),
        })
    }
}

/// The lines of `these` that `those` does not account for. Files are compared by name without directories, because
/// a backport may follow a rename; blank lines say nothing.
fn surplus(these: &[ChangedLine], those: &[ChangedLine]) -> Vec<ChangedLine> {
    let key = |line: &ChangedLine| {
        let name = line.path.rsplit('/').next().unwrap_or(&line.path);
        (name.to_owned(), line.change, line.text.trim().to_owned())
    };
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for line in those {
        *counts.entry(key(line)).or_default() += 1;
    }
    let unaccounted = |line: &&ChangedLine| match counts.get_mut(&key(line)) {
        _ if line.text.trim().is_empty() => false,
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    these.iter().filter(unaccounted).cloned().collect()
}

fn difference_of_patches(fix: &str, here: &str) -> String {
    let (fix, here) = (comparable(fix), comparable(here));
    let diff = TextDiff::from_lines(fix.as_str(), here.as_str());
    if diff.iter_all_changes().all(|change| change.tag() == ChangeTag::Equal) {
        return String::new();
    }
    diff.unified_diff().context_radius(3).header("fix", "here").to_string()
}

/// A patch without what differs between branches for no reason: blob ids and line numbers.
fn comparable(patch: &str) -> String {
    let mut text = String::with_capacity(patch.len());
    for line in patch.lines() {
        if line.starts_with("index ") || line.starts_with("similarity index ") {
            continue;
        }
        match line.strip_prefix("@@ ").and_then(|rest| rest.split_once(" @@")) {
            Some((_, context)) => text.push_str(&format!("@@{context}")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}
