//! `requests.jsonl`: one line per API request; and what was said, in worlds that record it (`exchanges.jsonl`) and in the file that
//! somebody asked for.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::emulator::world::{EmulatorError, at};

/// The open logs.
pub(crate) struct RequestLog {
    requests: Mutex<File>,
    exchanges: Mutex<Vec<File>>,
    count: AtomicU64,
}

impl RequestLog {
    /// Opens them in a world's folder; with `record` the one of whole exchanges, too.
    pub(crate) fn open(dir: &Path, record: bool) -> Result<RequestLog, EmulatorError> {
        let file = |name: &str| {
            let path = dir.join(name);
            OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))
        };
        let exchanges =
            Mutex::new(record.then(|| file("exchanges.jsonl")).transpose()?.into_iter().collect());
        let requests = Mutex::new(file("requests.jsonl")?);
        Ok(RequestLog { requests, exchanges, count: AtomicU64::new(0) })
    }

    /// Notes whole exchanges in this file, too, which only its owner may read: what is under embargo is in it. With `anew` what was
    /// in there is gone.
    pub(super) fn record_to(&self, path: &Path, anew: bool) -> Result<(), EmulatorError> {
        let mut options = OpenOptions::new();
        options.create(true);
        let file = if anew { options.write(true).truncate(true) } else { options.append(true) };
        let file = file.open(path).map_err(at(path))?;
        file.set_permissions(Permissions::from_mode(0o600)).map_err(at(path))?;
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        Ok(())
    }

    /// The number of the next request.
    pub(super) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes a request that was answered.
    pub(super) fn note(&self, method: &str, path: &str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        write(&mut requests, &json!({"method": method, "path": path, "status": status}));
    }

    /// Notes a whole exchange, where they are recorded. No header is kept, and so no token.
    pub(super) fn exchange(&self, exchange: impl FnOnce() -> Value) {
        let mut files = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        if files.is_empty() {
            return;
        }
        let exchange = exchange();
        files.iter_mut().for_each(|file| write(file, &exchange));
    }
}

fn write(file: &mut File, line: &Value) {
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
        tracing::warn!(%error, "failed to note a request");
    }
}
