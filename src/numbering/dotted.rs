//! Dotted numbers of any count, with or without a suffix.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

/// A suffix may follow a separator or not, but begins with a letter: `01-18-2022` is no version.
static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?<numbers>[0-9]+(?:\.[0-9]+)*)(?:[-_.]?(?<suffix>[A-Za-z][0-9A-Za-z._-]*))?(?:\+(?<build>[0-9A-Za-z.-]+))?$")
        .ok()
});

/// Words of suffixes that come before the release: what they announce is not out yet.
const EARLY: [&str; 13] = [
    "alpha",
    "beta",
    "canary",
    "cr",
    "dev",
    "milestone",
    "next",
    "nightly",
    "pre",
    "preview",
    "prerelease",
    "rc",
    "snapshot",
];

/// Letters that are short for such words before a number, `1.0b2`; alone they count on, `1.0.2b`.
const SHORT: [&str; 3] = ["a", "b", "m"];

/// Numbers and what follows them, in the order in which releases come. Missing numbers are zeros.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dotted {
    numbers: Vec<u64>,
    stage: Maturity,
    suffix: Vec<SuffixPart>,
    build: Vec<SuffixPart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Maturity {
    Before,
    Release,
    /// `1.0.2u`, `9.3p1`.
    After,
}

/// A number or a word of a suffix; numbers come first, as in semantic versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SuffixPart {
    Number(Digits),
    Word(String),
}

/// A number of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Digits(String);

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let value = |digits: &Digits| digits.0.trim_start_matches('0').to_owned();
        let (one, other) = (value(self), value(other));
        one.len().cmp(&other.len()).then(one.cmp(&other))
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Dotted {
    /// Reads numbers without leading zeros.
    pub(super) fn parse(text: &str) -> Option<Dotted> {
        let has_zeros = |number: &str| number.len() > 1 && number.starts_with('0');
        let numbers = FORM.as_ref()?.captures(text)?.name("numbers")?.as_str();
        if numbers.split('.').any(has_zeros) { None } else { Dotted::parse_with_zeros(text) }
    }

    /// Reads numbers that may have leading zeros, as months and days do.
    pub(super) fn parse_with_zeros(text: &str) -> Option<Dotted> {
        let found = FORM.as_ref()?.captures(text)?;
        let numbers = found["numbers"].split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
        let suffix = found.name("suffix").map_or(Vec::new(), |suffix| natural(suffix.as_str()));
        let stage = stage(&suffix);
        let build = found.name("build").map_or(Vec::new(), |build| identifiers(build.as_str()));
        Some(Dotted { numbers: without_zeros(numbers), stage, suffix, build })
    }
}

fn stage(suffix: &[SuffixPart]) -> Maturity {
    match suffix {
        [] => Maturity::Release,
        [SuffixPart::Word(word), ..] if EARLY.contains(&word.as_str()) => Maturity::Before,
        [SuffixPart::Word(word), SuffixPart::Number(_), ..] if SHORT.contains(&word.as_str()) => {
            Maturity::Before
        }
        _ => Maturity::After,
    }
}

impl From<&semver::Version> for Dotted {
    fn from(version: &semver::Version) -> Dotted {
        let stage = if version.pre.is_empty() { Maturity::Release } else { Maturity::Before };
        Dotted {
            numbers: without_zeros(vec![version.major, version.minor, version.patch]),
            stage,
            suffix: identifiers(&version.pre),
            build: identifiers(&version.build),
        }
    }
}

fn without_zeros(mut numbers: Vec<u64>) -> Vec<u64> {
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

/// The parts between dots, as semantic versions have them.
fn identifiers(text: &str) -> Vec<SuffixPart> {
    text.split('.').filter(|part| !part.is_empty()).map(part).collect()
}

/// The runs of digits and of letters: `rc10` comes after `rc9`.
fn natural(text: &str) -> Vec<SuffixPart> {
    let text = text.to_ascii_lowercase();
    let runs = text.split(['.', '_', '-']).flat_map(|word| {
        let letters: Vec<char> = word.chars().collect();
        letters
            .chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit())
            .map(|run| run.iter().collect::<String>())
            .collect::<Vec<_>>()
    });
    runs.map(|run| part(&run)).collect()
}

fn part(text: &str) -> SuffixPart {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        SuffixPart::Number(Digits(text.to_owned()))
    } else {
        SuffixPart::Word(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_are_no_versions_are_refused() {
        for text in ["", "01-18-2022", "18-2022", "v1.2", "1..2", "1.2-", "nightly", "1.2 3"] {
            assert!(Dotted::parse_with_zeros(text).is_none(), "{text}");
        }
        assert!(Dotted::parse("2026.01.07").is_none(), "leading zeros are for dates");
        assert!(Dotted::parse_with_zeros("2026.01.07").is_some());
    }
}
