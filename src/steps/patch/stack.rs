//! `stack`: put the backports of all advisories of a branch on top of each other, and their release note on top.
//! This is what is tested, and what becomes public.

use std::sync::Arc;

use super::conflict::by_hand_on;
use super::help;
use super::lock_files;
use super::lock_files::RefusedLockFiles;
use super::own_notes;
use super::own_notes::Joining;
use super::pile::{Added, Pile, Unfitting};
use super::push_rules::{PushedCommits, refused_by_rulesets};
use super::release_note;
use super::release_note::ReleaseNote;
use super::resolution;
use super::resolution::Resolved;
use super::skipping;
use super::upward;
use super::upward::{Laid, MergeUp, TornMerge};
use super::written::{WrittenFix, behind, fixes_of, in_order};
use crate::backport::{Help, JoinedNotes, Kinships, LockFiles, Marker};
use crate::git::{Committer, GitError, Store};
use crate::ids::{CommitId, GhsaId, Login, RepoName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::plan::Subject;
use crate::steps::context::{
    Applied, ConflictStart, Incoming, Observed, Question, QuestionKind, StepContext,
};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::local::{committer, in_store, made_ref};
use crate::steps::output::{Output, Patch, PatchCommit, PreparedBump};
use crate::steps::publish::answer::waive;
use crate::steps::release::prepare_bump::{announces, stays};
use crate::steps::release::tree_files::TreeFiles;
use crate::wording::counted;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    if let Some(step) = release_note::awaited_cve(context)? {
        let what = format!("`{step}`, whose CVE the release notes name");
        return Ok(Applied::Wait(behind(context, step, &what)));
    }
    let stacking = Arc::new(Stacking {
        base: context.facts.base(target).clone(),
        backports: backports(context)?,
        fixes: fixes_of(context, target),
        resolved: given(context).await?,
        notes: release_note::all(context)?,
        regenerated: help::regenerated(context)?,
        joining: own_notes::joining(context)?,
        committer: committer(context)?,
        below: upward::of(context)?,
        bump: bump_below(context)?,
        unraised: unraised(context)?,
        kept: made_ref(context),
        kinships: Arc::clone(&context.world.kinships),
    });
    let mut lock_files = lock_files::of(context.repo()?);
    loop {
        let (stacking, files) = (Arc::clone(&stacking), lock_files.clone());
        match in_store(context, &target.repo, move |store| stacking.attempt(store, &files)).await? {
            StackAttempt::Whole(mut patch, markers) => {
                let question = refused_by_rulesets(context, pushed(context, &patch)?).await?;
                let remark = skipping::remark(context, &patch).await?;
                patch.review.extend(remark);
                return Ok(match question {
                    Some(question) => Applied::Ask(question),
                    None => unmarked(context, patch, &markers),
                });
            }
            StackAttempt::Conflict(unfitting, begin) => {
                return Ok(Applied::Ask(question(context, &unfitting, begin)));
            }
            StackAttempt::Torn(torn, onto) => return Ok(Applied::Ask(unmerged(context, torn, onto))),
            StackAttempt::Unwritten(unwritten) => {
                if let Some(refusal) = unwritten.write(context, &mut lock_files).await? {
                    return Ok(Applied::Ask(without_lock_files(context, &refusal)));
                }
            }
        }
    }
}

/// The stack as it is pushed to the public repository on the day.
fn pushed(context: &StepContext, patch: &Patch) -> Result<PushedCommits, StepError> {
    let (target, release) = (context.target()?, &context.inputs().release.id);
    let branch = context.repo()?.patch_branch_of(release, &target.branch);
    let (into, base, head) = (target.branch.clone(), patch.base.clone(), patch.head.clone());
    Ok(PushedCommits { what: "the fixes", branch, into, base, head })
}

/// The version before the release of a branch of which nothing is raised, and the one that is released.
fn unraised(context: &StepContext) -> Result<Option<(Version, Version)>, StepError> {
    let target = context.target()?;
    let is_bumped = context.inputs().is_bumped(target);
    Ok(target
        .release
        .as_ref()
        .filter(|_| !is_bumped)
        .map(|release| (release.from.clone(), release.to.clone())))
}

/// What was carried to the branch for each advisory.
fn backports(context: &StepContext) -> Result<Vec<(GhsaId, Patch)>, StepError> {
    let mut backports = Vec::new();
    for advisory in &context.target()?.advisories {
        let subject = Subject { advisory: Some(advisory.clone()), ..context.subject().clone() };
        let patch = context.facts.patch(StepKind::Backport, &subject)?.clone();
        backports.push((advisory.clone(), patch));
    }
    Ok(backports)
}

/// What people made of a stack that conflicted, and who: decided here, or pushed.
async fn given(context: &StepContext) -> Result<Option<(CommitId, String)>, StepError> {
    let by = context.facts.decided_by.get(&context.step.name).map_or("a person", Login::as_str);
    let commit = match context.facts.decisions.get(&context.step.name) {
        Some(Decision::Resolved { commit, .. }) => Some(commit.clone()),
        _ => resolution::pushed_stack(context).await?,
    };
    Ok(commit.map(|commit| (commit, by.to_owned())))
}

/// What is put on top of each other.
struct Stacking {
    base: CommitId,
    backports: Vec<(GhsaId, Patch)>,
    fixes: Vec<WrittenFix>,
    resolved: Option<(CommitId, String)>,
    notes: Vec<ReleaseNote>,
    regenerated: Vec<String>,
    joining: Option<Joining>,
    committer: Committer,
    /// The line that is merged into the branch first.
    below: Option<MergeUp>,
    /// The bump that the fixes are put on.
    bump: Option<PreparedBump>,
    /// The version before and the one that is released, where no file is known that states them: the tag is the version.
    unraised: Option<(Version, Version)>,
    kept: String,
    kinships: Arc<Kinships>,
}

/// What came of it.
enum StackAttempt {
    Whole(Patch, Vec<Marker>),
    Conflict(Unfitting, ConflictStart),
    /// The line below does not merge into the branch, which is at this commit.
    Torn(TornMerge, CommitId),
    Unwritten(lock_files::Unwritten),
}

impl Stacking {
    /// The stack, and the conflict markers that it brings, wherever they came from.
    fn attempt(&self, store: &Store, lock_files: &LockFiles) -> Result<StackAttempt, StepError> {
        let notes = self.joining.as_ref().map(|joining| joining as &dyn JoinedNotes);
        let regenerated = &self.regenerated;
        let help = Help { regenerated, notes, lock_files: Some(lock_files), ..Help::default() };
        let mut pile = Pile::on(store, &self.base, &self.committer, help)?;
        if let Some(bump) = &self.bump {
            pile.begin_with(bump)?;
        }
        if let Some(stopped) = self.fill(&mut pile)? {
            return Ok(stopped);
        }
        if !pile.brings_a_fix() {
            pile.patch = Patch::nothing(store, &self.base)?;
        } else {
            pile.tell(&self.notes, self.below.as_ref().map_or(&[], MergeUp::fixes))?;
        }
        if let Some((from, to)) = self.unraised.as_ref().filter(|_| !pile.patch.commits.is_empty()) {
            let tree = &pile.patch.tree;
            let mut stated = stays(store, tree.clone(), std::slice::from_ref(from));
            stated.extend(announces(store, tree.clone(), to));
            pile.patch
                .review
                .extend(stated.into_iter().map(|place| format!("{place}, and no rule raises it")));
        }
        let markers = store.conflict_markers(&store.tree_of(&self.base)?, &pile.patch.tree)?;
        store.set_own_ref(&self.kept, &pile.patch.head, "stack")?;
        Ok(StackAttempt::Whole(pile.patch, markers))
    }

    /// Puts on the pile whatever brings the fixes; what stopped it, if anything did.
    fn fill(&self, pile: &mut Pile<'_>) -> Result<Option<StackAttempt>, StepError> {
        let laid = match (&self.below, &self.resolved) {
            (Some(below), resolved) => below.lay(pile, resolved.as_ref())?,
            (None, Some((resolved, by))) => {
                self.take_resolved(pile, resolved, by)?;
                return Ok(None);
            }
            (None, None) => Laid::On,
        };
        if let Laid::Conflict(torn) = laid {
            pile.store.set_own_ref(&self.kept, &torn.merge, "below a merge")?;
            return Ok(Some(StackAttempt::Torn(torn, pile.patch.head.clone())));
        }
        let ordered = self.in_written_order(pile.store)?;
        for (index, backport) in ordered.iter().enumerate() {
            match pile.add(backport)? {
                Added::On(()) => {}
                // What people resolved is complete, and holds this in another form.
                Added::Conflict(_) if matches!(laid, Laid::Whole) => {}
                Added::Conflict(unfitting) => {
                    let begin = rest(&pile.patch, &unfitting, &ordered[index..]);
                    pile.store.set_own_ref(&self.kept, &pile.patch.head, "below a conflict")?;
                    return Ok(Some(StackAttempt::Conflict(unfitting, begin)));
                }
                Added::Unwritten(unwritten) => return Ok(Some(StackAttempt::Unwritten(unwritten))),
            }
        }
        Ok(None)
    }

    /// The backports in the order in which their fixes were written; a branch that is left out of one has nothing of it.
    fn in_written_order(&self, store: &Store) -> Result<Vec<&Patch>, GitError> {
        let ordered = in_order(store, &self.kinships, self.fixes.clone())?;
        let position = |advisory: &GhsaId| ordered.iter().position(|fix| fix.advisory == *advisory);
        let mut backports: Vec<&(GhsaId, Patch)> = self.backports.iter().collect();
        backports.sort_by_key(|(advisory, _)| position(advisory));
        Ok(backports.into_iter().map(|(_, patch)| patch).collect())
    }

    /// Takes the stack as people resolved it: it is complete, however many commits it has.
    fn take_resolved(&self, pile: &mut Pile<'_>, resolved: &CommitId, by: &str) -> Result<(), StepError> {
        let ordered = in_order(pile.store, &self.kinships, self.fixes.clone())?;
        let Some((first, others)) = ordered.split_first() else {
            return Err(StepError::internal("a stack of nothing was resolved".to_owned()));
        };
        let base = pile.patch.head.clone();
        let of = Resolved { base: &base, advisory: &first.advisory, fix: &first.commits, others };
        let resolution = resolution::accepted(pile.store, &of, resolved, &self.committer)?;
        let reviewed = self.backports.iter().flat_map(|(_, patch)| patch.review.iter().cloned());
        pile.patch.review.extend(reviewed);
        pile.patch
            .review
            .push(format!("{by} resolved what did not fit on top of each other, up to {}", resolved.short()));
        pile.patch.review.extend(resolution.brought_up());
        pile.patch.tree = pile.store.tree_of(&resolution.head)?;
        pile.patch.commits.extend(resolution.commits);
        pile.patch.head = resolution.head;
        pile.patch.resolved = Some(resolved.clone());
        Ok(())
    }
}

/// Where people begin, and what is left to pick for them.
fn rest(below: &Patch, unfitting: &Unfitting, backports: &[&Patch]) -> ConflictStart {
    let commits = backports.iter().flat_map(|patch| &patch.commits).map(|commit| &commit.commit);
    let from_here = commits.skip_while(|commit| **commit != unfitting.commit);
    let mut pick: Vec<CommitId> = Vec::new();
    for commit in from_here {
        if !pick.contains(commit) && !below.commits.iter().any(|made| made.commit == *commit) {
            pick.push(commit.clone());
        }
    }
    ConflictStart { onto: below.head.clone(), brings: Incoming::Pick(pick) }
}

impl Pile<'_> {
    /// Begins with the bump of the line's release, which is merged before the fixes.
    fn begin_with(&mut self, bump: &PreparedBump) -> Result<(), GitError> {
        let (commit, subject) = (bump.commit.clone(), bump.title.clone());
        let tree = self.store.tree_of(&commit)?;
        let made = PatchCommit { commit: commit.clone(), from: None, advisory: None, subject };
        self.take(made, commit, tree);
        Ok(())
    }

    /// Whether anything on it belongs to a fix.
    fn brings_a_fix(&self) -> bool {
        self.patch.commits.iter().any(|commit| commit.from.is_some() || commit.advisory.is_some())
    }

    /// Tells of the releases, one after another, in one commit: each fix in its own words where it, or the one that was merged with
    /// the line below, says something itself.
    fn tell(&mut self, notes: &[ReleaseNote], merged: &[PatchCommit]) -> Result<(), StepError> {
        let (mut tree, mut told) = (self.patch.tree.clone(), Vec::new());
        for note in notes {
            let fixes = merged.iter().chain(&self.patch.commits);
            let note = note.with_own(own_notes::of_commits(self.store, note, fixes)?);
            let files = TreeFiles::in_tree(self.store, tree.clone());
            self.patch.review.extend(note.unnamed());
            let (changes, gone) = (note.written_into(&files)?, note.taken_up(&files));
            let written = changes.iter().map(|change| (change.path.as_str(), Some(change.bytes.as_slice())));
            let removed = gone.iter().map(|path| (path.as_str(), None));
            let files: Vec<(&str, Option<&[u8]>)> = written.chain(removed).collect();
            if !files.is_empty() {
                tree = self.store.with_files(&tree, &files)?;
                told.push(note.version().to_string());
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        let subject = format!("Release notes for {}", told.join(", "));
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
        Advice::then(
            "to fix them where they come from: change the fix, then",
            NextAction::Amend { digest: None },
        ),
    ];
    Applied::Ask(Question { kind: QuestionKind::Tree { tree: patch.tree }, text, next: next.into() })
}

/// The bump that the fixes of the step's target are put on; `None` where it follows them, or where there is none.
fn bump_below(context: &StepContext) -> Result<Option<PreparedBump>, StepError> {
    if !context.target()?.bump_first {
        return Ok(None);
    }
    Ok(context.facts.bump(StepKind::PrepareBump, context.subject()).ok().cloned())
}

fn unmerged(context: &StepContext, torn: TornMerge, onto: CommitId) -> Question {
    let stale = torn.stale.map(|stale| format!(" {stale}")).unwrap_or_default();
    let begin = ConflictStart { onto, brings: Incoming::Merge(Box::new(torn.merge)) };
    let text = format!(
        "{} of {} conflicts in {}.{stale} The lines above wait for it; nothing was pushed.",
        torn.what,
        context.subject().repo.as_ref().map_or("the repository", RepoName::as_str),
        torn.paths.join(", ")
    );
    let mut next = by_hand_on(context, &resolution::stack_branch(context));
    next.push(Advice::then("to start a new release with another `carry` in the catalog", NextAction::Abort));
    Question { kind: QuestionKind::Conflict { paths: torn.paths, begin: Some(begin) }, text, next }
}

fn question(context: &StepContext, unfitting: &Unfitting, begin: ConflictStart) -> Question {
    let mut question = unfitted(context, unfitting.paths.clone(), Some(begin));
    let branch = resolution::stack_branch(context);
    question.next.splice(0..0, by_hand_on(context, &branch));
    question
}

fn unfitted(context: &StepContext, paths: Vec<String>, begin: Option<ConflictStart>) -> Question {
    Question {
        text: format!(
            "the fixes of {} do not fit on top of each other: {}. Every other target continues; nothing was pushed.",
            context.target_subject(),
            paths.join(", ")
        ),
        kind: QuestionKind::Conflict { paths, begin },
        next: vec![Advice::then(
            "to take fixes that fit: name them in release.toml, then",
            NextAction::Amend { digest: None },
        )],
    }
}

/// The command that should have written the only conflicting files did not.
fn without_lock_files(context: &StepContext, refusal: &RefusedLockFiles) -> Question {
    let mut question = unfitted(context, refusal.files.clone(), None);
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

    struct StackScene {
        _folder: tempfile::TempDir,
        store: Store,
        base: CommitId,
        who: Signature,
    }

    impl StackScene {
        fn new() -> StackScene {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::create(&folder.path().join("s.git")).unwrap();
            let who = Signature::utc("Mara", "mara@example.com", "2026-03-02T09:00:00Z".parse().unwrap());
            let files: [File<'_>; 3] =
                [("a.c", Some(b"a\n")), ("b.c", Some(b"b\n")), ("all.lock", Some(b"a b\n"))];
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            let base = store.commit(&tree, &[], "start", &who, &who).unwrap();
            StackScene { _folder: folder, store, base, who }
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
            let backports = backports.into_iter().enumerate();
            let named = |(index, patch): (usize, Patch)| {
                (patch.commits[0].advisory.clone().unwrap_or_else(|| panic!("patch {index}")), patch)
            };
            Stacking {
                base: self.base.clone(),
                backports: backports.map(named).collect(),
                fixes: Vec::new(),
                resolved: None,
                notes: Vec::new(),
                regenerated: Vec::new(),
                joining: None,
                committer: Committer::plain(self.who.clone()),
                below: None,
                bump: None,
                unraised: None,
                kept: "refs/lockgate/made/stack".to_owned(),
                kinships: Arc::default(),
            }
        }
    }

    #[test]
    fn lock_file_of_two_advisories_is_written_anew_for_both_together() {
        let scene = StackScene::new();
        let one =
            scene.backport("GHSA-23cf-ghjm-pqrv", &[("a.c", Some(b"a2\n")), ("all.lock", Some(b"a2 b\n"))]);
        let two =
            scene.backport("GHSA-3g8f-wv5j-m2cx", &[("b.c", Some(b"b2\n")), ("all.lock", Some(b"a b2\n"))]);
        let stacking = scene.stacking(vec![one, two]);
        let nobody = LockFiles::default();
        let without = stacking.attempt(&scene.store, &nobody).unwrap();
        assert!(matches!(without, StackAttempt::Conflict(unfitting, _) if unfitting.paths == ["all.lock"]));

        let mut files = LockFiles::new(vec!["all.lock".to_owned()]);
        let StackAttempt::Unwritten(unwritten) = stacking.attempt(&scene.store, &files).unwrap() else {
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
        let StackAttempt::Whole(patch, markers) = stacking.attempt(&scene.store, &files).unwrap() else {
            panic!("not stacked")
        };
        assert!(markers.is_empty());
        assert_eq!(scene.store.read_file_in_tree(&patch.tree, "all.lock").unwrap().unwrap(), b"a2 b2\n");
        assert_eq!(patch.commits.len(), 2);
        assert!(patch.review[0].contains("`make lock` regenerated it"), "{:?}", patch.review);
    }

    #[test]
    fn bp_49_markers_that_come_with_the_fix_itself_are_seen() {
        let scene = StackScene::new();
        let marked = b"a\n<<<<<<< HEAD\nb\n>>>>>>> theirs\n";
        let stacking = scene.stacking(vec![scene.backport("GHSA-23cf-ghjm-pqrv", &[("a.c", Some(marked))])]);
        let StackAttempt::Whole(_, markers) = stacking.attempt(&scene.store, &LockFiles::default()).unwrap()
        else {
            panic!("not stacked")
        };
        let places: Vec<(&str, u32)> =
            markers.iter().map(|marker| (marker.path.as_str(), marker.line)).collect();
        assert_eq!(places, [("a.c", 2), ("a.c", 4)]);
    }
}
