//! Release lines: which released versions belong to which line, and the ranges that advisories state.

use std::collections::BTreeSet;

use semver::Version;

use super::assess::is_left_out;
use super::error::StepError;
use super::local::in_store;
use super::site::Site;
use crate::catalog::Repo;
use crate::github::Vulnerability;
use crate::ids::CommitId;
use crate::plan::Target;
use crate::release::Advisory;

/// The versions that were released from a target's line: the tags that its head contains and the next older
/// line's does not. Empty for a default branch.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn released_versions(site: &Site, target: &Target) -> Result<Vec<Version>, StepError> {
    let repo = repo_of(site, target)?;
    let Some(rule) = site.inputs().release_rule(repo).filter(|_| target.release.is_some()) else {
        return Ok(Vec::new());
    };
    let Some(state) = site.plan.snapshot.repos.get(&target.repo) else { return Ok(Vec::new()) };
    let tags: Vec<(Version, CommitId)> = state
        .tags
        .iter()
        .filter_map(|(tag, commit)| Some((version_of(&rule.tag, tag)?, commit.clone())))
        .collect();
    let older = older_head(repo, target, state);
    let head = target.base.clone();
    in_store(site, &target.repo, move |store| {
        let mut versions = BTreeSet::new();
        for (version, commit) in tags {
            // A tag that the store lacks is reachable from no branch that was fetched.
            if !store.has_commit(&commit) || !store.is_ancestor(&commit, &head)? {
                continue;
            }
            let of_older = match &older {
                Some(older) if store.has_commit(older) => store.is_ancestor(&commit, older)?,
                _ => false,
            };
            if !of_older {
                versions.insert(version);
            }
        }
        Ok(versions.into_iter().collect())
    })
    .await
}

fn repo_of<'a>(site: &'a Site, target: &Target) -> Result<&'a Repo, StepError> {
    site.inputs()
        .catalog
        .repo(&target.repo)
        .ok_or_else(|| StepError::internal(format!("`{}` is not in the catalog", target.repo)))
}

fn older_head(repo: &Repo, target: &Target, state: &crate::snapshot::RepoState) -> Option<CommitId> {
    let position = repo.lines.iter().position(|line| *line == target.branch)?;
    let older = repo.lines.get(position.checked_sub(1)?)?;
    state.branches.get(older).map(|branch| branch.head.clone())
}

/// The version that a tag names under a rule such as `SLUICE-{version}`.
#[must_use]
pub(super) fn version_of(rule: &str, tag: &str) -> Option<Version> {
    let (before, after) = rule.split_once("{version}")?;
    Version::parse(tag.strip_prefix(before)?.strip_suffix(after)?).ok()
}

/// The affected and patched ranges of an advisory: one a line, since GitHub keeps the patched version as one text.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn ranges(site: &Site, advisory: &Advisory) -> Result<Vec<Vulnerability>, StepError> {
    let mut ranges = Vec::new();
    for target in site.plan.targets.iter().filter(|target| target.advisories.contains(&advisory.id)) {
        let Some(release) = &target.release else { continue };
        if is_left_out(site, target, &advisory.id) {
            continue;
        }
        let repo = repo_of(site, target)?;
        let versions = released_versions(site, target).await?;
        let first = versions.first().unwrap_or(&release.from);
        let package = repo.package.as_ref();
        ranges.push(Vulnerability {
            ecosystem: package.map_or_else(|| "other".to_owned(), |package| package.ecosystem.clone()),
            package: Some(
                package.map_or_else(|| repo.name.name().to_owned(), |package| package.name.clone()),
            ),
            vulnerable_version_range: Some(format!(">= {first}, < {}", release.to)),
            patched_versions: Some(release.to.to_string()),
        });
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_its_tag() {
        assert_eq!(version_of("SLUICE-{version}", "SLUICE-2.4.1"), Some(Version::new(2, 4, 1)));
        assert_eq!(version_of("v{version}", "SLUICE-2.4.1"), None);
        assert_eq!(version_of("v{version}", "v2.4"), None);
    }
}
