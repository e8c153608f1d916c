//! `stack`: put the backports of all advisories of a branch on top of each other, and their release note on top.
//! This is what is tested, and what becomes public.

use std::sync::Arc;

use super::help;
use super::lock_files;
use super::lock_files::{RefusedLockFiles, Unwritten};
use super::release_note;
use super::review;
use crate::backport::{Against, Help, LockFiles, Marker, Onto, Outcome, PickRequest, Picker};
use crate::git::{Committer, GitError, Store};
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Subject;
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{committer, in_store, made_ref};
use crate::steps::output::{Output, Patch, PatchCommit};
use crate::steps::publish::answer::waive;
use crate::steps::release::tree_files::TreeFiles;
use crate::wording::counted;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let base = context.facts.base(target).clone();
    let mut backports = Vec::new();
    for advisory in &target.advisories {
        let subject = Subject { advisory: Some(advisory.clone()), ..context.subject().clone() };
        backports.push(context.facts.patch(StepKind::Backport, &subject)?.clone());
    }
    let stacking = Arc::new(Stacking {
        base,
        backports,
        note: release_note::of(context)?,
        regenerated: help::regenerated(context)?,
        committer: committer(context)?,
        kept: made_ref(context),
    });
    let mut lock_files = lock_files::of(context.repo()?);
    loop {
        let (stacking, files) = (Arc::clone(&stacking), lock_files.clone());
        match in_store(context, &target.repo, move |store| stacking.attempt(store, &files)).await? {
            Added::On((patch, markers)) => return Ok(unmarked(context, patch, &markers)),
            Added::Conflict(paths) => return Ok(Applied::Ask(question(context, paths))),
            Added::Unwritten(unwritten) => {
                if let Some(refusal) = unwritten.write(context, &mut lock_files).await? {
                    return Ok(Applied::Ask(without_lock_files(context, &refusal)));
                }
            }
        }
    }
}

/// What is put on top of each other.
struct Stacking {
    base: CommitId,
    backports: Vec<Patch>,
    note: Option<release_note::ReleaseNote>,
    regenerated: Vec<String>,
    committer: Committer,
    kept: String,
}

/// What came of putting backports on top of each other.
enum Added<T> {
    On(T),
    /// These files conflict.
    Conflict(Vec<String>),
    /// Lock files are to be written before it can go on.
    Unwritten(Unwritten),
}

impl Stacking {
    /// The stack, and the conflict markers that it brings, wherever they came from.
    fn attempt(
        &self,
        store: &Store,
        lock_files: &LockFiles,
    ) -> Result<Added<(Patch, Vec<Marker>)>, StepError> {
        let mut pile = Pile::on(store, self, lock_files)?;
        for backport in &self.backports {
            match pile.add(backport)? {
                Added::On(()) => {}
                Added::Conflict(paths) => return Ok(Added::Conflict(paths)),
                Added::Unwritten(unwritten) => return Ok(Added::Unwritten(unwritten)),
            }
        }
        if let Some(note) = &self.note
            && !pile.patch.commits.is_empty()
        {
            pile.note(note)?;
        }
        let markers = store.conflict_markers(&store.tree_of(&self.base)?, &pile.patch.tree)?;
        store.set_own_ref(&self.kept, &pile.patch.head, "stack")?;
        Ok(Added::On((pile.patch, markers)))
    }
}

/// A growing stack.
struct Pile<'a> {
    store: &'a Store,
    picker: Picker,
    committer: &'a Committer,
    help: Help<'a>,
    patch: Patch,
}

impl<'a> Pile<'a> {
    fn on(store: &'a Store, what: &'a Stacking, lock_files: &'a LockFiles) -> Result<Pile<'a>, GitError> {
        let (base, tree) = (what.base.clone(), store.tree_of(&what.base)?);
        let patch =
            Patch { head: base.clone(), base, tree, commits: Vec::new(), review: Vec::new(), resolved: None };
        let help = Help { regenerated: &what.regenerated, lock_files: Some(lock_files), ..Help::default() };
        Ok(Pile { store, picker: Picker::new(store)?, committer: &what.committer, help, patch })
    }

    /// Puts one advisory's backport on top.
    fn add(&mut self, backport: &Patch) -> Result<Added<()>, GitError> {
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
            let pick = self.picker.pick_with_help(&request, &self.help)?;
            if matches!(pick.outcome, Outcome::AlreadyFixed { .. }) {
                // An earlier advisory's resolution brought it along; an empty commit would tell nothing.
                continue;
            }
            if let Some(unwritten) = Unwritten::of(self.store, &self.picker, &commit.commit, &pick)? {
                return Ok(Added::Unwritten(unwritten));
            }
            let Some(tree) = pick.tree.clone() else { return Ok(Added::Conflict(pick.conflicting_paths())) };
            let draft = self.picker.draft();
            let head = [self.patch.head.clone()];
            let made = draft.commit_as(&tree, &head, &info.message, &info.author, self.committer)?;
            self.store.keep(draft, &made)?;
            self.patch.review.extend(review::reasons(&commit.commit, &pick));
            self.take(commit.clone(), made, tree);
        }
        self.patch.review.extend(backport.review.iter().cloned());
        Ok(Added::On(()))
    }

    fn take(&mut self, commit: PatchCommit, made: CommitId, tree: crate::ids::TreeId) {
        self.patch.head = made.clone();
        self.patch.tree = tree;
        self.patch.commits.push(PatchCommit { commit: made, ..commit });
    }

    fn note(&mut self, note: &release_note::ReleaseNote) -> Result<(), StepError> {
        let files = TreeFiles::in_tree(self.store, self.patch.tree.clone());
        let changes = note.written_into(&files)?;
        if changes.is_empty() {
            return Ok(());
        }
        let files: Vec<(&str, Option<&[u8]>)> =
            changes.iter().map(|change| (change.path.as_str(), Some(change.bytes.as_slice()))).collect();
        let tree = self.store.with_files(&self.patch.tree, &files)?;
        let subject = note.subject();
        let parents = [self.patch.head.clone()];
        let made =
            self.store.commit_as(&tree, &parents, &subject, &self.committer.signature, self.committer)?;
        let commit = PatchCommit { commit: made.clone(), from: None, advisory: None, subject };
        self.take(commit, made, tree);
        Ok(())
    }
}

/// A stack that brings conflict markers goes no further, unless people say that they belong there: a test of a merge
/// tool may have them (BP-49).
fn unmarked(context: &StepContext, mut patch: Patch, markers: &[Marker]) -> Applied {
    let Some(first) = markers.first() else { return Applied::Done(Output::Patch(patch)) };
    let place = format!("{} line {}", first.path, first.line);
    let brought = counted(markers.len(), "conflict marker");
    if let Some((reason, by)) = context.facts.waiver_of(&context.step.name, &patch.tree) {
        patch.review.push(format!(
            "it brings {brought}, the first in {place}; {by} says that they belong there: {reason}"
        ));
        return Applied::Done(Output::Patch(patch));
    }
    let text = format!(
        "the patch of {} brings {brought}, the first in {place}: `{}`. Every other target continues; nothing of it is \
         public.",
        context.target_subject(),
        first.text
    );
    let next = [
        Advice::then("if they belong there", waive(context)),
        Advice::then("to fix them where they come from and start a new release", NextAction::Abort),
    ];
    Applied::Ask(Question { kind: QuestionKind::Tree { tree: patch.tree }, text, next: next.into() })
}

fn question(context: &StepContext, paths: Vec<String>) -> Question {
    Question {
        text: format!(
            "the fixes of {} do not fit on top of each other: {}. Every other target continues; nothing was pushed.",
            context.target_subject(),
            paths.join(", ")
        ),
        kind: QuestionKind::Conflict { paths },
        next: vec![Advice::then(
            "to start a new release with their order in release.toml changed, or with fixes that fit",
            NextAction::Abort,
        )],
    }
}

/// The command that should have written the only conflicting files did not.
fn without_lock_files(context: &StepContext, refusal: &RefusedLockFiles) -> Question {
    let mut question = question(context, refusal.files.clone());
    question.next.insert(0, lock_files::again());
    Question { text: refusal.text(context), ..question }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backport::WrittenLockFiles;
    use crate::git::Signature;
    use crate::ids::GhsaId;

    type File<'a> = (&'a str, Option<&'a [u8]>);

    struct Scene {
        _folder: tempfile::TempDir,
        store: Store,
        base: CommitId,
        who: Signature,
    }

    impl Scene {
        fn new() -> Scene {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::create(&folder.path().join("s.git")).unwrap();
            let who = Signature::utc("Mara", "mara@example.com", "2026-03-02T09:00:00Z".parse().unwrap());
            let files: [File<'_>; 3] =
                [("a.c", Some(b"a\n")), ("b.c", Some(b"b\n")), ("all.lock", Some(b"a b\n"))];
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            let base = store.commit(&tree, &[], "start", &who, &who).unwrap();
            Scene { _folder: folder, store, base, who }
        }

        /// The backport of an advisory that changes these files.
        fn backport(&self, advisory: &str, files: &[File<'_>]) -> Patch {
            let tree = self.store.with_files(&self.store.tree_of(&self.base).unwrap(), files).unwrap();
            let parents = [self.base.clone()];
            let head = self.store.commit(&tree, &parents, advisory, &self.who, &self.who).unwrap();
            let advisory: GhsaId = advisory.parse().unwrap();
            let commit = PatchCommit {
                commit: head.clone(),
                from: None,
                advisory: Some(advisory),
                subject: String::new(),
            };
            Patch {
                base: self.base.clone(),
                commits: vec![commit],
                head,
                tree,
                review: Vec::new(),
                resolved: None,
            }
        }

        fn stacking(&self, backports: Vec<Patch>) -> Stacking {
            Stacking {
                base: self.base.clone(),
                backports,
                note: None,
                regenerated: Vec::new(),
                committer: Committer::plain(self.who.clone()),
                kept: "refs/lockgate/made/stack".to_owned(),
            }
        }
    }

    #[test]
    fn lock_file_of_two_advisories_is_written_anew_for_both_together() {
        let scene = Scene::new();
        let one =
            scene.backport("GHSA-23cf-ghjm-pqrv", &[("a.c", Some(b"a2\n")), ("all.lock", Some(b"a2 b\n"))]);
        let two =
            scene.backport("GHSA-3g8f-wv5j-m2cx", &[("b.c", Some(b"b2\n")), ("all.lock", Some(b"a b2\n"))]);
        let stacking = scene.stacking(vec![one, two]);
        let nobody = LockFiles::default();
        let without = stacking.attempt(&scene.store, &nobody).unwrap();
        assert!(matches!(without, Added::Conflict(paths) if paths == ["all.lock"]));

        let mut files = LockFiles::new(vec!["all.lock".to_owned()]);
        let Added::Unwritten(unwritten) = stacking.attempt(&scene.store, &files).unwrap() else {
            panic!("nothing is to be written");
        };
        assert_eq!(unwritten.files, ["all.lock"]);
        let here = |path: &str| scene.store.read_file_in_tree(&unwritten.tree, path).unwrap().unwrap();
        assert_eq!((here("b.c"), here("all.lock")), (b"b2\n".to_vec(), b"a2 b\n".to_vec()));

        let text = ("all.lock".to_owned(), b"a2 b2\n".to_vec());
        files.take(
            unwritten.tree,
            WrittenLockFiles { commands: vec!["make lock".to_owned()], files: vec![text] },
        );
        let Added::On((patch, markers)) = stacking.attempt(&scene.store, &files).unwrap() else {
            panic!("not stacked")
        };
        assert!(markers.is_empty());
        assert_eq!(scene.store.read_file_in_tree(&patch.tree, "all.lock").unwrap().unwrap(), b"a2 b2\n");
        assert_eq!(patch.commits.len(), 2);
        assert!(patch.review[0].contains("`make lock` regenerated it"), "{:?}", patch.review);
    }

    #[test]
    fn bp_49_markers_that_come_with_the_fix_itself_are_seen() {
        let scene = Scene::new();
        let marked = b"a\n<<<<<<< HEAD\nb\n>>>>>>> theirs\n";
        let stacking = scene.stacking(vec![scene.backport("GHSA-23cf-ghjm-pqrv", &[("a.c", Some(marked))])]);
        let Added::On((_, markers)) = stacking.attempt(&scene.store, &LockFiles::default()).unwrap() else {
            panic!("not stacked")
        };
        let places: Vec<(&str, u32)> =
            markers.iter().map(|marker| (marker.path.as_str(), marker.line)).collect();
        assert_eq!(places, [("a.c", 2), ("a.c", 4)]);
    }
}
