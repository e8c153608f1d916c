//! Who a worker or a coordinator is: an ed25519 key in the form of NATS (a *user* NKEY), so that the server can know them by
//! the same key that they sign with.

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::str::FromStr;

use nkeys::{KeyPair, KeyPairType};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::error::WorkersError;
use super::invalid_key::InvalidKey;

/// A key that signs. It is read from a file and shown to nobody.
pub struct SigningKey {
    pair: KeyPair,
    seed: SecretString,
}

/// The key by which others know somebody: `U…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(String);

impl SigningKey {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<SigningKey, InvalidKey> {
        let pair = KeyPair::new_user();
        let seed = pair.seed().map_err(|error| InvalidKey::Unmade(error.to_string()))?;
        Ok(SigningKey { pair, seed: seed.into() })
    }

    /// The one in a file: a line with the seed, whatever stands around it.
    ///
    /// # Errors
    /// It cannot be read, others can read it, too, or there is no seed in it.
    pub fn read(path: &Path) -> Result<SigningKey, WorkersError> {
        let file = |source| WorkersError::File { what: "read", path: path.to_owned(), source };
        let invalid = |source| WorkersError::Key { path: path.to_owned(), source };
        let mode = std::fs::metadata(path).map_err(file)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(invalid(InvalidKey::Open(mode)));
        }
        SigningKey::of(&std::fs::read_to_string(path).map_err(file)?).map_err(invalid)
    }

    fn of(text: &str) -> Result<SigningKey, InvalidKey> {
        let seed = text.lines().map(str::trim).find(|line| line.starts_with("SU")).ok_or(InvalidKey::Seed)?;
        let pair = KeyPair::from_seed(seed).map_err(|_| InvalidKey::Seed)?;
        Ok(SigningKey { pair, seed: seed.to_owned().into() })
    }

    /// Writes it to a new file that only its owner may read.
    ///
    /// # Errors
    /// There is such a file already, or the disk refuses.
    pub fn write_new(&self, path: &Path) -> Result<(), WorkersError> {
        let file = |source| WorkersError::File { what: "make", path: path.to_owned(), source };
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        made.and_then(|mut made| writeln!(made, "{}", self.seed.expose_secret())).map_err(file)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key())
    }

    /// What proves it to the server.
    pub(super) fn seed(&self) -> &str {
        self.seed.expose_secret()
    }

    /// The signature of these bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, InvalidKey> {
        self.pair.sign(bytes).map_err(|error| InvalidKey::Unmade(error.to_string()))
    }
}

impl PublicKey {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first letters, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..8]
    }

    /// Whether it made this signature of these bytes.
    pub(super) fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        KeyPair::from_public_key(&self.0).is_ok_and(|pair| pair.verify(bytes, signature).is_ok())
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<PublicKey, InvalidKey> {
        match KeyPair::from_public_key(text) {
            Ok(pair) if pair.key_pair_type() == KeyPairType::User && pair.public_key() == text => {
                Ok(PublicKey(text.to_owned()))
            }
            _ => Err(InvalidKey::Public(text.chars().take(80).collect())),
        }
    }
}

impl TryFrom<String> for PublicKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<PublicKey, InvalidKey> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worker.key");
        let key = SigningKey::new().unwrap();
        key.write_new(&path).unwrap();
        assert!(key.write_new(&path).is_err(), "a key that is there is never written over");
        assert_eq!(SigningKey::read(&path).unwrap().public(), key.public());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            SigningKey::read(&path),
            Err(WorkersError::Key { source: InvalidKey::Open(0o644), .. })
        ));
    }

    #[test]
    fn only_the_public_key_of_a_user_is_one() {
        let key = SigningKey::new().unwrap();
        let text = key.public().to_string();
        assert_eq!(text.parse::<PublicKey>().unwrap(), key.public());
        for wrong in
            ["", "U", key.seed(), &KeyPair::new_account().public_key(), &text[..55], &text.to_lowercase()]
        {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
    }
}
