//! `await-release`: wait for the tag at the merged bump, for the release, and for all of its files. Each of these has
//! been missing alone before.

use super::trigger_release::{commit, elsewhere, rule};
use crate::github::{Conclusion, GitHubRelease, ReleaseAsset, RunProgress};
use crate::kinds::StepKind;
use crate::steps::context::{Applied, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{Output, PublishedRelease, Start};
use crate::steps::publish::answer::{or_waive, then_resume, waived};
use crate::steps::publish::public;

/// While the run is in progress, only every so many looks go beyond it: usually the run makes the release, but one of
/// its jobs may hang when everything is there.
const BESIDE_THE_RUN: u32 = 4;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let repo = &context.repo()?.name;
    let line = public::release(context)?;
    if context.looks() == 0 && started(context)?.run.is_some() {
        // A run that was just dispatched has made nothing yet.
        return Ok(context.wait_for(the_tag(context)?));
    }
    let run = ReleaseRun::of(context).await?;
    if run == ReleaseRun::UnderWay && context.looks() % BESIDE_THE_RUN != BESIDE_THE_RUN - 1 {
        return Ok(context.wait_for(the_tag(context)?));
    }
    let release = release_of(context).await?;
    let Some(at) = context.world.github.tag(repo, &line.tag).await? else {
        let by_hand = format!("create it at {} by hand", commit(context)?);
        return Ok(still(context, &run, &the_tag(context)?, &by_hand));
    };
    if at != *commit(context)? {
        return Ok(Observed::Ask(elsewhere(context, &line.tag, &at)?));
    }
    if let Some(seen) = further_tags(context, &run).await? {
        return Ok(seen);
    }
    let Some(release) = release else {
        if is_a_tag_alone(context)? || waived(context).is_some() {
            return Ok(Observed::Done(Output::Released(tag_alone(context).await?)));
        }
        let what = format!("the release {} of `{repo}` (its tag is there)", line.tag);
        // The tag is there, so users have the fix: people may continue, or the advisories would stay unpublished.
        return Ok(or_waive(context, still(context, &run, &what, "publish a release of that tag by hand")));
    };
    let wanted = rule(context)?.assets_of(&line.to);
    let missing = missing(&wanted, &release.assets);
    if !missing.is_empty() && waived(context).is_none() {
        let what = format!(
            "{} of {} files of the release {} of `{repo}`: {}",
            missing.len(),
            wanted.len(),
            line.tag,
            missing.join(", ")
        );
        // The tag and the release are there, so users have the fix; only then may people continue without the rest.
        return Ok(or_waive(context, still(context, &run, &what, "attach them by hand")));
    }
    Ok(Observed::Done(Output::Released(standing(context, release)?)))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// The GitHub Release; nothing is looked for where there is to be none.
async fn release_of(context: &StepContext) -> Result<Option<GitHubRelease>, StepError> {
    if context.inputs().is_tag_alone(context.repo()?) {
        return Ok(None);
    }
    let tag = &public::release(context)?.tag;
    Ok(context.world.github.release_by_tag(&context.repo()?.name, tag).await?)
}

fn standing(context: &StepContext, release: GitHubRelease) -> Result<PublishedRelease, StepError> {
    Ok(PublishedRelease {
        tag: release.tag,
        commit: commit(context)?.clone(),
        url: release.url,
        assets: release.assets.into_iter().map(|asset| asset.name).collect(),
        at: release.published.unwrap_or_else(|| context.world.clock.now()),
        tag_alone: false,
    })
}

/// Whether there is to be no GitHub Release: the project makes none, or people continued without.
pub(super) fn is_a_tag_alone(context: &StepContext) -> Result<bool, StepError> {
    let published = context.facts.output(StepKind::PublishRelease, &context.target_subject());
    Ok(matches!(published, Some(Output::Skipped(_))) || context.inputs().is_tag_alone(context.repo()?))
}

/// The release that is a tag and nothing else.
async fn tag_alone(context: &StepContext) -> Result<PublishedRelease, StepError> {
    let (repo, tag) = (&context.repo()?.name, &public::release(context)?.tag);
    let page = context.world.github.repository(repo).await?.map(|seen| format!("{}/tree/{tag}", seen.url));
    Ok(PublishedRelease {
        tag: tag.clone(),
        commit: commit(context)?.clone(),
        url: page.unwrap_or_default(),
        assets: Vec::new(),
        at: context.world.clock.now(),
        tag_alone: true,
    })
}

/// The run that should make the release.
#[derive(Debug, PartialEq, Eq)]
enum ReleaseRun {
    /// It is in progress.
    UnderWay,
    /// It failed or was cancelled; with its page.
    Failed(String),
    /// It succeeded, or is unknown.
    Silent,
}

impl ReleaseRun {
    async fn of(context: &StepContext) -> Result<ReleaseRun, StepError> {
        let Some(id) = started(context)?.run else { return Ok(ReleaseRun::Silent) };
        let Some(run) = context.world.github.workflow_run(&context.repo()?.name, id).await? else {
            return Ok(ReleaseRun::Silent);
        };
        Ok(match run.progress {
            RunProgress::Waiting | RunProgress::Held | RunProgress::Running => ReleaseRun::UnderWay,
            RunProgress::Ended(Conclusion::Failure(_) | Conclusion::Cancelled) => ReleaseRun::Failed(run.url),
            RunProgress::Ended(Conclusion::Success) => ReleaseRun::Silent,
        })
    }
}

/// The answer where a further tag of the release is missing, or at another commit.
async fn further_tags(context: &StepContext, run: &ReleaseRun) -> Result<Option<Observed>, StepError> {
    let (repo, line) = (&context.repo()?.name, public::release(context)?);
    for tag in &line.more_tags {
        match context.world.github.tag(repo, tag).await? {
            Some(at) if at == *commit(context)? => {}
            Some(at) => return Ok(Some(Observed::Ask(elsewhere(context, tag, &at)?))),
            None => {
                let what = format!("the tag {tag} of `{repo}`, which belongs to {}", line.tag);
                let by_hand = format!("create it at {} by hand", commit(context)?);
                return Ok(Some(still(context, run, &what, &by_hand)));
            }
        }
    }
    Ok(None)
}

/// Keeps waiting; once the run that should make it has failed, or the workflow's patience is at an end, people are asked.
/// What they do by hand is found when the run is resumed.
fn still(context: &StepContext, run: &ReleaseRun, what: &str, by_hand: &str) -> Observed {
    if let ReleaseRun::Failed(url) = run {
        return Observed::Ask(then_resume(format!(
            "{url} failed, and what is missing is {what}; rerun its failed jobs there, or {by_hand}; nothing is \
             dispatched a second time, and what is already released stays"
        )));
    }
    match context.wait_for(what) {
        Observed::Ask(question) => Observed::Ask(Question {
            text: format!("{}; if its pipeline is stuck, {by_hand}", question.text),
            ..question
        }),
        other => other,
    }
}

fn started(context: &StepContext) -> Result<&Start, StepError> {
    context.facts.start(StepKind::TriggerRelease, &context.target_subject())
}

fn the_tag(context: &StepContext) -> Result<String, StepError> {
    Ok(format!("the tag {} of `{}`", public::release(context)?.tag, context.repo()?.name))
}

/// The files that are missing or incomplete.
fn missing(wanted: &[String], assets: &[ReleaseAsset]) -> Vec<String> {
    let there = |name: &&String| assets.iter().any(|asset| asset.name == **name && asset.state == "uploaded");
    wanted.iter().filter(|name| !there(name)).map(|name| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rd_08_a_file_that_is_still_uploading_is_missing() {
        let asset = |name: &str, state: &str| {
            let (name, state) = (name.to_owned(), state.to_owned());
            ReleaseAsset { id: 1, name, size: 1, state, digest: None }
        };
        let assets = [asset("a.tar.gz", "uploaded"), asset("b.tar.gz", "open")];
        let wanted = ["a.tar.gz".to_owned(), "b.tar.gz".to_owned(), "c.zip".to_owned()];
        assert_eq!(missing(&wanted, &assets), ["`b.tar.gz`", "`c.zip`"]);
        assert!(missing(&[], &assets).is_empty());
    }
}
