//! Lines that pin a version or an id, as manifests and build files do: `cap-std = "3.4.5"`, `ARG RUNC=v1.1.2`.
//!
//! A fix that raises a dependency finds another version on every older line, so such lines are compared by what they
//! pin and not by their text.

/// A line that pins something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backport) struct Pin {
    /// The line without its numbers and ids.
    pub(in crate::backport) shape: Vec<u8>,
    /// The numbers in it, in order; ids have none.
    pub(in crate::backport) numbers: Vec<u64>,
}

/// What looks like an id: a commit, say.
const ID: usize = 12;
/// A number of so many digits is a date or a build.
const DATE: usize = 6;

impl Pin {
    /// What a line pins; `None` if it names no version, date or id.
    pub(in crate::backport) fn of(line: &[u8]) -> Option<Pin> {
        let (mut shape, mut numbers, mut pins) = (Vec::new(), Vec::new(), false);
        let mut rest = line;
        while let Some(&first) = rest.first() {
            let id = run(rest, |byte| byte.is_ascii_hexdigit());
            let digits = run(rest, |byte| byte.is_ascii_digit());
            let word = run(rest, |byte| byte.is_ascii_alphanumeric());
            if id >= ID && id == word && digits < id {
                shape.push(b'@');
                pins = true;
                rest = &rest[id..];
            } else if digits > 0 {
                numbers.push(number(&rest[..digits]));
                // A dot between two numbers makes a version.
                pins |= digits >= DATE || shape.ends_with(b"0.");
                shape.push(b'0');
                rest = &rest[digits..];
            } else if word > 0 {
                let letters = run(rest, |byte| byte.is_ascii_alphabetic());
                shape.extend_from_slice(&rest[..letters.max(1)]);
                rest = &rest[letters.max(1)..];
            } else {
                shape.push(first);
                rest = &rest[1..];
            }
        }
        pins.then_some(Pin { shape, numbers })
    }

    /// Whether this pins the same thing as `fixed` does, and nothing as new. Of ids nobody can tell which is newer.
    pub(in crate::backport) fn is_behind(&self, fixed: &Pin) -> bool {
        self.shape == fixed.shape && (self.numbers < fixed.numbers || self.numbers.is_empty())
    }
}

fn run(text: &[u8], is: impl Fn(&u8) -> bool) -> usize {
    text.iter().take_while(|byte| is(byte)).count()
}

/// Numbers that no computer counts are equal to the largest one.
fn number(digits: &[u8]) -> u64 {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(line: &str, fixed: &str) -> bool {
        let pin = |line: &str| Pin::of(line.as_bytes());
        pin(line).zip(pin(fixed)).is_some_and(|(line, fixed)| line.is_behind(&fixed))
    }

    #[test]
    fn older_version_of_the_same_thing_is_behind() {
        assert!(behind(r#"cap-std = "3.4.4""#, r#"cap-std = "3.4.5""#));
        assert!(behind("FROM debian:bullseye-20210816", "FROM debian:bullseye-20210927"));
        assert!(behind("runc 2b18fe1d885ee5083ef9", "runc 6635b4f0c6af38105947"));
        assert!(!behind(r#"cap-std = "3.4.5""#, r#"cap-std = "3.4.5""#));
        assert!(!behind(r#"cap-std = "4.0.0""#, r#"cap-std = "3.4.5""#));
        assert!(!behind(r#"cap-fs = "3.4.4""#, r#"cap-std = "3.4.5""#));
    }

    #[test]
    fn numbers_in_code_pin_nothing() {
        for line in ["let depth = limit(7, 12);", "if (count > 4096) {", "pump(3, depth);", "deadbeef(1)"] {
            assert_eq!(Pin::of(line.as_bytes()), None, "{line}");
        }
    }
}
