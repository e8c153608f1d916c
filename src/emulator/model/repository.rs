//! Repositories: who may do what, and what is protected.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoredAccount;
use crate::emulator::pattern::covers;
use crate::emulator::spec::{
    CheckSpec, MergeStyle, ProtectionSpec, ReleaseSpec, Role, RuleKind, RulesetSpec, StoredVisibility,
};
use crate::ids::{GhsaId, Login, RepoName};
use crate::push_rules::CommitTexts;

/// What kind of repository it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RepositoryKind {
    /// One of its own.
    Root,
    /// Somebody's fork.
    Fork(RepoName),
    /// An advisory's temporary private fork; GitHub's own word is "workspace repository".
    Workspace(RepoName, GhsaId),
}

/// A repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredRepository {
    pub(crate) id: u64,
    pub(crate) name: RepoName,
    /// The names that it had before.
    #[serde(default)]
    pub(crate) formerly: Vec<RepoName>,
    /// When somebody makes it public.
    #[serde(default)]
    pub(crate) turns_public: Option<Timestamp>,
    pub(crate) kind: RepositoryKind,
    pub(crate) default_branch: String,
    pub(crate) visibility: StoredVisibility,
    pub(crate) collaborators: BTreeMap<Login, Role>,
    pub(crate) protection: Vec<ProtectionSpec>,
    #[serde(default)]
    pub(crate) rulesets: Vec<RulesetSpec>,
    pub(crate) merge_methods: Vec<MergeStyle>,
    pub(crate) checks: Vec<CheckSpec>,
    pub(crate) release: Option<ReleaseSpec>,
    /// The release that carries the label "latest".
    pub(crate) latest: Option<u64>,
    /// Whether what is published is frozen.
    #[serde(default)]
    pub(crate) immutable_releases: bool,
    /// Tags that no release can have again: an immutable one had them, and was deleted.
    #[serde(default)]
    pub(crate) burnt_tags: Vec<String>,
    pub(crate) next_number: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) pushed_at: Timestamp,
}

impl StoredRepository {
    /// What an account may do here; `None`: not even see it.
    pub(crate) fn permission(&self, account: Option<&StoredAccount>) -> Option<Role> {
        let seen = (self.visibility == StoredVisibility::Public).then_some(Role::Read);
        let Some(account) = account else { return seen };
        // "Integrations, including CI, cannot access temporary private forks."
        if account.credential.app && self.is_workspace() {
            return None;
        }
        if account.admin || account.login.as_str() == self.name.owner() {
            return Some(Role::Admin);
        }
        self.collaborators.get(&account.login).copied().max(seen)
    }

    /// Whether an account was let in: everybody sees what is public, and is none for that.
    pub(crate) fn has_collaborator(&self, account: &StoredAccount) -> bool {
        self.collaborators.contains_key(&account.login) || self.permission(Some(account)) == Some(Role::Admin)
    }

    /// The repository it was made from.
    pub(crate) fn parent(&self) -> Option<&RepoName> {
        match &self.kind {
            RepositoryKind::Root => None,
            RepositoryKind::Fork(parent) | RepositoryKind::Workspace(parent, _) => Some(parent),
        }
    }

    /// Whether it is a temporary private fork.
    pub(crate) fn is_workspace(&self) -> bool {
        matches!(self.kind, RepositoryKind::Workspace(..))
    }

    /// The rules that protect a branch, all of which hold. GitHub does not enforce rules in workspace repositories.
    pub(crate) fn rules_of<'a, 'b>(
        &'a self,
        branch: &'b str,
    ) -> impl Iterator<Item = &'a ProtectionSpec> + use<'a, 'b> {
        let rules = if self.is_workspace() { [].iter() } else { self.protection.iter() };
        rules.filter(move |rule| rule.branches.iter().any(|glob| covers(glob, branch)))
    }

    /// The checks that a merge into a branch needs, by whichever rule.
    pub(crate) fn required_checks(&self, branch: &str) -> Vec<String> {
        self.rules_of(branch).flat_map(|rule| rule.required_checks.iter().cloned()).collect()
    }

    /// The rulesets that concern a reference and that an account may not bypass. GitHub does not enforce them in workspace
    /// repositories.
    pub(crate) fn rulesets_of<'a>(
        &'a self,
        reference: &'a str,
        login: &'a Login,
    ) -> impl Iterator<Item = &'a RulesetSpec> {
        let all = if self.is_workspace() { [].iter() } else { self.rulesets.iter() };
        all.filter(move |one| {
            let any = |globs: Vec<String>| globs.iter().any(|glob| covers(glob, reference));
            any(one.references()) && !any(one.exceptions()) && !one.bypass.contains(login)
        })
    }

    /// Why an account may not make a reference, in GitHub's words.
    pub(crate) fn refuses_new(&self, reference: &str, login: &Login) -> Option<String> {
        let short = reference.splitn(3, '/').nth(2).unwrap_or(reference);
        self.rulesets_of(reference, login).find_map(|ruleset| {
            if ruleset.restrict_creation {
                return Some("Cannot create ref due to creations being restricted.".to_owned());
            }
            ruleset.name_pattern.as_ref()?.refuses("Ref name", short)
        })
    }

    /// What its rulesets say against a commit that comes to a reference, in GitHub's words.
    pub(crate) fn refuses_commit(
        &self,
        reference: &str,
        login: &Login,
        commit: CommitTexts<'_>,
    ) -> Option<String> {
        self.rulesets_of(reference, login).find_map(|ruleset| ruleset.refuses_commit(commit))
    }

    /// Whether commits are looked at when they are pushed.
    pub(crate) fn holds_commits(&self) -> bool {
        !self.is_workspace() && self.rulesets.iter().any(RulesetSpec::holds_commits)
    }

    /// The method of the merge queue of a branch, if it has one.
    pub(crate) fn queue_of(&self, branch: &str) -> Option<MergeStyle> {
        self.rules_of(branch).find_map(ProtectionSpec::queue)
    }

    /// The classic protection of a branch; of several patterns the first counts.
    pub(crate) fn protection_of(&self, branch: &str) -> Option<&ProtectionSpec> {
        self.rules_of(branch).find(|rule| rule.kind == RuleKind::Classic)
    }
}
