//! What the mails of a release tell, from the plan and from what is known so far.
//!
//! Pure: the same plan, facts and time give the same text, so that a mail can be tried out before anything is public.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ids::{CveId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::mail::{
    Acknowledgement, AdvanceNotice, AdvisoryLine, ReleaseLine, SecurityRelease, SupportedLine,
};
use crate::numbering::Version;
use crate::plan::{LineRelease, Plan, Subject, Target};
use crate::release::{Advisory, Severity};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::output::{Output, PublishedRelease};
use crate::steps::patch::idle::makes_no_release;
use crate::steps::patch::left_out::taken;
use crate::steps::patch::lines::{fixed_in, lines_without_fix};

/// What mails tell about.
#[derive(Clone, Copy)]
pub(in crate::steps) struct Announcement<'a> {
    pub(in crate::steps) plan: &'a Plan,
    pub(in crate::steps) facts: &'a Facts,
    /// When the mail is written.
    pub(in crate::steps) now: Timestamp,
}

impl<'a> Announcement<'a> {
    pub(in crate::steps) fn of(context: &'a StepContext) -> Announcement<'a> {
        Announcement { plan: &context.plan, facts: &context.facts, now: context.world.clock.now() }
    }

    /// What the reporter of an advisory is told. The other projects of the release are no business of theirs.
    pub(in crate::steps) fn acknowledgement(&self, advisory: &Advisory) -> Acknowledgement {
        Acknowledgement {
            project: self.project_of(&advisory.repo),
            incident_manager: self.plan.inputs.release.manager.to_string(),
        }
    }

    /// What everybody is told before the disclosure: nothing of the fixes.
    pub(in crate::steps) fn advance_notice(&self) -> Result<AdvanceNotice, StepError> {
        let projects = self.projects();
        let disclosure = self.plan.inputs.release.disclosure;
        Ok(AdvanceNotice {
            project: joined(&projects),
            projects,
            disclosure_date: day(disclosure),
            disclosure_time: minute(disclosure),
            highest_severity: self.highest_severity(),
            lines: self
                .lines()
                .map(|(target, release)| SupportedLine {
                    name: self.project_of(&target.repo),
                    line: self.plan.line_of(&target.repo, &release.from),
                })
                .collect(),
        })
    }

    /// What everybody is told when it is released. `published` gives the release of a line.
    pub(in crate::steps) fn security_release(
        &self,
        published: impl Fn(&Target) -> Result<PublishedRelease, StepError>,
    ) -> Result<SecurityRelease, StepError> {
        let projects = self.projects();
        let releases = self.lines().map(|(target, release)| {
            let published = published(target)?;
            Ok(ReleaseLine {
                name: self.project_of(&target.repo),
                repository: target.repo.to_string(),
                version: release.to.to_string(),
                url: published.url,
                date: day(published.at),
            })
        });
        let advisories = &self.plan.inputs.release.advisories;
        Ok(SecurityRelease {
            project: joined(&projects),
            projects,
            date: day(self.now),
            highest_severity: self.highest_severity(),
            releases: releases.collect::<Result<_, StepError>>()?,
            advisories: advisories.iter().map(|advisory| self.advisory_line(advisory)).collect(),
        })
    }

    /// The projects that are released, each once.
    fn projects(&self) -> Vec<String> {
        let inputs = &self.plan.inputs;
        let mut names: Vec<String> = inputs.repos().map(|repo| repo.project.clone()).collect();
        names.dedup();
        if names.is_empty() { vec![inputs.catalog.organisation.clone()] } else { names }
    }

    fn project_of(&self, name: &RepoName) -> String {
        let repo = self.plan.inputs.catalog.repo(name);
        repo.map_or_else(|| name.name().to_owned(), |repo| repo.project.clone())
    }

    /// The lines that are released, as lists of versions tell them.
    fn lines(&self) -> impl Iterator<Item = (&'a Target, &'a LineRelease)> {
        let (plan, facts) = (self.plan, self.facts);
        let told = plan.in_version_order().into_iter();
        let released = told.filter(move |target| !makes_no_release(plan, facts, target));
        released.filter_map(|target| Some((target, target.release.as_ref()?)))
    }

    fn advisory_line(&self, advisory: &Advisory) -> AdvisoryLine {
        let told = self.plan.in_version_order();
        let of_repo = |targets: &[&Target]| self.fixed_in_repository(advisory, targets);
        let fixed_in = told.chunk_by(|one, next| one.repo == next.repo).flat_map(of_repo);
        AdvisoryLine {
            ghsa: advisory.id.to_string(),
            cve: self.facts.cve(self.plan, advisory).map(String::from),
            url: known_page(self.plan, self.facts, advisory),
            severity: advisory.rating().map_or("unrated", |severity| severity.as_str()).to_owned(),
            summary: advisory.summary.clone(),
            fixed_in: fixed_in.collect(),
            no_fix: self.without_fix(advisory),
        }
    }

    /// The affected lines that are no longer supported.
    fn without_fix(&self, advisory: &Advisory) -> Vec<String> {
        let repos = advisory.fixes.iter().map(|fix| &fix.repo);
        let of_repo = |repo: &RepoName| {
            let lines = lines_without_fix(self.plan, self.facts, advisory, repo);
            let project = self.project_of(repo);
            lines.into_iter().map(move |line| format!("{project} {line}"))
        };
        repos.flat_map(of_repo).collect()
    }

    /// The first releases with the fix of these targets, which are of one repository.
    fn fixed_in_repository(&self, advisory: &Advisory, targets: &[&Target]) -> Vec<String> {
        let Some(first) = targets.first() else { return Vec::new() };
        let project = self.project_of(&first.repo);
        let own = fixed_in(self.plan, self.facts, advisory, &first.repo, targets);
        let told = targets.iter().zip(own).filter_map(|(target, own)| {
            let version = self.fixed_in(advisory, target, own)?;
            let packages = target.release.iter().filter(|release| release.to == version);
            let packages: String = packages.map(|release| other_packages(advisory, release)).collect();
            Some(format!("{project} {version}{packages}"))
        });
        told.collect()
    }

    /// The first release of a target with the fix, whether it is made now or was made before.
    fn fixed_in(&self, advisory: &Advisory, target: &Target, own: Option<Version>) -> Option<Version> {
        let release = target.release.as_ref().filter(|_| self.is_fixed_in(&advisory.id, target))?;
        own.or_else(|| {
            let is_made = !makes_no_release(self.plan, self.facts, target);
            is_made.then(|| release.to.clone())
        })
    }

    /// Whether the release of a target has the fix: as a patch of its own, or in the fixed version that it carries.
    fn is_fixed_in(&self, advisory: &GhsaId, target: &Target) -> bool {
        let carried = || {
            let carried = target.carries.iter();
            let mut from = carried.filter_map(|carried| self.plan.target(&carried.repo, &carried.branch));
            from.any(|from| self.is_fixed_in(advisory, from))
        };
        taken(self.plan, self.facts, target).any(|id| id == advisory) || carried()
    }

    /// The files are refused where nothing is said of any severity.
    fn highest_severity(&self) -> String {
        let highest = self.plan.inputs.release.advisories.iter().filter_map(Advisory::rating).max();
        highest.map_or("unrated", Severity::as_str).to_owned()
    }
}

/// The affected packages with numbers of their own: ` (pump-api 0.4.2)`.
fn other_packages(advisory: &Advisory, release: &LineRelease) -> String {
    let affected = release.other_numbers().filter(|package| advisory.affects(&package.name));
    let named: Vec<String> = affected.map(|package| format!("{} {}", package.name, package.to)).collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

/// `A`, `A and B`, `A, B and C`.
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The CVE that an advisory was given, if it has one.
pub(in crate::steps) fn cve(context: &StepContext, advisory: &Advisory) -> Option<CveId> {
    context.facts.cve(&context.plan, advisory)
}

/// The advisory's page.
pub(in crate::steps) fn page(context: &StepContext, advisory: &Advisory) -> String {
    known_page(&context.plan, &context.facts, advisory)
}

/// The advisory's page, as it was published or as it will be.
pub(in crate::steps) fn known_page(plan: &Plan, facts: &Facts, advisory: &Advisory) -> String {
    match facts.output(StepKind::PublishAdvisory, &Subject::of_advisory(&advisory.id)) {
        Some(Output::Advisory(fact)) => fact.url.clone(),
        _ => plan.inputs.advisory_page(advisory),
    }
}

fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

fn minute(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_given_in_utc() {
        let disclosure: Timestamp = "2026-03-09T18:00:00+01:00".parse().unwrap();
        assert_eq!(day(disclosure), "2026-03-09");
        assert_eq!(minute(disclosure), "2026-03-09 17:00 UTC");
    }

    #[test]
    fn projects_are_listed_as_in_a_sentence() {
        let names = ["Sluice", "Weir", "Gauge"].map(str::to_owned);
        assert_eq!(joined(&names[..1]), "Sluice");
        assert_eq!(joined(&names[..2]), "Sluice and Weir");
        assert_eq!(joined(&names), "Sluice, Weir and Gauge");
    }
}
