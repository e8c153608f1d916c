//! Who acts on GitHub: a person by a token, or an App where it is installed. Secrets come from the environment.

use std::process::Command;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::problem::Problem;
use super::secrets;
use crate::clock::Clock;
use crate::github::AppInstallation;
use crate::token::Token;
use crate::wording::with_causes;

/// The number of the App.
const APP: &str = "LOCKGATE_APP_ID";
/// The number of its installation.
const INSTALLATION: &str = "LOCKGATE_APP_INSTALLATION";
/// Its private key.
const KEY: &str = "LOCKGATE_APP_KEY";

/// The token for the GitHub at this address: an App's where one is given, else from the environment as `gh` takes it,
/// else from `gh` itself. Nothing is asked of GitHub yet.
pub(super) async fn token(api: &Url, clock: &Clock) -> Result<Token, Problem> {
    match app()? {
        Some(app) => app.token(api.clone(), clock.clone()).await.map_err(|error| {
            Problem::input(with_causes(&error), format!("give the App's private key in {KEY}, whole, as PEM"))
        }),
        None => persons_token().map(Token::from),
    }
}

/// The App of the environment.
fn app() -> Result<Option<AppInstallation>, Problem> {
    let (app, installation, key) = (number(APP)?, number(INSTALLATION)?, secrets::get(KEY));
    match (app, installation, key) {
        (None, None, None) => Ok(None),
        (Some(app), Some(installation), Some(key)) => Ok(Some(AppInstallation { app, installation, key })),
        (app, installation, key) => {
            let missing =
                [(APP, app.is_none()), (INSTALLATION, installation.is_none()), (KEY, key.is_none())];
            let missing: Vec<&str> =
                missing.into_iter().filter_map(|(name, is_missing)| is_missing.then_some(name)).collect();
            Err(Problem::input(
                format!("a GitHub App is given by half: {} is not set", missing.join(" and ")),
                format!("set {APP}, {INSTALLATION} and {KEY} together, or none of them to act as a person"),
            ))
        }
    }
}

fn number(name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = std::env::var(name).ok().filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| {
        Problem::input(
            format!("{name} is `{text}`, which is no number"),
            "both numbers stand in the addresses of the App's settings and of its installation",
        )
    })
}

fn persons_token() -> Result<SecretString, Problem> {
    let found = secrets::get("GH_TOKEN").or_else(|| secrets::get("GITHUB_TOKEN")).or_else(token_of_gh);
    found.map(|token| SecretString::from(token.expose_secret().trim().to_owned())).ok_or_else(|| {
        Problem::input(
            "there is no GitHub token",
            "set GH_TOKEN, or log in with `gh auth login`; it needs `repo` and `workflow`, and advisories to write. \
             To try without a token: `lockgate rehearse`",
        )
    })
}

fn token_of_gh() -> Option<SecretString> {
    let output = Command::new(which::which("gh").ok()?).args(["auth", "token"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| SecretString::from(text))
}
