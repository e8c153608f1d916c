//! The report for reading.

use std::fmt::{self, Write as _};

use jiff::Timestamp;

use super::advisory::ReportedAdvisory;
use super::approval::Approval;
use super::data::{ReleaseOutcome, Report, breach};
use super::left::LeftToDo;
use super::proof::signed;
use super::target::{Change, ReportedTarget};
use crate::wording::counted;

impl fmt::Display for Report {
    /// What was released where, on what evidence, when, and what people did for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.title, self.release)?;
        writeln!(f, "  {}", ended(&self.outcome))?;
        writeln!(f, "  incident manager {}, workflow {}", self.manager, self.workflow)?;
        self.targets(f)?;
        writeln!(f, "\nAdvisories")?;
        self.advisories.iter().try_for_each(|advisory| advisory_line(f, advisory))?;
        self.times(f)?;
        self.mails(f)?;
        self.people(f)?;
        if !self.verified.is_empty() {
            writeln!(f, "\nVerified from outside: {} passed", counted(self.verified.len(), "check"))?;
        }
        self.left(f)
    }
}

impl Report {
    fn left(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.left.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nLeft for you to do")?;
        for LeftToDo { what, how } in &self.left {
            writeln!(f, "  {what}")?;
            how.iter().try_for_each(|how| writeln!(f, "      {how}"))?;
        }
        Ok(())
    }

    fn targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for target in &self.targets {
            if before != Some(&target.repo) {
                writeln!(f, "\n{}", target.repo)?;
                before = Some(&target.repo);
            }
            target_lines(f, target)?;
        }
        Ok(())
    }

    fn times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nTimes")?;
        let breach = breach(&self.amendments);
        for (name, time) in [
            ("announced", self.announced),
            ("embargo broken", breach.map(|_| self.disclosure)),
            ("started", self.started),
            ("embargo ended", self.embargo_ended),
            ("all published", self.published),
        ] {
            if let Some(time) = time {
                writeln!(f, "  {name:<16} {time:.0}")?;
            }
        }
        match self.embargo_to_published_seconds {
            Some(seconds) => {
                writeln!(f, "  from the end of the embargo to the last advisory: {}", span(seconds))
            }
            None => Ok(()),
        }
    }

    fn mails(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mails.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nMails")?;
        self.mails.iter().try_for_each(|mail| {
            writeln!(f, "  {:.0}  {} (to {})", mail.at, mail.subject, mail.to.join(", "))
        })
    }

    fn people(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = self.operator_actions;
        writeln!(f, "\nPeople")?;
        writeln!(
            f,
            "  {}: {}, {}, {} waived, {} resolved",
            counted(actions.total as usize, "action"),
            counted(actions.approvals as usize, "approval"),
            counted(actions.confirmations as usize, "confirmation"),
            actions.waivers,
            counted(actions.resolutions as usize, "conflict")
        )?;
        for approval in &self.approvals {
            let Approval { by, gate, digest, lapsed, proof, .. } = approval;
            let lapsed = if *lapsed { "; it lapsed" } else { "" };
            writeln!(f, "  {by} approved {gate} at {}{}{lapsed}", digest.short(), signed(proof.as_ref()))?;
        }
        for waiver in &self.waivers {
            writeln!(f, "  {} waived {}: {}", waiver.by, waiver.step, waiver.reason)?;
        }
        for amendment in &self.amendments {
            let files = amendment.files.join(" and ");
            let why = amendment.reason.iter().map(|why| format!(", because the embargo was broken: {why}"));
            let why: String = why.collect();
            writeln!(f, "  {} changed {files} at {:.0}{why}", amendment.by, amendment.at)?;
        }
        if self.reruns + self.resumed > 0 {
            writeln!(
                f,
                "  {} of red checks, resumed {}",
                counted(self.reruns as usize, "rerun"),
                counted(self.resumed as usize, "time")
            )?;
        }
        for adopted in &self.adopted {
            writeln!(f, "  found there: {}: {}", adopted.step, adopted.what)?;
        }
        for failure in &self.failures {
            writeln!(f, "  failed at {:.0}: {}: {}", failure.at, failure.step, failure.message)?;
        }
        Ok(())
    }
}

fn ended(outcome: &ReleaseOutcome) -> String {
    match outcome {
        ReleaseOutcome::Finished => "every step is done".to_owned(),
        ReleaseOutcome::Unfinished { done, of } => format!("not finished: {done} of {of} steps are done"),
        ReleaseOutcome::Aborted { reason } => format!("called off: {reason}"),
    }
}

fn target_lines(f: &mut fmt::Formatter<'_>, target: &ReportedTarget) -> fmt::Result {
    let released = match (&target.from_version, &target.version, &target.tag) {
        (Some(from), Some(to), Some(tag)) => {
            format!("{from} -> {to}, released as {tag}{}", at(target.released))
        }
        _ if target.left_out => "left out".to_owned(),
        (Some(from), Some(to), None) => format!("{from} -> {to}, NOT RELEASED"),
        _ => target
            .released_before
            .as_ref()
            .map_or("no release from here".to_owned(), |it| format!("no new release: {it} has every fix")),
    };
    writeln!(f, "  {:<20} {released}", target.branch.as_str())?;
    for package in &target.packages {
        writeln!(f, "      {} {} -> {}", package.name, package.from_version, package.version)?;
    }
    for one in &target.verdicts {
        writeln!(f, "      {}: {}", one.advisory, one.verdict.summary())?;
    }
    if let Some(url) = &target.release_url {
        writeln!(f, "      {url}")?;
    }
    if let Some(patch) = &target.patch {
        writeln!(f, "      fixes  {}", change(patch))?;
    }
    if let Some(bump) = &target.bump {
        writeln!(f, "      bump   {}", change(bump))?;
    }
    if let Some(tree) = &target.tree {
        writeln!(f, "      proven tree {}: {}", tree.short(), suites(target))?;
    }
    if let Some(matrix) = &target.matrix {
        writeln!(f, "      CI: {}", matrix.headline())?;
        matrix.remarks().iter().try_for_each(|remark| writeln!(f, "        {remark}"))?;
    }
    target.review.iter().try_for_each(|review| writeln!(f, "      reviewed: {review}"))
}

fn suites(target: &ReportedTarget) -> String {
    if target.suites.is_empty() {
        return if target.matrix.is_some() { "by the project's own CI" } else { "no suite was run" }
            .to_owned();
    }
    let told = |suite: &super::target::Suite| {
        let isolation = suite.isolation.as_ref().filter(|isolation| !isolation.is_whole());
        let isolation = isolation.map_or_else(String::new, |isolation| format!(" ({isolation})"));
        format!("{} {}{isolation}", suite.name, suite.outcome)
    };
    let mut told: Vec<String> = target.suites.iter().map(told).collect();
    if !target.absent.is_empty() {
        told.push(format!("without {}", target.absent.join(" and ")));
    }
    told.join(", ")
}

fn change(change: &Change) -> String {
    let mut text = change.url.clone();
    if let Some(commit) = &change.merged_as {
        let _ = write!(text, " merged as {}{}", commit.short(), at(change.merged));
    }
    text
}

fn advisory_line(f: &mut fmt::Formatter<'_>, advisory: &ReportedAdvisory) -> fmt::Result {
    let none = if advisory.cve_owed { "its CVE is requested and owed" } else { "no CVE" };
    let cve = advisory.cve.as_ref().map_or_else(|| none.to_owned(), ToString::to_string);
    let state = advisory.state.as_deref().unwrap_or("not published");
    writeln!(f, "  {} ({cve}) {state}{}: {}", advisory.id, at(advisory.published), advisory.summary)?;
    match &advisory.url {
        Some(url) => writeln!(f, "      {url}"),
        None => Ok(()),
    }
}

fn at(time: Option<Timestamp>) -> String {
    time.map(|time| format!(" at {time:.0}")).unwrap_or_default()
}

/// A time in hours, minutes and seconds.
fn span(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        assert_eq!(span(59), "59 s");
        assert_eq!(span(61), "1 min 1 s");
        assert_eq!(span(7322), "2 h 2 min 2 s");
    }
}
