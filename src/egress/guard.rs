//! The leak guard: reads what is about to be public and looks for anything of the embargo in it.

use std::fmt;

use super::permit::Cleared;
use super::reading::readings;
use super::secret::Secret;

/// A public surface, in the words of a message: `title of the pull request in brightwater/sluice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface(pub String);

/// A text that would be public, and what it is of its surface: `subject`.
#[derive(Debug, Clone, Copy)]
pub struct PublicText<'t> {
    /// What it is.
    pub part: &'t str,
    /// The text.
    pub text: &'t str,
}

/// Embargoed content was about to become public. The message does not repeat a line of the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {surface} would show {} before the release-day gate; nothing was sent", listed(.found))]
pub struct Leak {
    /// Where it would have been seen.
    pub surface: String,
    /// What would have been seen.
    pub found: Vec<LeakFinding>,
}

/// One thing that would have been seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakFinding {
    /// What.
    what: String,
    /// In which part of the surface.
    part: String,
    /// In which line of it, from 1: where it ends, if it goes over several.
    line: usize,
}

impl fmt::Display for LeakFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, line {})", self.what, self.part, self.line)
    }
}

/// The first few of what was found.
fn listed(found: &[LeakFinding]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = found.iter().take(SHOWN).map(LeakFinding::to_string).collect();
    let more = found.len().saturating_sub(SHOWN);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => shown.concat(),
    }
}

/// Everything of one release that is under embargo.
#[derive(Debug, Clone, Default)]
pub struct LeakGuard {
    secrets: Vec<Secret>,
}

impl LeakGuard {
    /// A guard for these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> LeakGuard {
        let mut secrets: Vec<Secret> = secrets.into_iter().collect();
        secrets.sort();
        secrets.dedup();
        LeakGuard { secrets }
    }

    /// Reads every text that the action would make public.
    ///
    /// # Errors
    /// [`Leak`] with all that was found; nothing may be sent then.
    pub fn clear(&self, surface: &Surface, texts: &[PublicText<'_>]) -> Result<Cleared, Leak> {
        let mut found = Vec::new();
        for text in texts {
            let readings = readings(text.text);
            let shown = self.secrets.iter().filter(|secret| readings.iter().any(|way| secret.is_in(way)));
            for secret in shown {
                let line = line_of(secret, text.text);
                let finding = LeakFinding { what: secret.told(), part: text.part.to_owned(), line };
                if !found.contains(&finding) {
                    found.push(finding);
                }
            }
        }
        let surface = surface.0.clone();
        if found.is_empty() { Ok(Cleared::new(surface)) } else { Err(Leak { surface, found }) }
    }
}

/// The line with which the text begins to show it.
fn line_of(secret: &Secret, text: &str) -> usize {
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).chain([text.len()]).collect();
    let shows = |end: usize| readings(&text[..end]).iter().any(|way| secret.is_in(way));
    // A text that shows it goes on to do so, whatever follows.
    ends.partition_point(|end| !shows(*end)) + 1
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use rstest::rstest;

    use super::*;
    use crate::egress::SecretKind;

    fn guard() -> LeakGuard {
        LeakGuard::new(
            [
                (SecretKind::Advisory, "GHSA-23cf-ghjm-pqrv"),
                (SecretKind::Cve, "CVE-2026-1234"),
                (SecretKind::Title, "Deeply nested expressions exhaust the stack"),
                (SecretKind::Sentence, "Whoever sends groups within groups reaches the end of memory."),
                (SecretKind::Forbidden, "Operation Lantern"),
                (SecretKind::FixLine, "*[!0-9]*) echo \"gauge: not a level: $level\" >&2; exit 1 ;;"),
                (SecretKind::PrivateRepository, "brightwater/sluice-ghsa-23cf-ghjm-pqrv"),
                (SecretKind::PrivateCommit, "0123456789abcdef0123456789abcdef01234567"),
                (SecretKind::FixLine, "    if (depth > SLUICE_MAX_DEPTH) return -1;"),
                (SecretKind::FixLine, "p->depth++;"),
                (SecretKind::FixLine, "}"),
                (SecretKind::FixLine, "return;"),
            ]
            .into_iter()
            .filter_map(|(kind, text)| Secret::new(kind, text)),
        )
    }

    fn clear(text: &str) -> Result<Cleared, Leak> {
        guard().clear(&Surface("pull request".into()), &[PublicText { part: "body", text }])
    }

    #[rstest]
    #[case::ordinary("Bump to 2.4.3\n}\nreturn;\n")]
    #[case::another_cve("CVE-2026-12345 is of last month")]
    #[case::a_short_number("ticket 01234")]
    #[case::words_of_the_title("the stack of expressions")]
    #[case::a_longer_name("pp->depth++; q->depth++")]
    #[case::a_bump(
        "version = \"1.2.4\"\n#define SLUICE_VERSION_MINOR 4\nint parse(const char *text, int depth);"
    )]
    #[case::a_lantern("the lantern of our operation")]
    #[case::an_id_of_a_commit("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")]
    #[test]
    fn ordinary_text_passes(#[case] text: &str) {
        assert!(clear(text).is_ok(), "{:?}", clear(text));
    }

    #[rstest]
    #[case::upper("see GHSA-23CF-GHJM-PQRV", "advisory id")]
    #[case::no_dashes("ghsa23cfghjmpqrv", "advisory id")]
    #[case::percent("x%47HSA%2d23cf%2Dghjm-pqrv", "advisory id")]
    #[case::percent_twice("GHSA%252d23cf-ghjm-pqrv", "advisory id")]
    #[case::entities("GHSA&#45;23cf&#x2d;gh&#106m&hyphen;pqrv", "advisory id")]
    #[case::entities_within_entities("&amp;#71;HSA-23cf-ghjm-pqrv", "advisory id")]
    #[case::entities_of_blanks("CVE&nbsp;2026&NonBreakingSpace;1234", "CVE id")]
    #[case::underscores("CVE_2026_1234", "CVE id")]
    #[case::blanks("(cve 2026 1234 5)", "CVE id")]
    #[case::no_width("CVE-2026\u{200b}-1234", "CVE id")]
    #[case::in_a_sender("GHSA-23cf-ghjm-pqrv team <security@x.example>", "advisory id")]
    #[case::without_its_prefix("see 23cf-ghjm-pqrv", "advisory id")]
    #[case::full_width("ＧＨＳＡ－２３ｃｆ－ｇｈｊｍ－ｐｑｒｖ", "advisory id")]
    #[case::of_mails("GHSA=2D23cf=\n-ghjm=2Dpqrv", "advisory id")]
    #[case::of_json(r"GHSA\u002d23cf-ghjm\x2dpqrv", "advisory id")]
    #[case::hex("474853412d323363662d67686a6d2d70717276", "advisory id")]
    #[case::base32("I5EFGQJNGIZWGZRNM5UGU3JNOBYXE5Q=", "advisory id")]
    #[case::slug("fix/deeply-nested-expressions-exhaust-the-stack/1.x", "title")]
    #[case::camel("DeeplyNestedExpressionsExhaustTheStack", "title")]
    #[case::quoted("deeply \"nested\" expressions exhaust the stack", "title")]
    #[case::sentence("whoever sends groups within\n> groups reaches the end of memory", "sentence")]
    #[case::forbidden("as in operation\n lantern.", "which the release file forbids")]
    #[case::title("Re: deeply NESTED expressions\n  exhaust the stack!", "title")]
    #[case::commit("picked from 0123456789", "private commit")]
    #[case::short_commit("ticket 0123456", "private commit")]
    #[test]
    fn names_are_found_however_they_are_written(#[case] text: &str, #[case] told: &str) {
        let leak = clear(text).unwrap_err();
        assert!(leak.to_string().contains(told), "{leak}");
    }

    #[rstest]
    #[case::in_a_line("x if (depth > SLUICE_MAX_DEPTH) return -1; // why")]
    #[case::blanks("if  (depth >\tSLUICE_MAX_DEPTH )  return  -1 ;")]
    #[case::no_blanks("if(depth>SLUICE_MAX_DEPTH)return-1;")]
    #[case::case("IF (DEPTH > sluice_max_depth) RETURN -1;")]
    #[case::wrapped("if (depth >\n    SLUICE_MAX_DEPTH) return -1;")]
    #[case::quoted("> if (depth >\n> SLUICE_MAX_DEPTH)\n> return -1;")]
    #[case::a_patch("+    if (depth > SLUICE_MAX_DEPTH)\n+ return -1;")]
    #[case::percent("if%20(depth%20%3E%20SLUICE_MAX_DEPTH)%20return%20-1%3B")]
    #[case::entities("if (depth &gt; SLUICE_MAX_DEPTH) return -1;")]
    #[case::renamed("if (level > SLUICE_MAX_DEPTH) return -1;")]
    #[case::renamed_variable("*[!0-9]*) echo \"gauge: not a level: $wanted\" >&2; exit 1 ;;")]
    #[case::typographic("*[!0-9]*) echo “gauge: not a level: $level” >&2; exit 1 ;;")]
    #[case::escaped(r#"*[!0-9]*) echo \"gauge: not a level: $level\" >&2; exit 1 ;;"#)]
    #[case::in_a_word("*[!0-9]*) echo \"gauge: not a le\n  vel: $level\" >&2; exit 1 ;;")]
    #[case::numbered("9: x\n10: if (depth >\n11: SLUICE_MAX_DEPTH) return -1;")]
    #[case::gutter(" 9 | if (depth >\n10 | SLUICE_MAX_DEPTH) return -1;")]
    #[case::short("p->depth++;")]
    #[case::short_and_spaced("now p -> depth ++ ;")]
    #[test]
    fn lines_of_a_fix_are_found_however_they_are_written(#[case] text: &str) {
        let leak = clear(text).unwrap_err();
        assert!(leak.to_string().contains("a line of a fix"), "{leak}");
        assert!(!leak.to_string().to_lowercase().contains("depth"), "it is not repeated: {leak}");
    }

    #[rstest]
    #[case("if (depth > SLUICE_MAX_DEPTH) return -1;\n")]
    #[case("p->depth++;")]
    #[case("see GHSA-23cf-ghjm-pqrv")]
    #[test]
    fn base64_hides_nothing(#[case] text: &str) {
        let longer = format!("int x;\n{text}\nint y;");
        for coded in [
            base64::prelude::BASE64_STANDARD.encode(text),
            base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&longer),
            format!("data/{}", base64::prelude::BASE64_STANDARD.encode(&longer)),
        ] {
            assert!(clear(&format!("see {coded}.")).is_err(), "{coded}");
            let wrapped: Vec<String> = coded
                .as_bytes()
                .chunks(20)
                .map(|line| format!("> {}", String::from_utf8_lossy(line)))
                .collect();
            assert!(clear(&wrapped.join("\n")).is_err(), "{wrapped:?}");
        }
    }

    #[test]
    fn all_that_is_found_is_told_with_its_place() {
        let leak = clear("one\n\nCVE-2026-1234\nif (depth >\nSLUICE_MAX_DEPTH) return -1;\n").unwrap_err();
        let told = "the pull request would show the CVE id `CVE-2026-1234` (body, line 3) and a line of a fix (body, \
                    line 5) before the release-day gate; nothing was sent";
        assert_eq!(leak.to_string(), told);
    }

    #[test]
    fn reporter_is_found_as_a_word_and_not_within_one() {
        let guard = LeakGuard::new(Secret::new(SecretKind::Reporter, "Al"));
        let clear = |text| guard.clear(&Surface("mail".into()), &[PublicText { part: "text", text }]);
        assert!(clear("also normal").is_ok());
        assert!(clear("thanks to @al.").is_err());
    }
}
