//! What is signed: a statement with the key that vouches for it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::WorkersError;
use super::key::{PublicKey, SigningKey};
use super::trust::Trusted;

/// Something that is said over a signature.
pub(super) trait Statement: Serialize + DeserializeOwned {
    /// What it is. It is signed along, so that one statement cannot pass for another.
    const KIND: &'static str;
}

/// A statement on its way.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    key: PublicKey,
    body: String,
    signature: String,
}

/// Why a statement is not listened to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(super) enum Unheard {
    /// It is no statement of this kind.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The signature is not that of the key, or not over this.
    #[error("its signature is not that of the key {0}")]
    Forged(PublicKey),
    /// Its key is not one of those that are trusted.
    #[error("its key {0} is not trusted")]
    Stranger(PublicKey),
}

fn what_is_signed(kind: &str, body: &str) -> Vec<u8> {
    [b"lockgate\0", kind.as_bytes(), b"\0", body.as_bytes()].concat()
}

/// Signs a statement.
///
/// # Errors
/// When the key cannot sign.
pub(super) fn signed<S: Statement>(key: &SigningKey, statement: &S) -> Result<Vec<u8>, WorkersError> {
    let failed = |error: &dyn std::error::Error| WorkersError::Seal(error.to_string());
    let body = serde_json::to_string(statement).map_err(|error| failed(&error))?;
    let signature = key.sign(&what_is_signed(S::KIND, &body)).map_err(|error| failed(&error))?;
    let whole = Signed { key: key.public(), body, signature: BASE64_STANDARD.encode(signature) };
    serde_json::to_vec(&whole).map_err(|error| failed(&error))
}

/// Reads a statement that one of these keys vouches for.
pub(super) fn heard<S: Statement>(bytes: &[u8], trusted: &Trusted) -> Result<(PublicKey, S), Unheard> {
    let unreadable = |error: &dyn std::error::Error| Unheard::Unreadable(error.to_string());
    let whole: Signed = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    let signature = BASE64_STANDARD.decode(&whole.signature).map_err(|error| unreadable(&error))?;
    if !whole.key.signed(&what_is_signed(S::KIND, &whole.body), &signature) {
        return Err(Unheard::Forged(whole.key));
    }
    if !trusted.has(&whole.key) {
        return Err(Unheard::Stranger(whole.key));
    }
    let statement = serde_json::from_str(&whole.body).map_err(|error| unreadable(&error))?;
    Ok((whole.key, statement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    struct Order(String);
    impl Statement for Order {
        const KIND: &'static str = "order";
    }
    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    struct Answer(String);
    impl Statement for Answer {
        const KIND: &'static str = "answer";
    }

    fn trusting(key: &SigningKey) -> Trusted {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trusted");
        std::fs::write(&path, key.public().to_string()).unwrap();
        Trusted::read(&path).unwrap()
    }

    #[test]
    fn only_what_a_trusted_key_has_signed_is_heard() {
        let (key, other) = (SigningKey::new().unwrap(), SigningKey::new().unwrap());
        let (trusted, order) = (trusting(&key), Order("run it".to_owned()));
        let bytes = signed(&key, &order).unwrap();
        assert_eq!(heard::<Order>(&bytes, &trusted).unwrap(), (key.public(), order));
        let stranger = heard::<Order>(&bytes, &trusting(&other)).unwrap_err();
        assert_eq!(stranger, Unheard::Stranger(key.public()));
        // An order that was signed as one cannot be passed off as an answer.
        assert_eq!(heard::<Answer>(&bytes, &trusted).unwrap_err(), Unheard::Forged(key.public()));
        let text = String::from_utf8(bytes).unwrap();
        let changed = text.replace("run it", "rm -r /");
        assert_eq!(heard::<Order>(changed.as_bytes(), &trusted).unwrap_err(), Unheard::Forged(key.public()));
        // Somebody else's signature under a trusted name.
        let forged = String::from_utf8(signed(&other, &Order("run it".to_owned())).unwrap()).unwrap();
        let forged = forged.replace(other.public().as_str(), key.public().as_str());
        assert_eq!(heard::<Order>(forged.as_bytes(), &trusted).unwrap_err(), Unheard::Forged(key.public()));
    }
}
