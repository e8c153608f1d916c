//! The token for GitHub: one for good, or one that is made anew before it expires, as those of GitHub Apps are.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::clock::Clock;

/// The share of its life for which a token is still used at most: what begins with one that is about to expire, a push
/// above all, ends without one. Of an App's hour the last ten minutes.
const LAST: i32 = 6;

/// A token that was just made.
#[derive(Debug, Clone)]
pub struct FreshToken {
    /// The token.
    pub secret: SecretString,
    /// When it expires.
    pub expires: Timestamp,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TokenError {
    /// What was refused, or failed.
    pub reason: String,
    /// Whether waiting alone may help.
    pub is_transient: bool,
}

/// The answer of a source.
pub type TokenMaking<'s> = Pin<Box<dyn Future<Output = Result<FreshToken, TokenError>> + Send + 's>>;

/// What makes tokens.
pub trait TokenSource: Send + Sync {
    /// Makes one.
    fn make(&self) -> TokenMaking<'_>;
}

/// A token, as every wire uses it. Clones share what they hold.
#[derive(Clone)]
pub struct Token(TokenKind);

#[derive(Clone)]
enum TokenKind {
    Fixed(SecretString),
    Renewed(Arc<RenewedToken>),
}

struct RenewedToken {
    source: Box<dyn TokenSource>,
    clock: Clock,
    held: Mutex<Option<HeldToken>>,
}

struct HeldToken {
    secret: SecretString,
    renewed_from: Timestamp,
}

impl Token {
    /// A token that is made when it is needed, and again before it expires.
    pub fn renewed_by(source: impl TokenSource + 'static, clock: Clock) -> Token {
        Token(TokenKind::Renewed(Arc::new(RenewedToken {
            source: Box::new(source),
            clock,
            held: Mutex::new(None),
        })))
    }

    /// Whether it is empty: nothing is asked in anybody's name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fixed().is_some_and(|secret| secret.expose_secret().is_empty())
    }

    /// The token for good; `None` of one that is made anew.
    #[must_use]
    pub fn fixed(&self) -> Option<&SecretString> {
        match &self.0 {
            TokenKind::Fixed(secret) => Some(secret),
            TokenKind::Renewed(_) => None,
        }
    }

    /// Whether it is made anew before it expires.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        matches!(self.0, TokenKind::Renewed(_))
    }

    /// The token to use now; of several that ask at once, one has it made.
    ///
    /// # Errors
    /// [`TokenError`] when it cannot be made.
    pub async fn current(&self) -> Result<SecretString, TokenError> {
        let renewed = match &self.0 {
            TokenKind::Fixed(secret) => return Ok(secret.clone()),
            TokenKind::Renewed(renewed) => renewed,
        };
        let mut held = renewed.held.lock().await;
        let now = renewed.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renewed_from) {
            return Ok(token.secret.clone());
        }
        let fresh = renewed.source.make().await?;
        let secret = fresh.secret.clone();
        *held = Some(HeldToken { renewed_from: last_use(now, fresh.expires), secret: fresh.secret });
        Ok(secret)
    }

    /// Forgets a token that was refused. Whether another one can be tried: not of a token for good.
    pub async fn was_refused(&self, refused: &SecretString) -> bool {
        let TokenKind::Renewed(renewed) = &self.0 else { return false };
        let mut held = renewed.held.lock().await;
        if held.as_ref().is_some_and(|token| token.secret.expose_secret() == refused.expose_secret()) {
            *held = None;
        }
        true
    }
}

/// Until when a token is used.
fn last_use(now: Timestamp, expires: Timestamp) -> Timestamp {
    let life = expires.duration_since(now).max(SignedDuration::ZERO);
    expires.checked_sub(life / LAST).unwrap_or(expires)
}

impl From<SecretString> for Token {
    fn from(secret: SecretString) -> Token {
        Token(TokenKind::Fixed(secret))
    }
}

impl From<String> for Token {
    fn from(secret: String) -> Token {
        Token(TokenKind::Fixed(secret.into()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_renewed() { "Token(renewed)" } else { "Token(fixed)" })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    struct Counted {
        made: Arc<AtomicU32>,
        clock: Clock,
    }

    impl TokenSource for Counted {
        fn make(&self) -> TokenMaking<'_> {
            let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
            let expires = self.clock.now().checked_add(SignedDuration::from_hours(1)).unwrap();
            let fresh = FreshToken { secret: format!("token-{number}").into(), expires };
            Box::pin(async move { Ok(fresh) })
        }
    }

    #[tokio::test]
    async fn tokens_are_made_again_before_they_expire_and_once_for_all_who_ask() {
        let clock = Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap());
        let made = Arc::new(AtomicU32::new(0));
        let token = Token::renewed_by(Counted { made: made.clone(), clock: clock.clone() }, clock.clone());
        let used = || async { token.current().await.unwrap().expose_secret().to_owned() };
        let (one, other) = tokio::join!(used(), used());
        assert_eq!((one.as_str(), other.as_str()), ("token-1", "token-1"));
        clock.sleep(Duration::from_secs(49 * 60)).await;
        assert_eq!(used().await, "token-1");
        clock.sleep(Duration::from_secs(2 * 60)).await;
        assert_eq!(used().await, "token-2");
        // Refused before its time, by whoever still held it: only the one in use is given up.
        assert!(token.was_refused(&"token-1".to_owned().into()).await);
        assert_eq!(used().await, "token-2");
        assert!(token.was_refused(&"token-2".to_owned().into()).await);
        assert_eq!(used().await, "token-3");
        assert_eq!(made.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn tokens_for_good_stay_and_are_not_shown() {
        let token = Token::from("ghp_secret".to_owned());
        assert_eq!(token.current().await.unwrap().expose_secret(), "ghp_secret");
        assert!(!token.was_refused(&"ghp_secret".to_owned().into()).await);
        assert_eq!(format!("{token:?}"), "Token(fixed)");
        assert!(Token::from(String::new()).is_empty());
    }
}
