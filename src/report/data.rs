//! The report as data, as `report.json` has it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::advisory::ReportedAdvisory;
use super::approval::{Approval, approvals, took_part};
use super::left::{LeftToDo, left_to_do};
use super::target::ReportedTarget;
use super::waiver::{Waiver, waivers};
use crate::ids::{Digest, Login, StepName};
use crate::kinds::StepKind;
use crate::plan::Plan;
use crate::run::{Completion, Event, StampedEvent, State};
use crate::steps::{Decision, Output};
use crate::workflow::RELEASE_DAY;

/// Everything worth knowing of a run afterwards. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The release's short name.
    pub release: String,
    /// Its title.
    pub title: String,
    /// The incident manager.
    pub manager: Login,
    /// The workflow that was followed.
    pub workflow: String,
    /// The digest of the plan that was started.
    pub plan: Option<Digest>,
    /// How it ended, or that it has not.
    pub outcome: ReleaseOutcome,
    /// The time of disclosure: the announced one, unless the embargo broke before.
    pub disclosure: Timestamp,
    /// The time that was announced; none where the embargo broke and the journal does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Timestamp>,
    /// When the run was started.
    pub started: Option<Timestamp>,
    /// When the release-day gate ended the embargo.
    pub embargo_ended: Option<Timestamp>,
    /// When the last advisory was published.
    pub published: Option<Timestamp>,
    /// Seconds from the end of the embargo to the publication of the last advisory.
    pub embargo_to_published_seconds: Option<i64>,
    /// When the last event happened.
    pub last_event: Option<Timestamp>,
    /// What became of each advisory, in the release file's order.
    pub advisories: Vec<ReportedAdvisory>,
    /// What became of each branch, in the order of the merges.
    pub targets: Vec<ReportedTarget>,
    /// The mails that were sent.
    pub mails: Vec<Mail>,
    /// Who approved what.
    pub approvals: Vec<Approval>,
    /// Everybody else than the incident manager who did something for it with Lockgate.
    #[serde(default)]
    pub took_part: Vec<Login>,
    /// How the files were changed while the release was under way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<ReportedAmendment>,
    /// What people continued without, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// What is left for people to do, once everything is public.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftToDo>,
    /// How often people had to do something.
    pub operator_actions: OperatorActions,
    /// Effects that the world showed already.
    pub adopted: Vec<Adopted>,
    /// Attempts that failed.
    pub failures: Vec<ReportedFailure>,
    /// How often red checks were run again.
    pub reruns: u32,
    /// How often the run was resumed.
    pub resumed: u32,
    /// What was checked from outside at the end, a sentence each.
    pub verified: Vec<String>,
    /// The entries for vulnerability databases, relative to the run's folder.
    pub entries: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ReleaseOutcome {
    /// It is still going on.
    Unfinished {
        /// Steps that are done.
        done: usize,
        /// Steps of the plan.
        of: usize,
    },
    /// Every step is done.
    Finished,
    /// It was called off.
    Aborted {
        /// Why.
        reason: String,
    },
}

/// A mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The step that sent it.
    pub step: StepName,
    /// Its Message-ID.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// Its recipients.
    pub to: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// A change of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedAmendment {
    /// Who took it in.
    pub by: Login,
    /// Which files changed, each with its article.
    pub files: Vec<String>,
    /// Why, where the embargo broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For when the release was announced before it broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Timestamp>,
    /// The digest of the plan from then on.
    pub plan: Digest,
    /// When.
    pub at: Timestamp,
}

/// How often people had to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OperatorActions {
    /// Approvals of gates.
    pub approvals: u32,
    /// Confirmations.
    pub confirmations: u32,
    /// Steps that were waived.
    pub waivers: u32,
    /// Conflicts that were resolved.
    pub resolutions: u32,
    /// All of these.
    pub total: u32,
}

/// An effect that the world showed already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The step.
    pub step: StepName,
    /// What was found.
    pub what: String,
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFailure {
    /// The step.
    pub step: StepName,
    /// What happened.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

impl Report {
    /// The report of a run so far.
    #[must_use]
    pub fn from(plan: &Plan, events: &[StampedEvent]) -> Report {
        let state = State::fold(events);
        let release = &plan.inputs.release;
        let embargo_ended = state.facts.passage(plan, RELEASE_DAY).map(|passage| passage.at);
        let published = published(plan, &state);
        let advisories: Vec<ReportedAdvisory> =
            release.advisories.iter().map(|advisory| ReportedAdvisory::of(plan, &state, advisory)).collect();
        let (waivers, entries) = (waivers(events), entries(plan, &state));
        let amendments = amendments(events);
        Report {
            left: left_to_do(plan, &state, &advisories, &waivers, &entries),
            release: release.id.clone(),
            title: release.title.clone(),
            manager: release.manager.clone(),
            workflow: plan.inputs.workflow.name.clone(),
            plan: events.iter().find_map(|stamped| match &stamped.record {
                Event::Started { plan, .. } => Some(plan.clone()),
                _ => None,
            }),
            outcome: outcome(plan, &state),
            disclosure: release.disclosure,
            announced: breach(&amendments).map_or(Some(release.disclosure), |breach| breach.announced),
            started: events.first().map(|stamped| stamped.at),
            embargo_ended,
            published,
            embargo_to_published_seconds: embargo_ended
                .zip(published)
                .map(|(ended, published)| published.duration_since(ended).as_secs()),
            last_event: events.last().map(|stamped| stamped.at),
            advisories,
            targets: plan.targets.iter().map(|target| ReportedTarget::of(plan, &state, target)).collect(),
            mails: mails(&state),
            approvals: approvals(plan, &state, events),
            took_part: took_part(&plan.inputs.release.manager, events),
            amendments,
            waivers,
            operator_actions: operator_actions(events),
            adopted: adopted(plan, events),
            failures: failures(events),
            reruns: reruns(&state),
            resumed: count(events, |record| matches!(record, Event::Resumed { .. })),
            verified: verified(plan, &state),
            entries,
        }
    }

    /// As `report.json`.
    ///
    /// # Errors
    /// Never for a report made by [`Report::from`]; the signature is serde's.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

fn outcome(plan: &Plan, state: &State) -> ReleaseOutcome {
    match &state.aborted {
        Some(reason) => ReleaseOutcome::Aborted { reason: reason.clone() },
        None if state.finished => ReleaseOutcome::Finished,
        None => ReleaseOutcome::Unfinished {
            done: plan.steps().filter(|step| state.is_done(&step.name)).count(),
            of: plan.step_count(),
        },
    }
}

/// When the last advisory was published; `None` while one is not.
fn published(plan: &Plan, state: &State) -> Option<Timestamp> {
    let hours: Option<Vec<Timestamp>> =
        plan.of_kind(StepKind::PublishAdvisory).map(|step| state.done_at.get(&step.name).copied()).collect();
    hours?.into_iter().max()
}

fn mails(state: &State) -> Vec<Mail> {
    let mut mails: Vec<Mail> = state
        .facts
        .outputs
        .iter()
        .filter_map(|(step, output)| match output {
            Output::Mail(mail) => Some(Mail {
                step: step.clone(),
                id: mail.id.clone(),
                subject: mail.subject.clone(),
                to: mail.to.clone(),
                at: *state.done_at.get(step)?,
            }),
            _ => None,
        })
        .collect();
    mails.sort_by_key(|mail| mail.at);
    mails
}

fn amendments(events: &[StampedEvent]) -> Vec<ReportedAmendment> {
    let amendment = |stamped: &StampedEvent| match &stamped.record {
        Event::Amended { by, plan, files, reason, announced, .. } => Some(ReportedAmendment {
            by: by.clone(),
            files: files.clone(),
            reason: reason.clone(),
            announced: *announced,
            plan: plan.clone(),
            at: stamped.at,
        }),
        _ => None,
    };
    events.iter().filter_map(amendment).collect()
}

/// The amendment by which the embargo ended before its hour.
pub(super) fn breach(amendments: &[ReportedAmendment]) -> Option<&ReportedAmendment> {
    amendments.iter().find(|amendment| amendment.reason.is_some())
}

fn count(events: &[StampedEvent], is: impl Fn(&Event) -> bool) -> u32 {
    let found = events.iter().filter(|stamped| is(&stamped.record)).count();
    u32::try_from(found).unwrap_or(u32::MAX)
}

fn operator_actions(events: &[StampedEvent]) -> OperatorActions {
    let decided = |is: fn(&Decision) -> bool| {
        count(events, |record| matches!(record, Event::Decided { decision, .. } if is(decision)))
    };
    let approvals = count(events, |record| matches!(record, Event::Approved { .. }));
    let confirmations = decided(|decision| matches!(decision, Decision::Confirmed | Decision::SendAgain));
    let waivers = decided(|decision| matches!(decision, Decision::Waived { .. }));
    let resolutions = decided(|decision| matches!(decision, Decision::Resolved { .. }));
    let total = approvals + confirmations + waivers + resolutions;
    OperatorActions { approvals, confirmations, waivers, resolutions, total }
}

/// Looking is no effect: only steps that could have acted are told.
fn adopted(plan: &Plan, events: &[StampedEvent]) -> Vec<Adopted> {
    events
        .iter()
        .filter_map(|stamped| match &stamped.record {
            Event::Done { step, how: Completion::Adopted, output }
                if acts(plan, step) && !skipped(output) =>
            {
                Some(Adopted { step: step.clone(), what: output.summary() })
            }
            _ => None,
        })
        .collect()
}

fn acts(plan: &Plan, step: &StepName) -> bool {
    plan.step(step).is_some_and(|step| step.kind.visibility() != crate::kinds::Visibility::Local)
}

fn skipped(output: &Output) -> bool {
    matches!(output, Output::Skipped(_))
}

fn failures(events: &[StampedEvent]) -> Vec<ReportedFailure> {
    events
        .iter()
        .filter_map(|stamped| match &stamped.record {
            Event::Failed { step, message, .. } => {
                Some(ReportedFailure { step: step.clone(), message: message.clone(), at: stamped.at })
            }
            _ => None,
        })
        .collect()
}

fn reruns(state: &State) -> u32 {
    let seen = state.facts.outputs.values().map(|output| match output {
        Output::Checks(checks) => checks.reruns,
        _ => 0,
    });
    let asked: u32 = state.facts.reruns.values().sum();
    seen.sum::<u32>().max(asked)
}

fn verified(plan: &Plan, state: &State) -> Vec<String> {
    plan.steps()
        .filter_map(|step| match state.facts.outputs.get(&step.name) {
            Some(Output::Verified(checks)) => Some(checks.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

fn entries(plan: &Plan, state: &State) -> Vec<String> {
    plan.of_kind(StepKind::WriteEntries)
        .filter_map(|step| match state.facts.outputs.get(&step.name) {
            Some(Output::Files(files)) => Some(files.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}
