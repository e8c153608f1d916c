//! Rulesets (`repository-ruleset`): those on merges, which the rules of `protection` are, and those on names and files.

use serde_json::{Value, json};

use super::{Links, node_id, rules};
use crate::emulator::model::{StoredAccount, StoredRepository};
use crate::emulator::spec::{PatternSpec, ProtectionSpec, RuleKind, RulesetSpec, RulesetTarget};

/// A ruleset with its number.
pub(crate) struct NumberedRuleset<'r> {
    pub(crate) number: usize,
    of: Origin<'r>,
}

enum Origin<'r> {
    Merges(&'r ProtectionSpec),
    Names(&'r RulesetSpec),
}

/// All rulesets of a repository.
pub(crate) fn rulesets(repository: &StoredRepository) -> Vec<NumberedRuleset<'_>> {
    let merges = repository.protection.iter().enumerate().filter(|(_, rule)| rule.kind == RuleKind::Ruleset);
    let merges = merges.map(|(index, rule)| NumberedRuleset { number: index + 1, of: Origin::Merges(rule) });
    let before = repository.protection.len() + 1;
    let names = repository.rulesets.iter().enumerate();
    let names = names.map(|(index, one)| NumberedRuleset { number: before + index, of: Origin::Names(one) });
    merges.chain(names).collect()
}

impl NumberedRuleset<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        match self.of {
            Origin::Merges(_) => format!("ruleset {}", self.number),
            Origin::Names(one) => one.name.clone(),
        }
    }

    /// `branch`, `tag` or `push`.
    pub(crate) fn target(&self) -> &'static str {
        match self.of {
            Origin::Merges(_) => RulesetTarget::Branch.as_str(),
            Origin::Names(one) => one.target.as_str(),
        }
    }

    /// What it says, with where each rule comes from.
    pub(crate) fn rules(&self, repository: &StoredRepository) -> Vec<Value> {
        match self.of {
            Origin::Merges(rule) => rules(&repository.name, self.number, rule),
            Origin::Names(one) => of_names(repository, self.number, one),
        }
    }

    /// It in a list.
    pub(crate) fn short(&self, links: &Links, repository: &StoredRepository) -> Value {
        let (repo, number) = (&repository.name, self.number);
        json!({
            "id": number, "name": self.name(), "target": self.target(), "source_type": "Repository",
            "source": repo, "enforcement": "active", "node_id": node_id("RepositoryRuleset", number),
            "_links": {
                "self": {"href": links.api(&format!("/repos/{repo}/rulesets/{number}"))},
                "html": {"href": links.web(&format!("/{repo}/rules/{number}"))},
            },
            "created_at": repository.created_at, "updated_at": repository.created_at,
        })
    }

    /// It on its own.
    pub(crate) fn whole(
        &self,
        links: &Links,
        repository: &StoredRepository,
        viewer: Option<&StoredAccount>,
    ) -> Value {
        let mut whole = self.short(links, repository);
        let mut all = self.rules(repository);
        for one in all.iter_mut().filter_map(Value::as_object_mut) {
            one.retain(|key, _| !key.starts_with("ruleset_"));
        }
        whole["rules"] = Value::Array(all);
        let (include, exclude, bypass) = match self.of {
            Origin::Merges(rule) => {
                let include = rule.branches.iter().map(|glob| format!("refs/heads/{glob}")).collect();
                (include, Vec::new(), &[][..])
            }
            Origin::Names(one) => (one.references(), one.exceptions(), one.bypass.as_slice()),
        };
        if self.target() != RulesetTarget::Push.as_str() {
            whole["conditions"] = json!({"ref_name": {"include": include, "exclude": exclude}});
        }
        let may = viewer.is_some_and(|viewer| bypass.contains(&viewer.login));
        whole["current_user_can_bypass"] = json!(if may { "always" } else { "never" });
        whole
    }
}

/// The rules that a ruleset on names and files has.
pub(crate) fn of_names(repository: &StoredRepository, number: usize, one: &RulesetSpec) -> Vec<Value> {
    let form = |form: &PatternSpec| {
        let (negate, pattern) = (form.is_negated(), form.expression());
        json!({"name": "", "negate": negate, "operator": "regex", "pattern": pattern})
    };
    let name = if one.target == RulesetTarget::Tag { "tag_name_pattern" } else { "branch_name_pattern" };
    let paths = json!({"restricted_file_paths": one.restricted_paths});
    let said = [
        ("creation", one.restrict_creation.then_some(Value::Null)),
        (name, one.name_pattern.as_ref().map(form)),
        ("commit_message_pattern", one.message_pattern.as_ref().map(form)),
        ("commit_author_email_pattern", one.author_email_pattern.as_ref().map(form)),
        ("committer_email_pattern", one.committer_email_pattern.as_ref().map(form)),
        ("file_path_restriction", (!one.restricted_paths.is_empty()).then_some(paths)),
    ];
    let said = said.into_iter().filter_map(|(kind, parameters)| Some((kind, parameters?)));
    said.map(|(kind, parameters)| {
        let mut rule = json!({
            "type": kind, "ruleset_source_type": "Repository", "ruleset_source": repository.name,
            "ruleset_id": number,
        });
        if !parameters.is_null() {
            rule["parameters"] = parameters;
        }
        rule
    })
    .collect()
}
