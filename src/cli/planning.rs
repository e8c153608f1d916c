//! From files and a world to a checked plan.

use super::inputs::Files;
use super::problem::Problem;
use crate::folder::Folder;
use crate::plan::{self, Plan};
use crate::survey::survey;
use crate::world::World;

/// Surveys the world, builds the plan and checks it. Writes nothing but the folder's copies of public branches.
pub(super) async fn plan(world: &World, folder: &Folder, files: &Files) -> Result<Plan, Problem> {
    let snapshot = survey(world, folder, &files.inputs).await.map_err(|error| files.place_survey(&error))?;
    let plan = plan::build(files.inputs.clone(), snapshot).map_err(|error| files.place(&error))?;
    let faults = plan::check(&plan);
    if faults.is_empty() { Ok(plan) } else { Err(faults.into()) }
}
