//! What the rulesets of the public repository would refuse of commits that are pushed there on the day, found before anything is
//! public. The names of branches and tags are held against them when the plan is made.

use crate::catalog::{PublishFrom, Repo};
use crate::git::Store;
use crate::github::{Client, GitHubError};
use crate::ids::{BranchName, CommitId};
use crate::next_action::{Advice, NextAction};
use crate::push_rules::{CommitTexts, PushRefusal, PushRules};
use crate::steps::context::{Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::publish::answer::then_resume;

/// Commits that will be pushed to a branch.
pub(in crate::steps) struct PushedCommits {
    /// What they are, for people: "the fixes".
    pub(in crate::steps) what: &'static str,
    /// The branch.
    pub(in crate::steps) branch: String,
    /// The branch into which they are merged from there.
    pub(in crate::steps) into: BranchName,
    /// What is there already.
    pub(in crate::steps) base: CommitId,
    /// The last of them.
    pub(in crate::steps) head: CommitId,
}

/// What rulesets say of what is pushed; where branches live in a fork, its rulesets count for them.
///
/// # Errors
/// When GitHub cannot be asked.
pub async fn push_rules(github: &Client, repo: &Repo) -> Result<PushRules, GitHubError> {
    let own = github.push_rules(&repo.name).await?.of_default_branch(repo.default_branch.as_str());
    let PublishFrom::Fork(fork) = &repo.publish_from else { return Ok(own) };
    let mut all = own.pushed_elsewhere();
    all.0.extend(github.push_rules(fork).await?.0);
    Ok(all)
}

/// Something of these commits that the public repository takes from nobody with this account.
pub(in crate::steps) async fn refused_by_rulesets(
    context: &StepContext,
    pushed: PushedCommits,
) -> Result<Option<Question>, StepError> {
    let repo: &Repo = context.repo()?;
    let rules = push_rules(&context.world.github, repo).await?;
    if rules.is_empty() {
        return Ok(None);
    }
    let refused = in_store(context, &repo.name, move |store| pushed.refused(store, &rules)).await?;
    let label = context.target()?.label();
    Ok(refused.map(|Refused { of, refusal, sign_off_helps }| {
        let mut question = then_resume(format!(
            "{label}: {of}, and the ruleset `{}` of the repository {}: GitHub would refuse it after the embargo; \
             nothing is public yet; let an administrator allow it, or give the token of an account that may bypass it",
            refusal.ruleset, refusal.because
        ));
        if sign_off_helps && !repo.sign_off {
            let write = "to have commits signed off, write `sign-off = true` under the repository in the catalog, then";
            question.next.push(Advice::then(write, NextAction::Amend { digest: None }));
        }
        question
    }))
}

/// Something that would be refused.
struct Refused {
    /// What, as the beginning of a sentence.
    of: String,
    /// Why.
    refusal: PushRefusal,
    /// Whether nothing is said against it with a sign-off below.
    sign_off_helps: bool,
}

impl PushedCommits {
    fn refused(&self, store: &Store, rules: &PushRules) -> Result<Option<Refused>, StepError> {
        match self.refused_file(store, rules)? {
            Some(refused) => Ok(Some(refused)),
            None => self.refused_commit(store, rules),
        }
    }

    fn refused_file(&self, store: &Store, rules: &PushRules) -> Result<Option<Refused>, StepError> {
        let paths = store.changed_paths(&store.tree_of(&self.base)?, &store.tree_of(&self.head)?)?;
        let refused = |path: &String| {
            let (of, refusal) = (format!("`{path}` is changed by {}", self.what), rules.refuses_file(path)?);
            Some(Refused { of, refusal, sign_off_helps: false })
        };
        Ok(paths.iter().find_map(refused))
    }

    fn refused_commit(&self, store: &Store, rules: &PushRules) -> Result<Option<Refused>, StepError> {
        if !rules.hold_commits() {
            return Ok(None);
        }
        let (branch, into) = (format!("refs/heads/{}", self.branch), self.into.full());
        for commit in store.commits_between(&self.base, &self.head)? {
            let info = store.commit_info(&commit)?;
            let said = |message: &str| {
                let (author, committer) = (info.author.email.as_str(), info.committer.email.as_str());
                let texts = CommitTexts { message, author, committer: Some(committer) };
                rules.refuses_proposed(&branch, &into, texts)
            };
            if let Some(refusal) = said(&info.message) {
                let of = format!("\"{}\" is a commit of {}", info.subject(), self.what);
                let signed = format!("{}\n\nSigned-off-by: A <a@b.example>\n", info.message.trim_end());
                return Ok(Some(Refused { of, refusal, sign_off_helps: said(&signed).is_none() }));
            }
        }
        Ok(None)
    }
}
