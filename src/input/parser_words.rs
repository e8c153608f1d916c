//! What the TOML parser says of a file, in words of people who write such files.

/// A message and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Worded {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// The parser's message in our words, where it is one of serde's; any other is what it was.
pub(super) fn worded(message: &str) -> Worded {
    let own = || Worded { message: message.to_owned(), hint: None };
    wrong_type(message).or_else(|| missing(message)).unwrap_or_else(own)
}

/// From serde's "invalid type: integer `5`, expected a string".
fn wrong_type(message: &str) -> Option<Worded> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    // A time without quotes is a table to the parser.
    if expected.contains("timestamp") {
        let found = if found == "map" { "a bare time".to_owned() } else { found_words(found) };
        return Some(Worded {
            message: format!("{found} stands where a time in quotes belongs"),
            hint: Some("write it in quotes and in UTC, for example `\"2026-03-10T16:00:00Z\"`".to_owned()),
        });
    }
    let (belongs, hint) = expected_words(expected);
    let hint = hint.map(ToOwned::to_owned);
    Some(Worded { message: format!("{} stands where {belongs} belongs", found_words(found)), hint })
}

fn found_words(found: &str) -> String {
    let value = || found.split_once(' ').map_or("", |(_, value)| value).trim_matches(['`', '"']);
    match found.split([' ', '`']).next() {
        Some("string") => format!("the text `{}`", value()),
        Some("integer" | "floating") => format!("the number `{}`", value().trim_start_matches("point `")),
        Some("boolean") => format!("`{}`", value()),
        Some("sequence") => "a list".to_owned(),
        Some("map") => "a table".to_owned(),
        _ => found.to_owned(),
    }
}

/// What belongs there, and how it is written.
fn expected_words(expected: &str) -> (String, Option<&'static str>) {
    let (words, hint) = match expected {
        "a string" => ("a text", "write it in quotes: `\"…\"`"),
        "a sequence" => ("a list", "write it in brackets: `[\"…\"]`"),
        "a boolean" => ("`true` or `false`", "write the word without quotes"),
        "a map" => ("a table", "write it in braces: `{ key = \"…\" }`, or as `[…]` of its own"),
        _ if expected.starts_with("struct ") => {
            ("a table", "write it in braces: `{ key = \"…\" }`, or as `[…]` of its own")
        }
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" | "a nonzero u32" => {
            ("a whole number", "write it without quotes, a sign or a point: `2`")
        }
        other => return (other.to_owned(), None),
    };
    (words.to_owned(), Some(hint))
}

/// From serde's "missing field `title`".
fn missing(message: &str) -> Option<Worded> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some(Worded { message: format!("`{key}` is missing"), hint: Some(format!("write `{key} = …` here")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(
        "invalid type: map, expected a timestamp string",
        "a bare time stands where a time in quotes belongs",
        "write it in quotes and in UTC, for example `\"2026-03-10T16:00:00Z\"`"
    )]
    #[case(
        "invalid type: integer `5`, expected a string",
        "the number `5` stands where a text belongs",
        "write it in quotes: `\"…\"`"
    )]
    #[case(
        "invalid type: string \"main\", expected a sequence",
        "the text `main` stands where a list belongs",
        "write it in brackets: `[\"…\"]`"
    )]
    #[case(
        "invalid type: floating point `1.5`, expected u64",
        "the number `1.5` stands where a whole number belongs",
        "write it without quotes, a sign or a point: `2`"
    )]
    #[case(
        "invalid type: boolean `true`, expected struct MailFacts",
        "`true` stands where a table belongs",
        "write it in braces: `{ key = \"…\" }`, or as `[…]` of its own"
    )]
    #[case("missing field `title`", "`title` is missing", "write `title = …` here")]
    fn parsers_message_is_said_in_our_words(#[case] said: &str, #[case] message: &str, #[case] hint: &str) {
        let expected = Worded { message: message.to_owned(), hint: Some(hint.to_owned()) };
        assert_eq!(worded(said), expected);
    }

    #[test]
    fn what_is_ours_already_stays() {
        let said = "`v(.*)` needs exactly one named group, `(?<version>…)`";
        assert_eq!(worded(said), Worded { message: said.to_owned(), hint: None });
        let kept = worded("invalid type: string \"weir\", expected a package, or a list of packages");
        assert_eq!(kept.message, "the text `weir` stands where a package, or a list of packages belongs");
    }
}
