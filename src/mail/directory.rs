//! Mail into a directory: what a rehearsal sends.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::delivery::{Delivery, Sent};
use super::error::MailError;
use super::message::Message;

fn file(directory: &Path, message: &Message) -> PathBuf {
    directory.join(format!("{}.eml", message.kind()))
}

/// Whether this mail is there.
pub(super) fn lookup(directory: &Path, message: &Message) -> Sent {
    let path = file(directory, message);
    match std::fs::read_to_string(&path) {
        Ok(text) if head(&text, "Message-ID") == Some(message.id()) => {
            Sent::Yes { when: head(&text, "Date").and_then(time) }
        }
        Ok(_) => Sent::No,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Sent::No,
        Err(error) => Sent::Unknown { why: format!("`{}` cannot be read: {error}", path.display()) },
    }
}

/// Writes the mail under its name at once, or not at all.
pub(super) fn send(directory: &Path, message: &Message, at: Timestamp) -> Result<Delivery, MailError> {
    let path = file(directory, message);
    let failed = |source| MailError::File { path: path.clone(), source };
    let wire = message.wire(at)?.formatted();
    std::fs::create_dir_all(directory).map_err(failed)?;
    let mut half = tempfile::Builder::new().prefix(".mail-").tempfile_in(directory).map_err(failed)?;
    half.write_all(&wire).and_then(|()| half.as_file().sync_all()).map_err(failed)?;
    match half.persist_noclobber(&path) {
        Ok(_) => {
            std::fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
            Ok(Delivery::Sent)
        }
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            match lookup(directory, message) {
                Sent::Yes { .. } => Ok(Delivery::AlreadySent),
                _ => Err(MailError::Taken { path }),
            }
        }
        Err(error) => Err(failed(error.error)),
    }
}

/// A line of the mail's head; the two that are read are never folded.
fn head<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let lines = text.lines().take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn time(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp())
}
