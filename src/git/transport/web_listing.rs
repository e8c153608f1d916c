//! Lists of references that are asked for over HTTP by ourselves: for each, git starts three processes.
//!
//! The second version of the protocol alone, with the two requests that `git ls-remote` makes for it:
//! <https://git-scm.com/docs/protocol-v2>. Only a whole list is taken, and a refusal that git would tell by its status. Whatever else comes,
//! or does not come, git is asked for, which knows it better.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;

use super::command::{Credentials, GitExit, Limits};
use super::error::TransportError;
use super::headers::Headers;
use super::listings::Patterns;
use super::packet_lines::{Packet, packet, packets};
use crate::tls::install_tls;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long an unused connection is kept: well below the time after which servers close it.
const IDLE: Duration = Duration::from_secs(15);

/// What the environment may say of the way to a server, and git understands.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What it may say of whom to believe, where a server has a certificate.
const CERTIFICATES: [&str; 5] =
    ["SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"];

const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const REQUEST: &str = "application/x-git-upload-pack-request";
const RESULT: &str = "application/x-git-upload-pack-result";
/// The version of the protocol that is asked for.
const VERSION: (&str, &str) = ("Git-Protocol", "version=2");

/// What keeps the connections for lists; made when it is first asked.
#[derive(Debug, Default)]
pub(super) struct WebLists(OnceLock<Option<Client>>);

/// Why there is no list.
enum Failure {
    /// Nothing came for too long.
    Silent,
    /// No list of the form that is read here came: git is to be asked.
    NotPlain,
}

impl WebLists {
    /// What `git ls-remote` would have printed for these patterns, or its refusal. `None`: git is to be asked.
    ///
    /// # Errors
    /// [`TransportError::TimedOut`].
    pub(super) async fn list(
        &self,
        remote: &str,
        credentials: &Credentials,
        limits: Limits,
        patterns: &Patterns,
    ) -> Result<Option<GitExit>, TransportError> {
        // Without a token of ours the user's settings count, which only git reads.
        let Some(authorization) = credentials.authorization() else { return Ok(None) };
        let Some(client) = self.client(remote, limits) else { return Ok(None) };
        let timed_out = |limit| TransportError::TimedOut { remote: remote.to_owned(), limit };
        let asked = tokio::time::timeout(limits.whole, list(client, remote, &authorization, patterns)).await;
        match asked.map_err(|_| timed_out(limits.whole))? {
            Ok(ended) => Ok(Some(ended)),
            Err(Failure::Silent) => Err(timed_out(limits.silence)),
            Err(Failure::NotPlain) => Ok(None),
        }
    }

    fn client(&self, remote: &str, limits: Limits) -> Option<&Client> {
        let made = || {
            let is_plain = match Url::parse(remote).ok()?.scheme() {
                "http" => true,
                "https" => false,
                _ => return None,
            };
            let certificates: &[&str] = if is_plain { &[] } else { &CERTIFICATES };
            let mut named = PROXIES.iter().chain(certificates);
            let is_told = named.any(|name| std::env::var_os(name).is_some());
            if is_told { None } else { client(is_plain, limits.silence).ok() }
        };
        self.0.get_or_init(made).as_ref()
    }
}

/// One that goes nowhere but to the server that it is told, and keeps the credentials there.
fn client(is_plain: bool, silence: Duration) -> reqwest::Result<Client> {
    install_tls();
    let builder = Client::builder()
        // Servers tell git from a browser by the beginning.
        .user_agent(concat!("git/lockgate-", env!("CARGO_PKG_VERSION")))
        .http1_title_case_headers()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .read_timeout(silence)
        .pool_idle_timeout(IDLE);
    // A world that speaks no TLS must be reached from a machine without root certificates.
    let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
    builder.build()
}

async fn list(
    client: &Client,
    remote: &str,
    authorization: &str,
    patterns: &Patterns,
) -> Result<GitExit, Failure> {
    let mut token = HeaderValue::from_str(authorization).map_err(|_| Failure::NotPlain)?;
    token.set_sensitive(true);
    let told =
        |request: RequestBuilder| request.header(AUTHORIZATION, token.clone()).header(VERSION.0, VERSION.1);
    let abilities = told(client.get(format!("{remote}/info/refs?service=git-upload-pack")));
    let abilities = match answer(abilities, ADVERTISEMENT).await? {
        Answer::Body(abilities) => abilities,
        Answer::Refused(status, headers) => return refusal(remote, status, headers),
    };
    if !can_list(&abilities) {
        return Err(Failure::NotPlain);
    }
    let question = told(client.post(format!("{remote}/git-upload-pack")));
    let question = question.header(CONTENT_TYPE, REQUEST).header(ACCEPT, RESULT).body(question_for(patterns));
    match answer(question, RESULT).await? {
        Answer::Body(listed) => {
            let stdout = as_git_prints(&listed).ok_or(Failure::NotPlain)?;
            let headers = Headers::of([("content-type", ADVERTISEMENT)].into_iter());
            Ok(GitExit { code: Some(0), stdout, stderr: String::new(), headers })
        }
        Answer::Refused(status, headers) => refusal(remote, status, headers),
    }
}

enum Answer {
    Body(Vec<u8>),
    Refused(StatusCode, HeaderMap),
}

async fn answer(request: RequestBuilder, kind: &str) -> Result<Answer, Failure> {
    let failed = |error: reqwest::Error| match error.is_timeout() && !error.is_connect() {
        true => Failure::Silent,
        false => Failure::NotPlain,
    };
    let response: Response = request.send().await.map_err(failed)?;
    let status = response.status();
    if status != StatusCode::OK {
        return Ok(Answer::Refused(status, response.headers().clone()));
    }
    if response.headers().get(CONTENT_TYPE).is_none_or(|there| there != kind) {
        return Err(Failure::NotPlain);
    }
    Ok(Answer::Body(response.bytes().await.map_err(failed)?.into()))
}

/// What git would end with. Of a server that fails it says more than a status, and is asked.
fn refusal(remote: &str, status: StatusCode, headers: HeaderMap) -> Result<GitExit, Failure> {
    let stderr = match status.as_u16() {
        401 => format!("fatal: Authentication failed for '{remote}/'"),
        404 => format!("fatal: repository '{remote}/' not found"),
        code @ (301..=303 | 307 | 308 | 403 | 429) => {
            format!("fatal: unable to access '{remote}/': The requested URL returned error: {code}")
        }
        _ => return Err(Failure::NotPlain),
    };
    let text = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    Ok(GitExit { code: Some(128), stdout: String::new(), stderr, headers: Headers::of(text) })
}

/// Whether the server lists references in the second version of the protocol, by the names of objects that we know.
fn can_list(abilities: &[u8]) -> bool {
    let Some(packets) = packets(abilities) else { return false };
    // GitHub names the service first, as in the first version.
    let told = match packets.as_slice() {
        [Packet::Line(service), Packet::Flush, told @ ..] if service.starts_with("# service=") => told,
        told => told,
    };
    let [Packet::Line("version 2"), able @ .., Packet::Flush] = told else { return false };
    let lists = |packet: &Packet<'_>| matches!(packet, Packet::Line(able) if ability(able) == "ls-refs");
    let is_other = |packet: &Packet<'_>| match packet {
        Packet::Line(able) => ability(able) == "object-format" && *able != "object-format=sha1",
        Packet::Flush | Packet::Delimiter => true,
    };
    able.iter().any(lists) && !able.iter().any(is_other)
}

fn ability(line: &str) -> &str {
    line.split_once('=').map_or(line, |(name, _)| name)
}

/// The head is asked for as `git ls-remote` is asked for it; a pattern is a name, or the beginning of names.
fn question_for(patterns: &Patterns) -> String {
    let head = (!patterns.is_empty()).then_some("HEAD");
    let beginnings = head.into_iter().chain(patterns.iter().map(|pattern| pattern.trim_end_matches('*')));
    let beginnings: String = beginnings.map(|beginning| packet(&format!("ref-prefix {beginning}"))).collect();
    format!("{}0001{}{beginnings}0000", packet("command=ls-refs"), packet("peel"))
}

/// The lines of `git ls-remote`: of an annotated tag one for the tag, and one for what it stands for.
fn as_git_prints(listed: &[u8]) -> Option<String> {
    let packets = packets(listed)?;
    let [lines @ .., Packet::Flush] = packets.as_slice() else { return None };
    let mut printed = String::new();
    for packet in lines {
        let Packet::Line(line) = packet else { return None };
        let mut words = line.split(' ');
        let (id, name) = (words.next()?, words.next()?);
        printed.push_str(&format!("{id}\t{name}\n"));
        if let Some(peeled) = words.find_map(|word| word.strip_prefix("peeled:")) {
            printed.push_str(&format!("{peeled}\t{name}^{{}}\n"));
        }
    }
    Some(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(lines: &[&str]) -> Vec<u8> {
        format!("{}0000", lines.iter().map(|line| packet(line)).collect::<String>()).into_bytes()
    }

    #[test]
    fn only_servers_of_the_second_version_with_our_ids_are_listed_without_git() {
        let able = ["version 2", "agent=git/2.50.0", "ls-refs=unborn", "object-format=sha1"];
        assert!(can_list(&message(&able)));
        let service = [message(&["# service=git-upload-pack"]), message(&able)].concat();
        assert!(can_list(&service), "GitHub");
        assert!(can_list(&message(&["version 2", "ls-refs"])), "a server of before other ids");
        let first = ["# service=git-upload-pack", "1234 HEAD\0symref=HEAD:refs/heads/main"];
        for other in [
            message(&first),
            message(&["version 2", "fetch=shallow"]),
            message(&["version 2", "ls-refs", "object-format=sha256"]),
            message(&able)[..30].to_vec(),
            Vec::new(),
        ] {
            assert!(!can_list(&other), "{}", String::from_utf8_lossy(&other));
        }
    }

    #[test]
    fn lists_are_written_as_git_prints_them_and_only_whole_ones() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let (head, tag) =
            (format!("{one} HEAD symref-target:refs/heads/main"), format!("{two} refs/tags/v1 peeled:{one}"));
        let whole = message(&[&head, &tag]);
        let printed = format!("{one}\tHEAD\n{two}\trefs/tags/v1\n{one}\trefs/tags/v1^{{}}\n");
        assert_eq!(as_git_prints(&whole), Some(printed));
        assert_eq!(as_git_prints(b"0000").as_deref(), Some(""), "an empty repository");
        for cut in [&whole[..whole.len() - 4], &whole[..60], b""] {
            assert_eq!(as_git_prints(cut), None, "{}", String::from_utf8_lossy(cut));
        }
    }

    #[test]
    fn names_and_beginnings_of_names_are_asked_for_and_everything_without_any() {
        let patterns = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let some = question_for(&patterns(&["refs/heads/main", "refs/tags/*"]));
        let lines =
            ["ref-prefix HEAD", "ref-prefix refs/heads/main", "ref-prefix refs/tags/"].map(packet).concat();
        assert_eq!(some, format!("0014command=ls-refs\n00010009peel\n{lines}0000"));
        assert_eq!(question_for(&patterns(&[])), "0014command=ls-refs\n00010009peel\n0000");
    }
}
