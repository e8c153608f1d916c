//! Whether the form of tags that the catalog states is the one that the repository has.

use crate::catalog::ReleaseRule;
use crate::numbering::Scheme;
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

/// What the tags look like, where none has the form that is stated and the newest one differs from it by what stands between
/// the numbers alone: `release_1_2_3` under `release_{version}`.
pub(super) fn odd_form(rule: &ReleaseRule, versions: &[TaggedVersion], scheme: Scheme) -> Option<OddForm> {
    if versions.iter().any(|one| rule.version_of(&one.tag, scheme).is_some()) {
        return None;
    }
    let newest = versions.iter().max_by(|one, other| one.version.cmp(&other.version))?;
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
    Some(OddForm {
        tag: newest.tag.clone(),
        made: rule.tag_of(&newest.version),
        form: format!("{before}{}{after}", numbers.join(&between.to_string())),
    })
}
