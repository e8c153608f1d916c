//! What git itself answers over smart HTTP, by the programs that `git http-backend` would start: that one is a process more
//! for each request, and reads for ever from a request that ends early.
//!
//! <https://git-scm.com/docs/http-protocol>, "Smart Clients".

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::response::Response;
use flate2::write::GzDecoder;
use futures::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::ls_refs::ListRequest;
use super::receive_refs;
use crate::emulator::git::command;
use crate::emulator::world::Handle;
use crate::ids::Login;

/// What git asks a server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    /// Lists and fetches.
    UploadPack,
    /// Pushes.
    ReceivePack,
}

impl Service {
    fn command(self) -> &'static str {
        match self {
            Service::UploadPack => "upload-pack",
            Service::ReceivePack => "receive-pack",
        }
    }
}

impl FromStr for Service {
    type Err = ();

    fn from_str(name: &str) -> Result<Service, ()> {
        match name {
            "git-upload-pack" => Ok(Service::UploadPack),
            "git-receive-pack" => Ok(Service::ReceivePack),
            _ => Err(()),
        }
    }
}

/// What the hook of a push is told.
pub(super) enum Hook {
    /// The file into which it lists the commits; it refuses them all.
    Lists(PathBuf),
    /// The file that says what is refused.
    Refused(PathBuf),
}

/// What repositories said of themselves, by their settings: in the second version of the protocol all of it, and before pushes,
/// which are spoken of in the first version, what they can do. It tells what git and these settings allow, and no references: as long
/// as the server stands it is always the same.
#[derive(Debug, Default)]
pub(super) struct Abilities(Mutex<BTreeMap<(Service, Vec<u8>), Bytes>>);

impl Abilities {
    /// The abilities of a repository, and in the first version of the protocol its references.
    pub(super) async fn advertise(
        &self,
        service: Service,
        git: Handle,
        repository: &Path,
        parts: &Parts,
        login: Option<&Login>,
    ) -> std::io::Result<Response> {
        let names_references = match service {
            Service::UploadPack => !is_second(parts),
            Service::ReceivePack => protocol(parts).is_some_and(|protocol| protocol.contains("version=1")),
        };
        if names_references {
            let body = advertised(service, repository, parts, login).await?;
            return response(service, "advertisement", Body::from(body));
        }
        let key = (service, tokio::fs::read(repository.join("config")).await?);
        let known = self.known().get(&key).cloned();
        let constant = match known {
            Some(constant) => constant,
            None => {
                let answer = advertised(service, repository, parts, login).await?;
                let constant = match service {
                    Service::UploadPack => Bytes::from(answer),
                    Service::ReceivePack => {
                        Bytes::from(receive_refs::abilities_in(&answer).ok_or_else(without)?)
                    }
                };
                self.known().insert(key, constant.clone());
                constant
            }
        };
        let body = match service {
            Service::UploadPack => Body::from(constant),
            Service::ReceivePack => {
                let abilities = String::from_utf8_lossy(&constant).into_owned();
                let answer =
                    tokio::task::spawn_blocking(move || receive_refs::answer(&git, &abilities)).await?;
                Body::from(answer.map_err(std::io::Error::other)?)
            }
        };
        response(service, "advertisement", body)
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(Service, Vec<u8>), Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without() -> std::io::Error {
    std::io::Error::other("git says nothing of what it can do")
}

async fn advertised(
    service: Service,
    repository: &Path,
    parts: &Parts,
    login: Option<&Login>,
) -> std::io::Result<Vec<u8>> {
    let mut git = program(service, repository, parts, login);
    let output = git.arg("--advertise-refs").arg(".").stdin(Stdio::null()).output().await?;
    if !output.status.success() {
        return Err(std::io::Error::other(format!("`git {}` ended with an error", service.command())));
    }
    // The second version names no service.
    let mut body = match is_second(parts) {
        true => Vec::new(),
        false => {
            let line = format!("# service=git-{}\n", service.command());
            format!("{:04x}{line}0000", line.len() + 4).into_bytes()
        }
    };
    body.extend(output.stdout);
    Ok(body)
}

/// The list of references that a request asks for, or the whole of another request.
pub(super) async fn listed(
    git: Handle,
    parts: &Parts,
    body: Body,
) -> std::io::Result<Result<Response, Body>> {
    if !is_second(parts) || is_compressed(parts) {
        return Ok(Err(body));
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(std::io::Error::other)?;
    let Some(request) = ListRequest::read(&body) else { return Ok(Err(Body::from(body))) };
    let answer = tokio::task::spawn_blocking(move || request.answer(&git)).await?;
    let answer = answer.map_err(std::io::Error::other)?;
    response(Service::UploadPack, "result", Body::from(answer)).map(Ok)
}

/// What the service makes of the body of a request.
pub(super) async fn serve(
    service: Service,
    repository: &Path,
    parts: &Parts,
    login: Option<&Login>,
    body: Body,
    hook: Option<Hook>,
) -> std::io::Result<Response> {
    let mut git = program(service, repository, parts, login);
    match hook {
        Some(Hook::Lists(file)) => git.env("LOCKGATE_LISTS", file),
        Some(Hook::Refused(file)) => git.env("LOCKGATE_REFUSED", file),
        None => &mut git,
    };
    let mut child = git.arg(".").stdin(Stdio::piped()).spawn()?;
    let missing = || std::io::Error::other("git has no input or output");
    let stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    tokio::spawn(feed(stdin, body, is_compressed(parts)));
    let body = match service {
        Service::ReceivePack => whole(child, stdout).await?,
        Service::UploadPack => stream(child, stdout),
    };
    response(service, "result", body)
}

fn program(service: Service, repository: &Path, parts: &Parts, login: Option<&Login>) -> Command {
    let mut command = Command::from(command(repository));
    command.args([service.command(), "--stateless-rpc"]);
    if let Some(protocol) = protocol(parts) {
        command.env("GIT_PROTOCOL", protocol);
    }
    if let Some(login) = login {
        // The hook reads it.
        command.env("REMOTE_USER", login.as_str());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

fn protocol(parts: &Parts) -> Option<&str> {
    parts.headers.get("git-protocol")?.to_str().ok()
}

fn is_second(parts: &Parts) -> bool {
    protocol(parts).is_some_and(|protocol| protocol.contains("version=2"))
}

/// git compresses what it asks for when that is long.
fn is_compressed(parts: &Parts) -> bool {
    let encoding = parts.headers.get("content-encoding").and_then(|encoding| encoding.to_str().ok());
    matches!(encoding, Some("gzip" | "x-gzip"))
}

fn response(service: Service, kind: &str, body: Body) -> std::io::Result<Response> {
    Response::builder()
        .header("content-type", format!("application/x-git-{}-{kind}", service.command()))
        .header("cache-control", "no-cache, max-age=0, must-revalidate")
        .body(body)
        .map_err(std::io::Error::other)
}

/// git may end before it has read everything, when it refuses; a body may end early, and then git is told no more.
async fn feed(mut git: ChildStdin, body: Body, is_compressed: bool) {
    let mut unpacking = is_compressed.then(|| GzDecoder::new(Vec::new()));
    let mut frames = body.into_data_stream();
    while let Some(Ok(bytes)) = frames.next().await {
        let Ok(bytes) = plain(&mut unpacking, bytes) else { return };
        if git.write_all(&bytes).await.is_err() {
            return;
        }
    }
    if let Some(rest) = unpacking.and_then(|unpacking| unpacking.finish().ok()) {
        let _ = git.write_all(&rest).await;
    }
}

fn plain(unpacking: &mut Option<GzDecoder<Vec<u8>>>, bytes: Bytes) -> std::io::Result<Bytes> {
    let Some(decoder) = unpacking else { return Ok(bytes) };
    decoder.write_all(&bytes)?;
    Ok(std::mem::take(decoder.get_mut()).into())
}

/// A push is over when the process is: only then are the references where they will be.
async fn whole(mut child: Child, mut output: ChildStdout) -> std::io::Result<Body> {
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes).await?;
    child.wait().await?;
    Ok(Body::from(bytes))
}

/// A clone may be large: it is passed on as it comes.
fn stream(child: Child, output: ChildStdout) -> Body {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_compressed_is_read_in_pieces_of_any_size() {
        let text: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packing.write_all(&text).unwrap();
        let packed = packing.finish().unwrap();
        let mut unpacking = Some(GzDecoder::new(Vec::new()));
        let mut found = Vec::new();
        for piece in packed.chunks(1000) {
            found.extend(plain(&mut unpacking, Bytes::copy_from_slice(piece)).unwrap());
        }
        found.extend(unpacking.unwrap().finish().unwrap());
        assert_eq!(found, text);
        assert!(plain(&mut Some(GzDecoder::new(Vec::new())), Bytes::from_static(b"no gzip at all")).is_err());
    }
}
