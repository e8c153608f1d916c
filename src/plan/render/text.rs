//! The plan as a manager reads it aloud before a release: what goes where, in which order, past which gates, and
//! what can be undone.

use std::fmt::Write as _;

use super::{ci_tags, matrix, merges, page, policies, refused, requests, tags};
use crate::catalog::{Package, Repo, Trigger};
use crate::kinds::{Phase, StepKind, Undo};
use crate::plan::{LineRelease, Plan, Step, Tagging, Target};
use crate::release::{Advisory, CveWish, Fix, FixSource};
use crate::wording::counted;

/// With every step.
pub(super) fn render(plan: &Plan) -> serde_json::Result<String> {
    let mut out = String::new();
    whole(plan, Branches::Listed, &mut out)?;
    phases(plan, &mut out);
    requests::render(plan, &mut out);
    Ok(out)
}

/// On one page.
pub(super) fn page(plan: &Plan) -> serde_json::Result<String> {
    let mut out = String::new();
    whole(plan, Branches::Counted, &mut out)?;
    page::render(plan, &mut out);
    requests::render(plan, &mut out);
    Ok(out)
}

/// Whether the branches of a fix are listed below it; those of the targets are listed in any case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Branches {
    Listed,
    Counted,
}

/// What goes where.
fn whole(plan: &Plan, branches: Branches, out: &mut String) -> serde_json::Result<()> {
    head(plan, out)?;
    advisories(plan, branches, out);
    targets(plan, out);
    policies::render(plan, out);
    merges::render(plan, out);
    refused::render(plan, out);
    ci_tags::render(plan, out);
    matrix::render(plan, out);
    tags::render(plan, out);
    Ok(())
}

fn head(plan: &Plan, out: &mut String) -> serde_json::Result<()> {
    let release = &plan.inputs.release;
    let _ = writeln!(out, "{} ({})", release.title, release.id);
    let _ = writeln!(out, "  incident manager  {}", release.manager);
    let _ = writeln!(out, "  disclosure        {}", release.disclosure);
    let _ =
        writeln!(out, "  workflow          {}: {}", plan.inputs.workflow.name, plan.inputs.workflow.title);
    let _ =
        writeln!(out, "  plan              {} steps, digest {}", plan.step_count(), plan.digest()?.short());
    Ok(())
}

fn advisories(plan: &Plan, branches: Branches, out: &mut String) {
    out.push_str("\nAdvisories\n");
    for advisory in &plan.inputs.release.advisories {
        let rating = advisory.rating().map_or("severity not set", |rating| rating.as_str());
        let _ = writeln!(out, "  {}  {} ({rating}; {})", advisory.id, advisory.summary, cve(advisory));
        for fix in &advisory.fixes {
            let from = match fix.source() {
                FixSource::Pull(number) => format!("pull request {number} on the private side"),
                FixSource::Commits(commits) => {
                    format!("{} on the private side", counted(commits.len(), "commit"))
                }
                FixSource::Patches(files) => files.join(", "),
            };
            let targets: Vec<&Target> = plan
                .targets_of(&fix.repo)
                .filter(|target| target.advisories.contains(&advisory.id))
                .collect();
            if branches == Branches::Counted {
                let to = counted(targets.len(), "branch");
                let _ = writeln!(out, "    fix of {}: {from} -> {to}{}", fix.repo, left_out(plan, fix));
                continue;
            }
            let _ = writeln!(out, "    fix of {}: {from}{}", fix.repo, left_out(plan, fix));
            for target in targets {
                let _ = writeln!(out, "      -> {}", target.branch);
            }
        }
    }
}

/// The branches that get the fix later, and those that `branches` leaves out: their next release would be without the fix.
fn left_out(plan: &Plan, fix: &Fix) -> String {
    let later = plan
        .inputs
        .release
        .lines_of(&fix.repo)
        .filter_map(|line| Some(format!(", not {} yet (later: {})", line.branch, line.later.as_ref()?)));
    let later: String = later.collect();
    let known = plan.inputs.catalog.repo(&fix.repo).into_iter().flat_map(|repo| repo.branches());
    let left: Vec<&str> = known
        .filter(|branch| !fix.branches.is_empty() && !fix.branches.contains(*branch))
        .filter(|branch| {
            plan.inputs.release.later(&fix.repo, branch).is_none() && fix.said_of(branch).is_none()
        })
        .map(|branch| branch.as_str())
        .collect();
    let left =
        if left.is_empty() { String::new() } else { format!(", not {} (by `branches`)", left.join(", ")) };
    let not_affected = fix.not_affected.iter().map(|said| {
        let by = said.by.as_ref().unwrap_or(&plan.inputs.release.manager);
        format!(", not {}: not affected, says {by}: {}", said.branch, said.because)
    });
    left + &later + &not_affected.collect::<String>()
}

fn cve(advisory: &Advisory) -> String {
    match &advisory.cve {
        CveWish::Request => "a CVE is requested; release day does not wait for it".to_owned(),
        CveWish::Require => "a CVE is requested, and release day waits for it".to_owned(),
        CveWish::Given(id) => id.to_string(),
        CveWish::None => "without a CVE".to_owned(),
    }
}

fn targets(plan: &Plan, out: &mut String) {
    out.push_str("\nTargets, in the order of their merges\n");
    let mut before = None;
    for target in plan.in_merge_order() {
        if before != Some(&target.repo) {
            let _ = writeln!(out, "  {}{}", target.repo, how_released(plan, target));
            before = Some(&target.repo);
        }
        let fixes = match target.advisories.len() {
            0 => "no fix".to_owned(),
            several => counted(several, "fix"),
        };
        let release = target.release.as_ref().map_or_else(
            || match &target.released_elsewhere {
                Some(version) => format!("no release; others release it as {version}"),
                None => "no release".to_owned(),
            },
            |line| {
                let after = line.after.as_ref().map(|after| format!(", then {after}")).unwrap_or_default();
                let why = line.why.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
                let more: String = line.more_tags.iter().map(|tag| format!(", {tag}")).collect();
                format!("{} -> {} ({}{more}){after}{why}", line.from, line.to, line.tag)
            },
        );
        let carries: String = target
            .carries
            .iter()
            .map(|carried| format!(", carries {} {}", carried.repo, carried.version))
            .collect();
        let beside = target.stated_base.as_ref().map_or_else(String::new, |stated| {
            format!(", from {} at {}, then merged into the line", stated.name, target.base.short())
        });
        let begins = target
            .begins_at
            .as_ref()
            .map_or_else(String::new, |name| format!(", a new branch that begins at {name}"));
        let upwards =
            target.merged_from.as_ref().map_or_else(String::new, |below| format!(", merged from {below}"));
        let _ = writeln!(
            out,
            "    {:<20} at {}  {fixes}{upwards}, {release}{carries}{beside}{begins}",
            target.branch.as_str(),
            target.head().short()
        );
        for package in target.release.iter().flat_map(LineRelease::other_numbers) {
            let why = package.why.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
            let after = package.after.as_ref().map(|after| format!(", then {after}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "      {} {} -> {} ({}){after}{why}",
                package.name, package.from, package.to, package.tag
            );
        }
    }
}

/// Whether no tag says what was released: the advisory's ranges hold every version before the fix then.
fn has_no_release(plan: &Plan, repo: &Repo) -> bool {
    plan.snapshot.repos.get(&repo.name).is_some_and(|seen| {
        seen.versions.is_empty() && seen.packages.values().all(|package| package.versions.is_empty())
    })
}

fn how_released(plan: &Plan, target: &Target) -> String {
    let Some(repo) = plan.inputs.catalog.repo(&target.repo) else { return String::new() };
    let tag = plan.tagging(repo).map_or("the tag", Tagging::noun);
    let how = match plan.inputs.release_rule(repo).map(|rule| &rule.trigger) {
        Some(Trigger::Dispatch(common)) => {
            let lines = dispatched_otherwise(plan, repo, common);
            format!("by dispatching {common}{}", lines.join(""))
        }
        Some(Trigger::MergeMarker(_)) => "by merging the marked bump".to_owned(),
        Some(Trigger::PushTag) => format!("by pushing {tag}"),
        None => return String::new(),
    };
    let alone = if plan.inputs.is_tag_alone(repo) { ", without a GitHub Release" } else { "" };
    let first = if has_no_release(plan, repo) { "; no tag names a release of before" } else { "" };
    format!(" (released {how}{alone}{first}{})", staying(plan, repo))
}

/// The packages that count by themselves and stay as they are on every line.
fn staying(plan: &Plan, repo: &Repo) -> String {
    let released = || plan.targets_of(&repo.name).filter(|target| target.release.is_some());
    let stays = |package: &&Package| {
        !released().any(|target| plan.inputs.releases_package(repo, &target.branch, package))
    };
    let names: Vec<String> =
        repo.packages_apart().filter(stays).map(|package| format!("`{}`", package.name)).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "; no advisory is about {}, and no version of {} is made",
        names.join(", "),
        if names.len() == 1 { "it" } else { "them" }
    )
}

/// The lines that another workflow releases, each with it.
fn dispatched_otherwise(plan: &Plan, repo: &Repo, common: &str) -> Vec<String> {
    let released = plan.targets_of(&repo.name).filter(|target| target.release.is_some());
    let own = released.filter_map(|target| {
        let own = plan.inputs.dispatched_on(repo, &target.branch).filter(|own| *own != common)?;
        Some(format!(", {} {own}", target.branch))
    });
    own.collect()
}

fn phases(plan: &Plan, out: &mut String) {
    for phase in Phase::ALL {
        let steps: Vec<&Step> = plan.steps().filter(|step| step.phase == phase).collect();
        if steps.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\nPhase {phase}");
        let mut rest = steps.as_slice();
        while let Some(first) = rest.first() {
            let same =
                rest.iter().take_while(|step| step.kind == first.kind && step.asks == first.asks).count();
            group(plan, &rest[..same], out);
            rest = &rest[same..];
        }
    }
}

/// Steps of one kind in a row.
fn group(plan: &Plan, steps: &[&Step], out: &mut String) {
    let first = steps[0];
    match first.kind {
        StepKind::Gate => {
            let name = first.asks.as_deref().unwrap_or_default();
            let gate = plan.inputs.workflow.gate.get(name);
            let _ = writeln!(
                out,
                "  ==== gate {name}: {} ({}) ====",
                gate.map_or("", |gate| gate.text.as_str()),
                plan.inputs.approvals_in_words(name)
            );
            return;
        }
        StepKind::Confirm => {
            let name = first.asks.as_deref().unwrap_or_default();
            let text = plan.inputs.workflow.confirm.get(name).map_or("", |confirm| confirm.text.as_str());
            let _ = writeln!(out, "  people confirm ({name}): {text}");
        }
        kind => {
            let name = first.asks.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
            let _ = writeln!(out, "  {kind}{name}: {}{}", kind.does(), undo(kind));
        }
    }
    for step in steps.iter().filter(|step| !step.subject.is_whole()) {
        let _ = writeln!(out, "      {}", step.subject);
    }
}

fn undo(kind: StepKind) -> String {
    match kind.undo() {
        Undo::Nothing => String::new(),
        Undo::Possible(how) => format!(" [undo: {how}]"),
        Undo::Impossible(what) => format!(" [CANNOT BE UNDONE: {what}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;

    #[test]
    fn release_that_may_be_awaited_in_vain_is_named() {
        let mut plan = demo_plan("wamr");
        assert!(!render(&plan).unwrap().contains("Tags without"));
        let repo = plan.inputs.catalog.repos[0].name.clone();
        plan.snapshot.repos.get_mut(&repo).unwrap().tags_alone = true;
        let text = render(&plan).unwrap();
        assert!(
            text.contains("Tags without a GitHub Release (`github-release = \"none\"` in the catalog"),
            "{text}"
        );
        assert!(text.contains(&format!("published)\n  {repo}\n")), "{text}");
    }
}
