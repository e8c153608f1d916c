//! The one translation from typed errors to a message, a hint and an exit code.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, SourceSpan,
};
use serde_json::{Value, json};

use super::command::Commands;
use super::exit::Exit;
use super::{schema_file, terminal};
use crate::control::{AmendRefusal, DecideError, DiskError, DriveError, InputsChanged, Refusal, UndoError};
use crate::failure::ServiceError;
use crate::git::GitError;
use crate::ids::InvalidId;
use crate::input::InputError;
use crate::next_action::{Advice, NextAction};
use crate::plan::RenderError;
use crate::planning::{PlanningError, SurveyError};
use crate::run::{EngineError, JournalError, LockError};
use crate::wording::with_causes;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Problem {
    exit: Exit,
    message: String,
    hint: Vec<Advice>,
    place: Option<Box<InputError>>,
    /// What was done before it.
    so_far: Option<Box<SoFar>>,
    /// The release that it is about, where that is not the one that the command was given.
    release: Option<PathBuf>,
}

/// What was done before it: for people, and for programs.
#[derive(Debug)]
pub(super) struct SoFar {
    pub(super) text: String,
    pub(super) data: Value,
}

impl Problem {
    fn new(exit: Exit, message: impl Into<String>) -> Problem {
        Problem { exit, message: message.into(), hint: Vec::new(), place: None, so_far: None, release: None }
    }

    /// What was given cannot be used.
    pub(super) fn input(message: impl Into<String>, hint: impl Into<Advice>) -> Problem {
        Problem::new(Exit::BadInput, message).hinted(hint)
    }

    /// The arguments are wrong, in the words of the library that reads them.
    pub(super) fn arguments(error: &clap::Error) -> Problem {
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Problem::input(words(message), words(rest))
    }

    /// Something outside of Lockgate failed.
    pub(super) fn outside(error: &dyn std::error::Error) -> Problem {
        Problem::new(Exit::Outside, with_causes(error))
    }

    /// The result could not be printed to its end.
    pub(super) fn unprinted(why: &str) -> Problem {
        Problem::new(Exit::Outside, format!("the result could not be written to its end: {why}"))
            .hinted("make room where it is written, then give the command again")
    }

    /// A person stopped it.
    pub(super) fn stopped() -> Problem {
        Problem::new(
            Exit::Waiting,
            "stopped; everything that was done is in the journal, and what was under way is looked at before it is done again",
        )
        .hinted(Advice::then("to continue", NextAction::Resume))
        .or(Advice::then("to see where it is", NextAction::ShowStatus))
    }

    /// A run that is under way must end before `next` can be done.
    pub(super) fn under_way(driver: &str, next: NextAction) -> Problem {
        let ended = "end that process with Ctrl-C where it runs: what it has begun is looked at before anything is done again, nothing \
                     is lost, and `resume` continues it afterwards; then";
        let message = format!("the release is being run by {driver}; nothing was done");
        Problem::decision(message, Advice::then(ended, next))
    }

    /// A fault of Lockgate itself.
    pub(super) fn internal(error: &dyn std::error::Error) -> Problem {
        Problem::new(Exit::Internal, with_causes(error))
            .hinted("this is a fault of lockgate; please report it")
    }

    /// Only a person can go on.
    pub(super) fn decision(message: impl Into<String>, hint: impl Into<Advice>) -> Problem {
        Problem::new(Exit::Decision, message).hinted(hint)
    }

    /// The same with what to do about it.
    #[must_use]
    pub(super) fn hinted(mut self, hint: impl Into<Advice>) -> Problem {
        self.hint = vec![hint.into()];
        self
    }

    /// Something else that may be done about it.
    #[must_use]
    pub(super) fn or(mut self, hint: impl Into<Advice>) -> Problem {
        self.hint.push(hint.into());
        self
    }

    /// What is advised is about the release in this directory.
    #[must_use]
    pub(super) fn of_release(mut self, directory: &Path) -> Problem {
        self.release = Some(directory.to_owned());
        self
    }

    /// The commands that are advised: about the release that it is about, else about the one that the command was given.
    pub(super) fn commands(&self, given: &Path) -> Commands {
        Commands::known(self.release.as_deref().unwrap_or(given))
    }

    /// The exit code it leads to.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The same after something was done all the same.
    #[must_use]
    pub(super) fn after(mut self, text: String, data: Value) -> Problem {
        self.so_far = Some(Box::new(SoFar { text, data }));
        self
    }

    /// What was done before it.
    pub(super) fn so_far(&self) -> Option<&SoFar> {
        self.so_far.as_deref()
    }

    /// What may be done about it.
    pub(super) fn advice(&self) -> &[Advice] {
        &self.hint
    }

    /// The same for programs: the message, the hint in words, and the place in a user's file.
    pub(super) fn for_programs(&self, commands: &Commands) -> Value {
        let hint = (!self.hint.is_empty()).then(|| commands.hint(&self.hint));
        let place = self.place.as_deref().map(|error| {
            let (line, column) = error.line_and_column().unzip();
            json!({ "file": error.path, "line": line, "column": column })
        });
        json!({ "message": self.message, "hint": hint, "place": place })
    }

    /// What is printed: the message, the place if there is one, and what to do about it.
    pub(super) fn lines(&self, commands: &Commands) -> Vec<String> {
        let drawing = self.place.as_deref().and_then(drawn);
        let hint = (!self.hint.is_empty()).then(|| format!("hint: {}", commands.hint(&self.hint)));
        std::iter::once(format!("error: {self}")).chain(drawing).chain(hint).collect()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.place
            && let Some((line, column)) = error.line_and_column()
        {
            write!(f, "{}:{line}:{column}: ", error.path.display())?;
        }
        f.write_str(&self.message)
    }
}

/// The directory of the release whose journal this is.
fn folder_of(journal: &Path) -> &Path {
    let folder = journal.parent().and_then(Path::parent).unwrap_or(journal);
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// A failure of the disk.
pub(super) fn io_problem(what: &'static str, path: &Path, error: &io::Error) -> Problem {
    DiskError::to(what, path)(io::Error::new(error.kind(), error.to_string())).into()
}

/// The place in the user's file, drawn. `None` when the error has none.
fn drawn(error: &InputError) -> Option<String> {
    let span = error.span.clone()?;
    let source = NamedSource::new(error.path.display().to_string(), error.text.to_string());
    let place = DrawnPlace { source, span: (span.start, span.len()).into() };
    let theme = if terminal::is_coloured() { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let mut text = String::new();
    GraphicalReportHandler::new_themed(theme).with_links(false).render_report(&mut text, &place).ok()?;
    // The message stands above already; only the excerpt is wanted.
    let excerpt = text.split_once('\n').map_or("", |(_, rest)| rest);
    Some(excerpt.trim_start_matches('\n').to_owned())
}

/// What miette draws: a place without words.
#[derive(Debug)]
struct DrawnPlace {
    source: NamedSource<String>,
    span: SourceSpan,
}

impl fmt::Display for DrawnPlace {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for DrawnPlace {}

impl Diagnostic for DrawnPlace {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".to_owned()), self.span))))
    }
}

impl From<InputError> for Problem {
    fn from(error: InputError) -> Problem {
        Problem {
            exit: Exit::BadInput,
            message: error.message.clone(),
            hint: schema_file::hint(&error).map(Advice::from).into_iter().collect(),
            place: Some(Box::new(error)),
            so_far: None,
            release: None,
        }
    }
}

impl From<InvalidId> for Problem {
    fn from(error: InvalidId) -> Problem {
        Problem::new(Exit::BadInput, error.to_string())
    }
}

impl From<GitError> for Problem {
    fn from(error: GitError) -> Problem {
        let exit = match &error {
            GitError::Open { .. }
            | GitError::UnknownRevision { .. }
            | GitError::LooksLikeOption(_)
            | GitError::Replaced { .. }
            | GitError::Missing { .. }
            | GitError::ChangesNothing { .. }
            | GitError::MergeInSeries { .. }
            | GitError::NotEmpty { .. }
            | GitError::Malformed { .. }
            | GitError::MainlineNeeded { .. }
            | GitError::NoSuchMainline { .. }
            | GitError::Patch { .. }
            | GitError::BadPath(_) => Exit::BadInput,
            error if error.is_damage() => Exit::BadInput,
            _ => Exit::Outside,
        };
        let hint = error.hint().map(Advice::from).into_iter().collect();
        Problem { hint, ..Problem::new(exit, with_causes(&error)) }
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Problem {
        let text = with_causes(&error);
        match error {
            JournalError::Missing(ref journal) if !folder_of(journal).exists() => Problem::input(
                format!("there is no directory `{}`", folder_of(journal).display()),
                "give the directory of a release, or of a kept rehearsal",
            ),
            JournalError::Missing(_) => Problem::input(
                text,
                Advice::then(
                    "give the directory of a release that was started, or of a kept rehearsal; to start the real one",
                    NextAction::Start,
                ),
            ),
            JournalError::Lost { ref folder, .. } => {
                let place = folder.display();
                Problem::input(text, Advice::then("put back `journal.db` from a copy, then", NextAction::Resume)).or(
                    Advice::from(format!(
                        "to give that run up, move `{place}` away; what it pushed, opened and sent is still there, and a new \
                         run does not know of it"
                    )),
                )
            }
            JournalError::Exists(_) => {
                Problem::input(text, Advice::then("to continue it", NextAction::Resume))
            }
            JournalError::Newer { .. } | JournalError::Plan { .. } | JournalError::UnknownForm { .. } => {
                Problem::input(text, "finish this run with the version of lockgate that started it")
            }
            JournalError::Damaged { .. }
            | JournalError::DamagedEvent { .. }
            | JournalError::OtherPlan { .. }
            | JournalError::Gap { .. } => Problem::input(
                text,
                "put back the whole folder of the run from a copy; nothing was done. Without one, finish the release by \
                 hand, from what the pages of its pull requests and advisories show; do not start it again",
            ),
            JournalError::EndMissing { ref path, ref note, .. } => {
                let hint = format!(
                    "bring `{}-wal` and `{}-shm` along if they still exist where this was copied from, or put back the newest \
                     copy; if there is none, remove `{}` to continue from what is here: every step looks before it acts, and \
                     mails are asked about",
                    path.display(),
                    path.display(),
                    note.display()
                );
                Problem::input(text, hint)
            }
            JournalError::Sqlite { .. } | JournalError::Folder { .. } => Problem::new(Exit::Outside, text)
                .hinted(Advice::then("check the disk and the permissions, then", NextAction::Resume)),
        }
    }
}

impl From<DiskError> for Problem {
    fn from(error: DiskError) -> Problem {
        Problem::outside(&error).hinted("check the disk and the permissions")
    }
}

impl From<DriveError> for Problem {
    fn from(error: DriveError) -> Problem {
        match error {
            DriveError::Journal(error) => error.into(),
            DriveError::Engine(error) => error.into(),
            DriveError::Disk(error) => error.into(),
            DriveError::Json(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let exit = match refusal {
            Refusal::CalledOff { .. } => Exit::Decision,
            _ => Exit::BadInput,
        };
        Problem { hint: refusal.instead(), ..Problem::new(exit, refusal.to_string()) }
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Problem {
        match error {
            DecideError::Refused(refusal) => (*refusal).into(),
            DecideError::Journal(error) => error.into(),
            DecideError::Lock(error) => error.into(),
            DecideError::Disk(error) => error.into(),
            DecideError::OtherVersion { .. } => {
                Problem::decision(error.to_string(), "wait until they are done, or use the same version")
            }
        }
    }
}

impl From<UndoError> for Problem {
    fn from(error: UndoError) -> Problem {
        match error {
            UndoError::Refused(refusal) => (*refusal).into(),
            UndoError::Journal(error) => error.into(),
            UndoError::UnderWay => {
                Problem::input(error.to_string(), Advice::then("to call it off", NextAction::Abort))
                    .or(Advice::then("to continue it", NextAction::Resume))
            }
        }
    }
}

impl From<InputsChanged> for Problem {
    fn from(error: InputsChanged) -> Problem {
        Problem::input(
            error.to_string(),
            Advice::then("to see what that changes, and to take it in", NextAction::Amend { digest: None }),
        )
        .or(Advice::then("put it back as it was, then", NextAction::Resume))
    }
}

impl From<AmendRefusal> for Problem {
    fn from(refusal: AmendRefusal) -> Problem {
        match refusal {
            AmendRefusal::Over(refusal) => refusal.into(),
            AmendRefusal::Journal(error) => error.into(),
            AmendRefusal::Disk(error) => error.into(),
            AmendRefusal::Json(error) => error.into(),
            AmendRefusal::Obstacles(_) => {
                Problem { hint: refusal.instead(), ..Problem::new(Exit::Decision, refusal.to_string()) }
            }
            _ => Problem { hint: refusal.instead(), ..Problem::new(Exit::BadInput, refusal.to_string()) },
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        match error {
            EngineError::Journal(error) => error.into(),
        }
    }
}

impl From<LockError> for Problem {
    fn from(error: LockError) -> Problem {
        let text = with_causes(&error);
        match error {
            LockError::Held { .. } => Problem::decision(
                text,
                "wait until that process has ended, or end it with Ctrl-C where it runs; then try again",
            )
            .or(Advice::then(
                "to answer what it asks, decide now: it takes that in; to see what it asks",
                NextAction::ShowStatus,
            )),
            LockError::Io { .. } => {
                Problem::new(Exit::Outside, text).hinted("check the permissions of the directory")
            }
        }
    }
}

impl From<PlanningError> for Problem {
    fn from(error: PlanningError) -> Problem {
        match error {
            PlanningError::Files(error) => error.into(),
            PlanningError::Rules(_) => Problem::input(
                error.to_string(),
                "change the workflow; the built-in ones in `workflows/` keep every rule",
            ),
            PlanningError::Mails(error) => {
                Problem { hint: error.hint, ..Problem::new(Exit::BadInput, error.message) }
            }
            PlanningError::Token(fault) => Problem::input(fault.to_string(), fault.remedy()),
            PlanningError::Clock(fault) => Problem::input(fault.to_string(), fault.remedy()),
            PlanningError::Survey(SurveyError::Task(_)) => Problem::internal(&error),
            PlanningError::Survey(ref survey) => {
                let by_github = survey.by_github().and_then(ServiceError::hint);
                let by_remote = || survey.by_remote().and_then(ServiceError::hint);
                let by_registry = || survey.by_registry().and_then(ServiceError::hint);
                let known = by_github.or_else(by_remote).or_else(by_registry);
                let remedy = known.unwrap_or("check the token and the network, then try again");
                Problem::outside(&error).hinted(format!("nothing was changed; {remedy}"))
            }
        }
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Problem {
        Problem::internal(&error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Problem {
        Problem::internal(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{KeyPart, Source};

    #[test]
    fn place_is_drawn_with_line_and_column() {
        let source = Source::from_text("catalog.toml", "a = 1\nbranch = \"mian\"\n");
        let problem = Problem::from(source.error_at(&[KeyPart::Key("branch")], "no such branch", "fix it"));
        assert_eq!(problem.to_string(), "catalog.toml:2:10: no such branch");
        assert_eq!(problem.exit(), Exit::BadInput);
        let drawing = drawn(problem.place.as_deref().unwrap()).unwrap();
        assert!(drawing.contains("branch = \"mian\""), "{drawing}");
        assert!(drawing.contains("catalog.toml:2:10"), "{drawing}");
    }

    #[test]
    fn missing_file_is_told_without_a_place() {
        let error = Source::read(std::path::Path::new("/nowhere/catalog.toml"), "catalog").unwrap_err();
        let problem = Problem::from(error);
        assert!(problem.to_string().starts_with("there is no catalog at"), "{problem}");
        assert!(!problem.hint.is_empty());
    }
}
