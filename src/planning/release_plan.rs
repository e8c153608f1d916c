//! One release planned: the world surveyed, the plan built and checked.

use std::sync::Arc;

use jiff::Timestamp;

use super::clock_check::look_at_clock;
use super::dispatch_check::look_at_dispatches;
use super::files::InputFiles;
use super::input_checks::check_severities;
use super::isolation::require_isolation;
use super::people_check::look_at_people;
use super::places::PlanningError;
use super::rights::look_at_token;
use super::survey::survey;
use super::survey_error::SurveyError;
use super::taken_versions::look_at_versions;
use super::trial::try_out;
use crate::folder::Folder;
use crate::plan::{self, Plan};
use crate::snapshot::Snapshot;
use crate::steps;
use crate::world::World;

/// Surveys the world, builds the plan and checks it, its mails, patches and notes included. Writes nothing but the folder's
/// copies of public branches.
///
/// # Errors
/// When the token or the clock will not do, a workflow that is dispatched on the day cannot be started, a suite cannot be
/// isolated as it must be, a registry has a version already that is to be released, the files name something that the world lacks, when the plan would break a rule of the house, when a
/// mail, a patch or a note could not be put together, or when a service fails.
pub async fn plan_release(world: &World, folder: &Folder, files: &InputFiles) -> Result<Plan, PlanningError> {
    look_at_token(world, files.inputs())
        .await
        .map_err(|error| PlanningError::Survey(SurveyError::GitHub(error)))??;
    let clock = look_at_clock(world).await;
    if let Some(fault) = clock.map_err(|error| PlanningError::Survey(SurveyError::GitHub(error)))? {
        return Err(fault.into());
    }
    require_people(world, files).await?;
    let plan = built_plan(world, folder, files).await?;
    require_dispatches(world, folder, files, &plan).await?;
    require_new_versions(world, files, &plan).await?;
    Ok(plan)
}

/// Refuses a plan that waits for somebody who is not there, with the place of the name.
async fn require_people(world: &World, files: &InputFiles) -> Result<(), PlanningError> {
    let unknown = look_at_people(&world.github, files.inputs()).await;
    let unknown = unknown.map_err(|error| PlanningError::Survey(SurveyError::GitHub(error)))?;
    unknown.first().map_or(Ok(()), |login| Err(files.place_unknown(login).into()))
}

/// Refuses a plan that releases what a registry has already, with the place of the package.
async fn require_new_versions(world: &World, files: &InputFiles, plan: &Plan) -> Result<(), PlanningError> {
    let taken = look_at_versions(world, plan).await.map_err(|error| files.place_survey(error))?;
    taken.into_iter().next().map_or(Ok(()), |taken| Err(files.place_taken(taken).into()))
}

/// Refuses a plan that dispatches what GitHub would not start, with the place of its name.
async fn require_dispatches(
    world: &World,
    folder: &Folder,
    files: &InputFiles,
    plan: &Plan,
) -> Result<(), PlanningError> {
    let faults = look_at_dispatches(world, folder, plan).await.map_err(PlanningError::Survey)?;
    faults.into_iter().next().map_or(Ok(()), |fault| Err(files.place_dispatch(fault).into()))
}

/// The same without a look at the token.
///
/// # Errors
/// As [`plan_release`].
pub(super) async fn built_plan(
    world: &World,
    folder: &Folder,
    files: &InputFiles,
) -> Result<Plan, PlanningError> {
    require_isolation(world, files).await?;
    let snapshot = survey(world, folder, files.inputs()).await.map_err(|error| files.place_survey(error))?;
    checked(files, folder, snapshot, world.clock.now()).await
}

/// The plan of these files in the world that was seen, if it keeps every rule.
pub(super) async fn checked(
    files: &InputFiles,
    folder: &Folder,
    snapshot: Snapshot,
    now: Timestamp,
) -> Result<Plan, PlanningError> {
    let plan = plan::build(files.inputs().clone(), snapshot).map_err(|error| files.place(&error))?;
    let faults = plan::check(&plan);
    if !faults.is_empty() {
        return Err(PlanningError::Rules(faults));
    }
    check_severities(&plan, &files.release)?;
    steps::try_mails(&plan, now).map_err(PlanningError::Mails)?;
    let plan = Arc::new(plan);
    try_out(folder, files, &plan).await?;
    Ok(Arc::unwrap_or_clone(plan))
}
