//! What a number in `world.toml` can be.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

/// A time from one event to the next.
pub(super) fn delay<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    let delay = SignedDuration::deserialize(from)?;
    if delay.is_negative() {
        let text = format!("`{delay:#}` would be before what it follows; write a delay such as `5m`");
        return Err(de::Error::custom(text));
    }
    Ok(delay)
}

/// The status of an answer.
pub(super) fn status<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(from)?;
    if !(200..=599).contains(&status) {
        return Err(de::Error::custom(format!(
            "`{status}` is no status of an answer; write one from 200 to 599"
        )));
    }
    Ok(status)
}

/// A method of HTTP, which are told apart by their case.
pub(super) fn method<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let method = String::deserialize(from)?;
    if method.is_empty() || !method.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let text =
            format!("`{method}` is no method that anybody sends; write it in capitals, such as `POST`");
        return Err(de::Error::custom(text));
    }
    Ok(Some(method))
}

/// How many requests something strikes.
pub(super) fn times<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        0 => Err(de::Error::custom(
            "it would strike nothing; write how many requests it strikes, or take it out",
        )),
        times => Ok(times),
    }
}

/// Headers that can be sent.
pub(super) fn headers<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let headers = BTreeMap::<String, String>::deserialize(from)?;
    for (name, value) in &headers {
        if HeaderName::from_bytes(name.as_bytes()).is_err() || HeaderValue::from_str(value).is_err() {
            let text = format!(
                "`{}: {}` is no header that can be sent",
                name.escape_default(),
                value.escape_default()
            );
            return Err(de::Error::custom(text));
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use crate::emulator::spec::WorldSpec;
    use crate::input::Source;

    fn refused(world: &str) -> String {
        let source = Source::from_text("world.toml", format!("start = '2026-01-01T00:00:00Z'\n{world}\n"));
        match source.parse::<WorldSpec>() {
            Ok(_) => "taken".to_owned(),
            Err(error) => {
                let (line, column) = error.line_and_column().unwrap();
                format!("{line}:{column}: {}", error.message)
            }
        }
    }

    #[rstest::rstest]
    #[case("[cve]\ndelay = '5m'", "taken")]
    #[case(
        "[cve]\ndelay = '-5m'",
        "3:9: `5m ago` would be before what it follows; write a delay such as `5m`"
    )]
    #[case(
        "[private_forks]\ndelay = '-1h'",
        "3:9: `1h ago` would be before what it follows; write a delay such as `5m`"
    )]
    #[case("[[faults]]\npath = 'x'\nstatus = 503\nmethod = 'PUT'\nheaders = { retry-after = '3' }", "taken")]
    #[case(
        "[[faults]]\npath = 'x'\nmethod = 'post'",
        "4:10: `post` is no method that anybody sends; write it in capitals, such as `POST`"
    )]
    #[case(
        "[[faults]]\npath = 'x'\ntimes = 0",
        "4:9: it would strike nothing; write how many requests it strikes, or take it out"
    )]
    #[case(
        "[[faults]]\npath = 'x'\nheaders = { 'a b' = '3' }",
        "4:11: `a b: 3` is no header that can be sent"
    )]
    #[case(
        "[[faults]]\npath = 'x'\nstatus = 99",
        "4:10: `99` is no status of an answer; write one from 200 to 599"
    )]
    #[case(
        "[[faults]]\npath = 'x'\nstatus = 600",
        "4:10: `600` is no status of an answer; write one from 200 to 599"
    )]
    fn number_that_cannot_be_is_refused_with_its_place(#[case] world: &str, #[case] expected: &str) {
        assert_eq!(refused(world), expected);
    }
}
