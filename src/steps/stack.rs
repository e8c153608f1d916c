//! `stack`: put the backports of all advisories of a branch on top of each other, and their release note on top.
//! This is what is tested, and what becomes public.

use super::error::StepError;
use super::local::{committer, in_store, made_ref};
use super::output::{Output, Patch, PatchCommit};
use super::release_note;
use super::review;
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::git::{Against, Expected, GitError, Onto, Outcome, PickRequest, Picker, Signature, Store};
use crate::ids::CommitId;
use crate::plan::{StepKind, Subject};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let base = site.facts.base(target).clone();
    let mut backports = Vec::new();
    for advisory in &target.advisories {
        let subject = Subject { advisory: Some(advisory.clone()), ..site.subject().clone() };
        backports.push(site.facts.patch(StepKind::Backport, &subject)?.clone());
    }
    let note = release_note::of(site)?;
    let committer = committer(&site.plan);
    let kept = made_ref(site);
    let stacked = in_store(site, &target.repo, move |store| {
        let mut pile = Pile::on(store, base, committer)?;
        for backport in &backports {
            if let Some(paths) = pile.add(backport)? {
                return Ok(Err(paths));
            }
        }
        if let Some(note) = &note
            && !pile.patch.commits.is_empty()
        {
            pile.note(note)?;
        }
        store.set_ref(&kept, &pile.patch.head, &Expected::Anything, "stack")?;
        Ok(Ok(pile.patch))
    })
    .await?;
    Ok(match stacked {
        Ok(patch) => Made::Done(Output::Patch(patch)),
        Err(paths) => Made::Ask(question(site, paths)),
    })
}

/// A growing stack.
struct Pile<'a> {
    store: &'a Store,
    picker: Picker,
    committer: Signature,
    patch: Patch,
}

impl<'a> Pile<'a> {
    fn on(store: &'a Store, base: CommitId, committer: Signature) -> Result<Pile<'a>, GitError> {
        let tree = store.tree_of(&base)?;
        let patch =
            Patch { head: base.clone(), base, tree, commits: Vec::new(), review: Vec::new(), resolved: None };
        Ok(Pile { store, picker: Picker::new(store)?, committer, patch })
    }

    /// Puts one advisory's backport on top; gives the conflicting paths if it does not fit on the others.
    fn add(&mut self, backport: &Patch) -> Result<Option<Vec<String>>, GitError> {
        for commit in &backport.commits {
            let info = self.store.commit_info(&commit.commit)?;
            if info.parents == [self.patch.head.clone()] {
                // It stands where it would be put: the very commit that was reviewed.
                self.take(commit.clone(), commit.commit.clone(), info.tree);
                continue;
            }
            let request = PickRequest {
                fix: commit.commit.clone(),
                against: Against::Parent,
                onto: Onto::Commit(self.patch.head.clone()),
            };
            let pick = self.picker.pick(&request)?;
            if matches!(pick.outcome, Outcome::AlreadyFixed { .. }) {
                // An earlier advisory's resolution brought it along; an empty commit would tell nothing.
                continue;
            }
            let Some(tree) = pick.tree.clone() else { return Ok(Some(pick.conflicting_paths())) };
            let draft = self.picker.draft();
            let head = [self.patch.head.clone()];
            let made = draft.commit(&tree, &head, &info.message, &info.author, &self.committer)?;
            self.store.keep(draft, &made)?;
            self.patch.review.extend(review::reasons(&commit.commit, &pick));
            self.take(commit.clone(), made, tree);
        }
        self.patch.review.extend(backport.review.iter().cloned());
        Ok(None)
    }

    fn take(&mut self, commit: PatchCommit, made: CommitId, tree: crate::ids::TreeId) {
        self.patch.head = made.clone();
        self.patch.tree = tree;
        self.patch.commits.push(PatchCommit { commit: made, ..commit });
    }

    fn note(&mut self, note: &release_note::ReleaseNote) -> Result<(), StepError> {
        let existing = self.store.read_file_in_tree(&self.patch.tree, &note.file)?;
        let existing = existing.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let Some(text) = note.written_into(existing.as_deref())? else { return Ok(()) };
        let tree = self.store.with_files(&self.patch.tree, &[(note.file.as_str(), Some(text.as_bytes()))])?;
        let subject = note.subject();
        let parents = [self.patch.head.clone()];
        let made = self.store.commit(&tree, &parents, &subject, &self.committer, &self.committer)?;
        let commit = PatchCommit { commit: made.clone(), from: None, advisory: None, subject };
        self.take(commit, made, tree);
        Ok(())
    }
}

fn question(site: &Site, paths: Vec<String>) -> Question {
    Question {
        text: format!(
            "the fixes of {} do not fit on top of each other: {}. Every other target goes on; nothing was pushed.",
            site.target_subject(),
            paths.join(", ")
        ),
        kind: QuestionKind::Conflict { paths },
        next: vec![
            "resolve the later advisory's backport on top of the earlier one's, or change their order in release.toml and start again"
                .to_owned(),
        ],
    }
}
