//! Who last touched the lines of a conflict, on the branch and on the way to the fix: whom to ask, and which earlier
//! commits the fix builds on that the branch lacks.

use git2::BlameOptions;

use super::conflict::Conflict;
use super::error::GitError;
use super::evidence;
use super::history::CommitInfo;
use super::lineage::Lineage;
use super::outcome::Pick;
use super::store::{Store, lookup, oid};
use crate::ids::CommitId;

/// How many conflicting places are looked up; whoever has more has other worries.
const PLACES: usize = 8;

/// Who last touched one conflicting place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Touched {
    /// The file on the branch.
    pub path: String,
    /// The place's first line there, counted from 1.
    pub line: usize,
    /// Commits that the branch has of its own.
    pub on_branch: Vec<Toucher>,
    /// Commits before the fix that the branch has not: what the fix may build on.
    pub before_fix: Vec<Toucher>,
}

/// A commit that touched a place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Toucher {
    /// The commit.
    pub commit: CommitId,
    /// Its author's name.
    pub author: String,
    /// Its subject.
    pub subject: String,
}

impl std::fmt::Display for Toucher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} \"{}\" by {}", self.commit.short(), self.subject, self.author)
    }
}

impl Store {
    /// Who last touched the places at which a pick stopped. What both sides share is left out, and so is what was
    /// carried to the branch.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not here. A file that cannot be followed has nobody to name.
    pub fn touched(&self, pick: &Pick, fix: &CommitId, onto: &CommitId) -> Result<Vec<Touched>, GitError> {
        let Some(parent) = self.commit_info(fix)?.parents.first().cloned() else { return Ok(Vec::new()) };
        let Some(fork) = self.merge_base(&parent, onto)? else { return Ok(Vec::new()) };
        let places = pick
            .conflicts
            .iter()
            .flat_map(|conflict| conflict.hunks.iter().map(move |hunk| (conflict, hunk)));
        let mut touched = Vec::new();
        for (conflict, hunk) in places.take(PLACES) {
            let ours = Place { path: &conflict.path, line: hunk.ours_line, lines: hunk.ours.lines().count() };
            let base =
                Place { path: base_path(conflict), line: hunk.base_line, lines: hunk.base.lines().count() };
            touched.push(Touched {
                path: conflict.path.clone(),
                line: hunk.ours_line,
                on_branch: self.last_touchers(ours, onto, &fork)?,
                before_fix: self.lacking(self.last_touchers(base, &parent, &fork)?, onto)?,
            });
        }
        Ok(touched)
    }

    /// The commits that gave a place its lines, up to `head` and since `fork`, oldest line first.
    fn last_touchers(
        &self,
        place: Place<'_>,
        head: &CommitId,
        fork: &CommitId,
    ) -> Result<Vec<Toucher>, GitError> {
        if place.lines == 0 || head == fork {
            return Ok(Vec::new());
        }
        let mut options = BlameOptions::new();
        options.newest_commit(oid(head)?).oldest_commit(oid(fork)?);
        options.min_line(place.line.max(1)).max_line(place.line.max(1) + place.lines - 1);
        // A partial clone lacks versions of the file, a renamed one has another path: then nobody can be named.
        let Ok(blame) = self.raw().blame_file(place.path.as_ref(), Some(&mut options)) else {
            return Ok(Vec::new());
        };
        let mut touchers: Vec<Toucher> = Vec::new();
        for hunk in blame.iter() {
            let id = hunk.final_commit_id();
            let commit = self.raw().find_commit(id).map_err(|source| lookup(id, source))?;
            let info: CommitInfo = super::history::info(&commit)?;
            let known = touchers.iter().any(|toucher| toucher.commit == info.id);
            if !known && !self.is_ancestor(&info.id, fork)? {
                let subject = info.subject().to_owned();
                touchers.push(Toucher { commit: info.id, author: info.author.name, subject });
            }
        }
        Ok(touchers)
    }

    fn lacking(&self, touchers: Vec<Toucher>, onto: &CommitId) -> Result<Vec<Toucher>, GitError> {
        let (mut lacking, mut lineage) = (Vec::new(), Lineage::default());
        for toucher in touchers {
            if evidence::in_history(self, &mut lineage, &toucher.commit, onto)?.is_none() {
                lacking.push(toucher);
            }
        }
        Ok(lacking)
    }
}

/// A stretch of lines in a file.
struct Place<'a> {
    path: &'a str,
    line: usize,
    lines: usize,
}

fn base_path(conflict: &Conflict) -> &str {
    conflict.fix_path.as_deref().unwrap_or(&conflict.path)
}
