//! Smart HTTP behind the world's own accounts: who may ask what of which repository.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;

use super::git_service::{Service, listed, serve};
use super::state::ServerState;
use super::viewer::viewer;
use super::{pages, push_check};
use crate::emulator::model::{StoredAccount, StoredRepository};
use crate::emulator::reactions::{begin, observe};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// What a request asks of which repository.
struct GitRequest {
    repo: RepoName,
    /// The path below the repository.
    rest: String,
    /// `None` where git asks as it did before smart HTTP.
    service: Option<Service>,
}

impl GitRequest {
    /// A path such as `owner/name.git/info/refs`, with or without `.git`.
    fn read(path: &str, query: &str) -> Option<GitRequest> {
        let mut segments = path.splitn(3, '/');
        let (owner, name, rest) = (segments.next()?, segments.next()?, segments.next()?);
        let name = name.strip_suffix(".git").unwrap_or(name);
        let service = match rest {
            "info/refs" => query.split('&').find_map(|pair| pair.strip_prefix("service=")?.parse().ok()),
            service => Some(service.parse().ok()?),
        };
        let repo = format!("{owner}/{name}").parse().ok()?;
        Some(GitRequest { repo, rest: rest.to_owned(), service })
    }

    fn pushes(&self) -> bool {
        self.service == Some(Service::ReceivePack)
    }

    fn only_lists(&self) -> bool {
        self.rest == "info/refs"
    }
}

/// What GitHub says where git asks as it did before smart HTTP.
const TOO_OLD: &str = "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http: \
    https://github.com/blog/809-git-dumb-http-transport-to-be-turned-off-in-90-days\n";

fn plain(status: u16, text: &str) -> Response {
    let response = Response::builder().status(status).header("content-type", "text/plain");
    response.body(Body::from(text.to_owned())).unwrap_or_else(|_| Response::new(Body::empty()))
}

/// git sends its credentials only when asked for them.
fn challenge() -> Response {
    let response = Response::builder().status(401).header("www-authenticate", "Basic realm=\"GitHub\"");
    response.body(Body::from("Unauthorized")).unwrap_or_else(|_| Response::new(Body::empty()))
}

/// GitHub redirects git to a repository's new name.
fn elsewhere(now: &RepoName, asked: &GitRequest, query: &str) -> Response {
    let to = format!("/git/{now}.git/{}?{query}", asked.rest);
    let response = Response::builder().status(301).header("location", to);
    response.body(Body::empty()).unwrap_or_else(|_| Response::new(Body::empty()))
}

/// Who may go on; everybody else gets the answer that git turns into its message.
fn admit(world: &EmulatedWorld, parts: &Parts, asked: &GitRequest) -> Result<Option<Login>, Box<Response>> {
    let account: Option<StoredAccount> = viewer(world, &parts.headers).map_err(|()| Box::new(challenge()))?;
    let repository = world.repositories.get(asked.repo.as_str());
    let permission = repository.and_then(|repository| repository.permission(account.as_ref()));
    match (permission, &account) {
        (None, None) => Err(Box::new(challenge())),
        (None, Some(_)) => Err(Box::new(plain(404, "Repository not found."))),
        (Some(_), None) if asked.pushes() => Err(Box::new(challenge())),
        (Some(permission), Some(account)) if asked.pushes() && permission < Role::Write => {
            let (repo, login) = (&asked.repo, &account.login);
            Err(Box::new(plain(403, &format!("Permission to {repo}.git denied to {login}."))))
        }
        (Some(_), account) => Ok(account.as_ref().map(|account| account.login.clone())),
    }
}

/// Answers a request of git; `path` begins with the owner.
pub(crate) async fn answer(shared: Arc<ServerState>, request: Request<Body>, path: &str) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let Some(asked) = GitRequest::read(path, &query) else {
        return pages::page(&shared, path).unwrap_or_else(|| plain(404, "Not Found"));
    };
    let login = {
        let mut world = shared.world();
        if let Err(error) = begin(&mut world) {
            tracing::error!(?error, "the emulated world failed");
            return plain(500, "Server Error");
        }
        if let Some(now) = world.renamed(asked.repo.as_str()) {
            return elsewhere(&now.name, &asked, &query);
        }
        match admit(&world, &parts, &asked) {
            Ok(login) => login,
            Err(response) => return *response,
        }
    };
    let response = run(&shared, &parts, body, &asked, login.as_ref()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "git failed");
        plain(500, "Server Error")
    });
    if asked.pushes() && !asked.only_lists() {
        let noticing = tokio::task::spawn_blocking(move || notice(&shared, &asked.repo, login.as_ref()));
        if let Err(error) = noticing.await {
            tracing::error!(%error, "noticing a push panicked");
        }
    }
    response
}

async fn run(
    shared: &ServerState,
    parts: &Parts,
    body: Body,
    asked: &GitRequest,
    login: Option<&Login>,
) -> std::io::Result<Response> {
    let Some(service) = asked.service else { return Ok(plain(403, TOO_OLD)) };
    let repository = EmulatedWorld::git_root(&shared.dir).join(format!("{}.git", asked.repo));
    match (asked.only_lists(), &parts.method) {
        (true, &Method::GET) => {
            let git = shared.world().git(&asked.repo).map_err(std::io::Error::other)?;
            shared.abilities.advertise(service, git, &repository, parts, login).await
        }
        (false, &Method::POST) => match (held(shared, asked), login) {
            (Some(rules), Some(login)) => {
                let push = push_check::check(&rules, &repository, parts, login, body).await?;
                serve(service, &repository, parts, Some(login), push.body(), Some(push.hook())).await
            }
            _ if asked.pushes() => serve(service, &repository, parts, login, body, None).await,
            _ => {
                let git = shared.world().git(&asked.repo).map_err(std::io::Error::other)?;
                match listed(git, parts, body).await? {
                    Ok(list) => Ok(list),
                    Err(body) => serve(service, &repository, parts, login, body, None).await,
                }
            }
        },
        _ => Ok(plain(405, "Method Not Allowed")),
    }
}

/// The rules of a repository, where commits that are pushed to it are held against some.
fn held(shared: &ServerState, asked: &GitRequest) -> Option<StoredRepository> {
    let world = shared.world();
    let rules = world.repository(&asked.repo).ok().filter(|rules| asked.pushes() && rules.holds_commits());
    rules.cloned()
}

/// Lets pull requests and CI react to what was pushed, before the pusher hears that it arrived.
fn notice(shared: &ServerState, repo: &RepoName, login: Option<&Login>) {
    let mut world = shared.world();
    let actor = login.cloned().unwrap_or_else(|| world.owner(repo));
    let noticed =
        begin(&mut world).and_then(|()| observe(&mut world, repo, &actor)).and_then(|()| world.commit());
    if let Err(error) = noticed {
        tracing::error!(?error, "failed to notice a push");
    }
}
