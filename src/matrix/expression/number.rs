//! Numbers read and written as GitHub does (`ExpressionUtility.ParseNumber`, number format `G15`).

/// The number that a text counts as. Nothing is 0; what is none is NaN.
pub(super) fn parse_number(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if is_decimal(text) {
        return text.parse().unwrap_or(f64::NAN);
    }
    // .NET reads infinity in upper and lower case.
    match text.to_ascii_lowercase().as_str() {
        "infinity" | "+infinity" => f64::INFINITY,
        "-infinity" => f64::NEG_INFINITY,
        _ => based(text).unwrap_or(f64::NAN),
    }
}

/// Sign, digits with a point, and an exponent.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_mantissa = digits(&format!("{whole}{fraction}"));
    let exponent_is_right =
        exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    has_mantissa && exponent_is_right
}

/// `0x…` and `0o…`, in 32 bits with the sign in the highest, as .NET reads them.
#[expect(clippy::cast_possible_wrap, reason = "that is how .NET reads 0xFFFFFFFF")]
fn based(text: &str) -> Option<f64> {
    let parse = |digits: &str, base| {
        let plain = digits.chars().all(|digit| digit.is_digit(base));
        let bits = u32::from_str_radix(digits, base).ok().filter(|_| plain)?;
        Some(f64::from(bits as i32))
    };
    text.strip_prefix("0x")
        .and_then(|digits| parse(digits, 16))
        .or_else(|| text.strip_prefix("0o").and_then(|digits| parse(digits, 8)))
}

/// A number as text: at most 15 significant digits.
pub(super) fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    format!("{sign}{}", placed(if digits.is_empty() { "0" } else { digits }, exponent))
}

/// Digits with the point where the exponent puts it.
fn placed(digits: &str, exponent: i32) -> String {
    let whole = usize::try_from(exponent + 1).unwrap_or(0);
    match exponent {
        -5..=-1 => format!("0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0))),
        0..=14 if digits.len() > whole => format!("{}.{}", &digits[..whole], &digits[whole..]),
        0..=14 => format!("{digits}{}", "0".repeat(whole - digits.len())),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{first}{point}{rest}E{sign}{:02}", exponent.abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Contexts, evaluate};
    use super::parse_number;

    #[test]
    fn texts_count_as_the_numbers_that_dotnet_reads() {
        for (text, number) in [
            ("", 0.0),
            (" +1 ", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1E3", -1000.0),
            ("0x1F", 31.0),
            ("0xFFFFFFFF", -1.0),
            ("0o17", 15.0),
            ("INFINITY", f64::INFINITY),
            ("-infinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
        ] {
            assert_eq!(parse_number(text).to_bits(), number.to_bits(), "{text}");
        }
        for text in [
            "0b11", "-0x10", "+0x1", "0X1F", "0O17", "0o8", "0x", "1_000", "1,000", ".", "1e", "inf", "NaN",
            "+-1",
        ] {
            assert!(parse_number(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_in_expressions_as_github_takes_them() {
        let value = |text: &str| evaluate(text, &Contexts::default()).map(|value| value.to_text());
        for (text, number) in
            [("+1", "1"), (".5", "0.5"), ("0o17", "15"), ("0xFFFFFFFF", "-1"), ("-Infinity", "-Infinity")]
        {
            assert_eq!(value(text).as_deref(), Ok(number), "{text}");
        }
        for text in ["0b11", "-0x10", "0X1F", "1_000", "-NaN", "+-1"] {
            assert!(value(text).is_err(), "{text}");
        }
    }
}
