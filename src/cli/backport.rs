//! `lockgate backport`: picks fixes onto branches of any repository, dry unless told otherwise.

mod answer;
mod batch;
mod written;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::answer::{Answer, Answered, Unanswered, exit_of, shown};
use super::bar::Bar;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::backport::{Carry, Line, Merges, Mutual, NoiseRules, Picker};
use crate::git::{GitError, Signature, Store};
use crate::ids::CommitId;
use crate::path_glob::PathGlob;

/// Picks one fix, or several in order, onto branches, and says honestly what came of each.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate backport --repo wasmtime.git --fix 3f9a2c1 --onto release-36.0.0 --onto release-24.0.0\n  \
    lockgate backport --repo . --fix main~1 --fix main --onto release/2.x --write backport/\n  \
    lockgate backport --repo wasmtime.git --batch cases.jsonl\n\n\
    Where the fix conflicts, what the newer of these branches made of it is tried, and what people settled on any of \
    them: so name the branches that have it already as well. What came with help needs review, and says from where. \
    --alone does without.\n\n\
    Nothing is written without --write, which makes the branch PREFIX + the branch's name for every branch that took \
    all fixes. Outcomes: already-fixed, clean, clean-unconfirmed, conflict-in-noise, conflict, structural, \
    not-applicable."
)]
pub(super) struct Arguments {
    /// The repository: a clone or a bare mirror. It may be a partial clone.
    #[arg(long, value_name = "DIR")]
    repo: PathBuf,
    /// A commit to pick; several are picked in this order.
    #[arg(long, value_name = "REV", required_unless_present = "batch", allow_hyphen_values = true)]
    fix: Vec<String>,
    /// A branch to pick onto.
    #[arg(long, value_name = "REF", required_unless_present = "batch", allow_hyphen_values = true)]
    onto: Vec<String>,
    /// More files whose conflicts decide nothing, such as `*.snap` or `generated/`; may be given several times.
    #[arg(long, value_name = "GLOB")]
    noise: Vec<PathGlob>,
    /// What becomes of a merge among the commits.
    #[arg(long, value_enum, default_value_t = MergeCommits::Refuse)]
    merges: MergeCommits,
    /// Pick onto each branch as if there were no other: none helps where the fix conflicts.
    #[arg(long)]
    alone: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Make branches with this prefix in the repository.
    #[arg(long, value_name = "PREFIX")]
    write: Option<String>,
    /// A file with one JSON object a line: `fix`, `fix_parent`, `bp_parent`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "onto", "write"])]
    batch: Option<PathBuf>,
}

/// What becomes of a merge among the commits of a fix.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MergeCommits {
    /// It is refused: it may hold a resolution that belongs to the fix.
    Refuse,
    /// It is left out, and the rest is picked.
    Skip,
    /// It is picked as what it changed on the branch that it was merged into, as `git cherry-pick -m 1`.
    FirstParent,
}

impl From<MergeCommits> for Merges {
    fn from(manner: MergeCommits) -> Merges {
        match manner {
            MergeCommits::Refuse => Merges::Fail,
            MergeCommits::Skip => Merges::Skip,
            MergeCommits::FirstParent => Merges::FirstParent,
        }
    }
}

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let store = Store::open(&self.repo)?;
        match &self.batch {
            Some(file) => batch::run(&store, self.noise(), file),
            None => self.pick(&store),
        }
    }

    fn noise(&self) -> NoiseRules {
        NoiseRules::new(self.noise.clone())
    }

    fn pick(&self, store: &Store) -> Result<Exit, Problem> {
        let fix: Vec<CommitId> =
            self.fix.iter().map(|revision| store.resolve(revision)).collect::<Result<_, _>>()?;
        if let Some(prefix) = &self.write {
            // A bad name is told before any work is done.
            self.onto.iter().try_for_each(|branch| written::name(prefix, branch).map(drop))?;
        }
        let mut picker = Picker::new(store)?.with_noise(self.noise());
        let mut answers = self.answers(store, &mut picker, &fix)?;
        let written = self.write_all(store, picker.draft(), &mut answers);
        if self.json {
            let all: Vec<serde_json::Value> = answers.iter().map(shown).collect::<Result<_, _>>()?;
            terminal::out(serde_json::to_string_pretty(&all)?);
        } else {
            answers.iter().for_each(|answer| {
                terminal::out(answer.as_ref().map_or_else(Unanswered::text, Answer::text))
            });
        }
        written?;
        Ok(exit_of(&answers))
    }

    /// An answer for each branch, in the order in which they were named. A branch that cannot be used holds no other.
    fn answers(
        &self,
        store: &Store,
        picker: &mut Picker,
        fix: &[CommitId],
    ) -> Result<Vec<Answered>, Problem> {
        let mut named = Vec::new();
        for name in each_once(&self.onto) {
            let line = store.resolve(name).map(|head| Line { name: name.clone(), head });
            named.push(on_branch(name, line)?);
        }
        let lines: Vec<Line> = named.iter().flatten().cloned().collect();
        let bar = Bar::new(lines.len());
        let carry = Carry {
            fix,
            committer: &committer(),
            merges: self.merges.into(),
            mutual: if self.alone { Mutual::Alone } else { Mutual::Help },
            began: &|line| bar.step(&line.name),
        };
        let mut stacks = picker.carry(&carry, &lines)?.into_iter();
        let mut answers = Vec::new();
        for line in named {
            answers.push(match line {
                Ok(line) => {
                    let Some(stack) = stacks.next() else { break };
                    let answer = stack.and_then(|stack| Answer::of(&line.name, &stack, picker));
                    on_branch(&line.name, answer)?
                }
                Err(unanswered) => Err(unanswered),
            });
        }
        Ok(answers)
    }

    /// Makes the branches. One that cannot be made holds no other; the first such is the error.
    fn write_all(&self, store: &Store, draft: &Store, answers: &mut [Answered]) -> Result<(), Problem> {
        let Some(prefix) = &self.write else { return Ok(()) };
        let mut all = Ok(());
        for answer in answers.iter_mut().flatten() {
            if let Some(head) = answer.head.as_ref().filter(|head| **head != answer.base) {
                let name = written::name(prefix, &answer.onto)?;
                match written::write(store, draft, &name, (&answer.base, head)) {
                    Ok(commit) => (answer.head, answer.written) = (Some(commit), Some(name.to_string())),
                    Err(problem) => all = all.and(Err(problem)),
                }
            }
        }
        all
    }
}

fn each_once(names: &[String]) -> Vec<&String> {
    let mut once: Vec<&String> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

/// Sets an error that concerns one branch apart, so that the others can go on. A fix that cannot be picked concerns all.
fn on_branch<T>(name: &str, result: Result<T, GitError>) -> Result<Result<T, Unanswered>, GitError> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(
            error @ (GitError::UnknownRevision { .. }
            | GitError::LooksLikeOption(_)
            | GitError::Missing { .. }
            | GitError::Libgit2 { .. }),
        ) => Ok(Err(Unanswered::of(name, &error))),
        Err(error) => Err(error),
    }
}

/// Who signs the new commits: what git would use, as far as the environment says.
fn committer() -> Signature {
    let set = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    Signature::utc(
        &set("GIT_COMMITTER_NAME", "Lockgate"),
        &set("GIT_COMMITTER_EMAIL", "lockgate@localhost"),
        jiff::Timestamp::now(),
    )
}
