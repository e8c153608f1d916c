//! Check runs and commit statuses, folded into one verdict.
//!
//! Both must be read: some services write check runs, others statuses. Nothing at all is not green: right
//! after a push GitHub has an empty list, and a private fork always has.

use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::error::GitHubError;
use crate::ids::{CommitId, RepoName};

/// How one check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Success, neutral or skipped: GitHub lets all three through.
    Passed,
    /// Not ended.
    Running,
    /// Any other end, in GitHub's word.
    Failed(String),
}

/// One check run or status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name; of a status its context.
    pub name: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// Where to read about it.
    pub url: Option<String>,
}

/// Every check of one commit, the newest of each name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// In GitHub's order, check runs first.
    pub all: Vec<Check>,
}

/// What the checks of a commit say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChecksVerdict {
    /// There are none (yet).
    Absent,
    /// These have not ended, or are required and have not appeared.
    Waiting(Vec<String>),
    /// These failed.
    Red(Vec<Check>),
    /// There are some, and all have passed.
    Green,
}

impl Checks {
    /// The verdict; `required` names checks that must be there. A failure counts before others have ended.
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
            ("completed", Some("success" | "neutral" | "skipped")) => CheckOutcome::Passed,
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
    /// The checks of a commit: the latest check run of each name, and the statuses. While check runs are under way or
    /// red, the statuses cannot make the commit green and are not asked for: one request in place of two.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn checks(&self, repo: &RepoName, commit: &CommitId) -> Result<Checks, GitHubError> {
        let runs = self.check_runs(repo, commit).await?;
        self.with_statuses(repo, commit, runs).await
    }

    /// The latest check run of each name alone. One request; never enough to call a commit green.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn check_runs(&self, repo: &RepoName, commit: &CommitId) -> Result<Checks, GitHubError> {
        let runs = self.repo_call(Method::GET, repo, ["commits", commit.as_str(), "check-runs"]);
        let runs = self.pages(runs.query("filter", "latest"), |page: WireCheckRuns| page.check_runs).await?;
        Ok(Checks { all: runs.into_iter().map(Check::from).collect() })
    }

    /// These check runs, and the statuses of the commit where they count. At most one request.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
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
    fn a_failure_counts_before_the_others_have_ended() {
        let some =
            checks(&[("build", CheckOutcome::Running), ("test", CheckOutcome::Failed("timed_out".into()))]);
        assert!(matches!(some.verdict(&[]), ChecksVerdict::Red(failed) if failed.len() == 1));
    }

    #[test]
    fn a_run_that_was_cancelled_has_failed() {
        let run: WireCheckRun =
            serde_json::from_str(r#"{"name":"a","status":"completed","conclusion":"cancelled"}"#).unwrap();
        assert_eq!(Check::from(run).outcome, CheckOutcome::Failed("cancelled".into()));
        let run: WireCheckRun =
            serde_json::from_str(r#"{"name":"a","status":"waiting","conclusion":null}"#).unwrap();
        assert_eq!(Check::from(run).outcome, CheckOutcome::Running);
    }
}
