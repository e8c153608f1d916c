//! What went wrong with a request, and whether it may have taken effect all the same.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::failure::{Effect, Persistence, RetryAfter, ServiceError};

/// The request that an error is about: method and path, never a header or a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …; `QUERY` for a GraphQL query, which is a `POST` that changes nothing.
    pub method: String,
    /// The path below the base address, with its query.
    pub path: String,
}

impl Request {
    /// Whether the request cannot change anything.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "QUERY")
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A request without a usable response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{request}: {class}")]
pub struct GitHubError {
    /// The request.
    pub request: Request,
    /// What it means.
    pub class: Class,
}

/// What a failed request means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Class {
    /// 422 `A pull request already exists for …`.
    #[error("a pull request from this branch already exists")]
    PullExists,
    /// 422 `No commits between …`.
    #[error("the branch has no commits that its base does not have")]
    NoCommitsBetween,
    /// 422 with the field `head` or `base` of a pull request invalid. Also seen for a moment after a push.
    #[error("the pull request's {field} is not a branch that GitHub can see (yet)")]
    PullRefInvalid {
        /// `head` or `base`.
        field: String,
    },
    /// 422 `Reference already exists`.
    #[error("the reference already exists")]
    RefExists,
    /// 422 `Reference does not exist`.
    #[error("the reference does not exist")]
    RefMissing,
    /// 422 `Update is not a fast forward`.
    #[error("the update is not a fast-forward")]
    NotFastForward,
    /// 422 `Object does not exist`: the repository lacks the commit.
    #[error("the repository does not have the commit")]
    UnknownObject,
    /// 422 `already_exists` of a release's tag.
    #[error("a release for this tag already exists")]
    ReleaseExists,
    /// 422 `tag_name was used by an immutable release`: GitHub gives the tag to no other release, for ever.
    #[error("an immutable release that was deleted had this tag, and no other can have it")]
    BurntTag,
    /// 422 for what an immutable release has: its tag and its files.
    #[error("the release is immutable: {message}")]
    ImmutableRelease {
        /// GitHub's sentence.
        message: String,
    },
    /// 405 `Pull Request is not mergeable`: a conflict, a draft, or closed or merged already.
    #[error("the pull request cannot be merged: it conflicts, is a draft, or is closed")]
    NotMergeable,
    /// 405 `Base branch was modified`: somebody merged at the same time; it passes.
    #[error("the base branch moved at the same time")]
    BaseModified,
    /// 409 `Head branch was modified`: the pull request no longer ends in the commit that was named.
    #[error("the pull request's branch no longer ends in the expected commit")]
    HeadModified,
    /// 405 `Required status check "…" is expected`.
    #[error("required checks are missing: {message}")]
    ChecksExpected {
        /// GitHub's sentence, which names the check or their number.
        message: String,
    },
    /// 405 `At least 1 approving review is required …`.
    #[error("a review is required: {message}")]
    ReviewRequired {
        /// GitHub's sentence.
        message: String,
    },
    /// `Repository rule violations found`: a ruleset refuses.
    #[error("a ruleset of the repository refuses: {message}")]
    RuleViolation {
        /// GitHub's sentence.
        message: String,
    },
    /// 405 for another reason, such as `Waiting on code owner review from …`; GitHub adds new ones.
    #[error("GitHub does not allow it: {message}")]
    NotAllowed {
        /// GitHub's sentence.
        message: String,
    },
    /// 422 `Can not approve your own pull request`.
    #[error("authors cannot approve their own pull requests")]
    SelfApproval,
    /// A temporary private fork refuses merges, comments and checks (`forbidden on workspace repositories`).
    #[error("GitHub does not allow this where temporary private forks are concerned: {message}")]
    ForbiddenOnWorkspace {
        /// GitHub's sentence.
        message: String,
    },
    /// The requests of this hour are used up.
    #[error("GitHub's request limit is used up until {until}")]
    RateLimited {
        /// When requests are accepted again.
        until: Timestamp,
    },
    /// Too many requests in a short time.
    #[error("GitHub asks to slow down{}", after(retry_after))]
    SecondaryLimit {
        /// How long GitHub asks to wait; `None` when it does not say.
        retry_after: Option<Duration>,
    },
    /// 401: the token is missing, wrong or expired.
    #[error("GitHub does not accept the token")]
    Unauthorized,
    /// An App's token cannot be made. Nothing was sent.
    #[error("there is no token: {reason}")]
    NoToken {
        /// Why.
        reason: String,
    },
    /// 403 with `X-GitHub-SSO`: the organisation wants the token authorised for its single sign-on.
    #[error("the organisation requires single sign-on, and the token is not authorised for it: {url}")]
    SingleSignOn {
        /// The page on which it is authorised.
        url: String,
    },
    /// 404. For a private repository also what a token without access sees.
    #[error("not found, or not visible to this token")]
    NotFound,
    /// 403 for another reason.
    #[error("forbidden: {message}")]
    Forbidden {
        /// GitHub's sentence.
        message: String,
    },
    /// 409 for another reason, such as an empty repository.
    #[error("conflict: {message}")]
    Conflict {
        /// GitHub's sentence.
        message: String,
    },
    /// 400 or 422 for another reason.
    #[error("GitHub refuses the request: {message}")]
    Invalid {
        /// GitHub's sentence, with the fields it complains about.
        message: String,
    },
    /// 5xx: GitHub failed; a write may have happened.
    #[error("GitHub failed with status {status}")]
    Server {
        /// The status.
        status: u16,
    },
    /// No connection was made; nothing was sent.
    #[error("no connection: {reason}")]
    NoConnection {
        /// Why.
        reason: String,
    },
    /// The connection broke, or the response did not arrive in time.
    #[error("the connection failed before the response arrived: {reason}")]
    Transport {
        /// Why.
        reason: String,
    },
    /// A redirect that is not followed: of a write, or to another host.
    #[error("it is elsewhere now: GitHub redirects to `{to}`, and that was not followed")]
    Moved {
        /// Where to.
        to: String,
    },
    /// A page for people where data was asked for: of a proxy, a login, a status page. It answers nothing, whatever its
    /// status.
    #[error("a page for people came with status {status} in place of an answer")]
    Page {
        /// The status.
        status: u16,
    },
    /// GitHub agreed, and its response ends in the middle, as if that were all of it.
    #[error("the response ends too early: {reason}")]
    CutShort {
        /// Where.
        reason: String,
    },
    /// GitHub agreed, but its response is not what its documentation says.
    #[error("the response cannot be read: {reason}")]
    Malformed {
        /// Which field, and how.
        reason: String,
    },
    /// A status without a meaning here.
    #[error("unexpected status {status}: {message}")]
    Unexpected {
        /// The status.
        status: u16,
        /// GitHub's sentence.
        message: String,
    },
    /// The permit is for private surfaces, and this one is public. Nothing was sent.
    #[error(
        "`{surface}` is public, but this write was permitted for a private surface only; nothing was sent"
    )]
    NotPrivate {
        /// The repository or advisory.
        surface: String,
    },
}

fn after(wait: &Option<Duration>) -> String {
    wait.map(|wait| format!(" for {} s", wait.as_secs())).unwrap_or_default()
}

impl ServiceError for GitHubError {
    /// A write is uncertain only when its answer was lost or cannot be read; what GitHub refused, or never received,
    /// certainly did not happen.
    fn effect(&self) -> Effect {
        match self.class {
            _ if self.request.is_read() => Effect::None,
            Class::Server { .. }
            | Class::Transport { .. }
            | Class::CutShort { .. }
            | Class::Page { .. }
            | Class::Malformed { .. }
            | Class::Unexpected { .. } => Effect::Unknown,
            _ => Effect::None,
        }
    }

    fn persistence(&self) -> Persistence {
        match self.class {
            Class::RateLimited { until } => {
                Persistence::Transient { retry_after: Some(RetryAfter::At(until)) }
            }
            Class::SecondaryLimit { retry_after } => {
                Persistence::Transient { retry_after: retry_after.map(RetryAfter::In) }
            }
            // A branch that was pushed a moment ago is not always seen at once by the part that makes pull requests. What
            // exists already and is in no list yet will be: it is adopted then. And what was made a moment ago, or was there when the
            // plan was made, is not always found.
            Class::Server { .. }
            | Class::Transport { .. }
            | Class::CutShort { .. }
            | Class::Page { .. }
            | Class::NoConnection { .. }
            | Class::BaseModified
            | Class::PullExists
            | Class::ReleaseExists
            | Class::NotFound
            | Class::PullRefInvalid { .. } => Persistence::TRANSIENT,
            _ => Persistence::Permanent,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self.class {
            Class::Unauthorized => {
                Some("give a valid token in GH_TOKEN or GITHUB_TOKEN, or log in with `gh auth login`")
            }
            Class::NoToken { .. } => Some("check the App's number, its installation and its private key"),
            Class::Forbidden { .. } => Some("give a token whose account may do this"),
            Class::SingleSignOn { .. } => Some("open that page, authorise the token, and try again"),
            Class::NotFound => Some("check the name, and that the token's account can see it"),
            Class::RuleViolation { .. } => Some("satisfy the rule, or let an administrator bypass it"),
            Class::Moved { .. } => {
                Some("if that is the repository under its new name, write that into the catalog")
            }
            Class::Page { .. } => {
                Some("see what stands between here and GitHub: a proxy, a login page, or an outage")
            }
            Class::Server { .. }
            | Class::Transport { .. }
            | Class::CutShort { .. }
            | Class::NoConnection { .. } => {
                Some("wait until GitHub answers again; its status page says what is wrong there")
            }
            Class::RateLimited { .. } | Class::SecondaryLimit { .. } => {
                Some("wait until GitHub accepts requests again, or give the token of another account")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(method: &str, class: Class) -> GitHubError {
        GitHubError { request: Request { method: method.into(), path: "/x".into() }, class }
    }

    #[test]
    fn only_a_lost_answer_to_a_write_is_uncertain() {
        let effect = |method: &str, class| error(method, class).effect();
        assert_eq!(effect("POST", Class::Server { status: 502 }), Effect::Unknown);
        assert_eq!(effect("GET", Class::Server { status: 502 }), Effect::None);
        assert_eq!(effect("POST", Class::PullExists), Effect::None);
        assert_eq!(effect("PUT", Class::NoConnection { reason: String::new() }), Effect::None);
    }

    #[test]
    fn faults_and_limits_are_transient_and_refusals_are_not() {
        let persistence = |class| error("PUT", class).persistence();
        assert_eq!(persistence(Class::Server { status: 502 }), Persistence::TRANSIENT);
        assert_eq!(persistence(Class::BaseModified), Persistence::TRANSIENT);
        assert_eq!(persistence(Class::NotFound), Persistence::TRANSIENT);
        let until = "2026-03-02T10:00:00Z".parse().unwrap();
        let limited = Persistence::Transient { retry_after: Some(RetryAfter::At(until)) };
        assert_eq!(persistence(Class::RateLimited { until }), limited);
        for refused in [Class::Unauthorized, Class::NotMergeable, Class::HeadModified] {
            assert_eq!(persistence(refused.clone()), Persistence::Permanent, "{refused}");
        }
    }
}
