//! The merge queue, which only GraphQL reaches.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};

/// Where a pull request is in the merge queue of its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedPull {
    /// The pull request's global id.
    pub id: String,
    /// Whether its base has a queue.
    pub has_queue: bool,
    /// Its position, counted from 1; `None` when it is not in the queue.
    pub position: Option<u64>,
    /// When and why it last left the queue. GitHub notes it moments before the merge shows: then the reason is `merged`.
    pub left: Option<QueueRemoval>,
}

/// Why a pull request left the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRemoval {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// GitHub's word, such as `failed_checks`.
    pub reason: String,
}

#[derive(Deserialize)]
struct WireFound {
    repository: WireRepository,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRepository {
    pull_request: WireQueuedPull,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireQueuedPull {
    id: String,
    is_merge_queue_enabled: bool,
    merge_queue_entry: Option<WireEntry>,
    timeline_items: WireTimeline,
}

#[derive(Deserialize)]
struct WireEntry {
    position: u64,
}

#[derive(Deserialize)]
struct WireTimeline {
    nodes: Vec<WireRemoval>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRemoval {
    created_at: Timestamp,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEnqueued {
    enqueue_pull_request: WirePayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePayload {
    merge_queue_entry: Option<WireEntry>,
}

const LOOK: &str = "query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id isMergeQueueEnabled
      mergeQueueEntry { position }
      timelineItems(last: 1, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) {
        nodes { ... on RemovedFromMergeQueueEvent { createdAt reason } }
      }
    }
  }
}";

const ENQUEUE: &str = "mutation($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) {
    mergeQueueEntry { position }
  }
}";

impl Client {
    /// Where a pull request is in the merge queue.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails or there is no such pull request.
    pub async fn queued_pull(&self, repo: &RepoName, number: u64) -> Result<QueuedPull, GitHubError> {
        let variables = json!({"owner": repo.owner(), "name": repo.name(), "number": number});
        let found: WireFound = self.query(LOOK, &variables).await?;
        let found = found.repository.pull_request;
        let left = found.timeline_items.nodes.into_iter().next_back();
        Ok(QueuedPull {
            id: found.id,
            has_queue: found.is_merge_queue_enabled,
            position: found.merge_queue_entry.map(|entry| entry.position),
            left: left
                .map(|left| QueueRemoval { at: left.created_at, reason: left.reason.unwrap_or_default() }),
        })
    }

    /// Adds a pull request to the merge queue at exactly the given head; gives its position where GitHub says it.
    ///
    /// # Errors
    /// [`Class::Forbidden`](super::Class::Forbidden) where the token may not,
    /// [`Class::NotAllowed`](super::Class::NotAllowed) with what is missing,
    /// [`Class::HeadModified`](super::Class::HeadModified).
    pub async fn enqueue_pull(
        &self,
        repo: &RepoName,
        id: &str,
        head: &CommitId,
        permit: &Permit,
    ) -> Result<Option<u64>, GitHubError> {
        let variables = json!({"id": id, "head": head});
        let added: WireEnqueued = self.mutate(repo, permit, ENQUEUE, &variables).await?;
        Ok(added.enqueue_pull_request.merge_queue_entry.map(|entry| entry.position))
    }
}
