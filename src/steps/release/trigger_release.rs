//! `trigger-release`: start the release of a line, once. A second dispatch would cancel the first (WAMR's workflow has
//! `cancel-in-progress` per branch).

use std::collections::BTreeMap;

use crate::by_hand;
use crate::catalog::{ReleaseRule, Trigger};
use crate::egress::Permit;
use crate::git::{Committer, RefUpdate, Signature};
use crate::github::{Conclusion, Dispatched, RunProgress, RunQuery, WorkflowRun};
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Tagging;
use crate::registry::RegistryAnswer;
use crate::steps::context::{Applied, Begun, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{in_store, signature};
use crate::steps::output::{Output, Start};
use crate::steps::patch::remote_head::{public_head, wait_to_see};
use crate::steps::patch::stacked;
use crate::steps::publish::answer::{decision, then_resume};
use crate::steps::publish::public::{after_the_gate, release};
use crate::steps::publish::since_merged;
use crate::wording::counted;

/// How many tags one push brings: GitHub starts nothing for tags that come more than three at once.
const AT_ONCE: usize = 3;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let repo = context.repo()?;
    let (release, commit) = (release(context)?, commit(context)?);
    let branch_name = context.target()?.branch.full();
    // The tags and the branch at the same time.
    let names: Vec<String> = release.tags().map(|tag| format!("refs/tags/{tag}")).collect();
    let wanted: Vec<&str> = names.iter().chain([&branch_name]).map(String::as_str).collect();
    let refs = context.world.transport.ls_remote(&repo.name, &wanted).await?;
    for (tag, name) in release.tags().zip(&names) {
        if let Some(at) = refs.get(name).filter(|at| *at != commit) {
            return Ok(Observed::Ask(elsewhere(context, tag, at)?));
        }
    }
    let is_started = refs.contains_key(&format!("refs/tags/{}", release.tag));
    let is_whole = names.iter().all(|name| refs.contains_key(name));
    if is_whole || (is_started && rule(context)?.trigger != Trigger::PushTag) {
        return Ok(Observed::Done(started(context, None, format!("the tag {} exists", release.tag))?));
    }
    let trigger = &rule(context)?.trigger;
    if !matches!(trigger, Trigger::MergeMarker(_))
        && let Some(observed) = since_merged::before_release(context, commit).await?
    {
        return Ok(observed);
    }
    let observed = match trigger {
        Trigger::MergeMarker(_) => {
            let how = "the merge of the marked bump starts it".to_owned();
            Observed::Done(started(context, None, how)?)
        }
        Trigger::PushTag => Observed::Todo,
        Trigger::Dispatch(_) => before_dispatch(context, workflow(context)?, refs.get(&branch_name)).await?,
    };
    Ok(match observed {
        Observed::Todo if context.begun == Begun::No && !is_started => match published_before(context).await?
        {
            Some(question) => Observed::Ask(question),
            None => Observed::Todo,
        },
        other => other,
    })
}

/// Whether a registry has what is to be released, although nothing of this run has started its release. No registry takes a version
/// twice, and what is there is not what was proven.
async fn published_before(context: &StepContext) -> Result<Option<Question>, StepError> {
    let release = release(context)?;
    for package in context.repo()?.registered_packages() {
        let (Ok(Some(asked)), Some(version)) = (package.in_registry(), release.version_of(package)) else {
            continue;
        };
        // One that gives no answer is waited for after the release, and says nothing against it.
        let known = context.world.registry.version_now(&asked, version.as_str()).await;
        if matches!(known, Ok(RegistryAnswer::Published { .. } | RegistryAnswer::Yanked)) {
            let text = format!(
                "{asked} {version} is in its registry already, and this run has not started its release: what is there is \
                 not what was proven; nothing was started; find out who published it, and from what"
            );
            let another = "state another `version` for the line in release.toml, then";
            let next = [Advice::then(another, NextAction::Amend { digest: None })];
            return Ok(Some(decision(text, next)));
        }
    }
    Ok(None)
}

/// The tag is at another commit: something else is being released, or was.
pub(in crate::steps) fn elsewhere(
    context: &StepContext,
    tag: &str,
    at: &CommitId,
) -> Result<Question, StepError> {
    let repo = &context.repo()?.name;
    let text = format!(
        "the tag {tag} of `{repo}` is at {}, not at {}, which is released; nothing was started, and Lockgate never moves \
         tags; find out who made it, and whether something was released from it",
        at.short(),
        commit(context)?.short()
    );
    let delete = format!("if nothing was, delete it: `{}`, then", by_hand::delete_tag(repo, tag));
    let is_merged = context.facts.output(StepKind::MergePatch, &context.target_subject()).is_some();
    // No amendment takes back what is merged.
    let stays = if is_merged {
        Advice::then(
            "if it has to stay, or cannot be deleted: the line states that version already, so release it with the next one in a \
             release of its own, and call this one off",
            NextAction::Abort,
        )
    } else {
        Advice::then(
            "if it has to stay, or cannot be deleted, state another version for the line in release.toml, then",
            NextAction::Amend { digest: None },
        )
    };
    Ok(decision(text, [Advice::then(delete, NextAction::Resume), stays]))
}

/// What the runs of the release workflow on this branch say.
#[derive(Debug, PartialEq, Eq)]
enum BranchRuns<'a> {
    /// This run releases our commit, or did.
    Ours(&'a WorkflowRun),
    /// This run of our commit failed.
    Failed(&'a WorkflowRun),
    /// A run of another commit is in progress: a dispatch now would cancel it.
    Busy(&'a WorkflowRun),
    /// None.
    Clear,
}

fn read<'a>(runs: &'a [WorkflowRun], commit: &CommitId) -> BranchRuns<'a> {
    let under_way = |run: &&WorkflowRun| !matches!(run.progress, RunProgress::Ended(_));
    let succeeded = |run: &&WorkflowRun| run.progress == RunProgress::Ended(Conclusion::Success);
    let ours = || runs.iter().filter(|run| run.head == *commit);
    if let Some(run) = ours().find(under_way).or_else(|| ours().find(succeeded)) {
        BranchRuns::Ours(run)
    } else if let Some(run) = runs.iter().find(under_way) {
        BranchRuns::Busy(run)
    } else if let Some(run) = ours().next() {
        BranchRuns::Failed(run)
    } else {
        BranchRuns::Clear
    }
}

async fn before_dispatch(
    context: &StepContext,
    workflow: &str,
    head: Option<&CommitId>,
) -> Result<Observed, StepError> {
    let target = context.target()?;
    let runs = runs(context, workflow).await?;
    match read(&runs, commit(context)?) {
        BranchRuns::Ours(run) => {
            Ok(Observed::Done(started(context, Some(run.id), format!("run {}", run.url))?))
        }
        BranchRuns::Busy(run) => Ok(context.wait_for(format!(
            "the run {} on `{}` to end: a second dispatch would cancel it",
            run.url, target.branch
        ))),
        BranchRuns::Failed(run) => Ok(Observed::Ask(then_resume(format!(
            "the release of {} failed in {}; there is no tag; rerun its failed jobs there: it is not dispatched a \
             second time",
            target.label(),
            run.url
        )))),
        BranchRuns::Clear if is_recent(context) => {
            Ok(context.wait_for(format!("the run of `{workflow}` to appear, which may have been dispatched")))
        }
        BranchRuns::Clear => dispatchable(context, head),
    }
}

/// The result of an earlier dispatch is unknown, and its run may not be listed yet.
fn is_recent(context: &StepContext) -> bool {
    context.begun == Begun::Yes && context.may_lag()
}

/// A dispatch releases the head of the branch: that must be what was merged.
fn dispatchable(context: &StepContext, head: Option<&CommitId>) -> Result<Observed, StepError> {
    let (target, commit) = (context.target()?, commit(context)?);
    if head == Some(commit) {
        return Ok(Observed::Todo);
    }
    if context.may_lag() {
        return Ok(wait_to_see(context, &target.branch, commit));
    }
    let now = head.map_or("gone", CommitId::short);
    Ok(Observed::Ask(then_resume(format!(
        "{} is {now}, not at {}, which is released: a dispatch would release something else; nothing was started",
        target.label(),
        commit.short()
    ))))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let permit = after_the_gate(context)?;
    match &rule(context)?.trigger {
        Trigger::MergeMarker(_) => Err(context.only_looks()),
        Trigger::PushTag => {
            public_head(context, &repo.name, &target.branch).await?;
            push_tags(context, &permit).await?;
            let pushed = match release(context)?.more_tags.len() {
                0 => String::new(),
                more => format!(", and {}", counted(more, "further tag")),
            };
            let tag = &release(context)?.tag;
            Ok(Applied::Done(started(context, None, format!("the tag {tag} was pushed{pushed}"))?))
        }
        Trigger::Dispatch(_) => {
            let workflow = workflow(context)?;
            let github = &context.world.github;
            let (run, how) =
                match github.dispatch(&repo.name, workflow, &target.branch, &BTreeMap::new(), &permit).await?
                {
                    Dispatched::Run { id, url } => (Some(id), format!("run {url}")),
                    Dispatched::Unnamed => (None, format!("`{workflow}` was dispatched")),
                };
            Ok(Applied::Done(started(context, run, how)?))
        }
    }
}

/// Pushes the tags that are missing: the release's own last, for it starts the project's CI, which may want the others.
async fn push_tags(context: &StepContext, permit: &Permit) -> Result<(), StepError> {
    let (repo, transport) = (context.repo()?, &context.world.transport);
    let (own, store) = (&release(context)?.tag, context.folder.store(&repo.name));
    let there = transport.ls_remote(&repo.name, &["refs/tags/*"]).await?;
    // All are made before the first is pushed: where one cannot be, none of them is public.
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for tag in release(context)?.tags().filter(|tag| !there.contains_key(&format!("refs/tags/{tag}"))) {
        let push = if tag == own { &mut last } else { &mut first };
        push.push(release_tag(context, tag).await?);
    }
    for part in first.chunks(AT_ONCE).chain(last.chunks(AT_ONCE)) {
        transport.push(&store, &repo.name, part, permit).await?;
    }
    Ok(())
}

/// A tag of the release, as the project's tags are.
async fn release_tag(context: &StepContext, tag: &str) -> Result<RefUpdate, StepError> {
    let (repo, release, commit) = (context.repo()?, release(context)?, commit(context)?.clone());
    let (tag, name) = (tag.to_owned(), format!("refs/tags/{tag}"));
    let signer = match context.plan.tagging(repo) {
        None | Some(Tagging::Lightweight) => return Ok(RefUpdate::Create { name, new: commit }),
        Some(Tagging::Annotated) => None,
        Some(Tagging::Signed) => Some(context.world.signer.clone()),
    };
    let Signature { name: person, email, .. } = signature(&context.plan);
    let now = Signature::utc(&person, &email, context.world.clock.now());
    let tagger = Committer { signer, ..Committer::plain(now) };
    let message = rule(context)?.tag_message_of(&repo.project, &release.tag, &release.to);
    in_store(context, &repo.name, move |store| {
        let made = store.annotate_tag(&tag, &commit, &message, &tagger)?;
        Ok(RefUpdate::CreateTag { name, tag: made, commit })
    })
    .await
}

async fn runs(context: &StepContext, workflow: &str) -> Result<Vec<WorkflowRun>, StepError> {
    let query = RunQuery {
        workflow: Some(workflow.to_owned()),
        branch: Some(context.target()?.branch.clone()),
        event: Some("workflow_dispatch".to_owned()),
        ..RunQuery::default()
    };
    Ok(context.world.github.workflow_runs(&context.repo()?.name, &query).await?)
}

/// The commit that is released: what the last merge made, of the bump or of the fixes. Beside its line, it is the one that
/// was made before the gate.
pub(in crate::steps) fn commit(context: &StepContext) -> Result<&CommitId, StepError> {
    let (target, subject) = (context.target()?, context.target_subject());
    if target.is_merged_back() {
        return stacked::published(context);
    }
    let bump = || Ok(&context.facts.merged(StepKind::MergeBump, &subject)?.commit);
    if context.inputs().is_bumped(target) && !target.bump_first {
        return bump();
    }
    match context.facts.output(StepKind::MergePatch, &subject) {
        // The branch has every fix already.
        Some(Output::Skipped(_)) if target.bump_first => bump(),
        Some(Output::Skipped(_)) => Ok(context.facts.base(target)),
        _ => Ok(&context.facts.merged(StepKind::MergePatch, &subject)?.commit),
    }
}

/// How the step's repository is released.
pub(in crate::steps) fn rule(context: &StepContext) -> Result<&ReleaseRule, StepError> {
    let repo = context.repo()?;
    context
        .inputs()
        .release_rule(repo)
        .ok_or_else(|| StepError::internal(format!("nothing says how `{}` is released", repo.name)))
}

/// The workflow whose dispatch releases this line.
fn workflow(context: &StepContext) -> Result<&str, StepError> {
    let (repo, branch) = (context.repo()?, &context.target()?.branch);
    let dispatched = context.inputs().dispatched_on(repo, branch);
    dispatched
        .ok_or_else(|| StepError::internal(format!("no workflow releases `{branch}` of `{}`", repo.name)))
}

fn started(context: &StepContext, run: Option<u64>, how: String) -> Result<Output, StepError> {
    Ok(Output::Started(Start {
        commit: commit(context)?.clone(),
        tag: release(context)?.tag.clone(),
        run,
        how,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: u64, head: &str, progress: RunProgress) -> WorkflowRun {
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
    fn rd_20_nothing_is_dispatched_while_a_run_is_in_progress() {
        let ours: CommitId = "a".repeat(40).parse().unwrap();
        let running = [run(1, "a", RunProgress::Running)];
        assert_eq!(read(&running, &ours), BranchRuns::Ours(&running[0]));
        let other = [run(2, "b", RunProgress::Waiting)];
        assert_eq!(read(&other, &ours), BranchRuns::Busy(&other[0]));
        let cancelled = [run(3, "a", RunProgress::Ended(Conclusion::Cancelled))];
        assert_eq!(read(&cancelled, &ours), BranchRuns::Failed(&cancelled[0]));
        assert_eq!(read(&[], &ours), BranchRuns::Clear);
    }

    #[test]
    fn run_of_an_earlier_release_does_not_count() {
        let ours: CommitId = "a".repeat(40).parse().unwrap();
        let old = [run(1, "b", RunProgress::Ended(Conclusion::Success))];
        assert_eq!(read(&old, &ours), BranchRuns::Clear);
    }
}
