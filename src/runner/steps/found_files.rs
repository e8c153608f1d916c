//! The files of a workspace that patterns find, as actions look for them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ids::Digest;
use crate::matrix::HashFiles;

/// The files of the workspace, for `hashFiles`. The hash is that of GitHub's form, over the files in the order of their
/// names: where there are several, it need not be GitHub's.
#[derive(Debug)]
pub(super) struct WorkspaceFiles(pub(super) PathBuf);

impl HashFiles for WorkspaceFiles {
    fn hash(&self, patterns: &[String]) -> String {
        let found = found(&self.0, &patterns.join("\n")).map(|found| found.files).unwrap_or_default();
        let inside = |file: &PathBuf| fs::canonicalize(file).is_ok_and(|real| real.starts_with(&self.0));
        let digests = found.iter().filter(|file| inside(file)).filter_map(|file| fs::read(file).ok());
        let digests: Vec<[u8; 32]> = digests.map(|bytes| Digest::bytes_of(&bytes)).collect();
        if digests.is_empty() { String::new() } else { Digest::of(digests.concat()).as_str().to_owned() }
    }
}

/// Files, and the folder that their names in the artifact begin below.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FoundFiles {
    pub(super) files: Vec<PathBuf>,
    pub(super) root: PathBuf,
}

/// What the lines of `path` find: files, folders with all that is in them, globs, and with `!` what is left out.
pub(super) fn found(workspace: &Path, written: &str) -> Result<FoundFiles, String> {
    let lines = || written.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut searched = Vec::new();
    let mut files = Vec::new();
    for line in lines().filter(|line| !line.starts_with('!')) {
        let pattern = workspace.join(line);
        searched.push(fixed_part(&pattern));
        files.extend(matching(&pattern)?);
    }
    for line in lines().filter_map(|line| line.strip_prefix('!')) {
        let left_out = matching(&workspace.join(line.trim()))?;
        files.retain(|file| !left_out.contains(file));
    }
    files.sort();
    files.dedup();
    let root = match files.as_slice() {
        [file] if searched == [file.clone()] => file.parent().unwrap_or(workspace).to_owned(),
        _ => searched.into_iter().reduce(|one, other| common(&one, &other)).unwrap_or(workspace.to_owned()),
    };
    Ok(FoundFiles { files, root })
}

/// Whether a name below the root begins with a point, which GitHub leaves out.
pub(super) fn is_hidden(file: &Path, root: &Path) -> bool {
    let below = file.strip_prefix(root).unwrap_or(file);
    below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
}

/// The part of a path before its first wildcard.
fn fixed_part(pattern: &Path) -> PathBuf {
    let is_fixed =
        |part: &std::path::Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    pattern.components().take_while(is_fixed).collect()
}

fn common(one: &Path, other: &Path) -> PathBuf {
    let same = one.components().zip(other.components()).take_while(|(one, other)| one == other);
    same.map(|(part, _)| part).collect()
}

fn matching(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    // To the library, `**` at the end stands for folders alone.
    let all_below = if pattern.ends_with("**") { pattern.join("*") } else { pattern.to_owned() };
    let paths = glob::glob(&all_below.to_string_lossy()).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for path in paths.flatten() {
        below(&path, &mut files);
    }
    Ok(files)
}

/// The files of a folder, or the file. Links to folders are not followed: they may lead round in circles.
pub(super) fn below(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() && !path.is_symlink() {
        fs::read_dir(path).into_iter().flatten().flatten().for_each(|entry| below(&entry.path(), files));
    } else if path.is_file() {
        files.push(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_an_artifact_begin_below_what_was_searched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in ["out/a.txt", "out/deep/b.txt", "out/c.log", "other/d.txt"] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        let names = |written: &str| {
            let found = found(root, written).unwrap();
            let name = |file: &PathBuf| file.strip_prefix(&found.root).unwrap().display().to_string();
            found.files.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names("out"), ["a.txt", "c.log", "deep/b.txt"]);
        assert_eq!(names("out/a.txt"), ["a.txt"]);
        assert_eq!(names("out/**/*.txt\n!out/deep/**"), ["a.txt"]);
        assert_eq!(names("out/*.log\nother"), ["other/d.txt", "out/c.log"]);
        let hash =
            |pattern: &str| WorkspaceFiles(fs::canonicalize(root).unwrap()).hash(&[pattern.to_owned()]);
        assert_eq!(hash("none/**"), "");
        // The digest of the digest of `x`, each of bytes: `hashFiles` of GitHub for one file that holds it.
        let of_x = "0a325ca303eb3014c43ae004970f343634db176fa1697bcc8c9efac94626488d";
        assert_eq!(hash("out/*.txt"), of_x);
        assert_ne!(hash("out/**"), hash("out/*.txt"));
        assert!(
            is_hidden(Path::new("/a/.b/c"), Path::new("/a"))
                && !is_hidden(Path::new("/.a/b"), Path::new("/.a"))
        );
        assert!(found(root, "none/*").unwrap().files.is_empty());
    }
}
