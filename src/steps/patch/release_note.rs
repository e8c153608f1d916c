//! The release note of a target: one entry an advisory, in the patch and never in the bump.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::left_out::{gets_nothing, taken};
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::plan::Target;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::mail::announcement::{cve, page};
use crate::version::{CarryForward, FileChange, NoteEntry, NotedRelease, NotesRule, TreeReader};

/// The entries of one target's release, and where they go.
pub(in crate::steps) struct ReleaseNote {
    rule: NotesRule,
    version: Version,
    previous: Option<Version>,
    date: Date,
    entries: Vec<NoteEntry>,
    /// Whether it is told on the branch of another release, too.
    is_carried: bool,
}

/// What is told on the step's target, from old to new: its own release, and those of older lines where the catalog carries
/// them forward. Nothing without a rule for notes.
pub(in crate::steps) fn all(context: &StepContext) -> Result<Vec<ReleaseNote>, StepError> {
    let Some(rule) = context.inputs().notes(context.repo()?) else { return Ok(Vec::new()) };
    let own = context.target()?;
    let older = older_lines(context, rule)?.into_iter().chain([own]);
    let mut notes: Vec<ReleaseNote> = older.filter_map(|target| note(context, rule, target)).collect();
    notes.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(notes)
}

/// The note of the step's own release; `None` where there is no release or no rule for notes.
pub(in crate::steps) fn own(context: &StepContext) -> Result<Option<ReleaseNote>, StepError> {
    let rule = context.inputs().notes(context.repo()?);
    let own = context.target()?;
    Ok(rule.and_then(|rule| note(context, rule, own)))
}

/// The older lines whose releases are told here, too.
fn older_lines<'a>(context: &'a StepContext, rule: &NotesRule) -> Result<Vec<&'a Target>, StepError> {
    let (own, repo) = (context.target()?, context.repo()?);
    if rule.is_by_advisory() {
        return Ok(Vec::new());
    }
    let others = || context.plan.targets_of(&repo.name).filter(|other| other.branch != own.branch);
    let is_newest = version(own).is_some() && others().all(|other| version(other) < version(own));
    let is_asked = rule.carry_forward.iter().any(|place| match place {
        CarryForward::DefaultBranch => own.branch == repo.default_branch,
        CarryForward::NewestLine => is_newest,
    });
    let is_older = |other: &&Target| match (version(other), version(own)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(other), Some(own)) => other < own,
    };
    let told = |other: &&Target| !gets_nothing(&context.plan, &context.facts, other);
    Ok(if is_asked { others().filter(is_older).filter(told).collect() } else { Vec::new() })
}

fn version(target: &Target) -> Option<&Version> {
    target.release.as_ref().map(|release| &release.to)
}

fn note(context: &StepContext, rule: &NotesRule, target: &Target) -> Option<ReleaseNote> {
    let release = target.release.as_ref()?;
    let mut entries = Vec::new();
    for id in taken(&context.plan, &context.facts, target) {
        let Some(advisory) = context.inputs().release.advisory(id) else { continue };
        entries.push(NoteEntry {
            summary: advisory.summary.clone(),
            ghsa: id.clone(),
            cve: cve(context, advisory),
            url: page(context, advisory),
            severity: advisory.rating().map(|rating| rating.as_str().to_owned()),
        });
    }
    let date = context.inputs().release.disclosure.to_zoned(TimeZone::UTC).date();
    Some(ReleaseNote {
        rule: rule.clone(),
        version: release.to.clone(),
        previous: context.plan.release_before(target).cloned(),
        date,
        entries,
        is_carried: context.target().is_ok_and(|own| own.branch != target.branch),
    })
}

impl ReleaseNote {
    /// The files that change when the entries are told; none if they are told already.
    pub(in crate::steps) fn written_into(
        &self,
        files: &dyn TreeReader,
    ) -> Result<Vec<FileChange>, StepError> {
        let written = self.rule.write(files, &self.release());
        written.map_err(|cause| self.refused("write", &cause))
    }

    /// What these files tell of the release.
    pub(in crate::steps) fn told_in(&self, files: &dyn TreeReader) -> Result<String, StepError> {
        let told = self.rule.told(files, &self.release());
        told.map_err(|cause| self.refused("read", &cause))
    }

    fn release(&self) -> NotedRelease<'_> {
        let release = NotedRelease::of(&self.version, Some(self.date), &self.entries);
        let release = release.after(self.previous.as_ref());
        if self.is_carried { release.of_another_line() } else { release }
    }

    fn refused(&self, what: &str, cause: &dyn std::error::Error) -> StepError {
        StepError::input(
            format!("failed to {what} the release note of {}: {cause}", self.version),
            Advice::then("correct `notes` in the catalog, then", NextAction::Amend { digest: None }),
        )
    }

    /// The fragments that are gone once it is told; those that wait on this branch are none of another line's release.
    pub(in crate::steps) fn taken_up(&self, files: &dyn TreeReader) -> Vec<String> {
        if self.is_carried { Vec::new() } else { self.rule.taken_up(files) }
    }

    /// The version that it tells of.
    pub(in crate::steps) fn version(&self) -> &Version {
        &self.version
    }
}
