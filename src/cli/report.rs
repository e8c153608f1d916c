//! `lockgate report`: what became of a release, as one file to keep and to attach to a post-mortem.

use std::path::PathBuf;

use clap::Args;

use super::answer::Answer;
use super::place::PlaceArgument;
use super::private_file;
use super::problem::Problem;
use crate::control::Home;
use crate::report::{DocumentForm, Report, document, proven_targets};

/// Prints what became of the release so far, or writes it as one file that needs no other: the plan's picture, times, texts,
/// evidence, people.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate report\n  lockgate report --html report.html\n  lockgate report --markdown report.md --dir OUT\n  \
    lockgate report --evidence evidence.json --in-toto evidence.intoto.jsonl\n\n\
    The file holds every text of the release. Only you may read it; before the disclosure it is under embargo."
)]
pub(super) struct ReportCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    /// Write a page for a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write Markdown, for an issue or a wiki.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write what suites and CI entries said of each target, as JSON.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Write the same as in-toto test-result statements, a line of JSON for each target.
    #[arg(long, value_name = "FILE")]
    in_toto: Option<PathBuf>,
}

impl ReportCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let opened = Home::find(self.place.path()).open()?;
        let report = Report::from(&opened.plan, &opened.events);
        let mut written = Vec::new();
        for (file, form) in [(&self.html, DocumentForm::Html), (&self.markdown, DocumentForm::Markdown)] {
            let Some(file) = file else { continue };
            let text =
                document(&opened.plan, &opened.events, form).map_err(|error| Problem::internal(&error))?;
            private_file::write(file, &text)?;
            written.push(format!("wrote `{}`", file.display()));
        }
        let proven = proven_targets(&opened.plan, &opened.state);
        if let Some(file) = &self.evidence {
            let text = serde_json::to_string_pretty(&proven).map_err(|error| Problem::internal(&error))?;
            private_file::write(file, &(text + "\n"))?;
            written.push(format!("wrote `{}`", file.display()));
        }
        if let Some(file) = &self.in_toto {
            let lines = proven.iter().map(|target| target.statement().to_string() + "\n");
            private_file::write(file, &lines.collect::<String>())?;
            written.push(format!("wrote `{}`", file.display()));
        }
        let text = if written.is_empty() { report.to_string() } else { written.join("\n") };
        Answer::done(text).prose().with(&report)
    }
}
