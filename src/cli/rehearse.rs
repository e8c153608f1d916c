//! `lockgate rehearse`: the whole release in an emulated world, on a simulated clock.

use std::path::{Path, PathBuf};

use clap::Args;

use super::drive;
use super::emulated::Stage;
use super::exit::Exit;
use super::expect;
use super::mirrors::Mirrors;
use super::problem::{Problem, io_problem};
use super::terminal;
use crate::control::{self, Home, Opened};
use crate::ids::{Digest, Login, StepName};
use crate::plan::Plan;
use crate::planning::{InputFiles, plan_release};
use crate::report::{Expected, Report};
use crate::run::{Event, StopReason};
use crate::steps::{Approvals, Decision, QuestionKind};

/// Rehearses the release from the report to the published advisory, in an emulated world on this machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate rehearse fixtures/demo\n  \
    lockgate rehearse --mirror bytecodealliance/wasmtime=wasmtime.git --keep OUT\n  \
    lockgate rehearse --keep OUT --ask      (then: lockgate approve ready --as NAME --dir OUT, lockgate resume OUT)\n\n\
    The world is told by DIR/world.toml or made of your mirrors, which are never written to. Its clock is simulated: \
    waiting for the disclosure hour takes no time. A rehearsal with --keep that was killed is gone on with. \
    OUT then holds git/OWNER/REPO.git, mail/*.eml, requests.jsonl, journal.db and report.json.")]
pub(super) struct Arguments {
    /// The directory with `catalog.toml` and `release.toml`.
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    mirrors: Mirrors,
    /// Keep the world here for inspection.
    #[arg(long, value_name = "OUT")]
    keep: Option<PathBuf>,
    /// Stop at gates and confirmations, as a real run does.
    #[arg(long)]
    ask: bool,
    /// Compare what the rehearsal came to with what this file says of the day that it replays (an `expected.toml`).
    /// A difference without a reason there ends with the exit code of a decision.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        if self.ask && self.keep.is_none() {
            return Err(Problem::input(
                "a rehearsal that stops to ask must be kept, or there is nothing to go on with",
                "give a directory with --keep OUT",
            ));
        }
        match &self.keep {
            Some(out) => self.rehearse(out).await,
            None => {
                let out = tempfile::Builder::new()
                    .prefix("lockgate-rehearsal-")
                    .tempdir()
                    .map_err(|error| io_problem("make a folder in", &std::env::temp_dir(), &error))?;
                self.rehearse(out.path()).await
            }
        }
    }

    async fn rehearse(&self, out: &Path) -> Result<Exit, Problem> {
        let files = InputFiles::load(&self.dir)?;
        let expected = self.expect.as_deref().map(expect::read).transpose()?;
        let home = Home::rehearsal(out);
        home.create()?;
        let _lock = home.lock()?;
        let known = home.is_known();
        let stage = if known {
            Stage::open(&home).await?
        } else {
            Stage::create(&home, &files, &self.mirrors).await?
        };
        let ended = self.perform(&home, &files, &stage).await;
        stage.close().await;
        let ended = ended?;
        let exit = self.conclude(&home, ended)?;
        match expected {
            Some(expected) if ended == StopReason::Finished => judge(&home, &expected),
            _ => Ok(exit),
        }
    }

    async fn perform(&self, home: &Home, files: &InputFiles, stage: &Stage) -> Result<StopReason, Problem> {
        let world = stage.connect().await?;
        if home.is_started() {
            let opened = home.open()?;
            refuse_other_files(files, &opened.plan)?;
            if opened.state.finished {
                return Ok(StopReason::Finished);
            }
            terminal::note(format!("going on with the rehearsal at {:.0}", stage.now()));
            control::resume(home, &world)?;
        } else {
            let plan = plan_release(&world, &home.folder, files).await?;
            control::begin(home, &plan, &world)?;
        }
        loop {
            let ended = drive::drive(home.open()?, &world).await?;
            if ended != StopReason::Held || self.ask || !answer(home)? {
                return Ok(ended);
            }
        }
    }

    /// Says how it ended. A world that is thrown away must not be named as a place to look at.
    fn conclude(&self, home: &Home, ended: StopReason) -> Result<Exit, Problem> {
        let thrown_away = self.keep.is_none();
        if ended != StopReason::Finished {
            if thrown_away {
                terminal::note(
                    "this world is thrown away now; rehearse with --keep OUT to go on from what holds it",
                );
            }
            return drive::conclude(home, ended);
        }
        if !self.json && !thrown_away {
            return drive::conclude(home, ended);
        }
        let report = control::write_report(&home.open()?)?;
        terminal::out(if self.json { report.to_json()? } else { report.to_string() });
        if thrown_away {
            terminal::note(
                "this world is thrown away now; rehearse with --keep OUT to look at it afterwards",
            );
        }
        Ok(Exit::Done)
    }
}

/// Tells how a finished rehearsal compares with what is expected of it.
fn judge(home: &Home, expected: &Expected) -> Result<Exit, Problem> {
    let opened = home.open()?;
    let report = Report::from(&opened.plan, &opened.events);
    let compared = expect::compare(home, expected, &report)?;
    for line in &compared.lines {
        terminal::note(line);
    }
    Ok(if compared.explained { Exit::Done } else { Exit::Decision })
}

fn refuse_other_files(files: &InputFiles, plan: &Plan) -> Result<(), Problem> {
    if *files.inputs() == plan.inputs {
        return Ok(());
    }
    Err(Problem::input(
        "the rehearsal that is kept there was started from other files",
        "give another directory with --keep, or go on with it by `lockgate resume OUT`",
    ))
}

/// One answer that the rehearsal gives in the place of people.
enum Answer {
    Approve(Digest, Vec<Login>),
    Confirm,
}

/// Answers the gates and confirmations that are asked, as the release's own people, and says so. Conflicts and
/// decisions are left to people. `false` when nothing could be answered.
fn answer(home: &Home) -> Result<bool, Problem> {
    let mut opened = home.open()?;
    let answers: Vec<(StepName, Answer)> = opened
        .state
        .questions()
        .filter_map(|(step, question)| match &question.kind {
            QuestionKind::Approval { digest, missing } => {
                let people = approvers(&opened, step, digest, *missing);
                (!people.is_empty()).then(|| (step.clone(), Answer::Approve(digest.clone(), people)))
            }
            QuestionKind::Confirmation => Some((step.clone(), Answer::Confirm)),
            QuestionKind::Conflict { .. } | QuestionKind::Decision => None,
        })
        .collect();
    let manager = opened.plan.inputs.release.manager.clone();
    for (step, answer) in &answers {
        match answer {
            Answer::Approve(digest, people) => {
                for by in people {
                    terminal::note(format!(
                        "       rehearsal: approving {step} as {by} at digest {}",
                        digest.short()
                    ));
                    let (step, digest, by) = (step.clone(), digest.clone(), by.clone());
                    opened.record(Event::Approved { step, digest, by })?;
                }
            }
            Answer::Confirm => {
                terminal::note(format!("       rehearsal: confirming {step} as {manager}"));
                let (step, decision, by) = (step.clone(), Decision::Confirmed, manager.clone());
                opened.record(Event::Decided { step, decision, by })?;
            }
        }
    }
    Ok(!answers.is_empty())
}

/// As many approvers as are wanted, of those who have not approved this digest.
fn approvers(opened: &Opened, gate: &StepName, digest: &Digest, missing: usize) -> Vec<Login> {
    let inputs = &opened.plan.inputs;
    let given = Approvals::of(inputs, &opened.state.facts, gate, digest).given;
    let fresh = inputs.approvers().iter().filter(|login| !given.contains(login));
    fresh.take(missing).cloned().collect()
}
