//! `lockgate rehearse`: the whole release in an emulated world, on a simulated clock.

use std::path::{Path, PathBuf};

use clap::Args;

use super::answer::Answer;
use super::crew::{Provers, ReleaseCrew, sending};
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::{comparison, drive, progress, temporary, terminal, world};
use crate::control::{Home, Opened};
use crate::planning::{InputFiles, repository_rules};
use crate::rehearsal::{self, Answered, Audience, Expectation, Gates, Mirrors, News, Scenario, Setting};
use crate::report::Report;
use crate::run::{Reporter, StopReason};
use crate::wording::counted;

/// Rehearses the whole release in an emulated world on this machine, from the report to the published advisory.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate rehearse fixtures/demo\n  \
    lockgate rehearse --mirror bytecodealliance/wasmtime=wasmtime.git --keep OUT\n  \
    lockgate rehearse --keep OUT --ask      (then `lockgate approve ready --as NAME --dir OUT`, `lockgate resume --dir OUT`)\n\n\
    The world is described by DIR/world.toml, or made of your mirrors, which are never written to. Its clock is \
    simulated, so waiting for the disclosure time takes no time. If a rehearsal with --keep was interrupted, the same \
    command continues it. OUT then holds git/OWNER/REPO.git, mail/*.eml, requests.jsonl, journal.db and report.json.")]
pub(super) struct RehearseCommand {
    #[command(flatten)]
    place: PlaceArgument,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// Keep the rehearsal in this directory, to look at or to continue.
    #[arg(long, value_name = "OUT")]
    keep: Option<PathBuf>,
    /// Stop at gates and confirmations, as a real run does.
    #[arg(long)]
    ask: bool,
    /// Compare the result with what was merged and released on the day that is replayed (an `expected.toml`). A
    /// difference without a reason in that file ends with exit code 11.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Read what the real repositories require of merges and pushes, so that the rehearsal refuses the same. Nothing is
    /// written there. Needs a token, and a world made of mirrors.
    #[arg(long)]
    rules_from_github: bool,
    /// What goes wrong on the way: a file of faults on any wire (`lockgate schema scenario`). It stays in force when the
    /// rehearsal is continued, until another one is given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Note every request and its answer in this file, a line of JSON each, without tokens. What is under embargo is in it.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    crew: ReleaseCrew,
}

impl RehearseCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        if self.ask && self.keep.is_none() {
            return Err(Problem::input(
                "a rehearsal that stops at gates has to be kept, or it cannot be continued",
                "give a directory with --keep OUT",
            ));
        }
        if let Some(out) = &self.keep {
            return self.rehearse(out).await.map_err(|problem| problem.of_release(out));
        }
        let folder = temporary::folder("rehearsal")?;
        let ended = self.rehearse(folder.path()).await.map_err(|problem| problem.of_release(folder.path()));
        let is_done = ended.as_ref().is_ok_and(|answer| answer.exit() == Exit::Done);
        if !is_done && Home::rehearsal(folder.path()).is_known() {
            // What it printed names this place, and people continue from there.
            let kept = folder.keep();
            terminal::note(format!(
                "this rehearsal stopped and is kept in {}; remove that folder when you are done",
                kept.display()
            ));
        }
        ended
    }

    async fn rehearse(&self, out: &Path) -> Result<Answer, Problem> {
        let files = InputFiles::load(self.place.path())?;
        let expectation = self.expect.as_deref().map(Expectation::read).transpose()?;
        let home = Home::rehearsal(out);
        let gates = if self.ask { Gates::Held } else { Gates::Answered };
        let mirrors = self.mirrors(&home, &files).await?;
        let scenario = self.scenario.as_deref().map(Scenario::read).transpose()?;
        let sending = sending(self.place.path());
        let Provers { given: workers, crew } = self.crew.asked(&home, sending).await?;
        let setting = Setting { gates, scenario, record: self.record.clone(), crew, workers };
        let was_open = home.folder.is_open();
        let rehearsed = rehearsal::rehearse(&home, &files, &mirrors, &setting, &Watching);
        let ended = drive::or_stopped(rehearsed, setting.crew.as_deref()).await;
        if was_open && !home.folder.is_open() {
            drive::note_closed(&home);
        }
        let ended = ended?;
        let answer = self.conclude(&home, ended)?;
        match expectation {
            Some(expectation) if ended == StopReason::Finished => judge(answer, &home, &expectation),
            _ => Ok(answer),
        }
    }

    /// The mirrors, with the rules of the real repositories where they are wanted and the world is yet to be made.
    async fn mirrors(&self, home: &Home, files: &InputFiles) -> Result<Mirrors, Problem> {
        let mirrors = self.mirrors.mirrors();
        if home.is_known() {
            rehearsal::check_mirrors(files, &mirrors)?;
        }
        if !self.rules_from_github || home.is_known() {
            return Ok(mirrors);
        }
        if mirrors.is_empty() || self.place.path().join("world.toml").is_file() {
            return Err(Problem::input(
                "rules are read from GitHub for a world made of mirrors; a `world.toml` states its own",
                "give --mirror OWNER/REPO=PATH and no `world.toml`, or remove --rules-from-github",
            ));
        }
        let inputs = files.inputs();
        let github = world::github(&inputs.catalog).await?;
        let rules = repository_rules(&github, inputs).await.map_err(|error| {
            Problem::outside(&error)
                .hinted("check the names in the catalog, and that the token in GH_TOKEN sees them")
        })?;
        let api = &inputs.catalog.endpoints.api;
        terminal::note(format!("the rules of {} were read from {api}", counted(rules.len(), "repository")));
        Ok(mirrors.with_rules(rules))
    }

    /// Says how it ended. A folder that is about to be removed is not named as a place to look at.
    fn conclude(&self, home: &Home, ended: StopReason) -> Result<Answer, Problem> {
        if self.keep.is_some() || ended != StopReason::Finished {
            return drive::conclude(home, ended);
        }
        let report = report(home)?;
        Answer::done(report.to_string())
            .prose()
            .aside("this rehearsal was not kept; give --keep OUT to look at it afterwards")
            .with(&report)
    }
}

fn report(home: &Home) -> Result<Report, Problem> {
    let opened = home.open()?;
    Ok(Report::from(&opened.plan, &opened.events))
}

/// Says how a finished rehearsal compares with the day that it replays.
fn judge(answer: Answer, home: &Home, expectation: &Expectation) -> Result<Answer, Problem> {
    let compared = rehearsal::compare(home, &report(home)?, expectation)?;
    let exit = if compared.is_explained() { Exit::Done } else { Exit::Decision };
    Ok(answer.aside(comparison::text(&compared)).ending(exit))
}

/// The person at this terminal.
struct Watching;

impl Audience for Watching {
    fn reporters(&self, opened: &Opened) -> Vec<Box<dyn Reporter>> {
        vec![progress::reporter(opened)]
    }

    fn hear(&self, news: News) {
        terminal::note(match news {
            News::Resumed(at) => format!("continuing the rehearsal at {at:.0}"),
            News::Answered(Answered::Approved { gate, digest, by }) => {
                format!("       rehearsal: approved {gate} as {by} at digest {}", digest.short())
            }
            News::Answered(Answered::Confirmed { step, by }) => {
                format!("       rehearsal: confirmed {step} as {by}")
            }
        });
    }
}
