//! What is written about a release: records for databases, and the final report.

pub(super) mod final_report;
pub(super) mod late_cve;
pub(super) mod write_entries;
