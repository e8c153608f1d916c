//! Out of what there is, what was asked for.

use serde_json::{Map, Value, json};

use super::document::{Asked, Selected};
use super::error::GraphQlError;
use super::schema;

/// The parts of an object, or of each in a list, that were asked for.
pub(super) fn project(value: &Value, selected: &[Selected]) -> Result<Value, GraphQlError> {
    match value {
        Value::Array(items) => {
            let items: Result<Vec<Value>, _> = items.iter().map(|item| project(item, selected)).collect();
            Ok(Value::Array(items?))
        }
        Value::Object(object) if object.contains_key("__typename") => {
            let mut all = Map::new();
            select(object, selected, &mut all)?;
            Ok(Value::Object(all))
        }
        plain if selected.is_empty() || plain.is_null() => Ok(plain.clone()),
        plain => Err(GraphQlError::query(format!("Selections can't be made on scalars ({plain})"))),
    }
}

fn select(
    object: &Map<String, Value>,
    selected: &[Selected],
    into: &mut Map<String, Value>,
) -> Result<(), GraphQlError> {
    let kind = object.get("__typename").and_then(Value::as_str).unwrap_or_default();
    if selected.is_empty() {
        return Err(GraphQlError::query(format!("Objects must have selections ({kind})")));
    }
    for one in selected {
        match one {
            Selected::On(Some(condition), _) if !schema::is_a(kind, condition) => {}
            Selected::On(_, below) => select(object, below, into)?,
            Selected::Field(asked) if asked.name == "__typename" => {
                into.insert(asked.key.clone(), json!(kind));
            }
            Selected::Field(asked) => {
                if !schema::has(kind, &asked.name) {
                    return Err(GraphQlError::undefined(kind, &asked.name));
                }
                let found = object.get(&asked.slot()).or_else(|| object.get(&asked.name));
                let found = cut(found.unwrap_or(&Value::Null), asked);
                into.insert(asked.key.clone(), project(&found, &asked.below)?);
            }
        }
    }
    Ok(())
}

/// A list with its count, as `cut` pages it.
pub(super) fn connection(kind: &str, nodes: Vec<Value>) -> Value {
    json!({"__typename": format!("{kind}Connection"), "nodes": nodes})
}

/// A list of which the emulated world never has any.
pub(super) fn none_of(kind: &str) -> Value {
    connection(kind, Vec::new())
}

/// One page of a connection; anything else as it is.
pub(super) fn cut(value: &Value, asked: &Asked) -> Value {
    let Some(nodes) = value.get("nodes").and_then(Value::as_array) else { return value.clone() };
    let kinds = asked.argument("itemTypes").as_array();
    let fits = |node: &&Value| kinds.is_none_or(|kinds| kinds.contains(&json!(shouted(node))));
    let all: Vec<&Value> = nodes.iter().filter(fits).collect();
    let number = |name: &str| asked.argument(name).as_u64().and_then(|number| usize::try_from(number).ok());
    let after = asked.text("after").parse::<usize>().unwrap_or(0).min(all.len());
    let (from, to) = match (number("first"), number("last")) {
        (_, Some(last)) => (all.len().saturating_sub(last), all.len()),
        (Some(first), None) => (after, (after + first).min(all.len())),
        (None, None) => (after, all.len()),
    };
    let mut page = value.clone();
    page["totalCount"] = json!(all.len());
    page["nodes"] = json!(&all[from..to]);
    let kind = value["__typename"].as_str().unwrap_or_default().replace("Connection", "Edge");
    let edge =
        |(at, node): (usize, &&Value)| json!({"__typename": kind, "cursor": at.to_string(), "node": node});
    page["edges"] = (from + 1..).zip(&all[from..to]).map(edge).collect();
    page["pageInfo"] = json!({
        "__typename": "PageInfo", "hasNextPage": to < all.len(), "hasPreviousPage": from > 0,
        "startCursor": from.to_string(), "endCursor": to.to_string(),
    });
    page
}

/// `RemovedFromMergeQueueEvent` as the argument names it: `REMOVED_FROM_MERGE_QUEUE_EVENT`.
fn shouted(node: &Value) -> String {
    let kind = node["__typename"].as_str().unwrap_or_default();
    let parts = kind.chars().flat_map(|letter| {
        let gap = letter.is_uppercase().then_some('_');
        gap.into_iter().chain(letter.to_uppercase())
    });
    parts.collect::<String>().trim_start_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::document::read;
    use super::*;

    fn projected(query: &str) -> Result<Value, GraphQlError> {
        let labels = ["a", "b", "c"].map(|name| json!({"__typename": "Label", "name": name}));
        let pull = json!({"__typename": "PullRequest", "number": 7, "title": "Fix",
            "author": {"__typename": "User", "login": "ada"}, "labels": connection("Label", labels.to_vec())});
        project(&pull, &read(query, None, &Map::new())?.selected)
    }

    #[test]
    fn only_what_was_asked_for_is_answered_and_a_field_that_is_none_is_refused() {
        let found = projected("{ n: number milestone { title } author { login ...on Bot { id } } }").unwrap();
        assert_eq!(found, json!({"n": 7, "milestone": null, "author": {"login": "ada"}}));
        for query in ["{ nonsense }", "{ author }", "{ number { x } }"] {
            assert!(matches!(projected(query), Err(GraphQlError::Query(_))), "{query}");
        }
    }

    #[test]
    fn connections_are_paged() {
        let page = "{ nodes { name } totalCount pageInfo { hasNextPage endCursor } }";
        let found = projected(&format!("{{ labels(first: 2) {page} }}")).unwrap();
        assert_eq!(
            found["labels"],
            json!({"nodes": [{"name": "a"}, {"name": "b"}], "totalCount": 3,
                "pageInfo": {"hasNextPage": true, "endCursor": "2"}})
        );
        let found = projected(&format!("{{ labels(first: 2, after: \"2\") {page} }}")).unwrap();
        assert_eq!(found["labels"]["nodes"], json!([{"name": "c"}]));
        let edges = "{ edges { cursor node { name } } }";
        let found = projected(&format!("{{ labels(first: 1, after: \"1\") {edges} }}")).unwrap();
        assert_eq!(found["labels"]["edges"], json!([{"cursor": "2", "node": {"name": "b"}}]));
        let found = projected(&format!("{{ labels(last: 1) {page} }}")).unwrap();
        assert_eq!(found["labels"]["nodes"], json!([{"name": "c"}]));
    }
}
