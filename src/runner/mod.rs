//! Entries of a CI matrix, run on this machine: what the planner expects is given to an executor, and what comes back is
//! a pass only if it can be nothing else.
//!
//! - `executor`: the trait, what an executor is asked and what it reports; `steps` is the one of our own, `act` the
//!   program of that name; `find_machine`: what the machine says that it is; `choice`: which of the two is taken;
//! - `judgement`: what of a report counts as a pass;
//! - `attempt` and `proof`: one attempt in a sandbox of its own; warm-up, second try and baseline around it;
//!   `missed_network`: whether it wanted out; `kept_builds`: what Cargo built in the warm-up;
//! - `prover`: the place where an entry is given away, to this machine or to others; `crew`: those others;
//! - `remembered` and `records`: what was proven before is adopted; `output_text`: outputs of jobs, written down;
//!   `junit`: what tests say in files;
//! - `matrix_run`: all entries in the order of their needs, planned again after each job whose outputs others hang on;
//!   `order`: which are wanted; `work`: how far it is; `durations` and `schedule`: what takes longest begins first, and how long the rest takes.

mod act;
mod attempt;
mod choice;
mod crew;
mod durations;
mod evidence;
mod executor;
mod find_machine;
mod judgement;
mod junit;
mod kept_builds;
mod matrix_run;
mod missed_network;
mod order;
mod output_text;
mod proof;
mod prover;
mod records;
mod remembered;
mod schedule;
mod second_judgement;
mod steps;
mod this_machine;
mod work;
mod workflow_files;
mod workspace;

#[cfg(test)]
mod tests;

pub use attempt::EntryAttempt;
pub use choice::{ExecutorChoice, act_of_this_machine, no_worker_with};
pub use crew::{ALL_AT_ONCE, Crew, CrewError, CrewWork, Errand, environment_of_workers};
pub use durations::{Durations, Timed};
pub use evidence::{EntryEvidence, EntryOutcome};
pub use executor::{EntryExecutor, FoundMachine, TreeUnderTest};
pub use judgement::AttemptOutcome;
pub use junit::TestCases;
pub use matrix_run::{MatrixRun, run_matrix};
pub use order::{EntryProgress, MatrixOrder};
pub use output_text::{OutputTexts, output_texts, outputs_of};
pub use proof::{Conditions, environment_digest};
pub use prover::{EntryProver, Wish, can_take};
pub use records::EntryRecords;
pub use remembered::{Asked, EvidenceBasis, Manner, Remembered};
pub use schedule::TimeLeft;
pub use second_judgement::judge_again;
pub use steps::StepsExecutor;
pub use this_machine::this_machine;
pub use workflow_files::{WORKFLOWS, WorkflowFiles};
