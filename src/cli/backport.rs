//! `lockgate backport`: picks fixes onto branches of any repository, dry unless told otherwise.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::problem::{Problem, chain};
use super::say;
use super::written;
use crate::git::{
    Batch, GitError, Item, Merges, NoiseRules, Outcome, Pick, Picker, Proposer, Signature, Stack,
    StackedState, Store, Touched, stack,
};
use crate::ids::CommitId;
use crate::path_glob::PathGlob;

/// Picks one fix, or several in order, onto branches, and says honestly what came of each.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate backport --repo wasmtime.git --fix 3f9a2c1 --onto release-36.0.0 --onto release-24.0.0\n  \
    lockgate backport --repo . --fix main~1 --fix main --onto release/2.x --write backport/\n  \
    lockgate backport --repo wasmtime.git --batch cases.jsonl\n\n\
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
            Some(file) => batch(&store, self.noise(), file),
            None => self.pick(&store),
        }
    }

    fn noise(&self) -> NoiseRules {
        NoiseRules::new(self.noise.clone())
    }

    fn pick(&self, store: &Store) -> Result<Exit, Problem> {
        let fixes: Vec<CommitId> =
            self.fix.iter().map(|revision| store.resolve(revision)).collect::<Result<_, _>>()?;
        if let Some(prefix) = &self.write {
            // A bad name is told before any work is done.
            self.onto.iter().try_for_each(|branch| written::name(prefix, branch).map(drop))?;
        }
        let mut picker = Picker::new(store)?.with_noise(self.noise());
        let mut answers: Vec<Result<Answer, Unanswered>> = Vec::new();
        for branch in each_once(&self.onto) {
            answers.push(match self.pick_onto(store, &mut picker, &fixes, branch) {
                Ok(answer) => Ok(answer),
                // A branch that cannot be used holds no other.
                Err(error) if is_about_the_branch(&error) => Err(Unanswered::of(branch, &error)),
                Err(error) => return Err(error.into()),
            });
        }
        let written = self.write_all(store, picker.draft(), &mut answers);
        if self.json {
            let all: Vec<serde_json::Value> = answers.iter().map(shown).collect::<Result<_, _>>()?;
            say::out(serde_json::to_string_pretty(&all)?);
        } else {
            answers
                .iter()
                .for_each(|answer| say::out(answer.as_ref().map_or_else(Unanswered::text, Answer::text)));
        }
        written?;
        Ok(exit_of(&answers))
    }

    fn pick_onto(
        &self,
        store: &Store,
        picker: &mut Picker,
        fixes: &[CommitId],
        branch: &str,
    ) -> Result<Answer, GitError> {
        let base = store.resolve(branch)?;
        let stacked = stacked(picker, fixes, &base)?;
        let Some((open, pick)) = stacked.open() else { return Ok(Answer::of(branch, &stacked, Vec::new())) };
        let touched = picker.draft().touched(pick, &open.fix, &stacked.head)?;
        let proposed = |proposer: Proposer| proposer.proposes_for(picker.draft(), pick);
        let proposals = Proposer::on_path().map(proposed).unwrap_or_default();
        Ok(Answer { proposals, ..Answer::of(branch, &stacked, touched) })
    }

    /// Makes the branches. One that cannot be made holds no other; the first such is the error.
    fn write_all(
        &self,
        store: &Store,
        draft: &Store,
        answers: &mut [Result<Answer, Unanswered>],
    ) -> Result<(), Problem> {
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

/// Whether an error concerns one branch, so that the others can go on. A fix that cannot be picked concerns all.
fn is_about_the_branch(error: &GitError) -> bool {
    matches!(
        error,
        GitError::UnknownRevision { .. }
            | GitError::LooksLikeOption(_)
            | GitError::Missing { .. }
            | GitError::Libgit2 { .. }
    )
}

fn shown(answer: &Result<Answer, Unanswered>) -> Result<serde_json::Value, serde_json::Error> {
    match answer {
        Ok(answer) => serde_json::to_value(answer),
        Err(unanswered) => serde_json::to_value(unanswered),
    }
}

/// What cannot be used must be mended before conflicts are worth a person's time.
fn exit_of(answers: &[Result<Answer, Unanswered>]) -> Exit {
    if answers.iter().any(Result::is_err) {
        Exit::BadInput
    } else if answers.iter().flatten().any(|answer| answer.needs_hand) {
        Exit::Decision
    } else {
        Exit::Done
    }
}

/// A branch that cannot be used.
#[derive(Debug, Serialize)]
struct Unanswered {
    onto: String,
    outcome: &'static str,
    error: String,
    hint: Option<&'static str>,
}

impl Unanswered {
    fn of(onto: &str, error: &GitError) -> Unanswered {
        Unanswered { onto: onto.to_owned(), outcome: "error", error: chain(error), hint: error.hint() }
    }

    fn text(&self) -> String {
        let hint = self.hint.map(|hint| format!("    hint: {hint}\n")).unwrap_or_default();
        format!("{}: error: {}\n{hint}", self.onto, self.error)
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

fn batch(store: &Store, noise: NoiseRules, file: &Path) -> Result<Exit, Problem> {
    let open = File::open(file).map_err(|error| unreadable(file, &error))?;
    let mut batch = Batch::new(store)?.with_noise(noise);
    let mut lines = BufReader::new(open);
    while let Some(line) = next_line(&mut lines).map_err(|error| unreadable(file, &error))? {
        if let Some(answer) = batch.answer(&line) {
            say::out(serde_json::to_string(&answer)?);
        }
    }
    Ok(Exit::Done)
}

fn unreadable(file: &Path, error: &std::io::Error) -> Problem {
    Problem::input(
        format!("failed to read the batch `{}`: {error}", file.display()),
        "give a file with one JSON object a line: `fix`, `fix_parent`, `bp_parent`",
    )
}

/// The next line; of one that is longer than any case no more than shows that.
fn next_line(lines: &mut BufReader<File>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let limit = u64::try_from(Batch::LONGEST).unwrap_or(u64::MAX) + 1;
    if lines.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() > Batch::LONGEST && line.last() != Some(&b'\n') {
        lines.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
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
    /// Who last touched the conflicting places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<Touched>,
    /// The conflicting files for which `mergiraf` proposes a merge. It is no part of the outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proposals: Vec<String>,
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
    fn of(onto: &str, stacked: &Stack, touched: Vec<Touched>) -> Answer {
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
            touched,
            proposals: Vec::new(),
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
            for reason in picked.pick.iter().flat_map(Pick::review_reasons) {
                text += &format!("        {reason}\n");
            }
            for conflict in picked.pick.iter().flat_map(|pick| &pick.conflicts) {
                text += &format!("        {} ({:?})\n", conflict.path, conflict.kind);
            }
        }
        if !self.proposals.is_empty() {
            text += &format!(
                "    mergiraf proposes a merge, for a person to check, of {}\n",
                self.proposals.join(", ")
            );
        }
        for place in &self.touched {
            text += &format!("    {} line {}:\n", place.path, place.line);
            for toucher in &place.on_branch {
                text += &format!("        on the branch last touched by {toucher}\n");
            }
            for toucher in &place.before_fix {
                text += &format!("        the fix builds on {toucher}, which the branch lacks\n");
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
