//! Merging a pull request, asking whether it is merged, and bringing its branch up to date.

use serde_json::json;

use super::assessment::{Tips, gate, tips, verdict};
use super::pulls::pull_of;
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{
    Merging, bring, commit_id, commits_between, delete_ref, is_ancestor, make_merge, message_of, read_ref,
    set_ref,
};
use crate::emulator::model::{MergeIntent, Mergeability, StoredPull, StoredPullState};
use crate::emulator::reactions::follow_head;
use crate::emulator::spec::{MergeStyle, Role};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;
use crate::push_rules::CommitTexts;

pub(super) fn is_merged(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?;
    if matches!(one.state, StoredPullState::Merged { .. }) {
        Reply::empty()
    } else {
        Err(ApiError::not_found())
    }
}

const NOT_MERGEABLE: &str = "Pull Request is not mergeable";

/// Everything that may stand in the way, in GitHub's words.
fn may_merge(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    one: &StoredPull,
    method: MergeStyle,
) -> Result<Tips, ApiError> {
    if !world.repository(&one.repo)?.merge_methods.contains(&method) {
        let message = match method {
            MergeStyle::Merge => "Merge commits are not allowed on this repository.",
            MergeStyle::Squash => "Squash merges are not allowed on this repository.",
            MergeStyle::Rebase => "Rebase merges are not allowed on this repository.",
        };
        return Err(ApiError::says(405, message));
    }
    if one.is_open() && one.draft {
        return Err(ApiError::says(405, "Pull Request is still a draft"));
    }
    if !one.is_open() {
        return Err(ApiError::says(405, NOT_MERGEABLE));
    }
    if request.text("sha").is_some_and(|sha| sha != one.head.as_str()) {
        return Err(ApiError::says(409, "Head branch was modified. Review and try the merge again."));
    }
    let git = world.git(&one.repo)?;
    let tips = tips(&git, one)?;
    if let Some(message) = gate(world, one, &git, &tips)?.message() {
        return Err(ApiError::says(405, message));
    }
    if let Some(message) = refuses_method(world, one, &git, &tips, method)? {
        return Err(ApiError::says(405, message));
    }
    if let Some(message) = refuses_commits(world, request, one, &git, &tips)? {
        return Err(ApiError::says(405, message));
    }
    if verdict(world, &one.document(), &git, &tips)? == Mergeability::Conflicting {
        return Err(ApiError::says(405, NOT_MERGEABLE));
    }
    Ok(tips)
}

/// What the rules of the branch say against a method.
fn refuses_method(
    world: &EmulatedWorld,
    one: &StoredPull,
    git: &git2::Repository,
    tips: &Tips,
    method: MergeStyle,
) -> Result<Option<&'static str>, ApiError> {
    for rule in world.repository(&one.repo)?.rules_of(&one.base_branch) {
        if rule.merge_methods.as_ref().is_some_and(|allowed| !allowed.contains(&method)) {
            return Ok(Some(
                "Repository rule violations found\n\nThe merge method is not allowed by a ruleset.\n\n",
            ));
        }
        if rule.linear_history && method == MergeStyle::Merge {
            return Ok(Some("This branch must not contain merge commits."));
        }
        // A squash makes a commit of GitHub's own, which GitHub signs.
        if rule.signatures && method != MergeStyle::Squash {
            for id in commits_between(git, tips.base, tips.head)? {
                if git.extract_signature(&id, None).is_err() {
                    return Ok(Some("Commits must have verified signatures."));
                }
            }
        }
    }
    Ok(None)
}

/// What the rulesets of the base say against a commit of the pull request, also of one that is squashed:
/// <https://github.com/orgs/community/discussions/108531>.
fn refuses_commits(
    world: &EmulatedWorld,
    request: &ApiRequest,
    one: &StoredPull,
    git: &git2::Repository,
    tips: &Tips,
) -> Result<Option<String>, ApiError> {
    let (rules, login) = (world.repository(&one.repo)?, request.login()?);
    let reference = format!("refs/heads/{}", one.base_branch);
    if !rules.holds_commits() {
        return Ok(None);
    }
    for id in commits_between(git, tips.base, tips.head)? {
        let commit = git.find_commit(id)?;
        let (author, committer) = (commit.author(), commit.committer());
        let texts = CommitTexts {
            message: &message_of(&commit),
            author: author.email().unwrap_or_default(),
            committer: committer.email().ok(),
        };
        if let Some(because) = rules.refuses_commit(&reference, &login, texts) {
            return Ok(Some(format!("Repository rule violations found\n\n{because}\n\n")));
        }
    }
    Ok(None)
}

pub(super) fn merge(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?.clone();
    let key = one.document();
    let word = request.text("merge_method").unwrap_or("merge");
    let method = MergeStyle::ALL.into_iter().find(|method| method.as_str() == word);
    let method = method.ok_or_else(|| ApiError::invalid("PullRequest", "merge_method", "invalid"))?;
    let tips = may_merge(world, request, &one, method)?;
    let git = world.git(&one.repo)?;
    // A squash belongs to the author of the pull request, a merge to who presses the button.
    let author = match method {
        MergeStyle::Squash => world.account(&one.author).or(request.viewer.as_ref()),
        MergeStyle::Merge | MergeStyle::Rebase => request.viewer.as_ref(),
    };
    let author = author.ok_or_else(ApiError::not_found)?.author();
    let message = message(Some(request), &git, &one, &tips, method)?;
    let merging = Merging { base: tips.base, head: tips.head, method, message, author, time: world.now };
    let commit =
        make_merge(&git, &merging)?.ok_or_else(|| ApiError::says(405, "This branch can't be rebased"))?;
    let by = request.login()?;
    let at = world.now;
    if let Some(pull) = world.pulls.get_mut(&key) {
        pull.merging = Some(MergeIntent { commit: commit_id(commit), by: by.clone(), at });
    }
    world.commit()?;
    let reference = format!("refs/heads/{}", one.base_branch);
    if !set_ref(&git, &reference, commit, Some(tips.base))? {
        world.settle_merge(&key)?;
        return Err(ApiError::says(405, "Base branch was modified. Review and try the merge again."));
    }
    if let Some(pull) = world.pulls.get_mut(&key) {
        pull.base = commit_id(tips.base);
    }
    world.mark_merged(&key, &commit_id(commit), &by)?;
    let sha = commit.to_string();
    Reply::with(json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}))
}

/// The message as GitHub composes it, unless the caller gives its own; a merge queue takes none.
pub(super) fn message(
    request: Option<&ApiRequest>,
    git: &git2::Repository,
    one: &StoredPull,
    tips: &Tips,
    method: MergeStyle,
) -> Result<String, ApiError> {
    let (title, body) = match method {
        MergeStyle::Squash => {
            let mut texts = Vec::new();
            for id in commits_between(git, tips.base, tips.head)? {
                texts.push(message_of(&git.find_commit(id)?).trim_end().to_owned());
            }
            let body = match texts.as_slice() {
                [only] => only.split_once('\n').map_or_else(String::new, |(_, body)| body.trim().to_owned()),
                many => {
                    many.iter().map(|text| format!("* {text}\n\n")).collect::<String>().trim_end().to_owned()
                }
            };
            (format!("{} (#{})", one.title, one.number), body)
        }
        MergeStyle::Merge | MergeStyle::Rebase => {
            let from = format!("{}/{}", one.head_repo.owner(), one.head_branch);
            (format!("Merge pull request #{} from {from}", one.number), one.title.clone())
        }
    };
    let own = |name: &str| request.and_then(|request| request.text(name)).map(str::to_owned);
    let (title, body) = (own("commit_title").unwrap_or(title), own("commit_message").unwrap_or(body));
    Ok(if body.is_empty() { title } else { format!("{title}\n\n{body}") })
}

pub(super) fn update_branch(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = pull_of(world, request, repo)?.clone();
    request.repository_for(world, &one.head_repo, Role::Write)?;
    if request.text("expected_head_sha").is_some_and(|sha| sha != one.head.as_str()) {
        return Err(ApiError::says(422, "expected_head_sha does not match the head ref of the pull request"));
    }
    let git = world.git(&one.repo)?;
    let found = tips(&git, &one)?;
    if !one.is_open() || is_ancestor(&git, found.base, found.head)? {
        return Err(ApiError::says(422, "There are no new commits on the base branch."));
    }
    let author = request.account()?.author();
    let message = format!("Merge branch '{}' into {}", one.base_branch, one.head_branch);
    let merging = Merging {
        base: found.head,
        head: found.base,
        method: MergeStyle::Merge,
        message,
        author,
        time: world.now,
    };
    let commit = make_merge(&git, &merging)?
        .ok_or_else(|| ApiError::says(422, "merge conflict between base and head"))?;
    let reference = format!("refs/heads/{}", one.head_branch);
    if one.head_repo == one.repo {
        set_ref(&git, &reference, commit, read_ref(&git, &reference))?;
    } else {
        let carrier = format!("refs/pull/{}/update", one.number);
        set_ref(&git, &carrier, commit, None)?;
        let (from, into) = (world.path(&one.repo), world.path(&one.head_repo));
        bring(&from, &into, commit, &reference)?;
        delete_ref(&git, &carrier)?;
        follow_head(world, &one.document())?;
    }
    let url = request.links.web(&format!("/{}/pull/{}", one.repo, one.number));
    Reply::with(json!({"message": "Updating pull request branch.", "url": url}))
}
