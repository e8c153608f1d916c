//! What goes wrong between here and a remote.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::failure::{Effect, Persistence, RetryAfter, ServiceError};
use crate::git::error::INSTALL_GIT;
use crate::token::TokenError;

/// How long a limit is waited for at least, where nobody says how long (GitHub's documentation: "at least one minute").
const LIMIT_FLOOR: Duration = Duration::from_secs(60);

/// Why a remote refused one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It is not where it was expected; somebody else moved, made or deleted it.
    Stale,
    /// Another push wrote there at the same time. It may have been this one: git sends a push again when its connection ends
    /// without an answer, and the second one meets what the first one wrote.
    Overtaken,
    /// A rule protects the branch.
    Protected,
    /// A hook of the remote declined it.
    Hook,
    /// The remote failed at it, or did not say what became of it: GitHub does so in outages.
    Fault,
    /// Another reason, which the message tells.
    Other,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rejection::Stale => "it is not where it was expected to be",
            Rejection::Overtaken => "another push wrote there at the same time",
            Rejection::Protected => "the branch is protected",
            Rejection::Hook => "a hook of the remote declined it",
            Rejection::Fault => "the remote failed, and does not say what became of it",
            Rejection::Other => "the remote refused it",
        })
    }
}

/// A transfer that did not happen as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// There is no `git` program.
    #[error("failed to start `git`")]
    NoGit(#[source] Arc<std::io::Error>),
    /// A reference was refused. Pushes are atomic: none of the others was written either.
    #[error("push to `{remote}`: `{name}` was rejected{}: {reason}{}", nothing_else(*reason), quoted(said))]
    Rejected {
        /// The remote's address.
        remote: String,
        /// The first reference that was refused.
        name: String,
        /// Why.
        reason: Rejection,
        /// What the remote said.
        said: String,
    },
    /// The new commit does not contain the old one, which was asked for.
    #[error("push to `{remote}`: `{name}` would not be a fast-forward; nothing was pushed")]
    NotFastForward {
        /// The remote's address.
        remote: String,
        /// The reference.
        name: String,
    },
    /// The remote does not accept our credentials, or they do not suffice.
    #[error("`{remote}` does not accept the credentials{}", quoted(said))]
    AuthFailed {
        /// The remote's address.
        remote: String,
        /// What git said.
        said: String,
    },
    /// It wants to be asked less often. Nothing was carried out.
    #[error("`{remote}` limits how often it is asked{}{}", until(*retry_after), quoted(said))]
    Limited {
        /// The remote's address.
        remote: String,
        /// For how long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
        /// What git said.
        said: String,
    },
    /// An App's token cannot be made.
    #[error("there is no token for `{remote}`; nothing was sent")]
    NoToken {
        /// The remote's address.
        remote: String,
        /// Why.
        source: TokenError,
    },
    /// There is no repository, or these credentials cannot see it.
    #[error("`{remote}` is not found, or not visible with these credentials")]
    NotFound {
        /// The remote's address.
        remote: String,
    },
    /// No connection, a broken one, or a fault of the server.
    #[error("`{remote}` cannot be reached{}{}", ended(*code), quoted(said))]
    Unreachable {
        /// The remote's address.
        remote: String,
        /// git's exit code; `None` when a signal ended it.
        code: Option<i32>,
        /// What git said.
        said: String,
    },
    /// What answered is no git server, or not whole: a proxy, a page, an answer that was cut. It says nothing about the
    /// repository.
    #[error("`{remote}` did not answer as a git server does{}", quoted(said))]
    Garbled {
        /// The remote's address.
        remote: String,
        /// What git said.
        said: String,
    },
    /// The repository there lacks objects that its own references need, as a partial clone does. Nothing has to be awaited.
    #[error("`{remote}` lacks objects that its own references need{}", quoted(said))]
    Incomplete {
        /// The remote's address.
        remote: String,
        /// What git said.
        said: String,
    },
    /// git took too long and was stopped.
    #[error("`{remote}` did not finish within {} s", limit.as_secs())]
    TimedOut {
        /// The remote's address.
        remote: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The server redirects to another place. It is not followed: the credentials are for this one.
    #[error(
        "`{remote}` is elsewhere now{}; redirects are not followed, so that credentials stay with their host",
        place(to.as_deref())
    )]
    Moved {
        /// The remote's address.
        remote: String,
        /// Where it redirects to, if it says so.
        to: Option<String>,
    },
    /// git's configuration would send this somewhere else.
    #[error(
        "git is configured (`{setting}`) to use another address in place of `{remote}`; nothing was sent"
    )]
    Redirected {
        /// The remote's address.
        remote: String,
        /// The name of the setting.
        setting: String,
    },
    /// A name that git would take for something else.
    #[error("`{name}` is not a full reference name")]
    InvalidRef {
        /// The name.
        name: String,
    },
    /// The backup's place is taken.
    #[error("`{}` exists already; a backup never overwrites", path.display())]
    BackupExists {
        /// The place.
        path: PathBuf,
    },
    /// A file of the backup cannot be written.
    #[error("failed to keep the backup in `{}`", path.display())]
    Backup {
        /// The place.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// git's answer is not what it is known to say.
    #[error("git's answer about `{remote}` cannot be read: `{line}`")]
    Unreadable {
        /// The remote's address.
        remote: String,
        /// The line.
        line: String,
    },
    /// git failed for another reason.
    #[error("git failed with `{remote}`{}{}", ended(*code), quoted(said))]
    Failed {
        /// The remote's address.
        remote: String,
        /// git's exit code; `None` when a signal ended it.
        code: Option<i32>,
        /// What git said.
        said: String,
    },
}

fn ended(code: Option<i32>) -> String {
    code.map_or_else(|| " (git was killed)".to_owned(), |code| format!(" (git's exit code {code})"))
}

fn nothing_else(reason: Rejection) -> &'static str {
    if reason == Rejection::Fault { "" } else { ", and nothing was pushed" }
}

fn until(retry_after: Option<Duration>) -> String {
    retry_after
        .map(|pause| format!(", and wants to be left alone for {} s", pause.as_secs()))
        .unwrap_or_default()
}

fn place(to: Option<&str>) -> String {
    to.map(|to| format!(": the server redirects to `{to}`")).unwrap_or_default()
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl ServiceError for TransportError {
    /// Whether a push that failed so may have been received all the same: look before acting again. The error does not
    /// know whether it was a push: the caller knows when it only read.
    fn effect(&self) -> Effect {
        match self {
            TransportError::Unreachable { .. }
            | TransportError::TimedOut { .. }
            | TransportError::Garbled { .. }
            | TransportError::Failed { .. }
            | TransportError::Unreadable { .. }
            | TransportError::Rejected { reason: Rejection::Fault, .. } => Effect::Unknown,
            _ => Effect::None,
        }
    }

    fn persistence(&self) -> Persistence {
        match self {
            // A fork that was made a moment ago is not always found, and nothing else is in an outage.
            TransportError::Unreachable { .. }
            | TransportError::TimedOut { .. }
            | TransportError::Garbled { .. }
            | TransportError::NotFound { .. } => Persistence::TRANSIENT,
            TransportError::NoToken { source, .. } if source.is_transient => Persistence::TRANSIENT,
            // A look settles it.
            TransportError::Rejected { reason: Rejection::Overtaken | Rejection::Fault, .. } => {
                Persistence::TRANSIENT
            }
            TransportError::Limited { retry_after, .. } => Persistence::Transient {
                retry_after: Some(RetryAfter::In(retry_after.unwrap_or(LIMIT_FLOOR))),
            },
            _ => Persistence::Permanent,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            TransportError::NoGit(_) => Some(INSTALL_GIT),
            TransportError::Rejected { reason: Rejection::Stale, .. } => {
                Some("somebody else wrote there: look at the remote; it is read again on resuming")
            }
            TransportError::Rejected { reason: Rejection::Protected, .. } => Some(
                "push to another branch and open a pull request, or let the token's account bypass the rule",
            ),
            TransportError::NoToken { .. } => {
                Some("check the App's number, its installation and its private key")
            }
            TransportError::AuthFailed { .. } => {
                Some("give a token that may write there (classic: `repo`, `workflow`)")
            }
            TransportError::Limited { .. } => Some("wait: it is asked again by itself"),
            TransportError::NotFound { .. } => {
                Some("check the name, and that the token's account can see it")
            }
            TransportError::Unreachable { .. } | TransportError::TimedOut { .. } => {
                Some("wait for the connection or the service to come back")
            }
            TransportError::Garbled { .. } => {
                Some("see what stands between here and the server: a proxy, a login page, or an outage")
            }
            TransportError::Moved { .. } => {
                Some("if that is the same repository under its new name or host, write that into the catalog")
            }
            TransportError::Incomplete { .. } => Some(
                "complete that repository: `git fsck` there names what is missing, and `git fetch --refetch` completes a partial clone",
            ),
            TransportError::Redirected { .. } => {
                Some("remove that setting, or give the address it stands for")
            }
            TransportError::BackupExists { .. } => Some("move the earlier backup away"),
            _ => None,
        }
    }
}
