//! Which version comes next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::version::{Form, Version};

/// Which number of a version a security release raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Raise {
    /// The last one: `1.2.3` to `1.2.4`. Where most of the project's lines lately end with more numbers than the version has, one
    /// is added: `4.2` to `4.2.1`, `7.1.5` to `7.1.5.1`.
    #[default]
    Patch,
    /// The second one: `6.27.0` to `6.28.0`.
    Minor,
}

/// How many lines tell how many numbers a project's versions have.
const LATELY: usize = 8;

impl Version {
    /// The version that comes next, or `None` where no rule tells it (a date, a letter behind the numbers). A
    /// pre-release becomes the release that it announces: `2.0.0-rc.1` to `2.0.0`, `2.0.0.dev0` to `2.0.0`,
    /// `2.18.5-SNAPSHOT` to `2.18.5`.
    #[must_use]
    pub fn next(&self, raise: Raise, released: &[Version]) -> Option<Version> {
        if self.is_prerelease() {
            return self.announced(released);
        }
        if matches!(*self.form, Form::Calendar(_)) {
            return None;
        }
        match raise {
            Raise::Minor => self.minor_raised(),
            Raise::Patch if self.is_plain() && self.lacks_a_number(released) => self.with_a_number(),
            Raise::Patch => self.last_raised(),
        }
    }

    /// The release that a pre-release announces. Maven's may have a name behind the numbers: what stands before `-SNAPSHOT`, as in
    /// `4.1.101.Final-SNAPSHOT`, else that of the newest release, as `5.0.2.BUILD-SNAPSHOT` becomes `5.0.2.RELEASE`.
    fn announced(&self, released: &[Version]) -> Option<Version> {
        let numbers = self.up_to_the_numbers();
        let plain = || self.scheme().parse(numbers).ok();
        if !matches!(*self.form, Form::Maven(_)) {
            return plain();
        }
        let bare = self
            .as_str()
            .len()
            .checked_sub("-SNAPSHOT".len())
            .and_then(|end| self.as_str().split_at_checked(end));
        let named = bare.filter(|(_, end)| end.eq_ignore_ascii_case("-SNAPSHOT"));
        let named = named.and_then(|(bare, _)| self.scheme().parse(bare).ok());
        if let Some(named) =
            named.filter(|named| named.as_str() != numbers && !named.is_prerelease() && !is_build(named))
        {
            return Some(named);
        }
        let Some(newest) = released.iter().filter(|version| !version.is_prerelease()).max() else {
            return plain();
        };
        let name = &newest.as_str()[newest.up_to_the_numbers().len()..];
        self.scheme().parse(&format!("{numbers}{name}")).ok()
    }

    /// The next patch version of something of which no other release is known.
    #[must_use]
    pub fn next_patch(&self) -> Option<Version> {
        self.next(Raise::Patch, &[])
    }

    /// The first version of the line that this one begins: `4.2.1` after `4.2`.
    pub(crate) fn with_a_number(&self) -> Option<Version> {
        self.scheme().parse(&format!("{self}.1")).ok()
    }

    /// Whether the project's lines lately end with more numbers than this one has: it is the first of its kind then. One
    /// release that was numbered in another way (2.0.8.1 among many of three numbers) is no habit.
    fn lacks_a_number(&self, released: &[Version]) -> bool {
        let own = self.numbers().count();
        let line = |version: &Version| -> Vec<String> {
            version.numbers().take(own.saturating_sub(1).max(1)).map(str::to_owned).collect()
        };
        let mut plain: Vec<&Version> =
            released.iter().filter(|version| version.is_plain() && *version != self).collect();
        plain.sort_by(|one, other| other.cmp(one));
        // The newest of each line comes first.
        plain.dedup_by_key(|version| line(version));
        let lines = plain.len().min(LATELY);
        let longer = plain.iter().take(LATELY).filter(|version| version.numbers().count() > own).count();
        longer * 2 > lines
    }

    /// The last number is raised: `1.2.3` to `1.2.4`, `7.1.5.1` to `7.1.5.2`, `1.4` to `1.5`.
    fn last_raised(&self) -> Option<Version> {
        let release = self.release();
        let suffix = &self.as_str()[release.end..];
        let suffix = match *self.form {
            // `1.0.2u` may be followed by `1.0.2v` as well as by `1.0.3`.
            Form::Numbers(_) if !suffix.is_empty() => return None,
            // `33.0.0-jre` and `5.3.1.Final` are names of what is released, not of how far it is.
            Form::Maven(_) => suffix,
            // Build metadata, post-releases and local versions belong to the release before.
            _ => "",
        };
        let before = &self.as_str()[..release.start];
        let mut numbers: Vec<String> = self.numbers().map(str::to_owned).collect();
        let last = numbers.last_mut()?;
        *last = raised(last)?;
        self.scheme().parse(&format!("{before}{}{suffix}", numbers.join("."))).ok()
    }

    /// The second number is raised, and those behind it begin again. A version of one number has none.
    fn minor_raised(&self) -> Option<Version> {
        let before = &self.as_str()[..self.release().start];
        let mut numbers: Vec<String> = self.numbers().map(str::to_owned).collect();
        let minor = numbers.get_mut(1)?;
        *minor = raised(minor)?;
        numbers.iter_mut().skip(2).for_each(|number| "0".clone_into(number));
        self.scheme().parse(&format!("{before}{}", numbers.join("."))).ok()
    }
}

/// Spring's `5.0.2.BUILD`, whose snapshots are called so and none of its releases.
fn is_build(version: &Version) -> bool {
    version.as_str()[version.up_to_the_numbers().len()..].eq_ignore_ascii_case(".BUILD")
}

/// `08` is followed by `09`.
fn raised(number: &str) -> Option<String> {
    let raised = number.parse::<u64>().ok()?.checked_add(1)?;
    Some(format!("{raised:0width$}", width = number.len()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::numbering::Scheme;

    fn version(scheme: Scheme, text: &str) -> Version {
        scheme.parse(text).unwrap()
    }

    #[rstest]
    #[case(Scheme::SemVer, "1.2.9", Some("1.2.10"))]
    #[case(Scheme::SemVer, "1.2.3+build.5", Some("1.2.4"))]
    #[case(Scheme::SemVer, "2.0.0-rc.1", Some("2.0.0"))]
    #[case(Scheme::Pep440, "2.0.0.dev0", Some("2.0.0"))]
    #[case(Scheme::Pep440, "2.0.0rc1", Some("2.0.0"))]
    #[case(Scheme::Pep440, "1!2.0.post1", Some("1!2.1"))]
    #[case(Scheme::Pep440, "2026.01.07", Some("2026.01.08"))]
    #[case(Scheme::RubyGems, "7.1.5.1", Some("7.1.5.2"))]
    #[case(Scheme::RubyGems, "1.2.0.rc1", Some("1.2.0"))]
    #[case(Scheme::Maven, "2.18.5-SNAPSHOT", Some("2.18.5"))]
    #[case(Scheme::Maven, "33.0.0-jre", Some("33.0.1-jre"))]
    #[case(Scheme::Maven, "5.3.1.Final", Some("5.3.2.Final"))]
    #[case(Scheme::Numbers, "1.4", Some("1.5"))]
    #[case(Scheme::Numbers, "47", Some("48"))]
    #[case(Scheme::Numbers, "7.0-rc1", Some("7.0"))]
    #[case(Scheme::Numbers, "1.20.0-dev", Some("1.20.0"))]
    #[case(Scheme::Numbers, "1.0.2u", None)]
    #[case(Scheme::Calendar, "2026.01.07", None)]
    #[case(Scheme::Calendar, "2026.01.07-rc1", Some("2026.01.07"))]
    fn next_patch_is_what_the_scheme_says(
        #[case] scheme: Scheme,
        #[case] from: &str,
        #[case] to: Option<&str>,
    ) {
        let next = version(scheme, from).next(Raise::Patch, &[]);
        assert_eq!(next.as_ref().map(Version::as_str), to);
    }

    #[rstest]
    #[case(Scheme::Pep440, "4.2", &["4.1", "4.1.1"], Some("4.2.1"))]
    #[case(Scheme::Pep440, "4.2", &["4.0", "4.1"], Some("4.3"))]
    #[case(Scheme::RubyGems, "7.1.5", &["7.1.4", "7.1.4.1"], Some("7.1.5.1"))]
    #[case(Scheme::RubyGems, "7.1.5.1", &["7.1.5", "7.1.5.1"], Some("7.1.5.2"))]
    #[case(Scheme::Numbers, "47", &["46", "46.1"], Some("47.1"))]
    #[case(Scheme::SemVer, "1.2.3", &["1.2.2"], Some("1.2.4"))]
    #[case(Scheme::Pep440, "4.2rc1", &["4.1", "4.1.1"], Some("4.2"))]
    // Sinatra and Rack number with three and did so with four now and then; Rails has four for security.
    #[case(Scheme::RubyGems, "3.0.3", &["2.0.8", "2.0.8.1", "2.1.0", "2.2.2", "3.0.2", "3.0.3"], Some("3.0.4"))]
    #[case(Scheme::RubyGems, "2.2.22", &["2.0.9.4", "2.1.4.4", "2.2.8.1", "2.2.21", "3.0.18", "3.1.20"], Some("2.2.23"))]
    #[case(Scheme::RubyGems, "8.0.2", &["7.0.8.7", "7.1.5", "7.1.5.1", "7.2.2.1", "8.0.1", "8.0.2"], Some("8.0.2.1"))]
    #[case(Scheme::Maven, "2.19.0", &["2.17.3", "2.18.4", "2.18.4.1", "2.19.0"], Some("2.19.1"))]
    fn first_release_of_a_line_gets_the_numbers_that_others_have(
        #[case] scheme: Scheme,
        #[case] from: &str,
        #[case] released: &[&str],
        #[case] to: Option<&str>,
    ) {
        let released: Vec<Version> = released.iter().map(|text| version(scheme, text)).collect();
        let next = version(scheme, from).next(Raise::Patch, &released);
        assert_eq!(next.as_ref().map(Version::as_str), to);
    }

    #[rstest]
    #[case("4.1.101.Final-SNAPSHOT", &["4.1.100.Final"], "4.1.101.Final")]
    #[case("5.0.2.BUILD-SNAPSHOT", &["5.0.0.RELEASE", "5.0.1.RELEASE"], "5.0.2.RELEASE")]
    #[case("33.0.1-jre-SNAPSHOT", &["33.0.0-jre"], "33.0.1-jre")]
    #[case("2.18.5-SNAPSHOT", &["2.18.4"], "2.18.5")]
    #[case("2.18.5-SNAPSHOT", &[], "2.18.5")]
    #[case("6.0.0.Beta2-SNAPSHOT", &["5.9.0.Final"], "6.0.0.Final")]
    fn release_that_a_snapshot_announces_is_named_as_releases_are(
        #[case] from: &str,
        #[case] released: &[&str],
        #[case] to: &str,
    ) {
        let released: Vec<Version> = released.iter().map(|text| version(Scheme::Maven, text)).collect();
        let next = version(Scheme::Maven, from).next(Raise::Patch, &released);
        assert_eq!(next.as_ref().map(Version::as_str), Some(to));
    }

    #[rstest]
    #[case(Scheme::SemVer, "6.27.3", Some("6.28.0"))]
    #[case(Scheme::SemVer, "6.28.0-rc.1", Some("6.28.0"))]
    #[case(Scheme::Pep440, "1!2.0", Some("1!2.1"))]
    #[case(Scheme::RubyGems, "7.1.5.1", Some("7.2.0.0"))]
    #[case(Scheme::Numbers, "47", None)]
    #[case(Scheme::Calendar, "2026.01.07", None)]
    fn minor_number_is_raised_where_the_rule_says_so(
        #[case] scheme: Scheme,
        #[case] from: &str,
        #[case] to: Option<&str>,
    ) {
        let next = version(scheme, from).next(Raise::Minor, &[]);
        assert_eq!(next.as_ref().map(Version::as_str), to);
    }
}
