//! Versions of RubyGems, ordered as `Gem::Version` does.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

/// `Gem::Version::VERSION_PATTERN`.
static FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$").ok());

/// The segments without the zeros that end the numbers and the whole.
#[derive(Debug, Clone)]
pub(super) struct GemVersion(Vec<GemSegment>);

/// Letters come before numbers, which is how `1.2.0.rc1` comes before `1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum GemSegment {
    Letters(String),
    Number(u64),
}

impl GemVersion {
    pub(super) fn parse(text: &str) -> Option<GemVersion> {
        FORM.as_ref()?.is_match(text).then_some(())?;
        let mut segments = Vec::new();
        // A dash is `.pre.` to RubyGems.
        for word in text.replace('-', ".pre.").split('.') {
            let letters: Vec<char> = word.chars().collect();
            for run in letters.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit()) {
                let run: String = run.iter().collect();
                segments.push(if run.starts_with(|letter: char| letter.is_ascii_digit()) {
                    GemSegment::Number(run.parse().ok()?)
                } else {
                    GemSegment::Letters(run)
                });
            }
        }
        let numbers = segments.iter().take_while(|segment| matches!(segment, GemSegment::Number(_))).count();
        let rest = segments.split_off(numbers);
        let mut canonical = without_zeros(segments);
        canonical.extend(without_zeros(rest));
        Some(GemVersion(canonical))
    }
}

fn without_zeros(mut segments: Vec<GemSegment>) -> Vec<GemSegment> {
    while segments.last() == Some(&GemSegment::Number(0)) {
        segments.pop();
    }
    segments
}

impl Ord for GemVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = GemSegment::Number(0);
        let longest = self.0.len().max(other.0.len());
        let at = |version: &'_ GemVersion, index| version.0.get(index).unwrap_or(&zero).clone();
        (0..longest)
            .map(|index| at(self, index).cmp(&at(other, index)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for GemVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GemVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for GemVersion {}
