//! The GitHub Release of a line as GitHub has it, beside what was prepared.

use crate::github::{GitHubRelease, ReleaseAsset, ReleaseStage};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{Attachment, Output, PreparedRelease};
use crate::steps::publish::answer::{decision, then_resume};
use crate::steps::publish::public::release;
use crate::wording::one_line;

/// How much of a text is shown.
const BEGINNING: usize = 60;

/// What GitHub has of the line's tag.
pub(super) enum Found {
    /// Nothing.
    None,
    /// A published release.
    Published(GitHubRelease),
    /// A draft.
    Draft(GitHubRelease),
    /// Several drafts.
    Drafts(Vec<GitHubRelease>),
}

/// Looks for the release of the line's tag. Only the list has drafts.
pub(super) async fn find(context: &StepContext) -> Result<Found, StepError> {
    let tag = &release(context)?.tag;
    let all = context.world.github.releases(&context.repo()?.name).await?;
    let (mut drafts, published): (Vec<_>, Vec<_>) =
        all.into_iter().filter(|one| one.tag == *tag).partition(|one| one.stage == ReleaseStage::Draft);
    Ok(match (published.into_iter().next(), drafts.len()) {
        (Some(published), _) => Found::Published(published),
        (None, 0) => Found::None,
        (None, 1) => drafts.pop().map_or(Found::None, Found::Draft),
        (None, _) => Found::Drafts(drafts),
    })
}

/// What was prepared and approved for the line.
pub(super) fn prepared(context: &StepContext) -> Result<&PreparedRelease, StepError> {
    context.facts.release_text(StepKind::PrepareRelease, &context.target_subject())
}

/// More drafts than one: nobody but people knows which is meant.
pub(super) fn several(context: &StepContext, drafts: &[GitHubRelease]) -> Result<Question, StepError> {
    let pages: Vec<&str> = drafts.iter().map(|draft| draft.url.as_str()).collect();
    Ok(then_resume(format!(
        "there are {} drafts of {}: {}; delete all but one",
        drafts.len(),
        release(context)?.tag,
        pages.join(", ")
    )))
}

/// Whether a release says what was prepared.
pub(super) fn says(release: &GitHubRelease, prepared: &PreparedRelease) -> bool {
    plain(&release.name) == plain(&prepared.title) && plain(&release.body) == plain(&prepared.body)
}

/// As what a release of the version is published.
pub(super) fn stage(context: &StepContext) -> Result<ReleaseStage, StepError> {
    let is_prerelease = release(context)?.to.is_prerelease();
    Ok(if is_prerelease { ReleaseStage::Prerelease } else { ReleaseStage::Full })
}

/// A release that is published, by Lockgate or by somebody. One that is not what was approved is asked about, unless people said
/// that it is the release as it is.
pub(super) fn published_release(
    context: &StepContext,
    there: &GitHubRelease,
    is_confirmed: bool,
) -> Result<Observed, StepError> {
    let differences = differences(there, prepared(context)?, stage(context)?);
    if differences.is_empty() {
        return Ok(Observed::Done(published(there)));
    }
    let differences = differences.join("; ");
    if is_confirmed {
        let what =
            format!("{} is published: {}, otherwise than approved: {differences}", there.tag, there.url);
        return Ok(Observed::Done(Output::Note(what)));
    }
    let text = format!(
        "a release of {} is published, and it is not what was approved: {differences}; nothing was changed: {}",
        there.tag, there.url
    );
    let confirm = NextAction::Confirm { step: context.step.name.clone() };
    let next = [
        Advice::then("put it right on its page, then", NextAction::Resume),
        Advice::then("if it is the release, as it is", confirm),
    ];
    Ok(Observed::Ask(decision(text, next)))
}

/// The outcome where it stands as it was approved.
pub(super) fn published(there: &GitHubRelease) -> Output {
    Output::Note(format!("{} is published: {}", there.tag, there.url))
}

/// What is otherwise than it was prepared and approved.
fn differences(there: &GitHubRelease, prepared: &PreparedRelease, stage: ReleaseStage) -> Vec<String> {
    let mut found = Vec::new();
    if plain(&there.name) != plain(&prepared.title) {
        found.push(format!("its title is \"{}\", not \"{}\"", there.name.trim(), prepared.title.trim()));
    }
    if plain(&there.body) != plain(&prepared.body) {
        found.push(format!("its text is another, it begins with \"{}\"", one_line(&there.body, BEGINNING)));
    }
    if there.stage != stage {
        let is = if there.stage == ReleaseStage::Prerelease { "a" } else { "no" };
        found.push(format!("it is {is} prerelease"));
    }
    let lacking = lacking(there, prepared).into_iter();
    found.extend(lacking.map(|(file, _)| format!("its file `{}` is missing or another", file.name)));
    found
}

/// Text as it is compared. GitHub ends lines as the web does.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// The files that a release lacks, each with what must be deleted before it is uploaded: half a file, or another one of its
/// name.
pub(super) fn lacking<'a>(
    release: &'a GitHubRelease,
    prepared: &'a PreparedRelease,
) -> Vec<(&'a Attachment, Option<&'a ReleaseAsset>)> {
    let there = |wanted: &Attachment| release.assets.iter().find(|asset| asset.name == wanted.name);
    let missing = prepared.assets.iter().map(|wanted| (wanted, there(wanted)));
    missing.filter(|(wanted, there)| !there.is_some_and(|there| is(there, wanted))).collect()
}

/// Whether a file at GitHub is this one, whole.
fn is(there: &ReleaseAsset, wanted: &Attachment) -> bool {
    let digest = format!("sha256:{}", wanted.file.digest);
    let same = there.digest.as_ref().is_none_or(|known| *known == digest);
    there.state == "uploaded" && there.size == wanted.file.size && same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::AssetFile;

    fn asset(id: u64, name: &str, bytes: &[u8], state: &str) -> ReleaseAsset {
        let digest = Some(format!("sha256:{}", AssetFile::of(bytes).digest));
        ReleaseAsset { id, name: name.to_owned(), size: bytes.len() as u64, state: state.to_owned(), digest }
    }

    fn wanted(name: &str, bytes: &[u8]) -> Attachment {
        Attachment { name: name.to_owned(), path: format!("assets/{name}"), file: AssetFile::of(bytes) }
    }

    #[test]
    fn half_a_file_and_another_one_of_its_name_are_uploaded_again() {
        let mut there = GitHubRelease {
            id: 1,
            tag: "v1.2.4".to_owned(),
            name: "Pump 1.2.4".to_owned(),
            body: "- Fixed.\r\n- Well.".to_owned(),
            url: String::new(),
            stage: ReleaseStage::Draft,
            published: None,
            assets: vec![
                asset(5, "whole", b"abc", "uploaded"),
                asset(6, "half", b"abc", "open"),
                asset(7, "other", b"abd", "uploaded"),
            ],
            upload_url: String::new(),
        };
        let prepared = PreparedRelease {
            title: "Pump 1.2.4".to_owned(),
            body: "- Fixed.\n- Well.\n".to_owned(),
            assets: ["whole", "half", "other", "new"].map(|name| wanted(name, b"abc")).into(),
        };
        let missing: Vec<(&str, Option<u64>)> = lacking(&there, &prepared)
            .into_iter()
            .map(|(file, there)| (file.name.as_str(), there.map(|there| there.id)))
            .collect();
        assert_eq!(missing, [("half", Some(6)), ("other", Some(7)), ("new", None)]);
        assert!(says(&there, &prepared));
        there.body.push_str(" By hand.");
        assert!(!says(&there, &prepared));
        there.stage = ReleaseStage::Prerelease;
        assert_eq!(
            differences(&there, &prepared, ReleaseStage::Full),
            [
                "its text is another, it begins with \"- Fixed. - Well. By hand.\"",
                "it is a prerelease",
                "its file `half` is missing or another",
                "its file `other` is missing or another",
                "its file `new` is missing or another",
            ]
        );
    }
}
