//! Whether this machine can keep suites from everything else as far as the catalog insists on.

use super::files::InputFiles;
use crate::input::{InputError, KeyPart};
use crate::jobs::{Isolation, IsolationWish};
use crate::world::World;

/// Refuses a suite or the entries of a CI matrix that must be isolated where they cannot be, with the place and what would
/// allow it.
pub(super) async fn require_isolation(world: &World, files: &InputFiles) -> Result<(), InputError> {
    // What is given away is kept from the machines that run it, or they refuse it.
    let with_entries = world.crew.is_none();
    let Some(Insisting { keys, who }) = first_required(files, with_entries) else { return Ok(()) };
    match world.executor.isolation().await {
        Isolation::Environment { why, remedy } => {
            let message = format!("{who} must be isolated, and this machine does not allow it: {why}");
            Err(files.catalog.error_at(&keys, message, remedy))
        }
        Isolation::Namespaces { .. } | Isolation::Waived => Ok(()),
    }
}

/// Whoever insists, and where that is written.
struct Insisting {
    keys: Vec<KeyPart<'static>>,
    who: &'static str,
}

/// The first that insists.
fn first_required(files: &InputFiles, with_entries: bool) -> Option<Insisting> {
    let mut repos = files.inputs().catalog.repos.iter().enumerate();
    repos.find_map(|(repo, facts)| {
        let required = |wish: IsolationWish| wish == IsolationWish::Required;
        let suite = facts.tests.iter().position(|command| required(command.isolation));
        let matrix =
            with_entries && facts.matrix.as_ref().is_some_and(|rule| required(rule.isolation.into()));
        let (way, who) = match suite {
            Some(test) => (vec![KeyPart::Key("test"), KeyPart::Index(test)], "this suite"),
            None if matrix => (vec![KeyPart::Key("matrix")], "these entries"),
            None => return None,
        };
        let keys = [KeyPart::Key("repo"), KeyPart::Index(repo)].into_iter().chain(way);
        Some(Insisting { keys: keys.chain([KeyPart::Key("isolation")]).collect(), who })
    })
}
