//! What a rehearsal cannot do, with the option or the file that helps.

use super::problem::Problem;
use crate::by_hand;
use crate::git::GitError;
use crate::ids::RepoName;
use crate::input::suggest;
use crate::next_action::{Advice, NextAction};
use crate::rehearsal::{LayoutError, RehearsalError, UnusableMirror};
use crate::wording::with_causes;

/// How every mirror is given.
const GIVE_A_MIRROR: &str =
    "give your own copy of it with --mirror OWNER/REPO=PATH; `git clone --mirror` makes one";

impl From<RehearsalError> for Problem {
    fn from(error: RehearsalError) -> Problem {
        if error.is_without_git() {
            return GitError::NoGit.into();
        }
        let input = |hint: &str| Problem::input(with_causes(&error), hint);
        match error {
            RehearsalError::NothingToRehearseIn { .. } => input(
                "describe a world in `world.toml`, or give --mirror OWNER/REPO=PATH for each repository",
            ),
            RehearsalError::NoVersionFile(_) => {
                input("write a `world.toml`, or give `[repo.version]` as one of the built-in kinds")
            }
            RehearsalError::UnknownManager(_) => {
                input("write a `[[users]]` with this login and `admin = true`")
            }
            RehearsalError::Date(_) => input("correct `disclosure` in release.toml"),
            RehearsalError::OtherFiles(_) => input("give another directory with --keep")
                .or(Advice::then("to continue it", NextAction::Resume)),
            RehearsalError::Sources(_) => input(GIVE_A_MIRROR),
            RehearsalError::BadWorld(_) => input("correct `world.toml`, or the mirrors that were given"),
            RehearsalError::NoWorld(_) => input("give the directory that was kept with --keep"),
            RehearsalError::Listen { address, .. } if address.port() != 0 => {
                input("give a free port with --listen")
            }
            RehearsalError::Listen { .. } => {
                Problem::outside(&error).hinted("an emulated world needs a port on 127.0.0.1")
            }
            RehearsalError::Emulator(_) => {
                Problem::outside(&error).hinted("check the disk, and that `git` can be run")
            }
            RehearsalError::NotComparable(_) => {
                Problem::outside(&error).hinted("the mirror must hold what was merged and released that day")
            }
            RehearsalError::NoBeginning | RehearsalError::BadBeginning { .. } => {
                input("rehearse again, with an empty folder for --keep")
            }
            RehearsalError::Connect(_) | RehearsalError::Registry(_) => Problem::internal(&error),
            RehearsalError::Input(error) => error.into(),
            RehearsalError::Mirror(error) => error.into(),
            RehearsalError::Layout(error) => error.into(),
            RehearsalError::Name(error) => error.into(),
            RehearsalError::Planning(error) => error.into(),
            RehearsalError::Disk(error) => error.into(),
            RehearsalError::Journal(error) => error.into(),
            RehearsalError::Answer(refusal) => refusal.into(),
            RehearsalError::Lock(error) => error.into(),
            RehearsalError::Drive(error) => error.into(),
        }
    }
}

impl From<UnusableMirror> for Problem {
    fn from(error: UnusableMirror) -> Problem {
        let text = error.to_string();
        match error {
            UnusableMirror::Missing(repo) => Problem::input(
                text,
                format!("give it with --mirror {repo}=PATH; `git clone --mirror` makes one"),
            ),
            UnusableMirror::Unknown { repo, known } => {
                Problem::input(text, suggest(repo.as_str(), known.iter().map(RepoName::as_str)))
            }
            UnusableMirror::NoPull { mirror, reference } => Problem::input(
                text,
                format!(
                    "fetch it: {}",
                    by_hand::git_in(&mirror, &format!("fetch origin {reference}:{reference}"))
                ),
            ),
            UnusableMirror::Unreadable(error) => error.into(),
        }
    }
}

impl From<LayoutError> for Problem {
    fn from(error: LayoutError) -> Problem {
        match error {
            LayoutError::Foreign { .. } => {
                Problem::input(error.to_string(), "give an empty directory, or one that does not exist yet")
            }
            LayoutError::OutsideFile { .. } => Problem::input(
                error.to_string(),
                "a rehearsal keeps copies of all files: put it beside release.toml or below",
            ),
            LayoutError::Disk(error) => error.into(),
            LayoutError::Store(_) => Problem::outside(&error),
        }
    }
}
