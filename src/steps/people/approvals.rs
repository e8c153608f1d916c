//! Who has approved a gate. The gate asks here whether it is passed, and whoever records an approval asks here, too:
//! what one accepts, the other counts.

use std::collections::BTreeSet;

use crate::ids::{Digest, Login};
use crate::plan::{ApprovalRule, Inputs, Step};
use crate::steps::facts::Facts;

/// What the approvals on record come to for a gate that shows something with this digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// Different people who may approve and approved exactly this, as the release spells them.
    pub given: Vec<Login>,
    /// People who approved what the gate no longer shows, and not yet what it shows now.
    pub lapsed: Vec<Login>,
    /// What is still wanted; nothing, once the gate may be passed.
    pub wanting: Vec<WantedApprovals>,
}

/// Approvals that are still wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedApprovals {
    /// Of this group, if it is one of the catalog's.
    pub group: Option<String>,
    /// Those who could give them.
    pub from: Vec<Login>,
    /// How many.
    pub missing: usize,
}

impl Approvals {
    /// The approvals of a gate.
    #[must_use]
    pub fn of(inputs: &Inputs, facts: &Facts, gate: &Step, digest: &Digest) -> Approvals {
        let all = facts.approvals.get(&gate.name).map(Vec::as_slice).unwrap_or_default();
        Approvals::by(&inputs.approval_rules(gate.asks.as_deref().unwrap_or_default()), all, digest)
    }

    /// The same by the rules of the gate, and all approvals that were ever given.
    #[must_use]
    pub fn by(rules: &[ApprovalRule], all: &[(Login, Digest)], digest: &Digest) -> Approvals {
        let may = |login: &Login| rules.iter().flat_map(|rule| &rule.members).find(|known| *known == login);
        let people = |of_this: bool| -> BTreeSet<&Login> {
            let fitting = all.iter().filter(|(_, of)| (of == digest) == of_this);
            fitting.filter_map(|(by, _)| may(by)).collect()
        };
        let (given, earlier) = (people(true), people(false));
        Approvals {
            wanting: rules.iter().filter_map(|rule| wanting(rule, &given)).collect(),
            lapsed: earlier.difference(&given).map(|login| (*login).clone()).collect(),
            given: given.into_iter().cloned().collect(),
        }
    }

    /// How many people must approve at least: one may be in several groups.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.wanting.iter().map(|wanted| wanted.missing).max().unwrap_or_default()
    }
}

fn wanting(rule: &ApprovalRule, given: &BTreeSet<&Login>) -> Option<WantedApprovals> {
    // Somebody who is listed twice, in other letters perhaps, approves once.
    let mut seen = BTreeSet::new();
    let members = rule.members.iter().filter(|login| seen.insert(*login));
    let (approved, from): (Vec<&Login>, Vec<&Login>) = members.partition(|login| given.contains(login));
    let missing = rule.needed.saturating_sub(approved.len());
    (missing > 0).then(|| WantedApprovals {
        group: rule.group.clone(),
        from: from.into_iter().cloned().collect(),
        missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(name: &str) -> Login {
        name.parse().unwrap()
    }

    fn rule(group: Option<&str>, members: &[&str], needed: usize) -> ApprovalRule {
        let members = members.iter().map(|name| login(name)).collect();
        ApprovalRule { group: group.map(str::to_owned), members, needed }
    }

    #[test]
    fn each_group_wants_its_own_and_one_person_may_count_in_several() {
        let rules = [rule(None, &["mara", "ines"], 2), rule(Some("security"), &["ines", "jon", "tove"], 2)];
        let (now, before) = (Digest::of("now"), Digest::of("before"));
        let of = |names: &[&str]| {
            let mut all: Vec<(Login, Digest)> = names.iter().map(|name| (login(name), now.clone())).collect();
            all.push((login("tove"), before.clone()));
            Approvals::by(&rules, &all, &now)
        };
        let missing = |names: &[&str]| -> Vec<usize> {
            of(names).wanting.iter().map(|wanted| wanted.missing).collect()
        };
        assert_eq!(missing(&[]), [2, 2]);
        assert_eq!(missing(&["mara"]), [1, 2]);
        assert_eq!(missing(&["mara", "ines"]), [1], "the group still wants one");
        assert_eq!(of(&["mara", "ines"]).wanting[0].from, [login("jon"), login("tove")]);
        assert_eq!(missing(&["mara", "ines", "jon"]), [0usize; 0]);
        assert_eq!(
            missing(&["mara", "Ines", "INES", "stranger"]),
            [1],
            "nobody counts twice, and no stranger"
        );
        assert_eq!((of(&["mara"]).missing(), of(&["mara", "ines"]).missing()), (2, 1));
        let doubled = [rule(None, &["mara", "Mara", "ines"], 2)];
        let by_mara = Approvals::by(&doubled, &[(login("mara"), now.clone())], &now);
        assert_eq!(
            (by_mara.missing(), by_mara.wanting[0].from.len()),
            (1, 1),
            "who is listed twice approves once"
        );
        assert_eq!(of(&["mara"]).lapsed, [login("tove")]);
    }
}
