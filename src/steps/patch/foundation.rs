//! What the fix of one advisory stands on where it does not apply alone: the earlier fixes of the same branch.
//!
//! A fix that was written on top of another is tried alone first. Where it conflicts, it waits for the backports of the
//! fixes that it was written on, and is carried on top of them. One that shares a commit with another is never carried
//! without it, so that a commit is carried once, and its conflict asked once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::help;
use super::written::{Relation, WrittenFix, fixes_of, in_order, relation};
use crate::backport::{Kinships, Noise};
use crate::git::{GitError, Store};
use crate::ids::{CommitId, GhsaId, StepName};
use crate::kinds::StepKind;
use crate::plan::Subject;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::held::is_held;
use crate::steps::local::in_store;
use crate::steps::output::{Output, Patch};

/// A fix of the same branch that comes before the step's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EarlierFix {
    pub(super) advisory: GhsaId,
    pub(super) relation: Option<Relation>,
    /// The commits that are of both.
    pub(super) shared: Vec<CommitId>,
    /// Whether a conflict of the step's fix may be settled by this one: release notes apart, both change one file.
    pub(super) meets: bool,
}

/// An earlier fix as it was carried to the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beneath {
    pub(super) advisory: GhsaId,
    pub(super) patch: Patch,
    pub(super) relation: Relation,
    /// The commits of its fix that are of the step's own, too.
    pub(super) shared: Vec<CommitId>,
}

impl Beneath {
    /// Whether people brought this commit with it: what they pushed is complete, in however many commits.
    pub(super) fn settles(&self, commit: &CommitId) -> bool {
        self.patch.resolved.is_some() && self.shared.contains(commit)
    }
}

/// Whether the backports of earlier fixes are there.
pub(super) enum Foundation {
    Ready(Vec<Beneath>),
    /// One is on its way.
    UnderWay,
    /// People have to do something about this step first.
    Behind(StepName),
}

/// The fixes of the step's branch that were written before its own, in order.
pub(super) async fn earlier(context: &StepContext, fix: &WrittenFix) -> Result<Vec<EarlierFix>, StepError> {
    let all = fixes_of(context, context.target()?);
    if all.len() < 2 {
        return Ok(Vec::new());
    }
    let (fix, notes) = (fix.clone(), help::regenerated(context)?);
    let world = Arc::clone(&context.world);
    in_store(context, &context.repo()?.name, move |store| {
        Ok(before(store, &world.kinships, all, &fix, &notes)?)
    })
    .await
}

fn before(
    store: &Store,
    kinships: &Kinships,
    all: Vec<WrittenFix>,
    fix: &WrittenFix,
    notes: &[String],
) -> Result<Vec<EarlierFix>, GitError> {
    let own = files_of(store, kinships, fix, notes)?;
    let mut found = Vec::new();
    for other in in_order(store, kinships, all)? {
        if other.advisory == fix.advisory {
            break;
        }
        let relation = relation(store, kinships, &other, fix)?;
        let meets = !own.is_disjoint(&files_of(store, kinships, &other, notes)?);
        let shared = other.commits.iter().filter(|commit| fix.commits.contains(commit)).cloned().collect();
        found.push(EarlierFix { advisory: other.advisory, relation, shared, meets });
    }
    Ok(found)
}

/// The files that a fix changes, but for release notes: an entry below another one is written anywhere.
fn files_of(
    store: &Store,
    kinships: &Kinships,
    fix: &WrittenFix,
    notes: &[String],
) -> Result<BTreeSet<String>, GitError> {
    let mut files = BTreeSet::new();
    for commit in &fix.commits {
        files.extend(kinships.changed_paths(store, commit)?.iter().cloned());
    }
    files.retain(|path| Noise::of(path) != Some(Noise::ReleaseNotes) && !notes.contains(path));
    Ok(files)
}

/// What is there of the earlier fixes. One that has nothing to do with this fix is beneath it only where a person made one
/// commit of both, or resolved it in whatever commits: these may hold this fix as well, without a word of it.
pub(super) fn foundation(context: &StepContext, fix: &WrittenFix, earlier: &[EarlierFix]) -> Foundation {
    let mut ready = Vec::new();
    for one in earlier {
        let subject = Subject { advisory: Some(one.advisory.clone()), ..context.subject().clone() };
        let Some(step) = context.plan.find(StepKind::Backport, &subject) else { continue };
        match (context.facts.outputs.get(&step.name), one.relation) {
            (Some(Output::Patch(patch)), relation) => {
                let brings = patch.commits.iter().any(|made| made.advisory.as_ref() == Some(&fix.advisory));
                let relation = relation
                    .or_else(|| brings.then_some(Relation::Shares))
                    .or_else(|| patch.resolved.is_some().then_some(Relation::OnTop));
                if let Some(relation) = relation.filter(|_| !patch.commits.is_empty()) {
                    let (advisory, shared) = (one.advisory.clone(), one.shared.clone());
                    ready.push(Beneath { advisory, patch: patch.clone(), relation, shared });
                }
            }
            (Some(_), _) => {}
            (None, _) if !is_held(&context.plan, &context.facts, &step.name) => return Foundation::UnderWay,
            (None, Some(relation)) if relation == Relation::Shares || one.meets => {
                return Foundation::Behind(step.name.clone());
            }
            (None, _) => {}
        }
    }
    Foundation::Ready(ready)
}
