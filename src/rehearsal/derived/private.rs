//! The private side: advisories, their temporary forks, and private repositories that an organisation keeps.

use std::collections::BTreeMap;
use std::path::Path;

use super::making::Making;
use super::public::{bare, everything};
use crate::catalog::Repo;
use crate::emulator::spec;
use crate::git::Store;
use crate::ids::{CommitId, GhsaId, RepoName};
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::mirrors::UnusableMirror;
use crate::release::{Advisory, Fix, FixSource};

/// An advisory as it was reported.
pub(super) fn advisory(
    making: Making<'_>,
    advisory: &Advisory,
) -> Result<spec::AdvisorySpec, RehearsalError> {
    let fork = match making.inputs.advisory_fork(advisory) {
        Some(name) => private_fork(making, advisory, &name)?,
        None => None,
    };
    let state = match advisory.reporter {
        Some(_) => spec::StoredAdvisoryState::Triage,
        None => spec::StoredAdvisoryState::Draft,
    };
    Ok(spec::AdvisorySpec {
        ghsa: advisory.id.clone(),
        repo: advisory.repo.clone(),
        state,
        summary: advisory.summary.clone(),
        description: "As it was reported.".to_owned(),
        severity: None,
        reporter: advisory.reporter.clone(),
        cve_id: None,
        collaborators: Vec::new(),
        fork,
    })
}

/// The temporary private fork with the fix in it. There is none where the fix comes from files.
fn private_fork(
    making: Making<'_>,
    advisory: &Advisory,
    name: &RepoName,
) -> Result<Option<spec::PrivateForkSpec>, RehearsalError> {
    let Some(fix) = advisory.fix_in(&advisory.repo) else { return Ok(None) };
    if matches!(fix.source(), FixSource::Patches(_)) {
        return Ok(None);
    }
    let own = making.mirrors.of(name);
    let path = own.map_or_else(|| making.mirrors.needed(&advisory.repo), Ok)?;
    let PrivateFix { refs, pull } = private_fix(making, &advisory.id, fix, path)?;
    let source = own.map(|path| spec::SourceSpec { take: spec::Take::Listed, ..everything(path) });
    Ok(Some(spec::PrivateForkSpec { source, refs, pulls: pull.into_iter().collect() }))
}

/// A private repository that the organisation keeps: the public branches, and those of the fixes.
pub(super) fn private_repository(
    making: Making<'_>,
    repo: &Repo,
    name: &RepoName,
) -> Result<spec::RepoSpec, RehearsalError> {
    let path = making.mirrors.of(name).map_or_else(|| making.mirrors.needed(&repo.name), Ok)?;
    let mut source = everything(path);
    let mut made = bare(name, &repo.default_branch);
    made.visibility = spec::StoredVisibility::Private;
    for advisory in &making.inputs.release.advisories {
        let Some(fix) = advisory.fix_in(&repo.name) else { continue };
        let PrivateFix { refs, pull } = private_fix(making, &advisory.id, fix, path)?;
        source.refs.extend(refs);
        made.pulls.extend(pull);
    }
    made.source = Some(source);
    Ok(made)
}

/// Where the commits of one fix are on the private side.
#[derive(Default)]
struct PrivateFix {
    refs: BTreeMap<String, CommitId>,
    pull: Option<spec::PullSpec>,
}

fn private_fix(
    making: Making<'_>,
    advisory: &GhsaId,
    fix: &Fix,
    mirror: &Path,
) -> Result<PrivateFix, RehearsalError> {
    let store = Store::open(mirror).map_err(UnusableMirror::Unreadable)?;
    let branch = free_name(&store, advisory)?;
    match fix.source() {
        FixSource::Patches(_) => Ok(PrivateFix::default()),
        FixSource::Pull(number) => {
            let head = pull_head(&store, mirror, number)?;
            let refs = BTreeMap::from([(format!("refs/heads/{branch}"), head)]);
            Ok(PrivateFix { refs, pull: Some(pull(making, fix, number, &branch)?) })
        }
        FixSource::Commits(commits) => {
            Ok(PrivateFix { refs: branches_at(&store, &branch, commits)?, pull: None })
        }
    }
}

/// A name for the fix's branch beside the mirror's own: where one is called `fix`, none can be called `fix/…`.
fn free_name(store: &Store, advisory: &GhsaId) -> Result<String, UnusableMirror> {
    let taken: Vec<String> = store.references("refs/heads/")?.into_iter().map(|found| found.name).collect();
    let clashes = |name: &str| {
        let (full, below) = (format!("refs/heads/{name}"), format!("refs/heads/{name}/"));
        taken.iter().any(|taken| {
            *taken == full || taken.starts_with(&below) || full.starts_with(&format!("{taken}/"))
        })
    };
    let advisory = advisory.as_str().to_ascii_lowercase();
    let mut name = format!("fix/{advisory}");
    for number in 2.. {
        if !clashes(&name) {
            break;
        }
        name = format!("fix-{number}/{advisory}");
    }
    Ok(name)
}

/// A branch at each commit, so that the private side has them all.
fn branches_at(
    store: &Store,
    branch: &str,
    commits: &[CommitId],
) -> Result<BTreeMap<String, CommitId>, UnusableMirror> {
    let mut refs = BTreeMap::new();
    for (index, commit) in commits.iter().enumerate() {
        store.resolve(commit.as_str())?;
        refs.insert(format!("refs/heads/{branch}/{}", index + 1), commit.clone());
    }
    Ok(refs)
}

fn pull_head(store: &Store, mirror: &Path, number: u64) -> Result<CommitId, UnusableMirror> {
    let reference = format!("refs/pull/{number}/head");
    let head = store.reference(&reference)?;
    head.ok_or_else(|| UnusableMirror::NoPull { mirror: mirror.to_owned(), reference })
}

fn pull(making: Making<'_>, fix: &Fix, number: u64, branch: &str) -> Result<spec::PullSpec, RehearsalError> {
    let base = making.inputs.catalog.repo(&fix.repo).map(|repo| repo.default_branch.clone());
    Ok(spec::PullSpec {
        number: Some(number),
        title: "Fix".to_owned(),
        body: String::new(),
        head: branch.parse()?,
        base: base.map_or_else(|| "main".parse(), Ok)?,
        author: Some(making.inputs.release.manager.clone()),
        stands: spec::InitialPullState::Open,
    })
}
