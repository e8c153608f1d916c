//! What the fixes bring, seen before they are fetched: their commits and files, where the rules of a repository say something of
//! them. Only GitHub is asked, so that nothing of the private side is on disk before there is a run.

use std::collections::{BTreeMap, BTreeSet};

use super::survey_error::SurveyError;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::git::{Signature, Store, mailbox_commits, with_sign_off};
use crate::github::{Class, Client, GitHubError, ListedCommit};
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::plan::Inputs;
use crate::release::{Fix, FixSource};
use crate::snapshot::{Identity, RepoState, SeenCommit, SeenFix};
use crate::world::World;

/// A fix as its source shows it.
#[derive(Default)]
struct Shown {
    /// Author and message of each commit.
    commits: Vec<(String, String)>,
    files: BTreeSet<String>,
}

/// What the fixes of a repository bring. One that cannot be seen yet is missing: it is looked at again before the gate.
///
/// # Errors
/// When GitHub cannot be asked, or the store lacks a head.
pub(super) async fn seen_fixes(
    world: &World,
    folder: &Folder,
    inputs: &Inputs,
    repo: &Repo,
    state: &RepoState,
    committer: Option<&Identity>,
) -> Result<BTreeMap<GhsaId, SeenFix>, SurveyError> {
    let mut seen = BTreeMap::new();
    if !state.rules.pushes.hold_commits() && state.rules.owners.is_empty() {
        return Ok(seen);
    }
    let signs_off = committer.filter(|_| repo.sign_off);
    for advisory in &inputs.release.advisories {
        let Some(fix) = advisory.fix_in(&repo.name) else { continue };
        let private = inputs.private_repo(repo, &advisory.id);
        let shown = match fix.source() {
            FixSource::Patches(names) => of_patches(inputs, names)?,
            _ => match of_private_side(&world.github, &private, fix).await {
                Err(error) if matches!(error.class, Class::NotFound | Class::Forbidden { .. }) => continue,
                shown => shown?,
            },
        };
        let files = on_branches(folder, repo, state, &shown.files)?;
        let commits = shown.commits.into_iter();
        let commits =
            commits.map(|(author, message)| SeenCommit { message: signed(message, signs_off), author });
        seen.insert(advisory.id.clone(), SeenFix { commits: commits.collect(), files });
    }
    Ok(seen)
}

fn of_patches(inputs: &Inputs, names: &[String]) -> Result<Shown, SurveyError> {
    let mut shown = Shown::default();
    for patch in names.iter().filter_map(|name| inputs.patches.get(name)) {
        let commits = mailbox_commits(patch.as_bytes())?.into_iter();
        shown.commits.extend(commits.map(|(author, message)| (author.email, message)));
        shown.files.extend(patch.paths());
    }
    Ok(shown)
}

async fn of_private_side(github: &Client, private: &RepoName, fix: &Fix) -> Result<Shown, GitHubError> {
    let mut shown = Shown::default();
    match fix.source() {
        FixSource::Pull(number) => {
            let commits = github.pull_commits(private, number).await?;
            commits.into_iter().filter(|commit| !commit.is_merge).for_each(|commit| shown.take(commit));
            shown.files.extend(github.pull_files(private, number).await?);
        }
        FixSource::Commits(commits) => {
            for id in commits {
                if let Some(commit) = github.commit(private, id).await? {
                    shown.take(commit);
                }
            }
        }
        FixSource::Patches(_) => {}
    }
    Ok(shown)
}

impl Shown {
    fn take(&mut self, commit: ListedCommit) {
        self.commits.push((commit.author_email, commit.message));
        self.files.extend(commit.files);
    }
}

/// The files that are changed on each branch: a file that only the default branch has does not come to a line.
fn on_branches(
    folder: &Folder,
    repo: &Repo,
    state: &RepoState,
    files: &BTreeSet<String>,
) -> Result<BTreeMap<BranchName, BTreeSet<String>>, SurveyError> {
    if state.rules.owners.is_empty() || files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let store = Store::open(&folder.store(&repo.name))?;
    let paths_on = |branch: &BranchName| -> Result<BTreeSet<String>, SurveyError> {
        let Some(state) = state.branches.get(branch) else { return Ok(BTreeSet::new()) };
        Ok(store.paths(&store.tree_of(&state.head)?)?.into_iter().collect())
    };
    let first = paths_on(&repo.default_branch)?;
    let mut all = BTreeMap::new();
    for branch in state.rules.owners.keys() {
        let there = paths_on(branch)?;
        let comes = |file: &&String| there.contains(*file) || !first.contains(*file);
        all.insert(branch.clone(), files.iter().filter(comes).cloned().collect());
    }
    Ok(all)
}

fn signed(message: String, committer: Option<&Identity>) -> String {
    let Some(who) = committer else { return message };
    let who = Signature::utc(&who.name, &who.email, jiff::Timestamp::UNIX_EPOCH);
    String::from_utf8_lossy(&with_sign_off(message.into_bytes(), &who)).into_owned()
}
