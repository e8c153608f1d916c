//! `trigger-release`: start the release of a line, once. A second dispatch would cancel the first (WAMR's workflow has
//! `cancel-in-progress` per branch).

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::answer::mend;
use super::error::StepError;
use super::output::{Output, Start};
use super::public::{after_the_gate, release};
use super::remote_head::public_head;
use super::site::{Begun, Made, Seen, Site};
use crate::catalog::{ReleaseRule, Trigger};
use crate::git::RefUpdate;
use crate::github::{Conclusion, Dispatched, Progress, RunQuery, WorkflowRun};
use crate::ids::CommitId;
use crate::plan::StepKind;

/// How long a dispatched run may take to appear in GitHub's list; it is seconds as a rule.
const LAG: SignedDuration = SignedDuration::from_mins(3);

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let repo = site.repo()?;
    let tag = &release(site)?.tag;
    let commit = commit(site)?;
    let (tag_name, branch_name) = (format!("refs/tags/{tag}"), site.target()?.branch.full());
    // The tag and the branch at one moment.
    let refs = site.world.transport.ls_remote(&repo.name, &[&tag_name, &branch_name]).await?;
    match refs.get(&tag_name) {
        Some(at) if at == commit => {
            return Ok(Seen::Done(started(site, None, format!("the tag {tag} stands"))?));
        }
        Some(at) => return Ok(Seen::Ask(elsewhere(site, tag, at)?)),
        None => {}
    }
    match &rule(site)?.trigger {
        Trigger::MergeMarker(_) => {
            let how = "the merge of the marked bump starts it".to_owned();
            Ok(Seen::Done(started(site, None, how)?))
        }
        Trigger::PushTag => Ok(Seen::Todo),
        Trigger::Dispatch(workflow) => before_dispatch(site, workflow, refs.get(&branch_name)).await,
    }
}

/// The tag stands where it should not: a release of something else is or was under way.
pub(super) fn elsewhere(site: &Site, tag: &str, at: &CommitId) -> Result<super::site::Question, StepError> {
    Ok(mend(format!(
        "the tag {tag} of `{}` is at {}, not at the merged bump {}; nothing was started; tags are never moved by \
         lockgate: find out who made it",
        site.repo()?.name,
        at.short(),
        commit(site)?.short()
    )))
}

/// What the runs of the release workflow on this branch say.
#[derive(Debug, PartialEq, Eq)]
enum Runs<'a> {
    /// This run releases our commit, or did.
    Ours(&'a WorkflowRun),
    /// This run of our commit failed.
    Failed(&'a WorkflowRun),
    /// A run of another commit is under way: a dispatch now would cancel it.
    Busy(&'a WorkflowRun),
    /// None.
    Clear,
}

fn read<'a>(runs: &'a [WorkflowRun], commit: &CommitId) -> Runs<'a> {
    let under_way = |run: &&WorkflowRun| !matches!(run.progress, Progress::Ended(_));
    let succeeded = |run: &&WorkflowRun| run.progress == Progress::Ended(Conclusion::Success);
    let ours = || runs.iter().filter(|run| run.head == *commit);
    if let Some(run) = ours().find(under_way).or_else(|| ours().find(succeeded)) {
        Runs::Ours(run)
    } else if let Some(run) = runs.iter().find(under_way) {
        Runs::Busy(run)
    } else if let Some(run) = ours().next() {
        Runs::Failed(run)
    } else {
        Runs::Clear
    }
}

async fn before_dispatch(site: &Site, workflow: &str, head: Option<&CommitId>) -> Result<Seen, StepError> {
    let target = site.target()?;
    let runs = runs(site, workflow).await?;
    match read(&runs, commit(site)?) {
        Runs::Ours(run) => Ok(Seen::Done(started(site, Some(run.id), format!("run {}", run.url))?)),
        Runs::Busy(run) => Ok(site.wait_for(format!(
            "the run {} on `{}` to end: a second dispatch would cancel it",
            run.url, target.branch
        ))),
        Runs::Failed(run) => Ok(Seen::Ask(mend(format!(
            "the release of {} failed in {}; there is no tag; run its failed jobs again there: it is not dispatched a \
             second time",
            target.label(),
            run.url
        )))),
        Runs::Clear if is_recent(site) => {
            Ok(site.wait_for(format!("the run of `{workflow}` to appear, which may have been dispatched")))
        }
        Runs::Clear => dispatchable(site, head),
    }
}

/// A dispatch was begun whose outcome is not known, and its run may not be listed yet.
fn is_recent(site: &Site) -> bool {
    let now = site.world.clock.now();
    let since = site.facts.waiting_since.get(&site.step.name).copied().unwrap_or(now);
    site.begun == Begun::Yes && now.duration_since(since) < LAG
}

/// A dispatch releases whatever the branch ends in: that must be the bump.
fn dispatchable(site: &Site, head: Option<&CommitId>) -> Result<Seen, StepError> {
    let (target, commit) = (site.target()?, commit(site)?);
    if head == Some(commit) {
        return Ok(Seen::Todo);
    }
    let now = head.map_or("gone", CommitId::short);
    Ok(Seen::Ask(mend(format!(
        "{} is {now}, not at the merged bump {}: a dispatch would release something else; nothing was started",
        target.label(),
        commit.short()
    ))))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let (repo, target) = (site.repo()?, site.target()?);
    let permit = after_the_gate(site)?;
    match &rule(site)?.trigger {
        Trigger::MergeMarker(_) => Err(site.only_looks()),
        Trigger::PushTag => {
            public_head(site, &repo.name, &target.branch).await?;
            let tag = &release(site)?.tag;
            let update = RefUpdate::Create { name: format!("refs/tags/{tag}"), new: commit(site)?.clone() };
            site.world.transport.push(&site.folder.store(&repo.name), &repo.name, &[update], &permit).await?;
            Ok(Made::Done(started(site, None, format!("the tag {tag} was pushed"))?))
        }
        Trigger::Dispatch(workflow) => {
            let github = &site.world.github;
            let (run, how) =
                match github.dispatch(&repo.name, workflow, &target.branch, &BTreeMap::new(), &permit).await?
                {
                    Dispatched::Run { id, url } => (Some(id), format!("run {url}")),
                    Dispatched::Unnamed => (None, format!("`{workflow}` was dispatched")),
                };
            Ok(Made::Done(started(site, run, how)?))
        }
    }
}

async fn runs(site: &Site, workflow: &str) -> Result<Vec<WorkflowRun>, StepError> {
    let query = RunQuery {
        workflow: Some(workflow.to_owned()),
        branch: Some(site.target()?.branch.clone()),
        event: Some("workflow_dispatch".to_owned()),
        ..RunQuery::default()
    };
    Ok(site.world.github.workflow_runs(&site.repo()?.name, &query).await?)
}

/// The commit that is released: what merging the bump made.
pub(super) fn commit(site: &Site) -> Result<&CommitId, StepError> {
    Ok(&site.facts.merged(StepKind::MergeBump, &site.target_subject())?.commit)
}

/// How the step's repository is released.
pub(super) fn rule(site: &Site) -> Result<&ReleaseRule, StepError> {
    let repo = site.repo()?;
    site.inputs()
        .release_rule(repo)
        .ok_or_else(|| StepError::internal(format!("nothing says how `{}` is released", repo.name)))
}

fn started(site: &Site, run: Option<u64>, how: String) -> Result<Output, StepError> {
    Ok(Output::Started(Start { commit: commit(site)?.clone(), tag: release(site)?.tag.clone(), run, how }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: u64, head: &str, progress: Progress) -> WorkflowRun {
        WorkflowRun {
            id,
            path: ".github/workflows/release.yml".into(),
            event: "workflow_dispatch".into(),
            branch: Some("release/2.4.x".into()),
            head: head.repeat(40).parse().unwrap(),
            progress,
            url: String::new(),
            created: "2026-03-02T09:00:00Z".parse().unwrap(),
            attempt: 1,
        }
    }

    #[test]
    fn rd_20_nothing_is_dispatched_while_a_run_is_under_way() {
        let ours: CommitId = "a".repeat(40).parse().unwrap();
        let running = [run(1, "a", Progress::Running)];
        assert_eq!(read(&running, &ours), Runs::Ours(&running[0]));
        let other = [run(2, "b", Progress::Waiting)];
        assert_eq!(read(&other, &ours), Runs::Busy(&other[0]));
        let cancelled = [run(3, "a", Progress::Ended(Conclusion::Cancelled))];
        assert_eq!(read(&cancelled, &ours), Runs::Failed(&cancelled[0]));
        assert_eq!(read(&[], &ours), Runs::Clear);
    }

    #[test]
    fn a_run_of_an_earlier_release_does_not_count() {
        let ours: CommitId = "a".repeat(40).parse().unwrap();
        let old = [run(1, "b", Progress::Ended(Conclusion::Success))];
        assert_eq!(read(&old, &ours), Runs::Clear);
    }
}
