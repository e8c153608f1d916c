//! Who last touched the lines of a conflict, on the branch and on the way to the fix: whom to ask, and which earlier
//! commits the fix builds on that the branch lacks.

use std::collections::HashSet;

use git2::Oid;

use crate::backport::history::lineage::{Lineage, Own, SLACK};
use crate::backport::history::raw_commit::RawCommit;
use crate::backport::history::versions::{FileVersions, Stretch};
use crate::backport::merging::conflict::Conflict;
use crate::backport::merging::noise::Noise;
use crate::backport::picking::outcome::Pick;
use crate::backport::picking::pick::Picker;
use crate::git::plumbing::oid;
use crate::git::{GitError, Store};
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

impl Toucher {
    fn of(commit: &RawCommit) -> Result<Toucher, GitError> {
        let (author, subject) = (commit.author().to_owned(), commit.subject().to_owned());
        Ok(Toucher { commit: commit.commit_id()?, author, subject })
    }
}

impl std::fmt::Display for Toucher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} \"{}\" by {}", self.commit.short(), self.subject, self.author)
    }
}

impl Picker {
    /// Who last touched the places at which a pick stopped: those in code where any is, and never those in release notes. What
    /// both sides share is left out, and so is what was carried to the branch.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not here. A file that cannot be followed has nobody to name.
    pub fn touched(
        &mut self,
        pick: &Pick,
        fix: &CommitId,
        onto: &CommitId,
    ) -> Result<Vec<Touched>, GitError> {
        let Some(parent) = self.draft().commit_info(fix)?.parents.first().cloned() else {
            return Ok(Vec::new());
        };
        let store = &self.draft;
        let own = self.lineage.own(store, fix, onto)?;
        let mut sides =
            BothHistories { store, lineage: &mut self.lineage, versions: &mut self.versions, own };
        let is_serious = |conflict: &&Conflict| conflict.noise.is_none();
        let serious = pick.conflicts.iter().any(|conflict| is_serious(&conflict));
        // Everybody writes release notes: who did there says nothing, and what else is noise says little beside code.
        let tells = |conflict: &&Conflict| {
            is_serious(conflict) || (!serious && conflict.noise != Some(Noise::ReleaseNotes))
        };
        let places = pick
            .conflicts
            .iter()
            .filter(tells)
            .flat_map(|conflict| conflict.hunks.iter().map(move |hunk| (conflict, hunk)));
        let mut touched = Vec::new();
        for (conflict, hunk) in places.take(PLACES) {
            let here = stretch(&conflict.path, hunk.ours_line, &hunk.ours);
            let there = stretch(base_path(conflict), hunk.base_line, &hunk.base);
            touched.push(Touched {
                path: conflict.path.clone(),
                line: hunk.ours_line,
                on_branch: sides.on_branch(onto, &here)?,
                before_fix: sides.before_fix(&parent, &there)?,
            });
        }
        Ok(touched)
    }
}

/// The two histories that meet in a pick.
struct BothHistories<'a> {
    store: &'a Store,
    lineage: &'a mut Lineage,
    versions: &'a mut FileVersions,
    /// What the branch has of its own.
    own: Own,
}

impl BothHistories<'_> {
    fn on_branch(&mut self, onto: &CommitId, stretch: &Stretch<'_>) -> Result<Vec<Toucher>, GitError> {
        let own: HashSet<Oid> = self.own.commits.iter().map(|commit| commit.id).collect();
        let is_shared = |commit: &RawCommit| !own.contains(&commit.id);
        let found = self.versions.last_touchers(self.store, self.lineage, oid(onto)?, stretch, is_shared)?;
        found.into_iter().map(|id| Toucher::of(&*self.lineage.read(self.store, id)?)).collect()
    }

    /// The commits that the fix builds on and that the branch neither has nor was given.
    fn before_fix(&mut self, parent: &CommitId, stretch: &Stretch<'_>) -> Result<Vec<Toucher>, GitError> {
        // What is older than where the branch left is the branch's as well, but for clocks that go wrong.
        let left_at = self.own.left_at();
        let is_shared =
            |commit: &RawCommit| left_at.is_some_and(|left_at| commit.committed + SLACK < left_at);
        let found =
            self.versions.last_touchers(self.store, self.lineage, oid(parent)?, stretch, is_shared)?;
        let mut lacking = Vec::new();
        for id in found {
            let commit = self.lineage.read(self.store, id)?;
            if !self.is_inherited(&commit)? && self.own.carrying(&commit)?.is_none() {
                lacking.push(Toucher::of(&commit)?);
            }
        }
        Ok(lacking)
    }

    fn is_inherited(&self, commit: &RawCommit) -> Result<bool, GitError> {
        for shared in &self.own.shared {
            let may_be_older = commit.committed <= shared.committed + SLACK;
            if may_be_older && self.store.is_ancestor(&commit.commit_id()?, &shared.commit_id()?)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn stretch<'a>(path: &'a str, line: usize, text: &str) -> Stretch<'a> {
    Stretch { path, first: line.saturating_sub(1), lines: text.lines().count() }
}

fn base_path(conflict: &Conflict) -> &str {
    conflict.fix_path.as_deref().unwrap_or(&conflict.path)
}
