//! Reading history: ranges, differences, files.

use git2::{Commit, Delta, Diff, DiffFindOptions, Error, Oid, Repository, Sort};

/// Whether `old` is `new` or one of its ancestors.
pub(crate) fn is_ancestor(repository: &Repository, old: Oid, new: Oid) -> Result<bool, Error> {
    Ok(old == new || repository.graph_descendant_of(new, old)?)
}

/// The commits of `head` that `base` does not have, oldest first.
pub(crate) fn commits_between(repository: &Repository, base: Oid, head: Oid) -> Result<Vec<Oid>, Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
    walk.push(head)?;
    walk.hide(base)?;
    walk.collect()
}

/// How two commits lie to each other.
pub(crate) struct CommitComparison {
    pub(crate) merge_base: Option<Oid>,
    pub(crate) ahead: Vec<Oid>,
    pub(crate) behind: usize,
}

/// Compares as GitHub's three-dot comparison does.
pub(crate) fn compare(repository: &Repository, base: Oid, head: Oid) -> Result<CommitComparison, Error> {
    let merge_base = repository.merge_base(base, head).ok();
    let (_, behind) = repository.graph_ahead_behind(head, base)?;
    Ok(CommitComparison { merge_base, ahead: commits_between(repository, base, head)?, behind })
}

/// A file that differs.
pub(crate) struct Changed {
    pub(crate) path: String,
    pub(crate) previous: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) blob: Oid,
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
    /// Without its header; `None` for binary files.
    pub(crate) patch: Option<String>,
}

/// The files that differ between two commits; without `old`, everything is new.
pub(crate) fn changed_files(
    repository: &Repository,
    old: Option<Oid>,
    new: Oid,
) -> Result<Vec<Changed>, Error> {
    let old = old.map(|old| repository.find_commit(old)?.tree()).transpose()?;
    let new = repository.find_commit(new)?.tree()?;
    let mut diff = repository.diff_tree_to_tree(old.as_ref(), Some(&new), None)?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    (0..diff.deltas().len()).map(|index| changed(&diff, index)).collect()
}

fn changed(diff: &Diff<'_>, index: usize) -> Result<Changed, Error> {
    let patch = git2::Patch::from_diff(diff, index)?;
    let delta = diff.get_delta(index).ok_or_else(|| Error::from_str("the difference has no such file"))?;
    let (additions, deletions) = match &patch {
        Some(patch) => {
            let (_, additions, deletions) = patch.line_stats()?;
            (additions, deletions)
        }
        None => (0, 0),
    };
    let path = |file: git2::DiffFile<'_>| file.path().map(|path| path.to_string_lossy().into_owned());
    let text = match patch {
        Some(mut patch) => patch.to_buf()?.as_str().ok().map(hunks),
        None => None,
    };
    let renamed = delta.status() == Delta::Renamed;
    Ok(Changed {
        path: path(delta.new_file()).or_else(|| path(delta.old_file())).unwrap_or_default(),
        previous: if renamed { path(delta.old_file()) } else { None },
        status: match delta.status() {
            Delta::Added => "added",
            Delta::Deleted => "removed",
            Delta::Renamed => "renamed",
            Delta::Copied => "copied",
            Delta::Typechange => "changed",
            _ => "modified",
        },
        blob: if delta.status() == Delta::Deleted { delta.old_file().id() } else { delta.new_file().id() },
        additions,
        deletions,
        patch: text,
    })
}

/// GitHub's `patch` begins at the first hunk.
fn hunks(text: &str) -> String {
    text.find("@@ ").map_or_else(String::new, |start| text[start..].trim_end_matches('\n').to_owned())
}

/// The object at a path of a commit's tree, with its file mode.
pub(crate) fn tree_entry<'a>(
    repository: &'a Repository,
    commit: Oid,
    path: &str,
) -> Option<(git2::Object<'a>, i32)> {
    let tree = repository.find_commit(commit).ok()?.tree().ok()?;
    if path.is_empty() {
        return Some((tree.into_object(), 0o040_000));
    }
    let entry = tree.get_path(std::path::Path::new(path)).ok()?;
    Some((entry.to_object(repository).ok()?, entry.filemode()))
}

/// A commit's message; bytes that are not UTF-8 are replaced.
pub(crate) fn message_of(commit: &Commit<'_>) -> String {
    String::from_utf8_lossy(commit.message_bytes()).into_owned()
}
