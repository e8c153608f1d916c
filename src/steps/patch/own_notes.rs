//! What fixes write into the release notes themselves: kept once, and put together where two of them add to one place.

use std::collections::BTreeMap;

use super::release_note::ReleaseNote;
use crate::backport::JoinedNotes;
use crate::git::{GitError, Store};
use crate::ids::GhsaId;
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::PatchCommit;
use crate::steps::release::tree_files::TreeFiles;
use crate::version::{Encoding, NotesRule, OwnWords};

/// The rule by which the notes of the step's branch are put together; `None` where it has none.
pub(super) fn joining(context: &StepContext) -> Result<Option<Joining>, StepError> {
    let target = context.target()?;
    let Some(rule) = context.inputs().notes(context.repo()?, &target.branch) else { return Ok(None) };
    // A branch that is patched alone has notes, too: what versions look like in them, its sisters know.
    let others = context.plan.targets_of(&target.repo);
    let version =
        std::iter::once(target).chain(others).find_map(|one| Some(one.release.as_ref()?.to.clone()));
    Ok(version.map(|version| Joining { rule: rule.clone(), version }))
}

/// How the notes of a branch are put together.
#[derive(Debug, Clone)]
pub(super) struct Joining {
    rule: NotesRule,
    version: Version,
}

impl JoinedNotes for Joining {
    fn joined(&self, path: &str, texts: [Vec<u8>; 3]) -> Option<Vec<u8>> {
        if self.rule.regenerated(&self.version).first().is_none_or(|file| file != path) {
            return None;
        }
        let [(base, _), (ours, encoding), (theirs, _)] = texts.map(Encoding::read);
        let joined = self.rule.joined(path, [&base, &ours, &theirs], &self.version)?;
        encoding.write(&joined, &ours).ok()
    }
}

/// What the commits of each advisory say themselves in the notes of a release. A merge says what its sides do.
pub(super) fn of_commits<'a>(
    store: &Store,
    note: &ReleaseNote,
    commits: impl Iterator<Item = &'a PatchCommit>,
) -> Result<BTreeMap<GhsaId, OwnWords>, GitError> {
    let mut own: BTreeMap<GhsaId, OwnWords> = BTreeMap::new();
    for made in commits {
        let Some(advisory) = &made.advisory else { continue };
        if store.commit_info(&made.commit)?.parents.len() != 1 {
            continue;
        }
        let (before, after) = store.commit_trees(&made.commit)?;
        let changed = store.changed_paths(&before, &after)?;
        let [before, after] = [before, after].map(|tree| TreeFiles::in_tree(store, tree));
        let said = note.rule().own_words([&before, &after], &changed, note.version());
        let known = own.remove(advisory).unwrap_or_default();
        own.insert(advisory.clone(), known.and(said));
    }
    Ok(own)
}
