//! The jobs of a real project: its known backports, and one fix onto all of its release branches.

use std::path::Path;

use lockgate::{CommitId, Store};

use super::{AIM, explained, job, peer};
use crate::cases::read;
use crate::picks::Case;
use crate::repository::{git, output};
use crate::table::{Failure, Table};

/// How many release branches take a fix at most.
const BRANCHES: usize = 57;
/// How many files a fix should have that is carried to all of them, and among how many commits one is looked for.
const FILES: usize = 32;
const COMMITS: usize = 300;

pub(super) fn measure(table: &mut Table, mirror: &Path, file: &Path) -> Result<(), Failure> {
    let cases = peer::answerable(mirror, read(file)?)?;
    job::measure(table, &format!("{} pairs", cases.len()), AIM, mirror, &cases)?;
    let (made, _) = peer::answers(mirror, &cases)?;
    let is_clean = |made: &job::Made| matches!(made, job::Made::Tree(_));
    let (clean, open): (Vec<_>, Vec<_>) = cases.into_iter().zip(made).partition(|(_, made)| is_clean(made));
    let only = |pairs: Vec<(Case, job::Made)>| pairs.into_iter().map(|(case, _)| case).collect::<Vec<_>>();
    let (clean, open) = (only(clean), only(open));
    job::measure(table, &format!("{} clean ones of them", clean.len()), AIM, mirror, &clean)?;
    let branches = release_branches(mirror)?;
    many_branches(table, mirror, &branches)?;
    explained::measure(table, mirror, &open, &branches)
}

/// A branch of a release line: its name and its head.
pub(super) struct ReleaseBranch {
    pub(super) name: String,
    pub(super) head: CommitId,
}

/// The branches that are named after a version, at most [`BRANCHES`] of them.
fn release_branches(mirror: &Path) -> Result<Vec<ReleaseBranch>, Failure> {
    let is_release = |name: &str| {
        let rest = ["release", "stable", "branch", "v"].iter().find_map(|word| name.strip_prefix(word));
        let rest = rest.unwrap_or(name).trim_start_matches(['-', '_', '/', 'v']);
        rest.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let heads = Store::open(mirror)?.references("refs/heads/")?;
    let named = heads.into_iter().filter_map(|reference| {
        let name = reference.name.strip_prefix("refs/heads/")?.to_owned();
        is_release(&name).then_some(ReleaseBranch { name, head: reference.commit })
    });
    Ok(named.take(BRANCHES).collect())
}

/// A new fix onto the branches that lack it, and an old one that all have.
fn many_branches(table: &mut Table, mirror: &Path, branches: &[ReleaseBranch]) -> Result<(), Failure> {
    if branches.is_empty() {
        table.note("fair: no branch is named after a version; one fix onto many branches is not measured");
        return Ok(());
    }
    let heads = branches.iter().map(|branch| branch.head.as_str());
    let before_all = output(git(mirror).args(["merge-base", "--octopus", "HEAD"]).args(heads)).ok();
    for (what, range, having_it) in
        [("fresh", Some("HEAD".to_owned()), "--no-contains"), ("there already", before_all, "--contains")]
    {
        let fix = range.map(|range| fix_of(mirror, &range)).transpose()?.flatten();
        let Some(fix) = fix else {
            table.note(format!("fair: there is no fix that is {what} on release branches; not measured"));
            continue;
        };
        let names = output(
            git(mirror)
                .args(["for-each-ref", "--format=%(objectname)", having_it])
                .args([fix.commit.as_str(), "refs/heads"]),
        )?;
        let is_meant = |branch: &&ReleaseBranch| names.lines().any(|id| id == branch.head.as_str());
        let onto = |branch: &ReleaseBranch| Case {
            fix: fix.commit.clone(),
            fix_parent: fix.parent.clone(),
            bp_parent: branch.head.clone(),
        };
        let cases = peer::answerable(mirror, branches.iter().filter(is_meant).map(onto).collect())?;
        let what = format!("a fix of {} files onto {} branches, {what}", fix.files, cases.len());
        job::measure(table, &what, AIM, mirror, &cases)?;
    }
    Ok(())
}

struct Fix {
    commit: CommitId,
    parent: CommitId,
    files: usize,
}

/// The commit before this one that changes about [`FILES`] files.
fn fix_of(mirror: &Path, range: &str) -> Result<Option<Fix>, Failure> {
    let limit = COMMITS.to_string();
    let mut log = git(mirror);
    log.args([
        "log",
        "--no-merges",
        "--no-renames",
        "--raw",
        "--no-abbrev",
        "--format=%x00%H %P",
        "-n",
        &limit,
    ]);
    let text = output(log.args([range, "--"]))?;
    let mut best: Option<Fix> = None;
    for commit in text.split('\0') {
        let mut lines = commit.lines();
        let Some((commit, parent)) = lines.next().and_then(|line| line.split_once(' ')) else { continue };
        let files = lines.filter(|line| line.starts_with(':')).count();
        if files > 0 && best.as_ref().is_none_or(|best| files.abs_diff(FILES) < best.files.abs_diff(FILES)) {
            best = Some(Fix { commit: commit.parse()?, parent: parent.parse()?, files });
        }
    }
    Ok(best)
}
