//! What people do by hand, as commands that work where they are typed: with a branch, a tag or a pull request those of `gh`, which
//! need no clone; in a work tree those of git, which name it.

use std::path::Path;

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

/// Deletes several branches of a repository, in one line.
#[must_use]
pub fn delete_branches(repo: &RepoName, branches: &[&BranchName]) -> String {
    if let [only] = branches {
        return delete_branch(repo, only);
    }
    let names: Vec<String> = branches.iter().map(|branch| quoted(branch.as_str())).collect();
    format!(
        "for branch in {}; do gh api --method DELETE \"repos/{repo}/git/refs/heads/$branch\"; done",
        names.join(" ")
    )
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

/// Runs git in a work tree; `words` are of git.
#[must_use]
pub fn git_in(place: &Path, words: &str) -> String {
    format!("git -C {} {words}", quoted(&place.display().to_string()))
}

/// Marks files of a work tree as resolved.
#[must_use]
pub fn add(place: &Path, paths: &[String]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
    git_in(place, &format!("add -- {}", paths.join(" ")))
}

/// Takes back a commit of a branch, on a branch for a pull request: in a clone of its own, from the address `git` of all repositories.
/// Of a merge commit `options` say which side stays.
#[must_use]
pub fn revert(
    git: &str,
    repo: &RepoName,
    branch: &BranchName,
    commit: &CommitId,
    options: &str,
) -> Vec<String> {
    let name = format!("revert-{}", commit.short());
    let place = format!("{}-{name}", repo.name());
    let (git, place) = (git.trim_end_matches('/'), Path::new(&place));
    vec![
        format!("git clone --branch {} {git}/{repo}.git {}", quoted(branch.as_str()), place.display()),
        git_in(place, &format!("revert --no-edit {options}{commit}")),
        git_in(place, &format!("push origin HEAD:refs/heads/{name}")),
    ]
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
        let other: BranchName = "main".parse().unwrap();
        assert_eq!(
            delete_branches(&repo, &[&branch, &other]),
            "for branch in 'security/day$1' main; do gh api --method DELETE \"repos/acme/pump/git/refs/heads/$branch\"; done"
        );
        assert_eq!(delete_branches(&repo, &[&other]), delete_branch(&repo, &other));
        assert_eq!(add(Path::new("a b"), &["it's".into()]), r"git -C 'a b' add -- 'it'\''s'");
        assert_eq!(delete_tag(&repo, "v1"), "gh api --method DELETE repos/acme/pump/git/refs/tags/v1");
    }
    #[test]
    fn a_merge_is_taken_back_as_printed() {
        let folder = tempfile::tempdir().unwrap();
        let sh = |line: &str| {
            let mut command = std::process::Command::new("sh");
            command.args(["-ec", line]).current_dir(folder.path());
            command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            for role in ["AUTHOR", "COMMITTER"] {
                command.env(format!("GIT_{role}_NAME"), "A").env(format!("GIT_{role}_EMAIL"), "a@b.example");
            }
            let output = command.output().unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        sh("git init -q -b main seed; cd seed; echo 1 >a; git add a; git commit -qm one; git switch -qc fix; echo 2 >a;
            git commit -qam fix; git switch -q main; git merge -q --no-ff -m merged fix; git clone -q --bare . ../acme/pump.git");
        let (repo, branch) = ("acme/pump".parse().unwrap(), "main".parse().unwrap());
        let commit = sh("git -C seed rev-parse main").parse().unwrap();
        let git = folder.path().display().to_string();
        revert(&git, &repo, &branch, &commit, "--mainline 1 ").iter().for_each(|line| drop(sh(line)));
        assert_eq!(sh(&format!("git -C acme/pump.git show revert-{}:a", commit.short())), "1");
    }
}
