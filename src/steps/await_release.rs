//! `await-release`: wait for the tag at the merged bump, for the release, and for all of its files. Each of these has
//! been seen to stay away alone.

use super::answer::mend;
use super::error::StepError;
use super::output::{Output, Standing};
use super::public;
use super::site::{Made, Seen, Site};
use super::trigger_release::{commit, elsewhere, rule};
use crate::github::{Asset, Conclusion, Progress, Release};
use crate::plan::StepKind;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let repo = &site.repo()?.name;
    let line = public::release(site)?;
    let Some(at) = site.world.github.tag(repo, &line.tag).await? else {
        return still(site, format!("the tag {} of `{repo}`", line.tag)).await;
    };
    if at != *commit(site)? {
        return Ok(Seen::Ask(elsewhere(site, &line.tag, &at)?));
    }
    let Some(release) = site.world.github.release_by_tag(repo, &line.tag).await? else {
        return still(site, format!("the release {} of `{repo}` (its tag is there)", line.tag)).await;
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
        return still(site, what).await;
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

/// Waits on, unless the run that should bring it has failed.
async fn still(site: &Site, what: String) -> Result<Seen, StepError> {
    let repo = &site.repo()?.name;
    let start = site.facts.start(StepKind::TriggerRelease, &site.target_subject())?;
    if let Some(id) = start.run
        && let Some(run) = site.world.github.workflow_run(repo, id).await?
        && let Progress::Ended(Conclusion::Failure(_) | Conclusion::Cancelled) = run.progress
    {
        return Ok(Seen::Ask(mend(format!(
            "{} failed, and these are missing: {what}; run its failed jobs again there; nothing is dispatched a second \
             time, and what is released already stays",
            run.url
        ))));
    }
    Ok(site.wait_for(what))
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
