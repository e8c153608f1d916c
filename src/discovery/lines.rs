//! Release lines: branches that are called after versions, and which of them are alive.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::fact::Fact;
use super::history::History;
use super::tags::{ReleasedVersion, TagHabits};
use crate::backport::{TagPlace, place_tags};
use crate::git::{GitError, Reference};
use crate::ids::{BranchName, CommitId};

/// A line is taken for supported if it had a release this long before the newest one of the repository, or later.
/// Security releases reach all supported lines at about the same time.
const ALIVE: SignedDuration = SignedDuration::from_hours(24 * 122);

/// How far back the default branch's own commits are read in search of a release.
const OWN_COMMITS: usize = 2000;

/// What stands before and after the numbers in the names of lines, beside the project's own name. As little as may be stands
/// before: `v2.11` is no project `v2` with a line 11.
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "release|releases|rel|stable|maint|maintenance|branch|support|series|lts";
    let pattern = format!(
        r"(?i)^(?:(?:{words}|(?<name>[a-z][a-z0-9_-]*?))[-/_.])??(?:(?:{words})[-/_.])?v?(?<numbers>\d+(?:[.\-_]\d+)*)(?<any>(?:[.\-_]x)+)?(?:[-_.](?:stable|series|maintenance|maint|lts|release))?$"
    );
    Regex::new(&pattern).ok()
});

/// The lines of a repository.
#[derive(Debug)]
pub(super) struct FoundLines {
    /// Those that seem supported, oldest first.
    pub(super) alive: Fact<Vec<BranchName>>,
    /// The newest releases of these.
    pub(super) newest: Vec<ReleasedVersion>,
    /// Those that seem no longer supported, with their newest release.
    pub(super) old: Vec<(BranchName, String)>,
    /// Those from which nothing has been released yet, with their newest pre-release.
    pub(super) coming: Vec<(BranchName, Option<String>)>,
    /// Whether releases are made from the default branch, where there are lines.
    pub(super) from_default: Option<Fact<bool>>,
    /// Those of the supported lines that are newer than the default branch, oldest first.
    pub(super) newer: Vec<BranchName>,
    /// Whether the releases of lines are merged into the default branch, and its own into the newer lines.
    pub(super) merged_up: bool,
}

struct FoundLine<'a> {
    branch: BranchName,
    head: CommitId,
    numbers: Vec<u64>,
    newest: Option<&'a ReleasedVersion>,
}

impl FoundLines {
    /// Finds them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn of(
        history: &History<'_>,
        tags: &TagHabits,
        (name, supported): (&str, &BTreeSet<Vec<u64>>),
    ) -> Result<FoundLines, GitError> {
        let stable = stable_branch(history, tags)?;
        let mut lines: Vec<FoundLine<'_>> = Vec::new();
        for (branch, head) in history.branches.iter().filter(|(branch, _)| **branch != history.default_branch)
        {
            let called = numbers_of(branch.as_str(), name).or_else(|| {
                stable.as_ref().filter(|(own, _)| own == branch).map(|(_, numbers)| numbers.clone())
            });
            let numbers =
                if called.is_some() { called } else { number_alone(history, tags, (branch, head))? };
            let Some(numbers) = numbers else { continue };
            let newest = newest_of(&numbers, tags);
            lines.push(FoundLine { branch: branch.clone(), head: head.clone(), numbers, newest });
        }
        let lines = one_of_each(history, lines)?;
        let since = tags.versions.iter().map(|released| released.tag.date).max().map(|newest| newest - ALIVE);
        let (released, coming) = of_releases(lines);
        let is_named = |line: &FoundLine<'_>| supported.contains(&line.numbers);
        let (alive, old): (Vec<_>, Vec<_>) =
            released.into_iter().partition(|line| line.is_alive(since) || is_named(line));
        let lasting: Vec<String> = alive
            .iter()
            .filter(|line| !line.is_alive(since))
            .map(|line| format!("`{}`", line.branch))
            .collect();
        let lasting = if lasting.is_empty() {
            String::new()
        } else {
            format!("; the security policy names {} as supported", lasting.join(", "))
        };
        let told = |line: &FoundLine<'_>| Ok((line.branch.clone(), line.told_with_commits(history, since)?));
        let old = old.iter().map(told).collect::<Result<_, GitError>>()?;
        let from_default = from_default(history, tags, &alive)?;
        let own = numbers_of(history.default_branch.as_str(), name);
        let is_newer = |line: &&FoundLine<'_>| own.as_ref().is_some_and(|own| line.numbers > *own);
        let (newer, older): (Vec<_>, Vec<_>) = alive.iter().partition(is_newer);
        let default = own.as_ref().and_then(|own| newest_of(own, tags));
        let merged_up = merged_up(history, &older, (default, &newer))?;
        let newer = newer.iter().map(|line| line.branch.clone()).collect();
        let coming = coming.into_iter().filter(|line| line.is_ahead(tags));
        Ok(FoundLines {
            from_default,
            newer,
            merged_up,
            coming: coming.map(|line| (line.branch.clone(), line.newest.map(|_| line.told()))).collect(),
            old,
            newest: alive.iter().filter_map(|line| line.newest.cloned()).collect(),
            alive: Fact::guessed(
                alive.iter().map(|line| line.branch.clone()).collect(),
                if alive.is_empty() {
                    "no branch is called after a version that had a release of late".to_owned()
                } else {
                    format!(
                        "their newest releases are {}{lasting}",
                        alive.iter().map(FoundLine::told).collect::<Vec<_>>().join(", ")
                    )
                },
            ),
        })
    }
}

/// One branch of each line, from old to new: that which holds the line's newest release, where each release has a branch
/// (`release/v2.11.12`), and of several the shortest: `rel-0.23.19` beside `rel-0.23` was made for one release.
fn one_of_each<'a>(history: &History<'_>, lines: Vec<FoundLine<'a>>) -> Result<Vec<FoundLine<'a>>, GitError> {
    let mut ranked = Vec::new();
    for line in lines {
        let newest = line.newest.map(|newest| &newest.tag.commit);
        let holds = newest.map(|tag| history.store.is_ancestor(tag, &line.head)).transpose()?;
        ranked.push((holds != Some(true), line));
    }
    ranked.sort_by(|(lacks, one), (lacks_too, other)| {
        let name = |line: &FoundLine<'_>| (line.branch.as_str().len(), line.branch.clone());
        one.numbers.cmp(&other.numbers).then(lacks.cmp(lacks_too)).then_with(|| name(one).cmp(&name(other)))
    });
    ranked.dedup_by(|(_, one), (_, other)| one.numbers == other.numbers);
    Ok(ranked.into_iter().map(|(_, line)| line).collect())
}

/// Those from which something was released, and those from which nothing was. Pre-releases count where no line has had more.
fn of_releases(lines: Vec<FoundLine<'_>>) -> (Vec<FoundLine<'_>>, Vec<FoundLine<'_>>) {
    let is_whole = |line: &FoundLine<'_>| line.newest.is_some_and(|newest| !newest.version.is_prerelease());
    let any_whole = lines.iter().any(is_whole);
    lines.into_iter().partition(|line| if any_whole { is_whole(line) } else { line.newest.is_some() })
}

impl FoundLine<'_> {
    fn is_alive(&self, since: Option<Timestamp>) -> bool {
        self.newest.is_some_and(|newest| since.is_none_or(|since| newest.tag.date >= since))
    }

    /// The same, and whether somebody still works on it.
    fn told_with_commits(&self, history: &History<'_>, since: Option<Timestamp>) -> Result<String, GitError> {
        let last = history.store.commit_info(&self.head)?.committer.time;
        let is_tended = since.is_some_and(|since| last >= since);
        let commits = format!(", and which has commits of {}", last.strftime("%Y-%m-%d"));
        Ok(format!("{}{}", self.told(), if is_tended { commits.as_str() } else { "" }))
    }

    /// Whether its first release is still to come.
    fn is_ahead(&self, tags: &TagHabits) -> bool {
        tags.newest().is_some_and(|newest| numbers(newest) < self.numbers)
    }

    /// Its newest release with its day.
    fn told(&self) -> String {
        self.newest.map_or_else(String::new, |newest| {
            format!("{} of {}", newest.version, newest.tag.date.strftime("%Y-%m-%d"))
        })
    }
}

/// The numbers of the versions that a branch is called after. One that says all three is called after its first release.
fn numbers_of(branch: &str, name: &str) -> Option<Vec<u64>> {
    let found = LINE.as_ref()?.captures(branch)?;
    if found.name("name").is_some_and(|word| !word.as_str().eq_ignore_ascii_case(name)) {
        return None;
    }
    let numbers: Option<Vec<u64>> =
        found["numbers"].split(['.', '-', '_']).map(|number| number.parse().ok()).collect();
    let mut numbers = numbers?;
    numbers.truncate(2);
    (bare(branch).is_none() && numbers.iter().all(|number| *number < 1000)).then_some(numbers)
}

/// The number of `v2` and `705`, which may be lines or anything else; `2.x` and `release-2` are lines.
fn bare(branch: &str) -> Option<u64> {
    branch.strip_prefix(['v', 'V']).unwrap_or(branch).parse().ok()
}

/// The number of a branch that is called so and nothing else, if the newest release of that number was made there.
fn number_alone(
    history: &History<'_>,
    tags: &TagHabits,
    (branch, head): (&BranchName, &CommitId),
) -> Result<Option<Vec<u64>>, GitError> {
    let numbers = bare(branch.as_str()).map(|number| vec![number]);
    let Some(newest) = numbers.as_ref().and_then(|line| newest_of(line, tags)) else { return Ok(None) };
    let holds = |head: &CommitId| history.store.is_ancestor(&newest.tag.commit, head);
    Ok(if holds(head)? && !holds(&history.head)? { numbers } else { None })
}

/// The one branch for maintenance from which the newest release was made, while the default branch went on, with the numbers of
/// that line: projects such as those of Pallets move `stable` from one line to the next.
fn stable_branch(
    history: &History<'_>,
    tags: &TagHabits,
) -> Result<Option<(BranchName, Vec<u64>)>, GitError> {
    const NAMES: [&str; 5] = ["stable", "maintenance", "maint", "release", "releases"];
    let Some(newest) = tags.newest() else { return Ok(None) };
    let called = |name: &&str| history.branches.get_key_value(&name.parse::<BranchName>().ok()?);
    let Some((branch, head)) = NAMES.iter().find_map(called) else { return Ok(None) };
    let is_there = history.store.is_ancestor(&newest.tag.commit, head)?;
    if *branch == history.default_branch || !is_there {
        return Ok(None);
    }
    let own = history.newest_commits(OWN_COMMITS)?;
    let is_elsewhere = |released: &ReleasedVersion| own.iter().all(|commit| commit.id != released.tag.commit);
    // The first release of a line may be made on the default branch, and those that mend it here.
    let is_mended = |released: &&ReleasedVersion| {
        !released.version.is_prerelease() && numbers(released).get(2).is_some_and(|number| *number > 0)
    };
    let mended = tags.versions.iter().rev().find(is_mended).filter(|mended| is_elsewhere(mended));
    let holds_mended = |mended: &ReleasedVersion| history.store.is_ancestor(&mended.tag.commit, head);
    let is_one = is_elsewhere(newest)
        || *head != history.head && mended.map(holds_mended).transpose()?.unwrap_or_default();
    let line: Vec<u64> = numbers(newest).into_iter().take(2).collect();
    Ok(is_one.then(|| (branch.clone(), line)))
}

fn numbers(released: &ReleasedVersion) -> Vec<u64> {
    released.version.numbers().map_while(|number| number.parse().ok()).collect()
}

fn newest_of<'a>(line: &[u64], tags: &'a TagHabits) -> Option<&'a ReleasedVersion> {
    let of_line = || tags.versions.iter().rev().filter(|released| numbers(released).starts_with(line));
    of_line().find(|released| !released.version.is_prerelease()).or_else(|| of_line().next())
}

/// Whether the newest release is on the default branch and on no line.
fn from_default(
    history: &History<'_>,
    tags: &TagHabits,
    lines: &[FoundLine<'_>],
) -> Result<Option<Fact<bool>>, GitError> {
    let Some(newest) = tags.newest().filter(|_| !lines.is_empty()) else { return Ok(None) };
    let heads: Vec<CommitId> =
        lines.iter().map(|line| line.head.clone()).chain([history.head.clone()]).collect();
    let tag = Reference { name: newest.tag.name.clone(), commit: newest.tag.commit.clone() };
    let default = heads.len() - 1;
    let place =
        place_tags(history.store, &heads, (Some(default), &BTreeSet::new()), std::slice::from_ref(&tag))?;
    let on_default = matches!(place.first(), Some(TagPlace::On(at) | TagPlace::Beside(at)) if *at == default);
    Ok(on_default.then(|| Fact::seen(true, format!("`{}` was released from it", newest.tag.name))))
}

/// Whether the default branch holds the newest releases of all older lines, and newer lines hold its own, as they do where fixes
/// are merged upwards. At least one came there by a merge: a branch that is made when the default branch releases holds that, too.
fn merged_up(
    history: &History<'_>,
    older: &[&FoundLine<'_>],
    (default, newer): (Option<&ReleasedVersion>, &[&FoundLine<'_>]),
) -> Result<bool, GitError> {
    let released: BTreeSet<&CommitId> =
        older.iter().filter_map(|line| Some(&line.newest?.tag.commit)).collect();
    let below = released.iter().map(|commit| (*commit, &history.head));
    let above = newer.iter().filter_map(|line| Some((&default?.tag.commit, &line.head)));
    let mut held: BTreeMap<&CommitId, Vec<&CommitId>> = BTreeMap::new();
    for (commit, head) in below.chain(above) {
        if !history.store.is_ancestor(commit, head)? {
            return Ok(false);
        }
        held.entry(head).or_default().push(commit);
    }
    for (head, commits) in held {
        let own = history.own_commits(head, OWN_COMMITS)?;
        if commits.into_iter().any(|commit| own.iter().all(|own| own.id != *commit)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_that_are_called_after_versions_are_lines() {
        for (branch, numbers) in [
            ("2.19", vec![2, 19]),
            ("4.x", vec![4]),
            ("0.14.x", vec![0, 14]),
            ("v7.x", vec![7]),
            ("v2.11", vec![2, 11]),
            ("release-36.0.0", vec![36, 0]),
            ("release/2.4.x", vec![2, 4]),
            ("release-3.5", vec![3, 5]),
            ("7-2-stable", vec![7, 2]),
            ("rel-0.23", vec![0, 23]),
            ("tokio-1.52.x", vec![1, 52]),
            ("1.25-series", vec![1, 25]),
            ("stable/2.0", vec![2, 0]),
            ("maint-3.1", vec![3, 1]),
            ("releases/v1.2", vec![1, 2]),
        ] {
            assert_eq!(numbers_of(branch, "tokio"), Some(numbers), "{branch}");
        }
        for branch in [
            "main",
            "fix-3951",
            "pr-2398",
            "beta-1.96",
            "ci-beta-1.87",
            "v2",
            "lint4",
            "mustermann-4.0",
            "proposed/3.0.0",
            "dependabot/npm_and_yarn/ws-7.5.10",
            "1.39-ew-patches",
            "2022-05-11",
            "705",
        ] {
            assert_eq!(numbers_of(branch, "tokio"), None, "{branch}");
        }
    }
}
