//! `requests.jsonl`: one line per API request; and `exchanges.jsonl`, with what was said, in worlds that record it.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::emulator::world::{EmulatorError, at};

/// The open logs.
pub(crate) struct RequestLog {
    requests: Mutex<File>,
    exchanges: Option<Mutex<File>>,
    count: AtomicU64,
}

impl RequestLog {
    /// Opens them in a world's folder; with `record` the one of whole exchanges, too.
    pub(crate) fn open(dir: &Path, record: bool) -> Result<RequestLog, EmulatorError> {
        let file = |name: &str| {
            let path = dir.join(name);
            OpenOptions::new().create(true).append(true).open(&path).map(Mutex::new).map_err(at(&path))
        };
        let exchanges = record.then(|| file("exchanges.jsonl")).transpose()?;
        Ok(RequestLog { requests: file("requests.jsonl")?, exchanges, count: AtomicU64::new(0) })
    }

    /// The number of the next request.
    pub(super) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes a request that was answered.
    pub(super) fn note(&self, method: &str, path: &str, status: u16) {
        write(&self.requests, &json!({"method": method, "path": path, "status": status}));
    }

    /// Notes a whole exchange, where they are recorded. No header is kept, and so no token.
    pub(super) fn exchange(&self, exchange: impl FnOnce() -> Value) {
        if let Some(file) = &self.exchanges {
            write(file, &exchange());
        }
    }
}

fn write(file: &Mutex<File>, line: &Value) {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
        tracing::warn!(%error, "failed to note a request");
    }
}
