//! Commits, references, files.

use git2::{Commit, Oid};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Links, encode, node_id};
use crate::emulator::git::{Changed, message_of};
use crate::ids::RepoName;

fn time(at: git2::Time) -> Value {
    json!(Timestamp::from_second(at.seconds()).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn person(signature: &git2::Signature<'_>) -> Value {
    json!({
        "name": String::from_utf8_lossy(signature.name_bytes()),
        "email": String::from_utf8_lossy(signature.email_bytes()),
        "date": time(signature.when()),
    })
}

/// A commit.
pub(crate) fn commit(links: &Links, repo: &RepoName, commit: &Commit<'_>) -> Value {
    let api = links.api(&format!("/repos/{repo}"));
    let html = links.web(&format!("/{repo}"));
    let (id, tree) = (commit.id().to_string(), commit.tree_id().to_string());
    let parents: Vec<Value> = commit
        .parent_ids()
        .map(|parent| {
            json!({"sha": parent.to_string(), "url": format!("{api}/commits/{parent}"),
                   "html_url": format!("{html}/commit/{parent}")})
        })
        .collect();
    json!({
        "sha": id, "node_id": node_id("Commit", &id), "url": format!("{api}/commits/{id}"),
        "html_url": format!("{html}/commit/{id}"), "comments_url": format!("{api}/commits/{id}/comments"),
        "author": null, "committer": null, "parents": parents,
        "commit": {
            "url": format!("{api}/git/commits/{id}"), "author": person(&commit.author()),
            "committer": person(&commit.committer()), "message": message_of(commit), "comment_count": 0,
            "tree": {"sha": tree, "url": format!("{api}/git/trees/{tree}")},
            "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null,
                             "verified_at": null},
        },
    })
}

/// A changed file (`diff-entry`).
pub(crate) fn file(links: &Links, repo: &RepoName, at: Oid, changed: &Changed) -> Value {
    let api = links.api(&format!("/repos/{repo}"));
    let html = links.web(&format!("/{repo}"));
    let path = encode(&changed.path);
    let mut entry = json!({
        "sha": changed.blob.to_string(), "filename": changed.path, "status": changed.status,
        "additions": changed.additions, "deletions": changed.deletions,
        "changes": changed.additions + changed.deletions, "blob_url": format!("{html}/blob/{at}/{path}"),
        "raw_url": format!("{html}/raw/{at}/{path}"), "contents_url": format!("{api}/contents/{path}?ref={at}"),
    });
    if let Some(patch) = &changed.patch {
        entry["patch"] = json!(patch);
    }
    if let Some(previous) = &changed.previous {
        entry["previous_filename"] = json!(previous);
    }
    entry
}

/// A reference (`git-ref`).
pub(crate) fn git_ref(
    links: &Links,
    repo: &RepoName,
    git: &git2::Repository,
    name: &str,
    target: Oid,
) -> Value {
    let api = links.api(&format!("/repos/{repo}"));
    let kind = match git.find_object(target, None).ok().and_then(|object| object.kind()) {
        Some(git2::ObjectType::Tag) => "tag",
        _ => "commit",
    };
    json!({
        "ref": name, "node_id": node_id("Ref", format!("{repo}:{name}")),
        "url": format!("{api}/git/{}", encode(name)),
        "object": {"sha": target.to_string(), "type": kind, "url": format!("{api}/git/{kind}s/{target}")},
    })
}

/// A branch or tag in a list.
pub(crate) fn branch_short(links: &Links, repo: &RepoName, name: &str, tip: Oid, protected: bool) -> Value {
    let url = links.api(&format!("/repos/{repo}/commits/{tip}"));
    json!({"name": name, "commit": {"sha": tip.to_string(), "url": url}, "protected": protected})
}
