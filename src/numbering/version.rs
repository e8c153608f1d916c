//! A version: its text, and what its scheme makes of it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dotted::Dotted;
use super::gem::GemVersion;
use super::maven::MavenVersion;
use super::scheme::{InvalidVersion, Scheme};

/// A version, parsed once by the scheme of its project: equal and ordered as the scheme says (`4.2` is `4.2.0` in
/// Python, and `1.0.0-rc.2` comes before `1.0.0-rc.10`), printed as it was written.
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    scheme: Scheme,
    /// Behind a pointer: versions stand in many errors and are cloned often.
    pub(super) form: Arc<Form>,
}

/// What a scheme makes of a text.
#[derive(Debug, Clone)]
pub(super) enum Form {
    SemVer(::semver::Version),
    Pep440(pep440_rs::Version),
    Gem(GemVersion),
    Maven(MavenVersion),
    Numbers(Dotted),
    Calendar(Dotted),
}

/// Whether a version, or the form of one, is what a project states between releases, and no release of any kind.
#[must_use]
pub fn names_development(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["dev", "snapshot"].iter().any(|word| text.contains(word))
}

impl Version {
    /// It as its ecosystem writes it: `1.0.0-rc1` is `1.0.0rc1` on PyPI (PEP 440, "Normalization"). Other schemes keep what is
    /// written.
    #[must_use]
    pub fn normal(&self) -> String {
        match self.form.as_ref() {
            Form::Pep440(version) => version.to_string(),
            _ => self.text.clone(),
        }
    }
}

impl Scheme {
    /// Reads a text as a version of this scheme. The text is kept as it was written.
    ///
    /// # Errors
    /// [`InvalidVersion`] when the scheme knows no such form.
    pub fn parse(self, text: &str) -> Result<Version, InvalidVersion> {
        match self.form(text) {
            Some(form) => Ok(Version { text: text.to_owned(), scheme: self, form: Arc::new(form) }),
            None => Err(InvalidVersion { value: text.to_owned(), scheme: self }),
        }
    }

    fn form(self, text: &str) -> Option<Form> {
        match self {
            Scheme::SemVer => ::semver::Version::parse(text).ok().map(Form::SemVer),
            // The crate trims what is around a version; a version that is written back must be the bytes that stand there.
            Scheme::Pep440 if text.trim() != text => None,
            Scheme::Pep440 => text.parse().ok().map(Form::Pep440),
            Scheme::RubyGems => GemVersion::parse(text).map(Form::Gem),
            Scheme::Maven => MavenVersion::parse(text).map(Form::Maven),
            // Projects that number without a rule mostly follow the best known one, and are compared by it then.
            Scheme::Numbers => Scheme::SemVer.form(text).or_else(|| Dotted::parse(text).map(Form::Numbers)),
            Scheme::Calendar => Dotted::parse_with_zeros(text).map(Form::Calendar),
        }
    }
}

impl Version {
    /// The version as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme by which it was read.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// As a semantic version, where it is one.
    #[must_use]
    pub fn semver(&self) -> Option<&::semver::Version> {
        match &*self.form {
            Form::SemVer(version) => Some(version),
            _ => None,
        }
    }

    /// The numbers of the release, as they were written: `7`, `1`, `5` of `7.1.5.rc1`.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.text[self.release()].split('.')
    }

    /// Whether the numbers are all there is to it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.release() == (0..self.text.len())
    }

    /// Whether it comes before the release that its numbers name: a release candidate, a development version.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        // Maven's come before the release that is left without their mark, whatever name that has: `33.0.1-jre-SNAPSHOT`.
        let is_snapshot =
            matches!(*self.form, Form::Maven(_)) && self.text.to_ascii_uppercase().ends_with("-SNAPSHOT");
        is_snapshot || self.scheme.parse(self.up_to_the_numbers()).is_ok_and(|release| *self < release)
    }

    /// The line that it belongs to, as people call it: `2.4.x` of `2.4.3`, `4.x` of `4.2`.
    #[must_use]
    pub fn line(&self) -> String {
        let numbers: Vec<&str> = self.numbers().collect();
        let named = numbers.len().saturating_sub(1).clamp(1, 2);
        format!("{}.x", numbers[..named].join("."))
    }

    /// The same among versions of which most have so many numbers: where it has fewer, it begins its line, `1.0.x` of `1.0`.
    #[must_use]
    pub fn line_among(&self, usual: usize) -> String {
        let numbers: Vec<&str> = self.numbers().collect();
        let begins = numbers.len() == 2 && self.is_shorter_than(usual);
        if begins { format!("{}.x", numbers.join(".")) } else { self.line() }
    }

    /// Whether it has fewer numbers than this.
    #[must_use]
    pub fn is_shorter_than(&self, usual: usize) -> bool {
        self.numbers().count() < usual
    }

    /// Whether its first numbers are those of another version. Numbers that are not written are zero.
    #[must_use]
    pub fn begins_with_numbers(&self, other: &Version, count: usize) -> bool {
        let mut own = self.numbers();
        other.numbers().take(count).all(|number| own.next().unwrap_or("0") == number)
    }

    /// Whether both are releases of one line, as far as their numbers tell: `2.4.3` and `2.4.0`, `4.2` and `4.2.1`,
    /// `1.6` and `1.7`.
    #[must_use]
    pub fn is_of_the_line_of(&self, other: &Version) -> bool {
        let begin =
            |version: &Version| -> Vec<String> { version.numbers().take(2).map(str::to_owned).collect() };
        let (one, two) = (begin(self), begin(other));
        self.line() == other.line() || (one.len() == 2 && one == two)
    }

    /// The version with which its line began, as its numbers tell: `1.19.0` of `1.19.1`. `None` of one that is that version
    /// itself or comes before it, and of one that has other than three numbers or is a date.
    #[must_use]
    pub fn beginning_of_line(&self) -> Option<Version> {
        let numbers: Vec<&str> = self.numbers().collect();
        let [major, minor, _] = numbers[..] else { return None };
        let before = &self.text[..self.release().start];
        let first = self.scheme.parse(&format!("{before}{major}.{minor}.0")).ok()?;
        (self.scheme != Scheme::Calendar && first < *self).then_some(first)
    }

    /// The release that is worked on after another one, where this is stated meanwhile: what it announces itself, or, where that
    /// is out (`1.2.3-dev` after 1.2.3), the one that follows.
    #[must_use]
    pub fn announces_after(&self, released: &Version) -> Option<Version> {
        let announced = self.scheme.parse(self.up_to_the_numbers()).ok();
        announced.filter(|announced| announced > released).or_else(|| released.next_patch())
    }

    /// The version without what stands behind its numbers.
    pub(crate) fn up_to_the_numbers(&self) -> &str {
        &self.text[..self.release().end]
    }

    /// The bytes of the release's numbers. What may come before them is Python's `v` and epoch.
    pub(super) fn release(&self) -> Range<usize> {
        let digits = |from: usize| {
            let rest = &self.text[from..];
            from + rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len())
        };
        let mut start = self.text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0);
        let mut end = digits(start);
        if self.text[end..].starts_with('!') {
            start = end + 1;
            end = digits(start);
        }
        while self.text[end..].starts_with('.') && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        start..end
    }

    /// How it compares with a version of another scheme. Only a text that was kept without its scheme, as journals
    /// of before did, meets one: it is read again as what stands beside it.
    fn across(&self, other: &Version) -> Ordering {
        match (&*self.form, &*other.form) {
            (Form::SemVer(one), Form::Numbers(other)) => Dotted::from(one).cmp(other),
            (Form::Numbers(one), Form::SemVer(other)) => one.cmp(&Dotted::from(other)),
            (Form::SemVer(_) | Form::Numbers(_), _) => match other.scheme.parse(&self.text) {
                Ok(read) => read.cmp(other),
                Err(_) => self.scheme.cmp(&other.scheme),
            },
            (_, Form::SemVer(_) | Form::Numbers(_)) => other.across(self).reverse(),
            _ => self.scheme.cmp(&other.scheme),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&*self.form, &*other.form) {
            (Form::SemVer(one), Form::SemVer(other)) => one.cmp(other),
            (Form::Pep440(one), Form::Pep440(other)) => one.cmp(other),
            (Form::Gem(one), Form::Gem(other)) => one.cmp(other),
            (Form::Maven(one), Form::Maven(other)) => one.cmp(other),
            (Form::Numbers(one), Form::Numbers(other)) | (Form::Calendar(one), Form::Calendar(other)) => {
                one.cmp(other)
            }
            _ => self.across(other),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// On disk: the text alone for semantic versions and dotted numbers, as it always was; the scheme beside it for others.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptVersion {
    Text(String),
    OfScheme { scheme: Scheme, text: String },
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text.clone();
        let kept = match self.scheme {
            Scheme::SemVer | Scheme::Numbers => KeptVersion::Text(text),
            scheme => KeptVersion::OfScheme { scheme, text },
        };
        kept.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read: Result<Version, InvalidVersion> = match KeptVersion::deserialize(deserializer)? {
            KeptVersion::Text(text) => Scheme::Numbers.parse(&text),
            KeptVersion::OfScheme { scheme, text } => scheme.parse(&text),
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// A semantic version of a test.
#[cfg(test)]
pub(crate) fn semver(text: &str) -> Version {
    Scheme::SemVer.parse(text).unwrap()
}

/// How many numbers most of these versions have.
pub fn usual_length<'v>(versions: impl Iterator<Item = &'v Version>) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for version in versions {
        *counts.entry(version.numbers().count()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(length, _)| length)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn version(scheme: Scheme, text: &str) -> Version {
        scheme.parse(text).unwrap()
    }

    #[rstest]
    #[case(Scheme::SemVer, &["1.0.0-alpha", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.0.10"])]
    #[case(Scheme::Pep440, &["1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.1", "1!0.1"])]
    #[case(Scheme::RubyGems, &["1.2.0.pre", "1.2.0.rc2", "1.2.0.rc10", "1.2", "1.2.0.1", "1.10"])]
    #[case(Scheme::Numbers, &["1.0.0-rc.1", "1.0", "1.0.2", "1.0.2a", "1.0.2u", "1.0.10", "1.1-dev", "1.1"])]
    #[case(Scheme::Calendar, &["2025.12.30", "2026.01.07rc1", "2026.01.07", "2026.01.07.1", "2026.10.02"])]
    fn order_is_what_the_scheme_says(#[case] scheme: Scheme, #[case] ordered: &[&str]) {
        for pair in ordered.windows(2) {
            assert!(version(scheme, pair[0]) < version(scheme, pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn equal_versions_keep_their_own_text() {
        for (scheme, one, other) in [
            (Scheme::Pep440, "4.2", "4.2.0"),
            (Scheme::RubyGems, "1.2.0.rc1", "1.2.rc1"),
            (Scheme::Maven, "1.0.0", "1"),
            (Scheme::Numbers, "1.4", "1.4.0"),
            (Scheme::Calendar, "2026.01.07", "2026.1.7"),
        ] {
            let (one, other) = (version(scheme, one), version(scheme, other));
            assert_eq!(one, other);
            assert_ne!(one.to_string(), other.to_string());
        }
    }

    #[test]
    fn text_of_a_journal_of_before_is_read_as_what_stands_beside_it() {
        let kept: Version = serde_json::from_str("\"1.2.3\"").unwrap();
        for (scheme, newer) in
            [(Scheme::Pep440, "1.2.4rc1"), (Scheme::Maven, "1.2.3-1"), (Scheme::Numbers, "1.3")]
        {
            let newer = version(scheme, newer);
            assert_eq!(kept.cmp(&newer), Ordering::Less, "{newer}");
            assert_eq!(newer.cmp(&kept), Ordering::Greater, "{newer}");
            assert_eq!(kept, version(scheme, "1.2.3"));
        }
    }

    #[test]
    fn what_is_kept_is_the_text_and_where_needed_the_scheme() {
        let kept = |scheme, text| serde_json::to_value(version(scheme, text)).unwrap();
        assert_eq!(kept(Scheme::SemVer, "1.2.3"), serde_json::json!("1.2.3"));
        assert_eq!(kept(Scheme::Numbers, "1.4"), serde_json::json!("1.4"));
        let gem = serde_json::json!({"scheme": "rubygems", "text": "7.1.5.2"});
        assert_eq!(kept(Scheme::RubyGems, "7.1.5.2"), gem);
        let read: Version = serde_json::from_value(gem).unwrap();
        assert_eq!((read.scheme(), read.as_str()), (Scheme::RubyGems, "7.1.5.2"));
    }

    #[test]
    fn line_is_named_by_what_its_releases_share() {
        let line = |text| version(Scheme::Numbers, text).line();
        assert_eq!(["2.4.3", "7.1.5.2", "4.2", "47"].map(line), ["2.4.x", "7.1.x", "4.x", "47.x"]);
        let first = |scheme, text| version(scheme, text).beginning_of_line().map(|first| first.to_string());
        assert_eq!(first(Scheme::SemVer, "1.19.1"), Some("1.19.0".to_owned()));
        assert_eq!(first(Scheme::Maven, "4.1.5.Final"), Some("4.1.0".to_owned()));
        let none = ["1.19.0", "1.19.0-rc.1", "4.2", "7.1.5.2"].map(|text| first(Scheme::Numbers, text));
        assert_eq!(none, [const { None }; 4]);
        assert_eq!(first(Scheme::Calendar, "2026.01.2"), None);
    }
}
