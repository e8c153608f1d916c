//! `lockgate show`: one of the texts and patches of a release, whole, as it will be public.

use clap::{Args, ValueEnum};
use serde::Serialize;
use similar::TextDiff;

use super::answer::Answer;
use super::place::PlaceOption;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened};
use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::input::suggest;
use crate::kinds::StepKind;
use crate::plan::Target;
use crate::steps::{
    ComingText, Output, Patch, PatchCommit, TextKind, VersionTable, coming_texts, version_tables,
};

/// Prints a text or a patch that a gate is about, whole.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate show mail\n  lockgate show advisory GHSA-4wx7-c2fg-q8rm\n  \
        lockgate show notes release/2.x\n  lockgate show range-diff brightwater/sluice/release/2.x --dir OUT\n\n\
    Without a target all of the kind are printed. Mails, advisories, pull requests and records are what they will be; a \
    CVE that GitHub assigns and pages that are made on the day are written in then.")]
pub(super) struct ShowCommand {
    /// What is shown.
    what: Shown,
    /// Which one: the step of a mail, an advisory, a branch with or without its repository, the file of a record;
    /// of versions an advisory or a repository.
    target: Option<String>,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

/// One text or patch.
#[derive(Debug, Serialize)]
struct ShownText {
    /// What it is, if it is a text.
    kind: Option<&'static str>,
    /// Which one.
    of: String,
    text: String,
}

impl ShownText {
    fn with_heading(&self) -> String {
        let kind = self.kind.map_or_else(String::new, |kind| format!("{kind} "));
        format!("==== {kind}{}\n{}", self.of, self.text)
    }
}

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// The mails.
    Mail,
    /// The advisories.
    Advisory,
    /// The titles and texts of the public pull requests.
    Pull,
    /// The release notes, as they are added.
    Notes,
    /// All that a branch gets, as one patch.
    Diff,
    /// How each commit of a branch differs from the commit of the fix that it carries.
    RangeDiff,
    /// The entries for vulnerability databases.
    Record,
    /// Every version in each advisory: affected, fixed or not affected, and who says so.
    Versions,
}

impl ShowCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let opened = Home::find(self.place.path()).open()?;
        let shown = match self.what {
            Shown::Mail => self.texts(&opened, TextKind::Mail)?,
            Shown::Advisory => self.texts(&opened, TextKind::Advisory)?,
            Shown::Pull => self.texts(&opened, TextKind::Pull)?,
            Shown::Record => self.texts(&opened, TextKind::Record)?,
            Shown::Versions => self.versions(&opened)?,
            Shown::Notes => self.patches(&opened, notes)?,
            Shown::Diff => self.patches(&opened, diff)?,
            Shown::RangeDiff => self.patches(&opened, range_diff)?,
        };
        let texts: Vec<String> = shown.iter().map(ShownText::with_heading).collect();
        Answer::done(texts.join("\n")).with(&shown)
    }

    fn texts(&self, opened: &Opened, kind: TextKind) -> Result<Vec<ShownText>, Problem> {
        let texts = coming_texts(&opened.plan, &opened.state.facts)
            .map_err(|error| Problem::decision(error.message, "correct the file that it comes from"))?;
        let of_kind: Vec<ComingText> = texts.into_iter().filter(|text| text.kind == kind).collect();
        let chosen = self.chosen(of_kind.iter().map(|text| text.of.clone()).collect())?;
        for outdated in
            chosen.iter().filter(|of| opened.state.standing.iter().any(|step| step.as_str() == *of))
        {
            terminal::note(format!(
                "`{outdated}` went out before the release was amended; this is what it would say now"
            ));
        }
        let told =
            |text: ComingText| ShownText { kind: Some(text.kind.noun()), of: text.of, text: text.text };
        Ok(of_kind.into_iter().filter(|text| chosen.contains(&text.of)).map(told).collect())
    }

    fn versions(&self, opened: &Opened) -> Result<Vec<ShownText>, Problem> {
        let tables = version_tables(&opened.plan, &opened.state.facts);
        let chosen = self.chosen(tables.iter().map(|table| table.of.clone()).collect())?;
        let told = |table: VersionTable| ShownText { kind: Some("versions"), of: table.of, text: table.text };
        Ok(tables.into_iter().filter(|table| chosen.contains(&table.of)).map(told).collect())
    }

    fn patches(
        &self,
        opened: &Opened,
        show: fn(&Store, &Patch) -> Result<String, GitError>,
    ) -> Result<Vec<ShownText>, Problem> {
        let patched: Vec<&Target> =
            opened.plan.targets.iter().filter(|target| stacked(opened, target).is_some()).collect();
        let chosen = self.chosen(patched.iter().map(|target| target.label()).collect())?;
        let mut shown = Vec::new();
        for target in patched.into_iter().filter(|target| chosen.contains(&target.label())) {
            let Some(patch) = stacked(opened, target) else { continue };
            let store = Store::open(&opened.home().folder.store(&target.repo))?;
            shown.push(ShownText { kind: None, of: target.label(), text: show(&store, patch)? });
        }
        Ok(shown)
    }

    /// Those of these names that are meant: all, or the one that is called so, with or without what stands before it.
    fn chosen(&self, names: Vec<String>) -> Result<Vec<String>, Problem> {
        let Some(target) = &self.target else {
            return if names.is_empty() { Err(nothing_yet()) } else { Ok(names) };
        };
        let flat = |name: &str| name.replace(' ', "/");
        let asked = flat(target).to_ascii_lowercase();
        let is_meant = |name: &&String| {
            let begins = name.split_once(' ').is_some_and(|(first, _)| first.eq_ignore_ascii_case(target));
            let flat = flat(name).to_ascii_lowercase();
            flat == asked || flat.ends_with(&format!("/{asked}")) || begins
        };
        let meant: Vec<String> = names.iter().filter(is_meant).cloned().collect();
        if meant.is_empty() {
            // As they can be typed without quotes.
            let typed: Vec<String> = names.iter().map(|name| flat(name)).collect();
            let known = suggest(target, typed.iter().map(String::as_str));
            return Err(Problem::input(format!("there is no `{target}` of this kind to show"), known));
        }
        Ok(meant)
    }
}

fn nothing_yet() -> Problem {
    Problem::input(
        "there is nothing of this kind to show yet",
        "`lockgate status` says how far the release is",
    )
}

fn stacked<'a>(opened: &'a Opened, target: &Target) -> Option<&'a Patch> {
    match opened.state.facts.output(StepKind::Stack, &target.subject()) {
        Some(Output::Patch(patch)) => Some(patch),
        _ => None,
    }
}

/// The commits that carry no fix: the release notes.
fn notes(store: &Store, patch: &Patch) -> Result<String, GitError> {
    let own = patch.commits.iter().filter(|commit| commit.from.is_none() && commit.advisory.is_none());
    own.map(|commit| change(store, &commit.commit)).collect()
}

fn diff(store: &Store, patch: &Patch) -> Result<String, GitError> {
    store.patch(&store.tree_of(&patch.base)?, &patch.tree)
}

/// Each commit beside the one that it carries: the same change is said to be the same, another is shown as a difference of
/// the two patches.
fn range_diff(store: &Store, patch: &Patch) -> Result<String, GitError> {
    patch.commits.iter().map(|commit| beside(store, commit)).collect()
}

fn beside(store: &Store, commit: &PatchCommit) -> Result<String, GitError> {
    let name = format!("{} {}", commit.commit.short(), commit.subject);
    let Some(from) = &commit.from else { return Ok(format!("{name}: new\n")) };
    let (theirs, ours) = (change(store, from)?, change(store, &commit.commit)?);
    if essence(&theirs) == essence(&ours) {
        return Ok(format!("{name}: the same change as {}\n", from.short()));
    }
    let difference = TextDiff::from_lines(&theirs, &ours);
    let shown = difference.unified_diff().header(from.short(), commit.commit.short()).to_string();
    let indented: String = shown.lines().map(|line| format!("    {line}\n")).collect();
    Ok(format!("{name}: differs from {}\n{indented}", from.short()))
}

/// A patch without the places of its hunks and the ids of its files, which differ on every branch.
fn essence(patch: &str) -> Vec<&str> {
    let is_place = |line: &&str| line.starts_with("@@") || line.starts_with("index ");
    patch.lines().filter(|line| !is_place(line)).collect()
}

/// What a commit changes.
fn change(store: &Store, commit: &CommitId) -> Result<String, GitError> {
    let info = store.commit_info(commit)?;
    let before = match info.parents.first() {
        Some(parent) => store.tree_of(parent)?,
        None => store.empty_tree()?,
    };
    store.patch(&before, &info.tree)
}
