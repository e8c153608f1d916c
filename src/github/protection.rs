//! What a branch requires of a merge: the sum of its classic protection and its rulesets.

use serde::Deserialize;
use serde_json::Value;

/// What a branch requires of a merge, as far as this token may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    /// The names of the required checks, sorted.
    pub required_checks: Vec<String>,
    /// How many approving reviews are required.
    pub required_reviews: u64,
    /// Whether it accepts changes by pull request only.
    pub pull_request_only: bool,
}

#[derive(Deserialize)]
pub(super) struct WireProtection {
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
pub(super) struct WireRule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Value,
}

impl Protection {
    pub(super) fn add_classic(&mut self, classic: WireProtection) {
        self.required_checks
            .extend(classic.required_status_checks.into_iter().flat_map(|checks| checks.contexts));
        if let Some(reviews) = classic.required_pull_request_reviews {
            self.pull_request_only = true;
            self.required_reviews =
                self.required_reviews.max(reviews.required_approving_review_count.unwrap_or(1));
        }
    }

    pub(super) fn add_rule(&mut self, rule: &WireRule) {
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
