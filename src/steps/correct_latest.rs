//! `correct-latest`: give the label "latest" to the newest version. GitHub gives it to whatever was published last.

use semver::Version;

use super::error::StepError;
use super::lines::version_of;
use super::output::Output;
use super::public::after_the_gate;
use super::site::{Made, Seen, Site};
use crate::github::{Release, Stage};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(newest) = newest(site).await? else {
        return Ok(Seen::Done(Output::Skipped("no release has a version".to_owned())));
    };
    let labelled = site.world.github.latest_release(&site.repo()?.name).await?;
    if labelled.is_some_and(|release| release.tag == newest.tag) {
        return Ok(Seen::Done(Output::Note(format!("{} has the label", newest.tag))));
    }
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let repo = &site.repo()?.name;
    let newest = newest(site).await?.ok_or_else(|| site.only_looks())?;
    site.world.github.set_latest(repo, newest.id, &after_the_gate(site)?).await?;
    Ok(Made::Done(Output::Note(format!("{} was given the label", newest.tag))))
}

/// The release of the highest version, of whatever day.
pub(super) async fn newest(site: &Site) -> Result<Option<Release>, StepError> {
    let repo = site.repo()?;
    let Some(rule) = site.inputs().release_rule(repo) else { return Ok(None) };
    let releases = site.world.github.releases(&repo.name).await?;
    Ok(highest(releases, &rule.tag))
}

fn highest(releases: Vec<Release>, tag: &str) -> Option<Release> {
    releases
        .into_iter()
        .filter(|release| release.stage == Stage::Full)
        .filter_map(|release| Some((version_of(tag, &release.tag)?, release)))
        .filter(|(version, _): &(Version, _)| version.pre.is_empty())
        .max_by(|(one, _), (other, _)| one.cmp(other))
        .map(|(_, release)| release)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(tag: &str, stage: Stage) -> Release {
        Release {
            id: 1,
            tag: tag.into(),
            name: String::new(),
            body: String::new(),
            url: String::new(),
            stage,
            published: None,
            assets: Vec::new(),
        }
    }

    #[test]
    fn rd_12_the_label_belongs_to_the_highest_version_not_to_the_last_release() {
        let releases = ["v24.0.9", "v36.0.4", "v9.0.0", "nightly", "v37.0.0-rc.1"];
        let mut all: Vec<Release> = releases.iter().map(|tag| release(tag, Stage::Full)).collect();
        all.push(release("v99.0.0", Stage::Draft));
        assert_eq!(highest(all, "v{version}").unwrap().tag, "v36.0.4");
        assert!(highest(Vec::new(), "v{version}").is_none());
    }
}
