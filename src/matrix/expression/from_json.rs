//! `fromJSON` (`FromJson.cs`): what it reads besides JSON. GitHub's runner, and its server unless `StrictJsonParsing` is
//! switched on (off in `WorkflowFeatures.cs`), read with Newtonsoft's `JsonTextReader`: trailing commas, single quotes,
//! names without quotes, comments within lists and mappings, numbers like `.5`, line breaks in texts; what follows the
//! value is not looked at.
//! Its rarer liberties (`[1,,2]`, octal numbers, `undefined`, a comment as the value) are said to be unknown, not imitated.

use jsonc_parser::ast::{ObjectPropName, Value as Written};
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind};

use super::json::of_json;
use super::value::{Known, Object, Value};

/// What GitHub's reader takes of all that the crate can.
const TAKEN: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: true,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: true,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: true,
    allow_non_finite_numbers: true,
    allow_extended_string_escapes: false,
};

/// Words that a value may begin with.
const WORDS: [&str; 7] = ["true", "false", "null", "new", "undefined", "NaN", "Infinity"];

/// The value that a text holds: JSON, or what GitHub takes besides.
pub(super) fn from_json(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).map(of_json).or_else(|error| read(text).ok_or(error))
}

/// The value of a text that is no JSON: unknown where GitHub may read it otherwise; `None` if GitHub refuses it, too.
fn read(text: &str) -> Option<Value> {
    let text = text.trim();
    if !may_begin_a_value(text) {
        return None;
    }
    let unknown = || Value::unknown("fromJSON() of text that is no JSON", Known::Nothing);
    // A comment before the value is the value.
    if text.starts_with('/') {
        return Some(unknown());
    }
    let value = match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &TAKEN) {
        Ok(parsed) => parsed.value.and_then(|value| value_of(&value)),
        Err(error) if is_cut_off(error.kind()) => return None,
        Err(_) => first_of(text),
    };
    Some(value.unwrap_or_else(unknown))
}

fn may_begin_a_value(text: &str) -> bool {
    let is_sign = |first: char| first.is_ascii_digit() || "{[\"'-./,".contains(first);
    text.starts_with(is_sign) || WORDS.iter().any(|word| text.starts_with(word))
}

fn is_cut_off(kind: &ParseErrorKind) -> bool {
    matches!(
        kind,
        ParseErrorKind::UnterminatedArray
            | ParseErrorKind::UnterminatedObject
            | ParseErrorKind::ExpectedObjectValue
            | ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral)
    )
}

/// A list or mapping that something follows.
fn first_of(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    values.next()?.ok().filter(|value| value.is_array() || value.is_object()).map(of_json)
}

/// `None` where the crate takes what GitHub may not.
fn value_of(written: &Written<'_>) -> Option<Value> {
    Some(match written {
        Written::NullKeyword(_) => Value::Null,
        Written::BooleanLit(value) => Value::Bool(value.value),
        Written::NumberLit(number) => Value::Number(number_of(number.value)?),
        Written::StringLit(text) => Value::text(&text.value),
        Written::Array(array) => Value::list(array.elements.iter().map(value_of).collect::<Option<_>>()?),
        Written::Object(object) => {
            let entries =
                object.properties.iter().map(|entry| Some((name_of(&entry.name)?, value_of(&entry.value)?)));
            Value::object(entries.collect::<Option<Object>>()?)
        }
    })
}

fn number_of(text: &str) -> Option<f64> {
    match text {
        "-NaN" => None,
        number => number.parse().ok(),
    }
}

/// A name without quotes is made of letters, digits, `_` and `$`.
fn name_of(name: &ObjectPropName<'_>) -> Option<String> {
    let plain = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    match name {
        ObjectPropName::String(text) => Some(text.value.to_string()),
        ObjectPropName::Word(word) => word.value.chars().all(plain).then(|| word.value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Contexts, as_json, evaluate};

    fn read(text: &str) -> Result<serde_json::Value, String> {
        let expression = format!("fromJSON('{}')", text.replace('\'', "''"));
        evaluate(&expression, &Contexts::default())
            .map(|value| as_json(&value))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn texts_that_only_githubs_reader_takes_are_read_as_it_reads_them() {
        for (text, json) in [
            ("[1, 2,]", "[1, 2]"),
            ("['a', \"b\",]", r#"["a", "b"]"#),
            ("{os: 'linux', $x_1: .5, \"y\": 5.,}", r#"{"os": "linux", "$x_1": 0.5, "y": 5}"#),
            ("[ // first\n 1 /* and */, 2 ] // last", "[1, 2]"),
            ("[\"two\nlines\"]", r#"["two\nlines"]"#),
            ("{\"a\": 1} and more", r#"{"a": 1}"#),
            ("[1] [2]", "[1]"),
            ("'x'", r#""x""#),
            ("[]]", "[]"),
        ] {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(read(text), Ok(json), "{text}");
        }
    }

    #[test]
    fn what_github_may_read_otherwise_is_not_known() {
        for text in
            ["[1,,2]", "[010]", "[0x10]", "/* a */ 1", "[undefined]", "{a-b: 1}", "undefined", "[-NaN]", "08"]
        {
            assert_eq!(read(text), Ok("${{ fromJSON() of text that is no JSON }}".into()), "{text}");
        }
    }

    #[test]
    fn what_no_reader_takes_is_refused() {
        for text in ["", " ", "ubuntu", "[1, 2", "{\"a\": ", "'x", "@a"] {
            assert!(read(text).unwrap_err().contains("`fromJSON` cannot read this"), "{text}");
        }
    }
}
