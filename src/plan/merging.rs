//! How each target's pull requests are merged, as catalog and repository both allow, and what its branch requires.

use std::collections::BTreeSet;

use super::error::{ForbiddenMerge, PlanError};
use super::graph::Plan;
use super::inputs::Inputs;
use super::target::Target;
use crate::catalog::{CommitSigning, Repo};
use crate::ids::{Login, RepoName};
use crate::merge_rules::{BranchRules, Demand, MergeMethod};
use crate::snapshot::Snapshot;

impl Plan {
    /// What the branch of a target required when the plan was made; `None` where nothing was seen.
    #[must_use]
    pub fn branch_rules(&self, target: &Target) -> Option<&BranchRules> {
        self.snapshot.repos.get(&target.repo)?.rules.branches.get(&target.branch)
    }

    /// The workflow files of a target's branch that start only when somebody reviews its pull request.
    #[must_use]
    pub fn started_by_reviews(&self, target: &Target) -> &[String] {
        let branch = self.snapshot.repos.get(&target.repo).and_then(|repo| repo.branches.get(&target.branch));
        branch.and_then(|branch| branch.matrix.as_ref()).map_or(&[], |matrix| &matrix.on_review)
    }

    /// Whether somebody has to approve the pull requests of a target, be it only that their checks begin.
    #[must_use]
    pub fn wants_approval(&self, target: &Target) -> bool {
        self.branch_rules(target).is_some_and(|rules| rules.approvals() > 0)
            || !self.started_by_reviews(target).is_empty()
    }

    /// How the pull requests of a target are merged.
    #[must_use]
    pub fn merge_method(&self, target: &Target) -> MergeMethod {
        let repo = self.inputs.catalog.repo(&target.repo);
        repo.and_then(|repo| stated(repo, target))
            .or_else(|| allowed(&self.snapshot, target).first().copied())
            .unwrap_or(MergeMethod::Merge)
    }

    /// Whom GitHub asks to review the public pull requests of a repository, where a rule requires approvals: as the catalog
    /// says, or the maintainers other than the manager, who opens them.
    #[must_use]
    pub fn reviewers(&self, repo: &RepoName) -> Vec<&Login> {
        let Inputs { catalog, release, .. } = &self.inputs;
        let stated = catalog.repo(repo).and_then(|repo| repo.reviewers.as_ref());
        let others = stated.unwrap_or(&catalog.maintainers).iter();
        others.filter(|login| **login != release.manager).collect()
    }

    /// How many public pull requests the target gets.
    #[must_use]
    pub fn pull_count(&self, target: &Target) -> usize {
        usize::from(target.is_patched()) + usize::from(self.inputs.is_bumped_by_pull(target))
    }
}

/// The method that the target's pull requests are to be merged by, whatever is allowed.
fn stated(repo: &Repo, target: &Target) -> Option<MergeMethod> {
    // The tag is of this very commit, and the line is to hold it.
    if target.is_merged_back() { Some(MergeMethod::Merge) } else { repo.merge_method() }
}

fn allowed(snapshot: &Snapshot, target: &Target) -> BTreeSet<MergeMethod> {
    let seen = snapshot.repos.get(&target.repo);
    seen.map_or_else(|| MergeMethod::ALL.into(), |state| state.rules.allowed(&target.branch))
}

/// Refuses a target whose pull requests GitHub would refuse to merge after the embargo has ended.
///
/// # Errors
/// [`PlanError::Merge`].
pub(super) fn check(inputs: &Inputs, snapshot: &Snapshot, target: &Target) -> Result<(), PlanError> {
    let Some(repo) = inputs.catalog.repo(&target.repo) else { return Ok(()) };
    let allowed = allowed(snapshot, target);
    let policy = repo.needs_merge_commits();
    let key = policy.map_or("merge", |(key, _)| key);
    let forbidden = |because: String, remedy: String| {
        let (repo, branch) = (target.repo.clone(), target.branch.clone());
        let base = target.stated_base.as_ref().map(|stated| stated.name.clone());
        Err(PlanError::Merge(Box::new(ForbiddenMerge { repo, branch, base, because, key, remedy })))
    };
    let method = match (stated(repo, target), allowed.first()) {
        (Some(stated), _) if allowed.contains(&stated) => stated,
        (None, Some(first)) => *first,
        (Some(stated), Some(first)) => {
            let (stated, words) = (stated.as_str(), words(&allowed));
            let because = format!("the repository does not allow `{stated}` there, only {words}");
            let Some((key, value)) = policy else {
                let remedy = format!("write `merge = \"{}\"`, or leave `merge` out", first.as_str());
                return forbidden(because, remedy);
            };
            return forbidden(
                format!("`{key} = \"{value}\"` needs merge commits, and {because}"),
                format!("let an administrator allow merge commits, or remove `{key}`"),
            );
        }
        (_, None) => {
            let because = "its rules leave no method of merging".to_owned();
            return forbidden(because, "let an administrator allow one".to_owned());
        }
    };
    let rules = snapshot.repos.get(&target.repo).and_then(|state| state.rules.branches.get(&target.branch));
    let wants_signatures = rules.is_some_and(|rules| rules.demands.contains(&Demand::Signatures));
    // GitHub signs the one commit of a squash itself; the others stay as they were pushed.
    if wants_signatures && repo.sign != CommitSigning::Git && method != MergeMethod::Squash {
        let because = format!("it takes signed commits only, and `{}` keeps unsigned ones", method.as_str());
        return forbidden(because, "write `sign = \"git\"`, or `merge = \"squash\"`".to_owned());
    }
    Ok(())
}

fn words(methods: &BTreeSet<MergeMethod>) -> String {
    let words: Vec<String> = methods.iter().map(|method| format!("`{}`", method.as_str())).collect();
    words.join(" and ")
}
