//! The steps, one file per kind. Each looks before it acts (`observe`), and acts (`apply`).
//!
//! A step reads the plan, the facts of the run and the world; it never writes to the journal and never decides what
//! comes next. A step that only looks (it waits, compares or checks) does all its work in `observe`.

mod accept_report;
mod acknowledge;
mod advance_mail;
mod announcement;
mod answer;
mod archive_fork;
mod assess;
mod await_bump_checks;
mod await_checks;
mod await_cve;
mod await_registry;
mod await_release;
mod backport;
mod bump;
mod bump_command;
mod checkout;
mod checks_of;
mod close_private_pulls;
mod compare_tree;
mod confirm;
mod conflict;
mod correct_latest;
mod create_fork;
mod delete_fork;
mod describe_advisory;
mod error;
mod facts;
mod final_report;
mod fix_disclosure;
mod gate;
mod help;
mod import_fix;
mod invite;
mod left_out;
mod lines;
mod lint_advisory;
mod local;
mod lock_files;
mod merge_bump;
mod merge_patch;
mod merging;
mod open_bump;
mod open_private_pull;
mod open_pull;
mod osv;
mod output;
mod private_side;
mod prove;
mod public;
mod publish_advisory;
mod publish_branch;
mod pull_series;
mod push_private;
mod record_manager;
mod release_mail;
mod release_note;
mod remote_head;
mod request_cve;
mod resolution;
mod review;
mod rustsec;
mod secrets;
mod site;
mod stack;
mod stacked;
mod take;
mod tree_files;
mod trigger_release;
mod verify_advisory;
mod verify_target;
mod write_entries;

pub use error::{Blame, Effect, StepError};
pub use facts::{Decision, Facts};
pub use gate::{digest as gate_digest, disclosed, shown as gate_shown};
pub use left_out::{gets_nothing, is_left_out, taken, verdict_on};
pub use local::{committer, made_ref, public_ref};
pub use output::{
    AdvisoryFact, BranchDecision, GreenChecks, Merge, OpenedPull, Output, Passage, Patch, PatchCommit,
    PushedRef, ReleasedVersion, SentMail, Standing, Start, Verdict,
};
pub use resolution::accepted as accepted_resolution;
pub use site::{Begun, Made, MovedHead, Question, QuestionKind, Seen, Site, Wait};
pub use take::{apply, observe};
pub use tree_files::TreeFiles;
