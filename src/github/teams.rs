//! Teams of organisations.

use http::Method;

use super::client::Client;
use super::error::{Class, GitHubError};
use super::pulls::WireUser;

impl Client {
    /// The logins of a team's members (GitHub REST API, "List team members"); `None` where there is no such team, or this token
    /// may not read it.
    ///
    /// # Errors
    /// When GitHub cannot be asked.
    pub async fn team_members(&self, org: &str, team: &str) -> Result<Option<Vec<String>>, GitHubError> {
        let call = self.call(Method::GET, ["orgs", org, "teams", team, "members"]);
        match self.list::<WireUser>(call).await {
            Err(GitHubError { class: Class::NotFound | Class::Forbidden { .. }, .. }) => Ok(None),
            found => Ok(Some(found?.into_iter().map(|user| user.login).collect())),
        }
    }
}
