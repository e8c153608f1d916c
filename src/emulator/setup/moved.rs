//! A world's folder that was moved: what its repositories borrow from each other is named by whole paths, since libgit2 follows no other
//! from one lender to the next. Those that lead nowhere any more, and whose end is found in the folder, are written anew.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// How much of a path names a lender within a folder: `git/OWNER/NAME.git/objects`.
const WITHIN: usize = 4;

/// Mends every repository of the folder that borrows.
pub(super) fn mend(dir: &Path) -> std::io::Result<()> {
    let rooms = folders(dir)?.into_iter();
    let owners = rooms.map(|room| folders(&room)).collect::<Result<Vec<_>, _>>()?.concat();
    for owner in owners {
        for repository in folders(&owner)? {
            mend_one(dir, &repository.join("objects/info/alternates"))?;
        }
    }
    Ok(())
}

fn mend_one(dir: &Path, file: &Path) -> std::io::Result<()> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if is_absence(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    let lines: Vec<PathBuf> = text.lines().map(|line| found(dir, Path::new(line))).collect();
    let mended: String = lines.iter().map(|line| format!("{}\n", line.display())).collect();
    if mended == text {
        return Ok(());
    }
    let beside = file.with_extension("mended");
    fs::write(&beside, mended)?;
    fs::rename(beside, file)
}

/// Where the lender is now; where nobody knows, where it was.
fn found(dir: &Path, lender: &Path) -> PathBuf {
    let parts: Vec<_> = lender.components().collect();
    let end: PathBuf = parts[parts.len().saturating_sub(WITHIN)..].iter().collect();
    let here = dir.join(end);
    if !lender.exists() && here.is_dir() { here } else { lender.to_owned() }
}

fn folders(of: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(of) {
        Ok(entries) => entries,
        Err(error) if is_absence(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_absence(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_nowhere_and_is_here_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (fork, lender) =
            (dir.path().join("git/acme/x-fork.git"), dir.path().join("git/acme/x.git/objects"));
        let elsewhere = dir.path().join("elsewhere");
        for folder in [&fork.join("objects/info"), &lender, &elsewhere] {
            fs::create_dir_all(folder).unwrap();
        }
        let file = fork.join("objects/info/alternates");
        let text =
            format!("/gone/w/git/acme/x.git/objects\n{}\n/gone/mirrors/y.git/objects\n", elsewhere.display());
        fs::write(&file, text).unwrap();
        mend(dir.path()).unwrap();
        let expected =
            format!("{}\n{}\n/gone/mirrors/y.git/objects\n", lender.display(), elsewhere.display());
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    }
}
