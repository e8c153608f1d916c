//! What a command prints, on its way from a pipe into its log: the beginning and the end of it, however much it is.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use tokio::sync::oneshot;

/// How much of the beginning is kept, in bytes.
const START: usize = 8 << 20;
/// How much of the end is kept, in bytes.
const END: usize = 4 << 20;
/// How long the rest may take once everything that printed is gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// A log that is being written.
pub(super) struct Recording(oneshot::Receiver<()>);

impl Recording {
    /// Starts to write what comes out of a pipe. A thread of its own: a process that keeps the pipe open holds nobody up.
    pub(super) fn start(from: impl Read + Send + 'static, log: File) -> Recording {
        let (done, ended) = oneshot::channel();
        std::thread::spawn(move || {
            // A log that cannot be written says less; the outcome is the exit code's.
            if let Err(error) = record(from, log, START, END) {
                tracing::warn!(%error, "the log of a command is incomplete");
            }
            let _ = done.send(());
        });
        Recording(ended)
    }

    /// Waits for its end.
    pub(super) async fn finish(self) {
        let _ = tokio::time::timeout(PATIENCE, self.0).await;
    }
}

/// Copies the first `start` and the last `end` bytes, with a note of how many there were between them.
fn record(mut from: impl Read, mut to: impl Write, start: usize, end: usize) -> io::Result<()> {
    let (mut room, mut left_out, mut last) = (start, 0u64, VecDeque::with_capacity(64 * 1024));
    let mut chunk = vec![0; 64 * 1024];
    let mut written = Ok(());
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let (first, rest) = chunk[..read].split_at(room.min(read));
        room -= first.len();
        // A full disk does not end the suite: what it prints is read all the same.
        written = written.and_then(|()| to.write_all(first));
        last.extend(rest);
        let excess = last.len().saturating_sub(end);
        last.drain(..excess);
        left_out += excess as u64;
    }
    written?;
    if left_out > 0 {
        write!(to, "\n[lockgate: {left_out} bytes are left out here]\n")?;
    }
    to.write_all(last.make_contiguous())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(text: &str, start: usize, end: usize) -> String {
        let mut log = Vec::new();
        record(text.as_bytes(), &mut log, start, end).unwrap();
        String::from_utf8(log).unwrap()
    }

    #[test]
    fn the_beginning_and_the_end_are_kept_and_what_is_left_out_is_counted() {
        assert_eq!(recorded("start middle end", 5, 3), "start\n[lockgate: 8 bytes are left out here]\nend");
        for whole in ["", "start", "start end"] {
            assert_eq!(recorded(whole, 5, 4), whole);
        }
    }

    #[test]
    fn a_disk_without_room_stops_no_suite() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut from = io::Cursor::new(vec![b'x'; 1 << 20]);
        assert!(record(&mut from, Full, 10, 10).is_err());
        assert_eq!(from.position(), 1 << 20, "everything was read");
    }
}
