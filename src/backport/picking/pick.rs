//! Picking one fix onto one branch, in memory.

use std::sync::Arc;

use git2::Oid;

use super::outcome::{Doubt, Moved, Outcome, Pick};
use super::request::{Against, Onto, PickRequest};
use crate::backport::history::evidence::{self, Said};
use crate::backport::history::fixed_by::FixedBy;
use crate::backport::history::lineage::Lineage;
use crate::backport::history::taken_back::is_taken_back;
use crate::backport::history::versions::FileVersions;
use crate::backport::merging::file_merge::Manner;
use crate::backport::merging::marked::LABELS;
use crate::backport::merging::merge::{Caches, Merged, Trees, merge};
use crate::backport::merging::noise::NoiseRules;
use crate::backport::merging::opinion::{Confirmation, SecondOpinion};
use crate::backport::merging::renames::{Choice, Coverage, Rename};
use crate::backport::merging::second::{Opinion, ask};
use crate::git::plumbing::{PathBytes, Sink, TreeChange, oid, tree_id, tree_oid, updated_into};
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};

/// How much of the history a picker reads to find that a branch has a fix already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HistorySearch {
    /// None: only the content speaks.
    Skip,
    /// When the pick is empty or conflicts.
    #[default]
    WhenInDoubt,
}

/// Picks commits onto branches of one repository without writing to it.
///
/// It keeps what several picks share (tree differences, fingerprints of files), so one picker should serve all
/// branches of a fix. Like [`Store`] it is `Send` and not `Sync`.
pub struct Picker {
    pub(in crate::backport) draft: Store,
    caches: Caches,
    pub(in crate::backport) lineage: Lineage,
    pub(in crate::backport) versions: FileVersions,
    opinion: SecondOpinion,
    history: HistorySearch,
    noise: NoiseRules,
    /// git's `merge.renormalize`, by the configuration of the repository and of its user.
    renormalize: bool,
}

impl Picker {
    /// A picker over a repository. The trees it makes live in its own [`Picker::draft`].
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone.
    pub fn new(store: &Store) -> Result<Picker, GitError> {
        let draft = store.draft()?;
        let said = draft.raw().config().and_then(|config| config.get_bool("merge.renormalize"));
        Ok(Picker {
            renormalize: said.unwrap_or(false),
            draft,
            caches: Caches::default(),
            lineage: Lineage::default(),
            versions: FileVersions::default(),
            opinion: SecondOpinion::default(),
            history: HistorySearch::default(),
            noise: NoiseRules::default(),
        })
    }

    /// Another picker of the same kind, for another thread. It has seen nothing yet.
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone.
    pub(in crate::backport) fn again(&self) -> Result<Picker, GitError> {
        let other = Picker::new(&self.draft)?.with_opinion(self.opinion).with_history(self.history);
        Ok(other.with_noise(self.noise.clone()))
    }

    /// The same picker with another second opinion.
    #[must_use]
    pub fn with_opinion(mut self, opinion: SecondOpinion) -> Picker {
        self.opinion = opinion;
        self
    }

    /// The same picker with another search of the history.
    #[must_use]
    pub fn with_history(mut self, history: HistorySearch) -> Picker {
        self.history = history;
        self
    }

    /// The same picker for a repository that adds to what is noise.
    #[must_use]
    pub fn with_noise(mut self, noise: NoiseRules) -> Picker {
        self.noise = noise;
        self
    }

    /// The in-memory store that holds what was picked; [`Store::keep`] copies it out.
    #[must_use]
    pub fn draft(&self) -> &Store {
        &self.draft
    }

    /// Picks.
    ///
    /// # Errors
    /// [`GitError::MainlineNeeded`] for a merge without a mainline, [`GitError::Missing`] for a commit or tree that
    /// is not here. A conflict is no error.
    pub fn pick(&mut self, request: &PickRequest) -> Result<Pick, GitError> {
        self.pick_into(&Sink::Repository, request)
    }

    /// Picks to see what comes of it: the tree has its id, and is not in [`Picker::draft`]; of what conflicts there is no
    /// marked tree.
    ///
    /// # Errors
    /// As [`Picker::pick`].
    pub fn try_pick(&mut self, request: &PickRequest) -> Result<Pick, GitError> {
        self.pick_into(&Sink::held_back(), request)
    }

    fn pick_into(&mut self, sink: &Sink, request: &PickRequest) -> Result<Pick, GitError> {
        let trees = self.trees(request)?;
        let manner = Manner { labels: &LABELS, opinion: self.opinion, sink, renormalize: self.renormalize };
        let mut merged = merge(self.draft.raw(), &mut self.caches, trees, manner)?;
        for conflict in &mut merged.conflicts {
            conflict.noise = self.noise.of(&conflict.path);
        }
        let tree = if merged.conflicts.is_empty() || sink.takes_marked() {
            Some(updated_into(self.draft.raw(), sink, trees.ours, &merged.updates)?)
        } else {
            None
        };
        let in_doubt = !merged.conflicts.is_empty() || tree == Some(trees.ours);
        if in_doubt
            && self.history == HistorySearch::WhenInDoubt
            && let Some(found) = self.found_in_history(request)?
            && (merged.conflicts.is_empty() || !self.is_taken_back(trees)?)
        {
            return Ok(settled(Outcome::AlreadyFixed { evidence: found }, Some(tree_id(trees.ours)?)));
        }
        let outcome = self.outcome(sink, trees, &merged, tree)?;
        described(outcome, merged, tree)
    }

    /// Picks without asking the history: a newer line's version of a fix has the fix's own author and date.
    pub(in crate::backport) fn pick_quietly(&mut self, request: &PickRequest) -> Result<Pick, GitError> {
        let history = std::mem::replace(&mut self.history, HistorySearch::Skip);
        let pick = self.pick(request);
        self.history = history;
        pick
    }

    fn outcome(
        &mut self,
        sink: &Sink,
        trees: Trees,
        merged: &Merged,
        tree: Option<Oid>,
    ) -> Result<Outcome, GitError> {
        let Some(tree) = tree.filter(|_| merged.conflicts.is_empty()) else {
            let nothing_there = merged.touched > 0 && merged.absent == merged.touched;
            return Ok(if nothing_there && merged.coverage == Coverage::Complete {
                Outcome::NotApplicable
            } else {
                Outcome::of_conflicts(&merged.conflicts)
            });
        };
        if tree == trees.ours {
            return Ok(Outcome::AlreadyFixed { evidence: FixedBy::Content });
        }
        let (confirmation, doubts) = self.doubts(sink, trees, merged, tree)?;
        Ok(if doubts.is_empty() {
            Outcome::Clean { confirmation }
        } else {
            Outcome::CleanUnconfirmed { doubts }
        })
    }

    fn doubts(
        &mut self,
        sink: &Sink,
        trees: Trees,
        merged: &Merged,
        tree: Oid,
    ) -> Result<(Confirmation, Vec<Doubt>), GitError> {
        let mut doubts = Vec::new();
        if !merged.fix_renames.is_empty() {
            let paths = merged.fix_renames.iter().map(|rename| lossy(&rename.to)).collect();
            doubts.push(Doubt::FixRenames { paths });
        }
        if !merged.joined.is_empty() {
            doubts.push(Doubt::Joined { paths: merged.joined.iter().map(lossy).collect() });
        }
        if !merged.collisions.is_empty() {
            doubts.push(Doubt::PathsCollide { paths: merged.collisions.iter().map(lossy).collect() });
        }
        let followed = merged.followed.iter().filter(|rename| rename.choice == Choice::OneOfSeveral);
        let guessed: Vec<String> =
            followed.map(|rename| &rename.to).chain(&merged.guessed).map(lossy).collect();
        if !guessed.is_empty() {
            doubts.push(Doubt::SeveralAlike { paths: guessed });
        }
        if merged.coverage == Coverage::Capped {
            doubts.push(Doubt::RenameSearchCapped);
        }
        let repository = self.draft.raw();
        let fix = self.caches.differences.between(repository, trees.base, trees.theirs)?;
        let confirmation = match ask(repository, trees, &fix, merged, tree, (self.opinion, sink))? {
            Opinion::Agrees(confirmation) => confirmation,
            Opinion::Differs(paths) => {
                doubts.push(Doubt::EnginesDiffer { paths: paths.iter().map(lossy).collect() });
                Confirmation::NotAsked
            }
        };
        Ok((confirmation, doubts))
    }

    /// Whether the tree is as before the fix although the history has it: what conflicts is a conflict then.
    fn is_taken_back(&mut self, trees: Trees) -> Result<bool, GitError> {
        let changes = self.caches.differences.between(self.draft.raw(), trees.base, trees.theirs)?;
        is_taken_back(&self.draft, &changes, trees.ours)
    }

    fn found_in_history(&mut self, request: &PickRequest) -> Result<Option<FixedBy>, GitError> {
        match &request.onto {
            Onto::Commit(onto) => Ok(self.in_history(&request.fix, onto)?.by),
            Onto::Tree(_) => Ok(None),
        }
    }

    /// What the history of a head says about a commit.
    pub(in crate::backport) fn in_history(
        &mut self,
        commit: &CommitId,
        head: &CommitId,
    ) -> Result<Said, GitError> {
        evidence::in_history(&self.draft, &mut self.lineage, commit, head)
    }

    /// When a head left the history of a commit, by the newest commit that they share; `None` if they share nothing.
    pub(in crate::backport) fn left_at(
        &mut self,
        commit: &CommitId,
        head: &CommitId,
    ) -> Result<Option<jiff::Timestamp>, GitError> {
        Ok(self.lineage.own(&self.draft, commit, head)?.left_at())
    }

    /// What a commit changes against its first parent, compared once however many branches and tags are looked at.
    pub(in crate::backport) fn changes_of(
        &mut self,
        commit: &CommitId,
    ) -> Result<Arc<Vec<TreeChange>>, GitError> {
        let (before, after) = self.draft.commit_trees(commit)?;
        self.caches.differences.between(self.draft.raw(), tree_oid(&before)?, tree_oid(&after)?)
    }

    fn trees(&self, request: &PickRequest) -> Result<Trees, GitError> {
        let fix = self.draft.commit_info(&request.fix)?;
        let many = fix.parents.len();
        let against = match &request.against {
            Against::Commit(commit) => Some(commit),
            Against::Parent if many > 1 => {
                return Err(GitError::MainlineNeeded { commit: fix.id.to_string(), parents: many });
            }
            Against::Parent => fix.parents.first(),
            Against::Mainline(number) => {
                let parent = number.checked_sub(1).and_then(|index| fix.parents.get(index));
                let parents = many;
                let missing =
                    || GitError::NoSuchMainline { commit: fix.id.to_string(), parents, mainline: *number };
                Some(parent.ok_or_else(missing)?)
            }
        };
        let base = match against {
            Some(commit) => tree_oid(&self.draft.tree_of(commit)?)?,
            None => tree_oid(&self.draft.empty_tree()?)?,
        };
        Ok(Trees { base, ours: tree_oid(&self.onto(request)?)?, theirs: tree_oid(&fix.tree)? })
    }

    /// The tree that is picked onto.
    pub(in crate::backport) fn onto(&self, request: &PickRequest) -> Result<TreeId, GitError> {
        match &request.onto {
            Onto::Commit(commit) => oid(commit).and_then(|_| self.draft.tree_of(commit)),
            Onto::Tree(tree) => Ok(tree.clone()),
        }
    }
}

fn settled(outcome: Outcome, tree: Option<TreeId>) -> Pick {
    Pick {
        outcome,
        tree,
        marked_tree: None,
        changed: Vec::new(),
        conflicts: Vec::new(),
        followed: Vec::new(),
        helped_by: Vec::new(),
        unwritten: Vec::new(),
    }
}

fn described(outcome: Outcome, merged: Merged, tree: Option<Oid>) -> Result<Pick, GitError> {
    let tree = tree.map(tree_id).transpose()?;
    let (tree, marked_tree) = if outcome.needs_resolution() { (None, tree) } else { (tree, None) };
    Ok(Pick {
        outcome,
        tree,
        marked_tree,
        changed: merged.updates.keys().map(lossy).collect(),
        conflicts: merged.conflicts,
        followed: merged.followed.iter().map(moved).collect(),
        helped_by: Vec::new(),
        unwritten: Vec::new(),
    })
}

fn moved(rename: &Rename) -> Moved {
    let percent = rename.score * 100 / crate::backport::merging::similarity::IDENTICAL;
    Moved { from: lossy(&rename.from), to: lossy(&rename.to), percent: u8::try_from(percent).unwrap_or(100) }
}

fn lossy(path: &PathBytes) -> String {
    String::from_utf8_lossy(path).into_owned()
}
