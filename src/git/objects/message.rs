//! Commit messages: the trailer that a pick leaves, and what earlier ones say.

use std::sync::LazyLock;

use regex::Regex;

use super::signature::Signature;
use crate::ids::CommitId;

/// What `git cherry-pick -x` writes before the id.
const PICKED: &str = "(cherry picked from commit ";

/// The commits that a message says it was picked from, in order.
#[must_use]
pub fn picked_from(message: &str) -> Vec<CommitId> {
    let ids = message.lines().filter_map(|line| line.trim().strip_prefix(PICKED)?.strip_suffix(')'));
    ids.filter_map(|id| id.trim().parse().ok()).collect()
}

/// The commits that a message says it reverts, as `git revert` writes it.
#[must_use]
pub fn reverts(message: &str) -> Vec<CommitId> {
    let sentence = "This reverts commit ";
    let ids = message.lines().filter_map(|line| line.trim().strip_prefix(sentence)?.get(..40));
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// The message of a pick: the original's, with the trailer after its own trailers, or in a paragraph of its own
/// (as `git cherry-pick -x` does). The trailer is not repeated if it is the last already.
#[must_use]
pub fn with_trailer(message: &str, fix: &CommitId) -> String {
    let trailer = format!("{PICKED}{fix})");
    let body = message.trim_end();
    if body.lines().last().is_some_and(|line| line.trim() == trailer) {
        return format!("{body}\n");
    }
    if body.is_empty() {
        return format!("{trailer}\n");
    }
    let separator = if ends_in_trailers(body) { "\n" } else { "\n\n" };
    format!("{body}{separator}{trailer}\n")
}

/// The message with the `Signed-off-by` of a person after its trailers, as `git commit --signoff` writes it; it is not
/// repeated in them. The message may be in any encoding.
#[must_use]
pub fn with_sign_off(message: Vec<u8>, who: &Signature) -> Vec<u8> {
    let line = format!("Signed-off-by: {} <{}>", who.name.trim(), who.email.trim());
    let body = message.trim_ascii_end();
    let text = String::from_utf8_lossy(body);
    let in_trailers = ends_in_trailers(&text);
    let last = text.rsplit_once("\n\n").map_or("", |(_, last)| last);
    if in_trailers && last.lines().any(|trailer| trailer == line) {
        return message;
    }
    let separator: &[u8] = if in_trailers { b"\n" } else { b"\n\n" };
    [body, separator, line.as_bytes(), b"\n"].concat()
}

static TRAILER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9][A-Za-z0-9-]*[ \t]*:").ok());

/// Whether the last paragraph is a block of trailers (`git interpret-trailers`: all lines are trailers, or one is of
/// git's own making and a quarter are trailers; continuation lines are indented). The subject is never one.
fn ends_in_trailers(body: &str) -> bool {
    let Some((_, last)) = body.rsplit_once("\n\n") else { return false };
    let (mut trailers, mut others, mut of_git) = (0, 0, 0);
    for line in last.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with([' ', '\t']) && trailers + others > 0 {
            continue;
        }
        if line.starts_with(PICKED) || line.starts_with("Signed-off-by: ") {
            of_git += 1;
            trailers += 1;
        } else if TRAILER.as_ref().is_some_and(|shape| shape.is_match(line)) {
            trailers += 1;
        } else {
            others += 1;
        }
    }
    trailers > 0 && (others == 0 || (of_git > 0 && trailers * 3 >= others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(message: &str) -> String {
        let who = Signature::utc("Ada", "ada@example.org", jiff::Timestamp::UNIX_EPOCH);
        String::from_utf8(with_sign_off(message.as_bytes().to_vec(), &who)).unwrap()
    }

    #[test]
    fn a_sign_off_stands_among_the_trailers_once() {
        let off = "Signed-off-by: Ada <ada@example.org>\n";
        assert_eq!(signed("Bump to 1.2.4\n"), format!("Bump to 1.2.4\n\n{off}"));
        assert_eq!(signed("fix: it"), format!("fix: it\n\n{off}"), "a subject is no trailer");
        let picked = "fix\n\n(cherry picked from commit 1)\n";
        assert_eq!(signed(picked), format!("{picked}{off}"));
        let others = "fix\n\nSigned-off-by: Mara <m@example.org>\n";
        assert_eq!(signed(others), format!("{others}{off}"));
        assert_eq!(signed(&signed(others)), signed(others));
    }

    #[test]
    fn a_message_in_another_encoding_is_signed_off_too() {
        let who = Signature::utc("Ada", "ada@example.org", jiff::Timestamp::UNIX_EPOCH);
        let signed = with_sign_off(b"gr\xfc\xdfe\n".to_vec(), &who);
        assert_eq!(signed, b"gr\xfc\xdfe\n\nSigned-off-by: Ada <ada@example.org>\n");
    }
}
