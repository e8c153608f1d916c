//! One fix carried to many lines of a repository, the lines helping one another.
//!
//! Each line is first picked onto for itself, on all cores. Where that conflicts, the newer lines help: with what they
//! took here, and with what people made of the fix on them before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use super::chain::{Help, NewerLine};
use super::memory::Memory;
use super::outcome::Outcome;
use super::pick::Picker;
use super::request::{Against, Onto, PickRequest};
use super::stack::{Item, Merges, Stack, Stacked, StackedState, stack_with_help};
use crate::backport::history::fixed_by::FixedBy;
use crate::git::plumbing::tree_oid;
use crate::git::{Committer, GitError, picked_from};
use crate::ids::CommitId;

/// A line that is to take a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its name, for people.
    pub name: String,
    /// Its head.
    pub head: CommitId,
}

/// Whether lines help one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mutual {
    /// A newer line's version of the fix, and what people settled on any line, is tried where the fix conflicts.
    #[default]
    Help,
    /// Each line is picked onto as if there were no other.
    Alone,
}

/// The lines are shared out to the cores in parts of at least this many.
const PART: usize = 8;
/// How many newer lines are asked for their version of the fix, the nearest first. What does not fit as the nearest ones
/// have it seldom fits as others have it, and each costs a pick.
const NEAREST: usize = 4;

/// How many picks may be under way at once. Each keeps what it read, so there is an end to it.
pub(in crate::backport) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(8)
}

/// A fix that is carried to lines, and how.
#[derive(Clone, Copy)]
pub struct Carry<'a> {
    /// Its commits, oldest first.
    pub fix: &'a [CommitId],
    /// Who signs what is made.
    pub committer: &'a Committer,
    /// What becomes of merges among them.
    pub merges: Merges,
    /// Whether the lines help one another.
    pub mutual: Mutual,
    /// Told of each line as it is begun; from several threads.
    pub began: &'a (dyn Fn(&Line) + Sync),
}

impl Carry<'_> {
    fn onto(&self, picker: &mut Picker, line: &Line, help: &Help<'_>) -> Result<Stack, GitError> {
        let items = [Item { key: "fix".to_owned(), commits: self.fix.to_vec() }];
        stack_with_help(picker, &line.head, &items, self.committer, self.merges, help)
    }

    fn each_onto(&self, picker: &mut Picker, lines: &[Line]) -> Vec<Result<Stack, GitError>> {
        let onto = |line: &Line| {
            (self.began)(line);
            self.onto(picker, line, &Help::default())
        };
        lines.iter().map(onto).collect()
    }
}

impl Picker {
    /// Carries a fix of one or more commits to each line. The answers are in the order of the lines; a line that cannot
    /// be used is an error in its place and holds no other. What was made is in [`Picker::draft`].
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone, [`GitError::Missing`] if a commit of the fix is not here.
    pub fn carry(
        &mut self,
        carry: &Carry<'_>,
        lines: &[Line],
    ) -> Result<Vec<Result<Stack, GitError>>, GitError> {
        let mut stacks = self.each_alone(carry, lines)?;
        let is_open =
            |stack: &Result<Stack, GitError>| stack.as_ref().is_ok_and(|stack| !stack.is_complete());
        if carry.mutual == Mutual::Help && lines.len() > 1 && stacks.iter().any(is_open) {
            self.help_one_another(carry, lines, &mut stacks)?;
        }
        Ok(stacks)
    }

    /// Each line for itself. Neighbouring lines share most of what has to be read, so each core takes neighbours.
    fn each_alone(
        &mut self,
        carry: &Carry<'_>,
        lines: &[Line],
    ) -> Result<Vec<Result<Stack, GitError>>, GitError> {
        let part = lines.len().div_ceil(cores()).max(PART);
        let mut parts = lines.chunks(part);
        let own = parts.next().unwrap_or_default();
        let mut helpers = Vec::new();
        for lines in parts {
            helpers.push((self.again()?, lines));
        }
        thread::scope(|scope| {
            let started: Vec<_> = helpers
                .into_iter()
                .map(|(mut picker, lines)| {
                    scope.spawn(move || {
                        let stacks = carry.each_onto(&mut picker, lines);
                        (picker, stacks)
                    })
                })
                .collect();
            let mut stacks = carry.each_onto(self, own);
            for helper in started {
                let (picker, more) = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                for stack in more.iter().flatten() {
                    self.take_over(&picker, stack)?;
                }
                stacks.extend(more);
            }
            Ok(stacks)
        })
    }

    /// Copies what another picker made into the own draft, and what stopped it.
    fn take_over(&self, other: &Picker, stack: &Stack) -> Result<(), GitError> {
        self.draft().keep(other.draft(), &stack.head)?;
        match stack.open().and_then(|(_, pick)| pick.marked_tree.as_ref()) {
            Some(marked) => self.draft().keep_tree(other.draft(), tree_oid(marked)?),
            None => Ok(()),
        }
    }

    fn help_one_another(
        &mut self,
        carry: &Carry<'_>,
        lines: &[Line],
        stacks: &mut [Result<Stack, GitError>],
    ) -> Result<(), GitError> {
        let order = self.newest_first(carry.fix, lines, stacks);
        let memory = self.settled_by_people(lines, stacks)?;
        let mut newer: Vec<NewerLine> = Vec::new();
        for index in order {
            let line = &lines[index];
            if stacks[index].as_ref().is_ok_and(|stack| !stack.is_complete()) {
                let nearest = &newer[..newer.len().min(NEAREST)];
                let help = Help { newer: nearest, memory: Some(&memory), ..Help::default() };
                stacks[index] = carry.onto(self, line, &help);
            }
            let Ok(stack) = &stacks[index] else { continue };
            let made = self.made_of_the_fix(carry.fix, line, stack)?;
            if stack.is_complete() && !made.picked.is_empty() {
                newer.insert(0, made);
            }
        }
        Ok(())
    }

    /// The lines by where they left the fix's history, the newest first; of those that left at one place, the ones that
    /// have the fix come first.
    fn newest_first(
        &mut self,
        fix: &[CommitId],
        lines: &[Line],
        stacks: &[Result<Stack, GitError>],
    ) -> Vec<usize> {
        let mut keyed = Vec::new();
        for (index, (line, stack)) in lines.iter().zip(stacks).enumerate() {
            // A line whose history cannot be read is none that the others could be nearer to.
            let left_at = fix.first().and_then(|fix| self.left_at(fix, &line.head).ok().flatten());
            let is_open = stack.as_ref().is_ok_and(|stack| !stack.is_complete());
            keyed.push((Reverse(left_at), is_open, index));
        }
        keyed.sort();
        keyed.into_iter().map(|(_, _, index)| index).collect()
    }

    /// What a line has for each commit of the fix: what was picked here, or what a person picked before. A commit that
    /// carries other fixes as well would bring more than was asked for.
    fn made_of_the_fix(&self, fix: &[CommitId], line: &Line, stack: &Stack) -> Result<NewerLine, GitError> {
        let mut picked = BTreeMap::new();
        let asked: BTreeSet<&CommitId> = fix.iter().collect();
        for stacked in &stack.commits {
            let commit = match &stacked.state {
                StackedState::Picked { commit, .. } => commit,
                _ => match by_a_person(stacked) {
                    Some(commit) => commit,
                    None => continue,
                },
            };
            let info = self.draft().commit_info(commit)?;
            if !info.is_merge() && picked_from(&info.message).iter().all(|from| asked.contains(from)) {
                picked.insert(stacked.fix.clone(), commit.clone());
            }
        }
        Ok(NewerLine { line: line.name.clone(), picked })
    }

    /// What people made of the places where the fix conflicts, on the lines that have it.
    fn settled_by_people(
        &mut self,
        lines: &[Line],
        stacks: &[Result<Stack, GitError>],
    ) -> Result<Memory, GitError> {
        let mut memory = Memory::default();
        for (line, stack) in lines.iter().zip(stacks) {
            for stacked in stack.iter().flat_map(|stack| &stack.commits) {
                let Some(commit) = by_a_person(stacked) else { continue };
                let info = self.draft().commit_info(commit)?;
                let [parent] = info.parents.as_slice() else { continue };
                let onto = Onto::Commit(parent.clone());
                let request = PickRequest { fix: stacked.fix.clone(), against: Against::Parent, onto };
                let pick = self.pick_quietly(&request)?;
                memory.learn(self.draft(), &pick, &info.tree, &line.name)?;
            }
        }
        Ok(memory)
    }
}

/// The commit in which a person carried a commit of the fix to the line before.
fn by_a_person(stacked: &Stacked) -> Option<&CommitId> {
    let StackedState::NothingToDo { pick } = &stacked.state else { return None };
    match &pick.outcome {
        Outcome::AlreadyFixed { evidence: FixedBy::Trailer { commit } | FixedBy::Authorship { commit } } => {
            Some(commit)
        }
        _ => None,
    }
}
