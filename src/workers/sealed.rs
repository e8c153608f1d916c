//! What is encrypted, with `age`. Its keys are made anew for each run and each start of a worker, and are written nowhere:
//! what a server or a disk has kept of an earlier run can be read by nobody.

use std::str::FromStr as _;

use age::secrecy::ExposeSecret as _;
use age::x25519;
use secrecy::SecretString;

use super::error::WorkersError;

/// A key that opens what was sealed to its recipient.
pub(super) struct Opener(x25519::Identity);

/// Whom something is sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient(String);

impl Opener {
    pub(super) fn new() -> Opener {
        Opener(x25519::Identity::generate())
    }

    pub(super) fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public().to_string())
    }

    /// The key itself, to be sent to somebody sealed.
    pub(super) fn secret(&self) -> SecretString {
        self.0.to_string().expose_secret().to_owned().into()
    }

    /// The one that somebody sent.
    pub(super) fn of(secret: &str) -> Option<Opener> {
        x25519::Identity::from_str(secret).ok().map(Opener)
    }

    /// What was sealed; nothing, if it was not sealed to this key or was changed.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        age::decrypt(&self.0, sealed).ok()
    }
}

impl Recipient {
    /// The one that somebody tells.
    pub(super) fn of(text: &str) -> Option<Recipient> {
        x25519::Recipient::from_str(text).ok().map(|recipient| Recipient(recipient.to_string()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Seals something.
    ///
    /// # Errors
    /// When the library refuses.
    pub(super) fn seal(&self, open: &[u8]) -> Result<Vec<u8>, WorkersError> {
        let recipient =
            x25519::Recipient::from_str(&self.0).map_err(|error| WorkersError::Seal(error.to_owned()))?;
        age::encrypt(&recipient, open).map_err(|error| WorkersError::Seal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn only_the_recipient_opens_what_is_sealed() {
        let (worker, other) = (Opener::new(), Opener::new());
        let sealed = worker.recipient().seal(b"the fix").unwrap();
        assert!(!sealed.windows(7).any(|bytes| bytes == b"the fix"));
        assert_eq!(worker.open(&sealed).unwrap(), b"the fix");
        assert!(other.open(&sealed).is_none());
        assert!(worker.open(&sealed[..sealed.len() - 1]).is_none(), "cut off");
        let again = Opener::of(worker.secret().expose_secret()).unwrap();
        assert_eq!(again.open(&sealed).unwrap(), b"the fix");
        assert_eq!(Recipient::of(worker.recipient().as_str()), Some(worker.recipient()));
        assert!(Recipient::of("age1nobody").is_none());
    }
}
