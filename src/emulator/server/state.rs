//! What all requests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};

use super::git_service::Abilities;
use super::log::RequestLog;
use crate::emulator::budget::Budget;
use crate::emulator::world::{EmulatedWorld, EmulatorError, at};

/// What no GitHub has: neither logged, nor counted, nor struck by faults.
pub(super) const CONTROL: &str = "/_emulator/";

/// What all requests share.
pub(crate) struct ServerState {
    pub(crate) dir: PathBuf,
    world: Mutex<EmulatedWorld>,
    pub(crate) log: RequestLog,
    pub(crate) budget: Budget,
    pub(super) abilities: Abilities,
    earlier_answers: Mutex<EarlierAnswers>,
}

/// Answers of reads by their path, for faults that make them stale.
pub(super) type EarlierAnswers = BTreeMap<String, (StatusCode, Option<HeaderValue>, Bytes)>;

impl ServerState {
    /// The state of a server for the world in `dir`.
    pub(crate) fn new(dir: &Path, world: EmulatedWorld) -> Result<ServerState, EmulatorError> {
        let dir = std::fs::canonicalize(dir).map_err(at(dir))?;
        let log = RequestLog::open(&dir, world.facts()?.record)?;
        let budget = Budget::new(world.facts()?.rate_limit);
        Ok(ServerState {
            dir,
            world: Mutex::new(world),
            log,
            budget,
            abilities: Abilities::default(),
            earlier_answers: Mutex::default(),
        })
    }

    /// Answers that were given.
    pub(super) fn earlier_answers(&self) -> MutexGuard<'_, EarlierAnswers> {
        self.earlier_answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, for one request at a time. A request that panicked leaves what it had not committed; the next
    /// one goes on, as GitHub would.
    pub(crate) fn world(&self) -> MutexGuard<'_, EmulatedWorld> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
