//! What people are told to do with a pull request of ours that is not as we left it: with the commit, and the command.

use crate::by_hand;
use crate::ids::{CommitId, RepoName};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::OpenedPull;

/// How a closed one is opened again. GitHub reopens none whose branch is gone, and none whose branch is elsewhere.
pub(in crate::steps) async fn reopened(
    context: &StepContext,
    opened: &OpenedPull,
) -> Result<String, StepError> {
    let (home, name) = (context.inputs().home_of(&opened.repo), opened.branch.full());
    let at = context.world.transport.ls_remote(home, &[&name]).await?.remove(&name);
    Ok(to_reopen(home, opened, at.as_ref()))
}

fn to_reopen(home: &RepoName, opened: &OpenedPull, at: Option<&CommitId>) -> String {
    let OpenedPull { repo, number, url, branch, head } = opened;
    let reopen = by_hand::reopen(repo, *number);
    match at {
        Some(_) => format!("{url} was closed; reopen it: `{reopen}`"),
        None => format!(
            "{url} was closed, since its branch `{branch}` was deleted; make the branch again at {}: `{}`; then reopen it: \
             `{reopen}`",
            head.short(),
            by_hand::make_branch(home, branch, head)
        ),
    }
}

/// What to do where somebody pushed to its branch.
pub(in crate::steps) fn after_a_push(context: &StepContext, opened: &OpenedPull) -> String {
    format!("somebody pushed to its branch: {}", moved_back(context, opened))
}

/// How its branch is brought back to what was proven.
pub(in crate::steps) fn moved_back(context: &StepContext, opened: &OpenedPull) -> String {
    let OpenedPull { branch, head, .. } = opened;
    let command = by_hand::move_branch(context.inputs().home_of(&opened.repo), branch, head);
    format!("move `{branch}` back to {}, which was proven: `{command}`", head.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_without_its_branch_gets_the_branch_back_first() {
        let commit: CommitId = "c".repeat(40).parse().unwrap();
        let opened = OpenedPull {
            repo: "acme/pump".parse().unwrap(),
            number: 3,
            url: "https://github.example/acme/pump/pull/3".into(),
            branch: "security/day/main".parse().unwrap(),
            head: commit.clone(),
        };
        let fork: RepoName = "bot/pump".parse().unwrap();
        let standing = to_reopen(&fork, &opened, Some(&commit));
        assert!(standing.ends_with("reopen it: `gh pr reopen 3 --repo acme/pump`"), "{standing}");
        let gone = to_reopen(&fork, &opened, None);
        let made =
            gone.find("repos/bot/pump/git/refs -f ref=refs/heads/security/day/main -f sha=cccc").unwrap();
        assert!(made < gone.find("gh pr reopen 3").unwrap(), "{gone}");
    }
}
