//! The plans that a worker has made of a run's commit. Thousands of entries may be of one workflow: what is known when they are
//! given away is the same for many of them, and so is the plan.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::ids::Digest;
use crate::matrix::CiPlan;
use crate::workers::message::EntryJob;

/// So many are kept: entries of a few workflows, or of a few rounds, are given away side by side.
const KEPT: usize = 8;

/// The plans of one commit by what they rest on, the one that was wanted last at the end.
#[derive(Default)]
pub(super) struct KnownPlans(RefCell<VecDeque<(Digest, Rc<CiPlan>)>>);

impl KnownPlans {
    /// The plan for a job: the one that is known, or else a new one.
    ///
    /// # Errors
    /// What `make` says.
    pub(super) fn of<E>(
        &self,
        job: &EntryJob,
        make: impl FnOnce() -> Result<CiPlan, E>,
    ) -> Result<Rc<CiPlan>, E> {
        let basis = basis(job);
        let mut known = self.0.borrow_mut();
        let at = known.iter().position(|(of, _)| *of == basis);
        let plan = match at.and_then(|at| known.remove(at)) {
            Some((_, plan)) => plan,
            None => Rc::new(make()?),
        };
        if known.len() == KEPT {
            known.pop_front();
        }
        known.push_back((basis, Rc::clone(&plan)));
        Ok(plan)
    }
}

/// What the plan for a job rests on, beside the machine and the commit, which are the same in a run.
fn basis(job: &EntryJob) -> Digest {
    let basis = serde_json::json!([job.event, job.entry.workflow, job.facts, job.executor]);
    Digest::of(basis.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::workers::subject::RunId;

    /// The job of an entry: its workflow, its name, and what is known of the job `first`.
    fn job(workflow: &str, name: &str, failed: Option<bool>) -> EntryJob {
        let event = json!({ "kind": "push", "branch": "main", "commit": "2".repeat(40) });
        let facts: Vec<Value> = failed
            .map(|failed| json!({ "key": [workflow, "first"], "failed": failed, "outputs": null }))
            .into_iter()
            .collect();
        let commit = "1".repeat(40);
        serde_json::from_value(json!({
            "run": RunId::new("any"), "number": 1, "event": event, "facts": facts,
            "entry": { "workflow": workflow, "key": [workflow, "all"], "name": name, "matrix": "{}" },
            "commit": commit, "tree": commit, "base": null, "isolation": "available", "network": false,
            "warm_up": false, "until": "2026-03-06T15:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_commit_is_planned_once_for_all_entries_that_are_given_away_knowing_the_same() {
        let (plans, mut made) = (KnownPlans::default(), 0);
        let mut ask = |job: &EntryJob| {
            let make = || {
                made += 1;
                Ok::<_, ()>(CiPlan { event: job.event.clone(), workflows: Vec::new() })
            };
            plans.of(job, make).unwrap();
            made
        };
        for number in 0..800 {
            assert_eq!(ask(&job("ci.yml", &format!("all ({number})"), None)), 1);
        }
        assert_eq!(ask(&job("ci.yml", "all (1)", Some(false))), 2, "the job before it has ended");
        assert_eq!(ask(&job("ci.yml", "all (1)", Some(true))), 3, "it failed");
        assert_eq!(ask(&job("other.yml", "all (1)", None)), 4);
        assert_eq!(ask(&job("ci.yml", "all (801)", None)), 4, "the first is still known");
        for number in 0..KEPT {
            ask(&job(&format!("{number}.yml"), "all", None));
        }
        assert_eq!(ask(&job("ci.yml", "all (1)", None)), 5 + KEPT, "so many are kept, and no more");
    }

    #[test]
    fn a_plan_that_cannot_be_made_is_not_kept() {
        let plans = KnownPlans::default();
        let job = job("ci.yml", "all", None);
        assert_eq!(plans.of(&job, || Err::<CiPlan, _>("no tree")).unwrap_err(), "no tree");
        assert!(plans.0.borrow().is_empty());
    }
}
