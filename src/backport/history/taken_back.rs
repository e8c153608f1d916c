//! Whether a tree has the lines that a fix removes in place of those that it brings: then the fix is not there, whatever
//! the history says.

use std::collections::HashSet;

use git2::Oid;

use crate::git::plumbing::{EntryKind, Lookup, TreeChange, TreeEntry};
use crate::git::{GitError, Store};

/// Whether most of what a fix removes is in a tree, and less than half of what it brings. Where a fix removes nothing,
/// nothing is known: what it brought may have been changed since.
///
/// # Errors
/// [`GitError::Missing`] if a tree is not here. A file that this clone lacks says nothing.
pub(in crate::backport) fn is_taken_back(
    store: &Store,
    changes: &[TreeChange],
    tree: Oid,
) -> Result<bool, GitError> {
    let mut here = Lookup::new(store.raw(), tree)?;
    let (mut removed, mut brought) = ((0, 0), (0, 0));
    for change in changes {
        let Some(there) = here.file(&change.path)? else { continue };
        let text = |entry: Option<TreeEntry>| match entry.filter(|entry| entry.kind() == EntryKind::File) {
            Some(entry) => store.text_if_here(entry.id),
            None => Ok(Some(Vec::new())),
        };
        let (Some(before), Some(after), Some(now)) =
            (text(change.old)?, text(change.new)?, text(Some(there))?)
        else {
            continue;
        };
        let (before, after, now) = (lines(&before), lines(&after), lines(&now));
        let count = |total: &mut (usize, usize), lines: Vec<&&[u8]>| {
            total.0 += lines.iter().filter(|line| now.contains(**line)).count();
            total.1 += lines.len();
        };
        count(&mut removed, before.difference(&after).collect());
        count(&mut brought, after.difference(&before).collect());
    }
    Ok(removed.1 > 0 && removed.0 * 2 > removed.1 && brought.0 * 2 < brought.1)
}

/// The lines of a text that say anything.
fn lines(text: &[u8]) -> HashSet<&[u8]> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| line.iter().filter(|byte| byte.is_ascii_alphanumeric()).nth(2).is_some()).collect()
}
