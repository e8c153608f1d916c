//! The three-way merge of one file: its mode, its kind, and then its text.

use std::sync::Arc;

use git2::{ObjectType, Oid, Repository};

use super::blobs::Blobs;
use super::brief::merge_with_brief;
use super::conflict::ConflictKind;
use super::endings::{Endings, normalized};
use super::marked::{Hunk, Labels};
use super::opinion::{SecondOpinion, agrees_on_text};
use super::text_merge::{TextMerge, merge};
use super::union::joined;
use crate::git::GitError;
use crate::git::plumbing::{EntryKind, Sink, TreeEntry, is_binary};

/// What came of merging one file.
pub(in crate::backport) enum FileMerge {
    /// One side's version, whole.
    Taken(TreeEntry),
    /// A new version made of both, and what the second engine says of it.
    Merged(TreeEntry, Agreement),
    /// A new version that has the lines of both where they disagree.
    Joined(TreeEntry),
    /// The sides disagree.
    Conflict {
        kind: ConflictKind,
        hunks: Vec<Hunk>,
        /// The version with markers, where the file is text.
        marked: Option<TreeEntry>,
    },
}

/// Whether the second engine makes the same of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) enum Agreement {
    /// It does, or nobody wants to know.
    Undisputed,
    /// It conflicts, or makes another text.
    Differs,
}

/// How texts are merged.
#[derive(Debug, Clone, Copy)]
pub(in crate::backport) struct Manner<'name> {
    /// What stands beside conflict markers.
    pub(in crate::backport) labels: &'name Labels<'name>,
    /// Whom to ask about what merged.
    pub(in crate::backport) opinion: SecondOpinion,
    /// Where merged texts go.
    pub(in crate::backport) sink: &'name Sink,
    /// Whether line endings are made git's own first: `merge.renormalize`.
    pub(in crate::backport) renormalize: bool,
}

/// What attributes have done with a file that both sides changed.
#[derive(Debug, Clone, Copy)]
pub(in crate::backport) struct Treatment {
    /// What is made of its line endings first.
    pub(in crate::backport) endings: Endings,
    /// Whether what conflicts in its text is joined.
    pub(in crate::backport) is_joined: bool,
}

fn conflict(kind: ConflictKind) -> FileMerge {
    FileMerge::Conflict { kind, hunks: Vec::new(), marked: None }
}

/// Merges two versions of a file; without a base both sides added it.
pub(in crate::backport) fn merge_files(
    (repository, blobs): (&Repository, &mut Blobs),
    base: Option<TreeEntry>,
    ours: TreeEntry,
    theirs: TreeEntry,
    (manner, treatment): (Manner<'_>, Treatment),
) -> Result<FileMerge, GitError> {
    if ours.kind() != theirs.kind() {
        return Ok(conflict(ConflictKind::Type));
    }
    let before = base.filter(|base| base.kind() == ours.kind());
    let Some(mode) = merged_mode(before, ours, theirs) else { return Ok(conflict(ConflictKind::Mode)) };
    let base_id = before.map(|base| base.id);
    let taken = |id: Oid| Ok(FileMerge::Taken(TreeEntry { id, mode }));
    if ours.id == theirs.id || base_id == Some(theirs.id) {
        return taken(ours.id);
    }
    if base_id == Some(ours.id) {
        return taken(theirs.id);
    }
    match ours.kind() {
        EntryKind::File => merge_text(
            (repository, blobs),
            [base_id, Some(ours.id), Some(theirs.id)],
            mode,
            (manner, treatment),
        ),
        EntryKind::Link => Ok(conflict(ConflictKind::Link)),
        EntryKind::Submodule => Ok(conflict(ConflictKind::Submodule)),
        EntryKind::Directory => Ok(conflict(ConflictKind::Type)),
    }
}

/// The side that changed the mode wins; `None` if both did, differently.
fn merged_mode(base: Option<TreeEntry>, ours: TreeEntry, theirs: TreeEntry) -> Option<i32> {
    let base = base.map(|base| base.mode);
    if ours.mode == theirs.mode || base == Some(ours.mode) {
        Some(theirs.mode)
    } else if base == Some(theirs.mode) {
        Some(ours.mode)
    } else {
        None
    }
}

fn merge_text(
    (repository, blobs): (&Repository, &mut Blobs),
    ids: [Option<Oid>; 3],
    mode: i32,
    (manner, treatment): (Manner<'_>, Treatment),
) -> Result<FileMerge, GitError> {
    let mut read = |id: Option<Oid>| id.map_or_else(|| Some(Arc::default()), |id| blobs.read(repository, id));
    let [Some(base), Some(ours), Some(theirs)] = ids.map(&mut read) else {
        return Ok(conflict(ConflictKind::Missing));
    };
    let kind = if ids[0].is_some() { ConflictKind::Content } else { ConflictKind::BothAdded };
    let texts = [&base, &ours, &theirs].map(|text| normalized(text, treatment.endings));
    let [base, ours, theirs] = texts.each_ref().map(|text| &**text);
    if is_binary(base) || is_binary(ours) || is_binary(theirs) {
        return Ok(conflict(ConflictKind::Binary));
    }
    let keep = |text: Vec<u8>| manner.sink.put(repository, ObjectType::Blob, text);
    let (merged, brief) = match manner.opinion {
        SecondOpinion::TouchedFiles => merge_with_brief([base, ours, theirs], manner.labels),
        SecondOpinion::None | SecondOpinion::WholeTree => (merge(base, ours, theirs, manner.labels), None),
    };
    Ok(match merged {
        TextMerge::Clean(text) => {
            let disputed = manner.opinion == SecondOpinion::TouchedFiles
                && !brief.is_some_and(|brief| agrees_on_text(&brief));
            let agreement = if disputed { Agreement::Differs } else { Agreement::Undisputed };
            FileMerge::Merged(TreeEntry { id: keep(text)?, mode }, agreement)
        }
        TextMerge::Conflict { .. } if treatment.is_joined => {
            FileMerge::Joined(TreeEntry { id: keep(joined([base, ours, theirs]))?, mode })
        }
        TextMerge::Conflict { marked, hunks } => {
            let kind = if differ_in_endings([base, ours, theirs], manner) {
                ConflictKind::LineEndings
            } else {
                kind
            };
            let id = manner.sink.put_marked(repository, marked)?;
            FileMerge::Conflict { kind, hunks, marked: Some(TreeEntry { id, mode }) }
        }
    })
}

/// Whether the texts merge once all lines end alike, as with git's `merge.renormalize`.
fn differ_in_endings(texts: [&[u8]; 3], manner: Manner<'_>) -> bool {
    // Most texts have no carriage return at all, and that is seen at a glance.
    if !texts.iter().any(|text| text.contains(&b'\r')) {
        return false;
    }
    let without = |text: &[u8]| {
        let mut plain = Vec::with_capacity(text.len());
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_suffix(b"\r\n") {
                Some(line) => plain.extend([line, b"\n"].concat()),
                None => plain.extend_from_slice(line),
            }
        }
        plain
    };
    let [base, ours, theirs] = texts.map(without);
    let any_changed =
        [&base, &ours, &theirs].into_iter().zip(texts).any(|(now, then)| now.len() != then.len());
    any_changed && matches!(merge(&base, &ours, &theirs, manner.labels), TextMerge::Clean(_))
}
