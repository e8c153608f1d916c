//! The release note of a target: one entry an advisory, in the patch and never in the bump.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::left_out::taken;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::mail::announcement::{cve, page};
use crate::version::{FileChange, NoteEntry, Notes, NotesError, NotesRule, TextFile, TreeReader, open};

/// The entries of one target's release, and where they go.
pub(in crate::steps) struct ReleaseNote {
    /// The file.
    pub(in crate::steps) file: String,
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
    Ok(Some(ReleaseNote {
        file: rule.file.clone(),
        rule: rule.clone(),
        version: release.to.clone(),
        date,
        entries,
    }))
}

impl ReleaseNote {
    /// The file with the entries in it; `None` if they are there already.
    pub(in crate::steps) fn written_into(
        &self,
        files: &dyn TreeReader,
    ) -> Result<Option<FileChange>, StepError> {
        self.change(files).map_err(|cause| {
            StepError::input(
                format!("failed to write the release note of {}: {cause}", self.version),
                Advice::then(
                    "a catalog with other `notes` needs a new run; to end this one",
                    NextAction::Abort,
                ),
            )
        })
    }

    fn change(&self, files: &dyn TreeReader) -> Result<Option<FileChange>, NotesError> {
        let file = open(files, &self.file)?;
        let text = file.as_ref().map(|file| file.text.as_str());
        match self.rule.insert(text, &self.version, Some(self.date), &self.entries)? {
            Notes::Unchanged => Ok(None),
            Notes::Changed(text) => Ok(Some(file.unwrap_or_else(|| TextFile::new(&self.file)).with(text)?)),
        }
    }

    /// The subject of its commit.
    pub(in crate::steps) fn subject(&self) -> String {
        format!("Release notes for {}", self.version)
    }
}
