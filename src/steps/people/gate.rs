//! `gate`: what only people and the clock can pass. An approval is for the digest of what was shown.

use std::fmt::Write as _;

use super::approvals::Approvals;
use crate::egress::Disclosed;
use crate::ids::{Digest, Login};
use crate::kinds::{StepKind, Undo, Visibility};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Subject, Target};
use crate::steps::advisory::private_side::check_all;
use crate::steps::context::{Applied, MovedHead, Observed, Question, QuestionKind, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::output::{Output, Passage, PreparedRelease};
use crate::steps::patch::left_out::verdict_on;
use crate::steps::patch::lines::{lines_without_fix, series_of};
use crate::steps::patch::pull_series::news;
use crate::steps::patch::version_table::{VersionRow, rows};
use crate::wording::counted;
use crate::workflow::{Gate, READY, RELEASE_DAY};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let name = context.step.asks.as_deref().unwrap_or_default();
    if name == RELEASE_DAY {
        let disclosure = context.inputs().release.disclosure;
        if context.world.clock.now() < disclosure {
            return Ok(Observed::Wait(Wait::new(disclosure, format!("the disclosure time, {disclosure}"))));
        }
        let moved = moved_heads(context).await?;
        if !moved.is_empty() {
            return Ok(Observed::Moved(moved));
        }
    }
    if name == READY {
        // Whoever approves must not learn afterwards that everybody has read what they kept to themselves. On release
        // day it is too late for that, and holding the day up would help nobody.
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
            Observed::Ask(Question { text: with_news(question.text, &news(context).await?), ..question })
        }
        other => other,
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// Who approves must know what the digest does not hold.
fn with_news(text: String, news: &[String]) -> String {
    news.iter().fold(text, |text, news| format!("{text} NOTE: {news}."))
}

fn judge(context: &StepContext, name: &str, gate: &Gate) -> Observed {
    let digest = Digest::of(shown(&context.plan, &context.facts, name));
    let Approvals { given, lapsed } =
        Approvals::of(context.inputs(), &context.facts, &context.step.name, &digest);
    if given.len() >= gate.approvals {
        return Observed::Done(Output::Passed(Passage { digest, by: given, at: context.world.clock.now() }));
    }
    let missing = gate.approvals - given.len();
    let lapsed = lapsed_words(&lapsed);
    Observed::Ask(Question {
        text: format!("{} ({} needed.){lapsed}", gate.text, counted(missing, "more approval")),
        next: vec![NextAction::Approve { gate: name.to_owned(), digest: digest.clone() }.into()],
        kind: QuestionKind::Approval { digest, missing },
    })
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
            match heads.get(&target.branch.full()) {
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

/// The text that a gate shows, whose digest is approved.
#[must_use]
pub fn shown(plan: &Plan, facts: &Facts, gate: &str) -> String {
    let mut text = format!("gate {gate} of {}\n", plan.inputs.release.id);
    for target in plan.targets.iter().filter(|target| target.is_patched()) {
        show_target(plan, facts, target, &mut text);
    }
    if gate == READY {
        show_versions(plan, facts, &mut text);
        show_answered_tags(plan, &mut text);
    }
    if gate == RELEASE_DAY {
        show_disclosure(plan, facts, &mut text);
    }
    text
}

fn show_target(plan: &Plan, facts: &Facts, target: &Target, text: &mut String) {
    let subject =
        Subject { repo: Some(target.repo.clone()), branch: Some(target.branch.clone()), advisory: None };
    let _ = writeln!(text, "\n{} on {}", target.label(), facts.base(target).short());
    if let Some(stated) = &target.stated_base {
        let _ = writeln!(text, "  from {}, then merged into `{}`", stated.name, target.branch);
    }
    for advisory in &target.advisories {
        if let Some(verdict) = verdict_on(plan, facts, target, advisory) {
            let _ = writeln!(text, "  {advisory}: {}", verdict.summary());
            for evidence in &verdict.evidence {
                let _ = writeln!(text, "    {evidence}");
            }
        }
    }
    match facts.patch(StepKind::Stack, &subject) {
        Ok(patch) => {
            let _ = writeln!(text, "  tree {}", patch.tree);
            for commit in &patch.commits {
                let from =
                    commit.from.as_ref().map_or(String::new(), |from| format!(" from {}", from.short()));
                let _ = writeln!(text, "  {} {}{from}", commit.commit.short(), commit.subject);
            }
            for reason in &patch.review {
                let _ = writeln!(text, "  NEEDS REVIEW: {reason}");
            }
        }
        Err(_) => text.push_str("  not stacked yet\n"),
    }
    if let Ok(bump) = facts.bump(StepKind::PrepareBump, &subject) {
        let files = if bump.files.is_empty() { "no file".to_owned() } else { bump.files.join(", ") };
        let _ = writeln!(text, "  bump {} {}: {files}", bump.commit.short(), bump.title);
        for reason in &bump.review {
            let _ = writeln!(text, "  NEEDS REVIEW: {reason}");
        }
    }
    if let Ok(after) = facts.bump(StepKind::PrepareDevelopment, &subject) {
        let _ = writeln!(text, "  after the release {}: {}", after.title, after.files.join(", "));
    }
    if let Ok(release) = facts.release_text(StepKind::PrepareRelease, &subject) {
        show_release(release, text);
    }
    match facts.output(StepKind::PrepareMerge, &subject) {
        Some(Output::Patch(merge)) => {
            let _ = writeln!(
                text,
                "  merge {} into {}: tree {}",
                merge.head.short(),
                merge.base.short(),
                merge.tree
            );
        }
        Some(other) => {
            let _ = writeln!(text, "  merge: {}", other.summary());
        }
        None => {}
    }
    if let Ok(evidence) = facts.evidence(StepKind::Prove, &subject) {
        for result in &evidence.results {
            let _ = writeln!(text, "  test {}: {}", result.name, result.outcome);
        }
        if let Some(isolation) = evidence.least_isolation().filter(|isolation| !isolation.is_whole()) {
            let _ = writeln!(text, "  {isolation}");
        }
        if !evidence.absent.is_empty() {
            let _ = writeln!(text, "  tested without {}", evidence.absent.join(", "));
        }
        let prove = plan.find(StepKind::Prove, &subject);
        if let Some((reason, by)) = prove.and_then(|step| facts.waiver_of(&step.name, &evidence.tree)) {
            let _ = writeln!(text, "  WAIVED by {by}: {reason}");
        }
    }
}

/// The GitHub Release as it will be published.
fn show_release(release: &PreparedRelease, text: &mut String) {
    let _ = writeln!(text, "  GitHub Release \"{}\"", release.title);
    for line in release.body.lines() {
        let _ = writeln!(text, "  | {line}");
    }
    for asset in &release.assets {
        let _ = writeln!(text, "  file {}: {}", asset.name, asset.file);
    }
}

/// The whole table of versions, from which the advisories' ranges follow, and what counts for no version.
fn show_versions(plan: &Plan, facts: &Facts, text: &mut String) {
    for advisory in &plan.inputs.release.advisories {
        for fix in &advisory.fixes {
            for series in series_of(plan, advisory, &fix.repo) {
                let _ = writeln!(text, "\nversions of {series} in {}", advisory.id);
                show_rows(&rows(plan, facts, advisory, series), text);
            }
            for line in lines_without_fix(plan, facts, advisory, &fix.repo) {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    for (repo, state) in plan.snapshot.repos.iter().filter(|(_, state)| !state.unread.is_empty()) {
        let _ = writeln!(
            text,
            "\ntags of {repo} that count for no version: whoever approves says that they are none (`[[tag]]` in \
             release.toml answers them)"
        );
        for tags in &state.unread {
            let _ = writeln!(text, "  {tags}");
        }
    }
}

/// Tags of which the release file says what they are.
fn show_answered_tags(plan: &Plan, text: &mut String) {
    for (repo, answers) in plan.answered_tags() {
        let _ = writeln!(text, "\ntags of {repo} of which release.toml says what they are");
        for answer in answers {
            let _ = writeln!(text, "  {answer}");
        }
    }
}

fn show_rows(rows: &[VersionRow], text: &mut String) {
    for row in rows {
        let from = if row.tag.is_empty() { String::new() } else { format!(" ({}, {})", row.tag, row.origin) };
        let _ = writeln!(text, "  {}{from}: {}, {}", row.version, row.finding, row.decided);
    }
}

fn show_disclosure(plan: &Plan, facts: &Facts, text: &mut String) {
    if let Some(ready) = facts.passage(plan, READY) {
        let _ = writeln!(text, "\nready was approved at {}", ready.digest);
    }
    let _ = writeln!(text, "\nfrom {} on these become public:", plan.inputs.release.disclosure);
    for step in plan.steps().filter(|step| step.kind.visibility() == Visibility::Public) {
        let undo = match step.kind.undo() {
            Undo::Impossible(_) => " (cannot be undone)",
            _ => "",
        };
        let _ = writeln!(text, "  {}{undo}", step.name);
    }
}

/// Leave to act in public: only once the release-day gate was passed.
#[must_use]
pub fn disclosed(context: &StepContext) -> Option<Disclosed> {
    let passage = context.facts.passage(&context.plan, RELEASE_DAY)?;
    Some(Disclosed::by_release_day_gate(passage.digest.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;

    #[test]
    fn answers_for_tags_are_shown_with_whose_they_are() {
        let mut plan = demo_plan("wamr");
        let repo = &plan.inputs.catalog.repos[0].name;
        let answer = format!("repo = '{repo}'\nname = 'nightly-*'\nignore = 'built each night'\nby = 'tove'");
        let expected = format!(
            "\ntags of {repo} of which release.toml says what they are\n  `nightly-*` (0 tags): no version, by tove: built \
             each night\n"
        );
        plan.inputs.release.tags.push(toml::from_str(&answer).unwrap());
        assert!(shown(&plan, &Facts::default(), READY).contains(&expected));
        assert!(!shown(&plan, &Facts::default(), RELEASE_DAY).contains("nightly"));
    }
}
