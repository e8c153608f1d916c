//! What a branch's tree says about a fix, as one change: whether it applies, whether there is anything left to apply,
//! and how much of what it changes is there.

use std::collections::{BTreeMap, HashMap};

use git2::Oid;

use super::elsewhere::Elsewhere;
use super::hunk::Search;
use super::presence::{Presence, Reach};
use crate::backport::merging::noise::Noise;
use crate::backport::picking::outcome::{Outcome, Pick};
use crate::backport::picking::pick::Picker;
use crate::backport::picking::request::{Against, Onto, PickRequest};
use crate::git::plumbing::{EntryKind, Lookup, tree_oid};
use crate::git::{GitError, Signature};
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

/// What trees say about fixes. It remembers what it found: most tags of a line hold the very same files.
pub(in crate::backport) struct Contents {
    /// Finds what applies, and reads histories.
    pub(in crate::backport) picker: Picker,
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

impl Contents {
    pub(in crate::backport) fn new(picker: Picker) -> Contents {
        Contents { picker, wholes: HashMap::new(), known: HashMap::new(), elsewhere: Elsewhere::default() }
    }

    /// What a tree says about a fix of one or more commits.
    pub(in crate::backport) fn of(&mut self, fix: &[CommitId], tree: &TreeId) -> Result<Content, GitError> {
        let whole = self.whole(fix)?;
        let files = self.files(&whole, tree)?;
        let keys = [files.clone().map(Looked::Files), Some(Looked::Tree(tree_oid(tree)?))];
        for key in keys.into_iter().flatten() {
            if let Some(known) = self.known.get(&(whole.clone(), key)) {
                return Ok(known.clone());
            }
        }
        let content = self.look(&whole, tree)?;
        let key = match files.filter(|_| content.presence.reach == Reach::Own) {
            Some(files) => Looked::Files(files),
            None => Looked::Tree(tree_oid(tree)?),
        };
        self.known.insert((whole, key), content.clone());
        Ok(content)
    }

    /// The fix as one commit in the draft, where its commits can be put together: a later commit of a series does not
    /// apply without the earlier ones, and may take back what they brought.
    fn whole(&mut self, fix: &[CommitId]) -> Result<Vec<CommitId>, GitError> {
        let (Some(first), true) = (fix.first(), fix.len() > 1) else { return Ok(fix.to_vec()) };
        if let Some(known) = self.wholes.get(fix) {
            return Ok(known.clone());
        }
        let first = self.picker.draft().commit_info(first)?;
        let mut tree = Some(first.tree.clone());
        for commit in &fix[1..] {
            let Some(onto) = tree else { break };
            let request =
                PickRequest { fix: commit.clone(), against: Against::Parent, onto: Onto::Tree(onto) };
            tree = self.picker.pick_quietly(&request)?.tree;
        }
        let whole = match (tree, first.parents.as_slice()) {
            (Some(tree), [parent]) => vec![self.one_commit(&tree, parent)?],
            _ => fix.to_vec(),
        };
        self.wholes.insert(fix.to_vec(), whole.clone());
        Ok(whole)
    }

    fn one_commit(&self, tree: &TreeId, parent: &CommitId) -> Result<CommitId, GitError> {
        let nobody = Signature::utc("nobody", "nobody@localhost", jiff::Timestamp::UNIX_EPOCH);
        self.picker.draft().commit(tree, std::slice::from_ref(parent), "the whole fix\n", &nobody, &nobody)
    }

    fn look(&mut self, whole: &[CommitId], tree: &TreeId) -> Result<Content, GitError> {
        let mut applications = Vec::new();
        let mut all = Presence::default();
        for fix in whole {
            let request =
                PickRequest { fix: fix.clone(), against: Against::Parent, onto: Onto::Tree(tree.clone()) };
            let pick = self.picker.pick_quietly(&request)?;
            applications.push(self.application(fix, &pick)?);
            let moved: BTreeMap<_, _> =
                pick.followed.into_iter().map(|moved| (moved.from, moved.to)).collect();
            let changes = self.picker.changes_of(fix)?;
            all.join(self.picker.draft().presence(&mut self.elsewhere, &changes, tree, &moved)?);
        }
        // The worst of them is what the whole comes to.
        let application = applications.into_iter().max().unwrap_or(Application::Conflicts);
        Ok(Content { application, presence: all })
    }

    fn application(&mut self, fix: &CommitId, pick: &Pick) -> Result<Application, GitError> {
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

    fn decides_something(&mut self, fix: &CommitId) -> Result<bool, GitError> {
        let changes = self.picker.changes_of(fix)?;
        Ok(changes.iter().any(|change| Noise::of(&String::from_utf8_lossy(&change.path)).is_none()))
    }

    /// The files that a fix touches as a tree has them; `None` if it lacks one that the fix expects.
    fn files(&mut self, fix: &[CommitId], tree: &TreeId) -> Result<Option<Vec<Option<Oid>>>, GitError> {
        let mut changes = Vec::new();
        for commit in fix {
            changes.push(self.picker.changes_of(commit)?);
        }
        let mut here = Lookup::new(self.picker.draft().raw(), tree_oid(tree)?)?;
        let mut files = Vec::new();
        for change in changes.iter().flat_map(|changes| changes.iter()) {
            let there = here.file(&change.path)?;
            if there.is_none() && change.old.is_some_and(|old| old.kind() == EntryKind::File) {
                return Ok(None);
            }
            files.push(there.map(|entry| entry.id));
        }
        Ok(Some(files))
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
