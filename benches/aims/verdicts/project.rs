//! The history of a mirror as labelling needs it: the default branch, and what each release line has of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lockgate::CommitId;

use crate::repository::{git, output};
use crate::table::Failure;

/// One commit, read from `git log`.
pub(crate) struct Commit {
    pub(crate) id: CommitId,
    pub(crate) parents: Vec<CommitId>,
    /// When it was committed, in seconds.
    pub(crate) time: i64,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// A release line.
pub(crate) struct Line {
    pub(crate) name: String,
    /// What it has and the default branch has not, newest first, merged side branches included.
    pub(crate) own: Vec<Commit>,
    /// Those that were its head once, newest first, and the commit of the default branch that it left from.
    states: Vec<(CommitId, i64)>,
    /// Commits that its own name as what they were picked from.
    picked: BTreeSet<String>,
    subjects: BTreeSet<String>,
}

/// All of it.
pub(crate) struct Project {
    /// The default branch, newest first.
    pub(crate) default: Vec<Commit>,
    pub(crate) lines: Vec<Line>,
    /// Tags by name, with their commits.
    pub(crate) tags: BTreeMap<String, CommitId>,
}

impl Project {
    pub(crate) fn read(mirror: &Path) -> Result<Project, Failure> {
        let heads = output(git(mirror).args(["for-each-ref", "--format=%(refname)", "refs/heads"]))?;
        let named = |head: &str| head.trim_start_matches("refs/heads/").to_owned();
        let default = heads.lines().map(named).find(|name| name == "main" || name == "master");
        let default = default.ok_or("the mirror has neither `main` nor `master`")?;
        let lines =
            heads.lines().map(named).filter(|name| name.starts_with("release") || name.starts_with("stable"));
        let lines = lines.map(|name| Line::read(mirror, name, &default)).collect::<Result<_, _>>()?;
        let tags = output(git(mirror).args([
            "for-each-ref",
            "--format=%(refname:strip=2) %(objectname) %(*objectname)",
            "refs/tags",
        ]))?;
        let tags = tags.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (name, own) = (words.next()?, words.next()?);
            Some((
                name.to_owned(),
                words.next().filter(|peeled| !peeled.is_empty()).unwrap_or(own).parse().ok()?,
            ))
        });
        Ok(Project { tags: tags.collect(), default: log(mirror, &[&default])?, lines })
    }

    /// The commits of the default branch, by id.
    pub(crate) fn by_id(&self) -> BTreeMap<&CommitId, &Commit> {
        self.default.iter().map(|commit| (&commit.id, commit)).collect()
    }
}

impl Line {
    fn read(mirror: &Path, name: String, default: &str) -> Result<Line, Failure> {
        let without = format!("^{default}");
        let own = log(mirror, &[&name, &without])?;
        let mut states: Vec<(CommitId, i64)> = log(mirror, &["--first-parent", &name, &without])?
            .into_iter()
            .map(|commit| (commit.id, commit.time))
            .collect();
        if let Ok(fork) = output(git(mirror).args(["merge-base", &name, default])) {
            states.extend(log(mirror, &["-1", &fork])?.into_iter().map(|commit| (commit.id, commit.time)));
        }
        let trailer = regex::Regex::new(r"cherry[- ]picked from commit ([0-9a-f]{40})")?;
        let picked = own
            .iter()
            .flat_map(|commit| trailer.captures_iter(&commit.body))
            .map(|found| found[1].to_owned());
        let picked = picked.collect();
        let subjects = own.iter().map(|commit| bare(&commit.subject).to_owned()).collect();
        Ok(Line { name, own, states, picked, subjects })
    }

    /// Where the line stood just before a time; `None` if it had not left the default branch by then.
    pub(crate) fn state_before(&self, time: i64) -> Option<&CommitId> {
        self.states.iter().find(|(_, at)| *at < time).map(|(id, _)| id)
    }

    /// Whether something was committed to it within so many weeks of a time, on either side of it.
    pub(crate) fn is_alive_at(&self, time: i64, weeks: i64) -> bool {
        let within = weeks * 7 * 24 * 3600;
        let own = self.own.iter().filter(|commit| (commit.time - time).abs() <= within);
        own.count() > 0
    }

    /// Whether one of its own commits has this subject.
    pub(crate) fn has_subject(&self, subject: &str) -> bool {
        self.subjects.contains(bare(subject))
    }

    /// Whether it says that a commit was carried to it, now or later.
    pub(crate) fn says_it_has(&self, commit: &Commit) -> bool {
        self.picked.contains(commit.id.as_str()) || self.subjects.contains(bare(&commit.subject))
    }
}

/// A subject without the numbers and the branch that a backport puts round it.
pub(crate) fn bare(subject: &str) -> &str {
    let mut subject = subject.trim();
    if subject.starts_with('[') {
        subject = subject.split_once(']').map_or(subject, |(_, rest)| rest.trim());
    }
    while let Some((rest, _)) = subject.rsplit_once(" (#").filter(|_| subject.ends_with(')')) {
        subject = rest;
    }
    subject
}

fn log(mirror: &Path, what: &[&str]) -> Result<Vec<Commit>, Failure> {
    let form = "--format=%x1e%H%x1f%P%x1f%ct%x1f%s%x1f%b";
    let text = git(mirror).args(["log", "--encoding=UTF-8", form]).args(what).arg("--").output()?;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    text.split('\u{1e}').skip(1).map(commit).collect()
}

fn commit(record: &str) -> Result<Commit, Failure> {
    let mut fields = record.splitn(5, '\u{1f}');
    let mut next = || fields.next().ok_or("git log printed something else than was asked");
    Ok(Commit {
        id: next()?.parse()?,
        parents: next()?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?,
        time: next()?.parse()?,
        subject: next()?.to_owned(),
        body: next()?.to_owned(),
    })
}
