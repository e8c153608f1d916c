//! Pull requests (`pull-request-simple` in lists, `pull-request` on their own), reviews, comments.

use serde_json::{Value, json};

use super::{Links, node_id, repository, user};
use crate::emulator::model::{Comment, Review, StoredAccount, StoredPull, StoredPullState};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{CommitId, Login, RepoName};

/// What is only known of a pull request that is asked for on its own.
pub(crate) struct Assessed {
    /// `None` while the server computes it.
    pub(crate) mergeable: Option<bool>,
    pub(crate) state: &'static str,
    pub(crate) commits: usize,
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
    pub(crate) files: usize,
}

fn side(
    world: &EmulatedWorld,
    links: &Links,
    viewer: Option<&StoredAccount>,
    repo: &RepoName,
    branch: &str,
    commit: &CommitId,
) -> Value {
    let whole = world.repositories.get(repo.as_str()).map(|one| repository(world, links, one, viewer));
    let owner = world.owner(repo);
    json!({
        "label": format!("{owner}:{branch}"), "ref": branch, "sha": commit,
        "user": user(world, links, &owner), "repo": whole,
    })
}

/// A pull request in a list: it never has `merged`, `mergeable` or numbers of commits and lines.
pub(crate) fn pull(
    world: &EmulatedWorld,
    links: &Links,
    pull: &StoredPull,
    viewer: Option<&StoredAccount>,
) -> Value {
    let (repo, number) = (&pull.repo, pull.number);
    let url = links.api(&format!("/repos/{repo}/pulls/{number}"));
    let issue = links.api(&format!("/repos/{repo}/issues/{number}"));
    let html = links.web(&format!("/{repo}/pull/{number}"));
    let statuses = links.api(&format!("/repos/{repo}/statuses/{}", pull.head));
    let (closed, merged, merge_commit) = match &pull.state {
        StoredPullState::Open => (None, None, None),
        StoredPullState::Closed { at } => (Some(at), None, None),
        StoredPullState::Merged { at, commit, .. } => (Some(at), Some(at), Some(commit)),
    };
    let labels: Vec<Value> = pull.labels.iter().map(|name| label(links, repo, name)).collect();
    let all = |logins: &[Login]| -> Vec<Value> { logins.iter().map(|one| user(world, links, one)).collect() };
    let (reviewers, assignees) = (all(&pull.requested_reviewers), all(&pull.assignees));
    let addresses = json!({
        "self": {"href": url}, "html": {"href": html}, "issue": {"href": issue},
        "comments": {"href": format!("{issue}/comments")}, "review_comments": {"href": format!("{url}/comments")},
        "review_comment": {"href": format!("{url}/comments{{/number}}")},
        "commits": {"href": format!("{url}/commits")}, "statuses": {"href": statuses},
    });
    let head = side(world, links, viewer, &pull.head_repo, &pull.head_branch, &pull.head);
    let base = side(world, links, viewer, repo, &pull.base_branch, &pull.base);
    let mut all = json!({
        "url": url, "id": pull.id, "node_id": node_id("PullRequest", pull.id), "html_url": html,
        "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"), "issue_url": issue,
        "commits_url": format!("{url}/commits"), "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{url}/comments{{/number}}"), "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses, "number": number, "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false, "title": pull.title, "user": user(world, links, &pull.author), "body": pull.body,
    });
    let further = json!({
        "labels": labels, "milestone": null, "active_lock_reason": null, "created_at": pull.created_at,
        "updated_at": pull.updated_at, "closed_at": closed, "merged_at": merged,
        "merge_commit_sha": merge_commit, "assignee": assignees.first(), "assignees": assignees,
        "requested_reviewers": reviewers, "requested_teams": [], "head": head, "base": base,
        "_links": addresses, "author_association": "MEMBER", "auto_merge": null, "draft": pull.draft,
    });
    extend(&mut all, further);
    all
}

/// Adds the members of one object to another.
fn extend(all: &mut Value, further: Value) {
    if let (Value::Object(all), Value::Object(further)) = (all, further) {
        all.extend(further);
    }
}

/// A pull request on its own.
pub(crate) fn full_pull(
    world: &EmulatedWorld,
    links: &Links,
    one: &StoredPull,
    viewer: Option<&StoredAccount>,
    assessed: &Assessed,
) -> Value {
    let mut all = pull(world, links, one, viewer);
    let by = match &one.state {
        StoredPullState::Merged { by, .. } => user(world, links, by),
        _ => Value::Null,
    };
    let further = json!({
        "merged": matches!(one.state, StoredPullState::Merged { .. }), "mergeable": assessed.mergeable,
        "rebaseable": assessed.mergeable, "mergeable_state": assessed.state, "merged_by": by,
        "comments": one.comments.len(), "review_comments": 0,
        "maintainer_can_modify": one.maintainer_can_modify, "commits": assessed.commits,
        "additions": assessed.additions, "deletions": assessed.deletions, "changed_files": assessed.files,
    });
    extend(&mut all, further);
    all
}

/// A label.
pub(crate) fn label(links: &Links, repo: &RepoName, name: &str) -> Value {
    let id =
        name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)) % 1_000_000);
    json!({
        "id": id, "node_id": node_id("Label", id), "name": name, "color": "ededed", "default": false,
        "description": null, "url": links.api(&format!("/repos/{repo}/labels/{}", super::encode(name))),
    })
}

/// A review.
pub(crate) fn review(world: &EmulatedWorld, links: &Links, pull: &StoredPull, review: &Review) -> Value {
    let url = links.api(&format!("/repos/{}/pulls/{}", pull.repo, pull.number));
    let html = links.web(&format!("/{}/pull/{}#pullrequestreview-{}", pull.repo, pull.number, review.id));
    json!({
        "id": review.id, "node_id": node_id("Review", review.id), "user": user(world, links, &review.author),
        "body": review.body, "state": review.state, "html_url": html, "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": review.submitted_at, "commit_id": review.commit, "author_association": "MEMBER",
    })
}

/// A comment on the conversation.
pub(crate) fn comment(world: &EmulatedWorld, links: &Links, pull: &StoredPull, comment: &Comment) -> Value {
    let (repo, number, id) = (&pull.repo, pull.number, comment.id);
    json!({
        "id": id, "node_id": node_id("IssueComment", id), "body": comment.body,
        "url": links.api(&format!("/repos/{repo}/issues/comments/{id}")),
        "html_url": links.web(&format!("/{repo}/pull/{number}#issuecomment-{id}")),
        "issue_url": links.api(&format!("/repos/{repo}/issues/{number}")),
        "user": user(world, links, &comment.author), "created_at": comment.created_at,
        "updated_at": comment.created_at, "author_association": "MEMBER", "performed_via_github_app": null,
    })
}
