//! Which event tests a branch: projects differ, and so do their branches. A push starts nothing on some release branches
//! where a pull request does; on others neither does.

use super::event::{CiEvent, EventKind};
use super::jobs::Library;
use super::plan::plan_event;

/// The activities of a pull request that are tried, the usual first.
const ACTIVITIES: [&str; 4] = ["opened", "synchronize", "ready_for_review", "labeled"];

/// The activity of a merge queue.
const QUEUED: &str = "checks_requested";

/// The events that were tried.
#[derive(Debug, Clone)]
pub struct EventChoice {
    /// The fullest first.
    pub tried: Vec<TriedEvent>,
}

/// An event that was tried.
#[derive(Debug, Clone)]
pub struct TriedEvent {
    /// The event.
    pub event: CiEvent,
    /// How many entries it starts for certain.
    pub certain: usize,
    /// How many it may start besides.
    pub perhaps: usize,
}

impl TriedEvent {
    /// How many entries it starts or may start.
    pub fn starting(&self) -> usize {
        self.certain + self.perhaps
    }

    /// What starts more for certain is fuller. Where that is equal, a merge queue wins: nothing gets past it, and what a
    /// pull request starts besides is about the pull request.
    fn fullness(&self) -> (usize, bool, usize) {
        let queued = self.event.kind == EventKind::MergeGroup && self.certain > 0;
        (self.certain, queued, self.perhaps)
    }
}

impl EventChoice {
    /// The fullest event; `None` if none starts anything: the branch has no CI here.
    pub fn fullest(&self) -> Option<&CiEvent> {
        self.tried.first().filter(|tried| tried.starting() > 0).map(|tried| &tried.event)
    }

    /// The usual activity of a pull request, or the fullest where that starts nothing: some projects wait for a second
    /// push before they test.
    pub fn usual_that_starts(&self) -> Option<&CiEvent> {
        let usual = |tried: &&TriedEvent| {
            tried.event.action.as_deref() == Some(ACTIVITIES[0]) && tried.starting() > 0
        };
        let usual = self.tried.iter().find(usual).map(|tried| &tried.event);
        usual.or_else(|| self.fullest())
    }
}

impl EventChoice {
    /// The event to be planned: of the kind that is asked for, with its usual activity unless another one is named, or the
    /// fullest; `like` where none starts anything.
    pub fn settled(&self, kind: Option<EventKind>, action: Option<&str>, like: &CiEvent) -> CiEvent {
        let of = |kind, action: &str| CiEvent { kind, action: Some(action.to_owned()), ..like.clone() };
        match (kind, action) {
            (kind, Some(action)) => of(kind.unwrap_or(EventKind::PullRequest), action),
            (Some(EventKind::PullRequest), None) => {
                let opened = || of(EventKind::PullRequest, ACTIVITIES[0]);
                self.usual_that_starts().cloned().unwrap_or_else(opened)
            }
            (Some(EventKind::MergeGroup), None) => of(EventKind::MergeGroup, QUEUED),
            (Some(kind), None) => CiEvent { kind, action: None, ..like.clone() },
            (None, None) => self.fullest().cloned().unwrap_or_else(|| like.clone()),
        }
    }
}

/// Tries the events on a branch that test it by themselves, or only those of one kind.
pub fn choose_event(
    library: &Library<'_>,
    like: &CiEvent,
    only: Option<EventKind>,
    wanted: &dyn Fn(&str) -> bool,
) -> EventChoice {
    let candidates = candidates(like).into_iter().filter(|event| only.is_none_or(|kind| event.kind == kind));
    let count = |event: CiEvent| {
        let plan = plan_event(library, &event, None, wanted);
        let certain = plan.entries().filter(|entry| entry.surely_starts()).count();
        TriedEvent { event, certain, perhaps: plan.starting() - certain }
    };
    let mut tried: Vec<TriedEvent> = candidates.map(count).collect();
    tried.sort_by_key(|tried| std::cmp::Reverse(tried.fullness()));
    EventChoice { tried }
}

fn candidates(like: &CiEvent) -> Vec<CiEvent> {
    let of = |kind, action: Option<&str>| CiEvent { kind, action: action.map(str::to_owned), ..like.clone() };
    let mut all = vec![of(EventKind::Push, None), of(EventKind::MergeGroup, Some(QUEUED))];
    all.extend(ACTIVITIES.iter().map(|action| of(EventKind::PullRequest, Some(action))));
    all
}
