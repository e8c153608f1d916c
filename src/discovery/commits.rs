//! What the newest commits of the default branch show: how they came there, who signs off, who merges.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::fact::Fact;
use crate::git::{CommitInfo, Signature};
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
    /// The name of the one who does it most, if there is no login of theirs.
    pub(super) unnamed: Option<String>,
}

impl CommitHabits {
    pub(super) fn of(commits: &[CommitInfo]) -> CommitHabits {
        let busiest = busiest(commits);
        let unnamed = busiest.first().filter(|(person, _)| login(person).is_none());
        CommitHabits {
            merge: merge(commits),
            sign_off: sign_off(commits),
            people: busiest.iter().filter_map(|(person, _)| login(person)).take(3).collect(),
            unnamed: unnamed.map(|(person, _)| person.name.clone()),
        }
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

/// Who merges, or who writes where nobody merges, with how often; those who do it most come first.
fn busiest(commits: &[CommitInfo]) -> Vec<(&Signature, usize)> {
    let merges: Vec<&CommitInfo> = commits.iter().filter(|commit| commit.is_merge()).collect();
    let telling = if merges.is_empty() { commits.iter().collect() } else { merges };
    let mut counts: BTreeMap<&str, (&Signature, usize)> = BTreeMap::new();
    for commit in telling.iter().filter(|commit| !commit.author.name.contains("[bot]")) {
        counts.entry(commit.author.email.as_str()).or_insert((&commit.author, 0)).1 += 1;
    }
    let mut counts: Vec<(&Signature, usize)> = counts.into_values().filter(|(_, count)| *count > 1).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// Logins stand in the addresses that GitHub gives to those who hide theirs.
fn login(person: &Signature) -> Option<Login> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:\d+\+)?(?<login>[A-Za-z0-9-]+)@users\.noreply\.github\.com$").ok());
    ADDRESS.as_ref()?.captures(&person.email)?["login"].parse().ok()
}
