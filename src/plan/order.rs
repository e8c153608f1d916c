//! In which order steps follow one another.
//!
//! The workflow lists kinds of steps; a step waits for every earlier-listed step that concerns the same thing.
//! On top of that come the orders that no list can express: merges within a repository, and repositories
//! that depend on each other. `edges.rs` asks for every two steps that may have to do with one another.

use super::places::{Place, Places};
use super::target::Target;
use crate::kinds::{Listing, Order, Others, StepKind};

/// What a step has of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// It needs what that one did.
    Needs,
    /// It lets that one go first, as long as it can come without people.
    InTurn,
}

/// Whether `later` waits for `earlier`, where the workflow lists `earlier` first, and why.
pub(super) fn waits(later: &Place<'_>, earlier: &Place<'_>, places: &Places<'_>) -> Option<Edge> {
    // Two gates are of one kind and are still two things; each has a name of its own.
    if later.kind == earlier.kind && later.kind.listing() == Listing::Plain {
        return among_equals(later, earlier);
    }
    needs(later, earlier, places).then_some(Edge::Needs)
}

fn needs(later: &Place<'_>, earlier: &Place<'_>, places: &Places<'_>) -> bool {
    if repository_order(later, earlier, places) {
        return true;
    }
    // The end of the embargo waits even for what others may pass.
    if earlier.kind.others() == Others::Pass && !later.is_release_day {
        return false;
    }
    later.about.meets(earlier.about)
}

/// Within a repository, merges follow each other: the default branch first, then the oldest line to the newest; or the
/// default branch last, as the catalog says. One that people have to see to holds up no other line (RD-25). What is merged upwards is
/// carried line by line, and merged so.
fn among_equals(later: &Place<'_>, earlier: &Place<'_>) -> Option<Edge> {
    if later.about.repo != earlier.about.repo {
        return None;
    }
    if matches!(later.order, Order::MergesFix | Order::MergesBump) {
        let follows = rank(earlier).is_some_and(|before| Some(before) < rank(later));
        let edge = if later.merged_from.is_some() { Edge::Needs } else { Edge::InTurn };
        return follows.then_some(edge);
    }
    let upwards = matches!(later.kind, StepKind::Backport | StepKind::Stack)
        && later.about.advisory == earlier.about.advisory
        && later.merged_from.is_some()
        && later.merged_from == earlier.about.branch;
    upwards.then_some(Edge::Needs)
}

/// Where the step's target comes among the merges of its repository.
fn rank(step: &Place<'_>) -> Option<(bool, usize)> {
    let (position, target) = step.target?;
    Some((target.comes_last, position))
}

/// Bumps are merged, and releases started, after every fix of their repository; what carries another repository's release waits for it.
fn repository_order(later: &Place<'_>, earlier: &Place<'_>, places: &Places<'_>) -> bool {
    let orders = (later.order, earlier.order);
    let is_same = later.about.repo == earlier.about.repo;
    if matches!(orders, (Order::MergesBump | Order::StartsRelease, Order::MergesFix)) {
        let beside = earlier.target.is_some_and(|(_, target)| Target::is_merged_back(target));
        return is_same && !beside;
    }
    let comes_last = |step: &Place<'_>| step.target.is_some_and(|(_, target)| target.comes_last);
    if is_same && matches!(orders, (Order::MergesFix, Order::StartsRelease | Order::SeesRelease)) {
        return comes_last(later) && !comes_last(earlier);
    }
    let (Some(repo), Some(other)) = (later.about.repo, earlier.about.repo) else { return false };
    if repo == other {
        return false;
    }
    match orders {
        // The downstream fix shows the upstream vulnerability: it follows when the upstream fix is out.
        (Order::ShowsFix, Order::MergesFix) => places.carries_from(repo, other),
        (Order::OpensBump, Order::SeesRelease) => places.carries_line(later, earlier.about),
        _ => false,
    }
}
