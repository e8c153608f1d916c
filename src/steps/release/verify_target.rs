//! `verify-target`: check from outside that the branch has every fix and that its release exists.

use super::correct_latest::newest;
use super::{bump, packages};
use crate::backport::{Against, Onto, Outcome, PickRequest, Picker};
use crate::git::{Signature, Store};
use crate::ids::{BranchName, CommitId, GhsaId, TreeId};
use crate::kinds::StepKind;
use crate::plan::{LineRelease, Subject, Target};
use crate::steps::advisory::verify_advisory::verdict;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{in_store, signature};
use crate::steps::patch::idle::released_before;
use crate::steps::patch::left_out::is_left_out;
use crate::steps::patch::remote_head::public_head_and;
use crate::version::VersionRule;

/// What is as it should be, and what is not.
#[derive(Default)]
struct Findings {
    good: Vec<String>,
    bad: Vec<String>,
}

impl Findings {
    fn add(&mut self, holds: bool, good: String, bad: String) {
        if holds { self.good.push(good) } else { self.bad.push(bad) }
    }
}

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let target = context.target()?;
    let tag = target.release.as_ref().map(|release| format!("refs/tags/{}", release.tag));
    let (head, tagged) = public_head_and(context, &target.repo, &target.branch, tag.as_deref()).await?;
    let mut findings = Findings::default();
    for advisory in &target.advisories {
        if is_left_out(&context.plan, &context.facts, target, advisory) {
            findings.good.push(format!("{} was left out of {advisory} as not affected", target.label()));
            continue;
        }
        let lacking = lacking(context, advisory, &head).await?;
        findings.add(
            lacking.is_empty(),
            format!("`{}` at {} has the fix of {advisory}", target.branch, head.short()),
            format!("`{}` at {} lacks {} of {advisory}", target.branch, head.short(), lacking.join(", ")),
        );
        findings.good.extend(left_out(context, target, advisory));
    }
    if let Some(before) = released_before(&context.plan, &context.facts, target) {
        findings.good.push(format!("{before} was released with every fix of it, and no other was made"));
    } else if let Some(release) = &target.release {
        look_at_release(context, target, release, tagged, &mut findings).await?;
    }
    Ok(verdict(context, &target.label(), findings.good, findings.bad))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// The commits of a fix that the branch does not have: neither themselves, nor by trailer, nor by content.
///
/// A later commit of a fix may change what an earlier one brought, so that the earlier one alone is not found any
/// more. The stack as a whole answers for all its commits.
async fn lacking(
    context: &StepContext,
    advisory: &GhsaId,
    head: &CommitId,
) -> Result<Vec<String>, StepError> {
    let commits = proven(context, advisory)?;
    let stack = context.facts.patch(StepKind::Stack, &context.target_subject())?;
    let whole = (stack.base.clone(), stack.tree.clone());
    let (head, who) = (head.clone(), signature(&context.plan));
    in_store(context, &context.target()?.repo, move |store| {
        let missing = missing(store, &commits, &head)?;
        if missing.is_empty() || has_all(store, &whole, &head, &who)? { Ok(Vec::new()) } else { Ok(missing) }
    })
    .await
}

/// Whether everything that leads from the base to the tree is on the branch.
fn has_all(
    store: &Store,
    (base, tree): &(CommitId, TreeId),
    head: &CommitId,
    who: &Signature,
) -> Result<bool, StepError> {
    let mut picker = Picker::new(store)?;
    let fix = picker.draft().commit(tree, std::slice::from_ref(base), "everything\n", who, who)?;
    let request = PickRequest { fix, against: Against::Parent, onto: Onto::Commit(head.clone()) };
    Ok(matches!(picker.pick(&request)?.outcome, Outcome::AlreadyFixed { .. }))
}

/// The commits as they were proven on this branch; where there was nothing to carry, the fix's own.
fn proven(context: &StepContext, advisory: &GhsaId) -> Result<Vec<CommitId>, StepError> {
    let stack = context.facts.patch(StepKind::Stack, &context.target_subject())?;
    let ours: Vec<CommitId> = stack
        .commits
        .iter()
        .filter(|commit| commit.advisory.as_ref() == Some(advisory))
        .map(|commit| commit.commit.clone())
        .collect();
    if !ours.is_empty() {
        return Ok(ours);
    }
    let subject =
        Subject { advisory: Some(advisory.clone()), repo: context.subject().repo.clone(), branch: None };
    Ok(context.facts.commits(StepKind::ImportFix, &subject)?.clone())
}

fn missing(store: &Store, commits: &[CommitId], head: &CommitId) -> Result<Vec<String>, StepError> {
    let mut picker = Picker::new(store)?;
    let mut missing = Vec::new();
    for fix in commits {
        let request =
            PickRequest { fix: fix.clone(), against: Against::Parent, onto: Onto::Commit(head.clone()) };
        if !matches!(picker.pick(&request)?.outcome, Outcome::AlreadyFixed { .. } | Outcome::NotApplicable) {
            missing.push(fix.short().to_owned());
        }
    }
    Ok(missing)
}

/// Newer supported lines that the release file leaves out of an advisory: said, for somebody decided it.
fn left_out(context: &StepContext, target: &Target, advisory: &GhsaId) -> Option<String> {
    let repo = context.inputs().catalog.repo(&target.repo)?;
    let planned = |line: &BranchName| {
        context.plan.target(&target.repo, line).is_some_and(|other| other.advisories.contains(advisory))
    };
    let newer = repo.newer_than(&target.branch).into_iter().filter(|branch| **branch != repo.default_branch);
    let out: Vec<String> = newer.filter(|line| !planned(line)).map(|line| format!("`{line}`")).collect();
    (!out.is_empty())
        .then(|| format!("by the release file, {advisory} does not concern the newer {}", out.join(", ")))
}

async fn look_at_release(
    context: &StepContext,
    target: &Target,
    release: &LineRelease,
    tagged: Option<CommitId>,
    findings: &mut Findings,
) -> Result<(), StepError> {
    let standing = context.facts.standing(StepKind::AwaitRelease, &context.target_subject())?;
    let github = &context.world.github;
    findings.add(
        tagged.as_ref() == Some(&standing.commit),
        format!("the tag {} is at {}", release.tag, standing.commit.short()),
        format!("the tag {} is not at {} any more", release.tag, standing.commit.short()),
    );
    for tag in &release.more_tags {
        let at = github.tag(&target.repo, tag).await?;
        findings.add(
            at.as_ref() == Some(&standing.commit),
            format!("the tag {tag} is at {}", standing.commit.short()),
            format!("the tag {tag} is not at {}", standing.commit.short()),
        );
    }
    if standing.tag_alone {
        findings.good.push(format!("the tag {} is the release: {}", release.tag, standing.url));
    } else {
        findings.add(
            github.release_by_tag(&target.repo, &release.tag).await?.is_some(),
            format!("the release {} exists: {}", release.tag, standing.url),
            format!("the release {} is gone", release.tag),
        );
    }
    let stated = bump::version_at(context, &standing.commit).await?;
    let is_stated = context.inputs().version_rule(context.repo()?, &target.branch);
    if stated.is_none() && is_stated.is_some_and(VersionRule::is_stated) {
        findings.add(false, String::new(), format!("it does not state its version {}", release.to));
    }
    if let Some(stated) = stated {
        findings.add(
            stated == release.to,
            format!("it states version {stated}"),
            format!("it states version {stated} in place of {}", release.to),
        );
    }
    for behind in packages::behind(context, &standing.commit).await? {
        findings.add(false, String::new(), behind);
    }
    // Once a repository is enough.
    if context.plan.targets_of(&target.repo).last() == Some(target) {
        look_at_latest(context, target, findings).await?;
    }
    Ok(())
}

async fn look_at_latest(
    context: &StepContext,
    target: &Target,
    findings: &mut Findings,
) -> Result<(), StepError> {
    if context.inputs().is_tag_alone(context.repo()?) {
        return Ok(());
    }
    let newest = newest(context).await?;
    let Some(newest) = newest.tag() else { return Ok(()) };
    let labelled = context.world.github.latest_release(&target.repo).await?.map(|release| release.tag);
    findings.add(
        labelled.as_deref() == Some(newest),
        format!("{newest} has the label \"latest\""),
        format!("\"latest\" is {}, not {newest}", labelled.as_deref().unwrap_or("nowhere")),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rd_01_a_fix_is_found_by_its_content_and_a_branch_without_it_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |text: &str, message: &str, parents: &[CommitId]| {
            let tree =
                store.with_files(&store.empty_tree().unwrap(), &[("a.c", Some(text.as_bytes()))]).unwrap();
            store.commit(&tree, parents, message, &who, &who).unwrap()
        };
        let base = commit("one\ntwo\nthree\n", "base", &[]);
        let fix = commit("one\nfixed\nthree\n", "fix", std::slice::from_ref(&base));
        let squashed = commit("one\nfixed\nthree\n", "squashed", std::slice::from_ref(&base));
        let fixes = [fix.clone()];
        assert!(missing(&store, &fixes, &squashed).unwrap().is_empty());
        assert_eq!(missing(&store, &fixes, &base).unwrap(), [fix.short()]);

        // The second commit of a fix changes the line of the first, which is not found by itself then.
        let second = commit("one\nreally fixed\nthree\n", "second", std::slice::from_ref(&fix));
        let whole = (base.clone(), store.tree_of(&second).unwrap());
        let squashed = commit("one\nreally fixed\nthree\n", "squashed", std::slice::from_ref(&base));
        assert_eq!(missing(&store, &[fix.clone(), second], &squashed).unwrap(), [fix.short()]);
        assert!(has_all(&store, &whole, &squashed, &who).unwrap());
        assert!(!has_all(&store, &whole, &base, &who).unwrap());
    }
}
