//! The types and fields of the emulated part, by GitHub's names ("GraphQL API", public schema).

use serde_json::{Value, json};

/// Each type with its fields. What an object does not know of its fields is `null`.
#[rustfmt::skip]
const TYPES: &[(&str, &[&str])] = &[
    ("Query", &["viewer", "repository", "node", "rateLimit", "search", "organization", "__type"]),
    ("Mutation", &[
        "createPullRequest", "mergePullRequest", "closePullRequest", "enqueuePullRequest", "dequeuePullRequest",
        "enablePullRequestAutoMerge", "addComment", "addPullRequestReview", "updatePullRequest", "reopenPullRequest",
        "convertPullRequestToDraft", "markPullRequestReadyForReview", "updatePullRequestBranch", "addLabelsToLabelable",
        "removeLabelsFromLabelable", "replaceActorsForAssignable", "requestReviews", "requestReviewsByLogin",
    ]),
    ("RateLimit", &["limit", "cost", "remaining", "resetAt", "used"]),
    ("User", &["id", "login", "name", "databaseId", "email", "url", "avatarUrl"]),
    ("Organization", &["id", "login", "name", "databaseId", "url", "avatarUrl", "teams"]),
    ("Repository", &[
        "id", "databaseId", "name", "nameWithOwner", "owner", "url", "sshUrl", "description", "homepageUrl", "isPrivate",
        "isFork", "isArchived", "visibility", "hasIssuesEnabled", "hasWikiEnabled", "viewerPermission",
        "defaultBranchRef", "mergeCommitAllowed", "rebaseMergeAllowed", "squashMergeAllowed", "autoMergeAllowed",
        "deleteBranchOnMerge", "createdAt", "pushedAt", "parent", "pullRequest", "pullRequests", "release", "releases",
        "latestRelease", "rulesets", "mergeQueue", "assignableUsers", "labels", "milestones",
    ]),
    ("Ref", &["id", "name", "prefix", "branchProtectionRule", "compare"]),
    ("BranchProtectionRule", &["requiresStrictStatusChecks", "requiredApprovingReviewCount"]),
    ("Comparison", &["aheadBy", "behindBy", "status"]),
    ("PullRequest", &[
        "id", "fullDatabaseId", "number", "title", "body", "state", "url", "closed", "isDraft", "createdAt", "updatedAt",
        "closedAt", "mergedAt", "mergedBy", "merged", "mergeCommit", "potentialMergeCommit", "author", "baseRefName",
        "baseRefOid", "headRefName", "headRefOid", "headRepository", "headRepositoryOwner", "isCrossRepository",
        "maintainerCanModify", "mergeable", "mergeStateStatus", "additions", "deletions", "changedFiles", "files",
        "commits", "reviewDecision", "reviews", "latestReviews", "reviewRequests", "labels", "assignees", "assignedActors", "milestone",
        "comments", "autoMergeRequest", "reactionGroups", "statusCheckRollup", "isInMergeQueue", "isMergeQueueEnabled",
        "mergeQueue", "mergeQueueEntry", "timelineItems", "projectItems", "projectCards", "closingIssuesReferences",
        "repository", "baseRef",
    ]),
    ("PullRequestChangedFile", &["path", "additions", "deletions", "changeType"]),
    ("PullRequestCommit", &["commit"]),
    ("Commit", &[
        "id", "oid", "messageHeadline", "messageBody", "authoredDate", "committedDate", "authors", "statusCheckRollup",
    ]),
    ("GitActor", &["name", "email", "user"]),
    ("StatusCheckRollup", &["state", "contexts"]),
    ("CheckRun", &[
        "id", "name", "status", "conclusion", "startedAt", "completedAt", "detailsUrl", "checkSuite", "isRequired",
        "description", "title",
    ]),
    ("StatusContext", &["id", "context", "state", "targetUrl", "createdAt", "description", "isRequired"]),
    ("CheckSuite", &["workflowRun"]),
    ("WorkflowRun", &["event", "workflow", "databaseId", "runNumber", "url"]),
    ("Workflow", &["name", "databaseId"]),
    ("PullRequestReview", &[
        "id", "author", "authorAssociation", "submittedAt", "body", "state", "commit", "reactionGroups",
    ]),
    ("ReviewRequest", &["requestedReviewer"]),
    ("Label", &["id", "name", "description", "color"]),
    ("Milestone", &["number", "title", "description", "dueOn"]),
    ("IssueComment", &[
        "id", "author", "authorAssociation", "body", "createdAt", "includesCreatedEdit", "isMinimized",
        "minimizedReason", "reactionGroups", "url", "viewerDidAuthor",
    ]),
    ("MergeQueue", &["id", "url", "entries", "nextEntryEstimatedTimeToMerge", "configuration"]),
    ("MergeQueueConfiguration", &["mergeMethod", "mergingStrategy", "checkResponseTimeout"]),
    ("MergeQueueEntry", &[
        "id", "position", "state", "enqueuedAt", "enqueuer", "jump", "solo", "baseCommit", "headCommit", "pullRequest",
        "estimatedTimeToMerge",
    ]),
    ("AddedToMergeQueueEvent", &["id", "createdAt", "actor", "enqueuer"]),
    ("RemovedFromMergeQueueEvent", &["id", "createdAt", "actor", "enqueuer", "reason", "beforeCommit"]),
    ("Release", &[
        "id", "databaseId", "name", "tagName", "description", "isDraft", "isLatest", "isPrerelease", "immutable",
        "createdAt", "publishedAt", "updatedAt", "url", "author",
    ]),
    ("RepositoryRuleset", &["id", "databaseId", "name", "target", "enforcement", "source", "rules", "conditions"]),
    ("RepositoryRule", &["id", "type"]),
    ("PageInfo", &["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]),
    ("StatusCheckRollupContextConnection", &[
        "nodes", "edges", "totalCount", "pageInfo", "checkRunCount", "checkRunCountsByState", "statusContextCount",
        "statusContextCountsByState",
    ]),
    ("CheckRunStateCount", &["state", "count"]),
    ("StatusContextStateCount", &["state", "count"]),
    ("SearchResultItemConnection", &["nodes", "edges", "pageInfo", "issueCount"]),
    ("CreatePullRequestPayload", &["clientMutationId", "pullRequest"]),
    ("MergePullRequestPayload", &["clientMutationId", "pullRequest", "actor"]),
    ("ClosePullRequestPayload", &["clientMutationId", "pullRequest"]),
    ("EnqueuePullRequestPayload", &["clientMutationId", "mergeQueueEntry"]),
    ("DequeuePullRequestPayload", &["clientMutationId", "mergeQueueEntry"]),
    ("AddCommentPayload", &["clientMutationId", "commentEdge"]),
    ("IssueCommentEdge", &["node"]),
    ("AddPullRequestReviewPayload", &["clientMutationId"]),
    ("UpdatePullRequestPayload", &["clientMutationId", "pullRequest", "actor"]),
    ("ReopenPullRequestPayload", &["clientMutationId", "pullRequest"]),
    ("ConvertPullRequestToDraftPayload", &["clientMutationId", "pullRequest"]),
    ("MarkPullRequestReadyForReviewPayload", &["clientMutationId", "pullRequest"]),
    ("UpdatePullRequestBranchPayload", &["clientMutationId", "pullRequest"]),
    ("AddLabelsToLabelablePayload", &["clientMutationId", "labelable"]),
    ("RemoveLabelsFromLabelablePayload", &["clientMutationId", "labelable"]),
    ("ReplaceActorsForAssignablePayload", &["clientMutationId", "assignable"]),
    ("RequestReviewsPayload", &["clientMutationId", "pullRequest", "actor"]),
    ("RequestReviewsByLoginPayload", &["clientMutationId", "pullRequest", "actor"]),
    ("__Type", &["name", "fields"]),
    ("__Field", &["name"]),
];

/// What every connection has.
const CONNECTION: &[&str] = &["nodes", "edges", "totalCount", "pageInfo"];

/// What every edge of one has.
const EDGE: &[&str] = &["cursor", "node"];

/// The interfaces and unions that conditions name.
#[rustfmt::skip]
const WIDER: &[(&str, &[&str])] = &[
    ("Actor", &["User", "Organization"]),
    ("Assignee", &["User"]),
    ("Labelable", &["PullRequest"]),
    ("Assignable", &["PullRequest"]),
    ("SearchResultItem", &["PullRequest"]),
    ("RequestedReviewer", &["User"]),
    ("RepositoryOwner", &["User", "Organization"]),
    ("StatusCheckRollupContext", &["CheckRun", "StatusContext"]),
    ("RuleSource", &["Repository", "Organization"]),
];

fn fields(kind: &str) -> Option<&'static [&'static str]> {
    let declared = TYPES.iter().find(|(name, _)| *name == kind).map(|(_, fields)| *fields);
    let of_lists = || match kind {
        kind if kind.ends_with("Connection") => Some(CONNECTION),
        kind if kind.ends_with("Edge") => Some(EDGE),
        _ => None,
    };
    declared.or_else(of_lists)
}

/// Whether a type has a field.
pub(super) fn has(kind: &str, field: &str) -> bool {
    fields(kind).is_some_and(|fields| fields.contains(&field))
}

/// Whether an object of this type fits a fragment's condition.
pub(super) fn is_a(kind: &str, condition: &str) -> bool {
    let wider = || WIDER.iter().find(|(name, _)| *name == condition);
    kind == condition || condition == "Node" || wider().is_some_and(|(_, kinds)| kinds.contains(&kind))
}

/// What `__type` says of a type.
pub(super) fn describe(kind: &str) -> Value {
    let Some(fields) = fields(kind) else { return Value::Null };
    let fields: Vec<Value> =
        fields.iter().map(|name| json!({"__typename": "__Field", "name": name})).collect();
    json!({"__typename": "__Type", "name": kind, "fields": fields})
}
