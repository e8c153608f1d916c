//! Fixes that come as patch files, and what each of them was made on.
//!
//! A patch says nothing of it but its context. So it is tried on the head of the default branch, on the ends of the other
//! fixes of its repository, on the heads of the lines, and at last on several fixes at once, each in the order of the
//! release file. The same files give the same commits, whichever step asks.

use std::collections::{BTreeMap, BTreeSet};

use super::written::WrittenFix;
use crate::catalog::Repo;
use crate::git::{Committer, GitError, Store};
use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::plan::Plan;
use crate::private_folder::private_folder;
use crate::release::{Fix, FixSource, PatchText};
use crate::steps::local::signature;

/// The fix of one advisory in one repository, as patch files in their order.
#[derive(Debug, Clone)]
pub(super) struct PatchedFix {
    pub(super) advisory: GhsaId,
    files: Vec<(String, PatchText)>,
    /// The lines that it may have been made on: those that it is for.
    lines: Vec<CommitId>,
    /// The newest releases. It is taken to be made on one only where the default branch has it already, as after a run that was
    /// called off in public.
    released: Vec<CommitId>,
}

/// A patch file that applies nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the patch `{file}` applies neither to the default branch nor to {beside}: {cause}")]
pub struct UnfitPatch {
    /// The advisory.
    pub advisory: GhsaId,
    /// The file, as the release file names it.
    pub file: String,
    /// What else was tried.
    beside: &'static str,
    /// What git says of it on the default branch.
    cause: GitError,
}

impl UnfitPatch {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        "make it again with `git format-patch` on top of the default branch's head, or of the fix that it builds on"
    }
}

/// Where the patches of a fix apply.
pub(super) enum Placement {
    On(Vec<CommitId>),
    Nowhere(UnfitPatch),
}

/// What the patch files of a repository are tried on.
pub(super) struct PatchBench<'a> {
    pub(super) store: &'a Store,
    /// The head of the default branch.
    pub(super) head: CommitId,
    pub(super) committer: &'a Committer,
}

/// How far the fixes are placed, in the order in which they were.
struct Placed<'a> {
    placed: Vec<WrittenFix>,
    left: Vec<(&'a PatchedFix, UnfitPatch)>,
}

/// The fixes of a repository that come as patch files, as the release file lists them.
pub(super) fn patched_fixes(plan: &Plan, repo: &RepoName) -> Vec<PatchedFix> {
    let advisories = plan.inputs.release.advisories.iter();
    let fixes = advisories.filter_map(|advisory| Some((&advisory.id, advisory.fix_in(repo)?)));
    let patched = fixes.filter_map(|(advisory, fix)| {
        let FixSource::Patches(names) = fix.source() else { return None };
        let text = |name: &String| Some((name.clone(), plan.inputs.patches.get(name)?.clone()));
        let files = names.iter().filter_map(text).collect();
        let (lines, released) = (heads_of_lines(plan, fix), newest_releases(plan, repo));
        Some(PatchedFix { advisory: advisory.clone(), files, lines, released })
    });
    patched.collect()
}

/// The heads of the branches that a fix is for.
fn heads_of_lines(plan: &Plan, fix: &Fix) -> Vec<CommitId> {
    let targets = plan.targets_of(&fix.repo);
    let meant = targets.filter(|target| fix.is_for(&target.branch));
    meant.map(|target| target.head().clone()).collect()
}

/// The commit of the newest release of each branch.
fn newest_releases(plan: &Plan, repo: &RepoName) -> Vec<CommitId> {
    let versions = plan.snapshot.repos.get(repo).map(|state| state.versions.as_slice()).unwrap_or_default();
    let newest: BTreeMap<&BranchName, &CommitId> =
        versions.iter().filter_map(|one| Some((one.origin.branch()?, &one.commit))).collect();
    newest.into_values().cloned().collect()
}

/// Where the default branch was when the plan was made.
pub(super) fn default_head(plan: &Plan, repo: &Repo) -> Option<CommitId> {
    let branches = &plan.snapshot.repos.get(&repo.name)?.branches;
    branches.get(&repo.default_branch).map(|branch| branch.head.clone())
}

/// A patch file of the repository that applies nowhere, as far as this is known before the run: nothing is said where one may
/// have been made on commits that are still to be fetched.
///
/// # Errors
/// When git cannot be run, or the store lacks the default branch.
pub fn unfit_patch(plan: &Plan, repo: &Repo, store: &Store) -> Result<Option<UnfitPatch>, GitError> {
    let patched = patched_fixes(plan, &repo.name);
    let all = plan.inputs.release.advisories.iter().filter(|advisory| advisory.fix_in(&repo.name).is_some());
    let Some(head) = default_head(plan, repo).filter(|_| all.count() == patched.len()) else {
        return Ok(None);
    };
    let committer = Committer::plain(signature(plan));
    let bench = PatchBench { store, head, committer: &committer };
    Ok(bench.place(&patched, &[])?.left.into_iter().next().map(|(_, unfit)| unfit))
}

impl PatchBench<'_> {
    /// Where the patches of one of these fixes apply. The others may have come as commits.
    ///
    /// # Errors
    /// When git cannot be run, or the store lacks a commit.
    pub(super) fn placement(
        &self,
        own: &GhsaId,
        patched: &[PatchedFix],
        others: &[WrittenFix],
    ) -> Result<Placement, GitError> {
        let Some(fix) = patched.iter().find(|fix| fix.advisory == *own) else {
            return Ok(Placement::On(Vec::new()));
        };
        if let Placement::On(commits) = self.on(&self.head, fix)? {
            return Ok(Placement::On(commits));
        }
        let Placed { placed, left } = self.place(patched, others)?;
        let unfit = left.into_iter().find(|(fix, _)| fix.advisory == *own);
        let commits = placed.into_iter().find(|fix| fix.advisory == *own).map(|fix| fix.commits);
        Ok(match unfit {
            Some((_, unfit)) => Placement::Nowhere(unfit),
            None => Placement::On(commits.unwrap_or_default()),
        })
    }

    fn place<'f>(&self, patched: &'f [PatchedFix], others: &[WrittenFix]) -> Result<Placed<'f>, GitError> {
        let mut all = Placed { placed: Vec::new(), left: Vec::new() };
        for fix in patched {
            match self.on(&self.head, fix)? {
                Placement::On(commits) => all.take(fix, commits),
                Placement::Nowhere(unfit) => all.left.push((fix, unfit)),
            }
        }
        self.grow(&mut all, patched)?;
        all.placed.extend(others.iter().cloned());
        self.grow(&mut all, patched)?;
        if all.placed.len() + all.left.len() > 1 {
            all.left.iter_mut().for_each(|(_, unfit)| unfit.beside = "a line, nor on top of other fixes");
        }
        Ok(all)
    }

    /// Places one after another on what is placed, until none fits any more.
    fn grow(&self, all: &mut Placed<'_>, patched: &[PatchedFix]) -> Result<(), GitError> {
        while let Some((index, commits)) = self.next(all, patched)? {
            let (fix, _) = all.left.remove(index);
            all.take(fix, commits);
        }
        Ok(())
    }

    fn next(
        &self,
        all: &Placed<'_>,
        patched: &[PatchedFix],
    ) -> Result<Option<(usize, Vec<CommitId>)>, GitError> {
        for (index, (fix, _)) in all.left.iter().enumerate() {
            let ends = all.placed.iter().filter_map(|placed| placed.commits.last());
            for base in ends.chain(fix.lines.iter().filter(|line| self.store.has_commit(line))) {
                if let Placement::On(commits) = self.on(base, fix)? {
                    return Ok(Some((index, commits)));
                }
            }
        }
        for (index, (fix, _)) in all.left.iter().enumerate() {
            for base in fix.released.iter().filter(|base| self.store.has_commit(base)) {
                if let Placement::On(commits) = self.on(base, fix)?
                    && self.is_in_the_head(base, &commits)?
                {
                    return Ok(Some((index, commits)));
                }
            }
        }
        let placed: BTreeSet<&GhsaId> = all.placed.iter().map(|placed| &placed.advisory).collect();
        let placed: Vec<&PatchedFix> = patched.iter().filter(|fix| placed.contains(&fix.advisory)).collect();
        for (index, (fix, _)) in all.left.iter().enumerate() {
            if let Some(commits) = self.on_several(fix, &placed)? {
                return Ok(Some((index, commits)));
            }
        }
        Ok(None)
    }

    /// Whether the default branch has every file that these commits change as they leave it.
    fn is_in_the_head(&self, base: &CommitId, commits: &[CommitId]) -> Result<bool, GitError> {
        let Some(last) = commits.last() else { return Ok(false) };
        let (before, after) = (self.store.tree_of(base)?, self.store.tree_of(last)?);
        let other = self.store.changed_paths(&self.store.tree_of(&self.head)?, &after)?;
        let changed = self.store.changed_paths(&before, &after)?;
        Ok(!changed.is_empty() && changed.iter().all(|path| !other.contains(path)))
    }

    /// On top of several fixes, which are put on top of each other for it.
    fn on_several(
        &self,
        fix: &PatchedFix,
        placed: &[&PatchedFix],
    ) -> Result<Option<Vec<CommitId>>, GitError> {
        let mut tip = self.head.clone();
        for below in placed {
            let Placement::On(commits) = self.on(&tip, below)? else { continue };
            tip = commits.last().cloned().unwrap_or(tip);
            if let Placement::On(commits) = self.on(&tip, fix)? {
                return Ok(Some(commits));
            }
        }
        Ok(None)
    }

    fn on(&self, base: &CommitId, fix: &PatchedFix) -> Result<Placement, GitError> {
        let mut head = base.clone();
        let mut commits = Vec::new();
        for (name, text) in &fix.files {
            match self.import(&head, text) {
                Ok(made) => {
                    head = made.last().cloned().unwrap_or(head);
                    commits.extend(made);
                }
                Err(cause @ GitError::Patch { .. }) => {
                    let (advisory, file) = (fix.advisory.clone(), name.clone());
                    return Ok(Placement::Nowhere(UnfitPatch { advisory, file, beside: "a line", cause }));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Placement::On(commits))
    }
}

impl PatchBench<'_> {
    fn import(&self, base: &CommitId, text: &PatchText) -> Result<Vec<CommitId>, GitError> {
        let failed = |source| GitError::File { path: "mailbox".into(), source };
        let folder = private_folder("lockgate-").map_err(failed)?;
        let file = folder.path().join("mailbox");
        std::fs::write(&file, text.as_bytes()).map_err(failed)?;
        self.store.import_patches(base, &file, self.committer)
    }
}

impl Placed<'_> {
    fn take(&mut self, fix: &PatchedFix, commits: Vec<CommitId>) {
        self.placed.push(WrittenFix { advisory: fix.advisory.clone(), commits });
    }
}
