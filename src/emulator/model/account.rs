//! Users and organisations.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::emulator::git::Author;
use crate::ids::{Digest, Login};

/// Whether an account can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AccountKind {
    /// A person.
    User,
    /// An organisation: it owns and does not act.
    Organization,
}

impl AccountKind {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AccountKind::User => "User",
            AccountKind::Organization => "Organization",
        }
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAccount {
    pub(crate) id: u64,
    pub(crate) login: Login,
    pub(crate) kind: AccountKind,
    /// SHA-256 of the token, so that a kept world holds no credential.
    pub(crate) token: Option<Digest>,
    pub(crate) email: Option<String>,
    pub(crate) admin: bool,
    /// What GitHub knows of the token itself.
    #[serde(default)]
    pub(crate) credential: Credential,
    /// The public SSH keys that log them in.
    #[serde(default)]
    pub(crate) keys: Vec<String>,
    /// The public SSH keys that they sign with.
    #[serde(default)]
    pub(crate) signing_keys: Vec<String>,
    /// The teams that they are in.
    #[serde(default)]
    pub(crate) teams: Vec<String>,
}

/// What GitHub knows of a token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Credential {
    /// The scopes of a classic one.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) expires: Option<Timestamp>,
    /// Where it has to be authorised for single sign-on.
    pub(crate) sign_on: Option<String>,
    /// Whether it is no person's.
    pub(crate) app: bool,
    /// Where it is an App's: what makes tokens for it.
    #[serde(default)]
    pub(crate) installation: Option<StoredInstallation>,
}

/// An App where it is installed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredInstallation {
    /// The App's number.
    pub(crate) app: u64,
    pub(crate) id: u64,
    /// The App's public key, PEM.
    pub(crate) public_key: String,
    /// How long each of its tokens lasts.
    pub(crate) lifetime: SignedDuration,
    pub(crate) tokens: Vec<InstallationToken>,
}

/// A token of an installation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InstallationToken {
    pub(crate) digest: Digest,
    pub(crate) expires: Timestamp,
}

impl Credential {
    /// When a token of an installation expires; `None` of a token that it did not make.
    pub(crate) fn lasts_until(&self, digest: &Digest) -> Option<Timestamp> {
        let mut tokens = self.installation.iter().flat_map(|installation| &installation.tokens);
        tokens.find(|token| token.digest == *digest).map(|token| token.expires)
    }
}

impl StoredAccount {
    /// The account in commits that the server makes for it.
    pub(crate) fn author(&self) -> Author {
        let login = self.login.as_str();
        let hidden = || format!("{}+{login}@users.noreply.github.com", self.id);
        Author { name: login.to_owned(), email: self.email.clone().unwrap_or_else(hidden) }
    }
}
