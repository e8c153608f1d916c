//! The release note of a target: one entry an advisory, in the patch and never in the bump.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::left_out::taken;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::mail::announcement::{cve, page};
use crate::version::{FileChange, NoteEntry, NotesRule, TreeReader};

/// The entries of one target's release, and where they go.
pub(in crate::steps) struct ReleaseNote {
    rule: NotesRule,
    version: Version,
    date: Date,
    entries: Vec<NoteEntry>,
}

/// The note of the step's target; `None` where there is no release or no rule for notes.
pub(in crate::steps) fn of(context: &StepContext) -> Result<Option<ReleaseNote>, StepError> {
    let target = context.target()?;
    let repo = context.repo()?;
    let (Some(release), Some(rule)) = (&target.release, context.inputs().notes(repo)) else {
        return Ok(None);
    };
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
    Ok(Some(ReleaseNote { rule: rule.clone(), version: release.to.clone(), date, entries }))
}

impl ReleaseNote {
    /// The files that change when the entries are told; none if they are told already.
    pub(in crate::steps) fn written_into(
        &self,
        files: &dyn TreeReader,
    ) -> Result<Vec<FileChange>, StepError> {
        let written = self.rule.write(files, &self.version, Some(self.date), &self.entries);
        written.map_err(|cause| self.refused("write", &cause))
    }

    /// What these files tell of the release.
    pub(in crate::steps) fn told_in(&self, files: &dyn TreeReader) -> Result<String, StepError> {
        let told = self.rule.told(files, &self.version, &self.entries);
        told.map_err(|cause| self.refused("read", &cause))
    }

    fn refused(&self, what: &str, cause: &dyn std::error::Error) -> StepError {
        StepError::input(
            format!("failed to {what} the release note of {}: {cause}", self.version),
            Advice::then("a catalog with other `notes` needs a new run; to end this one", NextAction::Abort),
        )
    }

    /// The subject of its commit.
    pub(in crate::steps) fn subject(&self) -> String {
        format!("Release notes for {}", self.version)
    }
}
