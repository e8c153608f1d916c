//! The names of the branches that a release makes in public.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::BranchName;

/// The form of a name: text in which each of the two placeholders stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct BranchForm<const KIND: usize>(String);

/// The branch of a line's fixes, with `{release}` and `{branch}`.
pub type PatchBranchForm = BranchForm<0>;

/// The branch of a line's version bump, with `{branch}` and `{version}`.
pub type BumpBranchForm = BranchForm<1>;

/// The placeholders of each kind, and what a name is without a form.
const KINDS: [([&str; 2], &str); 2] = [
    (["{release}", "{branch}"], "security/{release}/{branch}"),
    (["{branch}", "{version}"], "bump/{branch}-{version}"),
];

/// A text that is no form of a branch's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a form of a branch's name: {why}; write for example `{example}`")]
pub struct InvalidBranchForm {
    text: String,
    why: String,
    example: &'static str,
}

impl<const KIND: usize> BranchForm<KIND> {
    /// Reads a form.
    ///
    /// # Errors
    /// When a placeholder is missing or unknown, or git would refuse the name.
    pub fn new(text: &str) -> Result<BranchForm<KIND>, InvalidBranchForm> {
        let (placeholders, example) = KINDS[KIND];
        let invalid = |why: String| InvalidBranchForm { text: text.to_owned(), why, example };
        let mut sample = text.to_owned();
        for one in placeholders {
            if !text.contains(one) {
                return Err(invalid(format!("it lacks `{one}`")));
            }
            sample = sample.replace(one, "1");
        }
        if sample.contains(['{', '}']) {
            let known = placeholders.map(|one| format!("`{one}`")).join(" and ");
            return Err(invalid(format!("only {known} stand in it")));
        }
        sample.parse::<BranchName>().map_err(|error| invalid(error.to_string()))?;
        Ok(BranchForm(text.to_owned()))
    }

    fn fill(&self, first: &dyn fmt::Display, second: &dyn fmt::Display) -> String {
        let ([one, other], _) = KINDS[KIND];
        self.0.replace(one, &first.to_string()).replace(other, &second.to_string())
    }
}

impl<const KIND: usize> Default for BranchForm<KIND> {
    fn default() -> BranchForm<KIND> {
        BranchForm(KINDS[KIND].1.to_owned())
    }
}

impl<'de, const KIND: usize> Deserialize<'de> for BranchForm<KIND> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<BranchForm<KIND>, D::Error> {
        BranchForm::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl PatchBranchForm {
    /// The branch of a line's fixes in a release.
    #[must_use]
    pub fn of(&self, release: &str, branch: &BranchName) -> String {
        self.fill(&release, branch)
    }
}

impl BumpBranchForm {
    /// The branch of a line's bump to a version.
    #[must_use]
    pub fn of(&self, branch: &BranchName, version: &dyn fmt::Display) -> String {
        self.fill(branch, version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_filled_and_default_to_the_usual_names() {
        let main: BranchName = "main".parse().unwrap();
        assert_eq!(PatchBranchForm::default().of("2026-03-06", &main), "security/2026-03-06/main");
        assert_eq!(BumpBranchForm::default().of(&main, &"1.2.3"), "bump/main-1.2.3");
        let own = BumpBranchForm::new("bot/{version}/{branch}").unwrap();
        assert_eq!(own.of(&main, &"1.2.3"), "bot/1.2.3/main");
    }

    #[test]
    fn what_would_clash_or_is_no_name_is_refused() {
        for (text, why) in [
            ("fixes/{branch}", "it lacks `{release}`"),
            ("fixes/{release}", "it lacks `{branch}`"),
            ("{release}/{branch}/{x}", "only `{release}` and `{branch}` stand in it"),
            ("{release}..{branch}", "branch"),
        ] {
            let refusal = PatchBranchForm::new(text).unwrap_err().to_string();
            assert!(refusal.contains(why), "{refusal}");
        }
    }
}
