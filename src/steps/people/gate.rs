//! `gate`: what only people and the clock can pass. An approval is for the digest of what was shown.

use jiff::{SignedDuration, Timestamp};

use super::approvals::{Approvals, WantedApprovals};
use super::lapse::lapsed_before;
use super::shown;
use super::taken_tags::taken_tags;
use crate::ids::Login;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Target;
use crate::steps::advisory::private_side::{broken_embargo, changes_there, check_all, exposures, unforeseen};
use crate::steps::context::{Applied, MovedHead, Observed, Question, QuestionKind, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::output::{Output, Passage};
use crate::steps::patch::pull_series::news;
use crate::wording::counted;
use crate::workflow::{Gate, READY, RELEASE_DAY};

/// The longest time between two looks at whether private sides are still private. A workflow's polling time is the shortest.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(3);

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let name = context.step.asks.as_deref().unwrap_or_default();
    if name == RELEASE_DAY {
        let disclosure = context.inputs().release.disclosure;
        if context.world.clock.now() < disclosure {
            return Ok(match broken_embargo(context).await? {
                Some(question) => Observed::Ask(question),
                None => Observed::Wait(until_the_hour(context, disclosure)),
            });
        }
        let lapsed = lapsed_before(context);
        if !lapsed.is_empty() {
            return Ok(Observed::Lapsed(lapsed));
        }
        // Once fixes are merged, heads are where they are by our own doing.
        let moved = if is_merging(context) { Vec::new() } else { moved_heads(context).await? };
        if !moved.is_empty() {
            return Ok(Observed::Moved(moved));
        }
    }
    if name == READY && context.world.clock.now() < context.inputs().release.disclosure {
        // Whoever approves must not learn afterwards that everybody has read what they kept to themselves. After the hour,
        // which a broken embargo brings forward, they are told of it: holding the release up would help nobody.
        if let Some(question) = broken_embargo(context).await? {
            return Ok(Observed::Ask(question));
        }
        check_all(context).await?;
    }
    let gate = context
        .inputs()
        .workflow
        .gate
        .get(name)
        .ok_or_else(|| StepError::internal(format!("the workflow has no `gate.{name}`")))?;
    Ok(match judge(context, name, gate) {
        Observed::Ask(question) => {
            let mut news = news(context).await?;
            news.extend(exposures(context).await?);
            news.extend(changes_there(context).await?);
            news.extend(unforeseen(context).await?);
            let (mut next, taken) = (question.next, taken_tags(context).await?);
            if !taken.is_empty() {
                next.push(Advice::then(
                    "for a tag that exists, state another version of its line in release.toml, then",
                    NextAction::Amend { digest: None },
                ));
            }
            news.extend(taken);
            Observed::Ask(Question { text: with_news(question.text, &news), next, ..question })
        }
        other => other,
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// Until the hour; in between it is looked whether what is private still is. The nearer the hour, the more often: half of the
/// time is always left to act in. A simulated clock jumps to the hour at once.
fn until_the_hour(context: &StepContext, hour: Timestamp) -> Wait {
    let wait = Wait::new(hour, format!("the disclosure time, {hour}"));
    if context.world.clock.is_simulated() {
        return wait;
    }
    let now = context.world.clock.now();
    let half = hour.duration_since(now) / 2;
    let pause = half.min(LOOK_EVERY).max(context.inputs().workflow.policy.poll);
    let meanwhile = now.checked_add(pause).ok().filter(|look| *look < hour);
    Wait { meanwhile, ..wait }
}

/// Whether fixes of the release are merged already: the gate was passed before, and is asked again after an amendment.
fn is_merging(context: &StepContext) -> bool {
    context.plan.of_kind(StepKind::MergePatch).any(|step| context.facts.outputs.contains_key(&step.name))
}

/// Who approves must know what the digest does not hold.
fn with_news(text: String, news: &[String]) -> String {
    news.iter().fold(text, |text, news| format!("{text} NOTE: {news}."))
}

fn judge(context: &StepContext, name: &str, gate: &Gate) -> Observed {
    let digest = shown::digest(&context.plan, &context.facts, &context.step);
    let approvals = Approvals::of(context.inputs(), &context.facts, &context.step, &digest);
    let missing = approvals.missing();
    if missing == 0 {
        let (by, at) = (approvals.given, context.world.clock.now());
        return Observed::Done(Output::Passed(Passage { digest, by, at }));
    }
    let lapsed = lapsed_words(&approvals.lapsed);
    let groups: String = approvals.wanting.iter().filter_map(of_a_group).collect();
    Observed::Ask(Question {
        text: format!("{} ({} needed{groups}.){lapsed}", gate.text, counted(missing, "more approval")),
        next: vec![NextAction::Approve { gate: name.to_owned(), digest: digest.clone() }.into()],
        kind: QuestionKind::Approval { digest, missing },
    })
}

/// What a group of the catalog still wants.
fn of_a_group(wanted: &WantedApprovals) -> Option<String> {
    let group = wanted.group.as_ref()?;
    let from: Vec<&str> = wanted.from.iter().map(Login::as_str).collect();
    Some(format!(", {} of `{group}` ({})", wanted.missing, from.join(", ")))
}

fn lapsed_words(lapsed: &[Login]) -> String {
    let names: Vec<&str> = lapsed.iter().map(Login::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" What {} approved earlier has changed since, so it lapsed.", names.join(" and ")),
    }
}

/// Branches whose public heads are no longer where the patches were made and proven.
async fn moved_heads(context: &StepContext) -> Result<Vec<MovedHead>, StepError> {
    let mut moved = Vec::new();
    for repo in context.inputs().repos() {
        let targets: Vec<&Target> =
            context.plan.targets_of(&repo.name).filter(|target| target.is_patched()).collect();
        let names: Vec<String> = targets.iter().map(|target| target.branch.full()).collect();
        let patterns: Vec<&str> = names.iter().map(String::as_str).collect();
        let heads = context.world.transport.ls_remote(&repo.name, &patterns).await?;
        for target in targets {
            let base = context.facts.head(target);
            match heads.get(&target.branch.full()).or(target.beginning()) {
                Some(head) if head == base => {}
                Some(head) => moved.push(MovedHead {
                    repo: target.repo.clone(),
                    branch: target.branch.clone(),
                    to: head.clone(),
                }),
                None => return Err(gone(target)),
            }
        }
    }
    Ok(moved)
}

fn gone(target: &Target) -> StepError {
    StepError::input(
        format!("the branch of {} is gone", target.label()),
        Advice::then("restore it, or take it out of the catalog, then", NextAction::Amend { digest: None }),
    )
}
