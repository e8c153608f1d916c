//! What a rehearsal made, beside what was made on the day that it replays. Whatever nobody expected is a difference.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::RehearsalError;
use super::expectation::{Expectation, MadeItem, MadeKind};
use super::layout::BEGINNING;
use crate::control::{DiskError, Home};
use crate::emulator::{Inventory, PublicChange, PublicItem, PublicKind};
use crate::report::{Report, ReportedTarget};

/// Something that was made and not expected, or expected and not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// What it is.
    pub item: MadeItem,
    /// What happened to it.
    pub outcome: MadeOutcome,
}

/// What happened to something in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeOutcome {
    /// It was made.
    Made,
    /// It was there, and is another now.
    Moved,
    /// It was there, and is gone.
    Removed,
    /// It is expected, and is not there.
    NotMade,
}

/// Notes what the world shows before anything is done.
pub(super) fn note_beginning(home: &Home) -> Result<(), RehearsalError> {
    let path = home.folder.root().join(BEGINNING);
    let text = Inventory::of(home.folder.root())?.to_json().map_err(bad(&path))?;
    Ok(std::fs::write(&path, text).map_err(DiskError::to("write", &path))?)
}

fn beginning(home: &Home) -> Result<Inventory, RehearsalError> {
    let path = home.folder.root().join(BEGINNING);
    if !path.is_file() {
        return Err(RehearsalError::NoBeginning);
    }
    let text = std::fs::read_to_string(&path).map_err(DiskError::to("read", &path))?;
    Inventory::from_json(&text).map_err(bad(&path))
}

fn bad(path: &Path) -> impl FnOnce(serde_json::Error) -> RehearsalError {
    let path = path.to_owned();
    move |source| RehearsalError::BadBeginning { path, source }
}

/// Everything that differs from what was made that day, beside the trees.
pub(super) fn unexpected(
    home: &Home,
    report: &Report,
    expectation: &Expectation,
) -> Result<Vec<Unexpected>, RehearsalError> {
    let (before, after) = (beginning(home)?, Inventory::of(home.folder.root())?);
    let public = before.changes(&after).map(|(item, change)| (made_item(item), outcome(change)));
    let mails =
        report.mails.iter().map(|mail| (mail_item(mail.step.as_str(), &mail.subject), MadeOutcome::Made));
    let happened: Vec<(MadeItem, MadeOutcome)> = public.chain(mails).collect();
    let expected = Expected::of(report, expectation);
    let there: BTreeSet<MadeItem> =
        after.items().map(made_item).chain(happened.iter().map(|(item, _)| item.clone())).collect();
    let missing: Vec<MadeItem> =
        expected.listed.iter().filter(|item| !there.contains(item)).cloned().collect();
    let mut unexpected: Vec<Unexpected> = happened
        .into_iter()
        .filter(|(item, _)| !expected.holds(item))
        .map(|(item, outcome)| Unexpected { item, outcome })
        .collect();
    unexpected.extend(missing.into_iter().map(|item| Unexpected { item, outcome: MadeOutcome::NotMade }));
    Ok(unexpected)
}

/// What the expectation lists, and what follows from it.
struct Expected<'a> {
    report: &'a Report,
    expectation: &'a Expectation,
    /// What is named: the items, and the tags of the targets.
    listed: Vec<MadeItem>,
}

impl<'a> Expected<'a> {
    fn of(report: &'a Report, expectation: &'a Expectation) -> Expected<'a> {
        let tags = expectation
            .targets
            .iter()
            .filter_map(|target| Some(tag(target.repo.to_string(), target.tag.clone()?)));
        let listed = expectation.made.iter().cloned().chain(tags).collect();
        Expected { report, expectation, listed }
    }

    fn holds(&self, item: &MadeItem) -> bool {
        self.listed.contains(item) || self.follows(item)
    }

    /// Whether it follows from a target, or from what the release itself says.
    fn follows(&self, item: &MadeItem) -> bool {
        match item.what {
            MadeKind::Tag => false,
            MadeKind::Branch | MadeKind::PullRequest => self
                .expectation
                .targets
                .iter()
                .any(|target| target.repo.to_string() == item.of && target.branch.as_str() == item.name),
            MadeKind::Release => self.listed.contains(&tag(item.of.clone(), item.name.clone())),
            MadeKind::PackageVersion => self.versions().any(|version| version == item.name),
            MadeKind::Advisory => {
                let own = |id: &str| self.report.advisories.iter().any(|advisory| advisory.id.as_str() == id);
                !self.lists(MadeKind::Advisory) && own(&item.name)
            }
            MadeKind::Mail => !self.lists(MadeKind::Mail),
        }
    }

    fn lists(&self, kind: MadeKind) -> bool {
        self.expectation.made.iter().any(|item| item.what == kind)
    }

    /// The versions that were released under an expected tag.
    fn versions(&self) -> impl Iterator<Item = &str> {
        let targets = self.report.targets.iter();
        let tagged = |target: &&ReportedTarget| {
            let tag = target.tag.clone().map(|name| tag(target.repo.to_string(), name));
            tag.is_some_and(|tag| self.listed.contains(&tag))
        };
        targets.filter(tagged).flat_map(|target| {
            let packages = target.packages.iter().map(|package| package.version.as_str());
            target.version.as_deref().into_iter().chain(packages)
        })
    }
}

fn tag(of: String, name: String) -> MadeItem {
    MadeItem { what: MadeKind::Tag, of, name }
}

fn mail_item(step: &str, subject: &str) -> MadeItem {
    MadeItem { what: MadeKind::Mail, of: step.to_owned(), name: subject.to_owned() }
}

fn made_item(item: &PublicItem) -> MadeItem {
    let what = match item.kind {
        PublicKind::Branch => MadeKind::Branch,
        PublicKind::Tag => MadeKind::Tag,
        PublicKind::PullRequest => MadeKind::PullRequest,
        PublicKind::Release => MadeKind::Release,
        PublicKind::Advisory => MadeKind::Advisory,
        PublicKind::PackageVersion => MadeKind::PackageVersion,
    };
    MadeItem { what, of: item.of.clone(), name: item.name.clone() }
}

fn outcome(change: PublicChange) -> MadeOutcome {
    match change {
        PublicChange::Made => MadeOutcome::Made,
        PublicChange::Moved => MadeOutcome::Moved,
        PublicChange::Removed => MadeOutcome::Removed,
    }
}
