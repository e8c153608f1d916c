//! Proposals in the work tree of a conflict: which files hold one, and what is known of that afterwards.
//!
//! A proposal takes the place of git's markers in a file that nobody has edited yet. The file stays unresolved: a person
//! reads it, changes it and adds it, or the result is refused as without a proposal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::program::WorkTreeError;
use super::work_tree::WorkTree;
use crate::backport::{ConflictTexts, Proposer};
use crate::ids::Digest;

/// Below the work tree's `.git`: the conflicting files as git wrote them, by their digests.
const AS_WRITTEN: &str = "lockgate-conflicts";
/// Below the work tree's `.git`: the files in which a proposal was laid.
const PROPOSED: &str = "lockgate-proposed";

/// What came of laying proposals.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LaidProposals {
    /// Files that hold a proposal now.
    pub laid: Vec<String>,
    /// Files that somebody has edited already; they were left alone.
    pub edited: Vec<String>,
    /// Files for which there is none.
    pub without: Vec<String>,
}

impl WorkTree {
    /// Remembers how git left the conflicting files, so that no proposal is ever laid over somebody's work.
    pub(super) fn note_conflicts(&self) -> Result<(), WorkTreeError> {
        let mut noted: BTreeMap<String, Digest> = BTreeMap::new();
        for path in self.unresolved()? {
            if let Some(text) = self.text(&path) {
                noted.insert(path, Digest::of(text));
            }
        }
        self.write_note(AS_WRITTEN, &noted)
    }

    /// Lays a proposal in each conflicting file that nobody has edited.
    ///
    /// # Errors
    /// When the disk or `git` refuses.
    pub fn lay_proposals(&self, proposer: &Proposer) -> Result<LaidProposals, WorkTreeError> {
        let noted: BTreeMap<String, Digest> = self.read_note(AS_WRITTEN);
        let mut proposed: BTreeSet<String> = self.proposed();
        let mut laid = LaidProposals::default();
        for path in self.unresolved()? {
            let untouched = self.text(&path).is_some_and(|text| noted.get(&path) == Some(&Digest::of(text)));
            if !untouched {
                laid.edited.push(path);
                continue;
            }
            let Some(text) = self.proposal(proposer, &path)? else {
                laid.without.push(path);
                continue;
            };
            // Noted first: a proposal that nobody would know of must not be there.
            proposed.insert(path.clone());
            self.write_note(PROPOSED, &proposed)?;
            let file = self.path().join(&path);
            std::fs::write(&file, text).map_err(WorkTreeError::to("write", &file))?;
            laid.laid.push(path);
        }
        Ok(laid)
    }

    /// The files in which a proposal was ever laid.
    #[must_use]
    pub fn proposed(&self) -> BTreeSet<String> {
        self.read_note(PROPOSED)
    }

    fn proposal(&self, proposer: &Proposer, path: &str) -> Result<Option<Vec<u8>>, WorkTreeError> {
        let (Some(ours), Some(theirs)) = (self.side(2, path)?, self.side(3, path)?) else { return Ok(None) };
        let base = self.side(1, path)?.unwrap_or_default();
        Ok(proposer.propose(path, ConflictTexts { base: &base, ours: &ours, theirs: &theirs }))
    }

    /// The text of an ordinary file.
    fn text(&self, path: &str) -> Option<Vec<u8>> {
        let file = self.path().join(path);
        let ordinary = std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
        if ordinary { std::fs::read(file).ok() } else { None }
    }

    fn note(&self, name: &str) -> PathBuf {
        self.path().join(".git").join(name)
    }

    fn write_note(&self, name: &str, what: &impl Serialize) -> Result<(), WorkTreeError> {
        let note = self.note(name);
        let written = serde_json::to_string(what).map_err(std::io::Error::from);
        written.and_then(|text| std::fs::write(&note, text)).map_err(WorkTreeError::to("write", &note))
    }

    fn read_note<T: DeserializeOwned + Default>(&self, name: &str) -> T {
        let text = std::fs::read_to_string(self.note(name)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }
}
