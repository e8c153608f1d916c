//! The version that a tag names.

use super::scheme::Scheme;
use super::version::Version;

/// The version that a tag names under a rule such as `SLUICE-{version}` or `REL_{major}_{minor}_{patch}`.
#[must_use]
pub fn version_in_tag(rule: &str, tag: &str, scheme: Scheme) -> Option<Version> {
    scheme.parse(&text_in_tag(rule, tag)?).ok()
}

/// What a tag says of its version under such a rule, with dots between the numbers.
#[must_use]
pub fn text_in_tag(rule: &str, tag: &str) -> Option<String> {
    if let Some((before, after)) = rule.split_once("{version}") {
        return Some(tag.strip_prefix(before)?.strip_suffix(after)?.to_owned());
    }
    let mut numbers = [""; NUMBERS.len()];
    let (mut form, mut rest) = (rule, tag);
    while let Some((at, place, length)) = next_number(form) {
        rest = rest.strip_prefix(&form[..at])?;
        let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        (numbers[place], rest) = rest.split_at_checked(digits).filter(|(number, _)| !number.is_empty())?;
        form = &form[at + length..];
    }
    let rest = rest.strip_suffix(form)?;
    let known: Vec<&str> = numbers.into_iter().take_while(|number| !number.is_empty()).collect();
    (!known.is_empty()).then(|| format!("{}{rest}", known.join(".")))
}

/// The tag of a version under such a rule. What follows the numbers that the rule knows stays as it is, behind the last of
/// them.
#[must_use]
pub fn tag_of_version(rule: &str, version: &str) -> String {
    if rule.contains("{version}") {
        return rule.replace("{version}", version);
    }
    let known = NUMBERS.iter().filter(|name| rule.contains(**name)).count();
    let (mut numbers, mut rest) = (Vec::new(), version);
    while numbers.len() < known {
        let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        numbers.push(if number.is_empty() { "0" } else { number });
        rest = after;
        let is_number = |text: &str| text.starts_with(|letter: char| letter.is_ascii_digit());
        match rest.strip_prefix('.').filter(|text| numbers.len() < known && is_number(text)) {
            Some(next) => rest = next,
            None => numbers.resize(known, "0"),
        }
    }
    let last = rule.rfind(['{']).and_then(|start| Some(start + rule[start..].find('}')? + 1));
    let (form, end) = rule.split_at(last.unwrap_or(rule.len()));
    let filled =
        NUMBERS.iter().zip(numbers).fold(form.to_owned(), |form, (name, number)| form.replace(name, number));
    format!("{filled}{rest}{end}")
}

/// The numbers of a version, as the forms of tags name them.
const NUMBERS: [&str; 3] = ["{major}", "{minor}", "{patch}"];

/// Where the next number stands in a form: at which byte, which of them, and how long its name is.
fn next_number(form: &str) -> Option<(usize, usize, usize)> {
    let places = NUMBERS.iter().enumerate();
    places.filter_map(|(place, name)| Some((form.find(name)?, place, name.len()))).min()
}

/// What stands before a version in tags of any project, beside its own names.
const USUAL: [&str; 7] = ["", "r", "rel", "release", "releases", "ver", "version"];

/// The version that a tag names under one of the usual forms: `1.2.3`, `v1.2.3`, `release-1.2.3`, `REL_1_2_3`, or with one
/// of the project's `names` before it. Projects change the form of their tags over the years; a tag that begins with any
/// other word is of something else, such as a module with versions of its own.
#[must_use]
pub fn version_in_usual_tag<'n>(
    tag: &str,
    names: impl IntoIterator<Item = &'n str>,
    scheme: Scheme,
) -> Option<Version> {
    let (before, text) = tag.split_at(tag.find(|letter: char| letter.is_ascii_digit())?);
    let names: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
    // A project's own name may hold digits.
    let named = names.iter().find_map(|name| {
        let rest = tag.get(name.len()..)?;
        let own = tag.get(..name.len())?.eq_ignore_ascii_case(name);
        let start = rest.find(|letter: char| letter.is_ascii_digit()).filter(|_| own)?;
        Some(rest.split_at(start))
    });
    let (before, text) = match named {
        Some((between, text)) if is_usual(between) => (between, text),
        _ if is_usual(before) => (before, text),
        _ => return None,
    };
    // What is no Python version was never on PyPI: `1.2.1-docs`.
    let otherwise =
        |text: &str| (scheme != Scheme::Pep440).then(|| Scheme::Numbers.parse(text).ok()).flatten();
    let read = |text: &str| scheme.parse(text).ok().or_else(|| otherwise(text));
    let version = read(text).or_else(|| read(&with_dots(text)?))?;
    // `v1.2.x` is a line, and the names that move with every release say no more: `v1` where versions have three numbers.
    let is_a_line = text.ends_with(".x") || text.ends_with(".X");
    if is_a_line {
        return None;
    }
    // One number alone may be anything: `2022`, `r47`, and a day is `v20000512` even so.
    let is_a_day = text.len() >= 6 && scheme != Scheme::Calendar;
    let says_so = !is_a_day && before.ends_with(['v', 'V']) && scheme != Scheme::SemVer;
    (says_so || version.numbers().count() > 1).then_some(version)
}

/// Numbers that are joined by something else than dots: `1_2_3`, `1-2-3`. What begins with a year is a day.
fn with_dots(text: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.split('-').count() > 2 && text.split('-').all(is_number) {
        let is_a_year = text.split('-').next().is_some_and(|first| first.len() == 4);
        return (!is_a_year).then(|| text.replace('-', "."));
    }
    text.contains('_').then(|| text.replace('_', "."))
}

fn is_usual(before: &str) -> bool {
    let separators = ['-', '_', '.', '/'];
    let before = before.to_lowercase();
    let word = before.trim_matches(separators);
    let without_v = word.strip_suffix('v').map(|word| word.trim_end_matches(separators));
    USUAL.contains(&word) || without_v.is_some_and(|word| USUAL.contains(&word))
}

/// The version that a tag names at its end where no rule is known, and what stands before it: `v1.2.3`, `WAMR-2.4.1`,
/// `v1.0.0-rc93`, `2.0.0a1`. Some repositories release several things, and the versions of one say nothing about
/// another's.
#[must_use]
pub fn version_at_end(tag: &str) -> Option<(&str, Version)> {
    let starts = tag.char_indices().filter(|(at, letter)| {
        letter.is_ascii_digit()
            && !tag[..*at].ends_with(|before: char| before.is_ascii_digit() || before == '.')
    });
    // One number alone may be anything: `build-47`, `2022`.
    let read = |text: &str| Scheme::Numbers.parse(text).ok().filter(|version| version.numbers().count() > 1);
    starts.map(|(at, _)| at).find_map(|at| Some((&tag[..at], read(&tag[at..])?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn day_behind_a_v_is_no_version_of_one_number() {
        let read =
            |tag| version_in_usual_tag(tag, ["pump"], Scheme::Numbers).map(|version| version.to_string());
        assert_eq!(read("v47"), Some("47".to_owned()));
        assert_eq!(["V19990307", "v20000512"].map(read), [None, None]);
        let of_days = version_in_usual_tag("v20000512", ["pump"], Scheme::Calendar);
        assert_eq!(of_days.map(|version| version.to_string()), Some("20000512".to_owned()));
    }

    #[test]
    fn version_is_read_from_its_tag() {
        let read = |rule, tag| version_in_tag(rule, tag, Scheme::SemVer);
        assert_eq!(read("SLUICE-{version}", "SLUICE-2.4.1"), Some(semver("2.4.1")));
        assert_eq!(read("v{version}", "SLUICE-2.4.1"), None);
        assert_eq!(read("v{version}", "v2.4"), None);
        let gem = version_in_tag("v{version}", "v7.1.5.2", Scheme::RubyGems).unwrap();
        assert_eq!(gem.as_str(), "7.1.5.2");
    }

    #[rstest::rstest]
    #[case("REL_{major}_{minor}_{patch}", "1.2.3", "REL_1_2_3")]
    #[case("release-{major}-{minor}-{patch}-final", "1.2.3", "release-1-2-3-final")]
    #[case("REL{major}_{minor}", "17.2", "REL17_2")]
    #[case("v{major}_{minor}_{patch}", "1.2.3-rc.1", "v1_2_3-rc.1")]
    #[case("v{major}_{minor}", "1.2.3", "v1_2.3")]
    #[case("v{version}", "1.2.3", "v1.2.3")]
    fn tag_of_a_version_names_it(#[case] form: &str, #[case] version: &str, #[case] tag: &str) {
        assert_eq!(tag_of_version(form, version), tag);
        assert_eq!(text_in_tag(form, tag).as_deref(), Some(version));
    }

    #[test]
    fn tag_of_another_form_names_nothing() {
        let read = |tag| text_in_tag("REL_{major}_{minor}_{patch}", tag);
        assert_eq!(
            [read("REL_1_2"), read("v1.2.3"), read("REL_1.2.3"), read("REL_a_2_3")],
            [const { None }; 4]
        );
        assert_eq!(tag_of_version("REL_{major}_{minor}_{patch}", "1.2"), "REL_1_2_0");
    }

    #[test]
    fn forms_that_tags_had_over_the_years_are_read() {
        let read = |tag: &str, scheme| {
            version_in_usual_tag(tag, ["Pump", "acme-pump2"], scheme).map(|version| version.to_string())
        };
        for (tag, version) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("V1.2.3", "1.2.3"),
            ("release-1.2.3", "1.2.3"),
            ("releases/v1.2.3", "1.2.3"),
            ("REL_1_2_3", "1.2.3"),
            ("release-1-2-3", "1.2.3"),
            ("v1-2-3", "1.2.3"),
            ("pump-1.2.3", "1.2.3"),
            ("pump-v1.2", "1.2"),
            ("acme-pump2-1.2.3", "1.2.3"),
            ("v1.2.3-rc.1", "1.2.3-rc.1"),
        ] {
            assert_eq!(read(tag, Scheme::SemVer).as_deref(), Some(version), "{tag}");
        }
        assert_eq!(read("v47", Scheme::Numbers).as_deref(), Some("47"));
        assert_eq!(read("2.0.0a1", Scheme::Pep440).as_deref(), Some("2.0.0a1"));
        assert_eq!(read("1.2.1-docs", Scheme::Pep440), None);
        for tag in [
            "release-2026-01-07",
            "v1-2",
            "valve-1.2.3",
            "api/v1.2.3",
            "nightly",
            "2022",
            "build-47",
            "pumpkin-1.2.3",
            "v1.2.x",
            "v1",
        ] {
            assert_eq!(read(tag, Scheme::SemVer), None, "{tag}");
        }
    }

    #[test]
    fn version_is_what_ends_the_tag() {
        for (tag, before, version) in [
            ("v1.2.3", "v", "1.2.3"),
            ("WAMR-2.4.1", "WAMR-", "2.4.1"),
            ("v1.0.0-rc93", "v", "1.0.0-rc93"),
            ("a2-1.0.0", "a2-", "1.0.0"),
            ("2.0.0a1", "", "2.0.0a1"),
            ("v4.2", "v", "4.2"),
        ] {
            let (found_before, found) = version_at_end(tag).unwrap();
            assert_eq!((found_before, found.as_str()), (before, version), "{tag}");
        }
        for tag in ["WAMR-01-18-2022", "nightly", "dev", "build-47", ""] {
            assert_eq!(version_at_end(tag), None, "{tag}");
        }
    }
}
