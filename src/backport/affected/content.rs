//! What a branch's tree says about a fix, as one change: whether it applies, whether there is anything left to apply,
//! and how much of what it changes is there.

use std::collections::{BTreeMap, HashMap};

use git2::Oid;

use super::elsewhere::Elsewhere;
use super::presence::{Presence, Reach, Search};
use crate::backport::merging::noise::Noise;
use crate::backport::picking::outcome::{Outcome, Pick};
use crate::backport::picking::pick::{Against, Onto, PickRequest, Picker};
use crate::git::plumbing::{EntryKind, Lookup, changes, tree_oid};
use crate::git::{GitError, Signature, Store};
use crate::ids::{CommitId, TreeId};

/// What a tree says about a fix.
#[derive(Debug, Clone)]
pub(in crate::backport) struct Content {
    pub(in crate::backport) application: Application,
    pub(in crate::backport) presence: Presence,
}

/// What applying the whole fix comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::backport) enum Application {
    /// It changes nothing.
    Nothing,
    /// It changes only tests, documentation and the like, though the fix changes more than that.
    OnlyNoise,
    /// It applies.
    Applies,
    /// It does not, or only with doubts.
    Conflicts,
}

/// What was found before: most tags of a line hold the very same files.
#[derive(Default)]
pub(in crate::backport) struct Contents {
    wholes: HashMap<Vec<CommitId>, Vec<CommitId>>,
    known: HashMap<(Vec<CommitId>, Looked), Content>,
    elsewhere: Elsewhere,
}

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Looked {
    /// The files that the fix touches: the branch has all of them, under their names.
    Files(Vec<Option<Oid>>),
    /// The whole tree, since code was looked for elsewhere.
    Tree(Oid),
}

impl Picker {
    /// What a tree says about a fix of one or more commits.
    pub(in crate::backport) fn content(
        &mut self,
        fix: &[CommitId],
        tree: &TreeId,
    ) -> Result<Content, GitError> {
        let whole = self.whole(fix)?;
        let files = files_of(self.draft(), &whole, tree)?;
        let keys = [files.clone().map(Looked::Files), Some(Looked::Tree(tree_oid(tree)?))];
        for key in keys.into_iter().flatten() {
            if let Some(known) = self.contents.known.get(&(whole.clone(), key)) {
                return Ok(known.clone());
            }
        }
        let content = self.look(&whole, tree)?;
        let key = match files.filter(|_| content.presence.reach == Reach::Own) {
            Some(files) => Looked::Files(files),
            None => Looked::Tree(tree_oid(tree)?),
        };
        self.contents.known.insert((whole, key), content.clone());
        Ok(content)
    }

    /// The fix as one commit in the draft, where its commits can be put together: a later commit of a series does not
    /// apply without the earlier ones, and may take back what they brought.
    fn whole(&mut self, fix: &[CommitId]) -> Result<Vec<CommitId>, GitError> {
        let (Some(first), true) = (fix.first(), fix.len() > 1) else { return Ok(fix.to_vec()) };
        if let Some(known) = self.contents.wholes.get(fix) {
            return Ok(known.clone());
        }
        let first = self.draft().commit_info(first)?;
        let mut tree = Some(first.tree.clone());
        for commit in &fix[1..] {
            let Some(onto) = tree else { break };
            let request =
                PickRequest { fix: commit.clone(), against: Against::Parent, onto: Onto::Tree(onto) };
            tree = self.pick_quietly(&request)?.tree;
        }
        let whole = match (tree, first.parents.as_slice()) {
            (Some(tree), [parent]) => vec![self.one_commit(&tree, parent)?],
            _ => fix.to_vec(),
        };
        self.contents.wholes.insert(fix.to_vec(), whole.clone());
        Ok(whole)
    }

    fn one_commit(&self, tree: &TreeId, parent: &CommitId) -> Result<CommitId, GitError> {
        let nobody = Signature::utc("nobody", "nobody@localhost", jiff::Timestamp::UNIX_EPOCH);
        self.draft().commit(tree, std::slice::from_ref(parent), "the whole fix\n", &nobody, &nobody)
    }

    fn look(&mut self, whole: &[CommitId], tree: &TreeId) -> Result<Content, GitError> {
        let mut applications = Vec::new();
        let mut all = Presence::default();
        for fix in whole {
            let request =
                PickRequest { fix: fix.clone(), against: Against::Parent, onto: Onto::Tree(tree.clone()) };
            let pick = self.pick_quietly(&request)?;
            applications.push(self.application(fix, &pick)?);
            let moved: BTreeMap<_, _> =
                pick.followed.into_iter().map(|moved| (moved.from, moved.to)).collect();
            all.join(self.draft.presence(&mut self.contents.elsewhere, fix, tree, &moved)?);
        }
        // The worst of them is what the whole comes to.
        let application = applications.into_iter().max().unwrap_or(Application::Conflicts);
        Ok(Content { application, presence: all })
    }

    fn application(&self, fix: &CommitId, pick: &Pick) -> Result<Application, GitError> {
        let mut left = pick.changed.iter().chain(pick.conflicts.iter().map(|conflict| &conflict.path));
        Ok(match &pick.outcome {
            Outcome::AlreadyFixed { .. } => Application::Nothing,
            _ if left.all(|path| decides_nothing(path)) && self.decides_something(fix)? => {
                Application::OnlyNoise
            }
            Outcome::Clean { .. } => Application::Applies,
            _ => Application::Conflicts,
        })
    }

    fn decides_something(&self, fix: &CommitId) -> Result<bool, GitError> {
        let (before, after) = self.draft().commit_trees(fix)?;
        let paths = self.draft().changed_paths(&before, &after)?;
        Ok(paths.iter().any(|path| Noise::of(path).is_none()))
    }
}

/// Files in which no vulnerability is. What others wrote and lock files are not among them: a fix may be just that.
fn decides_nothing(path: &str) -> bool {
    matches!(Noise::of(path), Some(Noise::Test | Noise::ReleaseNotes | Noise::Ci | Noise::Docs))
}

impl Presence {
    fn join(&mut self, other: Presence) {
        self.hunks.extend(other.hunks);
        self.files += other.files;
        self.files_there += other.files_there;
        if other.search == Search::CutShort {
            self.search = Search::CutShort;
        }
        if other.reach == Reach::Beyond {
            self.reach = Reach::Beyond;
        }
    }
}

/// The files that a fix touches as a tree has them; `None` if it lacks one that the fix expects.
fn files_of(store: &Store, fix: &[CommitId], tree: &TreeId) -> Result<Option<Vec<Option<Oid>>>, GitError> {
    let mut here = Lookup::new(store.raw(), tree_oid(tree)?)?;
    let mut files = Vec::new();
    for commit in fix {
        let (before, after) = store.commit_trees(commit)?;
        for change in changes(store.raw(), tree_oid(&before)?, tree_oid(&after)?)? {
            let there = here.file(&change.path)?;
            if there.is_none() && change.old.is_some_and(|old| old.kind() == EntryKind::File) {
                return Ok(None);
            }
            files.push(there.map(|entry| entry.id));
        }
    }
    Ok(Some(files))
}
