//! `await-release`: wait for the tag at the merged bump, for the release, and for all of its files. Each of these has
//! been seen to stay away alone.

use super::answer::mend;
use super::error::StepError;
use super::output::{Output, Standing, Start};
use super::public;
use super::site::{Made, Seen, Site};
use super::trigger_release::{commit, elsewhere, rule};
use crate::github::{Asset, Conclusion, Progress, Release};
use crate::plan::StepKind;

/// While the run is under way, only every so many looks go beside it: it makes the release as a rule, but a job of it
/// may hang when all is there.
const BESIDE_THE_RUN: u32 = 4;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let repo = &site.repo()?.name;
    let line = public::release(site)?;
    if site.looks() == 0 && started(site)?.run.is_some() {
        // A run that was just asked for has made nothing yet.
        return Ok(site.wait_for(the_tag(site)?));
    }
    let run = Run::of(site).await?;
    if run == Run::UnderWay && site.looks() % BESIDE_THE_RUN != BESIDE_THE_RUN - 1 {
        return Ok(site.wait_for(the_tag(site)?));
    }
    let release = site.world.github.release_by_tag(repo, &line.tag).await?;
    let Some(at) = site.world.github.tag(repo, &line.tag).await? else {
        return still(site, &run, the_tag(site)?);
    };
    if at != *commit(site)? {
        return Ok(Seen::Ask(elsewhere(site, &line.tag, &at)?));
    }
    let Some(release) = release else {
        let what = format!("the release {} of `{repo}` (its tag is there)", line.tag);
        return still(site, &run, what);
    };
    let wanted = rule(site)?.assets_of(&line.to);
    let missing = missing(&wanted, &release.assets);
    if !missing.is_empty() {
        let what = format!(
            "{} of {} files of the release {} of `{repo}`: {}",
            missing.len(),
            wanted.len(),
            line.tag,
            missing.join(", ")
        );
        return still(site, &run, what);
    }
    Ok(Seen::Done(Output::Released(standing(site, release)?)))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}

fn standing(site: &Site, release: Release) -> Result<Standing, StepError> {
    Ok(Standing {
        tag: release.tag,
        commit: commit(site)?.clone(),
        url: release.url,
        assets: release.assets.into_iter().map(|asset| asset.name).collect(),
        at: release.published.unwrap_or_else(|| site.world.clock.now()),
    })
}

/// The run that should bring the release.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    /// It has not ended.
    UnderWay,
    /// It failed or was stopped; this is its page.
    Failed(String),
    /// It ended well, or nobody knows which run it is.
    Silent,
}

impl Run {
    async fn of(site: &Site) -> Result<Run, StepError> {
        let Some(id) = started(site)?.run else { return Ok(Run::Silent) };
        let Some(run) = site.world.github.workflow_run(&site.repo()?.name, id).await? else {
            return Ok(Run::Silent);
        };
        Ok(match run.progress {
            Progress::Waiting | Progress::Running => Run::UnderWay,
            Progress::Ended(Conclusion::Failure(_) | Conclusion::Cancelled) => Run::Failed(run.url),
            Progress::Ended(Conclusion::Success) => Run::Silent,
        })
    }
}

/// Waits on, unless the run that should bring it has failed.
fn still(site: &Site, run: &Run, what: String) -> Result<Seen, StepError> {
    let Run::Failed(url) = run else { return Ok(site.wait_for(what)) };
    Ok(Seen::Ask(mend(format!(
        "{url} failed, and these are missing: {what}; run its failed jobs again there; nothing is dispatched a second \
         time, and what is released already stays"
    ))))
}

fn started(site: &Site) -> Result<&Start, StepError> {
    site.facts.start(StepKind::TriggerRelease, &site.target_subject())
}

fn the_tag(site: &Site) -> Result<String, StepError> {
    Ok(format!("the tag {} of `{}`", public::release(site)?.tag, site.repo()?.name))
}

/// The files that are not there, or not wholly.
fn missing(wanted: &[String], assets: &[Asset]) -> Vec<String> {
    let there = |name: &&String| assets.iter().any(|asset| asset.name == **name && asset.state == "uploaded");
    wanted.iter().filter(|name| !there(name)).map(|name| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rd_08_a_file_that_is_still_uploading_is_missing() {
        let asset = |name: &str, state: &str| Asset { name: name.into(), size: 1, state: state.into() };
        let assets = [asset("a.tar.gz", "uploaded"), asset("b.tar.gz", "open")];
        let wanted = ["a.tar.gz".to_owned(), "b.tar.gz".to_owned(), "c.zip".to_owned()];
        assert_eq!(missing(&wanted, &assets), ["`b.tar.gz`", "`c.zip`"]);
        assert!(missing(&[], &assets).is_empty());
    }
}
