//! `lockgate backport`: picks fixes onto branches of any repository, dry unless told otherwise.

mod batch;
mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::answer::Answer;
use super::bar::Bar;
use super::exit::Exit;
use super::problem::Problem;
use crate::backport::{
    BackportRequest, Backports, BranchAnswer, BranchWriteError, Merges, Mutual, NoiseRules, written_name,
};
use crate::git::{Committer, GitError, Signature, Store, committer_in};
use crate::path_glob::PathGlob;

/// Picks one fix, or several in order, onto branches of any repository, and says what came of each.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate backport --repo wasmtime.git --fix 3f9a2c1 --onto release-36.0.0 --onto release-24.0.0\n  \
    lockgate backport --repo . --fix main~1 --fix main --onto release/2.x --write backport/\n  \
    lockgate backport --repo wasmtime.git --batch cases.jsonl\n\n\
    Where the fix conflicts, what the newer of these branches made of it is tried, and how people resolved it on any of \
    them. So also name the branches that have the fix already. What went in with such help needs review, and the output \
    says where it came from; --alone does without it.\n\n\
    Nothing is written without --write, which makes a branch, PREFIX + the branch's name, for every branch that took \
    all fixes. Outcomes: already-fixed, clean, clean-unconfirmed, conflict-in-noise, conflict, structural, \
    not-applicable."
)]
pub(super) struct BackportCommand {
    /// The repository: a clone or a bare mirror; it may be a partial clone.
    #[arg(long, value_name = "DIR")]
    repo: PathBuf,
    /// A commit to pick; several are picked in this order.
    #[arg(long, value_name = "REV", required_unless_present = "batch", allow_hyphen_values = true)]
    fix: Vec<String>,
    /// A branch to pick onto; several may be given.
    #[arg(long, value_name = "REF", required_unless_present = "batch", allow_hyphen_values = true)]
    onto: Vec<String>,
    /// More ignorable files, such as `*.snap` or `generated/`: a conflict there says nothing about the vulnerability;
    /// may be given several times.
    #[arg(long, value_name = "GLOB")]
    noise: Vec<PathGlob>,
    /// What to do with a merge among the commits.
    #[arg(long, value_enum, default_value_t = MergeCommits::Refuse)]
    merges: MergeCommits,
    /// Pick onto each branch as if there were no other.
    #[arg(long)]
    alone: bool,
    /// Make branches with this prefix in the repository.
    #[arg(long, value_name = "PREFIX")]
    write: Option<String>,
    /// Pick many: a file with one JSON object a line, with `fix`, `fix_parent` and `bp_parent`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "onto", "write"])]
    batch: Option<PathBuf>,
}

/// What to do with a merge among the commits of a fix.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MergeCommits {
    /// Refuse it: it may hold a resolution that belongs to the fix.
    Refuse,
    /// Leave it out and pick the rest.
    Skip,
    /// Pick what it changed on the branch that it was merged into, as `git cherry-pick -m 1` does.
    FirstParent,
}

impl From<MergeCommits> for Merges {
    fn from(merges: MergeCommits) -> Merges {
        match merges {
            MergeCommits::Refuse => Merges::Fail,
            MergeCommits::Skip => Merges::Skip,
            MergeCommits::FirstParent => Merges::FirstParent,
        }
    }
}

impl BackportCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let store = Store::open(&self.repo)?;
        match &self.batch {
            Some(file) => batch::run(&store, NoiseRules::new(self.noise.clone()), file),
            None => self.pick(&store),
        }
    }

    fn pick(&self, store: &Store) -> Result<Answer, Problem> {
        let request = self.request(store)?;
        store.check_fix(&request.fix)?;
        if let Some(prefix) = &self.write {
            // A bad name is refused before any work is done.
            self.onto.iter().try_for_each(|branch| written_name(prefix, branch).map(drop))?;
        }
        let bar = Bar::new(self.onto.len());
        let mut backports = Backports::carry(store, &request, &|line| bar.step(&line.name))?;
        drop(bar);
        // What was picked is printed even if a branch could not be written.
        let written = self.write.as_ref().map_or(Ok(()), |prefix| backports.write(store, prefix));
        let branches = &backports.branches;
        let text: String = branches.iter().map(text::text).collect();
        match written {
            Ok(()) => Answer::new(exit_of(branches), text).with(branches),
            Err(error) => Err(Problem::from(error).after(text, serde_json::to_value(branches)?)),
        }
    }

    fn request(&self, store: &Store) -> Result<BackportRequest, GitError> {
        Ok(BackportRequest {
            fix: self.fix.iter().map(|revision| store.resolve(revision)).collect::<Result<_, _>>()?,
            onto: self.onto.clone(),
            noise: NoiseRules::new(self.noise.clone()),
            committer: committer(store),
            merges: self.merges.into(),
            mutual: if self.alone { Mutual::Alone } else { Mutual::Help },
        })
    }
}

/// What cannot be used must be corrected before conflicts are worth a person's time.
fn exit_of(answers: &[BranchAnswer]) -> Exit {
    let any = |wanted: fn(&BranchAnswer) -> bool| answers.iter().any(wanted);
    if any(|answer| matches!(answer, BranchAnswer::Unusable(_))) {
        Exit::BadInput
    } else if any(|answer| matches!(answer, BranchAnswer::Carried(branch) if branch.needs_hand)) {
        Exit::Decision
    } else {
        Exit::Done
    }
}

impl From<BranchWriteError> for Problem {
    fn from(error: BranchWriteError) -> Problem {
        let text = error.to_string();
        match error {
            BranchWriteError::FullName { plain, .. } => {
                let plain = if plain.is_empty() { "backport/" } else { &plain };
                Problem::input(text, format!("give the prefix alone: --write {plain}"))
            }
            BranchWriteError::NotABranchName { .. } => Problem::input(
                text,
                "give --write a prefix like `backport/`, and --onto the names of branches",
            ),
            BranchWriteError::Taken { .. } | BranchWriteError::NoRoom { .. } => {
                Problem::decision(text, "delete or rename that branch, or give --write another prefix")
            }
            BranchWriteError::Git(error) => error.into(),
        }
    }
}

/// Whom git would name; where it knows nobody, the tool itself.
fn committer(store: &Store) -> Committer {
    let tool = || Signature::utc("Lockgate", "lockgate@localhost", jiff::Timestamp::now());
    Committer::plain(committer_in(store.path()).unwrap_or_else(tool))
}
