//! The merge queue over GraphQL.

use super::*;

fn found(entry: &Value, left: &Value) -> Scripted {
    ok(&json!({"data": {"repository": {"pullRequest": {"id": "PR_1", "isMergeQueueEnabled": true,
        "mergeQueueEntry": entry, "timelineItems": {"nodes": left}}}}}))
}

fn refusal(kind: &str, message: &str) -> Scripted {
    ok(&json!({"data": {"enqueuePullRequest": null}, "errors": [{"type": kind, "message": message,
        "path": ["enqueuePullRequest"]}]}))
}

#[tokio::test]
async fn place_in_the_queue_and_the_last_removal_are_read() {
    let left = json!([{"createdAt": "2026-03-02T09:00:00Z", "reason": "failed_checks"}]);
    let script = Script::of([found(&json!({"position": 2}), &json!([])), found(&Value::Null, &left)]).await;
    let client = script.client().await;
    let first = client.queued_pull(&repo(), 7).await.unwrap();
    assert_eq!((first.position, first.left), (Some(2), None));
    let second = client.queued_pull(&repo(), 7).await.unwrap();
    assert_eq!(second.position, None);
    assert_eq!(second.left.unwrap().reason, "failed_checks");
}

#[tokio::test]
async fn a_look_is_retried_as_a_read_and_an_enqueueing_is_not() {
    let script = Script::of([answer(502, ""), found(&Value::Null, &json!([])), answer(502, "")]).await;
    let client = script.client().await;
    assert!(client.queued_pull(&repo(), 7).await.unwrap().has_queue);
    let lost = client.enqueue_pull(&repo(), "PR_1", &head(), &permit()).await.unwrap_err();
    assert_eq!(lost.class, Class::Server { status: 502 });
    assert_eq!(crate::failure::ServiceError::effect(&lost), crate::failure::Effect::Unknown);
    assert_eq!(script.asked().len(), 3);
}

#[tokio::test]
async fn refusals_come_with_status_200_and_are_classed_by_their_type() {
    let may_not = "ada does not have the correct permissions to execute `EnqueuePullRequest`";
    let script = Script::of([
        refusal("FORBIDDEN", may_not),
        refusal("UNPROCESSABLE", "Pull request Required workflow 'ci' is not satisfied"),
        refusal("UNPROCESSABLE", "Pull request Head branch was modified. Review and try the merge again."),
    ])
    .await;
    let client = script.client().await;
    let mut classes = Vec::new();
    for _ in 0..3 {
        classes.push(client.enqueue_pull(&repo(), "PR_1", &head(), &permit()).await.unwrap_err().class);
    }
    assert_eq!(classes[0], Class::Forbidden { message: may_not.into() });
    assert!(matches!(&classes[1], Class::NotAllowed { message } if message.contains("Required workflow")));
    assert_eq!(classes[2], Class::HeadModified);
}
