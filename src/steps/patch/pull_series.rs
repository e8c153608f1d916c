//! A fix that is a pull request on the private side: which of its commits are carried, and what changed in it since.

use crate::backport::{HowMerged, Merges, PullCommits, Series, SeriesChange};
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::github::{PullRequest, PullState};
use crate::ids::{CommitId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Subject;
use crate::release::{Fix, FixSource, InnerMerges};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::{ensure, fetch_branch, in_store};
use crate::steps::output::ImportedSeries;

/// Brings the commits of the pull request into the store of its repository.
///
/// # Errors
/// When there is no such pull request, when it was given up or is a draft, when it adds nothing, or holds a merge.
pub(in crate::steps) async fn fetch(
    context: &StepContext,
    repo: &Repo,
    fix: &Fix,
    number: u64,
) -> Result<ImportedSeries, StepError> {
    let advisory = context.advisory_id()?;
    let private = context.inputs().private_repo(repo, advisory);
    let pull = context.world.github.pull(&private, number).await?.ok_or_else(|| {
        StepError::input(
            format!("`{private}` has no pull request #{number}, which holds the fix of {advisory}"),
            Advice::then("open it, then", NextAction::Resume),
        )
        .or(another("another `pull`"))
    })?;
    check_stands(&pull, advisory)?;
    let series = PullSource { context, repo, advisory, private }.series(&pull, merges(fix)).await?;
    if series.commits.is_empty() {
        return Err(StepError::input(
            format!("{} adds no commit to `{}`", pull.url, pull.base.branch),
            Advice::then("push the fix to it, then", NextAction::Resume),
        )
        .or(another("another `pull`")));
    }
    let remarks = remarks(&pull, &series);
    Ok(ImportedSeries { commits: series.commits, head: pull.head.commit, remarks })
}

/// Another source of the fix.
fn another(source: &str) -> Advice {
    Advice::then(format!("name {source} in release.toml, then"), NextAction::Amend { digest: None })
}

/// A fix is what somebody stands by: not what was given up, nor what its author does not call finished (BP-46).
fn check_stands(pull: &PullRequest, advisory: &GhsaId) -> Result<(), StepError> {
    let refused = |what: &str, remedy: &str| {
        Err(StepError::input(
            format!("{}, which holds the fix of {advisory}, {what}; nothing was imported", pull.url),
            Advice::then(format!("{remedy}, then"), NextAction::Resume),
        )
        .or(another("another `pull`")))
    };
    match &pull.state {
        PullState::Closed => refused("was closed without merging", "open it again if it is the fix"),
        PullState::Open if pull.draft => refused("is a draft", "mark it as ready for review"),
        PullState::Open | PullState::Merged(_) => Ok(()),
    }
}

/// The private side of one fix.
struct PullSource<'a> {
    context: &'a StepContext,
    repo: &'a Repo,
    advisory: &'a GhsaId,
    private: RepoName,
}

impl PullSource<'_> {
    /// The commits of a pull request, fetched.
    async fn series(&self, pull: &PullRequest, merges: Merges) -> Result<Series, StepError> {
        let PullSource { context, repo, advisory, private } = self;
        let store = context.folder.store(&repo.name);
        ensure(&store)?;
        let head = format!("+refs/pull/{}/head:refs/lockgate/pull/{advisory}", pull.number);
        // What it was merged as is on a branch there.
        let branches = format!("+refs/heads/*:refs/lockgate/private/{advisory}/*");
        context.world.transport.fetch(&store, private, &[&head, &branches]).await?;
        fetch_branch(context, &repo.name, &repo.default_branch).await?;
        let (commits, url) = (commits_of(pull), pull.url.clone());
        in_store(context, &repo.name, move |store: &Store| {
            store.series(&commits, merges).map_err(|error| of_merges(error, &url))
        })
        .await
    }

    /// What became of the pull request since it was imported, if something did.
    async fn news(&self, imported: &ImportedSeries, number: u64) -> Result<Option<String>, StepError> {
        let Some(pull) = self.context.world.github.pull(&self.private, number).await? else {
            return Ok(None);
        };
        if pull.head.commit == imported.head {
            return Ok(None);
        }
        let now = self.series(&pull, Merges::Skip).await?;
        let then = Series { commits: imported.commits.clone(), ..now.clone() };
        let change = then.change_to(&now);
        in_store(self.context, &self.repo.name, move |store: &Store| told(store, &pull.url, &change)).await
    }
}

fn told(store: &Store, url: &str, change: &SeriesChange) -> Result<Option<String>, StepError> {
    let list = |what: &str, commits: &[CommitId]| -> Result<Option<String>, StepError> {
        let mut names = Vec::new();
        for commit in commits {
            names.push(format!("{} \"{}\"", commit.short(), store.commit_info(commit)?.subject()));
        }
        Ok((!names.is_empty()).then(|| format!("{what} {}", names.join(", "))))
    };
    let parts: Vec<String> =
        [list("it has now", &change.came)?, list("it lost", &change.went)?].into_iter().flatten().collect();
    Ok((!parts.is_empty()).then(|| {
        format!("{url} changed after its fix was imported, and the release lacks that: {}", parts.join("; "))
    }))
}

fn commits_of(pull: &PullRequest) -> PullCommits {
    let merged_as = match &pull.state {
        PullState::Merged(commit) => commit.clone(),
        PullState::Open | PullState::Closed => None,
    };
    PullCommits { base: pull.base.commit.clone(), head: pull.head.commit.clone(), merged_as }
}

fn merges(fix: &Fix) -> Merges {
    match fix.merges {
        InnerMerges::Fail => Merges::Fail,
        InnerMerges::Skip => Merges::Skip,
    }
}

fn of_merges(error: GitError, url: &str) -> StepError {
    match error {
        GitError::MergeInSeries { commit } => StepError::input(
            format!(
                "{url} has the merge {commit} in it, which may hold a resolution that belongs to the fix"
            ),
            Advice::then("rebase it and push, then", NextAction::Resume),
        )
        .or(another("`merges = \"skip\"` beside `pull`, if the merge only updates the branch")),
        other => other.into(),
    }
}

fn remarks(pull: &PullRequest, series: &Series) -> Vec<String> {
    let unknown = matches!(pull.state, PullState::Merged(_))
        && matches!(series.method, HowMerged::Unknown | HowMerged::Open);
    let unknown =
        unknown.then(|| format!("how {} was merged cannot be told; its own commits are carried", pull.url));
    let left_out = series.left_out.iter().map(|merge| {
        format!("the merge {} in {} was left out, as the release file says", merge.short(), pull.url)
    });
    unknown.into_iter().chain(left_out).collect()
}

/// What whoever approves a backport must know of how the commits of its fix were found.
pub(in crate::steps) fn remarks_on(context: &StepContext) -> Vec<String> {
    let subject = Subject { branch: None, ..context.subject().clone() };
    context
        .facts
        .series(StepKind::ImportFix, &subject)
        .map(|series| series.remarks.clone())
        .unwrap_or_default()
}

/// What was changed in the pull requests of the fixes since they were imported, a sentence each (BP-47). The release
/// carries what was imported.
///
/// # Errors
/// When the private side cannot be asked.
pub(in crate::steps) async fn news(context: &StepContext) -> Result<Vec<String>, StepError> {
    let mut news = Vec::new();
    for advisory in &context.inputs().release.advisories {
        for fix in &advisory.fixes {
            let (FixSource::Pull(number), Some(repo)) =
                (fix.source(), context.inputs().catalog.repo(&fix.repo))
            else {
                continue;
            };
            let subject =
                Subject { advisory: Some(advisory.id.clone()), repo: Some(repo.name.clone()), branch: None };
            let Ok(imported) = context.facts.series(StepKind::ImportFix, &subject) else { continue };
            let private = context.inputs().private_repo(repo, &advisory.id);
            let source = PullSource { context, repo, advisory: &advisory.id, private };
            news.extend(source.news(imported, number).await?);
        }
    }
    Ok(news)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::Mergeable;

    fn pull(state: PullState, draft: bool) -> PullRequest {
        let end = |name: &str| crate::github::pulls::PullEnd {
            branch: name.parse().unwrap(),
            commit: "1".repeat(40).parse().unwrap(),
            repo: Some("brightwater/gauge-private".parse().unwrap()),
        };
        PullRequest {
            number: 7,
            url: "https://github.example/7".to_owned(),
            state,
            title: "Fix".to_owned(),
            body: String::new(),
            draft,
            head: end("fix"),
            base: end("main"),
            mergeable: Mergeable::Unknown,
            mergeable_state: None,
            author: None,
            is_review_requested: false,
        }
    }

    #[test]
    fn bp_46_what_is_open_or_merged_is_a_fix_and_nothing_else() {
        let advisory: GhsaId = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
        let merged = PullState::Merged(None);
        for good in [pull(PullState::Open, false), pull(merged.clone(), false), pull(merged, true)] {
            check_stands(&good, &advisory).unwrap();
        }
        for bad in
            [pull(PullState::Open, true), pull(PullState::Closed, false), pull(PullState::Closed, true)]
        {
            let refused = check_stands(&bad, &advisory).unwrap_err();
            assert!(refused.message.contains("GHSA-23cf-ghjm-pqrv") && refused.hint.len() == 2, "{refused}");
        }
    }

    #[test]
    fn bp_06_a_merge_that_cannot_be_told_is_said() {
        let series =
            |method| Series { commits: vec!["2".repeat(40).parse().unwrap()], method, left_out: Vec::new() };
        let merged = pull(PullState::Merged(None), false);
        for method in [HowMerged::Unknown, HowMerged::Open] {
            assert!(remarks(&merged, &series(method))[0].contains("its own commits are carried"));
        }
        for method in [HowMerged::Squash, HowMerged::Rebase, HowMerged::Merge] {
            assert!(remarks(&merged, &series(method)).is_empty());
        }
        assert!(remarks(&pull(PullState::Open, false), &series(HowMerged::Open)).is_empty());
    }
}
