//! The label "latest" of a repository's releases.

use super::{EmulatedWorld, EmulatorError};
use crate::emulator::model::{MakeLatest, newest_label};
use crate::ids::RepoName;

impl EmulatedWorld {
    /// Gives the label "latest" after a release was published or changed: whatever is published last takes it
    /// unless the request says otherwise, which is how an older line's release steals it.
    pub(crate) fn label(&mut self, repo: &RepoName, id: u64, wish: MakeLatest) -> Result<(), EmulatorError> {
        let eligible = self.releases_of(repo).any(|release| release.id == id && release.may_be_latest());
        let newest = newest_label(self.releases_of(repo));
        let repository = self.repository_mut(repo)?;
        repository.latest = match wish {
            MakeLatest::True if eligible => Some(id),
            MakeLatest::Legacy => newest,
            MakeLatest::True => repository.latest,
            MakeLatest::False if repository.latest == Some(id) => newest.filter(|newest| *newest != id),
            MakeLatest::False => repository.latest,
        };
        Ok(())
    }

    /// The label after a release is gone.
    pub(crate) fn relabel(&mut self, repo: &RepoName, gone: u64) -> Result<(), EmulatorError> {
        let newest = newest_label(self.releases_of(repo));
        let repository = self.repository_mut(repo)?;
        if repository.latest == Some(gone) {
            repository.latest = newest;
        }
        Ok(())
    }
}
