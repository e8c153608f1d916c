//! From the user's files and a world to a checked plan: what every shell needs before there is a run.
//!
//! It stands below `control` because opening a run reads the same files, and above `steps` because the survey reads
//! versions as the steps do. Nothing outside is changed here, and nothing is printed.

mod addresses;
mod assets;
mod bringing;
mod clock_check;
mod dispatch_check;
mod examination;
mod faults;
mod files;
mod go_modules;
mod input_checks;
mod isolation;
mod newest_release;
mod owners;
mod package_versions;
mod people_check;
mod placement;
mod places;
mod published_package;
mod release_plan;
mod replan;
mod rights;
mod rivals;
mod seen_fixes;
mod survey;
mod survey_error;
mod tag_answers;
mod tag_habit;
mod taken_versions;
mod trial;
mod unread;
mod unreadable;
mod whereabouts;

pub use examination::{Examination, Finding, Grade, examine, examine_here, examine_services, mail_server};
pub use files::InputFiles;
pub use places::PlanningError;
pub use release_plan::plan_release;
pub use replan::{Hour, plan_again};
pub use survey::repository_rules;
pub use survey_error::SurveyError;
pub use unreadable::UnreadableFiles;
