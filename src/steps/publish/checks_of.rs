//! Waiting for the checks of a pull request: red ones are rerun within the policy, absent ones are not green.

use super::answer::{
    decision, soon, then_resume, then_resume_or_waive, wait_and_tell, wait_or_waive, waived,
};
use super::by_hand;
use super::public::without_text;
use super::{pull_runs, reviews};
use crate::github::{Check, Checks, ChecksVerdict, Conclusion, PullState, RunProgress, WorkflowRun};
use crate::ids::BranchName;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{GreenChecks, OpenedPull, Output};
use crate::wording::counted;
use crate::workflow::OptionalChecks;

/// Looks at the checks of `pull`, which is to go into `base`, and at the approvals that it needs.
pub(in crate::steps) async fn observe(
    context: &StepContext,
    pull: &OpenedPull,
    base: &BranchName,
) -> Result<Observed, StepError> {
    if let Some(reason) = waived(context) {
        return Ok(Observed::Done(Output::Note(format!("continued without green checks: {reason}"))));
    }
    if !context.has_waited() {
        // Right after a push there are no checks yet, and nothing follows from that: do not look.
        return Ok(context.wait_for(appearing(pull)));
    }
    let github = &context.world.github;
    let runs = github.check_runs(&pull.repo, &pull.head).await?;
    let checks = github.with_statuses(&pull.repo, &pull.head, runs).await?;
    let rules = github.branch_rules(&pull.repo, base).await?;
    let verdict = checks.verdict(&rules.required_checks);
    // This runs often: the pull request itself is read only where it may be the reason. Where the checks are green, the
    // merge reads it, and compares its head with the commit that was pushed.
    if matches!(verdict, ChecksVerdict::Absent | ChecksVerdict::Red(_))
        && let Some(seen) = no_longer_ours(context, pull).await?
    {
        return Ok(seen);
    }
    if matches!(verdict, ChecksVerdict::Absent | ChecksVerdict::Waiting(_))
        && !pull_runs::held(context, pull).await?.is_empty()
    {
        return Ok(Observed::Todo);
    }
    let look = ChecksLook { context, pull, checks: &checks, required: &rules.required_checks };
    let missing = match verdict {
        ChecksVerdict::Absent => Some((appearing(pull), rules.required_checks.clone())),
        ChecksVerdict::Waiting(names) if look.is_enough(&names) => return look.without(names),
        ChecksVerdict::Waiting(names) => Some((running(pull, &names), names)),
        ChecksVerdict::Red(failed) => return look.red(&failed).await,
        ChecksVerdict::Green => None,
    };
    let approvals = match reviews::lacking(context, pull, &rules).await? {
        None if missing.is_some() => reviews::to_begin(context, pull).await?,
        lacking => lacking,
    };
    Ok(match (missing, approvals) {
        (None, None) => look.done(Vec::new()),
        (Some((missing, names)), None) => look.wait(missing, &names),
        // Nobody can waive what GitHub itself insists on.
        (None, Some(approvals)) => context.wait_for(format!("{approvals}: {}", pull.url)),
        (Some((missing, names)), Some(approvals)) => look.wait(format!("{missing}; and {approvals}"), &names),
    })
}

/// The answer where the pull request is merged, closed or no longer at the commit that was pushed.
async fn no_longer_ours(context: &StepContext, pull: &OpenedPull) -> Result<Option<Observed>, StepError> {
    let Some(now) = context.world.github.pull(&pull.repo, pull.number).await? else {
        let text = format!(
            "{} is not there, or this token may not see it any more; give it a token that does",
            pull.url
        );
        return Ok(Some(Observed::Ask(then_resume(text))));
    };
    Ok(match now.state {
        PullState::Merged(_) => Some(Observed::Done(Output::Note(format!("{} is already merged", pull.url)))),
        PullState::Closed => Some(Observed::Ask(then_resume(by_hand::reopened(context, pull).await?))),
        PullState::Open if now.head.commit != pull.head => {
            let text = format!(
                "the branch of {} is at {}, not at {} as pushed; {}",
                pull.url,
                now.head.commit.short(),
                pull.head.short(),
                by_hand::moved_back(context, pull)
            );
            Some(Observed::Ask(then_resume_or_waive(context, text)))
        }
        PullState::Open => None,
    })
}

/// The checks of a pull request as they were just seen.
struct ChecksLook<'a> {
    context: &'a StepContext,
    pull: &'a OpenedPull,
    checks: &'a Checks,
    /// Empty where no rule requires any that this token may see: then all count.
    required: &'a [String],
}

impl ChecksLook<'_> {
    fn done(&self, not_green: Vec<String>) -> Observed {
        let green = self.checks.all.iter().map(|check| check.name.clone());
        Observed::Done(Output::Checks(GreenChecks {
            commit: self.pull.head.clone(),
            names: green.filter(|name| !not_green.contains(name)).collect(),
            reruns: reruns(self.context),
            not_green,
        }))
    }

    /// Waits for these. One that a rule requires nobody can waive: GitHub would refuse the merge.
    fn wait(&self, what: String, names: &[String]) -> Observed {
        match self.insisted(names) {
            Some(advice) => wait_and_tell(self.context, what, advice),
            None => wait_or_waive(self.context, what),
        }
    }

    /// Asks about these, which are not green.
    fn ask(&self, text: String, names: &[String]) -> Observed {
        Observed::Ask(match self.insisted(names) {
            Some(advice) => decision(text, [advice, NextAction::Resume.into()]),
            None => then_resume_or_waive(self.context, text),
        })
    }

    /// What people can do where a rule requires one of these.
    fn insisted(&self, names: &[String]) -> Option<Advice> {
        let required: Vec<String> =
            names.iter().filter(|name| self.required.contains(name)).cloned().collect();
        (!required.is_empty()).then(|| {
            Advice::from(format!(
                "a rule of the branch requires {}, so that waiving does not help; where it never gets green, let an \
                 administrator take it out of the rule, or let somebody who may merge all the same do so on {}: the release \
                 continues from that",
                quoted(&required),
                self.pull.url
            ))
        })
    }

    fn are_optional<'n>(&self, mut names: impl Iterator<Item = &'n String>) -> bool {
        !self.required.is_empty() && names.all(|name| !self.required.contains(name))
    }

    /// Whether only checks that no rule requires are missing, and have been waited for long enough.
    fn is_enough(&self, missing: &[String]) -> bool {
        let patience = self.context.inputs().workflow.policy.optional_patience;
        self.are_optional(missing.iter()) && self.context.waited() >= patience
    }

    /// What follows where only these, which no rule requires, are not green.
    fn without(&self, names: Vec<String>) -> Result<Observed, StepError> {
        if self.context.inputs().workflow.policy.optional_checks == OptionalChecks::Continue {
            return Ok(self.done(names));
        }
        let text = format!(
            "{} not green on {}, and no rule requires {}; what is required is green; nothing was merged; wait for {}, \
             or waive",
            are(&names),
            self.pull.url,
            if names.len() == 1 { "it" } else { "them" },
            if names.len() == 1 { "it" } else { "them" },
        );
        Ok(Observed::Ask(then_resume_or_waive(self.context, text)))
    }

    async fn red(&self, failed: &[Check]) -> Result<Observed, StepError> {
        let (context, pull) = (self.context, self.pull);
        let names: Vec<String> = failed.iter().map(|check| check.name.clone()).collect();
        match remedy(
            &pull_runs::of(context, pull).await?,
            reruns(context),
            context.inputs().workflow.policy.reruns,
        ) {
            Remedy::Rerun(_) => Ok(Observed::Todo),
            Remedy::Wait => {
                Ok(self.wait(format!("{} (red; its runs are in progress)", running(pull, &names)), &names))
            }
            Remedy::Ask if self.are_optional(names.iter()) => self.red_but_optional(names),
            Remedy::Ask => Ok(self.ask(explained(context, pull, failed), &names)),
        }
    }

    /// Red ones that no rule requires: the required ones decide first.
    fn red_but_optional(&self, red: Vec<String>) -> Result<Observed, StepError> {
        let others = Checks {
            all: self.checks.all.iter().filter(|check| !red.contains(&check.name)).cloned().collect(),
        };
        match others.verdict(self.required) {
            ChecksVerdict::Absent => Ok(self.wait(running(self.pull, self.required), self.required)),
            ChecksVerdict::Waiting(names) if self.is_enough(&names) => {
                self.without(red.into_iter().chain(names).collect())
            }
            ChecksVerdict::Waiting(names) => Ok(self.wait(running(self.pull, &names), &names)),
            ChecksVerdict::Green | ChecksVerdict::Red(_) => self.without(red),
        }
    }
}

/// The names as the subject of a sentence.
fn are(names: &[String]) -> String {
    format!("{} {}", quoted(names), if names.len() == 1 { "is" } else { "are" })
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn appearing(pull: &OpenedPull) -> String {
    format!("checks to appear on {}", pull.url)
}

fn running(pull: &OpenedPull, names: &[String]) -> String {
    let shown = names.iter().take(3).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
    format!("the checks of {}: {shown}{more}", pull.url)
}

/// What to do about red checks.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    /// Runs are in progress, or a rerun is not visible yet.
    Wait,
    /// Rerun the failed jobs of these runs.
    Rerun(Vec<u64>),
    /// The policy's reruns are used up, or there is nothing to rerun.
    Ask,
}

fn explained(context: &StepContext, pull: &OpenedPull, failed: &[Check]) -> String {
    let shown = failed.iter().map(|check| {
        let place = check.url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
        format!("`{}`{place}", check.name)
    });
    format!(
        "red on {} after {}: {}; nothing was merged; see whether the failure is of this change, and rerun them by \
         hand",
        pull.url,
        counted(reruns(context) as usize, "rerun"),
        shown.collect::<Vec<_>>().join(", ")
    )
}

/// Decides by the runs of the commit, the recorded reruns and those that the policy allows. GitHub counts attempts
/// itself, so a rerun that was started and never recorded counts, too.
fn remedy(runs: &[WorkflowRun], recorded: u32, allowed: u32) -> Remedy {
    if runs.iter().any(|run| !matches!(run.progress, RunProgress::Ended(_))) {
        // GitHub refuses to rerun jobs while others of the run are in progress.
        return Remedy::Wait;
    }
    let failed: Vec<&WorkflowRun> = runs
        .iter()
        .filter(|run| {
            matches!(run.progress, RunProgress::Ended(Conclusion::Failure(_) | Conclusion::Cancelled))
        })
        .collect();
    let Some(done) = failed.iter().map(|run| run.attempt.saturating_sub(1)).max() else {
        return Remedy::Ask;
    };
    if done < u64::from(recorded) {
        Remedy::Wait
    } else if done < u64::from(allowed) {
        Remedy::Rerun(failed.iter().map(|run| run.id).collect())
    } else {
        Remedy::Ask
    }
}

fn reruns(context: &StepContext) -> u32 {
    context.facts.reruns.get(&context.step.name).copied().unwrap_or(0)
}

/// Lets runs start that wait for a maintainer, or reruns the failed jobs.
pub(in crate::steps) async fn begin(context: &StepContext, pull: &OpenedPull) -> Result<Applied, StepError> {
    if let Some(applied) = pull_runs::let_start(context, pull).await? {
        return Ok(applied);
    }
    let runs = pull_runs::of(context, pull).await?;
    let again = match remedy(&runs, reruns(context), context.inputs().workflow.policy.reruns) {
        Remedy::Rerun(again) => again,
        // Somebody else was faster.
        Remedy::Wait | Remedy::Ask => {
            return Ok(Applied::Wait(soon(context, format!("the checks of {}", pull.url))));
        }
    };
    let permit = without_text(context, &format!("rerun of checks in {}", pull.repo)).await?;
    for run in again {
        context.world.github.rerun_failed_jobs(&pull.repo, run, &permit).await?;
    }
    Ok(Applied::Rerun(soon(context, format!("the checks of {}, which were rerun", pull.url))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(progress: RunProgress, attempt: u64) -> WorkflowRun {
        WorkflowRun {
            id: 7,
            path: ".github/workflows/ci.yml".into(),
            event: "pull_request".into(),
            branch: None,
            head: "a".repeat(40).parse().unwrap(),
            progress,
            url: String::new(),
            created: "2026-03-02T09:00:00Z".parse().unwrap(),
            attempt,
        }
    }

    fn failed(attempt: u64) -> WorkflowRun {
        run(RunProgress::Ended(Conclusion::Failure("failure".into())), attempt)
    }

    #[test]
    fn rd_04_flake_is_rerun_within_the_policy_and_then_people_decide() {
        assert_eq!(remedy(&[failed(1)], 0, 1), Remedy::Rerun(vec![7]));
        assert_eq!(remedy(&[failed(2)], 1, 1), Remedy::Ask);
        assert_eq!(remedy(&[failed(1)], 0, 0), Remedy::Ask);
    }

    #[test]
    fn rerun_that_is_not_visible_yet_is_not_requested_twice() {
        assert_eq!(remedy(&[failed(1)], 1, 2), Remedy::Wait);
        assert_eq!(remedy(&[run(RunProgress::Running, 2), failed(1)], 0, 2), Remedy::Wait);
    }

    #[test]
    fn rerun_that_was_never_recorded_counts() {
        assert_eq!(remedy(&[failed(2)], 0, 1), Remedy::Ask);
    }

    #[test]
    fn red_checks_without_runs_are_for_people() {
        assert_eq!(remedy(&[], 0, 1), Remedy::Ask);
    }
}
