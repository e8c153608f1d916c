//! What templates may tell.
//!
//! There is a type for each moment at which something is told, not for each mail, so that a template for the time
//! before the gate has no advisory to name: a variable that is not here is an error, not a leak. Another mail for one of
//! these moments needs a template and no code.

use serde::Serialize;

/// The receipt that a reporter gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledgement {
    /// The project's name.
    pub project: String,
    /// The login of whoever leads the work.
    pub incident_manager: String,
}

/// The mail that goes out before the disclosure, to everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdvanceNotice {
    /// The project's name; of several, all of them: `A, B and C`.
    pub project: String,
    /// The projects' names.
    pub projects: Vec<String>,
    /// The day of the disclosure, `2026-03-09`.
    pub disclosure_date: String,
    /// Day and time, `2026-03-09 17:00 UTC`.
    pub disclosure_time: String,
    /// The highest severity among the advisories: `low`, `medium`, `high`, `critical`.
    pub highest_severity: String,
    /// The lines that will be released.
    pub lines: Vec<SupportedLine>,
}

/// A line that will be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupportedLine {
    /// The name people know the repository by.
    pub name: String,
    /// The line: `2.4.x`, `36.0`.
    pub line: String,
}

/// The mail that goes out when everything is released and the advisories are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecurityRelease {
    /// The project's name; of several, all of them: `A, B and C`.
    pub project: String,
    /// The projects' names.
    pub projects: Vec<String>,
    /// The day of the mail.
    pub date: String,
    /// The highest severity among the advisories.
    pub highest_severity: String,
    /// What was released, in the order it should be read.
    pub releases: Vec<ReleaseLine>,
    /// What is fixed.
    pub advisories: Vec<AdvisoryLine>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseLine {
    /// The name people know the repository by.
    pub name: String,
    /// `owner/name`.
    pub repository: String,
    /// Its version.
    pub version: String,
    /// Its page.
    pub url: String,
    /// The day it was released.
    pub date: String,
}

/// One advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdvisoryLine {
    /// Its GitHub id.
    pub ghsa: String,
    /// Its CVE; people may decide to release without one.
    pub cve: Option<String>,
    /// Its page.
    pub url: String,
    /// Its severity.
    pub severity: String,
    /// Its title.
    pub summary: String,
    /// The releases that have its fix, `Sluice 2.4.2`.
    pub fixed_in: Vec<String>,
    /// The lines that are affected and get no fix, `Sluice 1.0.x: no fix; move to 2.4.2`.
    pub no_fix: Vec<String>,
}
