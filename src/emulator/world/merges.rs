//! The end of a merge: as the model's intent says, once the branch has moved.

use super::{EmulatedWorld, EmulatorError};
use crate::emulator::git::{commit_id, is_ancestor, object, read_ref};
use crate::emulator::model::StoredPullState;
use crate::ids::{CommitId, Login};

impl EmulatedWorld {
    /// What a merge intent says about the pull request when the base branch is where it is.
    pub(crate) fn settle_merge(&mut self, key: &str) -> Result<(), EmulatorError> {
        let Some(pull) = self.pulls.get(key).cloned() else { return Ok(()) };
        let Some(intent) = pull.merging else { return Ok(()) };
        let git = self.git(&pull.repo)?;
        let reference = format!("refs/heads/{}", pull.base_branch);
        let tip = read_ref(&git, &reference);
        let arrived = match tip {
            Some(tip) => is_ancestor(&git, object(&intent.commit)?, tip)?,
            None => false,
        };
        if arrived && pull.state == StoredPullState::Open {
            self.mark_merged(key, &intent.commit, &intent.by)?;
        }
        if let Some(pull) = self.pulls.get_mut(key) {
            pull.merging = None;
        }
        Ok(())
    }

    /// Records that a pull request is merged.
    pub(crate) fn mark_merged(
        &mut self,
        key: &str,
        commit: &CommitId,
        by: &Login,
    ) -> Result<(), EmulatorError> {
        let now = self.now;
        if let Some(pull) = self.pulls.get_mut(key) {
            pull.state =
                StoredPullState::Merged { at: now, by: by.clone(), commit: commit_id(object(commit)?) };
            pull.updated_at = now;
            pull.merging = None;
        }
        Ok(())
    }
}
