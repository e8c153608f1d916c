//! What workers say of their jobs.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::crew::Crew;
use super::jobs::{Jobs, Word};
use super::verdict::plain_file_name;
use crate::workers::envelope::heard;
use crate::workers::key::PublicKey;
use crate::workers::message::{Answer, AnswerKind, LogPiece};
use crate::workers::sealed::Opener;
use crate::workers::subject::RunId;
use crate::workers::trust::Trusted;

/// No log is longer than this, in bytes: an executor keeps less.
const LONGEST_LOG: u64 = 64 << 20;

/// What is needed to know what an answer is worth.
pub(super) struct Hearing<'a> {
    pub(super) run: &'a RunId,
    pub(super) opener: &'a Opener,
    pub(super) trusted: &'a Trusted,
    pub(super) crew: &'a Crew,
    pub(super) logs: &'a Path,
}

impl Hearing<'_> {
    /// Takes an answer in. What people may want to know of it is the result.
    pub(super) fn hear(&self, sealed: &[u8], jobs: &mut Jobs) -> Option<String> {
        let Some(bytes) = self.opener.open(sealed) else {
            return Some("an answer is ignored: it was not sealed for this run".to_owned());
        };
        let (key, answer) = match heard::<Answer>(&bytes, self.trusted) {
            Ok(heard) => heard,
            Err(error) => return Some(format!("an answer is ignored: {error}")),
        };
        let worker = self.trusted.name(&key).to_owned();
        if answer.run != *self.run {
            return Some(format!("an answer of {worker} is ignored: it is of another run"));
        }
        self.take_in(&key, &worker, answer, jobs)
    }

    fn take_in(&self, key: &PublicKey, worker: &str, answer: Answer, jobs: &mut Jobs) -> Option<String> {
        let (number, delivery) = (answer.number, answer.delivery);
        let name = jobs.name(number).unwrap_or("an entry that nobody gave it").to_owned();
        match answer.what {
            AnswerKind::Doing(what) => {
                let again = if delivery > 1 && what.is_empty() {
                    format!(", given out again ({delivery})")
                } else {
                    String::new()
                };
                let colon = if what.is_empty() { "" } else { ": " };
                jobs.say(number, Word::Doing(format!("on {worker}{again}{colon}{what}")));
                (!again.is_empty()).then(|| format!("{name}: begun once more, on {worker}"))
            }
            AnswerKind::Log(piece) => {
                let kept = self.keep(&log_folder(self.logs, number, delivery, key), &piece);
                kept.err().map(|error| format!("{name}: a log of {worker} is not kept: {error}"))
            }
            AnswerKind::Ended(evidence) => {
                if self.crew.registered(key).is_some()
                    && jobs.settle(number, Word::Ended(key.clone(), delivery, evidence))
                {
                    return None;
                }
                Some(format!("{name}: a second or late result, from {worker}, is ignored"))
            }
            AnswerKind::GivenBack => {
                jobs.say(number, Word::Doing(format!("given back by {worker}")));
                Some(format!("{name}: {worker} was stopped and has given it back; another worker takes it"))
            }
        }
    }

    fn keep(&self, folder: &Path, piece: &LogPiece) -> std::io::Result<()> {
        let invalid = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        let name = plain_file_name(&piece.file).ok_or_else(|| invalid("its name is none"))?;
        let bytes = BASE64_STANDARD.decode(&piece.bytes).map_err(|_| invalid("it is not base64"))?;
        if piece.offset.saturating_add(bytes.len() as u64) > LONGEST_LOG {
            return Err(invalid("it is too long"));
        }
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(name))?;
        file.seek(SeekFrom::Start(piece.offset))?;
        file.write_all(&bytes)
    }
}

/// Where the logs of one attempt of a queue are kept.
pub(super) fn log_folder(logs: &Path, number: u64, delivery: i64, worker: &PublicKey) -> PathBuf {
    logs.join(format!("{number}.{delivery}-{}", worker.short()))
}
