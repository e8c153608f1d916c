//! `requests.jsonl`: one line per API request.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::emulator::world::{EmulatorError, at};

/// The open log.
pub(crate) struct RequestLog {
    file: Mutex<File>,
    requests: AtomicU64,
}

impl RequestLog {
    pub(crate) fn open(dir: &Path) -> Result<RequestLog, EmulatorError> {
        let path = dir.join("requests.jsonl");
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
        Ok(RequestLog { file: Mutex::new(file), requests: AtomicU64::new(0) })
    }

    /// The number of the next request.
    pub(super) fn number(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes a request that was answered.
    pub(super) fn note(&self, method: &str, path: &str, status: u16) {
        let line = format!("{}\n", json!({"method": method, "path": path, "status": status}));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::warn!(%error, "failed to note a request");
        }
    }
}
