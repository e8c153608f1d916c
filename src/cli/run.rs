//! `lockgate run` and `lockgate resume`: the release against the services that the catalog names.

use std::sync::Arc;

use clap::Args;

use super::answer::Answer;
use super::crew::{Provers, ReleaseCrew, sending};
use super::drive;
use super::effects;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::stay::{self, Stay};
use super::terminal;
use super::world;
use crate::control::{self, Home, HomeKind, Opened};
use crate::next_action::{Advice, NextAction};
use crate::planning::{InputFiles, plan_release};
use crate::rehearsal::RehearsalWorld;
use crate::run::LockError;
use crate::runner::Crew;
use crate::workers::Sending;
use crate::world::World;

/// Starts the release for real. It stops at each gate and says what it waits for and the exact next command.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate rehearse && lockgate run\n  lockgate run --dir releases/2026-03\n  lockgate run --stay      (answer in another terminal)\n\n\
    The token comes from GH_TOKEN, GITHUB_TOKEN or `gh auth token`, the password of the mail server from \
    LOCKGATE_SMTP_PASSWORD. The run is kept in DIR/.lockgate. Start a release once; continue it with \
    `lockgate resume`, whatever happened to it."
)]
pub(super) struct RunCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    #[command(flatten)]
    stay: Stay,
    #[command(flatten)]
    pub(super) crew: ReleaseCrew,
}

impl RunCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let directory = self.place.path();
        let home = Home::find(directory);
        let before = home.is_started().then(|| home.open()).transpose()?;
        let is_called_off = before.as_ref().is_some_and(|before| before.state.aborted.is_some());
        let is_public = before.as_ref().is_some_and(Opened::embargo_is_over);
        drop(before);
        if home.is_started() && !is_called_off {
            return Err(Problem::input(
                format!("the release in `{}` was started already; start a release once", directory.display()),
                Advice::then("to continue it", NextAction::Resume),
            )
            .or(Advice::then("to see where it is", NextAction::ShowStatus)));
        }
        if home.kind == HomeKind::Rehearsal {
            return Err(Problem::input(
                format!("`{}` is a rehearsal, not a release", directory.display()),
                Advice::then(
                    "give the directory with `catalog.toml` and `release.toml`; to rehearse",
                    NextAction::Start,
                ),
            ));
        }
        // Beside what a run left, another would do again what that one did: its mails, too.
        if !is_called_off && let Some(lost) = home.lost()? {
            return Err(lost.into());
        }
        let files = InputFiles::load(&home.files)?;
        // Nothing is announced any more of what the run before has made public.
        if !is_public {
            files.check_disclosure(jiff::Timestamp::now())?;
        }
        files.check_addresses()?;
        // What is missing is said before anything is made: a folder alone would look like a run.
        let Provers { given: workers, crew } = self.crew.asked(&home, Sending::Change).await?;
        let world = Arc::new(connect(&home, &files, crew).await?);
        home.create()?;
        drive::close(&home)?;
        let _lock = home.lock()?;
        home.note_workers(workers.as_ref())?;
        home.note_planning()?;
        let plan = plan_release(&world, &home.folder, &files).await?;
        if is_called_off {
            home.set_aside()?;
            terminal::note("the release was called off before; it starts again with what is there");
        }
        let opened = control::begin(&home, &plan, &world)?;
        terminal::note(format!("started from plan {}", plan.digest()?));
        self.stay.drive(&home, opened, &world).await
    }
}

/// Continues a release that was started: after a gate, a failure, a conflict, or a crash at any moment.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate resume\n  lockgate resume --wait      (stays until the hour)\n  lockgate resume --stay      (stays at questions, too)\n  lockgate resume --dir OUT      (a rehearsal kept with --keep OUT)\n\n\
    Every step looks at the world before it acts: what was begun and not finished is found or done, never done twice."
)]
pub(super) struct ResumeCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    #[command(flatten)]
    stay: Stay,
    #[command(flatten)]
    crew: ReleaseCrew,
}

impl ResumeCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let opened = home.open()?;
        if opened.state.finished {
            let report = control::write_report(&opened)?;
            return Answer::done("the release is finished").and(report.to_string()).with(&report);
        }
        if let Some(reason) = &opened.state.aborted {
            return Err(Problem::decision(
                format!("the release was called off: {reason}"),
                Advice::then("to list what was done and how to undo it", NextAction::ShowEffects),
            )
            .or(effects::start_again(&opened)));
        }
        let _lock = match home.lock() {
            Err(LockError::Held { owner }) if self.crew.is_told() => {
                let message = format!(
                    "the release is being run by {owner}, who keeps running its entries where they run now; nothing was done"
                );
                let ended = "end that process with Ctrl-C where it runs, which loses nothing, and give this command again; to see where \
                             it is";
                return Err(Problem::decision(message, Advice::then(ended, NextAction::ShowStatus)));
            }
            Err(LockError::Held { .. }) if opened.state.needs_people() => {
                match stay::asked_to_look_again(&home, &opened)? {
                    Some(answer) => return Ok(answer),
                    None => home.lock()?,
                }
            }
            lock => lock?,
        };
        drive::close(&home)?;
        let files = InputFiles::load(&home.files)?;
        opened.check_unchanged(files.inputs())?;
        drop(opened);
        match home.kind {
            HomeKind::Real => {
                let crew = self.crew.of_run(&home, Sending::Change).await?;
                let world = Arc::new(connect(&home, &files, crew).await?);
                self.stay.drive(&home, control::resume(&home, &world)?, &world).await
            }
            HomeKind::Rehearsal => {
                let crew = self.crew.of_run(&home, sending(&home.files)).await?;
                let emulated = RehearsalWorld::open(&home, None).await?.with_crew(crew);
                let world = emulated.connect().await?;
                let ended = match control::resume(&home, &world) {
                    Ok(opened) => self.stay.drive(&home, opened, &world).await,
                    Err(error) => Err(error.into()),
                };
                emulated.close().await;
                ended
            }
        }
    }
}

pub(super) async fn connect(
    home: &Home,
    files: &InputFiles,
    crew: Option<Arc<dyn Crew>>,
) -> Result<World, Problem> {
    world::connect(world::endpoints(&files.inputs().catalog, &home.folder, crew).await?).await
}
