//! What a person resolved: where it is looked for, and what is checked before it is built on.

use std::collections::BTreeMap;

use crate::backport::{UnusableResolution, check_resolution};
use crate::git::{GitError, Store, picked_from};
use crate::ids::{BranchName, CommitId, GhsaId};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::ensure;
use crate::steps::output::PatchCommit;

/// The branch of the private side on which a person may push a resolution.
#[must_use]
pub(in crate::steps) fn branch_name(context: &StepContext) -> String {
    let subject = context.subject();
    format!(
        "resolved/{}/{}",
        subject.advisory.as_ref().map_or("", GhsaId::as_str),
        subject.branch.as_ref().map_or("", BranchName::as_str)
    )
}

/// The head of the pushed resolution, fetched into the store, if there is one.
pub(in crate::steps) async fn pushed(context: &StepContext) -> Result<Option<CommitId>, StepError> {
    let repo = context.repo()?;
    let private = context.inputs().private_repo(repo, context.advisory_id()?);
    let name = format!("refs/heads/{}", branch_name(context));
    let found = context.world.transport.ls_remote(&private, &[&name]).await?;
    let Some(commit) = found.get(&name) else { return Ok(None) };
    let store = context.folder.store(&repo.name);
    ensure(&store)?;
    let refspec = format!("+{name}:refs/lockgate/{}", branch_name(context));
    context.world.transport.fetch(&store, &private, &[&refspec]).await?;
    Ok(Some(commit.clone()))
}

/// The commits of a resolution, if it may be built on.
///
/// A commit says by its trailer which commit of the fix it carries; one without a trailer carries the first that
/// no other claims.
///
/// # Errors
/// With what is wrong and what to do about it.
pub fn accepted(
    store: &Store,
    base: &CommitId,
    resolved: &CommitId,
    fix: &[CommitId],
    advisory: &GhsaId,
) -> Result<Vec<PatchCommit>, StepError> {
    check_resolution(store, base, resolved).map_err(unusable)?;
    let commits = store.commits_between(base, resolved)?;
    let mut claimed: BTreeMap<CommitId, CommitId> = BTreeMap::new();
    for commit in &commits {
        let message = store.commit_info(commit)?.message;
        if let Some(from) = picked_from(&message).into_iter().find(|from| fix.contains(from)) {
            claimed.insert(commit.clone(), from);
        }
    }
    let mut unclaimed = fix.iter().filter(|fix| !claimed.values().any(|from| from == *fix)).cloned();
    commits
        .into_iter()
        .map(|commit| -> Result<PatchCommit, GitError> {
            let from = claimed.get(&commit).cloned().or_else(|| unclaimed.next());
            let subject = store.commit_info(&commit)?.subject().to_owned();
            Ok(PatchCommit { commit, from, advisory: Some(advisory.clone()), subject })
        })
        .collect::<Result<_, _>>()
        .map_err(StepError::from)
}

fn unusable(error: UnusableResolution) -> StepError {
    let hint = match error {
        UnusableResolution::Git(error) => return error.into(),
        UnusableResolution::OtherBase { .. } => "rebase it on that commit, then push it or hand it in again",
        UnusableResolution::Empty { .. } => "resolve the conflict, commit, then push it or hand it in again",
        UnusableResolution::Marker { .. } => "finish that file, commit, then push it or hand it in again",
    };
    StepError::input(error.to_string(), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;

    #[test]
    fn bp_49_a_resolution_with_a_marker_in_any_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("store.git")).unwrap();
        let who = Signature::utc("Mara", "mara@example.com", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |other: &str, parents: &[CommitId]| {
            let files = [("gate.txt", Some(&b"guarded\n"[..])), ("docs/notes.md", Some(other.as_bytes()))];
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            store.commit(&tree, parents, other, &who, &who).unwrap()
        };
        let line = commit("notes\n", &[]);
        let advisory: GhsaId = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
        let left = commit("<<<<<<< HEAD\nnotes\n=======\nnews\n>>>>>>> fix\n", std::slice::from_ref(&line));
        let error = accepted(&store, &line, &left, &[], &advisory).unwrap_err();
        assert!(error.message.contains("conflict marker in `docs/notes.md`"), "{}", error.message);
        let settled = commit("notes and news\n", std::slice::from_ref(&left));
        assert_eq!(accepted(&store, &line, &settled, &[], &advisory).unwrap().len(), 2);
    }

    #[test]
    fn bp_21_a_resolution_of_another_branch_or_another_repository_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("store.git")).unwrap();
        let who = Signature::utc("Mara", "mara@example.com", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |text: &str, parents: &[CommitId]| {
            let tree = store.with_files(&store.empty_tree().unwrap(), &[("gate.txt", Some(text.as_bytes()))]);
            store.commit(&tree.unwrap(), parents, text, &who, &who).unwrap()
        };
        let start = commit("open", &[]);
        let line = commit("half open", std::slice::from_ref(&start));
        let right = commit("guarded", std::slice::from_ref(&line));
        let of_another_branch = commit("guarded elsewhere", &[start]);
        let of_another_repository = commit("not ours", &[]);
        let untouched =
            accepted(&store, &line, &line, &[], &"GHSA-23cf-ghjm-pqrv".parse().unwrap()).unwrap_err();
        assert!(untouched.message.contains("no commit of its own"), "{}", untouched.message);
        let absent: CommitId = "1".repeat(40).parse().unwrap();
        let advisory: GhsaId = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
        let accepted = |resolved: &CommitId| accepted(&store, &line, resolved, &[], &advisory);
        assert_eq!(accepted(&right).unwrap().len(), 1);
        for wrong in [of_another_branch, of_another_repository, absent] {
            let error = accepted(&wrong).unwrap_err();
            assert!(error.message.contains("is not based on the branch's head"), "{}", error.message);
            assert!(error.hint[0].text.as_ref().unwrap().contains("rebase it"));
        }
    }
}
