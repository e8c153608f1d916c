//! How many entries a branch has and where they can run, before anything is run.

use std::collections::BTreeMap;

use super::project::{ProjectMatrix, pushed, why_not};
use crate::catalog::{MatrixRule, Repo};
use crate::git::{GitError, Store};
use crate::ids::{BranchName, CommitId};
use crate::matrix::{CiEntry, CiEvent, JobFacts, Library, choose_event};
use crate::runner::{Crew, Wish, WorkflowFiles, can_take};
use crate::snapshot::{EntryShare, MatrixState};
use crate::steps::release::tree_files::TreeFiles;

/// What the workflows of a branch at a commit start; `None` where it has none. `crew` is whose machines run it, if not this
/// one.
///
/// # Errors
/// When the store lacks the commit.
pub fn outlook(
    store: &Store,
    repo: &Repo,
    branch: &BranchName,
    commit: &CommitId,
    crew: Option<&dyn Crew>,
) -> Result<Option<MatrixState>, GitError> {
    let tree = TreeFiles::of(store, commit)?;
    let here = crew.is_none().then_some((store, store.tree_of(commit)?));
    let files = WorkflowFiles { files: &tree, here };
    let library = files.library();
    let like = pushed(&repo.name, branch, commit);
    if library.workflows.is_empty() {
        return Ok(None);
    }
    let on_review = on_review(&library);
    let state = match &repo.matrix {
        None => without_rule(&library, &like),
        Some(rule) => under_rule(&ProjectMatrix::of(library, rule, &like), rule, crew),
    };
    Ok(Some(MatrixState { on_review, ..state }))
}

/// The workflows that begin when somebody reviews a pull request: whoever waits for their checks waits for a person.
fn on_review(library: &Library<'_>) -> Vec<String> {
    let read = library.workflows.iter().filter_map(|(path, file)| Some((path, file.as_ref().ok()?)));
    let started = read.filter(|(_, file)| file.on("pull_request_review").is_some());
    started.map(|(path, _)| path.rsplit('/').next().unwrap_or(path).to_owned()).collect()
}

fn without_rule(library: &Library<'_>, like: &CiEvent) -> MatrixState {
    let choice = choose_event(library, like, None, &|_| true);
    let fullest = choice.tried.first().filter(|tried| tried.starting() > 0);
    let state = fullest.map(|tried| MatrixState {
        event: Some(tried.event.to_string()),
        entries: tried.starting(),
        ..MatrixState::default()
    });
    state.unwrap_or_default()
}

fn under_rule(matrix: &ProjectMatrix<'_>, rule: &MatrixRule, crew: Option<&dyn Crew>) -> MatrixState {
    let plan = matrix.plan(&JobFacts::default(), crew);
    let takes = |entry: &CiEntry, wish: Wish| match crew {
        None => can_take(entry.verdict(), wish, rule.warm_up),
        Some(crew) => crew.takes(entry, wish, rule.warm_up),
    };
    let (mut here, mut others) = (0, BTreeMap::<String, usize>::new());
    for entry in plan.entries() {
        let is_chosen = matrix.chooses(entry);
        let wish = if matrix.insists(entry) { Wish::Insists } else { Wish::Usual };
        if is_chosen && takes(entry, wish) {
            here += 1;
        } else {
            *others.entry(why_not(entry, is_chosen, crew)).or_default() += 1;
        }
    }
    let mut others: Vec<EntryShare> =
        others.into_iter().map(|(why, count)| EntryShare { why, count }).collect();
    others.sort_by_key(|share| std::cmp::Reverse(share.count));
    MatrixState {
        event: matrix.starts.then(|| matrix.event.to_string()),
        entries: plan.entries().count(),
        here,
        others,
        unmatched: matrix.unmatched(&plan),
        ..MatrixState::default()
    }
}
