//! Check runs and commit statuses, folded into one verdict.
//!
//! Both must be read: some services write check runs, others statuses. No checks at all is not green: right after a
//! push GitHub has an empty list, and a private fork always has one.

use http::Method;
use serde::Deserialize;

use super::actions::is_green;
use super::client::Client;
use super::error::GitHubError;
use crate::ids::{CommitId, RepoName};

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Success, neutral or skipped: GitHub accepts all three.
    Passed,
    /// Not completed.
    Running,
    /// Any other conclusion, in GitHub's word.
    Failed(String),
}

/// One check run or status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name; for a status, its context.
    pub name: String,
    /// Its outcome.
    pub outcome: CheckOutcome,
    /// Its page.
    pub url: Option<String>,
}

/// Every check of a commit, the newest of each name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// In GitHub's order, check runs first.
    pub all: Vec<Check>,
}

/// The combined verdict of the checks of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChecksVerdict {
    /// There are none (yet).
    Absent,
    /// These have not completed, or are required and have not appeared.
    Waiting(Vec<String>),
    /// These failed.
    Red(Vec<Check>),
    /// There are checks, and all of them passed.
    Green,
}

impl Checks {
    /// The verdict; `required` names checks that must exist. One failure decides before the others complete.
    #[must_use]
    pub fn verdict(&self, required: &[String]) -> ChecksVerdict {
        let failed: Vec<Check> = self
            .all
            .iter()
            .filter(|check| matches!(check.outcome, CheckOutcome::Failed(_)))
            .cloned()
            .collect();
        if !failed.is_empty() {
            return ChecksVerdict::Red(failed);
        }
        let running =
            self.all.iter().filter(|check| check.outcome == CheckOutcome::Running).map(|check| &check.name);
        let missing = required.iter().filter(|name| !self.all.iter().any(|check| check.name == **name));
        let waiting: Vec<String> = running.chain(missing).cloned().collect();
        match (waiting.is_empty(), self.all.is_empty()) {
            (_, true) => ChecksVerdict::Absent,
            (false, false) => ChecksVerdict::Waiting(waiting),
            (true, false) => ChecksVerdict::Green,
        }
    }
}

#[derive(Deserialize)]
struct WireCheckRuns {
    check_runs: Vec<WireCheckRun>,
}

#[derive(Deserialize)]
struct WireCheckRun {
    name: String,
    status: String,
    conclusion: Option<String>,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct WireCombinedStatus {
    statuses: Vec<WireStatus>,
}

#[derive(Deserialize)]
struct WireStatus {
    context: String,
    state: String,
    target_url: Option<String>,
}

impl From<WireCheckRun> for Check {
    fn from(run: WireCheckRun) -> Check {
        let outcome = match (run.status.as_str(), run.conclusion.as_deref()) {
            ("completed", Some(word)) if is_green(word) => CheckOutcome::Passed,
            ("completed", conclusion) => {
                CheckOutcome::Failed(conclusion.unwrap_or("no conclusion").to_owned())
            }
            _ => CheckOutcome::Running,
        };
        Check { name: run.name, outcome, url: run.html_url }
    }
}

impl From<WireStatus> for Check {
    fn from(status: WireStatus) -> Check {
        let outcome = match status.state.as_str() {
            "success" => CheckOutcome::Passed,
            "pending" => CheckOutcome::Running,
            _ => CheckOutcome::Failed(status.state),
        };
        Check { name: status.context, outcome, url: status.target_url }
    }
}

impl Client {
    /// The checks of a commit: the latest check run of each name, and the statuses. While check runs are running or
    /// red, no status can make the commit green, so they are not read: one request instead of two.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn checks(&self, repo: &RepoName, commit: &CommitId) -> Result<Checks, GitHubError> {
        let runs = self.check_runs(repo, commit).await?;
        self.with_statuses(repo, commit, runs).await
    }

    /// The latest check run of each name. One request; never enough to call a commit green.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn check_runs(&self, repo: &RepoName, commit: &CommitId) -> Result<Checks, GitHubError> {
        let runs = self.repo_call(Method::GET, repo, ["commits", commit.as_str(), "check-runs"]);
        let runs = self.pages(runs.query("filter", "latest"), |page: WireCheckRuns| page.check_runs).await?;
        Ok(Checks { all: runs.into_iter().map(Check::from).collect() })
    }

    /// These check runs, with the statuses of the commit where they matter. At most one request.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn with_statuses(
        &self,
        repo: &RepoName,
        commit: &CommitId,
        mut runs: Checks,
    ) -> Result<Checks, GitHubError> {
        if matches!(runs.verdict(&[]), ChecksVerdict::Waiting(_) | ChecksVerdict::Red(_)) {
            return Ok(runs);
        }
        // The combined state is not read: it is `pending` when there is no status at all.
        let statuses = self.repo_call(Method::GET, repo, ["commits", commit.as_str(), "status"]);
        let statuses = self.pages(statuses, |page: WireCombinedStatus| page.statuses).await?;
        runs.all.extend(statuses.into_iter().map(Check::from));
        Ok(runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(outcomes: &[(&str, CheckOutcome)]) -> Checks {
        let all =
            outcomes.iter().cloned().map(|(name, outcome)| Check { name: name.into(), outcome, url: None });
        Checks { all: all.collect() }
    }

    #[test]
    fn absent_checks_are_not_green() {
        assert_eq!(checks(&[]).verdict(&[]), ChecksVerdict::Absent);
        let some = checks(&[("build", CheckOutcome::Passed)]);
        assert_eq!(some.verdict(&[]), ChecksVerdict::Green);
        assert_eq!(some.verdict(&["test".into()]), ChecksVerdict::Waiting(vec!["test".into()]));
    }

    #[test]
    fn failure_counts_before_the_others_complete() {
        let some =
            checks(&[("build", CheckOutcome::Running), ("test", CheckOutcome::Failed("timed_out".into()))]);
        assert!(matches!(some.verdict(&[]), ChecksVerdict::Red(failed) if failed.len() == 1));
    }

    #[test]
    fn cancelled_run_has_failed() {
        let run: WireCheckRun =
            serde_json::from_str(r#"{"name":"a","status":"completed","conclusion":"cancelled"}"#).unwrap();
        assert_eq!(Check::from(run).outcome, CheckOutcome::Failed("cancelled".into()));
        let run: WireCheckRun =
            serde_json::from_str(r#"{"name":"a","status":"waiting","conclusion":null}"#).unwrap();
        assert_eq!(Check::from(run).outcome, CheckOutcome::Running);
    }
}
