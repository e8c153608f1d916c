//! `correct-latest`: give the label "latest" to the newest version. GitHub gives it to whatever was published last.

use crate::github::{GitHubRelease, ReleaseStage};
use crate::numbering::Version;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::public::after_the_gate;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(newest) = newest(context).await? else {
        return Ok(Observed::Done(Output::Skipped("no release has a version".to_owned())));
    };
    let labelled = context.world.github.latest_release(&context.repo()?.name).await?;
    if labelled.is_some_and(|release| release.tag == newest.tag) {
        return Ok(Observed::Done(Output::Note(format!("{} has the label", newest.tag))));
    }
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = &context.repo()?.name;
    let newest = newest(context).await?.ok_or_else(|| context.only_looks())?;
    context.world.github.set_latest(repo, newest.id, &after_the_gate(context)?).await?;
    Ok(Applied::Done(Output::Note(format!("{} was given the label", newest.tag))))
}

/// The release of the highest version, of whatever day.
pub(in crate::steps) async fn newest(context: &StepContext) -> Result<Option<GitHubRelease>, StepError> {
    let repo = context.repo()?;
    let releases = context.world.github.releases(&repo.name).await?;
    Ok(highest(releases, |tag| context.inputs().version_by_rule(repo, tag)))
}

fn highest(
    releases: Vec<GitHubRelease>,
    version_of: impl Fn(&str) -> Option<Version>,
) -> Option<GitHubRelease> {
    releases
        .into_iter()
        .filter(|release| release.stage == ReleaseStage::Full)
        .filter_map(|release| Some((version_of(&release.tag)?, release)))
        .filter(|(version, _)| !version.is_prerelease())
        .max_by(|(one, _), (other, _)| one.cmp(other))
        .map(|(_, release)| release)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::{Scheme, version_in_tag};

    fn version_of(tag: &str) -> Option<Version> {
        version_in_tag("v{version}", tag, Scheme::SemVer)
    }

    fn release(tag: &str, stage: ReleaseStage) -> GitHubRelease {
        GitHubRelease {
            id: 1,
            tag: tag.into(),
            name: String::new(),
            body: String::new(),
            url: String::new(),
            stage,
            published: None,
            assets: Vec::new(),
            upload_url: String::new(),
        }
    }

    #[test]
    fn rd_12_the_label_belongs_to_the_highest_version_not_to_the_last_release() {
        let releases = ["v24.0.9", "v36.0.4", "v9.0.0", "nightly", "v37.0.0-rc.1"];
        let mut all: Vec<GitHubRelease> =
            releases.iter().map(|tag| release(tag, ReleaseStage::Full)).collect();
        all.push(release("v99.0.0", ReleaseStage::Draft));
        assert_eq!(highest(all, version_of).unwrap().tag, "v36.0.4");
        assert!(highest(Vec::new(), version_of).is_none());
    }
}
