//! What a repository and its branches require of a merge, in GitHub's words.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code_owners::CodeOwners;
use crate::ids::BranchName;
use crate::push_rules::PushRules;

/// How a pull request is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MergeMethod {
    /// A merge commit.
    Merge,
    /// One commit.
    Squash,
    /// The commits on top of the base.
    Rebase,
}

impl MergeMethod {
    /// All of them, the one first that keeps the proven commits.
    pub const ALL: [MergeMethod; 3] = [MergeMethod::Merge, MergeMethod::Squash, MergeMethod::Rebase];

    /// The word that GitHub's API uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MergeMethod::Merge => "merge",
            MergeMethod::Squash => "squash",
            MergeMethod::Rebase => "rebase",
        }
    }
}

/// Something that a branch demands of a pull request beside checks and a number of approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// A change comes by a pull request.
    PullRequest,
    /// An owner of the changed code approves.
    CodeOwner,
    /// Somebody else than who pushed last approves what was pushed last.
    LastPush,
    /// An approval counts for the commits that it was given for.
    FreshReviews,
    /// Every conversation is resolved.
    Conversations,
    /// Commits are signed.
    Signatures,
    /// No merge commits.
    LinearHistory,
    /// Merges go through the merge queue.
    Queue,
    /// The branch is locked: nobody merges.
    Locked,
}

/// What a branch requires of a merge, as far as the token may see: the sum of its classic protection and its rulesets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchRules {
    /// The names of the required checks, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_checks: Vec<String>,
    /// How many approving reviews are required.
    #[serde(default)]
    pub required_reviews: u64,
    /// What else is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub demands: BTreeSet<Demand>,
    /// The only methods that its rulesets allow; `None` where they leave it to the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<BTreeSet<MergeMethod>>,
}

impl BranchRules {
    /// How many people have to approve a pull request at least.
    #[must_use]
    pub fn approvals(&self) -> u64 {
        let by_somebody = [Demand::CodeOwner, Demand::LastPush].iter().any(|one| self.demands.contains(one));
        self.required_reviews.max(u64::from(by_somebody))
    }
}

/// What a repository requires of merges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeRules {
    /// The methods that it allows; `None` where the token may not see its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<BTreeSet<MergeMethod>>,
    /// What its branches require.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub branches: BTreeMap<BranchName, BranchRules>,
    /// Who owns the code of those that want an owner's approval, where it is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owners: BTreeMap<BranchName, CodeOwners>,
    /// The members of the teams among them, by the name of the team with its `@`; `None` where the token may not read them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<String, Option<Vec<String>>>,
    /// What its rulesets say of the names and files that are pushed.
    #[serde(default, skip_serializing_if = "PushRules::is_empty")]
    pub pushes: PushRules,
}

impl MergeRules {
    /// An owner as CODEOWNERS names it, a team with who is in it.
    #[must_use]
    pub fn owner_in_words(&self, owner: &str) -> String {
        match self.teams.get(owner) {
            None => owner.to_owned(),
            Some(None) => format!("{owner} (a team whose members this token may not read)"),
            Some(Some(members)) if members.is_empty() => format!("{owner} (a team without members)"),
            Some(Some(members)) => format!("{owner} ({})", members.join(", ")),
        }
    }

    /// The people behind these owners; `None` where somebody may be among them who is not known.
    #[must_use]
    pub fn people_of(&self, owners: &[String]) -> Option<BTreeSet<String>> {
        let mut people = BTreeSet::new();
        for owner in owners {
            match self.teams.get(owner) {
                Some(members) => people.extend(members.as_ref()?.iter().map(|login| login.to_lowercase())),
                None => {
                    people.insert(owner.strip_prefix('@')?.to_lowercase());
                }
            }
        }
        Some(people)
    }

    /// The methods by which a pull request can get into the branch.
    #[must_use]
    pub fn allowed(&self, branch: &BranchName) -> BTreeSet<MergeMethod> {
        let rules = self.branches.get(branch);
        let by_rulesets = rules.and_then(|rules| rules.methods.as_ref());
        let is_linear = rules.is_some_and(|rules| rules.demands.contains(&Demand::LinearHistory));
        let allows = |method: &MergeMethod| {
            let named = |set: Option<&BTreeSet<MergeMethod>>| set.is_none_or(|set| set.contains(method));
            named(self.methods.as_ref())
                && named(by_rulesets)
                && !(is_linear && *method == MergeMethod::Merge)
        };
        MergeMethod::ALL.into_iter().filter(allows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_those_that_repository_rulesets_and_history_all_allow() {
        let main: BranchName = "main".parse().unwrap();
        let mut rules = MergeRules::default();
        assert_eq!(rules.allowed(&main).len(), 3);
        rules.methods = Some([MergeMethod::Merge, MergeMethod::Squash].into());
        let linear = BranchRules { demands: [Demand::LinearHistory].into(), ..BranchRules::default() };
        rules.branches.insert(main.clone(), linear);
        assert_eq!(rules.allowed(&main), [MergeMethod::Squash].into());
        assert_eq!(
            rules.allowed(&"other".parse().unwrap()),
            [MergeMethod::Merge, MergeMethod::Squash].into()
        );
        let only = BranchRules { methods: Some([MergeMethod::Rebase].into()), ..BranchRules::default() };
        rules.branches.insert(main.clone(), only);
        assert!(rules.allowed(&main).is_empty());
    }

    #[test]
    fn a_team_is_its_members_as_far_as_they_are_known() {
        let mut rules = MergeRules::default();
        rules.teams.insert("@gauge/core".into(), Some(vec!["Mara".into()]));
        rules.teams.insert("@gauge/shell".into(), None);
        let owners = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let people = rules.people_of(&owners(&["@mara", "@gauge/core"]));
        assert_eq!(people, Some(["mara".to_owned()].into()));
        assert_eq!(rules.people_of(&owners(&["@mara", "@gauge/shell"])), None);
        assert_eq!(rules.people_of(&owners(&["ada@gauge.example"])), None);
        assert_eq!(rules.owner_in_words("@gauge/core"), "@gauge/core (Mara)");
        assert_eq!(rules.owner_in_words("@ines"), "@ines");
    }

    #[test]
    fn an_owner_of_the_code_is_at_least_one_person() {
        let demands = [Demand::CodeOwner].into();
        assert_eq!(BranchRules { demands, ..BranchRules::default() }.approvals(), 1);
        assert_eq!(BranchRules { required_reviews: 2, ..BranchRules::default() }.approvals(), 2);
        assert_eq!(BranchRules::default().approvals(), 0);
    }
}
