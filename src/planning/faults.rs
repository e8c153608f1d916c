//! Everything that stands against a plan, in place of the first that does.

use super::files::InputFiles;
use super::isolation::require_isolation;
use super::places::PlanningError;
use super::release_plan::checked;
use super::survey::{survey, survey_faults};
use crate::folder::Folder;
use crate::plan::Plan;
use crate::world::World;

/// Something that stands against a plan, and what it is about.
#[derive(Debug)]
pub struct PlanFault {
    /// A repository, an advisory, or the plan as a whole.
    pub about: String,
    /// What is wrong.
    pub error: PlanningError,
}

impl PlanFault {
    fn of_plan(error: impl Into<PlanningError>) -> PlanFault {
        PlanFault { about: "plan".to_owned(), error: error.into() }
    }
}

/// The plan, where there is one, and all that is known to stand against it. A machine that cannot isolate a suite hides nothing of
/// the repositories, and one repository nothing of another.
pub(super) async fn plan_and_faults(
    world: &World,
    folder: &Folder,
    files: &InputFiles,
) -> (Option<Plan>, Vec<PlanFault>) {
    let isolation = require_isolation(world, files).await.err();
    let mut faults: Vec<PlanFault> = isolation.into_iter().map(PlanFault::of_plan).collect();
    let first = match survey(world, folder, files.inputs()).await {
        Ok(snapshot) => {
            let plan = checked(files, folder, snapshot, world.clock.now()).await;
            let plan = plan.map_err(|error| faults.push(PlanFault::of_plan(error))).ok();
            return (plan, faults);
        }
        Err(error) => error,
    };
    let all = survey_faults(world, folder, files.inputs()).await;
    if all.is_empty() {
        // It was there once, and is looked at again.
        faults.push(PlanFault::of_plan(files.place_survey(first)));
    }
    faults
        .extend(all.into_iter().map(|(about, error)| PlanFault { about, error: files.place_survey(error) }));
    (None, faults)
}
