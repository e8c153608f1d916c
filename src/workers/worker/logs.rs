//! What an entry prints, sent while it is written: new bytes of the log files of a folder.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::workers::message::LogPiece;

/// How much of a log is sent at once, in bytes. Sealed and in base64 it stays below what a server takes (1 MiB).
const PIECE: u64 = 192 * 1024;

/// The logs of a folder, and how much of each has been sent.
pub(super) struct GrowingLogs {
    folder: PathBuf,
    sent: BTreeMap<PathBuf, u64>,
}

/// How far a log was sent.
pub(super) struct Sent {
    path: PathBuf,
    end: u64,
}

impl GrowingLogs {
    pub(super) fn new(folder: PathBuf) -> GrowingLogs {
        GrowingLogs { folder, sent: BTreeMap::new() }
    }

    /// The next piece that was not sent yet, and what is to be said once it is.
    pub(super) fn next(&self) -> Option<(LogPiece, Sent)> {
        files(&self.folder).into_iter().find_map(|path| {
            let offset = self.sent.get(&path).copied().unwrap_or(0);
            let bytes = read(&path, offset).ok().filter(|bytes| !bytes.is_empty())?;
            let file = path.file_name()?.to_str()?.to_owned();
            let sent = Sent { path, end: offset + bytes.len() as u64 };
            Some((LogPiece { file, offset, bytes: BASE64_STANDARD.encode(bytes) }, sent))
        })
    }

    /// A piece has arrived. One that nobody knows to have arrived is sent again.
    pub(super) fn mark(&mut self, sent: Sent) {
        self.sent.insert(sent.path, sent.end);
    }
}

fn read(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(PIECE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The logs: each in the folder of its entry.
fn files(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut files: Vec<PathBuf> = list(folder).iter().flat_map(|entry| list(entry)).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_byte_is_sent_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("entry")).unwrap();
        let mut file = std::fs::File::create(folder.path().join("entry/first.1.log")).unwrap();
        let mut logs = GrowingLogs::new(folder.path().to_owned());
        assert!(logs.next().is_none());
        let (mut written, mut sent) = (Vec::new(), Vec::new());
        for round in 0..3u8 {
            let bytes = vec![round; 300_000];
            file.write_all(&bytes).unwrap();
            written.extend(bytes);
            while let Some((piece, mark)) = logs.next() {
                logs.mark(mark);
                assert_eq!((piece.file.as_str(), piece.offset), ("first.1.log", sent.len() as u64));
                sent.extend(BASE64_STANDARD.decode(piece.bytes).unwrap());
            }
        }
        assert_eq!(sent, written);
    }
}
