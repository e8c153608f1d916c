//! What a project's release notes say: which released version of which line fixes which advisory.
//!
//! Wasmtime keeps `RELEASES.md` on every line, names each advisory under every version that fixes it, and releases all
//! supported lines that are affected on one day. Which commit of the default branch fixes which advisory was matched by
//! hand, from titles; where one could not be told, the advisory is left out (GHSA-xjhv-v822-pf94, and those before 2022).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lockgate::CommitId;
use regex::Regex;

use super::project::Project;
use super::{Question, Truth};
use crate::repository::{git, output};
use crate::table::Failure;

/// An advisory and the commits that fix it, a line each. Of projects that have none of these commits nothing is asked.
const FIXES: &str = include_str!("fixes.txt");

/// A released version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Release {
    version: semver::Version,
    /// As it is written: `2026-04-09`.
    date: String,
}

#[derive(Default)]
struct Notes {
    releases: BTreeSet<Release>,
    /// Which versions name an advisory.
    named: BTreeMap<String, BTreeSet<Release>>,
}

pub(super) fn questions(mirror: &Path, project: &Project) -> Result<Vec<Question>, Failure> {
    let by_id = project.by_id();
    let notes = read(mirror, project)?;
    let mut questions = Vec::new();
    for line in FIXES.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(advisory) = words.next() else { continue };
        let fix: Vec<CommitId> = words.map(str::parse).collect::<Result<_, _>>()?;
        if fix.is_empty() || !fix.iter().all(|commit| by_id.contains_key(commit)) {
            continue;
        }
        let Some(fixed_in) = notes.named.get(advisory) else { continue };
        questions.extend(notes.of(advisory, &fix, fixed_in, project));
    }
    // Two advisories that one commit fixes ask the same; an answer counts once.
    questions
        .sort_by(|one, other| (&one.fix, &one.head, one.truth).cmp(&(&other.fix, &other.head, other.truth)));
    questions.dedup_by(|one, other| one.fix == other.fix && one.head == other.head);
    Ok(questions)
}

impl Notes {
    fn of(
        &self,
        advisory: &str,
        fix: &[CommitId],
        fixed_in: &BTreeSet<Release>,
        project: &Project,
    ) -> Vec<Question> {
        let Some(day) =
            fixed_in.iter().filter(|release| release.version.patch > 0).map(|release| &release.date).min()
        else {
            return Vec::new();
        };
        let lines: BTreeSet<(u64, u64)> =
            self.releases.iter().map(|release| line_of(&release.version)).collect();
        let mut questions = Vec::new();
        for line in lines {
            let of_line: Vec<&Release> =
                self.releases.iter().filter(|release| line_of(&release.version) == line).collect();
            let named = of_line.iter().find(|release| fixed_in.contains(release));
            // The version before the one that names it was released with it; a line that names it in its first
            // version had the fix before it was released at all.
            let before = match named {
                Some(named) => of_line.iter().rfind(|release| release.version < named.version),
                None => of_line.iter().rfind(|release| release.date < *day),
            };
            let supported = of_line.iter().any(|release| release.date >= *day);
            let Some(before) = before.filter(|_| named.is_some() || supported) else { continue };
            if named.is_none() && contradicted(project, advisory, fix, line) {
                continue;
            }
            let truth = if named.is_some() { Truth::Affected } else { Truth::NotAffected };
            let asked = [Some((*before, truth)), named.map(|named| (*named, Truth::Fixed))];
            for (release, truth) in asked.into_iter().flatten() {
                let Some(head) = project.tags.get(&format!("v{}", release.version)) else { continue };
                questions.push(Question {
                    fix: fix.to_vec(),
                    head: head.clone(),
                    truth,
                    about: format!("{advisory} v{}", release.version),
                });
            }
        }
        questions
    }
}

/// Whether a line's commits say that it got the fix although its notes do not.
fn contradicted(project: &Project, advisory: &str, fix: &[CommitId], of: (u64, u64)) -> bool {
    let name = format!("release-{}.{}.0", of.0, of.1);
    let Some(line) = project.lines.iter().find(|line| line.name == name) else { return false };
    let said = |text: &str| text.to_lowercase().contains(&advisory.to_lowercase());
    let by_id = project.by_id();
    line.own.iter().any(|commit| said(&commit.subject) || said(&commit.body))
        || fix.iter().filter_map(|id| by_id.get(id)).any(|commit| line.says_it_has(commit))
}

/// What the notes of every line say of its own versions and of those before them.
fn read(mirror: &Path, project: &Project) -> Result<Notes, Failure> {
    let heading = Regex::new(r"^## (\d+\.\d+\.\d+)")?;
    let released = Regex::new(r"^Released (\d{4}-\d\d-\d\d)")?;
    let advisory = Regex::new(r"GHSA(?:-[0-9a-z]{4}){3}")?;
    let mut notes = Notes::default();
    for line in &project.lines {
        let file = format!("refs/heads/{}:RELEASES.md", line.name);
        let Ok(text) = output(git(mirror).args(["cat-file", "blob", &file])) else { continue };
        let (mut version, mut release): (Option<semver::Version>, Option<Release>) = (None, None);
        for text in text.lines() {
            if let Some(found) = heading.captures(text) {
                (version, release) = (Some(found[1].parse()?), None);
            } else if let (Some(found), Some(version)) = (released.captures(text), &version) {
                let one = Release { version: version.clone(), date: found[1].to_owned() };
                notes.releases.insert(one.clone());
                release = Some(one);
            } else if let Some(release) = &release {
                for found in advisory.find_iter(text) {
                    notes.named.entry(found.as_str().to_owned()).or_default().insert(release.clone());
                }
            }
        }
    }
    Ok(notes)
}

/// Which line a version belongs to: before 1.0 the minor number tells, after it the major.
fn line_of(version: &semver::Version) -> (u64, u64) {
    (version.major, if version.major == 0 { version.minor } else { 0 })
}
