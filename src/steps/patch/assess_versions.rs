//! `assess-versions`: find out which released versions carry the vulnerability, each by its own content.
//!
//! One step looks at all versions of a repository for one fix, so that what they share is read once: most versions of a
//! line hold the very same files.

use std::sync::Arc;

use super::absent::{absent_in, packages_in_folders};
use super::assess::{own_fix, written_before};
use super::written::{Fetched, OTHER_FIXES, a_moment, others_are_fetched};
use crate::backport::{AssessRequest, Assessment, Evidence, Verdict};
use crate::ids::CommitId;
use crate::numbering::Version;
use crate::snapshot::{RepoState, TaggedVersion};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{PUBLIC_TAGS, fetch_branch, in_store};
use crate::steps::output::{JudgedVersion, Output, VersionTable};

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = context.repo()?;
    let seen = context.plan.snapshot.repos.get(&repo.name);
    let versions = seen.map_or(Vec::new(), every_version);
    bring_tags(context, &versions).await?;
    let introduced = context.advisory()?.fix_in(&repo.name).map_or(Vec::new(), |fix| fix.introduced.clone());
    if !introduced.is_empty() {
        fetch_branch(context, &repo.name, &repo.default_branch).await?;
    }
    let fix = own_fix(context)?;
    if others_are_fetched(context)? == Fetched::UnderWay {
        return Ok(Applied::Wait(a_moment(context, OTHER_FIXES)));
    }
    let beneath = written_before(context, &fix).await?;
    let world = Arc::clone(&context.world);
    let folders = packages_in_folders(repo, context.advisory()?);
    let table = in_store(context, &repo.name, move |store| {
        let shared = versions.iter().filter(|(package, _)| package.is_none());
        let shared: Vec<(Version, CommitId)> =
            shared.map(|(_, one)| (one.version.clone(), one.commit.clone())).collect();
        let absent = absent_in(store, &folders, &shared)?;
        let judge = |(package, one): (Option<String>, TaggedVersion)| {
            let assess = |head: &CommitId| {
                let (head, beneath) = (head.clone(), beneath.clone());
                let request =
                    AssessRequest { fix: fix.commits.clone(), introduced: introduced.clone(), head, beneath };
                // Lent for each version anew, so that a branch need not wait until all are judged.
                world.assessors.with(store, |assessor| assessor.assess(&request))
            };
            let assessment = assess(&one.commit)?;
            let rivals =
                one.rivals.iter().map(|rival| Ok((rival.tag.clone(), assess(&rival.commit)?.verdict)));
            let rivals = rivals.collect::<Result<Vec<_>, StepError>>()?;
            let is_absence = rests_on_absence(&assessment.evidence);
            Ok((contested(judged(package, one, &assessment), &rivals), is_absence))
        };
        let versions = versions.into_iter().map(judge).collect::<Result<Vec<_>, StepError>>()?;
        Ok(VersionTable { versions: doubted(versions), absent })
    });
    Ok(Applied::Done(Output::Versions(table.await?)))
}

/// The versions of a repository, and of its packages that are told apart.
fn every_version(seen: &RepoState) -> Vec<(Option<String>, TaggedVersion)> {
    let own = seen.versions.iter().map(|one| (None, one.clone()));
    let of_packages = seen
        .packages
        .iter()
        .flat_map(|(name, package)| package.versions.iter().map(|one| (Some(name.clone()), one.clone())));
    own.chain(of_packages).collect()
}

fn judged(package: Option<String>, one: TaggedVersion, assessment: &Assessment) -> JudgedVersion {
    JudgedVersion {
        version: one.version,
        tag: one.tag,
        origin: one.origin,
        verdict: assessment.verdict,
        because: because(assessment),
        package,
        never_introduced: assessment.evidence.contains(&Evidence::NeverIntroduced),
    }
}

/// The reason that is shown; where history and content contradict each other, both.
fn because(assessment: &Assessment) -> String {
    let evidence = &assessment.evidence;
    let taken_back = evidence.iter().find(|one| **one == Evidence::TakenBack);
    let Some(first) = taken_back.or(evidence.first()) else { return String::new() };
    if *first != Evidence::NeverIntroduced || !assessment.verdict.may_carry() {
        return first.to_string();
    }
    let content = evidence.iter().find(|one| *one != first).map(ToString::to_string);
    let content = content.unwrap_or_else(|| "the code that the fix changes is there".to_owned());
    format!("{content}, although {first}")
}

/// A version that other tags name at other commits. Where their contents say another thing, nobody knows what was released: a
/// contradiction is no verdict.
fn contested(version: JudgedVersion, rivals: &[(String, Verdict)]) -> JudgedVersion {
    let Some((tag, other)) = rivals.iter().find(|(_, verdict)| differ(*verdict, version.verdict)) else {
        return version;
    };
    let because =
        format!("`{}` is {} and `{tag}`, at another commit, is {other}", version.tag, version.verdict);
    JudgedVersion { verdict: Verdict::Possibly, because, ..version }
}

/// The versions without a line of what the fix changes, among others of their major number that carry the fault before and behind
/// them: the code lay elsewhere, perhaps, or the tag is of another history. An advisory would have a hole there. Each comes with
/// whether its verdict rests on that absence.
fn doubted(versions: Vec<(JudgedVersion, bool)>) -> Vec<JudgedVersion> {
    let carrying: Vec<(Option<String>, Version)> = versions
        .iter()
        .filter(|(one, _)| matches!(one.verdict, Verdict::Likely | Verdict::Affected))
        .map(|(one, _)| (one.package.clone(), one.version.clone()))
        .collect();
    let doubt = |(mut one, is_absence): (JudgedVersion, bool)| {
        if one.verdict != Verdict::NotAffected || !is_absence {
            return one;
        }
        let (package, version) = (&one.package, &one.version);
        let alike = |(of, other): &&(Option<String>, Version)| {
            of == package && other.numbers().next() == version.numbers().next()
        };
        let mut near = carrying.iter().filter(alike);
        let is_behind = near.clone().any(|(_, other)| other < version);
        if is_behind && near.any(|(_, other)| other > version) {
            one.verdict = Verdict::Possibly;
            one.because += ", and versions before and after it carry the vulnerability";
        }
        one
    };
    versions.into_iter().map(doubt).collect()
}

/// Whether a verdict rests on nothing of the fix's lines being there.
fn rests_on_absence(evidence: &[Evidence]) -> bool {
    matches!(evidence.first(), Some(Evidence::NoFile | Evidence::NoLine))
}

/// Whether an advisory would say another thing of them.
fn differ(one: Verdict, other: Verdict) -> bool {
    one != other && !(one.may_carry() && other.may_carry())
}

/// The survey fetched the tags that the plan saw; a store that lost them gets them again.
async fn bring_tags(
    context: &StepContext,
    versions: &[(Option<String>, TaggedVersion)],
) -> Result<(), StepError> {
    let repo = &context.repo()?.name;
    let rivals = |one: &TaggedVersion| one.rivals.clone().into_iter().map(|rival| rival.commit);
    let commits = versions.iter().flat_map(|(_, one)| rivals(one).chain([one.commit.clone()]));
    let wanted: Vec<CommitId> = commits.collect();
    let all_here =
        in_store(context, repo, move |store| Ok(wanted.iter().all(|commit| store.has_commit(commit))));
    if !all_here.await? {
        let refspec = format!("+refs/tags/*:{PUBLIC_TAGS}*");
        context.world.transport.fetch(&context.folder.store(repo), repo, &[&refspec]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;
    use crate::snapshot::Origin;

    fn judged_as(verdict: Verdict) -> JudgedVersion {
        JudgedVersion {
            version: semver("1.2.3"),
            tag: "v1.2.3".to_owned(),
            origin: Origin::OldLine("1.2.x".to_owned()),
            verdict,
            because: "the fix applies as it is".to_owned(),
            package: None,
            never_introduced: false,
        }
    }

    #[test]
    fn version_without_a_line_of_it_among_those_that_carry_it_is_left_to_people() {
        let judged = |version: &str, verdict: Verdict, because: &Evidence| JudgedVersion {
            version: semver(version),
            because: because.to_string(),
            ..judged_as(verdict)
        };
        let (there, none) = (Evidence::FixApplies, Evidence::NoLine);
        let of = |table: &[(&str, Verdict, &Evidence)]| -> Vec<Verdict> {
            let rows = table.iter().map(|(version, verdict, because)| {
                let is_absence = rests_on_absence(std::slice::from_ref(*because));
                (judged(version, *verdict, because), is_absence)
            });
            doubted(rows.collect()).into_iter().map(|one| one.verdict).collect()
        };
        let (affected, not, possibly) = (Verdict::Affected, Verdict::NotAffected, Verdict::Possibly);
        let table = [("1.1.0", affected, &there), ("1.2.0", not, &none), ("1.3.0", affected, &there)];
        assert_eq!(of(&table), [affected, possibly, affected]);
        // What brought the fault is known, and never came to it.
        let table = [
            ("1.1.0", affected, &there),
            ("1.2.0", not, &Evidence::NeverIntroduced),
            ("1.3.0", affected, &there),
        ];
        assert_eq!(of(&table), [affected, not, affected]);
        // An older line got what the newer one began with, and nothing carries it before that.
        let table = [("1.9.0", affected, &there), ("2.0.0", not, &none), ("2.1.0", affected, &there)];
        assert_eq!(of(&table), [affected, not, affected]);
    }

    #[test]
    fn version_whose_two_tags_contradict_each_other_is_left_to_people() {
        let rival = |verdict| [("1.2.3".to_owned(), verdict)];
        for (one, other) in
            [(Verdict::AlreadyFixed, Verdict::Affected), (Verdict::Affected, Verdict::NotAffected)]
        {
            let version = contested(judged_as(one), &rival(other));
            assert_eq!(version.verdict, Verdict::Possibly);
            assert_eq!(
                version.because,
                format!("`v1.2.3` is {one} and `1.2.3`, at another commit, is {other}")
            );
        }
        for other in [Verdict::Affected, Verdict::Likely] {
            assert_eq!(contested(judged_as(Verdict::Affected), &rival(other)), judged_as(Verdict::Affected));
        }
    }
}
