//! Whose token it is, and what GitHub says of the token itself in the headers of an answer.

use http::Method;
use jiff::Timestamp;
use jiff::fmt::strtime;
use serde::Deserialize;

use super::call::ApiResponse;
use super::client::Client;
use super::error::GitHubError;
use crate::ids::Login;

/// The account that a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAccount {
    /// Its login.
    pub login: Login,
    /// The scopes of a classic token; `None` for a fine-grained one, whose rights GitHub does not tell.
    pub scopes: Option<Vec<String>>,
    /// When it expires, if it does.
    pub expires: Option<Timestamp>,
}

impl Client {
    /// The account of the token (GitHub REST API, "Get the authenticated user"). One request.
    ///
    /// # Errors
    /// [`super::Class::Forbidden`] for tokens that are no person's, such as those of GitHub Apps and workflows.
    pub async fn account(&self) -> Result<TokenAccount, GitHubError> {
        #[derive(Deserialize)]
        struct WireAccount {
            login: Login,
        }
        let answer = self.send(self.call(Method::GET, ["user"])).await?;
        let WireAccount { login } = answer.json()?;
        Ok(TokenAccount { login, scopes: scopes(&answer), expires: expires(&answer) })
    }
}

impl Client {
    /// Whether there is an account of this name (GitHub REST API, "Get a user"). One request.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn is_known(&self, login: &Login) -> Result<bool, GitHubError> {
        #[derive(Deserialize)]
        struct WireUser {}
        let found: Option<WireUser> = self.look(self.call(Method::GET, ["users", login.as_str()])).await?;
        Ok(found.is_some())
    }

    /// Tries the token, whoever's it is, on what costs nothing (GitHub REST API, "Get rate limit status for the authenticated
    /// user"). One request.
    ///
    /// # Errors
    /// [`super::Class::Unauthorized`], or [`super::Class::NoToken`] where an App gets none.
    pub async fn try_token(&self) -> Result<(), GitHubError> {
        self.send(self.call(Method::GET, ["rate_limit"])).await.map(drop)
    }
}

impl Client {
    /// The time on GitHub's own clock, as an answer states it; `None` where it states none. One request, of those that cost
    /// nothing.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn time(&self) -> Result<Option<Timestamp>, GitHubError> {
        let answer = self.send(self.call(Method::GET, ["rate_limit"])).await?;
        let stated = answer.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
        Ok(stated.and_then(read_date))
    }
}

/// `Tue, 10 Mar 2026 16:00:00 GMT` (RFC 9110, section 5.6.7).
fn read_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// GitHub sends this header for classic tokens only; without a scope it is empty.
fn scopes(answer: &ApiResponse) -> Option<Vec<String>> {
    let listed = answer.headers.get("x-oauth-scopes")?.to_str().ok()?;
    let scopes = listed.split(',').map(str::trim).filter(|scope| !scope.is_empty());
    Some(scopes.map(str::to_owned).collect())
}

/// `2026-03-20 10:00:00 UTC`, or with an offset in place of the zone.
fn expires(answer: &ApiResponse) -> Option<Timestamp> {
    let text = answer.headers.get("github-authentication-token-expiration")?.to_str().ok()?;
    read_expiry(text)
}

fn read_expiry(text: &str) -> Option<Timestamp> {
    let offset = text.trim().replace("UTC", "+0000");
    strtime::parse("%Y-%m-%d %H:%M:%S %z", &offset).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_in_both_of_its_forms() {
        let ten: Timestamp = "2026-03-20T10:00:00Z".parse().unwrap();
        assert_eq!(read_expiry("2026-03-20 10:00:00 UTC"), Some(ten));
        assert_eq!(read_expiry("2026-03-20 12:00:00 +0200"), Some(ten));
        assert_eq!(read_expiry("soon"), None);
    }

    #[test]
    fn date_of_an_answer_is_read() {
        let four: Timestamp = "2026-03-10T16:00:00Z".parse().unwrap();
        assert_eq!(read_date("Tue, 10 Mar 2026 16:00:00 GMT"), Some(four));
        assert_eq!(read_date("16:00"), None);
    }
}
