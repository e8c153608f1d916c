//! Users and organisations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::emulator::git::Author;
use crate::ids::Login;

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
    pub(crate) token: Option<crate::ids::Digest>,
    pub(crate) email: Option<String>,
    pub(crate) admin: bool,
    /// What GitHub knows of the token itself.
    #[serde(default)]
    pub(crate) credential: Credential,
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
}

impl StoredAccount {
    /// The account in commits that the server makes for it.
    pub(crate) fn author(&self) -> Author {
        let login = self.login.as_str();
        let hidden = || format!("{}+{login}@users.noreply.github.com", self.id);
        Author { name: login.to_owned(), email: self.email.clone().unwrap_or_else(hidden) }
    }
}
