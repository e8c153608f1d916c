//! The release before the one that is made, as tags tell it.

use super::graph::Plan;
use super::target::Target;
use crate::numbering::Version;
use crate::snapshot::TaggedVersion;

impl Plan {
    /// The release before that of a target: the newest one of its line that is older, or of all lines where its own has none.
    /// Pre-releases come before pre-releases only.
    #[must_use]
    pub fn release_before(&self, target: &Target) -> Option<&Version> {
        let to = &target.release.as_ref()?.to;
        let versions = &self.snapshot.repos.get(&target.repo)?.versions;
        let newest = |is_one: &dyn Fn(&TaggedVersion) -> bool| {
            let older = versions.iter().filter(|one| one.version < *to);
            let finished = older.filter(|one| to.is_prerelease() || !one.version.is_prerelease());
            finished.filter(|one| is_one(one)).map(|one| &one.version).max()
        };
        let of_the_line = |one: &TaggedVersion| {
            one.version.is_of_the_line_of(to) || one.origin.branch() == Some(&target.branch)
        };
        newest(&of_the_line).or_else(|| newest(&|_| true))
    }
}
