//! What the newest commits of the default branch show: how they came there, who signs off, who merges.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::fact::Fact;
use crate::git::CommitInfo;
use crate::ids::Login;
use crate::merge_rules::MergeMethod;

/// The habits that they show.
#[derive(Debug)]
pub(super) struct CommitHabits {
    /// How pull requests come in.
    pub(super) merge: Option<Fact<MergeMethod>>,
    /// Whether nearly every commit is signed off.
    pub(super) sign_off: Option<Fact<bool>>,
    /// Those who merge most, or write most where nobody merges, as far as their logins can be told.
    pub(super) people: Vec<Login>,
}

impl CommitHabits {
    pub(super) fn of(commits: &[CommitInfo]) -> CommitHabits {
        CommitHabits { merge: merge(commits), sign_off: sign_off(commits), people: people(commits) }
    }
}

fn merge(commits: &[CommitInfo]) -> Option<Fact<MergeMethod>> {
    static SQUASHED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\(#\d+\)$").ok());
    let squashed = SQUASHED.as_ref()?;
    let merges = commits.iter().filter(|commit| commit.is_merge()).count();
    let squashes =
        commits.iter().filter(|commit| !commit.is_merge() && squashed.is_match(commit.subject())).count();
    let of = commits.len();
    let told =
        |count: usize, what: &str| format!("{count} of the last {of} commits of the default branch {what}");
    if merges * 2 > of {
        Some(Fact::guessed(MergeMethod::Merge, told(merges, "are merges")))
    } else if squashes * 2 > of {
        Some(Fact::guessed(MergeMethod::Squash, told(squashes, "are squashed pull requests")))
    } else {
        None
    }
}

fn sign_off(commits: &[CommitInfo]) -> Option<Fact<bool>> {
    let own: Vec<&CommitInfo> =
        commits.iter().filter(|commit| !commit.is_merge() && !commit.author.name.contains("[bot]")).collect();
    let signed = own.iter().filter(|commit| commit.message.contains("\nSigned-off-by: ")).count();
    let nearly_all = own.len() >= 5 && signed * 10 >= own.len() * 9;
    nearly_all
        .then(|| Fact::guessed(true, format!("{signed} of the last {} commits are signed off", own.len())))
}

/// Logins stand in the addresses that GitHub gives to those who hide theirs.
fn people(commits: &[CommitInfo]) -> Vec<Login> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:\d+\+)?(?<login>[A-Za-z0-9-]+)@users\.noreply\.github\.com$").ok());
    let Some(address) = ADDRESS.as_ref() else { return Vec::new() };
    let mut counts: BTreeMap<Login, usize> = BTreeMap::new();
    let merges: Vec<&CommitInfo> = commits.iter().filter(|commit| commit.is_merge()).collect();
    let telling = if merges.is_empty() { commits.iter().collect() } else { merges };
    for commit in telling {
        let found = address.captures(&commit.author.email).and_then(|found| found["login"].parse().ok());
        if let Some(login) = found {
            *counts.entry(login).or_default() += 1;
        }
    }
    let mut counts: Vec<(Login, usize)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(login, _)| login).take(3).collect()
}
