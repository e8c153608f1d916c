//! What people must read before a patch is trusted, in words and as a difference from the fix.

use crate::backport::{Pick, PickComparison};
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::wording::counted;

/// GitHub takes 65,536 characters in the body of a pull request; the rest of ours is short.
const LONGEST: usize = 50_000;

/// Why a picked commit must be read, a sentence each; none for a plain clean pick.
pub(in crate::steps) fn reasons(fix: &CommitId, pick: &Pick) -> Vec<String> {
    pick.review_reasons()
        .into_iter()
        .map(|reason| format!("commit {} of the fix: {reason}", fix.short()))
        .collect()
}

/// How a patch differs from the fix, in a sentence without a line of either.
///
/// # Errors
/// [`GitError::Missing`] if an object is not in the store.
pub(in crate::steps) fn against_fix(
    store: &Store,
    fix: &[CommitId],
    base: &TreeId,
    tree: &TreeId,
) -> Result<String, GitError> {
    let comparison = store.compare_with_fix(fix, base, tree)?;
    if comparison.is_same_change() {
        return Ok("it brings and takes exactly the lines of the fix".to_owned());
    }
    let PickComparison { only_here, only_in_fix, .. } = &comparison;
    let mut paths: Vec<&str> = only_here.iter().chain(only_in_fix).map(|line| line.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    Ok(format!(
        "it differs from the fix: {} only here, {} only in the fix, in {}",
        counted(only_here.len(), "line"),
        only_in_fix.len(),
        paths.join(", ")
    ))
}

/// The difference between a patch and the fix for the body of a private pull request.
pub(in crate::steps) fn as_markdown(comparison: &PickComparison) -> String {
    if comparison.text.is_empty() {
        return "\nThe patch is the same as that of the fix.\n".to_owned();
    }
    let cut =
        comparison.text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    let (text, note) = if comparison.text.len() > LONGEST {
        (&comparison.text[..cut], "\nThe difference is longer than a pull request can show.\n")
    } else {
        (comparison.text.as_str(), "")
    };
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!(
        "\nHow the patch differs from that of the fix:\n\n{fence}diff\n{}\n{fence}\n{note}",
        text.trim_end()
    )
}

/// A fence must be longer than any run of backticks inside it.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(text: String) -> PickComparison {
        PickComparison { only_here: Vec::new(), only_in_fix: Vec::new(), text }
    }

    #[test]
    fn fence_is_longer_than_what_it_holds_and_the_body_fits() {
        let body = as_markdown(&comparison("+```sh\n".to_owned()));
        assert!(body.contains("````diff\n+```sh\n````"), "{body}");
        let body = as_markdown(&comparison("é".repeat(60_000)));
        assert!(body.len() < 60_000 && body.contains("longer than a pull request can show"));
        assert!(as_markdown(&comparison(String::new())).contains("the same as"));
    }
}
