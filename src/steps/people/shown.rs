//! What a gate shows: the text whose digest is approved.

use std::fmt::Write as _;

use super::ahead::is_needless;
use super::texts::{ComingText, coming_texts};
use super::versions::version_tables;
use crate::ids::Digest;
use crate::kinds::{StepKind, Undo, Visibility};
use crate::plan::{Plan, Step, Subject, Target};
use crate::steps::facts::Facts;
use crate::steps::matrix_evidence::MatrixEvidence;
use crate::steps::output::{Output, PreparedRelease};
use crate::steps::patch::idle::released_before;
use crate::steps::patch::left_out::verdict_on;
use crate::workflow::{READY, RELEASE_DAY};

/// The digest of what a gate shows now, by which it is approved.
#[must_use]
pub fn digest(plan: &Plan, facts: &Facts, gate: &Step) -> Digest {
    Digest::of(shown(plan, facts, gate.asks.as_deref().unwrap_or_default()))
}

/// The text that a gate shows, whose digest is approved.
#[must_use]
pub fn shown(plan: &Plan, facts: &Facts, gate: &str) -> String {
    let mut text = format!("gate {gate} of {}\n", plan.inputs.release.id);
    // A gate before anything is carried is about the mail that follows it: what is carried later is no news to it.
    let is_gate = |step: &&Step| step.kind == StepKind::Gate && step.asks.as_deref() == Some(gate);
    let mut stacked = plan.steps().take_while(|step| !is_gate(step));
    let is_about_patches = stacked.any(|step| step.kind == StepKind::Stack);
    for target in plan.targets.iter().filter(|target| is_about_patches && target.is_patched()) {
        show_target(plan, facts, target, &mut text);
    }
    if gate == READY {
        show_versions(plan, facts, &mut text);
        show_answered_tags(plan, &mut text);
    }
    if gate != RELEASE_DAY {
        show_texts(plan, facts, is_about_patches, &mut text);
    }
    if gate == RELEASE_DAY {
        show_disclosure(plan, facts, &mut text);
    }
    text
}

/// Every text that will be public, whole; before anything is carried, the mails that say that something is coming.
fn show_texts(plan: &Plan, facts: &Facts, all: bool, text: &mut String) {
    let texts = match coming_texts(plan, facts) {
        Ok(texts) => texts,
        Err(error) => {
            let _ = writeln!(text, "\ntexts cannot be put together yet: {error}");
            return;
        }
    };
    let advance =
        |one: &ComingText| plan.of_kind(StepKind::AdvanceMail).any(|step| step.name.as_str() == one.of);
    for one in texts.iter().filter(|one| all || advance(one)) {
        let _ = writeln!(text, "\n{} {}:", one.kind.noun(), one.of);
        for line in one.text.lines() {
            let _ = writeln!(text, "  | {line}");
        }
    }
}

fn show_target(plan: &Plan, facts: &Facts, target: &Target, text: &mut String) {
    let subject =
        Subject { repo: Some(target.repo.clone()), branch: Some(target.branch.clone()), advisory: None };
    let _ = writeln!(text, "\n{} on {}", target.label(), facts.base(target).short());
    if let Some(stated) = &target.stated_base {
        let _ = writeln!(text, "  from {}, then merged into `{}`", stated.name, target.branch);
    }
    if let Some(name) = &target.begins_at {
        let _ = writeln!(text, "  a new branch that begins at {name}");
    }
    for advisory in &target.advisories {
        if let Some(verdict) = verdict_on(plan, facts, target, advisory) {
            let _ = writeln!(text, "  {advisory}: {}", verdict.summary());
            for evidence in &verdict.evidence {
                let _ = writeln!(text, "    {evidence}");
            }
        }
    }
    if let Some(version) = released_before(plan, facts, target) {
        let _ = writeln!(
            text,
            "  released already as {version}, with every fix: no other release is made (`version` for the line in release.toml \
             makes one all the same)"
        );
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
    if let Some(Output::Skipped(why)) = facts.output(StepKind::Prove, &subject) {
        let _ = writeln!(text, "  not tested: {why}");
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
        if let Some(matrix) = facts.matrix_evidence(StepKind::Prove, &subject) {
            show_matrix(matrix, text);
        }
        let prove = plan.find(StepKind::Prove, &subject);
        if let Some((reason, by)) = prove.and_then(|step| facts.waiver_of(&step.name, &evidence.tree)) {
            let _ = writeln!(text, "  WAIVED by {by}: {reason}");
        }
    }
}

/// What the project's own CI said: counts, and by name what is not among those that passed.
fn show_matrix(matrix: &MatrixEvidence, text: &mut String) {
    let _ = writeln!(text, "  CI: {}", matrix.headline());
    for remark in matrix.remarks() {
        let _ = writeln!(text, "    {remark}");
    }
    if let Some(isolation) = matrix.least_isolation().filter(|isolation| !isolation.is_whole()) {
        let _ = writeln!(text, "    {isolation}");
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
    for table in version_tables(plan, facts) {
        text.push_str(&table.text);
    }
    for (repo, state) in plan.snapshot.repos.iter().filter(|(_, state)| !state.unread.is_empty()) {
        let _ = writeln!(
            text,
            "\ntags of {repo} that count for no version of their own: whoever approves says that they are none (`[[tag]]` in \
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

fn show_disclosure(plan: &Plan, facts: &Facts, text: &mut String) {
    if let Some(ready) = facts.passage(plan, READY) {
        let _ = writeln!(text, "\nready was approved at {}", ready.digest);
    }
    let _ = writeln!(text, "\nfrom {} on these become public:", plan.inputs.release.disclosure);
    let is_coming =
        |step: &&Step| step.kind.visibility() == Visibility::Public && !is_needless(plan, facts, step);
    for step in plan.steps().filter(is_coming) {
        let undo = match step.kind.undo() {
            Undo::Impossible(_) => " (cannot be undone)",
            _ => "",
        };
        let _ = writeln!(text, "  {}{undo}", step.name);
    }
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
