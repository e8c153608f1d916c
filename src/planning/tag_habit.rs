//! Whether the form of tags that the catalog states is the one that the repository has.

use crate::catalog::ReleaseRule;
use crate::numbering::{Scheme, version_in_tag};
use crate::snapshot::TaggedVersion;

/// Tags that write the version in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddForm {
    /// The newest tag.
    pub(super) tag: String,
    /// What the catalog's form makes of its version.
    pub(super) made: String,
    /// The form that the tags have.
    pub(super) form: String,
}

/// What the tags look like, where none has the form that is stated, nor one that the catalog calls earlier: `v1.2.3` under
/// `{version}`, `release_1_2_3` under `release_{version}`.
pub(super) fn odd_form(rule: &ReleaseRule, versions: &[TaggedVersion], scheme: Scheme) -> Option<OddForm> {
    if versions.iter().any(|one| has_a_form_of(rule, one, scheme)) {
        return None;
    }
    let newest = versions.iter().max_by(|one, other| one.version.cmp(&other.version))?;
    let form = form_of(newest).or_else(|| form_between(rule, newest))?;
    Some(OddForm { tag: newest.tag.clone(), made: rule.tag_of(&newest.version), form })
}

/// Whether a tag has a form of the catalog's. Schemes that take `v1.2.3` for a version do not make `{version}` its form.
fn has_a_form_of(rule: &ReleaseRule, one: &TaggedVersion, scheme: Scheme) -> bool {
    let read_as = |form: &String| version_in_tag(form, &one.tag, scheme).is_some();
    let begins_with_v = |tag: &str| {
        let mut letters = tag.chars();
        letters.next().is_some_and(|v| v.eq_ignore_ascii_case(&'v'))
            && letters.next().is_some_and(|c| c.is_ascii_digit())
    };
    let mut forms = std::iter::once(&rule.tag).chain(&rule.earlier_tags);
    forms.any(|form| read_as(form) && !(form.starts_with("{version}") && begins_with_v(&one.tag)))
}

/// The form of a tag that holds its version as it is.
fn form_of(one: &TaggedVersion) -> Option<String> {
    let version = one.version.as_str().trim_start_matches(['v', 'V']);
    let at = one.tag.rfind(version)?;
    let (before, after) = (&one.tag[..at], &one.tag[at + version.len()..]);
    let is_whole =
        !before.ends_with(|c: char| c.is_ascii_digit()) && !after.contains(|c: char| c.is_ascii_digit());
    is_whole.then(|| format!("{before}{{version}}{after}"))
}

/// That of a tag which differs from what is stated by what stands between the numbers alone.
fn form_between(rule: &ReleaseRule, newest: &TaggedVersion) -> Option<String> {
    let written = |between: char| {
        let version = newest.version.as_str().replace('.', &between.to_string());
        rule.tag.replace("{version}", &version)
    };
    let between =
        ['_', '-'].into_iter().find(|between| written(*between).eq_ignore_ascii_case(&newest.tag))?;
    let numbers: Vec<&str> =
        ["{major}", "{minor}", "{patch}"].into_iter().take(newest.version.numbers().count()).collect();
    let before = &newest.tag[..rule.tag.find("{version}")?];
    let after = rule.tag.split_once("{version}")?.1;
    Some(format!("{before}{}{after}", numbers.join(&between.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Trigger;
    use crate::snapshot::Origin;

    fn odd(form: &str, earlier: &[&str], tags: &[&str]) -> Option<String> {
        let mut rule = ReleaseRule::started_by(Trigger::PushTag);
        rule.tag = form.to_owned();
        rule.earlier_tags = earlier.iter().map(ToString::to_string).collect();
        let tagged = |tag: &&str| TaggedVersion {
            version: Scheme::Pep440.parse(tag.trim_start_matches(|c: char| !c.is_ascii_digit())).unwrap(),
            tag: (*tag).to_owned(),
            commit: "a".repeat(40).parse().unwrap(),
            origin: Origin::OldLine("1.2.x".to_owned()),
            rivals: Vec::new(),
        };
        let versions: Vec<TaggedVersion> = tags.iter().map(tagged).collect();
        odd_form(&rule, &versions, Scheme::Pep440).map(|odd| odd.form)
    }

    #[test]
    fn form_that_no_tag_has_is_told_with_the_one_that_they_have() {
        assert_eq!(odd("{version}", &[], &["v1.2.2", "v1.2.3"]).as_deref(), Some("v{version}"));
        assert_eq!(odd("v{version}", &[], &["codec-1.4.2"]).as_deref(), Some("codec-{version}"));
        assert_eq!(odd("v{version}", &[], &["1.4.2"]).as_deref(), Some("{version}"));
    }

    #[test]
    fn one_tag_of_the_form_or_a_word_on_earlier_ones_is_enough() {
        assert_eq!(odd("v{version}", &[], &["codec-1.4.2", "v1.4.3"]), None);
        assert_eq!(odd("{version}", &["v{version}"], &["v1.2.3"]), None);
        assert_eq!(odd("v{version}", &[], &[]), None);
    }
}
