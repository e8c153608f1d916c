//! What is written about a release: entries for databases, and the final report.

// The kinds of step.
pub(super) mod final_report;
pub(super) mod write_entries;

// What they share.
pub(super) mod osv;
pub(super) mod rustsec;
