//! What people can do next, as a value: a command line words it as a command, a page makes a button of it.
//!
//! Nothing below the shells knows how any of them is used, and no text with a command in it is ever read again.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{Digest, Login, StepName};

/// Something that people can do with Lockgate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum NextAction {
    /// Approve what a gate shows.
    Approve {
        /// The gate's name in the workflow.
        gate: String,
        /// The digest of what it shows.
        digest: Digest,
    },
    /// Confirm what a step states.
    Confirm {
        /// The step.
        step: StepName,
    },
    /// Have what did not arrive sent once more.
    SendAgain {
        /// The step.
        step: StepName,
    },
    /// Continue without what a step wants.
    Waive {
        /// The step.
        step: StepName,
        /// How a reason may begin, where only some reasons fit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Take back an answer, as long as it has had no effect.
    Withdraw {
        /// The step that was answered.
        step: StepName,
        /// Who takes it back.
        by: Login,
    },
    /// Confirm several things together: they stand beside each other, and each is told in full.
    ConfirmAll {
        /// Their steps.
        steps: Vec<StepName>,
    },
    /// Resolve a conflict.
    Resolve {
        /// The step.
        step: StepName,
        /// What the person begins from.
        from: ResolveFrom,
    },
    /// Hand in what was made of a conflict.
    HandIn {
        /// The step.
        step: StepName,
        /// Who resolved it.
        by: Login,
    },
    /// Resume the run: what failed is tried again, what was asked is looked at again.
    Resume,
    /// Go on with a run that nothing but time holds, or nobody drives. The process that drives it does so by itself. Words before
    /// it say why nothing else helps.
    Continue,
    /// See what a change of the files would change in the run; with the digest of what was shown, take it in.
    Amend {
        /// The digest of the plan that was shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<Digest>,
    },
    /// See what it changes to end the wait for the announced hour, because the embargo is broken.
    DiscloseNow,
    /// Call the release off.
    Abort,
    /// See what a release that was called off has done, and how that is undone.
    ShowEffects,
    /// Start a release.
    Start,
    /// See where the release is.
    ShowStatus,
    /// See what happened, in order.
    ShowHistory,
}

/// What a person who resolves a conflict begins from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolveFrom {
    /// The files as git leaves them, with conflict markers.
    Markers,
    /// What a merge tool proposes.
    Proposal,
}

/// A piece of advice: words, something to do with Lockgate, or both; the words come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAdvice", into = "StoredAdvice")]
pub struct Advice {
    /// What to do outside of Lockgate, or when the action is the right one: `restore the branch, then`.
    pub text: Option<String>,
    /// What to do with Lockgate.
    pub action: Option<NextAction>,
}

impl Advice {
    /// Words, and what to do with Lockgate after or under them.
    pub fn then(text: impl Into<String>, action: NextAction) -> Advice {
        Advice { text: Some(text.into()), action: Some(action) }
    }
}

impl From<NextAction> for Advice {
    fn from(action: NextAction) -> Advice {
        Advice { text: None, action: Some(action) }
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Advice {
        Advice { text: Some(text), action: None }
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Advice {
        Advice::from(text.to_owned())
    }
}

/// Advice on disk. Versions up to 0.1 knew nothing but words, and wrote them as plain strings.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredAdvice {
    Words(String),
    Full {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(flatten)]
        action: Option<NextAction>,
    },
}

impl From<StoredAdvice> for Advice {
    fn from(stored: StoredAdvice) -> Advice {
        match stored {
            StoredAdvice::Words(text) => Advice::from(text),
            StoredAdvice::Full { text, action } => Advice { text, action },
        }
    }
}

impl From<Advice> for StoredAdvice {
    fn from(advice: Advice) -> StoredAdvice {
        match advice {
            Advice { text: Some(text), action: None } => StoredAdvice::Words(text),
            Advice { text, action } => StoredAdvice::Full { text, action },
        }
    }
}

/// Reads a hint as any version wrote it: nothing, one sentence, or a list.
///
/// # Errors
/// When it is none of these.
pub fn hint_of_any_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Advice>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Many(Vec<Advice>),
        One(Advice),
    }
    Ok(match Option::<Stored>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Stored::One(advice)) => vec![advice],
        Some(Stored::Many(all)) => all,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn advice_keeps_its_form_on_disk() {
        let step: StepName = "await-cve/GHSA-23cf-ghjm-pqrv".parse().unwrap();
        let waive = NextAction::Waive { step, reason: None };
        for (advice, form) in [
            (Advice::from("delete that branch"), json!("delete that branch")),
            (Advice::from(NextAction::Resume), json!({"action": "resume"})),
            (
                Advice::then("without it", waive),
                json!({"text": "without it", "action": "waive", "step": "await-cve/GHSA-23cf-ghjm-pqrv"}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&advice).unwrap(), form);
            assert_eq!(serde_json::from_value::<Advice>(form).unwrap(), advice);
        }
    }

    #[test]
    fn hints_of_earlier_versions_are_read() {
        #[derive(Deserialize)]
        struct Failed {
            #[serde(default, deserialize_with = "hint_of_any_version")]
            hint: Vec<Advice>,
        }
        let read = |form| serde_json::from_value::<Failed>(form).unwrap().hint;
        assert_eq!(read(json!({})), []);
        assert_eq!(read(json!({"hint": null})), []);
        assert_eq!(read(json!({"hint": "correct it"})), [Advice::from("correct it")]);
        let two = json!({"hint": ["correct it", {"text": "then", "action": "resume"}]});
        assert_eq!(read(two), [Advice::from("correct it"), Advice::then("then", NextAction::Resume)]);
    }
}
