//! Whether the token will do on the day: what GitHub would refuse at the hour is refused while there is time.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::PrivateSide;
use crate::github::{Class, GitHubError, TokenAccount};
use crate::ids::RepoName;
use crate::plan::Inputs;
use crate::world::World;

/// How long after its disclosure a release may still be under way.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(24);

/// Why a token will not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no person's.
    #[error("the token belongs to a GitHub App or to a workflow, not to a person")]
    NoPerson,
    /// It is an App's, and a fix waits where no App gets.
    #[error("fixes of `{repo}` wait in its advisory's temporary private fork, which no GitHub App can reach")]
    AppAndFork {
        /// The repository.
        repo: RepoName,
    },
    /// It will not be valid long enough.
    #[error(
        "the token of `{login}` expires at {expires:.0}, and the release goes on until {needed:.0} at least"
    )]
    Expires {
        /// Whose it is.
        login: String,
        /// When it expires.
        expires: Timestamp,
        /// Until when it is needed.
        needed: Timestamp,
    },
    /// A classic token that may not write to repositories.
    #[error("the token of `{login}` has the scopes {}, and not `repo`", listed(scopes))]
    Scopes {
        /// Whose it is.
        login: String,
        /// Its scopes.
        scopes: Vec<String>,
    },
}

fn listed(scopes: &[String]) -> String {
    if scopes.is_empty() { "(none)".to_owned() } else { scopes.join(", ") }
}

impl TokenFault {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            TokenFault::NoPerson => {
                "give the token of a person in GH_TOKEN, or the App itself (LOCKGATE_APP_ID, LOCKGATE_APP_INSTALLATION, \
                 LOCKGATE_APP_KEY): GitHub starts no checks for pull requests that a workflow's token opened, and a single \
                 token of an App expires within the hour"
            }
            TokenFault::AppAndFork { .. } => {
                "give the token of a person in GH_TOKEN, or name a private repository of your own as `private` in the catalog"
            }
            TokenFault::Expires { .. } => "make a token that is valid for longer, and give it in GH_TOKEN",
            TokenFault::Scopes { .. } => {
                "make a classic token with `repo` and `workflow`, or a fine-grained one that may write contents, pull \
                 requests, workflows and repository security advisories"
            }
        }
    }
}

/// Looks at the token of a world.
///
/// # Errors
/// [`GitHubError`] when GitHub gives no answer; the inner error when the token will not do.
pub(super) async fn look_at_token(
    world: &World,
    inputs: &Inputs,
) -> Result<Result<(), TokenFault>, GitHubError> {
    if world.github.acts_as_app() {
        // What it may do GitHub tells by refusing only; its tokens are renewed.
        world.github.try_token().await?;
        return Ok(app_can_reach(inputs));
    }
    Ok(match world.github.account().await {
        Ok(account) => judge(account, inputs.release.disclosure),
        Err(GitHubError { class: Class::Forbidden { .. }, .. }) => Err(TokenFault::NoPerson),
        Err(error) => return Err(error),
    })
}

/// "Integrations, including CI, cannot access temporary private forks" (GitHub, "Collaborating in a temporary private fork").
fn app_can_reach(inputs: &Inputs) -> Result<(), TokenFault> {
    let fixed = |repo: &RepoName| {
        let mut fixes = inputs.release.advisories.iter().flat_map(|advisory| &advisory.fixes);
        fixes.any(|fix| fix.repo == *repo)
    };
    let mut forks = inputs.catalog.repos.iter().filter(|repo| repo.private == PrivateSide::AdvisoryFork);
    match forks.find(|repo| fixed(&repo.name)) {
        Some(repo) => Err(TokenFault::AppAndFork { repo: repo.name.clone() }),
        None => Ok(()),
    }
}

fn judge(account: TokenAccount, disclosure: Timestamp) -> Result<(), TokenFault> {
    let needed = disclosure.checked_add(AFTERMATH).unwrap_or(Timestamp::MAX);
    let login = account.login.to_string();
    match account.scopes {
        Some(scopes) if !scopes.iter().any(|scope| scope == "repo") => {
            return Err(TokenFault::Scopes { login, scopes });
        }
        _ => {}
    }
    match account.expires {
        Some(expires) if expires < needed => Err(TokenFault::Expires { login, expires, needed }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(scopes: Option<&[&str]>, expires: Option<&str>) -> Result<(), String> {
        let account = TokenAccount {
            login: "mara".parse().unwrap(),
            scopes: scopes.map(|scopes| scopes.iter().map(ToString::to_string).collect()),
            expires: expires.map(|at| at.parse().unwrap()),
        };
        judge(account, "2026-03-10T16:00:00Z".parse().unwrap()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn token_must_last_beyond_the_day_and_may_write() {
        assert_eq!(judged(None, None), Ok(()));
        assert_eq!(judged(Some(&["repo", "workflow"]), Some("2026-04-01T00:00:00Z")), Ok(()));
        let short = judged(None, Some("2026-03-10T17:00:00Z")).unwrap_err();
        assert!(short.contains("expires at 2026-03-10T17:00:00Z"), "{short}");
        let weak = judged(Some(&["public_repo"]), None).unwrap_err();
        assert!(weak.contains("public_repo, and not `repo`"), "{weak}");
        assert!(judged(Some(&[]), None).unwrap_err().contains("(none)"));
    }
}
