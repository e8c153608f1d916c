//! The SSH keys that GitHub publishes for somebody.

use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::error::GitHubError;
use crate::ids::Login;

impl Client {
    /// The keys by which GitHub knows somebody: those they sign with and those they log in with (GitHub REST API, "List SSH
    /// signing keys for a user" and "List public keys for a user"). None, for somebody whom GitHub does not know.
    ///
    /// # Errors
    /// When GitHub cannot be asked.
    pub async fn ssh_keys(&self, login: &Login) -> Result<Vec<String>, GitHubError> {
        #[derive(Deserialize)]
        struct WireKey {
            key: String,
        }
        let mut keys = Vec::new();
        for kind in ["ssh_signing_keys", "keys"] {
            let call = self.call(Method::GET, ["users", login.as_str(), kind]);
            let found: Vec<WireKey> = match self.list(call).await {
                Err(GitHubError { class: super::error::Class::NotFound, .. }) => Vec::new(),
                found => found?,
            };
            keys.extend(found.into_iter().map(|found| found.key));
        }
        Ok(keys)
    }
}
