//! Which released versions carry a vulnerability: the verdict on every tag of a line.

use std::collections::{BTreeMap, BTreeSet};

use super::assess::{AssessRequest, Verdict};
use super::error::GitError;
use super::pick::Picker;
use super::store::{Reference, Store};
use crate::ids::CommitId;

/// A released tag, and whether it is affected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TagVerdict {
    /// The tag without `refs/tags/`.
    pub tag: String,
    /// Its commit.
    pub commit: CommitId,
    /// The verdict on it.
    pub verdict: Verdict,
}

/// The tags of each head, in the order of the heads. A tag that several histories hold belongs to the one with the
/// fewest: the oldest line, for what was released before the lines parted. The default branch comes last, since it
/// holds the beginning of every line.
///
/// # Errors
/// [`GitError::Missing`] if a head is not here.
pub fn tags_by_line(store: &Store, heads: &[CommitId]) -> Result<Vec<Vec<Reference>>, GitError> {
    let mut lines: Vec<(usize, Vec<Reference>)> = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        lines.push((index, store.tags_in(head)?));
    }
    let default = store.resolve("HEAD").ok();
    lines.sort_by_key(|(index, tags)| (heads.get(*index) == default.as_ref(), tags.len(), *index));
    let mut taken = BTreeSet::new();
    let mut own: BTreeMap<usize, Vec<Reference>> = BTreeMap::new();
    for (index, tags) in lines {
        own.insert(index, tags.into_iter().filter(|tag| taken.insert(tag.name.clone())).collect());
    }
    Ok(own.into_values().collect())
}

impl Picker {
    /// The verdict on each tag.
    ///
    /// # Errors
    /// As [`Picker::assess`].
    pub fn assess_tags(
        &mut self,
        request: &AssessRequest,
        tags: &[Reference],
    ) -> Result<Vec<TagVerdict>, GitError> {
        let mut verdicts = Vec::new();
        for tag in tags {
            let assessed = self.assess(&AssessRequest { head: tag.commit.clone(), ..request.clone() })?;
            let name = tag.name.strip_prefix("refs/tags/").unwrap_or(&tag.name).to_owned();
            verdicts.push(TagVerdict { tag: name, commit: tag.commit.clone(), verdict: assessed.verdict });
        }
        Ok(verdicts)
    }
}
