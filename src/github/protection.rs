//! What a branch asks of a merge. Branch protection needs admin rights to read, rulesets do not: both are read.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::{Class, GitHubError};
use crate::ids::{BranchName, RepoName};

/// What a branch asks for, as far as this token may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    /// The names of checks that must pass, sorted.
    pub required_checks: Vec<String>,
    /// How many approving reviews are needed.
    pub required_reviews: u64,
    /// Whether it takes changes by pull request only.
    pub pull_request_only: bool,
}

#[derive(Deserialize)]
struct WireProtection {
    required_status_checks: Option<WireStatusChecks>,
    required_pull_request_reviews: Option<WireReviews>,
}

#[derive(Deserialize)]
struct WireStatusChecks {
    #[serde(default)]
    contexts: Vec<String>,
}

#[derive(Deserialize)]
struct WireReviews {
    required_approving_review_count: Option<u64>,
}

#[derive(Deserialize)]
struct WireRule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Value,
}

impl Protection {
    fn add_classic(&mut self, classic: WireProtection) {
        self.required_checks
            .extend(classic.required_status_checks.into_iter().flat_map(|checks| checks.contexts));
        if let Some(reviews) = classic.required_pull_request_reviews {
            self.pull_request_only = true;
            self.required_reviews =
                self.required_reviews.max(reviews.required_approving_review_count.unwrap_or(1));
        }
    }

    fn add_rule(&mut self, rule: &WireRule) {
        match rule.kind.as_str() {
            "required_status_checks" => {
                let checks = rule.parameters["required_status_checks"].as_array().into_iter().flatten();
                let names = checks.filter_map(|check| check["context"].as_str()).map(str::to_owned);
                self.required_checks.extend(names);
            }
            "pull_request" => {
                self.pull_request_only = true;
                let count = rule.parameters["required_approving_review_count"].as_u64().unwrap_or(0);
                self.required_reviews = self.required_reviews.max(count);
            }
            _ => {}
        }
    }
}

impl Client {
    /// What the branch asks of a merge. What this token may not read counts as absent: the merge itself will tell.
    /// Asked once per branch: rules that change during a release are told by the merge as well.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn protection(&self, repo: &RepoName, branch: &BranchName) -> Result<Protection, GitHubError> {
        let key = (repo.clone(), branch.clone());
        let known = self.known_protection().get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = self.ask_protection(repo, branch).await?;
        self.known_protection().insert(key, found.clone());
        Ok(found)
    }

    async fn ask_protection(&self, repo: &RepoName, branch: &BranchName) -> Result<Protection, GitHubError> {
        let mut found = Protection::default();
        let classic = self.repo_call(Method::GET, repo, ["branches", branch.as_str(), "protection"]);
        if let Some(classic) = allowed(self.look::<WireProtection>(classic).await)?.flatten() {
            found.add_classic(classic);
        }
        let rules = self.repo_call(Method::GET, repo, ["rules", "branches", branch.as_str()]);
        let rules = match allowed(self.pages(rules, |page: Vec<WireRule>| page).await) {
            Err(GitHubError { class: Class::NotFound, .. }) => None,
            other => other?,
        };
        rules.into_iter().flatten().for_each(|rule| found.add_rule(&rule));
        found.required_checks.sort();
        found.required_checks.dedup();
        Ok(found)
    }
}

/// Nothing, where the token may not read.
fn allowed<T>(outcome: Result<T, GitHubError>) -> Result<Option<T>, GitHubError> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(GitHubError { class: Class::Forbidden { .. }, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_kinds_of_rules_count() {
        let mut found = Protection::default();
        let classic = json!({"required_status_checks": {"strict": true, "contexts": ["build"]},
            "required_pull_request_reviews": {"required_approving_review_count": 1}});
        found.add_classic(serde_json::from_value(classic).unwrap());
        for rule in [
            json!({"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "test"}]}}),
            json!({"type": "pull_request", "parameters": {"required_approving_review_count": 2}}),
            json!({"type": "deletion"}),
        ] {
            found.add_rule(&serde_json::from_value(rule).unwrap());
        }
        let expected = Protection {
            required_checks: vec!["build".into(), "test".into()],
            required_reviews: 2,
            pull_request_only: true,
        };
        assert_eq!(found, expected);
    }
}
