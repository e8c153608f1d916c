//! Smart HTTP: `git http-backend` behind the world's own accounts.

use std::process::Stdio;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::Response;
use futures::StreamExt as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::pages;
use super::state::ServerState;
use super::viewer::viewer;
use crate::emulator::git::environment;
use crate::emulator::model::StoredAccount;
use crate::emulator::reactions::{begin, observe};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// What a request asks of which repository.
struct GitRequest {
    repo: RepoName,
    /// The path below the repository.
    rest: String,
    pushes: bool,
}

/// A path such as `owner/name.git/info/refs`, with or without `.git`.
fn asked(path: &str, query: &str) -> Option<GitRequest> {
    let mut segments = path.splitn(3, '/');
    let (owner, name, rest) = (segments.next()?, segments.next()?, segments.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    let known = ["info/refs", "git-upload-pack", "git-receive-pack"].contains(&rest);
    let pushes = rest == "git-receive-pack" || query.contains("service=git-receive-pack");
    let repo = format!("{owner}/{name}").parse().ok().filter(|_| known)?;
    Some(GitRequest { repo, rest: rest.to_owned(), pushes })
}

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
        (Some(_), None) if asked.pushes => Err(Box::new(challenge())),
        (Some(permission), Some(account)) if asked.pushes && permission < Role::Write => {
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
    let Some(asked) = asked(path, &query) else {
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
    let pushed = asked.rest == "git-receive-pack";
    let response = match run(&shared, &parts, body, &asked, login.as_ref(), &query).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "git http-backend failed");
            plain(500, "Server Error")
        }
    };
    if pushed {
        let noticing = tokio::task::spawn_blocking(move || notice(&shared, &asked.repo, login.as_ref()));
        if let Err(error) = noticing.await {
            tracing::error!(%error, "noticing a push panicked");
        }
    }
    response
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

fn backend(
    shared: &ServerState,
    parts: &Parts,
    asked: &GitRequest,
    login: Option<&Login>,
    query: &str,
) -> Command {
    let mut command = Command::new("git");
    command.arg("http-backend").env_clear().envs(environment());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    command
        .env("GIT_PROJECT_ROOT", EmulatedWorld::git_root(&shared.dir))
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", format!("/{}.git/{}", asked.repo, asked.rest))
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("REMOTE_ADDR", "127.0.0.1");
    // The length is not handed on: told one, `git http-backend` reads in a tight loop for ever if the body ends early,
    // which is what a killed rehearsal leaves behind. Without one it reads to the end.
    command.env_remove("CONTENT_LENGTH");
    for (variable, name) in [
        ("CONTENT_TYPE", "content-type"),
        ("GIT_PROTOCOL", "git-protocol"),
        ("HTTP_CONTENT_ENCODING", "content-encoding"),
    ] {
        if let Some(value) = header(name) {
            command.env(variable, value);
        }
    }
    if let Some(login) = login {
        // Also what enables receive-pack, and what the hook reads.
        command.env("REMOTE_USER", login.as_str());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(
    shared: &ServerState,
    parts: &Parts,
    body: Body,
    asked: &GitRequest,
    login: Option<&Login>,
    query: &str,
) -> std::io::Result<Response> {
    let mut child = backend(shared, parts, asked, login, query).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        tokio::spawn(async move {
            let mut frames = body.into_data_stream();
            while let Some(Ok(bytes)) = frames.next().await {
                // git may end before it has read everything, when it refuses.
                if stdin.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
    }
    let stdout = child.stdout.take().ok_or_else(|| std::io::Error::other("git has no output"))?;
    let mut output = BufReader::new(stdout);
    let mut response = Response::builder();
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).await? == 0 || line.trim_end().is_empty() {
            break;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { continue };
        response = if name.eq_ignore_ascii_case("status") {
            response.status(value.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(200_u16))
        } else {
            response.header(name, value)
        };
    }
    let body =
        if asked.rest == "git-receive-pack" { whole(child, output).await? } else { stream(child, output) };
    response.body(body).map_err(std::io::Error::other)
}

/// A push is over when the process is: only then are the references where they will be.
async fn whole(mut child: Child, mut output: BufReader<ChildStdout>) -> std::io::Result<Body> {
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes).await?;
    child.wait().await?;
    Ok(Body::from(bytes))
}

/// A clone may be large: it is passed on as it comes.
fn stream(child: Child, output: BufReader<ChildStdout>) -> Body {
    let chunks = futures::stream::unfold((child, output), |(child, mut output)| async move {
        let mut chunk = vec![0; 64 << 10];
        match output.read(&mut chunk).await {
            Ok(0) => None,
            Ok(length) => {
                chunk.truncate(length);
                Some((Ok(chunk), (child, output)))
            }
            Err(error) => Some((Err(error), (child, output))),
        }
    });
    Body::from_stream(chunks)
}
