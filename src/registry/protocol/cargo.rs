//! Rust's sparse index (The Cargo Book, "Index format"): one line of JSON for each version.

use serde::Deserialize;

use crate::ecosystem::Ecosystem;
use crate::registry::answer::RegistryAnswer;
use crate::registry::facts::{ProtocolFacts, is_plain};

pub(super) const FACTS: ProtocolFacts = ProtocolFacts {
    word: "cargo",
    ecosystem: Ecosystem::Rust,
    takes: is_plain,
    segments,
    accept: None,
    read,
};

#[derive(Deserialize)]
struct IndexLine {
    vers: String,
    cksum: String,
    #[serde(default)]
    yanked: bool,
}

fn segments(name: &str, _: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let mut segments = prefix(&name);
    segments.push(name);
    segments
}

/// The directories of a name in the index. Names are ASCII.
fn prefix(name: &str) -> Vec<String> {
    match name.len() {
        1 => vec!["1".to_owned()],
        2 => vec!["2".to_owned()],
        3 => vec!["3".to_owned(), name[..1].to_owned()],
        _ => vec![name[..2].to_owned(), name[2..4].to_owned()],
    }
}

fn read(version: &str, body: &str) -> Result<RegistryAnswer, serde_json::Error> {
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let line: IndexLine = serde_json::from_str(line)?;
        if line.vers == version {
            return Ok(RegistryAnswer::of(Some(line.cksum), line.yanked));
        }
    }
    Ok(RegistryAnswer::Absent)
}
