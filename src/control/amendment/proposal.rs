//! What an amendment would change, and its record.

use std::collections::BTreeSet;

use super::fate::{AmendedStep, Fate, answer, fate, is_open, is_public};
use super::given::{GivenApproval, given_approvals};
use super::refused::{AmendRefusal, Obstacle};
use crate::control::authority::member;
use crate::control::drive::keep_assets;
use crate::control::opened::{InputsChanged, Opened};
use crate::ids::{Digest, Login, StepName};
use crate::kinds::StepKind;
use crate::plan::{Inputs, Plan, StepChange, StepDifference, differences};
use crate::run::{Event, StampedEvent, State};
use crate::steps::{Approvals, Output, gate_digest};

/// As short as a digest may be given.
const SHORTEST_DIGEST: usize = 6;

/// An amendment that is proposed.
#[derive(Debug, Clone)]
pub struct Amendment {
    plan: Plan,
    /// The digest of the plan that the run would follow.
    pub digest: Digest,
    /// Which files changed, each with its article.
    pub files: Vec<&'static str>,
    /// Every step that is touched, in the order of the plan.
    pub steps: Vec<AmendedStep>,
    /// The gates that ask again, and whose approvals lapse.
    pub lapsing: Vec<(StepName, Vec<Login>)>,
    /// Approvals that were given and that the run has not taken in yet.
    pub given: Vec<GivenApproval>,
}

impl Amendment {
    /// Which files could amend the run, before the world is looked at.
    ///
    /// # Errors
    /// When the run is over, or nothing changed.
    pub fn check_possible(opened: &Opened, now: &Inputs) -> Result<InputsChanged, AmendRefusal> {
        opened.decisions().check_under_way()?;
        match opened.check_unchanged(now) {
            Ok(()) => Err(AmendRefusal::Unchanged { files: opened.home().files.clone() }),
            Err(changed) => Ok(changed),
        }
    }

    /// What a run would do otherwise by this plan.
    ///
    /// # Errors
    /// When nothing changed, or what is done stands against it.
    pub fn propose(opened: &Opened, plan: Plan) -> Result<Amendment, AmendRefusal> {
        let changed = Amendment::check_possible(opened, &plan.inputs)?;
        let steps = judged(&opened.plan, &opened.state, &plan)?;
        let mut amendment = Amendment {
            digest: plan.digest()?,
            plan,
            files: changed.what,
            steps,
            lapsing: Vec::new(),
            given: Vec::new(),
        };
        amendment.lapsing = amendment.find_lapsing(&opened.state);
        let after = amendment.after(&opened.state);
        amendment.given = given_approvals((&opened.plan, &opened.state), (&amendment.plan, &after));
        Ok(amendment)
    }

    /// Records the amendment in the name of somebody who has a part in the release. `read` is the beginning of the digest of
    /// what was read, if it is stated.
    ///
    /// # Errors
    /// When they have none, have read something else, or the disk refuses.
    pub fn record(self, opened: &mut Opened, who: &Login, read: Option<&str>) -> Result<Login, AmendRefusal> {
        let by = self.check_reader(opened, who, read)?;
        self.take_in(opened, by, None)
    }

    /// Somebody has a part in the release, and has read this.
    pub(super) fn check_reader(
        &self,
        opened: &Opened,
        who: &Login,
        read: Option<&str>,
    ) -> Result<Login, AmendRefusal> {
        let by = member(&opened.plan.inputs, who)?;
        let is_other = |read: &&str| read.len() < SHORTEST_DIGEST || !self.digest.as_str().starts_with(read);
        match read.filter(is_other) {
            Some(read) => {
                let (read, shown) = (read.to_owned(), self.digest.clone());
                Err(AmendRefusal::OtherDigest { read, shown, hour: None })
            }
            None => Ok(by),
        }
    }

    pub(super) fn take_in(
        self,
        opened: &mut Opened,
        by: Login,
        reason: Option<String>,
    ) -> Result<Login, AmendRefusal> {
        keep_assets(opened.home(), &self.plan)?;
        let mut event = self.event(by.clone(), reason);
        if let Event::Amended { reason: Some(_), announced, .. } = &mut event {
            *announced = Some(opened.plan.inputs.release.disclosure);
        }
        opened.record_plan(self.plan, event)?;
        Ok(by)
    }

    fn event(&self, by: Login, reason: Option<String>) -> Event {
        let is_taken = |one: &&AmendedStep| {
            is_open(&one.step, &one.fate) && matches!(one.change, StepChange::Changed(_))
        };
        let changed = self.steps.iter().filter(is_taken).map(|one| one.step.name.clone());
        let is_kept = |one: &&AmendedStep| one.answer.as_ref().is_some_and(|answer| answer.counts);
        let keeping = self.steps.iter().filter(is_kept).map(|one| one.step.name.clone()).collect();
        let stands =
            |one: &&AmendedStep| matches!(one.fate, Fate::Stays { .. }) && one.step.kind != StepKind::Gate;
        let dropped = self.steps.iter().filter(|one| one.change == StepChange::Removed);
        Event::Amended {
            by,
            plan: self.digest.clone(),
            files: self.files.iter().map(|what| (*what).to_owned()).collect(),
            reason,
            announced: None,
            changed: changed.chain(self.lapsing.iter().map(|(gate, _)| gate.clone())).collect(),
            keeping,
            dropped: dropped.map(|one| one.step.name.clone()).collect(),
            standing: self.steps.iter().filter(stands).map(|one| one.step.name.clone()).collect(),
        }
    }

    /// The gates that were passed and show something else now. One gate may show that another was passed.
    fn find_lapsing(&mut self, state: &State) -> Vec<(StepName, Vec<Login>)> {
        let mut found: BTreeSet<StepName> = BTreeSet::new();
        loop {
            let after = self.after(state);
            let gates = self.plan.of_kind(StepKind::Gate).filter(|gate| !found.contains(&gate.name));
            let lapsed = gates.filter(|gate| {
                let shown = gate_digest(&self.plan, &after.facts, gate);
                matches!(after.facts.outputs.get(&gate.name),
                    Some(Output::Passed(passage)) if passage.digest != shown)
            });
            let lapsed: Vec<StepName> = lapsed.map(|gate| gate.name.clone()).collect();
            if lapsed.is_empty() {
                break;
            }
            found.extend(lapsed);
            self.lapsing = found.iter().map(|gate| (gate.clone(), Vec::new())).collect();
        }
        found
            .into_iter()
            .map(|gate| {
                let by = self.approvers_of(state, &gate);
                (gate, by)
            })
            .collect()
    }

    fn approvers_of(&self, state: &State, gate: &StepName) -> Vec<Login> {
        match state.facts.outputs.get(gate) {
            Some(Output::Passed(passage)) => self.plan.step(gate).map_or_else(Vec::new, |gate| {
                Approvals::of(&self.plan.inputs, &state.facts, gate, &passage.digest).given
            }),
            _ => Vec::new(),
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The state once this is recorded, as far as it is known.
    pub(super) fn after(&self, state: &State) -> State {
        let mut after = state.clone();
        let record = self.event(self.plan.inputs.release.manager.clone(), None);
        after.apply(&StampedEvent { number: 0, at: jiff::Timestamp::UNIX_EPOCH, record });
        after
    }
}

/// Every step that differs, with what becomes of it; or all that stands against it.
pub(super) fn judged(before: &Plan, state: &State, plan: &Plan) -> Result<Vec<AmendedStep>, AmendRefusal> {
    let mut obstacles = Vec::new();
    if plan.inputs.release.disclosure != before.inputs.release.disclosure && is_public(state, before.steps())
    {
        obstacles.push(Obstacle::EmbargoOver);
    }
    let mut steps = Vec::new();
    for difference in differences(before, plan) {
        match fate(state, &difference) {
            Ok(fate) => {
                let StepDifference { step, change } = difference;
                let answer = answer(state, &step, &change, &fate);
                steps.push(AmendedStep { step, change, fate, answer });
            }
            Err(obstacle) => obstacles.push(obstacle),
        }
    }
    if obstacles.is_empty() { Ok(steps) } else { Err(AmendRefusal::Obstacles(obstacles)) }
}
