//! What GitHub takes as the texts of an advisory (REST API, "Repository security advisories": `summary` up to 1024
//! characters, `description` up to 65535).

/// The longest summary, in characters.
const SUMMARY: usize = 1024;
/// The longest description, in characters.
const DESCRIPTION: usize = 65_535;

/// Why a text cannot be published, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnusableText {
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

/// Refuses a summary that is empty, longer than GitHub takes, or more than a line: it is the subject of mails and the
/// title of entries.
pub(super) fn check_summary(text: &str) -> Result<(), UnusableText> {
    if text.trim().chars().any(char::is_control) {
        return Err(unusable(
            "is more than one line".to_owned(),
            "say it in one line; the rest belongs in `description`",
        ));
    }
    check(text, SUMMARY)
}

/// Refuses a description that is empty or longer than GitHub takes.
pub(super) fn check_description(text: &str) -> Result<(), UnusableText> {
    check(text, DESCRIPTION)
}

/// What the advisory says in public is written by its maintainers: an empty text would publish the reporter's.
fn check(text: &str, limit: usize) -> Result<(), UnusableText> {
    let length = text.chars().count();
    match () {
        () if text.trim().is_empty() => Err(unusable(
            "is empty".to_owned(),
            "write what users are to read; what the reporter wrote is never published as it came",
        )),
        () if length > limit => Err(unusable(
            format!("has {length} characters; GitHub takes {limit}"),
            "shorten it, or publish the rest on a page of your own",
        )),
        () => Ok(()),
    }
}

fn unusable(message: String, remedy: &'static str) -> UnusableText {
    UnusableText { message, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_up_to_the_last_character_that_github_takes() {
        assert_eq!(check_summary(&"ä".repeat(SUMMARY)), Ok(()));
        let long = check_summary(&"a".repeat(SUMMARY + 1)).unwrap_err();
        assert_eq!(long.message, "has 1025 characters; GitHub takes 1024");
        assert_eq!(check_description(&"a\n".repeat(DESCRIPTION / 2)), Ok(()));
        assert!(check_description(&"a".repeat(DESCRIPTION + 1)).is_err());
    }

    #[test]
    fn summary_is_one_line_and_no_text_is_empty() {
        assert_eq!(check_summary("Depth\nis not bounded").unwrap_err().message, "is more than one line");
        assert_eq!(check_summary("Depth is not bounded\n"), Ok(()));
        assert_eq!(check_summary(" ").unwrap_err().message, "is empty");
        assert_eq!(check_description("\n").unwrap_err().message, "is empty");
    }
}
