//! Laying out advisories and the private forks that exist from the start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::create::{impossible, taken_over};
use super::{EmulatedWorld, EmulatorError, object};
use crate::emulator::model::{AccountKind, CveProgress, ForkProgress, StoredAdvisory};
use crate::emulator::spec::{AdvisorySpec, PrivateForkSpec, StoredAdvisoryState};
use crate::ids::RepoName;

impl EmulatedWorld {
    /// An advisory, with its fork.
    pub(super) fn add_advisory(&mut self, spec: &AdvisorySpec) -> Result<(), EmulatorError> {
        if self.repositories.get(spec.repo.as_str()).is_none() {
            return Err(impossible(format!("the advisory {} is of the unknown `{}`", spec.ghsa, spec.repo)));
        }
        let author = spec.reporter.clone().unwrap_or_else(|| self.owner(&spec.repo));
        for login in spec.collaborators.iter().chain([&author]) {
            self.meet(login, AccountKind::User)?;
        }
        let now = self.now;
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
        self.advisories.insert(spec.ghsa.to_string(), advisory);
        match &spec.fork {
            Some(private) => self.add_private_fork(spec, &fork, private),
            None => Ok(()),
        }
    }

    fn add_private_fork(
        &mut self,
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
        self.open_private_fork(&spec.ghsa, &further, lenders)?;
        private.pulls.iter().try_for_each(|pull| self.add_pull(fork, pull))
    }
}
