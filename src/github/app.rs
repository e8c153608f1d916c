//! GitHub Apps: an installation's tokens, each for an hour (GitHub REST API, "Create an installation access token for an
//! app").

use http::Method;
use jiff::{SignedDuration, Timestamp};
use octocrab::auth::create_jwt;
use octocrab::models::AppId;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::endpoint::{ConnectError, Endpoint};
use super::error::{Class, GitHubError};
use crate::clock::Clock;
use crate::failure::{Persistence, ServiceError as _};
use crate::token::{FreshToken, Token, TokenError, TokenMaking, TokenSource};

/// What an App proves itself with lasts nine minutes: GitHub takes at most ten. Used for a third of it at most, for clocks
/// that disagree.
const PROOF: SignedDuration = SignedDuration::from_mins(3);

/// Who acts: an App where it is installed.
#[derive(Debug, Clone)]
pub struct AppInstallation {
    /// The App's number.
    pub app: u64,
    /// The number of its installation in the organisation.
    pub installation: u64,
    /// The App's private key, PEM.
    pub key: SecretString,
}

impl AppInstallation {
    /// The tokens of this installation, asked for at this interface.
    ///
    /// # Errors
    /// [`ConnectError`] when the key or the address cannot be used.
    pub async fn token(self, api: Url, clock: Clock) -> Result<Token, ConnectError> {
        let key = octocrab::auth::EncodingKey::from_rsa_pem(self.key.expose_secret().as_bytes())
            .map_err(|error| ConnectError::AppKey { reason: error.to_string() })?;
        let proof = Token::renewed_by(AppProof { app: self.app, key, clock: clock.clone() }, clock.clone());
        let client = Client::connect(Endpoint::new(api, proof, clock.clone())).await?;
        Ok(Token::renewed_by(InstallationTokens { client, installation: self.installation }, clock))
    }
}

/// Signs what an App proves itself with.
struct AppProof {
    app: u64,
    key: octocrab::auth::EncodingKey,
    clock: Clock,
}

impl TokenSource for AppProof {
    fn make(&self) -> TokenMaking<'_> {
        let signed = create_jwt(AppId(self.app), &self.key);
        let fresh = signed.map(|text| FreshToken {
            secret: text.into(),
            expires: self.clock.now().checked_add(PROOF).unwrap_or(Timestamp::MAX),
        });
        let fresh = fresh.map_err(|error| TokenError { reason: error.to_string(), is_transient: false });
        Box::pin(async move { fresh })
    }
}

/// Asks for an installation's tokens.
struct InstallationTokens {
    client: Client,
    installation: u64,
}

impl TokenSource for InstallationTokens {
    fn make(&self) -> TokenMaking<'_> {
        Box::pin(async move {
            self.client.installation_token(self.installation).await.map_err(|error| self.told(&error))
        })
    }
}

impl InstallationTokens {
    fn told(&self, error: &GitHubError) -> TokenError {
        let installation = self.installation;
        let reason = match error.class {
            Class::Unauthorized => "GitHub does not accept the App's number with this key".to_owned(),
            Class::NotFound => format!("the App has no installation {installation}"),
            _ => format!("the App's installation {installation} gets no token: {}", error.class),
        };
        let may_pass = error.persistence() != Persistence::Permanent && error.class != Class::NotFound;
        TokenError { reason, is_transient: may_pass }
    }
}

impl Client {
    /// A token of an installation. Making one changes nothing, so it may be asked for again.
    async fn installation_token(&self, installation: u64) -> Result<FreshToken, GitHubError> {
        #[derive(Deserialize)]
        struct WireToken {
            token: String,
            expires_at: Timestamp,
        }
        let number = installation.to_string();
        let call = self.call(Method::POST, ["app", "installations", &number, "access_tokens"]).only_reading();
        let WireToken { token, expires_at } = self.fetch(call).await?;
        Ok(FreshToken { secret: token.into(), expires: expires_at })
    }
}
