//! Where the releases of older lines are told, too, beside their own line.

use super::file_text::text_of;
use super::history::History;
use super::lines::FoundLines;
use super::notes::tells;
use super::tags::ReleasedVersion;
use super::written::{NotesKeys, list};
use crate::git::GitError;
use crate::ids::CommitId;
use crate::steps::TreeFiles;

/// `carry-forward`, as this history has it: the files of notes of newer branches tell releases that were never merged there.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn carried_forward(
    history: &History<'_>,
    lines: &FoundLines,
    notes: &NotesKeys,
) -> Result<Option<(&'static str, String)>, GitError> {
    let file = notes.iter().find(|(key, _)| *key == "file").and_then(|(_, value)| plain(value));
    // What has a file of its own for each release, or for each entry, tells nothing of the sort.
    let Some(file) = file.filter(|file| !file.contains('{')) else { return Ok(None) };
    let alive: Vec<(&CommitId, &ReleasedVersion)> = lines
        .alive
        .value
        .iter()
        .filter_map(|branch| history.branches.get(branch))
        .zip(&lines.newest)
        .collect();
    let look = Look { history, file };
    let newest_below: Vec<&ReleasedVersion> = alive.iter().map(|(_, newest)| *newest).collect();
    let on_default = look.tells_all(&history.head, &newest_below)?;
    let mut on_lines = Vec::new();
    for (at, (head, _)) in alive.iter().enumerate().skip(1) {
        on_lines.push(look.tells_all(head, &newest_below[..at])?);
    }
    let mut places = Vec::new();
    if on_default == Some(true) {
        places.push("default-branch");
    }
    let said: Vec<bool> = on_lines.iter().flatten().copied().collect();
    if !said.is_empty() && said.iter().all(|told| *told) {
        places.push(if on_lines.len() > 1 { "newer-lines" } else { "newest-line" });
    } else if on_lines.last() == Some(&Some(true)) {
        places.push("newest-line");
    }
    Ok((!places.is_empty()).then(|| ("carry-forward", list(places))))
}

/// A string as it is written, without what is escaped.
fn plain(value: &str) -> Option<&str> {
    value.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])
}

struct Look<'a> {
    history: &'a History<'a>,
    file: &'a str,
}

impl Look<'_> {
    /// Whether the notes at this head tell all of these releases that it does not hold; `None` where it holds them all.
    fn tells_all(&self, head: &CommitId, releases: &[&ReleasedVersion]) -> Result<Option<bool>, GitError> {
        let mut lacking = Vec::new();
        for release in releases {
            if !self.history.store.is_ancestor(&release.tag.commit, head)? {
                lacking.push(release.version.as_str());
            }
        }
        if lacking.is_empty() {
            return Ok(None);
        }
        let text = text_of(&TreeFiles::of(self.history.store, head)?, self.file).unwrap_or_default();
        Ok(Some(lacking.iter().all(|version| tells(&text, version))))
    }
}
