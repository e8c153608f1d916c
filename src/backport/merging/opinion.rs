//! What the second engine is asked, and what its agreement is worth.

use git2::MergeFileInput;

use super::brief::Brief;

/// How much of the trees the second engine sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondOpinion {
    /// It is not asked.
    None,
    /// It merges the texts of the touched files; the files together, if some were renamed.
    #[default]
    TouchedFiles,
    /// It merges the whole trees: some 14 ms on a tree of 5,000 files, seconds on one of 100,000.
    WholeTree,
}

/// What confirms a clean pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// Every file that the fix touches is on the branch as it was before the fix: there was nothing to merge.
    SameFiles,
    /// libgit2's own merge of the touched files gave the same.
    SecondEngine,
    /// libgit2's own merge of the whole trees gave the same.
    SecondEngineWholeTree,
    /// Nobody asked for a second opinion.
    NotAsked,
}

/// Whether the second engine makes the same of a merge in brief.
pub(super) fn agrees_on_text(brief: &Brief) -> bool {
    let mut inputs: [MergeFileInput<'_>; 3] = std::array::from_fn(|_| MergeFileInput::new());
    for (input, text) in inputs.iter_mut().zip(&brief.texts) {
        input.content(text);
    }
    let [base, ours, theirs] = &inputs;
    git2::merge_file(base, ours, theirs, None)
        .is_ok_and(|result| result.is_automergeable() && result.content() == brief.merged)
}
