//! The class of a refusal, recognised by GitHub's words.
//!
//! One status stands for many things (405 on a merge: a conflict, a missing check, a base that just moved), so
//! the class comes from the message. Add a test below for each one that you add.

use serde::Deserialize;

use super::error::Class;

/// GitHub's error body. Every part may be missing: a proxy answers with HTML.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireErrorBody {
    message: String,
    errors: Vec<serde_json::Value>,
}

/// One entry of `errors`; some endpoints put a string there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireErrorDetail {
    resource: String,
    field: String,
    code: String,
    message: String,
}

impl WireErrorDetail {
    fn read(value: &serde_json::Value) -> WireErrorDetail {
        match value.as_str() {
            Some(text) => WireErrorDetail { message: text.to_owned(), ..WireErrorDetail::default() },
            None => WireErrorDetail::deserialize(value).unwrap_or_default(),
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

/// How much of GitHub's message is kept, in characters.
const LONGEST: usize = 400;

/// The class of a refusal that is not a rate limit; those need headers and are recognised in `retry`.
pub(super) fn classify(status: u16, body: &str) -> Class {
    let body: WireErrorBody = serde_json::from_str(body).unwrap_or_default();
    let details: Vec<WireErrorDetail> = body.errors.iter().map(WireErrorDetail::read).collect();
    let said = details.iter().map(WireErrorDetail::say).filter(|text| !text.is_empty());
    let mut message =
        std::iter::once(body.message).filter(|text| !text.is_empty()).chain(said).collect::<Vec<_>>();
    message.dedup();
    let message: String = message.join("; ").chars().take(LONGEST).collect();
    by_message(&message, &details).unwrap_or_else(|| by_status(status, message))
}

/// A pull request's end of which GitHub knows no commit yet. It names the missing one beside "No commits between".
fn is_unseen(details: &[WireErrorDetail]) -> bool {
    details.iter().any(|detail| matches!(detail.field.as_str(), "head_sha" | "base_sha"))
}

fn by_message(message: &str, details: &[WireErrorDetail]) -> Option<Class> {
    let has = |text: &str| message.contains(text);
    let own = |class: fn(String) -> Class| Some(class(message.to_owned()));
    if has("A pull request already exists for") {
        Some(Class::PullExists)
    } else if has("No commits between") && is_unseen(details) {
        Some(Class::PullRefInvalid { field: "head_sha".to_owned() })
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
        own(|message| Class::ForbiddenOnWorkspace { message })
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
    } else if has("was used by an immutable release") {
        Some(Class::BurntTag)
    } else if has("immutable release") {
        own(|message| Class::ImmutableRelease { message })
    } else if has("Repository rule violation") {
        own(|message| Class::RuleViolation { message })
    } else if has("Can not approve your own pull request") {
        Some(Class::SelfApproval)
    } else {
        by_detail(details)
    }
}

fn by_detail(details: &[WireErrorDetail]) -> Option<Class> {
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
        405 => Class::NotAllowed { message },
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
    #[case(
        403,
        "This action is forbidden on workspace repositories.",
        Class::ForbiddenOnWorkspace { message: "This action is forbidden on workspace repositories.".into() }
    )]
    #[case(401, "Bad credentials", Class::Unauthorized)]
    #[case(404, "Not Found", Class::NotFound)]
    fn refusal_is_recognised_by_its_message(
        #[case] status: u16,
        #[case] message: &str,
        #[case] class: Class,
    ) {
        assert_eq!(classify(status, &said(message)), class);
    }

    #[test]
    fn same_status_means_many_things() {
        let message = "Required status check \"build\" is expected.".to_owned();
        assert_eq!(classify(405, &said(&message)), Class::ChecksExpected { message });
        let message = "At least 1 approving review is required by reviewers with write access.".to_owned();
        assert_eq!(classify(405, &said(&message)), Class::ReviewRequired { message });
        let message = "Waiting on code owner review from brightwater/core.".to_owned();
        assert_eq!(classify(405, &said(&message)), Class::NotAllowed { message });
    }

    #[test]
    fn bp_23_existing_pull_request_is_recognised_by_its_custom_error() {
        let body = r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom",
            "message":"A pull request already exists for brightwater:fix."}],"status":"422"}"#;
        assert_eq!(classify(422, body), Class::PullExists);
    }

    #[test]
    fn tag_of_an_immutable_release_that_was_deleted_is_recognised_among_what_else_is_said() {
        let body = r#"{"message":"Validation Failed","errors":[
            {"resource":"Release","code":"custom","field":"pre_receive",
             "message":"pre_receive Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"},
            {"resource":"Release","code":"custom","field":"tag_name","message":"tag_name was used by an immutable release"},
            {"resource":"Release","code":"custom","message":"Published releases must have a valid tag"}]}"#;
        assert_eq!(classify(422, body), Class::BurntTag);
        let message = "Cannot upload assets to an immutable release.".to_owned();
        assert_eq!(classify(422, &said(&message)), Class::ImmutableRelease { message });
    }

    #[test]
    fn details_identify_an_existing_release_and_a_branch_not_seen_yet() {
        let release = r#"{"message":"Validation Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"}]}"#;
        assert_eq!(classify(422, release), Class::ReleaseExists);
        let head = r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","field":"head","code":"invalid"}]}"#;
        assert_eq!(classify(422, head), Class::PullRefInvalid { field: "head".into() });
        let nothing =
            r#"{"resource":"PullRequest","code":"custom","message":"No commits between main and fix"}"#;
        let said = |errors: &str| format!(r#"{{"message":"Validation Failed","errors":[{errors}]}}"#);
        assert_eq!(classify(422, &said(nothing)), Class::NoCommitsBetween);
        // Of a head that it does not see yet, GitHub says both.
        let unseen = r#"{"resource":"PullRequest","code":"missing_field","field":"head_sha"}"#;
        let both = said(&format!("{unseen},{nothing}"));
        assert_eq!(classify(422, &both), Class::PullRefInvalid { field: "head_sha".into() });
    }

    #[test]
    fn errors_may_be_plain_strings_and_bodies_may_be_html() {
        let body =
            r#"{"message":"Unprocessable Entity","errors":["Review Can not approve your own pull request"]}"#;
        assert_eq!(classify(422, body), Class::SelfApproval);
        assert_eq!(classify(502, "<html>bad gateway</html>"), Class::Server { status: 502 });
    }
}
