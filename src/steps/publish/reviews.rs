//! The approvals that a pull request needs before GitHub merges it: asked for as soon as it is open, named while they are
//! awaited.

use std::collections::BTreeMap;

use crate::egress::Permit;
use crate::github::{Class, GitHubError, PullRequest, PullReview, PullState, ReviewOpinion};
use crate::ids::{CommitId, Login};
use crate::merge_rules::{BranchRules, Demand};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::OpenedPull;
use crate::wording::counted;

/// Whether people are still to be asked for the approvals of an open pull request: it needs some, or its checks begin with one,
/// it has none, and nobody is asked yet.
pub(in crate::steps) async fn are_unasked(
    context: &StepContext,
    pull: &PullRequest,
) -> Result<bool, StepError> {
    let repo = &context.repo()?.name;
    if pull.state != PullState::Open || pull.is_review_requested || context.plan.reviewers(repo).is_empty() {
        return Ok(false);
    }
    let target = context.target()?;
    let is_wanted = !context.plan.started_by_reviews(target).is_empty()
        || context.world.github.branch_rules(repo, &target.branch).await?.approvals() > 0;
    Ok(is_wanted && context.world.github.reviews(repo, pull.number).await?.is_empty())
}

/// Asks them. Where GitHub refuses, since somebody is no collaborator there, each is asked alone; who still cannot be
/// asked is left out, since the wait for the approvals says what is missing.
pub(in crate::steps) async fn request(
    context: &StepContext,
    pull: &PullRequest,
    permit: &Permit,
) -> Result<(), StepError> {
    if are_unasked(context, pull).await? { ask(context, pull, permit).await } else { Ok(()) }
}

/// Asks them once more, where a rule lets a push to the pull request void the approvals that it had.
pub(in crate::steps) async fn request_again(
    context: &StepContext,
    pull: &PullRequest,
    permit: &Permit,
) -> Result<(), StepError> {
    let repo = &context.repo()?.name;
    let rules = context.world.github.branch_rules(repo, &context.target()?.branch).await?;
    let is_voided = rules.approvals() > 0 && are_voided_by_a_push(&rules);
    if is_voided && !context.plan.reviewers(repo).is_empty() {
        ask(context, pull, permit).await?;
    }
    Ok(())
}

fn are_voided_by_a_push(rules: &BranchRules) -> bool {
    [Demand::FreshReviews, Demand::LastPush].iter().any(|one| rules.demands.contains(one))
}

async fn ask(context: &StepContext, pull: &PullRequest, permit: &Permit) -> Result<(), StepError> {
    let repo = &context.repo()?.name;
    let reviewers: Vec<&Login> = context
        .plan
        .reviewers(repo)
        .into_iter()
        .filter(|login| {
            pull.author.as_ref().is_none_or(|author| !author.eq_ignore_ascii_case(login.as_str()))
        })
        .collect();
    let github = &context.world.github;
    match github.request_reviewers(repo, pull.number, &reviewers, permit).await {
        Err(error) if is_refused(&error) => {
            for reviewer in reviewers {
                match github.request_reviewers(repo, pull.number, &[reviewer], permit).await {
                    Err(error) if is_refused(&error) => {
                        tracing::warn!(%reviewer, pull = %pull.url, %error, "cannot be asked for a review");
                    }
                    other => other?,
                }
            }
            Ok(())
        }
        other => Ok(other?),
    }
}

fn is_refused(error: &GitHubError) -> bool {
    matches!(error.class, Class::Invalid { .. } | Class::Forbidden { .. } | Class::NotFound)
}

/// Which approvals a pull request still lacks, as the rest of "waiting for …"; `None` when nobody's is missing.
pub(in crate::steps) async fn lacking(
    context: &StepContext,
    pull: &OpenedPull,
    rules: &BranchRules,
) -> Result<Option<String>, StepError> {
    if rules.approvals() == 0 {
        return Ok(None);
    }
    let reviews = context.world.github.reviews(&pull.repo, pull.number).await?;
    let opinions = Opinions::of(&reviews, rules, &pull.head);
    if let Some(lack) = opinions.lack(rules) {
        return Ok(Some(lack));
    }
    // Who owns the code stands in a file and in teams that a token may not see: GitHub's own verdict tells.
    if !rules.demands.contains(&Demand::CodeOwner) || rules.demands.contains(&Demand::Queue) {
        return Ok(None);
    }
    let seen = context.world.github.pull(&pull.repo, pull.number).await?;
    let is_blocked = seen.is_some_and(|pull| pull.mergeable_state.as_deref() == Some("blocked"));
    Ok(is_blocked.then(|| format!("the approval of an owner of the changed code{}", owners(context))))
}

/// Whom the branch named as owners when the plan was made, in brackets.
fn owners(context: &StepContext) -> String {
    let named = || {
        let target = context.target().ok()?;
        let rules = &context.plan.snapshot.repos.get(&target.repo)?.rules;
        let all = rules.owners.get(&target.branch)?.all().into_iter();
        Some(all.map(|owner| rules.owner_in_words(owner)).collect::<Vec<_>>().join(", "))
    };
    named().map(|names| format!(" (its CODEOWNERS names {names})")).unwrap_or_default()
}

/// The approval that the checks of a pull request wait for before they begin, as the rest of "waiting for …"; `None` where
/// they wait for none, or have it.
pub(in crate::steps) async fn to_begin(
    context: &StepContext,
    pull: &OpenedPull,
) -> Result<Option<String>, StepError> {
    let files = context.plan.started_by_reviews(context.target()?);
    if files.is_empty() {
        return Ok(None);
    }
    let reviews = context.world.github.reviews(&pull.repo, pull.number).await?;
    let is_approved = reviews.iter().any(|review| review.opinion == ReviewOpinion::Approved);
    let files = files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" and ");
    Ok((!is_approved).then(|| format!("somebody to approve it, since {files} begins only then")))
}

/// The last word of each reviewer.
#[derive(Debug, Default)]
struct Opinions {
    approving: usize,
    against: Vec<String>,
}

impl Opinions {
    fn of(reviews: &[PullReview], rules: &BranchRules, head: &CommitId) -> Opinions {
        let fresh = are_voided_by_a_push(rules);
        let mut last: BTreeMap<String, &PullReview> = BTreeMap::new();
        for review in reviews.iter().filter(|review| review.opinion != ReviewOpinion::None) {
            let author = review.author.clone().unwrap_or_default().to_lowercase();
            last.insert(author, review);
        }
        let mut opinions = Opinions::default();
        for (author, review) in last {
            match review.opinion {
                ReviewOpinion::ChangesRequested => opinions.against.push(author),
                ReviewOpinion::Approved if !fresh || review.commit.as_ref() == Some(head) => {
                    opinions.approving += 1
                }
                ReviewOpinion::Approved | ReviewOpinion::None => {}
            }
        }
        opinions
    }

    fn lack(&self, rules: &BranchRules) -> Option<String> {
        if !self.against.is_empty() {
            return Some(format!("{} to approve, who requested changes", self.against.join(" and ")));
        }
        let needed = usize::try_from(rules.approvals()).unwrap_or(usize::MAX);
        let missing = needed.saturating_sub(self.approving);
        (missing > 0)
            .then(|| format!("{} by somebody other than who opened it", counted(missing, "approval")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(author: &str, opinion: ReviewOpinion, commit: &str) -> PullReview {
        PullReview { author: Some(author.into()), opinion, commit: Some(commit.repeat(40).parse().unwrap()) }
    }

    fn lack(reviews: &[PullReview], needed: u64, demands: &[Demand]) -> Option<String> {
        let demands = demands.iter().copied().collect();
        let rules = BranchRules { required_reviews: needed, demands, ..BranchRules::default() };
        Opinions::of(reviews, &rules, &"a".repeat(40).parse().unwrap()).lack(&rules)
    }

    #[test]
    fn the_last_word_of_each_reviewer_counts() {
        let reviews = [
            review("ines", ReviewOpinion::ChangesRequested, "b"),
            review("Ines", ReviewOpinion::Approved, "a"),
            review("ines", ReviewOpinion::None, "a"),
        ];
        assert_eq!(lack(&reviews, 1, &[]), None);
        let two = lack(&reviews, 2, &[]).unwrap();
        assert_eq!(two, "1 approval by somebody other than who opened it");
        let against = [
            review("ines", ReviewOpinion::Approved, "a"),
            review("ines", ReviewOpinion::ChangesRequested, "a"),
        ];
        assert_eq!(lack(&against, 1, &[]).unwrap(), "ines to approve, who requested changes");
    }

    #[test]
    fn an_approval_of_an_older_commit_counts_only_where_no_rule_is_against_it() {
        let older = [review("ines", ReviewOpinion::Approved, "b")];
        assert_eq!(lack(&older, 1, &[]), None);
        assert!(lack(&older, 1, &[Demand::FreshReviews]).is_some());
        assert!(lack(&older, 0, &[Demand::LastPush]).is_some());
    }
}
