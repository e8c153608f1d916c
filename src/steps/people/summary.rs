//! A gate on one screen: what it is about, how much, what needs a look first, what cannot be undone. All of it is in the text
//! whose digest is approved.

use std::fmt::Write as _;

use super::ahead::{Appearance, appearance, is_ahead};
use super::texts::{ComingText, TextKind, coming_texts};
use super::versions::counted_versions;
use crate::kinds::{StepKind, Undo, Visibility, counted_kinds};
use crate::plan::{Plan, Step, Target};
use crate::release::{Advisory, Fix, NotAffected};
use crate::steps::facts::Facts;
use crate::steps::matrix_evidence::MatrixEvidence;
use crate::steps::output::Output;
use crate::steps::patch::absent;
use crate::steps::patch::idle::makes_no_release;
use crate::steps::patch::left_out::{gets_nothing, left_out_with, taken};
use crate::steps::patch::series::series_of;
use crate::steps::patch::stacked::holds_nothing;
use crate::steps::patch::version_table::{DecidedBy, lines_later, lines_without_word, rows};
use crate::steps::records::write_entries;
use crate::wording::counted;
use crate::workflow::{READY, RELEASE_DAY};

/// What a line begins with that whoever approves has to look at.
pub const REMARK: &str = "NEEDS REVIEW: ";

/// The gate on one screen, as far as there is room for what needs review. The mails that it lets out are in [`mails`].
#[must_use]
pub fn summary(plan: &Plan, facts: &Facts, gate: &Step) -> String {
    let name = gate.asks.as_deref().unwrap_or_default();
    let mut text = format!("gate {name} of {}\n", plan.inputs.release.id);
    let _ = writeln!(text, "  {}", amounts(plan, facts));
    left_out(plan, facts, &mut text);
    remarks(plan, facts, &mut text);
    matrices(plan, facts, &mut text);
    if name == READY
        && let Some(counts) = counted_versions(plan, facts)
    {
        let _ = writeln!(text, "  versions: {counts}");
    }
    match coming_texts(plan, facts) {
        Ok(texts) => {
            public(plan, facts, gate, &texts, &mut text);
            let _ = writeln!(text, "  cannot be undone: {}", lasting(plan, facts));
            for mail in mails_ahead(plan, facts, gate, &texts) {
                let _ = writeln!(text, "  {} goes out next, as it stands above", mail.of);
            }
        }
        Err(error) => {
            let _ = writeln!(text, "  texts cannot be put together yet: {error}");
            let _ = writeln!(text, "  cannot be undone: {}", lasting(plan, facts));
        }
    }
    text
}

/// What the release comes to, as people have decided by now.
fn amounts(plan: &Plan, facts: &Facts) -> String {
    let gets_fix = |target: &&Target| {
        let is_held = || holds_nothing(facts, target).unwrap_or(false);
        taken(plan, facts, target).next().is_some() && !is_held()
    };
    let is_released = |target: &&Target| target.release.is_some() && !makes_no_release(plan, facts, target);
    let patched = plan.targets.iter().filter(gets_fix).count();
    let released = plan.targets.iter().filter(is_released).count();
    let advisories = plan.inputs.release.advisories.len();
    format!(
        "{} on {}, {}",
        counted(advisories, "advisory"),
        counted(patched, "branch"),
        counted(released, "release")
    )
}

/// The branches that get nothing, by what people decided.
fn left_out(plan: &Plan, facts: &Facts, text: &mut String) {
    let nothing = plan.targets.iter().filter(|target| gets_nothing(plan, facts, target));
    let names: Vec<String> = nothing.map(Target::label).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "  left out: {}", names.join(", "));
    }
}

/// What was no plain clean pick, failed and was waived, or was left unread: whoever approves begins there.
fn remarks(plan: &Plan, facts: &Facts, text: &mut String) {
    let mut remarks = waivers(plan, facts);
    remarks.extend(lines_left_out(plan, facts));
    remarks.extend(lines_left_behind(plan));
    remarks.extend(untold(plan, facts));
    remarks.extend(absent::remarks(plan, facts));
    for step in plan.steps().filter(|step| left_out_with(plan, facts, step).is_none()) {
        let reasons = match facts.outputs.get(&step.name) {
            Some(Output::Patch(patch)) if step.kind == StepKind::Stack => &patch.review,
            Some(Output::Bump(bump)) => &bump.review,
            _ => continue,
        };
        remarks.extend(reasons.iter().map(|reason| format!("{}: {reason}", step.subject)));
    }
    if remarks.is_empty() {
        text.push_str("  every pick was plain and clean\n");
    }
    for remark in remarks {
        let _ = writeln!(text, "  {REMARK}{remark}");
    }
}

/// The branches that are released although their line's newest release was made elsewhere.
fn lines_left_behind(plan: &Plan) -> Vec<String> {
    let released = plan.targets.iter().filter(|target| target.release.is_some());
    let behind = released.filter_map(|target| {
        let lacking = plan.snapshot.repos.get(&target.repo)?.branches.get(&target.branch)?.lacking()?;
        Some(format!("{}: {lacking}", target.label()))
    });
    behind.collect()
}

/// The advisories of which the databases that read OSV are told nothing.
fn untold(plan: &Plan, facts: &Facts) -> Vec<String> {
    let of = |step: &Step| {
        let advisory = plan.inputs.release.advisory(step.subject.advisory.as_ref()?)?;
        Some(format!("{}: {}", advisory.id, write_entries::untold(plan, facts, advisory)?))
    };
    plan.of_kind(StepKind::WriteEntries).filter_map(of).collect()
}

/// The branches that count as proven because people said so.
fn waivers(plan: &Plan, facts: &Facts) -> Vec<String> {
    let waived = |step: &Step| {
        let tree = &facts.evidence(StepKind::Prove, &step.subject).ok()?.tree;
        let (reason, by) = facts.waiver_of(&step.name, tree)?;
        Some(format!("{}: not all of it passed, waived by {by}: {reason}", step.subject))
    };
    plan.of_kind(StepKind::Prove).filter_map(waived).collect()
}

/// What the projects' own CI said, in a line, and what of it did not pass. What was not attempted stands in the whole text.
fn matrices(plan: &Plan, facts: &Facts, text: &mut String) {
    let asked: Vec<(&Step, &MatrixEvidence)> = plan
        .of_kind(StepKind::Prove)
        .filter_map(|step| Some((step, facts.matrix_evidence(StepKind::Prove, &step.subject)?)))
        .collect();
    if asked.is_empty() {
        return;
    }
    let all: usize = asked.iter().map(|(_, matrix)| matrix.count()).sum();
    let attempted: usize = asked.iter().map(|(_, matrix)| matrix.attempted.len()).sum();
    let passed: usize = asked.iter().map(|(_, matrix)| matrix.passed().count()).sum();
    let (failed, left) = (attempted - passed, all - attempted);
    let (all, on) = (counted(all, "CI entry"), counted(asked.len(), "branch"));
    let _ = writeln!(text, "  {passed} of {all} on {on} passed, {failed} did not, {left} not attempted");
    let not_passed = asked.iter().flat_map(|(step, matrix)| {
        matrix.not_passed().map(move |entry| format!("{}: {entry}", step.subject))
    });
    for remark in not_passed {
        let _ = writeln!(text, "  {REMARK}{remark}");
    }
}

/// What becomes public when, in the order in which it does.
fn public(plan: &Plan, facts: &Facts, gate: &Step, texts: &[ComingText], text: &mut String) {
    let when = |one: &ComingText| appearance(plan, facts, plan.step(&one.step)?);
    let gates = plan.of_kind(StepKind::Gate).filter_map(|gate| gate.asks.as_deref());
    let approved = gates.filter(|gate| *gate != RELEASE_DAY).map(Appearance::Approved);
    let mut all: Vec<Appearance<'_>> =
        [Appearance::Already, Appearance::Next].into_iter().chain(approved).collect();
    all.push(Appearance::Hour);
    for appearance in all {
        let counts = counts(texts.iter().filter(|one| when(one) == Some(appearance)));
        if !counts.is_empty() {
            let _ = writeln!(text, "  {}: {counts}", begins(plan, gate, appearance));
        }
    }
}

fn begins(plan: &Plan, gate: &Step, appearance: Appearance<'_>) -> String {
    match appearance {
        Appearance::Already => "public already".to_owned(),
        Appearance::Next => "public at once".to_owned(),
        Appearance::Approved(name) if gate.asks.as_deref() == Some(name) => {
            "public once this is approved".to_owned()
        }
        Appearance::Approved(name) => format!("public once `{name}` is approved"),
        Appearance::Hour => format!("public from {} on", plan.inputs.release.disclosure),
    }
}

/// How many there are of each kind.
fn counts<'a>(texts: impl Iterator<Item = &'a ComingText>) -> String {
    let kinds: Vec<TextKind> = texts.map(|text| text.kind).collect();
    let all = [TextKind::Mail, TextKind::Advisory, TextKind::Pull, TextKind::Record].into_iter();
    let counted = all.filter_map(|kind| {
        let count = kinds.iter().filter(|one| **one == kind).count();
        (count > 0).then(|| counted(count, kind.noun()))
    });
    counted.collect::<Vec<String>>().join(", ")
}

/// The affected lines that the release file leaves without the fix of an advisory.
fn lines_left_out(plan: &Plan, facts: &Facts) -> Vec<String> {
    let mut remarks = Vec::new();
    for repo in plan.inputs.repos() {
        let later = lines_later(plan, &repo.name).into_iter();
        remarks.extend(later.map(|remark| format!("{}: {remark}", repo.name)));
    }
    for advisory in &plan.inputs.release.advisories {
        for fix in &advisory.fixes {
            remarks.extend(said_not_affected(plan, facts, advisory, fix));
        }
        for fix in advisory.fixes.iter().filter(|fix| !fix.branches.is_empty()) {
            for series in series_of(plan, advisory, &fix.repo) {
                let told = lines_without_word(&rows(plan, facts, advisory, series)).into_iter();
                remarks.extend(told.map(|remark| format!("{series} {}: {remark}", advisory.id)));
            }
        }
    }
    remarks
}

/// The branches of which the release file says that they are not affected, a clause each, with what their content says to that.
fn said_not_affected(plan: &Plan, facts: &Facts, advisory: &Advisory, fix: &Fix) -> Vec<String> {
    let mut remarks = Vec::new();
    for NotAffected { branch, because, by } in &fix.not_affected {
        let by = by.as_ref().unwrap_or(&plan.inputs.release.manager);
        let rows = series_of(plan, advisory, &fix.repo)
            .into_iter()
            .flat_map(|series| rows(plan, facts, advisory, series));
        let against = rows
            .filter(|row| row.origin.branch() == Some(branch) && matches!(row.decided, DecidedBy::Said(..)));
        let against: Vec<String> = against.map(|row| row.version.to_string()).collect();
        let content = match against.as_slice() {
            [] => String::new(),
            versions => format!("; by their content {} carry it, or may", versions.join(", ")),
        };
        let (repo, id) = (&fix.repo, &advisory.id);
        remarks.push(format!("{repo} {branch} {id}: {by} says that it is not affected: {because}{content}"));
    }
    remarks
}

/// The kinds of step ahead that cannot be undone, with how many there are of each.
fn lasting(plan: &Plan, facts: &Facts) -> String {
    let is_ahead = |step: &&Step| {
        let lasts = matches!(step.kind.undo(), Undo::Impossible(_));
        lasts && step.kind.visibility() != Visibility::Local && is_ahead(plan, facts, step)
    };
    let told = counted_kinds(plan.steps().filter(is_ahead).map(|step| step.kind)).into_iter();
    let told =
        told.map(|(kind, count)| if count == 1 { kind.to_string() } else { format!("{kind} ({count})") });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "nothing more".to_owned() } else { told.join(", ") }
}

/// The mails that this gate lets out before the disclosure time, whole: they are the first that cannot be taken back. Empty where it
/// lets out none, or they cannot be put together yet.
#[must_use]
pub fn mails(plan: &Plan, facts: &Facts, gate: &Step) -> String {
    let texts = coming_texts(plan, facts).unwrap_or_default();
    let mut text = String::new();
    for mail in mails_ahead(plan, facts, gate, &texts) {
        let _ = writeln!(text, "{}:\n", mail.of);
        for line in mail.text.lines() {
            let _ = writeln!(text, "  | {line}");
        }
        text.push('\n');
    }
    text
}

fn mails_ahead<'t>(plan: &Plan, facts: &Facts, gate: &Step, texts: &'t [ComingText]) -> Vec<&'t ComingText> {
    let next = [Some(Appearance::Next), gate.asks.as_deref().map(Appearance::Approved)];
    let is_ahead = |mail: &&ComingText| {
        let step = plan.step(&mail.step).filter(|step| step.kind == StepKind::AdvanceMail);
        let when = step.and_then(|step| appearance(plan, facts, step));
        mail.kind == TextKind::Mail && when.is_some() && next.contains(&when)
    };
    texts.iter().filter(is_ahead).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::steps::output::{BranchDecision, BranchVerdict, Patch};

    #[test]
    fn line_that_lacks_its_newest_release_needs_review() {
        let mut plan = demo_plan("wamr");
        assert!(lines_left_behind(&plan).is_empty());
        let target = plan.targets.iter().find(|target| target.release.is_some()).unwrap().clone();
        let repo = plan.snapshot.repos.get_mut(&target.repo).unwrap();
        repo.branches.get_mut(&target.branch).unwrap().lacks = Some("v2.4.9".to_owned());
        let said = lines_left_behind(&plan).remove(0);
        assert!(said.starts_with(&format!("{}: `v2.4.9`, the newest release", target.label())), "{said}");
    }

    fn told(plan: &Plan, facts: &Facts, gate: &str) -> String {
        summary(plan, facts, plan.gate(gate).unwrap())
    }

    /// The number before a word, in the line that begins with these words.
    fn number(text: &str, line: &str, before: &str) -> usize {
        let line = text.lines().find(|one| one.trim_start().starts_with(line)).unwrap_or_default();
        let count =
            line.split(&format!(" {before}")).next().and_then(|words| words.rsplit([' ', ',']).next());
        count.and_then(|count| count.parse().ok()).unwrap_or_default()
    }

    /// People left the branch out of all its advisories.
    fn leave_out(plan: &Plan, facts: &mut Facts, target: &Target) {
        for advisory in &target.advisories {
            let step = plan.find(StepKind::Assess, &target.subject_for(advisory)).unwrap();
            let verdict = BranchVerdict {
                verdict: "possibly".into(),
                evidence: Vec::new(),
                versions: Vec::new(),
                released: Vec::new(),
                decision: Some(BranchDecision::LeftOut {
                    by: "mara".parse().unwrap(),
                    reason: "older".into(),
                }),
            };
            facts.outputs.insert(step.name.clone(), Output::Verdict(verdict));
        }
    }

    #[test]
    fn branch_that_people_left_out_is_counted_nowhere() {
        let plan = demo_plan("github");
        let mut facts = Facts::default();
        let before = told(&plan, &facts, READY);
        let is_alone = |target: &&Target| target.release.is_some() && target.carries.is_empty();
        let target = plan.targets.iter().find(is_alone).unwrap();
        leave_out(&plan, &mut facts, target);
        let after = told(&plan, &facts, READY);
        assert!(after.contains(&format!("  left out: {}\n", target.label())), "{after}");
        assert!(!before.contains("left out"), "{before}");
        assert_eq!(number(&before, "2 adv", "branch"), number(&after, "2 adv", "branch") + 1);
        assert_eq!(number(&before, "2 adv", "release"), number(&after, "2 adv", "release") + 1);
    }

    #[test]
    fn counts_are_of_what_will_happen() {
        let plan = demo_plan("github");
        let mut facts = Facts::default();
        let before = told(&plan, &facts, READY);
        for target in &plan.targets {
            leave_out(&plan, &mut facts, target);
        }
        let after = told(&plan, &facts, READY);
        assert!(before.contains("trigger-release (") && before.contains(" pull requests"), "{before}");
        assert!(after.contains("2 advisories on 0 branches, 0 releases\n"), "{after}");
        for gone in ["pull request", "merge-patch", "merge-bump", "trigger-release"] {
            assert!(!after.contains(gone), "{gone}: {after}");
        }
        let shown = crate::steps::gate_shown(&plan, &facts, RELEASE_DAY);
        assert!(!shown.contains("open-pull/") && shown.contains("publish-advisory/"), "{shown}");
    }

    #[test]
    fn branch_that_gets_the_fixes_later_needs_review_with_its_reason() {
        let mut plan = demo_plan("github");
        let (repo, branch) = (plan.targets[0].repo.clone(), plan.targets[0].branch.clone());
        let told = |plan: &Plan| told(plan, &Facts::default(), READY);
        assert!(!told(&plan).contains("later"));
        plan.inputs.release.lines.push(
            toml::from_str(&format!("repo = '{repo}'\nbranch = '{branch}'\nlater = 'in May'")).unwrap(),
        );
        let expected = format!("NEEDS REVIEW: {repo}: `{branch}` gets the fixes later: in May\n");
        assert!(told(&plan).contains(&expected), "{}", told(&plan));
    }

    #[test]
    fn branch_that_has_every_fix_gets_no_pull_request_of_them() {
        let plan = demo_plan("github");
        let target = plan.targets.iter().find(|target| target.release.is_none()).unwrap();
        let mut facts = Facts::default();
        let before = number(&told(&plan, &facts, READY), "public from", "pull request");
        let stack = Patch {
            head: target.base.clone(),
            base: target.base.clone(),
            tree: "7".repeat(40).parse().unwrap(),
            commits: Vec::new(),
            review: Vec::new(),
            resolved: None,
        };
        let step = plan.find(StepKind::Stack, &target.subject()).unwrap();
        facts.outputs.insert(step.name.clone(), Output::Patch(stack));
        assert_eq!(number(&told(&plan, &facts, READY), "public from", "pull request") + 1, before);
    }

    #[test]
    fn hour_of_each_mail_and_pull_request_is_its_own() {
        let plan = demo_plan("wasmtime");
        let hour = plan.inputs.release.disclosure;
        let mut facts = Facts::default();
        let ready = told(&plan, &facts, READY);
        // Those that carry other repositories' releases wait for them.
        let bumps = plan.of_kind(StepKind::OpenBump).filter(|step| plan.is_before_the_hour(step)).count();
        assert_eq!(bumps, 3);
        assert!(
            ready.contains(&format!("  public once this is approved: 1 mail, {bumps} pull requests\n")),
            "{ready}"
        );
        assert!(ready.contains(&format!("  public from {hour} on: 1 mail, 2 advisories, ")), "{ready}");
        assert!(ready.contains("  advance-mail goes out next, as it stands above\n"), "{ready}");
        let gate = plan.gate(READY).unwrap();
        let mail = mails(&plan, &facts, gate);
        assert!(mail.starts_with("advance-mail:\n\n  | From: ") && !mail.contains("release-mail"), "{mail}");

        let is_early = |step: &&Step| plan.is_before_the_hour(step) || step.asks.as_deref() == Some(READY);
        for step in plan.steps().filter(is_early) {
            facts.outputs.insert(step.name.clone(), Output::Note("done".into()));
        }
        let day = told(&plan, &facts, RELEASE_DAY);
        assert!(day.contains(&format!("  public already: 1 mail, {bumps} pull requests\n")), "{day}");
        assert!(!day.contains("goes out next") && !day.contains("advance-mail"), "{day}");
    }

    #[test]
    fn tests_that_people_waived_need_review() {
        let plan = demo_plan("github");
        let step = plan.of_kind(StepKind::Prove).next().unwrap();
        let mut facts = Facts::default();
        let tree: crate::ids::TreeId = "7".repeat(40).parse().unwrap();
        let host = serde_json::json!({ "os": "linux", "architecture": "x86_64", "cores": 2 });
        let evidence = serde_json::json!({ "tree": tree, "started": "2026-03-09T00:00:00Z", "host": host, "results": [] });
        facts.outputs.insert(step.name.clone(), Output::Evidence(serde_json::from_value(evidence).unwrap()));
        let reason = "flaky on this machine".to_owned();
        facts.decisions.insert(step.name.clone(), crate::steps::Decision::Waived { reason });
        facts.decided_by.insert(step.name.clone(), "ines".parse().unwrap());
        assert!(!told(&plan, &facts, READY).contains("waived by"), "it was waived for another tree");
        facts.decided_trees.insert(step.name.clone(), tree);
        let told = told(&plan, &facts, READY);
        let review = format!("NEEDS REVIEW: {}: not all of it passed, waived by ines: flaky", step.subject);
        assert!(told.contains(&review), "{told}");
    }
}
