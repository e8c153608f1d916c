//! What a form of tags must be: one tag for each release, which git takes.

use super::tag_form::TagForm;
use crate::ids::BranchName;
use crate::numbering::tag_of_version;

/// What to write where the tag tells the version.
pub(super) const REMEDY: &str = "write `{version}` once, and beside it what a tag may hold, as in `v{version}`, `release-{version}` or \
     `REL_{major}_{minor}_{patch}`";

/// What is wrong with a form that tells a version: it differs from release to release, and git takes it.
pub(super) fn wrong_form(form: &str) -> Option<String> {
    let once = |name: &str| form.matches(name).count() == 1;
    let numbers = || once("{major}") && once("{minor}") && form.matches("{patch}").count() < 2;
    if form.matches("{version}").count() > 1 || !(once("{version}") || numbers()) {
        return Some(format!(
            "`{form}` does not hold `{{version}}` once, nor its numbers: every release would have one tag, or none"
        ));
    }
    let filled = tag_of_version(form, "1.2.3");
    if filled.contains(['{', '}']) {
        return Some(format!(
            "`{form}` has a placeholder that a tag does not know; it knows `{{version}}`, or `{{major}}`, `{{minor}}` and \
             `{{patch}}` in its place"
        ));
    }
    wrong_name(form, &filled)
}

/// What is wrong with a further tag of a release, which may have numbers of its own.
pub(super) fn wrong_further_form(form: &TagForm) -> Option<String> {
    if !form.is_sound() {
        return Some(format!("`{}` cannot be a tag of every release", form.form()));
    }
    wrong_name(form.form(), &form.filled("1.2.3", ["1", "2", "3"]))
}

fn wrong_name(form: &str, filled: &str) -> Option<String> {
    let is_taken = filled.parse::<BranchName>().is_ok();
    (!is_taken).then(|| format!("`{filled}`, which `{form}` makes, is no name that git takes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("v{version}", None)]
    #[case("api/{version}", None)]
    #[case("REL_{major}_{minor}_{patch}", None)]
    #[case("REL_{major}_{minor}", None)]
    #[case("v{major}", Some("nor its numbers"))]
    #[case("v{patch}.{patch}.{major}.{minor}", Some("nor its numbers"))]
    #[case("v1", Some("does not hold `{version}` once"))]
    #[case("{version}-{version}", Some("does not hold `{version}` once"))]
    #[case("v{version}-{patch}", Some("has a placeholder that a tag does not know"))]
    #[case("v {version}", Some("`v 1.2.3`, which `v {version}` makes, is no name that git takes"))]
    #[case("api//v{version}", Some("is no name that git takes"))]
    #[case("v{version}.lock", Some("is no name that git takes"))]
    fn form_that_tells_a_version_is_tried_as_a_name(#[case] form: &str, #[case] wrong: Option<&str>) {
        let found = wrong_form(form);
        assert_eq!(found.is_some(), wrong.is_some(), "{found:?}");
        assert!(found.unwrap_or_default().contains(wrong.unwrap_or_default()));
    }

    #[test]
    fn further_form_is_tried_as_a_name_with_its_numbers() {
        let wrong = |form: &str| wrong_further_form(&TagForm::Every(form.to_owned()));
        assert_eq!(wrong("client/v2.30{minor}.{patch}"), None);
        assert_eq!(wrong("api/v{major}").unwrap(), "`api/v{major}` cannot be a tag of every release");
        assert_eq!(
            wrong("api v{patch}").unwrap(),
            "`api v3`, which `api v{patch}` makes, is no name that git takes"
        );
    }
}
