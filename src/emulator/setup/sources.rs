//! What a repository takes over from its source.

use std::collections::BTreeMap;
use std::path::Path;

use git2::Oid;

use crate::emulator::git::{object, watched_refs};
use crate::emulator::spec::{SourceSpec, Take};
use crate::emulator::world::EmulatorError;

/// The references that a source lends.
pub(super) fn taken_over(source: &SourceSpec) -> Result<BTreeMap<String, Oid>, EmulatorError> {
    let git = git2::Repository::open_ext(
        &source.path,
        git2::RepositoryOpenFlags::NO_SEARCH,
        std::iter::empty::<&Path>(),
    )?;
    let mut references = match source.take {
        Take::Listed => BTreeMap::new(),
        Take::Everything | Take::Tags => watched_refs(&git)?,
    };
    if source.take == Take::Tags {
        references.retain(|reference, _| reference.starts_with("refs/tags/"));
    }
    for (reference, target) in &source.refs {
        let target = object(target)?;
        if git.find_object(target, None).is_err() {
            return Err(EmulatorError::specification(format!(
                "`{}` has no object {target}",
                source.path.display()
            )));
        }
        references.insert(reference.clone(), target);
    }
    Ok(references)
}
