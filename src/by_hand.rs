//! What people do by hand with a branch, a tag or a pull request, as commands of `gh`: they need no clone.

use crate::ids::{BranchName, CommitId, RepoName};
use crate::wording::quoted;

/// Makes a branch at a commit that the repository has.
#[must_use]
pub fn make_branch(repo: &RepoName, branch: &BranchName, commit: &CommitId) -> String {
    let name = quoted(&format!("ref={}", branch.full()));
    format!("gh api --method POST repos/{repo}/git/refs -f {name} -f sha={commit}")
}

/// Moves a branch to a commit that the repository has, wherever it is.
#[must_use]
pub fn move_branch(repo: &RepoName, branch: &BranchName, commit: &CommitId) -> String {
    format!("gh api --method PATCH {} -f sha={commit} -F force=true", path(repo, &format!("heads/{branch}")))
}

/// Deletes a branch.
#[must_use]
pub fn delete_branch(repo: &RepoName, branch: &BranchName) -> String {
    format!("gh api --method DELETE {}", path(repo, &format!("heads/{branch}")))
}

/// Deletes a tag.
#[must_use]
pub fn delete_tag(repo: &RepoName, tag: &str) -> String {
    format!("gh api --method DELETE {}", path(repo, &format!("tags/{tag}")))
}

/// Closes a pull request; its branch stays.
#[must_use]
pub fn close(repo: &RepoName, number: u64) -> String {
    format!("gh pr close {number} --repo {repo}")
}

/// Opens a pull request again whose branch is there.
#[must_use]
pub fn reopen(repo: &RepoName, number: u64) -> String {
    format!("gh pr reopen {number} --repo {repo}")
}

fn path(repo: &RepoName, name: &str) -> String {
    quoted(&format!("repos/{repo}/git/refs/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_whole_commit_and_are_quoted_for_a_shell() {
        let repo: RepoName = "acme/pump".parse().unwrap();
        let (branch, commit): (BranchName, CommitId) =
            ("security/day$1".parse().unwrap(), "c".repeat(40).parse().unwrap());
        let sha = "c".repeat(40);
        assert_eq!(
            make_branch(&repo, &branch, &commit),
            format!(
                "gh api --method POST repos/acme/pump/git/refs -f 'ref=refs/heads/security/day$1' -f sha={sha}"
            )
        );
        assert_eq!(
            move_branch(&repo, &branch, &commit),
            format!(
                "gh api --method PATCH 'repos/acme/pump/git/refs/heads/security/day$1' -f sha={sha} -F force=true"
            )
        );
        assert_eq!(delete_tag(&repo, "v1"), "gh api --method DELETE repos/acme/pump/git/refs/tags/v1");
    }
}
