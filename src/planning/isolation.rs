//! Whether this machine can keep suites from everything else as far as the catalog insists on.

use super::files::InputFiles;
use crate::input::{InputError, KeyPart};
use crate::jobs::{Isolation, IsolationWish};
use crate::world::World;

/// Refuses a suite that must be isolated where it cannot be, with its place and what would allow it.
pub(super) async fn require_isolation(world: &World, files: &InputFiles) -> Result<(), InputError> {
    let Some(keys) = first_required(files) else { return Ok(()) };
    match world.executor.isolation().await {
        Isolation::Environment { why, remedy } => {
            let message = format!("this suite must be isolated, and this machine does not allow it: {why}");
            Err(files.catalog.error_at(&keys, message, remedy))
        }
        Isolation::Namespaces { .. } | Isolation::Waived => Ok(()),
    }
}

/// The word of the first suite that insists.
fn first_required(files: &InputFiles) -> Option<[KeyPart<'static>; 5]> {
    let repos = files.inputs().catalog.repos.iter().enumerate();
    let suites = repos.flat_map(|(repo, facts)| {
        facts.tests.iter().enumerate().map(move |(test, command)| (repo, test, command))
    });
    let mut insisting = suites.filter(|(_, _, command)| command.isolation == IsolationWish::Required);
    let (repo, test, _) = insisting.next()?;
    Some([
        KeyPart::Key("repo"),
        KeyPart::Index(repo),
        KeyPart::Key("test"),
        KeyPart::Index(test),
        KeyPart::Key("isolation"),
    ])
}
