//! The peer: `git merge-tree --stdin`, one process for many merges. What it writes goes to a folder that is new each time.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use super::job::Made;
use crate::cpu::{Spent, spent};
use crate::picks::{Case, Elsewhere};
use crate::table::Failure;

/// The answers to the cases, in their order, and what they cost. It ends at the first case for which the clone lacks an
/// object, so there may be fewer.
pub(super) fn answers(repository: &Path, cases: &[Case]) -> Result<(Vec<Made>, Spent), Failure> {
    let elsewhere = Elsewhere::of(repository)?;
    let mut input = tempfile::tempfile()?;
    for Case { fix, fix_parent, bp_parent } in cases {
        writeln!(input, "{fix_parent} -- {bp_parent} {fix}")?;
    }
    std::io::Seek::rewind(&mut input)?;
    let mut command = elsewhere.git();
    command.args(["merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages"]);
    let spent = spent(command.stdin(input).stderr(Stdio::null()))?;
    Ok((read(&spent.printed)?, spent))
}

/// The cases that the peer answers: of a partial clone it may want what is not there.
pub(super) fn answerable(repository: &Path, mut cases: Vec<Case>) -> Result<Vec<Case>, Failure> {
    loop {
        let (made, spent) = answers(repository, &cases)?;
        if made.len() >= cases.len() || (made.is_empty() && spent.status.is_none()) {
            return Ok(cases);
        }
        cases.remove(made.len());
    }
}

/// `<1 or 0> NUL <tree> NUL`, the conflicting paths, each with a NUL behind it, and one more NUL.
fn read(printed: &[u8]) -> Result<Vec<Made>, Failure> {
    let mut words = std::str::from_utf8(printed)?.split('\0');
    let mut made = Vec::new();
    while let Some(status) = words.next().filter(|word| !word.is_empty()) {
        let tree = words.next().ok_or("an answer of git merge-tree without a tree")?;
        made.push(if status == "1" { Made::Tree(tree.to_owned()) } else { Made::Conflict });
        words.by_ref().take_while(|word| !word.is_empty()).for_each(drop);
    }
    Ok(made)
}
