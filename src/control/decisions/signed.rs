//! Approvals that are given on another machine: what is to be approved goes there as a file, and comes back signed.

use serde::{Deserialize, Serialize};

use super::approve::OpenGate;
use crate::ids::{Digest, Login};
use crate::plan::Plan;

/// What the signature is for, in the words of `ssh-keygen`: a signature of something else is no approval.
pub const NAMESPACE: &str = "lockgate";

/// What a gate shows, for somebody who approves it on a machine of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApprovalPaper {
    /// The release.
    pub release: String,
    /// The gate.
    pub gate: String,
    /// What it asks.
    pub question: String,
    /// All that it shows. What is signed is the digest of this, worked out where it is read.
    pub shown: String,
}

impl ApprovalPaper {
    /// Of a gate that is open.
    #[must_use]
    pub fn of(plan: &Plan, gate: &OpenGate) -> ApprovalPaper {
        ApprovalPaper {
            release: plan.inputs.release.id.clone(),
            gate: gate.step.asks.clone().unwrap_or_default(),
            question: gate.question.clone(),
            shown: gate.shown.clone(),
        }
    }

    /// What is approved.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.shown)
    }

    /// Somebody's approval of it, not signed yet.
    #[must_use]
    pub fn approval(&self, by: Login) -> SignedApproval {
        let (release, gate, digest) = (self.release.clone(), self.gate.clone(), self.digest());
        SignedApproval { release, gate, digest, by, signature: String::new() }
    }
}

/// An approval with the signature of whoever gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignedApproval {
    /// The release.
    pub release: String,
    /// The gate.
    pub gate: String,
    /// What was read.
    pub digest: Digest,
    /// Who says that they approve.
    pub by: Login,
    /// Their signature of the statement, as `ssh-keygen -Y sign` makes it.
    pub signature: String,
}

impl SignedApproval {
    /// What is signed.
    #[must_use]
    pub fn statement(&self) -> String {
        let SignedApproval { release, gate, digest, by, .. } = self;
        format!(
            "I approve what a gate of a release shows.\nrelease: {release}\ngate: {gate}\ndigest: {digest}\nby: {by}\n"
        )
    }
}
