//! One run of `git`, in an environment of our own making.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;

use super::error::TransportError;
use super::headers::Headers;
use super::silence;
use crate::programs;

/// What git may keep of our environment: where things are, proxies, certificates, the SSH agent. Tokens of ours
/// (`GH_TOKEN`, …) and everything that points git at a repository (`GIT_DIR`, …) stay behind.
const KEPT: [&str; 22] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "SSH_AUTH_SOCK",
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "GIT_EXEC_PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
];

/// Settings for every run: no hooks, nothing pushed or fetched beside what was asked, nothing left running.
const SETTINGS: [(&str, &str); 12] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("protocol.version", "2"),
    ("push.followTags", "false"),
    ("push.gpgSign", "false"),
    ("push.recurseSubmodules", "no"),
    ("fetch.recurseSubmodules", "no"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("advice.detachedHead", "false"),
    // The token would go along, and what comes from there would be built on.
    ("http.followRedirects", "false"),
    // Slower than this is silent: git itself says something every five seconds while it works.
    ("http.lowSpeedLimit", "1"),
];

/// How long a run of git may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// All of it.
    pub(super) whole: Duration,
    /// The longest time in which nothing comes.
    pub(super) silence: Duration,
}

/// What identifies one run of git to a remote.
#[derive(Debug, Clone)]
pub(super) enum Credentials {
    /// A token for everything below this address.
    Token { base: String, token: SecretString },
    /// Whatever the user's git has: helpers, an SSH agent, nothing.
    Users,
}

/// How a run ended.
pub(super) struct GitExit {
    /// `None` when a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    /// Without anything of the token.
    pub(super) stderr: String,
    /// The headers of all that servers answered.
    pub(super) headers: Headers,
}

impl GitExit {
    pub(super) fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// The same without anything of the token.
    pub(super) fn hiding(self, credentials: &Credentials) -> GitExit {
        let (stdout, stderr) = (credentials.hide(&self.stdout), credentials.hide(&self.stderr));
        GitExit { stdout, stderr, ..self }
    }
}

/// Runs `git` in `directory`.
pub(super) async fn git(
    directory: &Path,
    credentials: &Credentials,
    remote: &str,
    limits: Limits,
    arguments: &[OsString],
) -> Result<GitExit, TransportError> {
    run(prepared(directory, credentials, limits, arguments), credentials, remote, limits).await
}

/// Runs `git` in `directory` without the user's settings: what it makes does not hang on who made it.
pub(super) async fn alone(
    directory: &Path,
    limits: Limits,
    arguments: &[OsString],
    remote: &str,
) -> Result<GitExit, TransportError> {
    let mut command = prepared(directory, &Credentials::Users, limits, arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    run(command, &Credentials::Users, remote, limits).await
}

fn prepared(directory: &Path, credentials: &Credentials, limits: Limits, arguments: &[OsString]) -> Command {
    let mut command = Command::new(programs::git());
    command
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    environment(&mut command, directory, credentials, limits);
    command
}

async fn run(
    mut command: Command,
    credentials: &Credentials,
    remote: &str,
    limits: Limits,
) -> Result<GitExit, TransportError> {
    let child = command.spawn().map_err(not_started)?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    // curl says more of a transfer that stands still, and comes first where it can.
    let silent = limits.silence * 2;
    let falls_silent = async {
        match group {
            Some(group) => silence::falls(group, silent).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        output = child.wait_with_output() => Ok(output),
        () = tokio::time::sleep(limits.whole) => Err(limits.whole),
        () = falls_silent => Err(silent),
    };
    let output = match ended {
        Ok(output) => output,
        Err(limit) => {
            // git's helpers (git-remote-https) are in its process group.
            if let Some(group) = group {
                let _ = killpg(group, Signal::SIGKILL);
            }
            return Err(TransportError::TimedOut { remote: remote.to_owned(), limit });
        }
    };
    let output = output.map_err(not_started)?;
    let text = |bytes: &[u8]| credentials.hide(&String::from_utf8_lossy(bytes));
    let (stderr, headers) = Headers::apart(&text(&output.stderr));
    Ok(GitExit { code: output.status.code(), stdout: text(&output.stdout), stderr, headers })
}

fn not_started(error: std::io::Error) -> TransportError {
    TransportError::NoGit(Arc::new(error))
}

fn environment(command: &mut Command, directory: &Path, credentials: &Credentials, limits: Limits) {
    command.env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    // git tells no more of a refusal than its status: why, and until when, stands in the headers. It takes credentials out of its
    // trace; so does `hide`. The trace goes where the words go, and never into a file.
    command.env("GIT_TRACE_CURL", "1").env("GIT_TRACE_CURL_NO_DATA", "1");
    // Our repositories are fetched whole. What is missing is an error, never a download on the side.
    command.env("GIT_NO_LAZY_FETCH", "1");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
        let alive = limits.silence.as_secs().div_ceil(4).max(1);
        let ssh = format!(
            "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval={alive} -oServerAliveCountMax=4"
        );
        command.env("GIT_SSH_COMMAND", ssh);
    }
    let mut settings =
        if matches!(credentials, Credentials::Users) { users_settings(command) } else { Vec::new() };
    settings.extend(SETTINGS.iter().map(|(key, value)| ((*key).to_owned(), OsString::from(value))));
    let silence = limits.silence.as_secs().max(1).to_string();
    settings.push(("http.lowSpeedTime".to_owned(), OsString::from(silence)));
    // A store may be kept on a volume of another user.
    settings.push(("safe.directory".to_owned(), directory.as_os_str().to_owned()));
    if let Credentials::Token { base, .. } = credentials {
        // With a token of ours the user's settings could only send it elsewhere.
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("HOME");
        settings.push(("credential.helper".to_owned(), OsString::new()));
        if let Some(value) = credentials.authorization() {
            let header = format!("Authorization: {value}");
            settings.push((format!("http.{base}.extraHeader"), OsString::from(header)));
        }
    }
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (index, (key, value)) in settings.into_iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{index}"), key).env(format!("GIT_CONFIG_VALUE_{index}"), value);
    }
}

/// The user's settings that are not in the usual files: other files, and what the environment sets. Ours come after
/// them, and hold.
fn users_settings(command: &mut Command) -> Vec<(String, OsString)> {
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let count = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
    let pair = |index: usize| {
        let key = std::env::var(format!("GIT_CONFIG_KEY_{index}")).ok()?;
        Some((key, std::env::var_os(format!("GIT_CONFIG_VALUE_{index}"))?))
    };
    (0..count).filter_map(pair).collect()
}

impl Credentials {
    /// GitHub takes any user name with a personal token, and asks for this one with an App's.
    fn encoded(&self) -> Option<String> {
        match self {
            Credentials::Token { token, .. } if !token.expose_secret().is_empty() => {
                Some(BASE64_STANDARD.encode(format!("x-access-token:{}", token.expose_secret())))
            }
            _ => None,
        }
    }

    /// What the header `Authorization` says; `None` without a token.
    pub(super) fn authorization(&self) -> Option<String> {
        self.encoded().map(|encoded| format!("Basic {encoded}"))
    }

    /// The text without the token, in whichever form.
    fn hide(&self, text: &str) -> String {
        match (self, self.encoded()) {
            (Credentials::Token { token, .. }, Some(encoded)) => {
                text.replace(token.expose_secret(), "[token]").replace(&encoded, "[token]")
            }
            _ => text.to_owned(),
        }
    }
}
