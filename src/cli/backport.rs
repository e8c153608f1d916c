//! `lockgate backport`: picks fixes onto branches of any repository, dry unless told otherwise.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::home::io_problem;
use super::problem::Problem;
use super::say;
use crate::git::{
    Batch, Expected, GitError, Item, Merges, Outcome, Pick, Picker, Signature, Stack, StackedState, Store,
    stack,
};
use crate::ids::{BranchName, CommitId};

/// Picks one fix, or several in order, onto branches, and says honestly what came of each.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate backport --repo wasmtime.git --fix 3f9a2c1 --onto release-36.0.0 --onto release-24.0.0\n  \
    lockgate backport --repo . --fix main~1 --fix main --onto release/2.x --write backport/\n  \
    lockgate backport --repo wasmtime.git --batch cases.jsonl\n\n\
    Nothing is written without --write, which makes the branch PREFIX + the branch's name for every branch that took\n\
    all fixes. Outcomes: already-fixed, clean, clean-unconfirmed, conflict-in-noise, conflict, structural,\n\
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

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let store = Store::open(&self.repo)?;
        match &self.batch {
            Some(file) => batch(&store, file),
            None => self.pick(&store),
        }
    }

    fn pick(&self, store: &Store) -> Result<Exit, Problem> {
        let fixes: Vec<CommitId> =
            self.fix.iter().map(|revision| store.resolve(revision)).collect::<Result<_, _>>()?;
        let bases: Vec<(&String, CommitId)> = self
            .onto
            .iter()
            .map(|branch| store.resolve(branch).map(|commit| (branch, commit)))
            .collect::<Result<_, _>>()?;
        let mut picker = Picker::new(store)?;
        let mut answers = Vec::new();
        for (branch, base) in bases {
            let stacked = stacked(&mut picker, &fixes, &base)?;
            let mut answer = Answer::of(branch, &stacked);
            if let Some(prefix) = &self.write
                && stacked.is_complete()
                && stacked.head != stacked.base
            {
                answer.written = Some(write(store, picker.draft(), prefix, branch, &stacked.head)?);
            }
            answers.push(answer);
        }
        if self.json {
            say::out(serde_json::to_string_pretty(&answers)?);
        } else {
            answers.iter().for_each(|answer| say::out(answer.text()));
        }
        Ok(if answers.iter().any(|answer| answer.needs_hand) { Exit::Decision } else { Exit::Done })
    }
}

fn stacked(picker: &mut Picker, fixes: &[CommitId], base: &CommitId) -> Result<Stack, GitError> {
    let items = [Item { key: "fix".to_owned(), commits: fixes.to_vec() }];
    let committer = committer();
    stack(picker, base, &items, &committer, Merges::Fail)
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

fn write(
    store: &Store,
    draft: &Store,
    prefix: &str,
    branch: &str,
    head: &CommitId,
) -> Result<String, Problem> {
    let short = branch.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/");
    let name: BranchName = format!("{prefix}{short}").parse()?;
    store.keep(draft, head)?;
    let full = name.full();
    if store.reference(&full)?.as_ref() != Some(head) {
        store.set_ref(&full, head, &Expected::Absent, "lockgate backport")?;
    }
    Ok(name.to_string())
}

fn batch(store: &Store, file: &Path) -> Result<Exit, Problem> {
    let open = File::open(file).map_err(|error| {
        Problem::input(
            format!("failed to read the batch `{}`: {error}", file.display()),
            "give a file with one JSON object a line: `fix`, `fix_parent`, `bp_parent`",
        )
    })?;
    let mut batch = Batch::new(store)?;
    for line in BufReader::new(open).split(b'\n') {
        let line = line.map_err(|error| io_problem("read", file, &error))?;
        if let Some(answer) = batch.answer(&String::from_utf8_lossy(&line)) {
            say::out(serde_json::to_string(&answer)?);
        }
    }
    Ok(Exit::Done)
}

/// What came of one branch.
#[derive(Debug, Serialize)]
struct Answer {
    onto: String,
    base: CommitId,
    outcome: String,
    head: Option<CommitId>,
    tree: Option<crate::ids::TreeId>,
    needs_hand: bool,
    needs_review: bool,
    written: Option<String>,
    commits: Vec<Picked>,
}

#[derive(Debug, Serialize)]
struct Picked {
    fix: CommitId,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<CommitId>,
    #[serde(flatten)]
    pick: Option<Pick>,
}

impl Answer {
    fn of(onto: &str, stacked: &Stack) -> Answer {
        let commits: Vec<Picked> = stacked.commits.iter().map(Picked::of).collect();
        let needs_hand = !stacked.is_complete();
        let needs_review = stacked.needs_review().next().is_some();
        Answer {
            onto: onto.to_owned(),
            base: stacked.base.clone(),
            outcome: worst(&commits).to_owned(),
            head: stacked.is_complete().then(|| stacked.head.clone()),
            tree: stacked.is_complete().then(|| stacked.tree.clone()),
            needs_hand,
            needs_review,
            written: None,
            commits,
        }
    }

    fn text(&self) -> String {
        let review = if self.needs_review { ", NEEDS REVIEW" } else { "" };
        let tree = self.tree.as_ref().map(|tree| format!(", tree {}", tree.short())).unwrap_or_default();
        let mut text = format!("{}: {}{review}{tree}\n", self.onto, self.outcome);
        for picked in &self.commits {
            let outcome = picked.pick.as_ref().map_or("", |pick| pick.outcome.name());
            text += &format!("    {} {} {outcome}\n", picked.fix.short(), picked.state);
            for conflict in picked.pick.iter().flat_map(|pick| &pick.conflicts) {
                text += &format!("        {} ({:?})\n", conflict.path, conflict.kind);
            }
        }
        if let Some(branch) = &self.written {
            text += &format!("    written as {branch}\n");
        }
        text
    }
}

impl Picked {
    fn of(stacked: &crate::git::Stacked) -> Picked {
        let (state, commit, pick) = match &stacked.state {
            StackedState::Picked { commit, pick } => ("picked", Some(commit.clone()), Some(pick)),
            StackedState::NothingToDo { pick } => ("nothing to do", None, Some(pick)),
            StackedState::SkippedMerge => ("left out: a merge", None, None),
            StackedState::Open { pick } => ("needs a hand", None, Some(pick)),
            StackedState::Waiting => ("waits", None, None),
        };
        Picked { fix: stacked.fix.clone(), state, commit, pick: pick.map(|pick| (**pick).clone()) }
    }
}

/// The outcome of a branch is that of its hardest commit.
fn worst(commits: &[Picked]) -> &'static str {
    let weight = |outcome: &Outcome| match outcome {
        Outcome::AlreadyFixed { .. } => 0,
        Outcome::Clean { .. } => 1,
        Outcome::CleanUnconfirmed { .. } => 2,
        Outcome::ConflictInNoise => 3,
        Outcome::NotApplicable => 4,
        Outcome::Structural => 5,
        Outcome::Conflict => 6,
    };
    let outcomes = commits.iter().filter_map(|picked| picked.pick.as_ref()).map(|pick| &pick.outcome);
    outcomes.max_by_key(|outcome| weight(outcome)).map_or("nothing", Outcome::name)
}
