//! What `.gitattributes` say of merging: files that are never merged line by line, although they are text.
//!
//! Git reads the attributes of the branch that takes a fix, and so do we. `merge=union` is not followed: what it joins
//! nobody has looked at (BP-30). Nor are drivers that a configuration defines.

use git2::Repository;

use crate::git::GitError;
use crate::git::plumbing::Lookup;
use crate::path_glob::PathGlob;

/// Whether attributes forbid that two versions of this file are merged: `-merge`, `binary` or `merge=binary`.
pub(super) fn is_never_merged(
    repository: &Repository,
    branch: &mut Lookup<'_>,
    path: &[u8],
) -> Result<bool, GitError> {
    let Ok(path) = std::str::from_utf8(path) else { return Ok(false) };
    let own = std::fs::read_to_string(repository.path().join("info/attributes")).unwrap_or_default();
    if let Some(said) = says(&own, path) {
        return Ok(said);
    }
    // The nearest directory that says anything decides.
    let slashes = path.rmatch_indices('/').map(|(at, _)| at + 1);
    for start in slashes.chain([0]) {
        let (directory, below) = path.split_at(start);
        let file = format!("{directory}.gitattributes");
        let Some(entry) = branch.file(file.as_bytes())? else { continue };
        let Ok(blob) = repository.find_blob(entry.id) else { continue };
        if let Some(said) = says(&String::from_utf8_lossy(blob.content()), below) {
            return Ok(said);
        }
    }
    Ok(false)
}

/// What the last line that is about this path and about merging says.
fn says(attributes: &str, path: &str) -> Option<bool> {
    attributes.lines().rev().find_map(|line| {
        let (pattern, words) = line.trim().split_once(char::is_whitespace)?;
        let said = words.split_whitespace().filter_map(of_word).next_back()?;
        is_about(pattern, path).then_some(said)
    })
}

fn of_word(word: &str) -> Option<bool> {
    match word {
        "-merge" | "binary" | "merge=binary" => Some(true),
        "merge" | "!merge" | "-binary" | "!binary" => Some(false),
        other => other.starts_with("merge=").then_some(false),
    }
}

/// A pattern for a directory is about no file, and a negative one is not allowed.
fn is_about(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(pattern);
    if pattern.ends_with('/') || pattern.starts_with(['#', '!']) {
        return false;
    }
    pattern.parse::<PathGlob>().is_ok_and(|glob| glob.matches(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_speaks_of_merging_counts() {
        let attributes =
            "# *.js binary\n*.min.js binary\n*.js text eol=lf\n/lib/*.js -merge\nlib/own.js merge=union\n";
        let said = |path: &str| says(attributes, path);
        assert_eq!(said("web/app.min.js"), Some(true));
        assert_eq!(said("web/app.js"), None, "`text` says nothing of merging");
        assert_eq!(said("lib/x.js"), Some(true));
        assert_eq!(said("lib/own.js"), Some(false));
        assert_eq!(says("lib/ -merge\n", "lib/x.js"), None, "a directory is no file");
    }
}
