//! What a person resolved: where it is looked for, and what is checked before it is built on.

use std::collections::BTreeMap;

use super::older_head::brought_up;
use super::written::WrittenFix;
use crate::backport::{UnusableResolution, check_resolution, same_as};
use crate::git::{Committer, GitError, Store, TransportError, picked_from, with_trailer};
use crate::ids::{BranchName, CommitId, GhsaId};
use crate::steps::advisory::private_side::is_deleted;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::ensure;
use crate::steps::output::PatchCommit;

/// The branch of the private side on which a person may push a resolution.
#[must_use]
pub(in crate::steps) fn branch_name(context: &StepContext) -> String {
    context.subject().branch.as_ref().map_or_else(String::new, |branch| branch_for(context, branch))
}

fn branch_for(context: &StepContext, branch: &BranchName) -> String {
    format!("resolved/{}/{branch}", context.subject().advisory.as_ref().map_or("", GhsaId::as_str))
}

/// The branch of the private side of a target's first advisory on which a person may push a stack.
#[must_use]
pub(in crate::steps) fn stack_branch(context: &StepContext) -> String {
    format!("resolved/stack/{}", context.subject().branch.as_ref().map_or("", BranchName::as_str))
}

/// The head of the pushed resolution, fetched into the store, if there is one.
pub(in crate::steps) async fn pushed(context: &StepContext) -> Result<Option<CommitId>, StepError> {
    pushed_as(context, context.advisory_id()?, &branch_name(context)).await
}

/// The head of the stack that a person pushed, fetched into the store, if there is one. Where one advisory's fix comes
/// by a merge, the resolution of that advisory is the stack.
pub(in crate::steps) async fn pushed_stack(context: &StepContext) -> Result<Option<CommitId>, StepError> {
    let target = context.target()?;
    let Some(advisory) = target.advisories.first() else { return Ok(None) };
    let own = stack_branch(context);
    let mut names = vec![own.clone()];
    if target.merged_from.is_some() && target.advisories.len() == 1 {
        names.push(format!("resolved/{advisory}/{}", target.branch));
    }
    let mut found = fetched(context, advisory, &names).await?;
    Ok(found.remove(&own).or_else(|| found.into_values().next()))
}

async fn pushed_as(
    context: &StepContext,
    advisory: &GhsaId,
    branch: &str,
) -> Result<Option<CommitId>, StepError> {
    Ok(fetched(context, advisory, &[branch.to_owned()]).await?.remove(branch))
}

/// The resolutions of the step's advisory that were pushed for other branches of its repository, fetched into the store.
pub(in crate::steps) async fn pushed_elsewhere(
    context: &StepContext,
) -> Result<BTreeMap<BranchName, CommitId>, StepError> {
    let own = context.target()?;
    let others = context.plan.targets_of(&own.repo).filter(|target| target.branch != own.branch);
    let others: Vec<&BranchName> = others.map(|target| &target.branch).collect();
    let names: Vec<String> = others.iter().map(|branch| branch_for(context, branch)).collect();
    let mut found = fetched(context, context.advisory_id()?, &names).await?;
    let pushed = others.into_iter().zip(&names);
    Ok(pushed.filter_map(|(branch, name)| Some((branch.clone(), found.remove(name)?))).collect())
}

/// The heads of those of these branches that an advisory's private side has, fetched into the store.
async fn fetched(
    context: &StepContext,
    advisory: &GhsaId,
    branches: &[String],
) -> Result<BTreeMap<String, CommitId>, StepError> {
    let (repo, transport) = (context.repo()?, &context.world.transport);
    let private = context.inputs().private_repo(repo, advisory);
    let full: Vec<String> = branches.iter().map(|branch| format!("refs/heads/{branch}")).collect();
    let wanted: Vec<&str> = full.iter().map(String::as_str).collect();
    let there = match transport.ls_remote(&private, &wanted).await {
        // Publishing an advisory deletes its fork: nobody resolves anything there any more.
        Err(TransportError::NotFound { .. }) if is_deleted(context, &private).await? => {
            return Ok(BTreeMap::new());
        }
        listed => listed?,
    };
    let found: BTreeMap<String, CommitId> = branches
        .iter()
        .zip(&full)
        .filter_map(|(branch, full)| Some((branch.clone(), there.get(full)?.clone())))
        .collect();
    if found.is_empty() {
        return Ok(found);
    }
    let store = context.folder.store(&repo.name);
    ensure(&store)?;
    let refspecs: Vec<String> =
        found.keys().map(|branch| format!("+refs/heads/{branch}:refs/lockgate/{branch}")).collect();
    let refspecs: Vec<&str> = refspecs.iter().map(String::as_str).collect();
    transport.fetch(&store, &private, &refspecs).await?;
    Ok(found)
}

/// What a person made of conflicts, as a patch is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The commits, oldest first; one where the person's own do not follow one another.
    pub commits: Vec<PatchCommit>,
    /// The last of them.
    pub head: CommitId,
    /// The older head of the branch on which it stood, if it was carried from there.
    pub older: Option<CommitId>,
    /// The person's merge that became one commit, if they merged.
    pub merged: Option<CommitId>,
    /// Commits of the fix that none of them names. A resolution is complete: they are told, not added.
    pub unnamed: Vec<CommitId>,
}

impl Resolution {
    /// That it was carried from an older head, if it was.
    pub(super) fn brought_up(&self) -> Option<String> {
        let older = self.older.as_ref()?;
        Some(format!(
            "the resolution stood on {}, an older head of the branch; what it changes was carried onto the present one",
            older.short()
        ))
    }
}

/// What a resolution is of.
#[derive(Debug, Clone)]
pub struct Resolved<'a> {
    /// The branch's head, on which it has to stand.
    pub base: &'a CommitId,
    /// The advisory that was asked about.
    pub advisory: &'a GhsaId,
    /// The commits of its fix.
    pub fix: &'a [CommitId],
    /// The other fixes of the branch, which a resolution may bring as well.
    pub others: &'a [WrittenFix],
}

/// A resolution, if it may be taken: it stands on the branch's head, or on an older one from which it can be carried there,
/// and leaves no conflict marker in any file. However many commits it has, it is complete.
///
/// A commit says by its trailer, or by its author, time and subject, which commit of a fix it carries.
///
/// # Errors
/// With what is wrong and how to mend it.
pub fn accepted(
    store: &Store,
    of: &Resolved<'_>,
    resolved: &CommitId,
    committer: &Committer,
) -> Result<Resolution, StepError> {
    let older = brought_up(store, of.base, resolved, committer)?;
    let given = resolved;
    let resolved = older.as_ref().map_or(given, |older| &older.head);
    let resolution = on_present_head(store, of, resolved, committer)?;
    let merged = resolution.merged.map(|merged| if merged == *resolved { given.clone() } else { merged });
    Ok(Resolution { older: older.map(|older| older.from), merged, ..resolution })
}

fn on_present_head(
    store: &Store,
    of: &Resolved<'_>,
    resolved: &CommitId,
    committer: &Committer,
) -> Result<Resolution, StepError> {
    check_resolution(store, of.base, resolved).map_err(unusable)?;
    let commits = store.commits_between(of.base, resolved)?;
    if !follow_one_another(store, of.base, &commits)? {
        return merged(store, of, resolved, committer);
    }
    let mut carried = Vec::new();
    for commit in &commits {
        carried.extend(of.carried_by(store, commit)?.map(|found| (commit.clone(), found)));
    }
    let named = |fix: &CommitId| carried.iter().any(|(_, (_, from))| from == fix);
    let mut unnamed: Vec<CommitId> = of.fix.iter().filter(|fix| !named(fix)).cloned().collect();
    // Where no commit names anything, as many as the fix has are the fix in its order.
    if carried.is_empty() && commits.len() == unnamed.len() {
        let pairs = commits.iter().cloned().zip(unnamed.drain(..));
        carried.extend(pairs.map(|(commit, from)| (commit, (of.advisory.clone(), from))));
    }
    let mut made = Vec::new();
    for commit in commits {
        let found = carried.iter().find(|(one, _)| *one == commit).map(|(_, found)| found.clone());
        let (advisory, from) = found.map_or((of.advisory.clone(), None), |(own, from)| (own, Some(from)));
        let subject = store.commit_info(&commit)?.subject().to_owned();
        made.push(PatchCommit { commit, from, advisory: Some(advisory), subject });
    }
    Ok(Resolution { commits: made, head: resolved.clone(), older: None, merged: None, unnamed })
}

/// How many commits of its own a resolution has, if it may be taken: merged branches count as their merge.
///
/// # Errors
/// As [`accepted`].
pub(super) fn own_commits(store: &Store, base: &CommitId, resolved: &CommitId) -> Result<usize, StepError> {
    check_resolution(store, base, resolved).map_err(unusable)?;
    let (mut at, mut count) = (resolved.clone(), 0);
    while at != *base {
        count += 1;
        match store.commit_info(&at)?.parents.into_iter().next() {
            Some(first) => at = first,
            // The base came in by a merge: nothing tells which commits were made for this.
            None => break,
        }
    }
    Ok(count)
}

fn unusable(error: UnusableResolution) -> StepError {
    let hint = match error {
        UnusableResolution::Git(error) => return error.into(),
        UnusableResolution::OtherBase { .. } => {
            "rebase it on that commit, or merge that commit into it, then push it or hand it in again"
        }
        UnusableResolution::Empty { .. } => "resolve the conflict, commit, then push it or hand it in again",
        UnusableResolution::Unchanged { .. } => {
            "make the change that protects this branch, commit, then push it or hand it in again; a branch that needs \
             nothing of the fix is taken out of it in the release file"
        }
        UnusableResolution::Marker { .. } => "finish that file, commit, then push it or hand it in again",
    };
    StepError::input(error.to_string(), hint)
}

/// Whether each commit stands on the one before, the first on the base: no merge is among them.
fn follow_one_another(store: &Store, base: &CommitId, commits: &[CommitId]) -> Result<bool, GitError> {
    let mut below = base.clone();
    for commit in commits {
        if store.commit_info(commit)?.parents != [below] {
            return Ok(false);
        }
        below = commit.clone();
    }
    Ok(true)
}

/// A resolution that is a merge, or stood on an older head of the branch: what it comes to on the branch's head, as one
/// commit. Its history would bring along what the branch does not have.
fn merged(
    store: &Store,
    of: &Resolved<'_>,
    resolved: &CommitId,
    committer: &Committer,
) -> Result<Resolution, StepError> {
    let tree = store.tree_of(resolved)?;
    let from = of.fix.first().cloned();
    let author = store.commit_info(from.as_ref().unwrap_or(resolved))?;
    let mut message = author.message.clone();
    for fix in of.fix {
        message = with_trailer(&message, fix);
    }
    let head = store.commit_as(&tree, std::slice::from_ref(of.base), &message, &author.author, committer)?;
    let from = from.filter(|_| of.fix.len() == 1);
    let subject = author.subject().to_owned();
    let advisory = Some(of.advisory.clone());
    let commits = vec![PatchCommit { commit: head.clone(), from, advisory, subject }];
    Ok(Resolution { commits, head, older: None, merged: Some(resolved.clone()), unnamed: Vec::new() })
}

impl Resolved<'_> {
    /// The commit of a fix that a commit carries, and whose fix that is.
    fn carried_by(&self, store: &Store, commit: &CommitId) -> Result<Option<(GhsaId, CommitId)>, GitError> {
        let info = store.commit_info(commit)?;
        let trailers = picked_from(&info.message);
        let own = [(self.advisory, self.fix)];
        let others = self.others.iter().map(|other| (&other.advisory, other.commits.as_slice()));
        let fixes: Vec<(&GhsaId, &[CommitId])> = own.into_iter().chain(others).collect();
        for (advisory, fix) in &fixes {
            let named = trailers.iter().find(|from| fix.contains(from));
            if let Some(from) = named.or_else(|| fix.iter().find(|fix| *fix == commit)) {
                return Ok(Some(((*advisory).clone(), from.clone())));
            }
        }
        for (advisory, fix) in &fixes {
            if let Some(from) = same_as(store, commit, fix)? {
                return Ok(Some(((*advisory).clone(), from)));
            }
        }
        Ok(None)
    }
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
        let of = Resolved { base: &line, advisory: &advisory, fix: &[], others: &[] };
        let committer = Committer::plain(who.clone());
        let error = accepted(&store, &of, &left, &committer).unwrap_err();
        assert!(error.message.contains("conflict marker in `docs/notes.md`"), "{}", error.message);
        let settled = commit("notes and news\n", std::slice::from_ref(&left));
        assert_eq!(accepted(&store, &of, &settled, &committer).unwrap().commits.len(), 2);
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
        let untouched = Resolved {
            base: &line,
            advisory: &"GHSA-23cf-ghjm-pqrv".parse().unwrap(),
            fix: &[],
            others: &[],
        };
        let untouched = accepted(&store, &untouched, &line, &Committer::plain(who.clone())).unwrap_err();
        assert!(untouched.message.contains("no commit of its own"), "{}", untouched.message);
        let absent: CommitId = "1".repeat(40).parse().unwrap();
        let advisory: GhsaId = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
        let of = Resolved { base: &line, advisory: &advisory, fix: &[], others: &[] };
        let committer = Committer::plain(who.clone());
        let accepted = |resolved: &CommitId| accepted(&store, &of, resolved, &committer);
        assert_eq!(accepted(&right).unwrap().commits.len(), 1);
        let unbased = "is not based on the branch's head";
        let older = "an older head of the branch, and does not fit on the present one";
        for (wrong, why) in [(of_another_branch, older), (of_another_repository, unbased), (absent, unbased)]
        {
            let error = accepted(&wrong).unwrap_err();
            assert!(error.message.contains(why), "{}", error.message);
            assert!(error.hint[0].text.as_ref().unwrap().contains("rebase it"));
        }
    }
}
