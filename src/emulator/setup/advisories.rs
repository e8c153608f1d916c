//! Advisories and the private forks that exist from the start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::people::meet;
use super::pulls::add_pull;
use super::sources::taken_over;
use crate::emulator::git::object;
use crate::emulator::model::{AccountKind, CveProgress, ForkProgress, StoredAdvisory};
use crate::emulator::spec::{AdvisorySpec, PrivateForkSpec, StoredAdvisoryState};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::RepoName;

/// An advisory, with its fork.
pub(super) fn add_advisory(world: &mut EmulatedWorld, spec: &AdvisorySpec) -> Result<(), EmulatorError> {
    if world.repositories.get(spec.repo.as_str()).is_none() {
        return Err(EmulatorError::specification(format!(
            "the advisory {} is of the unknown `{}`",
            spec.ghsa, spec.repo
        )));
    }
    let author = spec.reporter.clone().unwrap_or_else(|| world.owner(&spec.repo));
    for login in spec.collaborators.iter().chain([&author]) {
        meet(world, login, AccountKind::User)?;
    }
    let now = world.now;
    let at = |state| (spec.state == state).then_some(now);
    let advisory = StoredAdvisory {
        ghsa: spec.ghsa.clone(),
        repo: spec.repo.clone(),
        state: spec.state,
        summary: spec.summary.clone(),
        description: spec.description.clone(),
        severity: spec.severity.clone(),
        cvss_vector: None,
        cwe_ids: Vec::new(),
        vulnerabilities: Vec::new(),
        credits: Vec::new(),
        collaborating_users: spec.collaborators.clone(),
        collaborating_teams: Vec::new(),
        author,
        reported: spec.reporter.is_some(),
        publisher: None,
        cve_id: spec.cve_id.clone(),
        cve_request: CveProgress::None,
        fork: ForkProgress::None,
        created_at: now,
        updated_at: now,
        published_at: at(StoredAdvisoryState::Published),
        closed_at: at(StoredAdvisoryState::Closed),
    };
    let fork = advisory.fork_name();
    world.advisories.insert(spec.ghsa.to_string(), advisory);
    match &spec.fork {
        Some(private) => add_private_fork(world, spec, &fork, private),
        None => Ok(()),
    }
}

fn add_private_fork(
    world: &mut EmulatedWorld,
    spec: &AdvisorySpec,
    fork: &RepoName,
    private: &PrivateForkSpec,
) -> Result<(), EmulatorError> {
    let mut further = BTreeMap::new();
    let mut lenders: Vec<PathBuf> = Vec::new();
    if let Some(source) = &private.source {
        further = taken_over(source)?;
        lenders.push(source.path.clone());
    }
    for (reference, target) in &private.refs {
        further.insert(reference.clone(), object(target)?);
    }
    world.open_private_fork(&spec.ghsa, &further, lenders)?;
    private.pulls.iter().try_for_each(|pull| add_pull(world, fork, pull))
}
