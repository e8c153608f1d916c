//! Tags that a release has beside its own: those of the modules of a repository, some with numbers of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::BranchName;
use crate::numbering::Version;

/// What may stand in such a tag.
const KNOWN: [&str; 4] = ["version", "major", "minor", "patch"];

/// One more tag of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TagForm {
    /// A tag that every release has: `api/v{version}`, `client/v2.30{minor}.{patch}`.
    Every(String),
    /// A tag that only the releases of some branches have.
    OfBranches {
        /// The tag.
        tag: String,
        /// The branches.
        branches: Vec<BranchName>,
    },
}

impl TagForm {
    /// The tag with its placeholders.
    #[must_use]
    pub fn form(&self) -> &str {
        match self {
            TagForm::Every(form) | TagForm::OfBranches { tag: form, .. } => form,
        }
    }

    /// Whether the releases of a branch have it.
    #[must_use]
    pub fn is_of(&self, branch: &BranchName) -> bool {
        match self {
            TagForm::Every(_) => true,
            TagForm::OfBranches { branches, .. } => branches.contains(branch),
        }
    }

    /// Whether it differs from release to release, and holds nothing in braces that has no meaning.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let mut rest = self.form().to_owned();
        for name in KNOWN {
            rest = rest.replace(&format!("{{{name}}}"), "");
        }
        !rest.contains(['{', '}']) && ["{version}", "{patch}"].iter().any(|name| self.form().contains(name))
    }

    /// The tag of this version.
    #[must_use]
    pub fn of(&self, version: &Version) -> String {
        let numbers: Vec<String> = version.numbers().map(|number| number.to_string()).collect();
        let number = |at: usize| numbers.get(at).map_or("0", String::as_str);
        self.filled(version.as_str(), [number(0), number(1), number(2)])
    }

    /// The tag with a version and its numbers in the places for them.
    pub(super) fn filled(&self, version: &str, [major, minor, patch]: [&str; 3]) -> String {
        let filled = self.form().replace("{version}", version).replace("{major}", major);
        filled.replace("{minor}", minor).replace("{patch}", patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn numbers_of_its_own_are_made_of_those_of_the_version() {
        let of = |form: &str| TagForm::Every(form.to_owned()).of(&semver("3.5.33"));
        assert_eq!(of("api/v{version}"), "api/v3.5.33");
        assert_eq!(of("client/v2.30{minor}.{patch}"), "client/v2.305.33");
    }

    #[test]
    fn form_that_is_the_same_for_each_release_is_none() {
        let is_sound = |form: &str| TagForm::Every(form.to_owned()).is_sound();
        assert!(is_sound("api/v{version}") && is_sound("client/v2.30{minor}.{patch}"));
        assert!(!is_sound("api/v1") && !is_sound("api/v{minor}") && !is_sound("api/{vers}-{version}"));
    }
}
