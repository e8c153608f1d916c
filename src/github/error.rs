//! What went wrong with a request, told apart by GitHub's words.
//!
//! One status stands for many things (405 on a merge: a conflict, a missing check, a base that just moved), so
//! the class comes from the message. The messages are those of GITHUB.md, section 3; whoever adds one adds
//! its test below.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

/// The request that an error is about: method and path, never a header or a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path below the base address, with its query.
    pub path: String,
}

impl Request {
    /// Whether the request cannot change anything.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A request that did not end in an answer we can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{request}: {class}")]
pub struct Error {
    /// What was asked.
    pub request: Request,
    /// What came of it.
    pub class: Class,
}

/// Whether a request that failed may have had its effect all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// GitHub refused it, or never received it.
    NotCarriedOut,
    /// The answer was lost or cannot be read: look at the world before acting again.
    Unknown,
}

/// What a failed request means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Class {
    /// 422 `A pull request already exists for …`.
    #[error("a pull request from this branch exists already")]
    PullExists,
    /// 422 `No commits between …`.
    #[error("the branch has no commit that its base lacks")]
    NoCommitsBetween,
    /// 422 with the field `head` or `base` of a pull request invalid. Also seen for a moment after a push.
    #[error("the pull request's {field} is not a branch that GitHub can see (yet)")]
    PullRefInvalid {
        /// `head` or `base`.
        field: String,
    },
    /// 422 `Reference already exists`.
    #[error("the reference exists already")]
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
    #[error("a release for this tag exists already")]
    ReleaseExists,
    /// 405 `Pull Request is not mergeable`: a conflict, a draft, or closed or merged already.
    #[error("the pull request cannot be merged: it conflicts, is a draft, or is closed")]
    NotMergeable,
    /// 405 `Base branch was modified`: somebody merged at the same moment; passes by itself.
    #[error("the base branch moved at the same moment")]
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
    /// 422 `Can not approve your own pull request`.
    #[error("one cannot approve one's own pull request")]
    SelfApproval,
    /// A temporary private fork refuses merges, comments and checks (`forbidden on workspace repositories`).
    #[error("GitHub does not allow this in a temporary private fork")]
    ForbiddenOnWorkspace,
    /// The hour's requests are used up.
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
    #[error("GitHub does not accept the token; give a valid one and resume")]
    Unauthorized,
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
    /// 5xx: GitHub had a fault; a write may have happened.
    #[error("GitHub had a fault (status {status})")]
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
    /// The connection broke, or the answer did not come in time.
    #[error("the connection failed before the answer came: {reason}")]
    Transport {
        /// Why.
        reason: String,
    },
    /// GitHub agreed, but its answer is not what its description says.
    #[error("the answer cannot be read: {reason}")]
    Malformed {
        /// Which field, and how.
        reason: String,
    },
    /// A status that has no meaning here.
    #[error("unexpected status {status}: {message}")]
    Unexpected {
        /// The status.
        status: u16,
        /// GitHub's sentence.
        message: String,
    },
    /// The permit says that the surface is private, and it is not. Nothing was sent.
    #[error("`{surface}` is public, and the act was permitted for a private surface only; nothing was sent")]
    NotPrivate {
        /// The repository or advisory.
        surface: String,
    },
}

fn after(wait: &Option<Duration>) -> String {
    wait.map(|wait| format!(" for {} s", wait.as_secs())).unwrap_or_default()
}

impl Error {
    /// Whether the request certainly had no effect. The engine looks before acting again when it is unknown.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self.class {
            _ if self.request.is_read() => Certainty::NotCarriedOut,
            Class::Server { .. }
            | Class::Transport { .. }
            | Class::Malformed { .. }
            | Class::Unexpected { .. } => Certainty::Unknown,
            _ => Certainty::NotCarriedOut,
        }
    }

    /// Whether waiting alone may help: a fault of the service or the connection, or a limit.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self.class,
            Class::Server { .. }
                | Class::Transport { .. }
                | Class::NoConnection { .. }
                | Class::RateLimited { .. }
                | Class::SecondaryLimit { .. }
                | Class::BaseModified
                | Class::PullRefInvalid { .. }
        )
    }
}

/// GitHub's error body; every part may be missing (a proxy answers with HTML).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    message: String,
    errors: Vec<serde_json::Value>,
}

/// One entry of `errors`; some endpoints put a string there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    resource: String,
    field: String,
    code: String,
    message: String,
}

impl Detail {
    fn read(value: &serde_json::Value) -> Detail {
        match value.as_str() {
            Some(text) => Detail { message: text.to_owned(), ..Detail::default() },
            None => Detail::deserialize(value).unwrap_or_default(),
        }
    }

    fn say(&self) -> String {
        match (self.message.is_empty(), self.field.is_empty()) {
            (false, _) => self.message.clone(),
            (true, false) => format!("{} {}", self.field, self.code),
            (true, true) => self.code.clone(),
        }
    }
}

/// The longest sentence of GitHub's that is kept.
const LONGEST: usize = 400;

/// The class of a refusal that is not a limit; limits need headers and are told apart in `retry`.
pub(super) fn classify(status: u16, body: &str) -> Class {
    let body: Body = serde_json::from_str(body).unwrap_or_default();
    let details: Vec<Detail> = body.errors.iter().map(Detail::read).collect();
    let said = details.iter().map(Detail::say).filter(|text| !text.is_empty());
    let mut message =
        std::iter::once(body.message).filter(|text| !text.is_empty()).chain(said).collect::<Vec<_>>();
    message.dedup();
    let message: String = message.join("; ").chars().take(LONGEST).collect();
    by_message(&message, &details).unwrap_or_else(|| by_status(status, message))
}

fn by_message(message: &str, details: &[Detail]) -> Option<Class> {
    let has = |text: &str| message.contains(text);
    let own = |class: fn(String) -> Class| Some(class(message.to_owned()));
    if has("A pull request already exists for") {
        Some(Class::PullExists)
    } else if has("No commits between") {
        Some(Class::NoCommitsBetween)
    } else if has("Reference already exists") {
        Some(Class::RefExists)
    } else if has("Reference does not exist") {
        Some(Class::RefMissing)
    } else if has("Update is not a fast forward") {
        Some(Class::NotFastForward)
    } else if has("Object does not exist") {
        Some(Class::UnknownObject)
    } else if has("forbidden on workspace repositories") {
        Some(Class::ForbiddenOnWorkspace)
    } else if has("Base branch was modified") {
        Some(Class::BaseModified)
    } else if has("Head branch was modified") {
        Some(Class::HeadModified)
    } else if has("Pull Request is not mergeable") {
        Some(Class::NotMergeable)
    } else if has("Required status check") || has("required status checks are expected") {
        own(|message| Class::ChecksExpected { message })
    } else if has("approving review") {
        own(|message| Class::ReviewRequired { message })
    } else if has("Repository rule violations found") {
        own(|message| Class::RuleViolation { message })
    } else if has("Can not approve your own pull request") {
        Some(Class::SelfApproval)
    } else {
        by_detail(details)
    }
}

fn by_detail(details: &[Detail]) -> Option<Class> {
    details.iter().find_map(|detail| {
        match (detail.resource.as_str(), detail.code.as_str(), detail.field.as_str()) {
            ("Release", "already_exists", _) => Some(Class::ReleaseExists),
            ("PullRequest", "invalid", field @ ("head" | "base")) => {
                Some(Class::PullRefInvalid { field: field.to_owned() })
            }
            _ => None,
        }
    })
}

fn by_status(status: u16, message: String) -> Class {
    match status {
        401 => Class::Unauthorized,
        403 => Class::Forbidden { message },
        404 | 410 => Class::NotFound,
        409 => Class::Conflict { message },
        400 | 422 => Class::Invalid { message },
        500.. => Class::Server { status },
        _ => Class::Unexpected { status, message },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn said(message: &str) -> String {
        serde_json::json!({"message": message, "documentation_url": "https://docs.github.com/rest"})
            .to_string()
    }

    #[rstest]
    #[case(422, "Reference already exists", Class::RefExists)]
    #[case(422, "Reference does not exist", Class::RefMissing)]
    #[case(422, "Update is not a fast forward", Class::NotFastForward)]
    #[case(422, "Object does not exist", Class::UnknownObject)]
    #[case(405, "Pull Request is not mergeable", Class::NotMergeable)]
    #[case(405, "Base branch was modified. Review and try the merge again.", Class::BaseModified)]
    #[case(409, "Head branch was modified. Review and try the merge again.", Class::HeadModified)]
    #[case(422, "Can not approve your own pull request", Class::SelfApproval)]
    #[case(403, "This action is forbidden on workspace repositories.", Class::ForbiddenOnWorkspace)]
    #[case(401, "Bad credentials", Class::Unauthorized)]
    #[case(404, "Not Found", Class::NotFound)]
    fn a_refusal_is_told_by_its_message(#[case] status: u16, #[case] message: &str, #[case] class: Class) {
        assert_eq!(classify(status, &said(message)), class);
    }

    #[test]
    fn the_same_status_means_many_things() {
        let message = "Required status check \"build\" is expected.".to_owned();
        assert_eq!(classify(405, &said(&message)), Class::ChecksExpected { message });
        let message = "At least 1 approving review is required by reviewers with write access.".to_owned();
        assert_eq!(classify(405, &said(&message)), Class::ReviewRequired { message });
    }

    #[test]
    fn bp_23_an_existing_pull_request_is_told_by_its_custom_error() {
        let body = r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom",
            "message":"A pull request already exists for brightwater:fix."}],"status":"422"}"#;
        assert_eq!(classify(422, body), Class::PullExists);
    }

    #[test]
    fn details_tell_an_existing_release_and_a_branch_not_yet_seen() {
        let release = r#"{"message":"Validation Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"}]}"#;
        assert_eq!(classify(422, release), Class::ReleaseExists);
        let head = r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","field":"head","code":"invalid"}]}"#;
        assert_eq!(classify(422, head), Class::PullRefInvalid { field: "head".into() });
    }

    #[test]
    fn errors_may_be_plain_strings_and_bodies_may_be_html() {
        let body =
            r#"{"message":"Unprocessable Entity","errors":["Review Can not approve your own pull request"]}"#;
        assert_eq!(classify(422, body), Class::SelfApproval);
        assert_eq!(classify(502, "<html>bad gateway</html>"), Class::Server { status: 502 });
    }

    #[test]
    fn only_a_lost_answer_to_a_write_is_uncertain() {
        let error = |method: &str, class| {
            Error { request: Request { method: method.into(), path: "/x".into() }, class }.certainty()
        };
        assert_eq!(error("POST", Class::Server { status: 502 }), Certainty::Unknown);
        assert_eq!(error("GET", Class::Server { status: 502 }), Certainty::NotCarriedOut);
        assert_eq!(error("POST", Class::PullExists), Certainty::NotCarriedOut);
        assert_eq!(error("PUT", Class::NoConnection { reason: String::new() }), Certainty::NotCarriedOut);
    }
}
