//! Conflicting places of a text, and the markers around them: how they are written, and found again.

/// One place where both sides changed the same lines differently.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hunk {
    /// First line in the branch's file, counted from 1.
    pub ours_line: usize,
    /// First line in the fix's file, counted from 1.
    pub theirs_line: usize,
    /// First line in the file before the fix, counted from 1.
    pub base_line: usize,
    /// The lines before the fix.
    pub base: String,
    /// The lines on the branch.
    pub ours: String,
    /// The lines of the fix.
    pub theirs: String,
}

/// The names that stand beside conflict markers.
#[derive(Debug, Clone, Copy)]
pub(in crate::backport) struct Labels<'name> {
    pub(in crate::backport) base: &'name str,
    pub(in crate::backport) ours: &'name str,
    pub(in crate::backport) theirs: &'name str,
}

/// The names that picks use.
pub(in crate::backport) const LABELS: Labels<'static> =
    Labels { base: "before the fix", ours: "branch", theirs: "fix" };

/// Writes one conflicting place in the style that also shows the base, so that nobody has to guess what was there.
pub(in crate::backport) fn mark([base, ours, theirs]: [&[u8]; 3], labels: &Labels<'_>, into: &mut Vec<u8>) {
    let mut part = |marker: &str, label: &str, text: &[u8]| {
        into.extend_from_slice(marker.as_bytes());
        if !label.is_empty() {
            into.push(b' ');
            into.extend_from_slice(label.as_bytes());
        }
        into.push(b'\n');
        into.extend_from_slice(text);
        if !text.is_empty() && text.last() != Some(&b'\n') {
            into.push(b'\n');
        }
    };
    part("<<<<<<<", labels.ours, ours);
    part("|||||||", labels.base, base);
    part("=======", "", theirs);
    part(">>>>>>>", labels.theirs, &[]);
}

/// A place as it stands in a marked text.
pub(in crate::backport) fn marked_hunk(hunk: &Hunk, labels: &Labels<'_>) -> String {
    let mut block = Vec::new();
    mark([hunk.base.as_bytes(), hunk.ours.as_bytes(), hunk.theirs.as_bytes()], labels, &mut block);
    String::from_utf8_lossy(&block).into_owned()
}

/// A part of a marked text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) enum Segment<'text> {
    /// Text that both sides agree on.
    Settled(&'text str),
    /// A conflicting place.
    Open(&'text Hunk),
}

/// Takes a marked text apart. A place that cannot be found any more is left out, with everything after it settled.
pub(in crate::backport) fn segments<'text>(
    marked: &'text str,
    hunks: &'text [Hunk],
    labels: &Labels<'_>,
) -> Vec<Segment<'text>> {
    let mut parts = Vec::new();
    let mut rest = marked;
    for hunk in hunks {
        let block = marked_hunk(hunk, labels);
        let Some((before, after)) = rest.split_once(block.as_str()) else { break };
        parts.push(Segment::Settled(before));
        parts.push(Segment::Open(hunk));
        rest = after;
    }
    parts.push(Segment::Settled(rest));
    parts
}

/// Whether any line of a text is a conflict marker.
pub(in crate::backport) fn has_marker(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).lines().any(is_marker)
}

pub(in crate::backport) fn is_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|marker| {
        // Seven, and then a name or nothing: rules of equals signs under headings are not markers.
        line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}
