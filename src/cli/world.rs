//! The real world: addresses from the catalog, secrets from the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::credentials::token;
use super::problem::Problem;
use super::secrets;
use crate::catalog::{Catalog, smtp_url};
use crate::clock::Clock;
use crate::folder::Folder;
use crate::git::Signer;
use crate::github::{self, Pacing};
use crate::jobs::Executor;
use crate::mail::{MailError, Mailer, Security, SmtpLogin, SmtpSettings};
use crate::registry::Registry;
use crate::runner::Crew;
use crate::wording::with_causes;
use crate::world::{Endpoints, World};

/// Whence the password of the mail server comes.
const SMTP_PASSWORD: &str = "LOCKGATE_SMTP_PASSWORD";

/// Where the services of a real run are.
pub(super) async fn endpoints(
    catalog: &Catalog,
    folder: &Folder,
    crew: Option<Arc<dyn Crew>>,
) -> Result<Endpoints, Problem> {
    let mailer = mailer(catalog, &Clock::system())?;
    endpoints_with(catalog, folder, crew, mailer).await
}

/// The same services without one that mail goes to: it is looked at by itself, and nothing is sent.
pub(super) async fn without_mail(catalog: &Catalog, folder: &Folder) -> Result<World, Problem> {
    let nowhere = Mailer::directory(folder.root().join("mail"), Clock::system());
    connect(endpoints_with(catalog, folder, None, nowhere).await?).await
}

async fn endpoints_with(
    catalog: &Catalog,
    folder: &Folder,
    crew: Option<Arc<dyn Crew>>,
    mailer: Mailer,
) -> Result<Endpoints, Problem> {
    let clock = Clock::system();
    let api = address("api", &catalog.endpoints.api)?;
    Ok(Endpoints {
        token: token(&api, &clock).await?,
        api,
        git: address("git", &catalog.endpoints.git)?,
        mailer,
        registry: registry(catalog)?,
        pacing: Pacing::github(),
        signer: Signer::Configured,
        clock,
        cores: Executor::machine_cores(),
        logs: folder.logs(),
        jobs: folder.jobs(),
        crew,
    })
}

/// GitHub alone, to be read: no mail server is needed for it.
pub(super) async fn github(catalog: &Catalog) -> Result<github::Client, Problem> {
    let api = address("api", &catalog.endpoints.api)?;
    let clock = Clock::system();
    let token = token(&api, &clock).await?;
    let endpoint = github::Endpoint::new(api, token, clock);
    github::Client::connect(endpoint).await.map_err(|error| unusable(&error))
}

/// Connects, or says what the address or the token lacks.
pub(super) async fn connect(endpoints: Endpoints) -> Result<World, Problem> {
    World::connect(endpoints).await.map_err(|error| unusable(&error))
}

/// What was given of GitHub cannot be used.
fn unusable(error: &github::ConnectError) -> Problem {
    Problem::input(with_causes(error), "check `[endpoints]` in catalog.toml and the token in GH_TOKEN")
}

fn registry(catalog: &Catalog) -> Result<Registry, Problem> {
    let roots: Result<BTreeMap<_, _>, Problem> = catalog
        .endpoints
        .registries
        .iter()
        .map(|(ecosystem, text)| Ok((*ecosystem, address("registries", text)?)))
        .collect();
    Registry::new(roots?).map_err(|error| {
        Problem::input(with_causes(&error), "check `[endpoints.registries]` in catalog.toml")
    })
}

/// Where mail goes.
pub(super) fn mailer(catalog: &Catalog, clock: &Clock) -> Result<Mailer, Problem> {
    let Some(server) = &catalog.mail.smtp else {
        return Err(Problem::input(
            "the catalog names no mail server, but the release is announced by mail",
            "write `smtp = \"smtps://user@mail.example\"` below `[mail]` in catalog.toml",
        ));
    };
    let password = secrets::get(SMTP_PASSWORD);
    let unusable = |key: &'static str| {
        move |error: MailError| {
            Problem::input(with_causes(&error), format!("check `mail.{key}` in catalog.toml"))
        }
    };
    let mailer = Mailer::smtp(smtp_settings(server, password)?, clock.clone()).map_err(unusable("smtp"))?;
    match &catalog.mail.archive {
        Some(address) => mailer.with_archive(address).map_err(unusable("archive")),
        None => Ok(mailer),
    }
}

/// From `smtp://host:port` or `smtps://user@host:port`. Only a server on this machine is spoken to in the clear.
fn smtp_settings(text: &str, password: Option<SecretString>) -> Result<SmtpSettings, Problem> {
    let wrong = |reason: &str| {
        Problem::input(
            format!("`{text}` is not a mail server: {reason}"),
            "write `smtps://user@host`, or `smtp://user@host:587` for STARTTLS, as `mail.smtp` in catalog.toml",
        )
    };
    let url = smtp_url(text).map_err(wrong)?;
    let host = url.host_str().unwrap_or_default();
    let security = match (url.scheme(), host) {
        ("smtps", _) => Security::Tls,
        ("smtp", "localhost" | "127.0.0.1" | "[::1]") => Security::Plain,
        _ => Security::StartTls,
    };
    let login = match (url.username(), password) {
        ("", _) => None,
        (_, None) => return Err(wrong("it has a user, but LOCKGATE_SMTP_PASSWORD is not set")),
        (user, Some(password)) => Some(SmtpLogin { user: user.replace("%40", "@"), password }),
    };
    Ok(SmtpSettings { host: host.to_owned(), port: url.port(), security, login })
}

fn address(key: &str, text: &str) -> Result<Url, Problem> {
    // Joining keeps the last segment of a base only if it ends in a slash.
    let whole = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    whole.parse().map_err(|error| {
        Problem::input(
            format!("`{text}` is not an address: {error}"),
            format!("correct `endpoints.{key}` in catalog.toml, for example `https://github.example`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_end_in_a_slash_and_bad_ones_name_their_key() {
        assert_eq!(address("api", "https://api.github.com").unwrap().as_str(), "https://api.github.com/");
        let problem = address("git", "github").unwrap_err();
        assert_eq!(problem.exit(), crate::cli::exit::Exit::BadInput);
    }

    #[test]
    fn mail_server_is_read_from_its_address() {
        let settings = smtp_settings("smtps://mara%40rivers@mail.example:4465", Some("x".into())).unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("mail.example", Some(4465)));
        assert_eq!(settings.security, Security::Tls);
        assert_eq!(settings.login.unwrap().user, "mara@rivers");
        let open = smtp_settings("smtp://mail.example", None).unwrap();
        assert_eq!(open.security, Security::StartTls);
        assert!(open.login.is_none());
        for wrong in ["smtps://u@mail.example", "smtps://u:secret@mail.example", "mail.example", "http://x"] {
            let problem = smtp_settings(wrong, None).unwrap_err();
            assert_eq!(problem.exit(), crate::cli::exit::Exit::BadInput, "{wrong}");
        }
    }
}
