//! The table of versions: every released version of a repository, whether an advisory must name it, and who says so.
//!
//! Ranges, records, mails and the gate follow from this table alone.

use std::collections::BTreeMap;
use std::fmt;

use super::idle::released_before;
use super::left_out::{is_left_out, taken, verdict_on};
use super::series::VersionSeries;
use crate::backport::Verdict;
use crate::ids::{BranchName, Login, RepoName};
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::{Plan, Subject, Target};
use crate::release::Advisory;
use crate::snapshot::Origin;
use crate::steps::facts::Facts;
use crate::steps::output::{BranchDecision, JudgedVersion, Output, ReleasedVersion};

/// One version of a repository, as an advisory tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRow {
    /// The version.
    pub version: Version,
    /// Its tag; empty where a run of before kept none.
    pub tag: String,
    /// Where it was released from.
    pub origin: Origin,
    /// What the advisory says of it.
    pub finding: Finding,
    /// Who says so.
    pub decided: DecidedBy,
}

/// What an advisory says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It carries the vulnerability.
    Affected,
    /// It may; an advisory had better name a version too many than one too few.
    MayBeAffected,
    /// It has the fix.
    Fixed,
    /// It never had the vulnerability.
    NotAffected,
}

impl Finding {
    /// Whether the advisory's ranges hold the version.
    #[must_use]
    pub fn carries(self) -> bool {
        matches!(self, Finding::Affected | Finding::MayBeAffected)
    }

    fn of(verdict: Verdict) -> Finding {
        match verdict {
            Verdict::Affected | Verdict::Likely => Finding::Affected,
            Verdict::Possibly => Finding::MayBeAffected,
            Verdict::AlreadyFixed => Finding::Fixed,
            Verdict::NotAffected => Finding::NotAffected,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Finding::Affected => "affected",
            Finding::MayBeAffected => "may be affected, and counts as affected",
            Finding::Fixed => "fixed",
            Finding::NotAffected => "not affected",
        })
    }
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBy {
    /// Its content, and why.
    Content(String),
    /// A person, who was asked about its line.
    Person(Login),
    /// The release file, whose fix names the affected branches.
    ReleaseFile,
    /// A person, who says in the release file that its line is not affected, and why.
    Said(Login, String),
    /// Its content, and why, although the release file leaves its line without the fix.
    Unlisted(String),
    /// Its content, and why, although its line gets the fix after this release only: this is said of that.
    Later(String, String),
    /// It is released now.
    Release,
}

impl fmt::Display for DecidedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecidedBy::Content(why) if why.is_empty() => f.write_str("by its content"),
            DecidedBy::Content(why) => write!(f, "by its content: {why}"),
            DecidedBy::Person(login) => write!(f, "by {login}, for its line"),
            DecidedBy::ReleaseFile => f.write_str("by release.toml, which names the affected branches"),
            DecidedBy::Said(login, why) => write!(f, "by {login} in release.toml, for its line: {why}"),
            DecidedBy::Unlisted(why) => {
                write!(f, "{}; `branches` leaves its line out", DecidedBy::Content(why.clone()))
            }
            DecidedBy::Later(why, when) => {
                write!(f, "{}; its line gets the fix later: {when}", DecidedBy::Content(why.clone()))
            }
            DecidedBy::Release => f.write_str("released now"),
        }
    }
}

/// The versions of one series for one advisory, oldest first: those that are released, and those that this release makes.
/// Empty before they were assessed.
#[must_use]
pub fn rows(plan: &Plan, facts: &Facts, advisory: &Advisory, series: VersionSeries<'_>) -> Vec<VersionRow> {
    let judging = Judging { plan, facts, advisory, repo: series.repo, series };
    let mut rows: Vec<VersionRow> = judging.judged().iter().map(|one| judging.row(one)).collect();
    rows.sort_by(|one, other| one.version.cmp(&other.version));
    follow_the_line_behind(&mut rows);
    for row in judging.released_now(&rows) {
        // A version that is there already, as in a run that is continued, is told once.
        rows.retain(|other| other.version != row.version);
        rows.push(row);
    }
    rows.sort_by(|one, other| one.version.cmp(&other.version));
    rows
}

/// The first release of a branch with the fix, after which none lacks it. A pre-release only where there is nothing else.
#[must_use]
pub fn first_with_the_fix<'r>(rows: &'r [VersionRow], branch: &BranchName) -> Option<&'r Version> {
    let of_branch = rows.iter().rev().filter(|row| row.origin.branch() == Some(branch));
    let since = of_branch.take_while(|row| !row.finding.carries());
    let fixed = since.filter(|row| row.finding == Finding::Fixed).map(|row| &row.version);
    fixed.min_by_key(|version| (version.is_prerelease(), *version))
}

/// The lines that `branches` leaves without the fix although their newest release carries the vulnerability, a clause each.
#[must_use]
pub fn lines_without_word(rows: &[VersionRow]) -> Vec<String> {
    let mut newest: BTreeMap<&BranchName, &VersionRow> = BTreeMap::new();
    for row in rows {
        if let Some(branch) = row.origin.branch() {
            newest.insert(branch, row);
        }
    }
    let unlisted = newest.into_iter().filter(|(_, row)| matches!(row.decided, DecidedBy::Unlisted(_)));
    let told = unlisted.map(|(branch, row)| {
        format!(
            "`{branch}` is affected, left out by `branches`: {} carries it, and its line gets no fix",
            row.version
        )
    });
    told.collect()
}

/// The branches of a repository that get its fixes after this release, a clause each.
#[must_use]
pub fn lines_later(plan: &Plan, repo: &RepoName) -> Vec<String> {
    let later =
        plan.inputs.release.lines_of(repo).filter_map(|line| {
            Some(format!("`{}` gets the fixes later: {}", line.branch, line.later.as_ref()?))
        });
    later.collect()
}

/// Where people say of a supported line that it is not affected, versions of older lines that only may be follow it: what came
/// after it is not in them. Content that says more than "may be" stays, for people to see.
fn follow_the_line_behind(rows: &mut [VersionRow]) {
    let mut said: Option<DecidedBy> = None;
    for row in rows.iter_mut().rev() {
        let is_said =
            matches!(row.decided, DecidedBy::Person(_) | DecidedBy::ReleaseFile | DecidedBy::Said(..));
        if row.origin.branch().is_some() {
            said = (is_said && row.finding == Finding::NotAffected).then(|| row.decided.clone());
        } else if let Some(decided) = said.clone().filter(|_| row.finding == Finding::MayBeAffected) {
            (row.finding, row.decided) = (Finding::NotAffected, decided);
        }
    }
}

#[derive(Clone, Copy)]
struct Judging<'a> {
    plan: &'a Plan,
    facts: &'a Facts,
    advisory: &'a Advisory,
    repo: &'a RepoName,
    series: VersionSeries<'a>,
}

impl<'a> Judging<'a> {
    fn judged(&self) -> Vec<JudgedVersion> {
        match self.facts.output(StepKind::AssessVersions, &Subject::of_fix(&self.advisory.id, self.repo)) {
            Some(Output::Versions(table)) => {
                let of_series = |one: &&JudgedVersion| one.package.as_deref() == self.series.package;
                table.versions.iter().filter(of_series).cloned().collect()
            }
            _ => self.plan.targets_of(self.repo).flat_map(|target| self.judged_of_before(target)).collect(),
        }
    }

    /// What a run of before knows, which judged the versions with the head of their line.
    fn judged_of_before(&self, target: &Target) -> Vec<JudgedVersion> {
        let found = verdict_on(self.plan, self.facts, target, &self.advisory.id);
        let released = found.map(|found| found.released.as_slice()).unwrap_or_default();
        let judged = |one: &ReleasedVersion| JudgedVersion {
            version: one.version.clone(),
            tag: String::new(),
            origin: Origin::Branch(target.branch.clone()),
            verdict: one.verdict,
            because: String::new(),
            package: None,
            never_introduced: false,
        };
        released.iter().map(judged).collect()
    }

    fn row(&self, one: &JudgedVersion) -> VersionRow {
        let by_content = || (Finding::of(one.verdict), DecidedBy::Content(one.because.clone()));
        let (finding, decided) = match one.origin.branch() {
            Some(branch) => self.of_line(branch, one).unwrap_or_else(by_content),
            None => by_content(),
        };
        VersionRow {
            version: one.version.clone(),
            tag: one.tag.clone(),
            origin: one.origin.clone(),
            finding,
            decided,
        }
    }

    /// What was decided about a whole line, where that is not what the contents say.
    fn of_line(&self, branch: &BranchName, judged: &JudgedVersion) -> Option<(Finding, DecidedBy)> {
        let verdict = judged.verdict;
        let Some(target) = self.target(branch) else { return self.of_line_left_out(branch, judged) };
        let found = verdict_on(self.plan, self.facts, target, &self.advisory.id)?;
        match &found.decision {
            Some(BranchDecision::LeftOut { by, .. }) => {
                Some((Finding::NotAffected, DecidedBy::Person(by.clone())))
            }
            // The evidence on the versions counts no more than that on the line's head.
            Some(BranchDecision::Affected { by }) if found.verdict == Verdict::NotAffected.as_str() => {
                let overruled = verdict != Verdict::AlreadyFixed;
                overruled.then(|| (Finding::Affected, DecidedBy::Person(by.clone())))
            }
            _ => None,
        }
    }

    /// What the release file says of a line by naming others. It answers what content leaves open, and hides nothing that content
    /// shows.
    fn of_line_left_out(&self, branch: &BranchName, judged: &JudgedVersion) -> Option<(Finding, DecidedBy)> {
        if let Some(when) = self.plan.inputs.release.later(self.repo, branch) {
            let finding = Some(Finding::of(judged.verdict)).filter(|finding| finding.carries());
            return finding.map(|it| (it, DecidedBy::Later(judged.because.clone(), when.to_owned())));
        }
        let fix = self.advisory.fix_in(self.repo);
        if let Some(said) = fix.and_then(|fix| fix.said_of(branch)) {
            let by = said.by.as_ref().unwrap_or(&self.plan.inputs.release.manager).clone();
            let carries = Finding::of(judged.verdict).carries();
            return carries.then(|| (Finding::NotAffected, DecidedBy::Said(by, said.because.clone())));
        }
        let fix = fix.filter(|fix| !fix.branches.is_empty());
        match fix.map(|_| Finding::of(judged.verdict))? {
            Finding::Affected => Some((Finding::Affected, DecidedBy::Unlisted(judged.because.clone()))),
            Finding::MayBeAffected => Some((Finding::NotAffected, DecidedBy::ReleaseFile)),
            Finding::Fixed | Finding::NotAffected => None,
        }
    }

    fn target(&self, branch: &BranchName) -> Option<&'a Target> {
        self.plan.target(self.repo, branch).filter(|target| target.advisories.contains(&self.advisory.id))
    }

    /// The versions that this release makes, beside those that are known. A line that gets no fix of the advisory is as the
    /// release before it on that line.
    fn released_now(&self, known: &[VersionRow]) -> Vec<VersionRow> {
        let targets = self.plan.targets_of(self.repo);
        let released = targets.filter(|target| released_before(self.plan, self.facts, target).is_none());
        released.flat_map(|target| self.released_from(target, known)).collect()
    }

    fn released_from(&self, target: &Target, known: &[VersionRow]) -> Vec<VersionRow> {
        let fixed = taken(self.plan, self.facts, target).any(|id| *id == self.advisory.id);
        let gets_nothing = taken(self.plan, self.facts, target).next().is_none() && target.carries.is_empty();
        if gets_nothing && !fixed {
            return Vec::new();
        }
        let left_out = is_left_out(self.plan, self.facts, target, &self.advisory.id);
        let row = |(version, tag): (Version, String)| {
            let before = || as_before(known, &target.branch, &version);
            let (finding, decided) = match (fixed, left_out) {
                (true, _) => (Finding::Fixed, DecidedBy::Release),
                (false, true) => (Finding::NotAffected, DecidedBy::Release),
                (false, false) => before().unwrap_or((Finding::NotAffected, DecidedBy::Release)),
            };
            VersionRow { version, tag, origin: Origin::Branch(target.branch.clone()), finding, decided }
        };
        self.made_by(target).into_iter().map(row).collect()
    }

    /// The versions of the series that a target's release makes, with their tags. A further tag may count by other numbers:
    /// `v0.305.3` beside `v3.5.3`.
    fn made_by(&self, target: &Target) -> Vec<(Version, String)> {
        let Some((version, tag)) = self.series.released_by(target) else { return Vec::new() };
        let mut made = vec![(version.clone(), tag.clone())];
        let repo = self.plan.inputs.catalog.repo(self.repo).filter(|_| self.series.package.is_none());
        let further = target.release.iter().flat_map(|release| &release.more_tags);
        for (repo, tag) in repo.into_iter().flat_map(|repo| further.clone().map(move |tag| (repo, tag))) {
            let is_its_own = !self.plan.inputs.is_of_a_package(repo, tag);
            let other = self.plan.inputs.version_of_tag(repo, tag).filter(|_| is_its_own);
            made.extend(other.filter(|other| other != version).map(|other| (other, tag.clone())));
        }
        made
    }
}

/// What is said of the newest release of a branch before this version, where that is not to be had with the fix.
fn as_before(known: &[VersionRow], branch: &BranchName, version: &Version) -> Option<(Finding, DecidedBy)> {
    let of_branch = known.iter().filter(|row| row.origin.branch() == Some(branch) && row.version < *version);
    let before = of_branch.max_by(|one, other| one.version.cmp(&other.version))?;
    Some((before.finding, before.decided.clone())).filter(|_| before.finding.carries())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn line_that_branches_leaves_out_is_named_where_its_newest_release_is_affected() {
        let row = |version: &str, line: &str, finding, decided| VersionRow {
            version: semver(version),
            tag: format!("v{version}"),
            origin: Origin::Branch(line.parse().unwrap()),
            finding,
            decided,
        };
        let unlisted = || DecidedBy::Unlisted("the fix applies as it is".to_owned());
        let by_content = || DecidedBy::Content(String::new());
        let rows = [
            row("1.0.0", "release-1", Finding::Affected, unlisted()),
            row("1.1.0", "release-1.1", Finding::Affected, unlisted()),
            row("1.1.1", "release-1.1", Finding::Fixed, by_content()),
            row("2.0.0", "release-2", Finding::Affected, by_content()),
        ];
        assert_eq!(
            lines_without_word(&rows),
            ["`release-1` is affected, left out by `branches`: 1.0.0 carries it, and its line gets no fix"]
        );
        assert_eq!(
            first_with_the_fix(&rows, &"release-1.1".parse().unwrap()),
            Some(&semver("1.1.1")),
            "the release of before"
        );
        assert_eq!(first_with_the_fix(&rows, &"release-2".parse().unwrap()), None);
    }

    #[test]
    fn release_without_the_fix_is_as_the_one_before_it_on_its_line() {
        let row = |version: &str, finding| VersionRow {
            version: semver(version),
            tag: format!("v{version}"),
            origin: Origin::Branch("release-2".parse().unwrap()),
            finding,
            decided: DecidedBy::Unlisted("the fix applies as it is".to_owned()),
        };
        let rows = [
            row("2.0.0", Finding::NotAffected),
            row("2.0.1", Finding::Affected),
            row("2.1.0", Finding::Fixed),
        ];
        let said = |branch: &str, version: &str| {
            as_before(&rows, &branch.parse().unwrap(), &semver(version)).map(|(finding, _)| finding)
        };
        assert_eq!(said("release-2", "2.0.2"), Some(Finding::Affected));
        assert_eq!(said("release-2", "2.1.1"), None, "it had the fix");
        assert_eq!(said("release-3", "3.0.0"), None, "nothing is known of it");
    }

    #[test]
    fn older_lines_follow_what_people_say_of_the_line_behind_them() {
        let row = |version: &str, origin: Origin, finding, decided: &DecidedBy| VersionRow {
            version: semver(version),
            tag: format!("v{version}"),
            origin,
            finding,
            decided: decided.clone(),
        };
        let (by_content, by_file) = (DecidedBy::Content(String::new()), DecidedBy::ReleaseFile);
        let old =
            |version: &str, finding| row(version, Origin::OldLine("old".to_owned()), finding, &by_content);
        let line = |version: &str, finding, decided| {
            row(version, Origin::Branch("line".parse().unwrap()), finding, decided)
        };
        let mut rows = vec![
            old("0.9.0", Finding::Affected),
            old("1.0.0", Finding::MayBeAffected),
            line("2.2.0", Finding::NotAffected, &by_file),
            old("2.9.0", Finding::MayBeAffected),
            line("3.0.0", Finding::Affected, &by_content),
        ];
        follow_the_line_behind(&mut rows);
        let findings: Vec<Finding> = rows.iter().map(|row| row.finding).collect();
        use Finding::{Affected, MayBeAffected, NotAffected};
        assert_eq!(findings, [Affected, NotAffected, NotAffected, MayBeAffected, Affected]);
        assert_eq!(rows[1].decided, DecidedBy::ReleaseFile);
    }
}
