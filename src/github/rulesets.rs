//! Reading what rulesets say of pushes. Names that do not exist yet have no branch to ask for, so whole rulesets are read.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::{Class, GitHubError};
use crate::ids::RepoName;
use crate::push_rules::{PushRule, PushRules, PushRuleset, PushTarget, TextPattern};

/// A ruleset in a list.
#[derive(Deserialize)]
struct WireListed {
    id: u64,
    enforcement: String,
}

/// A ruleset on its own.
#[derive(Deserialize)]
struct WireRuleset {
    name: String,
    #[serde(default)]
    target: Option<String>,
    /// `always`, `pull_requests_only`, `never` or `exempt`, for the token's account.
    #[serde(default)]
    current_user_can_bypass: Option<String>,
    #[serde(default)]
    conditions: Option<WireConditions>,
    #[serde(default)]
    rules: Vec<WirePushRule>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireConditions {
    ref_name: WireRefNames,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRefNames {
    include: Vec<String>,
    exclude: Vec<String>,
}

#[derive(Deserialize)]
struct WirePushRule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Value,
}

impl Client {
    /// What the rulesets of a repository, and of its organisation for it, say of pushes. What the token may not read counts
    /// as absent, and what its account may bypass does not count.
    ///
    /// # Errors
    /// [`GitHubError`] when a request fails.
    pub async fn push_rules(&self, repo: &RepoName) -> Result<PushRules, GitHubError> {
        let listed = self.active_rulesets(repo).await?.unwrap_or_default();
        let mut rules = Vec::new();
        for one in listed {
            let call = self.repo_call(Method::GET, repo, ["rulesets", &one.id.to_string()]);
            if let Some(found) = self.look::<WireRuleset>(call).await? {
                rules.extend(ruleset(found));
            }
        }
        Ok(PushRules(rules))
    }

    /// Whether the token sees that no ruleset is in force.
    pub(super) async fn has_no_ruleset(&self, repo: &RepoName) -> Result<bool, GitHubError> {
        Ok(self.active_rulesets(repo).await?.is_some_and(|listed| listed.is_empty()))
    }

    /// Those in force; `None` where the token may not read them.
    async fn active_rulesets(&self, repo: &RepoName) -> Result<Option<Vec<WireListed>>, GitHubError> {
        let call = self.repo_call(Method::GET, repo, ["rulesets"]).query("includes_parents", "true");
        match self.list::<WireListed>(call).await {
            Err(GitHubError { class: Class::NotFound | Class::Forbidden { .. }, .. }) => Ok(None),
            listed => Ok(Some(listed?.into_iter().filter(|one| one.enforcement == "active").collect())),
        }
    }
}

/// What a ruleset says of pushes; `None` if it says nothing, or not to this account.
fn ruleset(wire: WireRuleset) -> Option<PushRuleset> {
    let bypass = wire.current_user_can_bypass.as_deref();
    if matches!(bypass, Some("always" | "exempt")) {
        return None;
    }
    let lets_merges_pass = bypass == Some("pull_requests_only");
    let rules: Vec<PushRule> = wire.rules.iter().filter_map(rule).collect();
    let names = wire.conditions.unwrap_or_default().ref_name;
    let about = match wire.target.as_deref() {
        Some("push") => PushTarget::Pushes,
        Some("tag") => PushTarget::Tags,
        _ => PushTarget::Branches,
    };
    // A ruleset about pushes has no conditions on references.
    let include = if about == PushTarget::Pushes { vec!["~ALL".to_owned()] } else { names.include };
    let exclude = names.exclude;
    let name = wire.name;
    (!rules.is_empty()).then_some(PushRuleset { name, about, include, exclude, rules, lets_merges_pass })
}

fn rule(wire: &WirePushRule) -> Option<PushRule> {
    let form = || TextPattern::deserialize(&wire.parameters).ok();
    Some(match wire.kind.as_str() {
        "creation" => PushRule::Creation,
        "branch_name_pattern" | "tag_name_pattern" => PushRule::Name(form()?),
        "commit_message_pattern" => PushRule::Message(form()?),
        "commit_author_email_pattern" => PushRule::AuthorEmail(form()?),
        "committer_email_pattern" => PushRule::CommitterEmail(form()?),
        "file_path_restriction" => {
            let paths = wire.parameters["restricted_file_paths"].as_array()?;
            PushRule::Paths(paths.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        "max_file_path_length" => {
            let most = wire.parameters["max_file_path_length"].as_u64()?;
            PushRule::LongestPath(usize::try_from(most).unwrap_or(usize::MAX))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Option<PushRuleset> {
        ruleset(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn what_concerns_pushes_is_read_and_what_may_be_bypassed_is_not() {
        let names = json!({"name": "names", "target": "branch", "current_user_can_bypass": "never",
            "conditions": {"ref_name": {"include": ["refs/heads/security/*"], "exclude": []}},
            "rules": [{"type": "creation"}, {"type": "deletion"}, {"type": "branch_name_pattern",
                "parameters": {"operator": "regex", "pattern": "^x", "negate": false, "name": ""}}]});
        let found = read(names.clone()).unwrap();
        assert_eq!(found.include, ["refs/heads/security/*"]);
        assert_eq!(found.rules.len(), 2);
        let mut own = names;
        own["current_user_can_bypass"] = json!("always");
        assert_eq!(read(own), None);
        let pushes = json!({"name": "files", "target": "push", "rules": [{"type": "file_path_restriction",
            "parameters": {"restricted_file_paths": ["a/*"]}}, {"type": "max_file_path_length",
            "parameters": {"max_file_path_length": 255}}]});
        let found = read(pushes).unwrap();
        assert_eq!(found.include, ["~ALL"]);
        assert_eq!(found.rules, [PushRule::Paths(vec!["a/*".into()]), PushRule::LongestPath(255)]);
        assert_eq!(read(json!({"name": "checks", "rules": [{"type": "deletion"}]})), None);
    }
}
