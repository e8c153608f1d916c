//! `lockgate assess`: which branches and released versions a vulnerability is in, with evidence; nothing is written.

use std::path::PathBuf;

use clap::Args;

use super::answer::Answer;
use super::bar::Bar;
use super::problem::Problem;
use crate::backport::{AssessedBranch, CoverError, assess_branches, covered_branches};
use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::input::suggest;

/// Says for every branch whether a vulnerability is in it, with the evidence, and which released versions carry it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate assess --repo wasmtime.git --fix 3f9a2c1 --branches 'release-*' main\n  \
    lockgate assess --repo . --fix main~1 --fix main --introduced 81ea56a --branches 'release/*' --json\n\n\
    Verdicts: not-affected (only on hard evidence), already-fixed, possibly, likely, affected. No rule decides this \
    alone: a person confirms every verdict. Globs match the names of branches; those of a clone's remotes with or without `origin/`."
)]
pub(super) struct AssessCommand {
    /// The repository: a clone or a bare mirror; it may be a partial clone.
    #[arg(long, value_name = "DIR")]
    repo: PathBuf,
    /// A commit of the fix; several are given in their order.
    #[arg(long, value_name = "REV", required = true, allow_hyphen_values = true)]
    fix: Vec<String>,
    /// A commit that introduced the vulnerability, if it is known.
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    introduced: Vec<String>,
    /// The branches to assess.
    #[arg(long, value_name = "GLOB", required = true, allow_hyphen_values = true)]
    branches: Vec<String>,
}

impl AssessCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let store = Store::open(&self.repo)?;
        let fix = resolved(&store, &self.fix)?;
        store.check_fix(&fix)?;
        let introduced = resolved(&store, &self.introduced)?;
        let branches = covered_branches(&store, &self.branches)?;
        let bar = Bar::new(branches.len());
        let assessed = assess_branches(&store, (&fix, &introduced), branches, |branch| bar.step(branch))?;
        drop(bar);
        let texts: String = assessed.iter().map(text).collect();
        Answer::done(texts).and("a person confirms every verdict before it is acted on").with(&assessed)
    }
}

fn resolved(store: &Store, revisions: &[String]) -> Result<Vec<CommitId>, GitError> {
    revisions.iter().map(|revision| store.resolve(revision)).collect()
}

fn text(assessed: &AssessedBranch) -> String {
    let mut text = format!("{} at {}: {}\n", assessed.branch, assessed.head.short(), assessed.verdict);
    for because in &assessed.because {
        text += &format!("    {because}\n");
    }
    let carrying: Vec<&str> = assessed.carrying().collect();
    let possibly: Vec<&str> = assessed.possibly_carrying().collect();
    for (what, tags) in [("released with it", carrying), ("possibly released with it", possibly)] {
        if !tags.is_empty() {
            text += &format!("    {what}: {}\n", tags.join(", "));
        }
    }
    if !assessed.ranges.is_empty() {
        text += &format!("    versions: {}\n", assessed.ranges.join("; "));
    }
    text
}

impl From<CoverError> for Problem {
    fn from(error: CoverError) -> Problem {
        let text = error.to_string();
        match error {
            CoverError::LooksLikeOption(_) => Problem::input(
                text,
                "a branch name cannot begin with a dash; check the order of the arguments",
            ),
            CoverError::NotAGlob { .. } => Problem::input(text, "write it like `release-*`"),
            CoverError::CoversNone { glob, known } => {
                Problem::input(text, suggest(&glob, known.iter().map(String::as_str)))
            }
            CoverError::Git(error) => error.into(),
        }
    }
}
