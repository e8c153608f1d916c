//! The steps, one file per kind, by topic. Each looks before it acts (`observe`), and acts (`apply`).
//!
//! A step reads the plan, the facts of the run and the world; it never writes to the journal and never decides what
//! comes next. A step that only looks (it waits, compares or checks) does all its work in `observe`.

mod advisory;
mod mail;
mod matrix;
mod patch;
mod people;
mod publish;
mod records;
mod release;

mod context;
mod dispatch;
mod error;
mod facts;
mod held;
mod local;
mod matrix_evidence;
mod output;
mod outputs;
mod secrets;
mod sight;
mod take_back;

pub use context::{
    Applied, Begun, ConflictStart, Incoming, MovedHead, Observed, Question, QuestionKind, StepContext,
    StepProgress, Wait,
};
pub use dispatch::{apply, observe};
pub use error::{Blame, StepError};
pub use facts::{Decision, Facts};
pub(crate) use held::is_held;
pub use local::{PUBLIC_TAGS, public_ref};
pub use mail::trial::try_mails;
pub use matrix::outlook;
pub use matrix_evidence::{EntryFinding, MatrixEvidence, Standing};
pub use output::{BranchVerdict, OpenedPull, Output, Patch, PatchCommit, SentMail, TidiedBranches};
#[cfg(test)]
pub use output::{Passage, PushedRef};
#[cfg(test)]
pub use outputs::Outputs;
pub use patch::idle::released_before;
pub use patch::left_out::{gets_nothing, taken, verdict_on};
pub use patch::patch_files::{UnfitPatch, unfit_patch};
pub use patch::push_rules::push_rules;
pub use patch::release_note::{UnwrittenNote, unwritten_note};
pub use patch::series::{VersionSeries, series_of};
pub use patch::version_table::rows as version_rows;
pub use people::ahead::{Appearance, appearance};
pub use people::approvals::Approvals;
pub use people::shown::{digest as gate_digest, shown as gate_shown};
pub use people::summary::{REMARK, mails as gate_mails, summary as gate_summary};
pub use people::texts::{ComingText, TextKind, coming_texts};
pub use people::versions::{VersionTable, version_tables};
pub use publish::merged_pulls::{merged_pulls, merges_of};
pub use release::tree_files::TreeFiles;
pub use sight::Sight;
pub use take_back::{can_be_taken_back, take_back};
