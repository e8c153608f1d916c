//! Bringing the public side of a repository into its store.

use std::collections::BTreeMap;
use std::path::Path;

use super::placement::LineHead;
use super::survey_error::SurveyError;
use crate::catalog::Repo;
use crate::git::{ListedRef, Store};
use crate::ids::CommitId;
use crate::steps::{PUBLIC_TAGS, public_ref};
use crate::world::World;

/// Brings the lines of a repository into its store, and its tags: which versions carry a fault is read from what was released. What the
/// store borrows anyway, in a rehearsal, is not fetched.
///
/// # Errors
/// When the repository cannot be reached, or the store not be written.
pub(super) async fn bring_public_side(
    world: &World,
    path: &Path,
    repo: &Repo,
    lines: &[LineHead],
    listed: &BTreeMap<String, CommitId>,
) -> Result<(), SurveyError> {
    let tags = listed.iter().filter_map(|(name, commit)| {
        let wanted = format!("{PUBLIC_TAGS}{}", name.strip_prefix("refs/tags/")?);
        Some(ListedRef { name: name.clone(), commit: commit.clone(), wanted })
    });
    let heads = lines.iter().map(|line| ListedRef {
        name: line.branch.full(),
        commit: line.head.clone(),
        wanted: public_ref(&line.branch),
    });
    let wanted: Vec<ListedRef> = heads.chain(tags).collect();
    let store = path.to_owned();
    let adopt = move || Store::create(&store)?.adopt_from_lender(&wanted);
    if tokio::task::spawn_blocking(adopt).await?? {
        return Ok(());
    }
    let wanted = lines.iter().map(|line| format!("+{}:{}", line.branch.full(), public_ref(&line.branch)));
    let refspecs: Vec<String> = wanted.chain([format!("+refs/tags/*:{PUBLIC_TAGS}*")]).collect();
    let refspecs: Vec<&str> = refspecs.iter().map(String::as_str).collect();
    Ok(world.transport.fetch(path, &repo.name, &refspecs).await?)
}
