//! Reading what a branch requires of a merge. Reading branch protection needs admin rights, reading rulesets does
//! not: both are read.

use http::Method;

use super::client::Client;
use super::error::{Class, GitHubError};
use super::protection::{WireProtection, WireRule, add_classic, add_rule};
use crate::ids::{BranchName, RepoName};
use crate::merge_rules::BranchRules;

impl Client {
    /// What the branch requires of a merge. What this token may not read counts as absent, and is read once per
    /// branch: the merge itself reports rules that are hidden or that changed during the release.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn branch_rules(
        &self,
        repo: &RepoName,
        branch: &BranchName,
    ) -> Result<BranchRules, GitHubError> {
        let key = (repo.clone(), branch.clone());
        if let Some(known) = self.cache().branch_rules.get(&key) {
            return Ok(known);
        }
        let found = self.ask_branch_rules(repo, branch).await?;
        self.cache().branch_rules.insert(key, found.clone());
        Ok(found)
    }

    async fn ask_branch_rules(
        &self,
        repo: &RepoName,
        branch: &BranchName,
    ) -> Result<BranchRules, GitHubError> {
        let mut found = BranchRules::default();
        let classic = self.repo_call(Method::GET, repo, ["branches", branch.as_str(), "protection"]);
        if let Some(classic) = allowed(self.look::<WireProtection>(classic).await)?.flatten() {
            add_classic(&mut found, classic);
        }
        for rule in self.rules_of_rulesets(repo, branch).await? {
            add_rule(&mut found, &rule);
        }
        found.required_checks.sort();
        found.required_checks.dedup();
        Ok(found)
    }

    /// What rulesets say of a branch. Most repositories have none, and one list says so for all branches.
    async fn rules_of_rulesets(
        &self,
        repo: &RepoName,
        branch: &BranchName,
    ) -> Result<Vec<WireRule>, GitHubError> {
        if self.has_no_ruleset(repo).await? {
            return Ok(Vec::new());
        }
        let rules = self.repo_call(Method::GET, repo, ["rules", "branches", branch.as_str()]);
        match allowed(self.list(rules).await) {
            Err(GitHubError { class: Class::NotFound, .. }) => Ok(Vec::new()),
            rules => Ok(rules?.unwrap_or_default()),
        }
    }
}

/// `None` where the token may not read.
fn allowed<T>(outcome: Result<T, GitHubError>) -> Result<Option<T>, GitHubError> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(GitHubError { class: Class::Forbidden { .. }, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
