//! Who the token belongs to, and what is left of the hour's requests.

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use crate::ids::Login;

/// The account of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub login: Login,
    /// The scopes of a classic token (`repo`, `workflow`, `delete_repo`); `None` for the finer kinds, which do not
    /// tell them.
    pub scopes: Option<Vec<String>>,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests an hour.
    pub limit: u64,
    /// Those left.
    pub remaining: u64,
    /// When they are all there again.
    pub reset: Timestamp,
}

impl Client {
    /// The account of the token: the first thing asked, since it tells whether the token is good.
    ///
    /// # Errors
    /// [`super::Class::Unauthorized`] when it is not.
    pub async fn me(&self) -> Result<Account, Error> {
        #[derive(Deserialize)]
        struct Wire {
            login: Login,
        }
        let answer = self.send(self.call(Method::GET, ["user"])).await?;
        let wire: Wire = answer.json()?;
        let scopes = answer.headers.get("x-oauth-scopes").and_then(|value| value.to_str().ok());
        let scopes = scopes.map(|scopes| {
            scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
        });
        Ok(Account { login: wire.login, scopes })
    }

    /// Whether there is a user of this name.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn user_exists(&self, login: &Login) -> Result<bool, Error> {
        let found: Option<serde_json::Value> =
            self.look(self.call(Method::GET, ["users", login.as_str()])).await?;
        Ok(found.is_some())
    }

    /// What is left of the hour's requests; asking costs none.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn allowance(&self) -> Result<Allowance, Error> {
        #[derive(Deserialize)]
        struct Wire {
            resources: Resources,
        }
        #[derive(Deserialize)]
        struct Resources {
            core: Core,
        }
        #[derive(Deserialize)]
        struct Core {
            limit: u64,
            remaining: u64,
            reset: i64,
        }
        let core = self.fetch::<Wire>(self.call(Method::GET, ["rate_limit"])).await?.resources.core;
        let reset = Timestamp::from_second(core.reset).unwrap_or(Timestamp::MAX);
        Ok(Allowance { limit: core.limit, remaining: core.remaining, reset })
    }
}
