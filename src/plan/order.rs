//! In which order steps follow one another.
//!
//! The workflow lists kinds of steps; a step waits for every earlier-listed step that concerns the same thing.
//! On top of that come the orders that no list can express: merges within a repository, and repositories
//! that depend on each other. `edges.rs` asks for every two steps that may have to do with one another.

use super::places::Places;
use super::step::Step;
use super::target::Target;
use crate::kinds::{Listing, Order, Others, StepKind};
use crate::workflow::RELEASE_DAY;

/// What a step has of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// It needs what that one did.
    Needs,
    /// It lets that one go first, as long as it can come without people.
    InTurn,
}

/// Whether `later` waits for `earlier`, where the workflow lists `earlier` first, and why.
pub(super) fn waits(later: &Step, earlier: &Step, places: &Places<'_>) -> Option<Edge> {
    // Two gates are of one kind and are still two things; each has a name of its own.
    if later.kind == earlier.kind && later.kind.listing() == Listing::Plain {
        return among_equals(later, earlier, places);
    }
    needs(later, earlier, places).then_some(Edge::Needs)
}

fn needs(later: &Step, earlier: &Step, places: &Places<'_>) -> bool {
    if repository_order(later, earlier, places) {
        return true;
    }
    if earlier.kind.others() == Others::Pass && !awaits_everything(later) {
        return false;
    }
    later.subject.meets(&earlier.subject)
}

/// The end of the embargo waits even for what others may pass.
fn awaits_everything(step: &Step) -> bool {
    step.kind == StepKind::Gate && step.asks.as_deref() == Some(RELEASE_DAY)
}

/// Within a repository, merges follow each other: the default branch first, then the oldest line to the newest; or the
/// default branch last, as the catalog says. One that people have to see to holds up no other line (RD-25). What is merged upwards is
/// carried line by line, and merged so.
fn among_equals(later: &Step, earlier: &Step, places: &Places<'_>) -> Option<Edge> {
    if later.subject.repo != earlier.subject.repo {
        return None;
    }
    let merged_from = target_of(later, places).and_then(|target| target.merged_from.as_ref());
    if matches!(later.kind.order(), Order::MergesFix | Order::MergesBump) {
        let follows = rank(earlier, places).is_some_and(|before| Some(before) < rank(later, places));
        let edge = if merged_from.is_some() { Edge::Needs } else { Edge::InTurn };
        return follows.then_some(edge);
    }
    let upwards = matches!(later.kind, StepKind::Backport | StepKind::Stack)
        && later.subject.advisory == earlier.subject.advisory
        && merged_from.is_some_and(|below| Some(below) == earlier.subject.branch.as_ref());
    upwards.then_some(Edge::Needs)
}

/// Where the step's target comes among the merges of its repository.
fn rank(step: &Step, places: &Places<'_>) -> Option<(bool, usize)> {
    let (position, target) = places.of(step)?;
    Some((target.comes_last, position))
}

fn target_of<'a>(step: &Step, places: &Places<'a>) -> Option<&'a Target> {
    places.of(step).map(|(_, target)| target)
}

/// Bumps are merged, and releases started, after every fix of their repository; what carries another repository's release waits for it.
fn repository_order(later: &Step, earlier: &Step, places: &Places<'_>) -> bool {
    let orders = (later.kind.order(), earlier.kind.order());
    let is_same = later.subject.repo == earlier.subject.repo;
    if matches!(orders, (Order::MergesBump | Order::StartsRelease, Order::MergesFix)) {
        let beside = target_of(earlier, places).is_some_and(Target::is_merged_back);
        return is_same && !beside;
    }
    let comes_last = |step| target_of(step, places).is_some_and(|target| target.comes_last);
    if is_same && matches!(orders, (Order::MergesFix, Order::StartsRelease | Order::SeesRelease)) {
        return comes_last(later) && !comes_last(earlier);
    }
    let (Some(repo), Some(other)) = (&later.subject.repo, &earlier.subject.repo) else { return false };
    if repo == other {
        return false;
    }
    match orders {
        // The downstream fix shows the upstream vulnerability: it follows when the upstream fix is out.
        (Order::ShowsFix, Order::MergesFix) => {
            places.in_repository(repo).any(|target| carries_from(target, earlier))
        }
        (Order::OpensBump, Order::SeesRelease) => {
            target_of(later, places).is_some_and(|target| carries_line(target, earlier))
        }
        _ => false,
    }
}

/// Whether the target carries a release of the step's repository.
fn carries_from(target: &Target, step: &Step) -> bool {
    target.carries.iter().any(|carried| Some(&carried.repo) == step.subject.repo.as_ref())
}

/// Whether the target carries the release of the step's very line.
fn carries_line(target: &Target, step: &Step) -> bool {
    target.carries.iter().any(|carried| {
        Some(&carried.repo) == step.subject.repo.as_ref()
            && Some(&carried.branch) == step.subject.branch.as_ref()
    })
}
