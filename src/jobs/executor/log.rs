//! The log of one command: a file of its own, and its last lines.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::ids::Digest;

/// How many lines explain a failure.
const TAIL_LINES: usize = 20;
/// How much of the end of a log is read for them.
const TAIL_BYTES: u64 = 64 * 1024;
/// How much of a line is shown. A suite may print a whole file as one line, and the journal keeps what is shown.
const LINE_CHARACTERS: usize = 400;
/// How often a suite may be run again before its logs are in the way.
const MOST_RUNS: u32 = 10_000;

/// Makes a fresh log file. An earlier log of the same command is kept: the evidence of an earlier tree names it.
pub(super) fn create(logs: &Path, label: &str, name: &str) -> io::Result<(PathBuf, File)> {
    // Two labels may look alike once they are file names; the digest tells them apart.
    let digest = Digest::of(label);
    let folder = logs.join(format!("{}-{}", file_name(label), digest.short()));
    std::fs::create_dir_all(&folder)?;
    for number in 1..MOST_RUNS {
        let path = folder.join(format!("{}.{number}.log", file_name(name)));
        match File::options().append(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (path, file)),
        }
    }
    Err(io::Error::other(format!("`{}` is full", folder.display())))
}

/// The last lines of a log, as plain text. A log that cannot be read has none: the outcome says enough.
pub(super) fn tail(path: &Path) -> Vec<String> {
    let bytes = read_end(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    // A test may print what would move the cursor of whoever reads the report.
    let plain = anstream::adapter::strip_str(&text).to_string();
    let lines: Vec<&str> = plain.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|line| shown(line)).collect()
}

fn shown(line: &str) -> String {
    let mut characters = line.chars().filter(|c| *c == '\t' || !c.is_control());
    let mut text: String = characters.by_ref().take(LINE_CHARACTERS).collect();
    if characters.next().is_some() {
        text.push('…');
    }
    text
}

fn read_end(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let name: String = text.chars().take(80).map(plain).collect();
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_log_is_kept_and_labels_that_look_alike_do_not_meet() {
        let logs = tempfile::tempdir().unwrap();
        let (first, _) = create(logs.path(), "a/b", "../unit").unwrap();
        let (second, _) = create(logs.path(), "a/b", "../unit").unwrap();
        let (other, _) = create(logs.path(), "a-b", "../unit").unwrap();
        assert_ne!(first, second);
        assert_ne!(first.parent(), other.parent());
        assert!(first.starts_with(logs.path()) && !first.to_string_lossy().contains(".."));
    }

    #[test]
    fn tail_is_the_last_twenty_lines_without_colours() {
        let logs = tempfile::tempdir().unwrap();
        let path = logs.path().join("x");
        let text: String = (1..=30).map(|n| format!("\u{1b}[31mline {n}\u{1b}[0m\n")).collect();
        std::fs::write(&path, text).unwrap();
        let tail = tail(&path);
        assert_eq!((tail.len(), tail[0].as_str(), tail[19].as_str()), (20, "line 11", "line 30"));
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let logs = tempfile::tempdir().unwrap();
        let path = logs.path().join("x");
        std::fs::write(&path, "a".repeat(5000)).unwrap();
        assert_eq!(tail(&path), [format!("{}…", "a".repeat(400))]);
    }
}
