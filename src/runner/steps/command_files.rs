//! The files by which a step tells the runner something: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_PATH` and the rest
//! (`FileCommandManager.cs`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files of one step.
pub(super) struct CommandFiles(PathBuf);

const FILES: [(&str, &str); 5] = [
    ("GITHUB_ENV", "env"),
    ("GITHUB_OUTPUT", "output"),
    ("GITHUB_PATH", "path"),
    ("GITHUB_STATE", "state"),
    ("GITHUB_STEP_SUMMARY", "summary"),
];

/// A variable that no step may set for those after it.
const REFUSED: &str = "NODE_OPTIONS";

impl CommandFiles {
    /// Makes them in a folder of their own, all empty.
    pub(super) fn new(folder: PathBuf) -> io::Result<CommandFiles> {
        // Were it there already, a step would have made it, and a link may lead anywhere.
        fs::create_dir(&folder)?;
        for (_, file) in FILES {
            fs::write(folder.join(file), "")?;
        }
        Ok(CommandFiles(folder))
    }

    /// Tells the step where they are.
    pub(super) fn announce(&self, variables: &mut BTreeMap<String, String>) {
        for (name, file) in FILES {
            variables.insert(name.to_owned(), self.0.join(file).to_string_lossy().into_owned());
        }
    }

    /// The variables that later steps see besides.
    pub(super) fn variables(&self) -> Result<Vec<(String, String)>, String> {
        let set = assignments(&self.read("env")).map_err(|why| format!("`GITHUB_ENV`: {why}"))?;
        match set.iter().find(|(name, _)| name.eq_ignore_ascii_case(REFUSED)) {
            Some((name, _)) => Err(format!("`GITHUB_ENV`: `{name}` may not be set there")),
            None => Ok(set),
        }
    }

    /// The outputs of the step.
    pub(super) fn outputs(&self) -> Result<Vec<(String, String)>, String> {
        assignments(&self.read("output")).map_err(|why| format!("`GITHUB_OUTPUT`: {why}"))
    }

    /// The folders that later steps find programs in, the last one first.
    pub(super) fn folders(&self) -> Vec<String> {
        let text = self.read("path");
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(ToOwned::to_owned).rev().collect()
    }

    /// What the step wants people to read.
    pub(super) fn summary(&self) -> String {
        self.read("summary")
    }

    fn read(&self, file: &str) -> String {
        read(&self.0.join(file))
    }
}

/// The text of a file that a step wrote: the beginning of it, if it has no end.
fn read(path: &Path) -> String {
    use std::io::Read as _;
    const MOST: u64 = 16 << 20;
    let mut bytes = Vec::new();
    // A step may have removed it, or put something else in its place: a link would be followed outside of the sandbox.
    let is_file = fs::canonicalize(path).is_ok_and(|real| real == path) && path.is_file();
    if let Some(file) = is_file.then(|| fs::File::open(path).ok()).flatten() {
        let _ = file.take(MOST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned()
}

/// `NAME=value`, or `NAME<<END`, lines, `END`.
fn assignments(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        let (name, value) = match (equals, heredoc) {
            (Some(at), heredoc) if heredoc.is_none_or(|other| at < other) => {
                (&line[..at], line[at + 1..].to_owned())
            }
            (_, Some(at)) => (&line[..at], until(&mut lines, &line[at + 2..])?),
            _ => return Err(format!("invalid format `{line}`")),
        };
        if name.is_empty() {
            return Err(format!("invalid format `{line}`: a name is missing"));
        }
        found.push((name.to_owned(), value));
    }
    Ok(found)
}

fn until<'a>(lines: &mut impl Iterator<Item = &'a str>, end: &str) -> Result<String, String> {
    let mut value = Vec::new();
    for line in lines {
        if line == end {
            return Ok(value.join("\n"));
        }
        value.push(line);
    }
    Err(format!("the delimiter `{end}` is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str) -> Result<Vec<(String, String)>, String> {
        assignments(text)
    }

    #[test]
    fn both_forms_are_read_as_the_runner_reads_them() {
        let set = read_as("a=1\nb<<EOF\nx=y\n\nz\nEOF\nc=d<<e\n\nempty=\r\n").unwrap();
        let set: Vec<(&str, &str)> =
            set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(set, [("a", "1"), ("b", "x=y\n\nz"), ("c", "d<<e"), ("empty", "")]);
    }

    #[test]
    fn what_the_runner_refuses_is_refused() {
        assert_eq!(read_as("words").unwrap_err(), "invalid format `words`");
        assert_eq!(read_as("a<<EOF\nx").unwrap_err(), "the delimiter `EOF` is missing");
        assert!(read_as("=x").unwrap_err().contains("a name is missing"));
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let files = CommandFiles::new(folder.join("1")).unwrap();
        fs::write(folder.join("1/env"), "NODE_OPTIONS=--x\n").unwrap();
        assert!(files.variables().unwrap_err().contains("`NODE_OPTIONS` may not be set"));
        fs::write(folder.join("1/path"), "/one\n\n/two\n").unwrap();
        assert_eq!(files.folders(), ["/two", "/one"]);
        fs::write(folder.join("secret"), "TOKEN=x\n").unwrap();
        fs::remove_file(folder.join("1/output")).unwrap();
        std::os::unix::fs::symlink(folder.join("secret"), folder.join("1/output")).unwrap();
        assert_eq!(files.outputs().unwrap(), []);
        assert!(CommandFiles::new(folder.join("1")).is_err());
    }
}
