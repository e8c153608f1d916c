//! `lockgate backport --batch`: many picks from a file, an answer a line, in the same order.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde_json::Value;

use crate::backport::{Batch, NoiseRules};
use crate::cli::answer::Answer;
use crate::cli::problem::Problem;
use crate::cli::terminal;
use crate::git::Store;

pub(super) fn run(store: &Store, noise: NoiseRules, file: &Path) -> Result<Answer, Problem> {
    let open = File::open(file).map_err(|error| unreadable(file, &error))?;
    let mut batch = Batch::new(store, noise)?;
    let mut lines = BufReader::new(open);
    let mut all = Vec::new();
    loop {
        let some: Vec<String> = std::iter::from_fn(|| next_line(&mut lines).transpose())
            .take(batch.at_once())
            .collect::<Result<_, _>>()
            .map_err(|error| unreadable(file, &error))?;
        if some.is_empty() {
            return answered(&all);
        }
        for answer in batch.answers(&some) {
            if terminal::is_for_programs() {
                all.push(serde_json::to_value(&answer)?);
            } else {
                terminal::out(serde_json::to_string(&answer)?);
            }
        }
    }
}

/// One object for programs; without `--json` every line is out already.
fn answered(all: &[Value]) -> Result<Answer, Problem> {
    Answer::nothing().with(&all)
}

fn unreadable(file: &Path, error: &std::io::Error) -> Problem {
    Problem::input(
        format!("failed to read the batch `{}`: {error}", file.display()),
        "give a file with one JSON object a line: `fix`, `fix_parent`, `bp_parent`",
    )
}

/// The next line; of one that is longer than any case no more than shows that.
fn next_line(lines: &mut BufReader<File>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let limit = u64::try_from(Batch::LONGEST).unwrap_or(u64::MAX) + 1;
    if lines.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() > Batch::LONGEST && line.last() != Some(&b'\n') {
        lines.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
