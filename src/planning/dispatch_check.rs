//! Whether the workflows that are dispatched on the day are there. GitHub refuses to start one that it does not know, that is
//! disabled, that is not on the branch, that nobody may start by hand, or that wants an input.

use std::collections::BTreeMap;

use super::survey_error::SurveyError;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::git::{GitError, Store};
use crate::github::KnownWorkflow;
use crate::ids::{CommitId, RepoName};
use crate::input::suggest;
use crate::matrix::{Value, WorkflowFile};
use crate::plan::{Plan, Target};
use crate::world::World;

/// A workflow that GitHub would not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DispatchFault {
    /// The repository.
    pub(super) repo: RepoName,
    /// The repository, or its branch.
    pub(super) about: String,
    /// What is wrong.
    pub(super) what: String,
    /// What to do about it.
    pub(super) remedy: String,
}

/// Everything that is wrong with the workflows that the plan dispatches.
///
/// # Errors
/// When GitHub gives no answer, or the copies of the public branches cannot be read.
pub(super) async fn look_at_dispatches(
    world: &World,
    folder: &Folder,
    plan: &Plan,
) -> Result<Vec<DispatchFault>, SurveyError> {
    let mut faults = Vec::new();
    for repo in plan.inputs.repos() {
        let dispatched = dispatched(plan, repo);
        if dispatched.is_empty() {
            continue;
        }
        let known = world.github.workflows(&repo.name).await.map_err(SurveyError::GitHub)?;
        for (workflow, heads) in dispatched {
            if let Some((what, remedy)) = unknown(&repo.name, &known, workflow) {
                let (repo, about) = (repo.name.clone(), repo.name.to_string());
                faults.push(DispatchFault { repo, about, what, remedy });
                continue;
            }
            let store = folder.store(&repo.name);
            let path = format!(".github/workflows/{workflow}");
            let read = tokio::task::spawn_blocking(move || texts(&store, heads, &path)).await?;
            faults.extend(on_branches(workflow, read?));
        }
    }
    Ok(faults)
}

/// The workflow files that releases of a repository are started with, and the branches that each of them releases.
fn dispatched<'a>(plan: &'a Plan, repo: &'a Repo) -> BTreeMap<&'a str, Vec<BranchHead>> {
    let mut found: BTreeMap<&str, Vec<BranchHead>> = BTreeMap::new();
    for target in plan.targets_of(&repo.name).filter(|target| target.release.is_some()) {
        if let Some(workflow) = plan.inputs.dispatched_on(repo, &target.branch) {
            found.entry(workflow).or_default().push(BranchHead::of(target));
        }
    }
    found
}

/// What is wrong with a workflow as GitHub lists it.
fn unknown(repo: &RepoName, known: &[KnownWorkflow], workflow: &str) -> Option<(String, String)> {
    match known.iter().find(|one| one.file() == workflow) {
        None => {
            let what = format!("GitHub knows no workflow `{workflow}`, which the release dispatches");
            let remedy = format!(
                "correct it in the catalog: {}",
                suggest(workflow, known.iter().map(KnownWorkflow::file))
            );
            Some((what, remedy))
        }
        Some(found) if found.state != "active" => {
            let what = format!("the workflow `{workflow}` is not active: {}", found.state.replace('_', " "));
            Some((what, format!("enable it: `gh workflow enable {workflow} --repo {repo}`")))
        }
        Some(_) => None,
    }
}

/// A branch with its head.
struct BranchHead {
    repo: RepoName,
    label: String,
    head: CommitId,
}

impl BranchHead {
    fn of(target: &Target) -> BranchHead {
        BranchHead { repo: target.repo.clone(), label: target.label(), head: target.head().clone() }
    }
}

/// The workflow file on each of these branches.
fn texts(
    store: &std::path::Path,
    heads: Vec<BranchHead>,
    path: &str,
) -> Result<Vec<(BranchHead, Option<String>)>, GitError> {
    let store = Store::create(store)?;
    let read = |branch: BranchHead| {
        let bytes = store.read_file_in_tree(&store.tree_of(&branch.head)?, path)?;
        Ok((branch, bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
    };
    heads.into_iter().map(read).collect()
}

/// What is wrong with it on each branch. Where no branch has the file, GitHub's list is all that there is to go by.
fn on_branches(workflow: &str, found: Vec<(BranchHead, Option<String>)>) -> Vec<DispatchFault> {
    if found.iter().all(|(_, text)| text.is_none()) {
        return Vec::new();
    }
    let fault = |(branch, text): (BranchHead, Option<String>)| {
        let (what, remedy) = match text {
            None => (
                format!("the workflow `{workflow}`, which the release dispatches, is not on this branch"),
                format!("bring `.github/workflows/{workflow}` to it before the day"),
            ),
            Some(text) => unfit(workflow, &text)?,
        };
        Some(DispatchFault { repo: branch.repo, about: branch.label, what, remedy })
    };
    found.into_iter().filter_map(fault).collect()
}

/// Why GitHub would not start this workflow. Inputs are never given: each that is required needs a default.
fn unfit(workflow: &str, text: &str) -> Option<(String, String)> {
    let path = format!(".github/workflows/{workflow}");
    let file = match WorkflowFile::read(&path, text) {
        Ok(file) => file,
        Err(problem) => return Some((problem.to_string(), format!("mend `{path}` on this branch"))),
    };
    let Some(dispatch) = file.on("workflow_dispatch") else {
        let what = format!("the workflow `{workflow}` cannot be dispatched: it has no `workflow_dispatch`");
        return Some((what, format!("add `workflow_dispatch` under `on` in `{path}`")));
    };
    let inputs = dispatch.get("inputs");
    let wanted: Vec<&str> = inputs.as_object().map_or_else(Vec::new, |inputs| {
        inputs.iter().filter(|(_, input)| is_wanted(input)).map(|(name, _)| name).collect()
    });
    if wanted.is_empty() {
        return None;
    }
    let what = format!(
        "the workflow `{workflow}` wants `{}`, which has no default: a dispatch without it is refused",
        wanted.join("`, `")
    );
    Some((what, format!("give a `default` in `{path}`, or drop `required`")))
}

fn is_wanted(input: &Value) -> bool {
    input.get("required").truth() == Some(true) && input.get("default").is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str, text: Option<&str>) -> (BranchHead, Option<String>) {
        let head = BranchHead {
            repo: "acme/pump".parse().unwrap(),
            label: format!("acme/pump {name}"),
            head: "0123456789012345678901234567890123456789".parse().unwrap(),
        };
        (head, text.map(ToOwned::to_owned))
    }

    fn told(text: &str) -> Option<String> {
        unfit("release.yml", text).map(|(what, _)| what)
    }

    #[test]
    fn workflow_that_github_would_not_start_is_told() {
        assert_eq!(told("on: workflow_dispatch\njobs: {}\n"), None);
        assert_eq!(told("on: [push, workflow_dispatch]\njobs: {}\n"), None);
        let given = "on:\n  workflow_dispatch:\n    inputs:\n      kind: { required: true, default: patch }\n      \
                     note: { required: false }\njobs: {}\n";
        assert_eq!(told(given), None);
        let wanted =
            "on:\n  workflow_dispatch:\n    inputs:\n      version:\n        required: true\njobs: {}\n";
        assert!(told(wanted).unwrap().contains("wants `version`"));
        assert!(told("on: push\njobs: {}\n").unwrap().contains("has no `workflow_dispatch`"));
        assert!(told("on: [").is_some());
    }

    #[test]
    fn workflow_must_be_known_and_active() {
        let known = |state: &str| KnownWorkflow {
            path: ".github/workflows/release_process.yml".into(),
            state: state.into(),
        };
        let repo: RepoName = "acme/pump".parse().unwrap();
        assert_eq!(unknown(&repo, &[known("active")], "release_process.yml"), None);
        let (what, remedy) = unknown(&repo, &[known("active")], "release-process.yml").unwrap();
        assert!(what.contains("knows no workflow `release-process.yml`"), "{what}");
        assert!(remedy.contains("did you mean `release_process.yml`?"), "{remedy}");
        let (what, remedy) = unknown(&repo, &[known("disabled_inactivity")], "release_process.yml").unwrap();
        assert!(what.contains("not active: disabled inactivity"), "{what}");
        assert!(remedy.contains("`gh workflow enable release_process.yml --repo acme/pump`"), "{remedy}");
    }

    #[test]
    fn each_branch_must_have_the_file_once_one_has_it() {
        let fit = "on: workflow_dispatch\njobs: {}\n";
        assert_eq!(on_branches("release.yml", vec![branch("main", None), branch("1.x", None)]), []);
        let faults = on_branches("release.yml", vec![branch("main", Some(fit)), branch("1.x", None)]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].about, "acme/pump 1.x");
        assert!(faults[0].what.contains("is not on this branch"), "{}", faults[0].what);
    }
}
