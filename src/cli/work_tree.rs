//! What goes wrong in the work tree of a conflict, with the git command that helps.

use super::problem::Problem;
use crate::by_hand;
use crate::resolution::WorkTreeError;

impl From<WorkTreeError> for Problem {
    fn from(error: WorkTreeError) -> Problem {
        let text = error.to_string();
        match &error {
            WorkTreeError::Disk { .. } => {
                Problem::outside(&error).hinted("check the disk and the permissions")
            }
            WorkTreeError::NoGit(_) => Problem::outside(&error).hinted("check that `git` is installed"),
            WorkTreeError::Git { .. } => Problem::outside(&error).hinted("nothing was recorded"),
            WorkTreeError::Stopped { place, .. } => {
                Problem::decision(text, format!("look at it: {}", by_hand::git_in(place, "status")))
            }
            WorkTreeError::NothingLeft { place } => Problem::decision(
                text,
                format!(
                    "if the branch is not affected, leave it out by `branches` of the fix in the release file, then `lockgate amend`; \
                     else edit what it needs of the fix into its files: {}",
                    by_hand::git_in(place, "show CHERRY_PICK_HEAD")
                ),
            ),
            WorkTreeError::StillConflicts { place, paths } => {
                Problem::decision(text, format!("edit them, then: {}", by_hand::add(place, paths)))
            }
            WorkTreeError::Id(_) => Problem::outside(&error),
        }
    }
}
