//! `correct-latest`: give the label "latest" to the newest version. GitHub gives it to whatever was published last.

use crate::github::{GitHubRelease, ReleaseStage};
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::then_resume;
use crate::steps::publish::public::after_the_gate;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let newest = newest(context).await?;
    let Some(tag) = newest.tag() else {
        let why = match newest {
            Newest::TagAlone(tag) => {
                format!(
                    "{tag}, the newest version, has no GitHub Release, and no older one is given the label"
                )
            }
            _ => "no release has a version".to_owned(),
        };
        return Ok(Observed::Done(Output::Skipped(why)));
    };
    let labelled = context.world.github.latest_release(&context.repo()?.name).await?;
    if labelled.is_some_and(|release| release.tag == tag) {
        return Ok(Observed::Done(Output::Note(format!("{tag} has the label"))));
    }
    Ok(match &newest {
        Newest::Listed(_) | Newest::None | Newest::TagAlone(_) => Observed::Todo,
        Newest::Unlisted(_) if context.may_lag() => {
            context.wait_for(format!("GitHub to list the release {tag}, which was published"))
        }
        Newest::Unlisted(_) => Observed::Ask(then_resume(format!(
            "GitHub does not list the release {tag}, which was published, and no older one is given the label \"latest\"; \
             give it the label on its page"
        ))),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = &context.repo()?.name;
    let Newest::Listed(newest) = newest(context).await? else {
        return Ok(context.look_again("the list of the releases"));
    };
    context.world.github.set_latest(repo, newest.id, &after_the_gate(context)?).await?;
    Ok(Applied::Done(Output::Note(format!("{} was given the label", newest.tag))))
}

/// The release of the highest version, of whatever day.
pub(in crate::steps) enum Newest {
    /// None has a version.
    None,
    /// GitHub lists it.
    Listed(GitHubRelease),
    /// The highest version was tagged before, without a GitHub Release.
    TagAlone(String),
    /// This run published a release of this tag, which is higher than all in a list that does not have it yet.
    Unlisted(String),
}

impl Newest {
    /// The tag of the GitHub Release.
    pub(in crate::steps) fn tag(&self) -> Option<&str> {
        match self {
            Newest::None | Newest::TagAlone(_) => None,
            Newest::Listed(release) => Some(&release.tag),
            Newest::Unlisted(tag) => Some(tag),
        }
    }
}

/// The release of the highest version. GitHub's list may lag behind what this run published.
pub(in crate::steps) async fn newest(context: &StepContext) -> Result<Newest, StepError> {
    let repo = context.repo()?;
    let releases = context.world.github.releases(&repo.name).await?;
    let by_rule = |tag: &str| context.inputs().version_by_rule(repo, tag);
    let seen = context.plan.snapshot.repos.get(&repo.name);
    let tagged = seen.into_iter().flat_map(|seen| seen.versions.iter().map(|one| one.tag.clone()));
    Ok(highest(releases, ours(context)?, tagged.collect(), by_rule))
}

/// The version and the tag of each release that this run has seen published.
fn ours(context: &StepContext) -> Result<Vec<(Version, String)>, StepError> {
    let targets = context.plan.targets_of(&context.repo()?.name);
    let published = targets.filter_map(|target| {
        let release = target.release.as_ref()?;
        let standing = context.facts.standing(StepKind::AwaitRelease, &target.subject()).ok()?;
        (!standing.tag_alone).then(|| (release.to.clone(), release.tag.clone()))
    });
    Ok(published.collect())
}

fn highest(
    listed: Vec<GitHubRelease>,
    ours: Vec<(Version, String)>,
    tagged: Vec<String>,
    version_of: impl Fn(&str) -> Option<Version>,
) -> Newest {
    let is_listed = |tag: &str| {
        // A list of earlier has what is published by now as the draft that it was.
        listed.iter().any(|release| release.tag == tag && release.stage != ReleaseStage::Draft)
    };
    let unlisted = ours.into_iter().filter(|(_, tag)| !is_listed(tag));
    let unlisted: Vec<_> = unlisted.map(|(version, tag)| (version, Newest::Unlisted(tag))).collect();
    let tagged: Vec<_> =
        tagged.into_iter().filter_map(|tag| Some((version_of(&tag)?, Newest::TagAlone(tag)))).collect();
    let full = listed.into_iter().filter(|release| release.stage == ReleaseStage::Full);
    let full = full.filter_map(|release| Some((version_of(&release.tag)?, Newest::Listed(release))));
    // Of equal versions the last one counts.
    let all = tagged.into_iter().chain(full).chain(unlisted);
    all.filter(|(version, _)| !version.is_prerelease())
        .max_by(|(one, _), (other, _)| one.cmp(other))
        .map_or(Newest::None, |(_, newest)| newest)
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
        assert_eq!(highest(all, Vec::new(), Vec::new(), version_of).tag(), Some("v36.0.4"));
        assert_eq!(highest(Vec::new(), Vec::new(), Vec::new(), version_of).tag(), None);
    }

    #[test]
    fn an_older_release_is_not_the_latest_where_a_newer_version_is_a_tag_alone() {
        let listed = || vec![release("v1.1.3", ReleaseStage::Full)];
        let newest = |tags: &[&str]| {
            highest(listed(), Vec::new(), tags.iter().map(ToString::to_string).collect(), version_of)
        };
        assert!(matches!(newest(&["v1.1.2", "v2.0.3"]), Newest::TagAlone(tag) if tag == "v2.0.3"));
        assert_eq!(newest(&["v1.1.2", "v1.1.3", "v2.0.0-rc.1", "nightly"]).tag(), Some("v1.1.3"));
    }

    #[test]
    fn a_list_that_lags_hides_no_release_that_this_run_published() {
        let listed = || {
            let (full, draft) = (ReleaseStage::Full, ReleaseStage::Draft);
            vec![release("v2.3.0", full), release("v2.3.1", draft)]
        };
        let ours = |tag: &str| vec![(version_of(tag).unwrap(), tag.to_owned())];
        assert!(
            matches!(highest(listed(), ours("v2.3.1"), Vec::new(), version_of), Newest::Unlisted(tag) if tag == "v2.3.1")
        );
        // One of an older line is not the newest, whether it is listed or not.
        assert_eq!(highest(listed(), ours("v1.9.9"), Vec::new(), version_of).tag(), Some("v2.3.0"));
        assert_eq!(highest(listed(), ours("v3.0.0-rc.1"), Vec::new(), version_of).tag(), Some("v2.3.0"));
        let found = highest(listed(), ours("v2.3.0"), Vec::new(), version_of);
        assert!(matches!(found, Newest::Listed(_)), "it is listed");
    }
}
