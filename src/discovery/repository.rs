//! All facts about one repository.

use std::collections::{BTreeMap, BTreeSet};

use super::automation::Automation;
use super::commits::CommitHabits;
use super::fact::Fact;
use super::found_package::FoundPackage;
use super::history::History;
use super::line_facts::{Common, LineFacts};
use super::lines::FoundLines;
use super::mailbox::mailbox;
use super::notes::notes;
use super::notes_forward::carried_forward;
use super::packages::{packages, requires};
use super::stated::StatedVersion;
use super::supported::supported_lines;
use super::tags::TagHabits;
use super::tests_of::{FoundTest, test_of};
use super::written::NotesKeys;
use crate::ecosystem::Ecosystem;
use crate::git::{GitError, Store};
use crate::ids::{BranchName, Login, RepoName};
use crate::merge_rules::MergeMethod;
use crate::numbering::Scheme;
use crate::steps::TreeFiles;

/// How many of the newest commits tell of habits.
const COMMITS: usize = 200;

/// What a repository shows.
#[derive(Debug)]
pub struct Discovered {
    pub(super) name: RepoName,
    pub(super) default_branch: BranchName,
    pub(super) tags: TagHabits,
    pub(super) lines: FoundLines,
    pub(super) version: StatedVersion,
    /// What is stated after a release.
    pub(super) after_release: Option<Fact<String>>,
    /// What single lines have otherwise.
    pub(super) line_facts: Vec<LineFacts>,
    pub(super) packages: Vec<FoundPackage>,
    pub(super) notes: Option<Fact<NotesKeys>>,
    pub(super) automation: Automation,
    pub(super) commits: CommitHabits,
    /// The merge methods that GitHub allows, if it was asked.
    pub(super) methods: Option<BTreeSet<MergeMethod>>,
    pub(super) test: Option<FoundTest>,
    pub(super) mailbox: Option<Fact<String>>,
    /// What its root manifest requires of others, by the name of the package.
    pub(super) requires: BTreeMap<String, String>,
}

impl Discovered {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &RepoName {
        &self.name
    }

    /// Those who seem to maintain it.
    #[must_use]
    pub fn people(&self) -> &[Login] {
        &self.commits.people
    }
}

/// What GitHub says of a repository, as far as it was asked.
#[derive(Debug, Clone, Default)]
pub struct HostedFacts {
    /// Its default branch.
    pub default_branch: Option<BranchName>,
    /// The merge methods that it allows.
    pub methods: Option<BTreeSet<MergeMethod>>,
}

/// Looks at a repository; `None` if the store holds no branch.
///
/// # Errors
/// When the store cannot be read.
pub fn discover(store: &Store, name: RepoName, hosted: &HostedFacts) -> Result<Option<Discovered>, GitError> {
    let Some(history) = History::read(store, hosted.default_branch.as_ref())? else { return Ok(None) };
    let files = TreeFiles::of(store, &history.head)?;
    let short = name.name().to_owned();
    // The scheme of the tags follows from the ecosystem, and which folders are modules from the tags.
    let first_look = TagHabits::of(&history, &short, Scheme::Numbers)?;
    let found = packages(&files, &short, &first_look);
    let ecosystem = found.first().map_or(Ecosystem::Other, |package| package.ecosystem);
    let tags = TagHabits::of(&history, &short, ecosystem.scheme())?;
    let version = StatedVersion::of(&files, &short, &tags, ecosystem.scheme());
    let version = version.shown_by_releases(&history, &files, (&tags, ecosystem.scheme()))?;
    let commits = history.newest_commits(COMMITS)?;
    let lines = FoundLines::of(&history, &tags, (&short, &supported_lines(&files)))?;
    let mut notes = notes(&files, &short, (&tags, version.announced.as_deref()), &found);
    if let Some(notes) = &mut notes {
        notes.value.extend(carried_forward(&history, &lines, &notes.value)?);
    }
    let newest = tags.newest().map(|newest| newest.tag.name.as_str());
    let automation = Automation::of(&files, &history.default_branch, newest);
    let common = Common {
        name: &short,
        scheme: ecosystem.scheme(),
        tags: &tags,
        version: &version,
        notes: notes.as_ref().map(|notes| &notes.value),
        packages: &found,
        dispatched: automation.dispatched.as_deref(),
        from_default: lines.from_default.as_ref().is_some_and(|fact| fact.value),
    };
    let alive = lines.alive.value.iter().zip(&lines.newest);
    let (after_release, line_facts) = common.lines(&history, alive)?;
    Ok(Some(Discovered {
        lines,
        notes,
        version,
        after_release,
        line_facts,
        automation,
        commits: CommitHabits::of(&commits),
        methods: hosted.methods.clone(),
        test: test_of(&files, ecosystem),
        mailbox: mailbox(&files),
        requires: requires(&files),
        packages: found,
        tags,
        default_branch: history.default_branch,
        name,
    }))
}
