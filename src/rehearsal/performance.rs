//! A rehearsal from its beginning to its end, or to what only people can decide.

use std::path::PathBuf;
use std::sync::Arc;

use super::answers::{Answered, answer};
use super::error::RehearsalError;
use super::layout;
use super::mirrors::Mirrors;
use super::rehearsal_world::RehearsalWorld;
use super::scenario::Scenario;
use crate::control::{self, GivenWorkers, Home, Opened, Waiting};
use crate::plan::Plan;
use crate::planning::{Examination, InputFiles, examine, mail_server, plan_release};
use crate::run::{Reporter, StopReason};
use crate::runner::Crew;
use crate::world::World;

/// Who answers gates and confirmations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gates {
    /// The rehearsal itself, in the names of the release's people.
    Answered,
    /// People, as in a real run.
    Held,
}

/// How a rehearsal is to go.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Who answers gates and confirmations.
    pub gates: Gates,
    /// What goes wrong, beside what the world says.
    pub scenario: Option<Scenario>,
    /// Where every exchange with the world is noted.
    pub record: Option<PathBuf>,
    /// Whose machines run entries of the projects' own CI, if this one does not.
    pub crew: Option<Arc<dyn Crew>>,
    /// The same as it was told, which whoever continues the rehearsal need not say again.
    pub workers: Option<GivenWorkers>,
}

/// What a rehearsal did that is no event of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It was kept and continues at this time of its world.
    Resumed(jiff::Timestamp),
    /// It answered in a person's place.
    Answered(Answered),
}

/// Whoever watches a rehearsal: a terminal, a page.
pub trait Audience: Sync {
    /// Reporters of the run's events from here on.
    fn reporters(&self, opened: &Opened) -> Vec<Box<dyn Reporter>>;

    /// Hears what the rehearsal did.
    fn hear(&self, news: News);
}

/// Plans a release in an emulated world that is laid out in `home`.
///
/// # Errors
/// When the world cannot be made of what was given, or there is no plan.
pub async fn plan(
    home: &Home,
    files: &InputFiles,
    mirrors: &Mirrors,
    crew: Option<Arc<dyn Crew>>,
) -> Result<Plan, RehearsalError> {
    let planning = async |world: Arc<World>| plan_release(&world, &home.folder, files).await;
    Ok(in_new_world(home, files, mirrors, crew, planning).await??)
}

/// Looks at everything that a release needs, in the emulated world of a rehearsal.
///
/// # Errors
/// When the world cannot be made of what was given.
pub async fn examined(
    home: &Home,
    files: &InputFiles,
    mirrors: &Mirrors,
) -> Result<Examination, RehearsalError> {
    in_new_world(home, files, mirrors, None, async |world: Arc<World>| {
        let mail = mail_server(world.mailer.try_server().await);
        examine(&world, &home.folder, files, mail).await
    })
    .await
}

/// Does something in a world that is laid out in `home`, and closes it.
async fn in_new_world<T>(
    home: &Home,
    files: &InputFiles,
    mirrors: &Mirrors,
    crew: Option<Arc<dyn Crew>>,
    work: impl AsyncFnOnce(Arc<World>) -> T,
) -> Result<T, RehearsalError> {
    let emulated = RehearsalWorld::create_to_look(home, files, mirrors).await?.with_crew(crew);
    let done = match emulated.connect().await {
        Ok(world) => Ok(work(world).await),
        Err(error) => Err(error),
    };
    emulated.close().await;
    done
}

/// Rehearses a release in `home`; a rehearsal that is kept there continues.
///
/// # Errors
/// When the world cannot be made of what was given, somebody else uses the folder, or the disk refuses. What a service
/// of the emulated world refuses is no error: it holds the run, as in the real one.
pub async fn rehearse(
    home: &Home,
    files: &InputFiles,
    mirrors: &Mirrors,
    setting: &Setting,
    audience: &dyn Audience,
) -> Result<StopReason, RehearsalError> {
    let (gates, scenario) = (setting.gates, setting.scenario.as_ref());
    home.create()?;
    let _lock = home.lock()?;
    let is_new = !home.is_known() || is_to_begin_again(home, files)?;
    let emulated = if is_new {
        RehearsalWorld::create(home, files, mirrors, scenario).await?
    } else {
        home.close()?;
        RehearsalWorld::open(home, scenario).await?
    };
    if let Some(file) = &setting.record {
        emulated.record_to(file, is_new)?;
    }
    home.note_workers(setting.workers.as_ref())?;
    let emulated = emulated.with_crew(setting.crew.clone());
    let ended = Performance { home, files, gates, audience }.perform(&emulated).await;
    emulated.close().await;
    ended
}

/// Whether a kept rehearsal was refused before it began: nothing was done in its world, and what it is made of may have been put right
/// since.
///
/// # Errors
/// When it had begun, and its journal is gone.
fn is_to_begin_again(home: &Home, files: &InputFiles) -> Result<bool, RehearsalError> {
    if home.is_started() {
        return Ok(false);
    }
    if let Some(lost) = home.lost_after_its_beginning() {
        return Err(lost.into());
    }
    layout::mark_unfinished(home, &layout::origin_of(files))?;
    Ok(true)
}

struct Performance<'a> {
    home: &'a Home,
    files: &'a InputFiles,
    gates: Gates,
    audience: &'a dyn Audience,
}

impl Performance<'_> {
    async fn perform(&self, emulated: &RehearsalWorld) -> Result<StopReason, RehearsalError> {
        let world = emulated.connect().await?;
        let is_called_off = self.home.is_started() && self.home.open()?.state.aborted.is_some();
        if !self.home.is_started() || is_called_off {
            let plan = plan_release(&world, &self.home.folder, self.files).await?;
            if is_called_off {
                self.home.set_aside()?;
            }
            control::begin(self.home, &plan, &world)?;
            self.home.note_who_answers(self.gates == Gates::Held)?;
            return self.drive(&world).await;
        }
        let opened = self.home.open()?;
        opened.check_unchanged(self.files.inputs()).map_err(RehearsalError::OtherFiles)?;
        if opened.state.finished {
            return Ok(StopReason::Finished);
        }
        self.audience.hear(News::Resumed(emulated.now()));
        control::resume(self.home, &world)?;
        self.drive(&world).await
    }

    async fn drive(&self, world: &Arc<World>) -> Result<StopReason, RehearsalError> {
        loop {
            let opened = self.home.open()?;
            let reporters = self.audience.reporters(&opened);
            let ended = control::drive(opened, world, reporters, Waiting::Short).await?;
            if ended != StopReason::Held || self.gates == Gates::Held {
                return Ok(ended);
            }
            let answers = answer(self.home)?;
            if answers.is_empty() {
                return Ok(StopReason::Held);
            }
            answers.into_iter().for_each(|answer| self.audience.hear(News::Answered(answer)));
        }
    }
}
