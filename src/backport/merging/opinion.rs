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

/// A line that begins all texts. Of a merge that leaves nothing libgit2 has no bytes, and its binding (0.21) makes a slice of a null
/// pointer then.
const FIRST: &[u8] = b"-- the first line --\n";

/// Whether the second engine makes the same of a merge in brief.
pub(super) fn agrees_on_text(brief: &Brief) -> bool {
    let texts = brief.texts.each_ref().map(|text| [FIRST, text].concat());
    let mut inputs: [MergeFileInput<'_>; 3] = std::array::from_fn(|_| MergeFileInput::new());
    for (input, text) in inputs.iter_mut().zip(&texts) {
        input.content(text);
    }
    let [base, ours, theirs] = &inputs;
    git2::merge_file(base, ours, theirs, None).is_ok_and(|result| {
        result.is_automergeable() && result.content().strip_prefix(FIRST) == Some(&*brief.merged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_that_leaves_nothing_is_agreed_on() {
        let texts = ["one\n\n\n\n\n\ntwo\n", "two\n", "one\n"].map(|text| text.as_bytes().to_vec());
        let merged = |merged: &str| Brief { texts: texts.clone(), merged: merged.as_bytes().to_vec() };
        assert!(!agrees_on_text(&merged("one\n")));
        let texts = [b"one\n".to_vec(), Vec::new(), Vec::new()];
        assert!(agrees_on_text(&Brief { texts, merged: Vec::new() }));
    }
}
