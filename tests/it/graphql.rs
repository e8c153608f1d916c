//! What was asked of GitHub's second interface and what the emulated one answered, held against GitHub's published schema
//! (`@octokit/graphql-schema`): queries by the rules of the specification, answers by the types of what was asked for.
//!
//! `LOCKGATE_GRAPHQL` names `schema.graphql`; `.ci/run` takes it from npm.

use std::collections::HashMap;
use std::sync::OnceLock;

use graphql_tools::ast::SchemaDocumentExtension as _;
use graphql_tools::parser::query::{ParseError, parse_query};
use graphql_tools::parser::schema::parse_schema;
use graphql_tools::static_graphql::query::{
    self, OperationDefinition, Selection, SelectionSet, TypeCondition,
};
use graphql_tools::static_graphql::schema::{self, Type, TypeDefinition};
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::validate;
use serde_json::Value;

use crate::support::absent;

/// Types that the specification declares, and a schema does not.
const BUILT_IN: &str = "scalar Int scalar Float scalar String scalar Boolean scalar ID";

/// GitHub's schema, read once.
pub(crate) fn schema() -> Option<&'static schema::Document> {
    static READ: OnceLock<Option<schema::Document>> = OnceLock::new();
    READ.get_or_init(|| {
        let path = std::env::var_os("LOCKGATE_GRAPHQL");
        let path = absent(path, "LOCKGATE_GRAPHQL names no schema.graphql of npm's @octokit/graphql-schema")?;
        let text = std::fs::read_to_string(path).unwrap();
        Some(parse_schema::<String>(&format!("{BUILT_IN}\n{text}")).unwrap().into_static())
    })
    .as_ref()
}

/// What is wrong with one request that was answered, or with its answer. A query that GitHub would refuse has to be
/// refused, and no other one may be.
pub(crate) fn violations(schema: &'static schema::Document, request: &Value, answer: &Value) -> Vec<String> {
    let text = request["query"].as_str().unwrap_or_default();
    let refusals = match read(text) {
        Ok(document) => faults(schema, &document),
        Err(error) => vec![error.to_string()],
    };
    let is_refused = answer.get("data").is_none();
    match (refusals.as_slice(), is_refused) {
        ([], false) => answered(schema, &read(text).unwrap(), request, answer),
        ([], true) => vec![format!("it is refused: {}", answer["errors"][0]["message"])],
        (_, true) => Vec::new(),
        (refusals, false) => refusals.to_vec(),
    }
}

fn read(text: &str) -> Result<query::Document, ParseError> {
    Ok(parse_query::<String>(text)?.into_static())
}

/// Rules by which queries of GitHub's own `gh` would be refused, which GitHub answers.
const NOT_ASKED: &[(&str, &str)] = &[
    ("OverlappingFieldsCanBeMerged", "names of users and of teams differ in whether they may be null"),
    ("VariablesInAllowedPosition", "one state stands for a list of one, and has a default"),
];

/// What GitHub has by now and the published schema lacks.
const NEWER: &[&str] = &[
    "Cannot query field \"immutable\" on type \"Release\".",
    // `gh` has asked for these since 2025.
    "Cannot query field \"assignedActors\" on type \"PullRequest\".",
    "Cannot query field \"replaceActorsForAssignable\" on type \"Mutation\".",
    "Unknown type \"ReplaceActorsForAssignableInput\".",
    "Cannot query field \"requestReviewsByLogin\" on type \"Mutation\".",
    "Unknown type \"RequestReviewsByLoginInput\".",
];

fn faults(schema: &schema::Document, document: &query::Document) -> Vec<String> {
    let plan = default_rules_validation_plan();
    let found = validate(schema, document, &plan).into_iter();
    let counts = found.filter(|error| {
        !NOT_ASKED.iter().any(|(rule, _)| *rule == error.error_code)
            && !NEWER.contains(&error.message.as_str())
    });
    counts.map(|error| error.message).collect()
}

/// Holds what came back against the types of what was asked for.
fn answered(
    schema: &'static schema::Document,
    document: &query::Document,
    request: &Value,
    answer: &Value,
) -> Vec<String> {
    let wanted = request["operationName"].as_str();
    let mut fragments = HashMap::new();
    let mut operation = None;
    for definition in &document.definitions {
        match definition {
            query::Definition::Fragment(fragment) => {
                fragments.insert(fragment.name.as_str(), &fragment.selection_set);
            }
            query::Definition::Operation(one) => {
                let (kind, name, set) = parts(one);
                if wanted.is_none() || wanted == name {
                    operation = Some((kind, set));
                }
            }
        }
    }
    let (kind, set) = operation.unwrap();
    // A field that is refused is null, whatever its type says.
    let is_whole = answer.get("errors").is_none();
    let mut checking = Answer { types: schema.type_map(), fragments, is_whole, wrong: Vec::new() };
    checking.level(kind, set, &answer["data"], kind);
    checking.wrong
}

fn parts(operation: &query::OperationDefinition) -> (&'static str, Option<&str>, &query::SelectionSet) {
    match operation {
        OperationDefinition::SelectionSet(set) => ("Query", None, set),
        OperationDefinition::Query(query) => ("Query", query.name.as_deref(), &query.selection_set),
        OperationDefinition::Mutation(one) => ("Mutation", one.name.as_deref(), &one.selection_set),
        OperationDefinition::Subscription(one) => ("Subscription", one.name.as_deref(), &one.selection_set),
    }
}

struct Answer<'d> {
    types: HashMap<&'static str, &'static TypeDefinition>,
    fragments: HashMap<&'d str, &'d query::SelectionSet>,
    is_whole: bool,
    wrong: Vec<String>,
}

impl<'d> Answer<'d> {
    /// One object of this type; fields of fragments need to be there only if it is of their type.
    fn level(&mut self, of: &str, set: &'d query::SelectionSet, object: &Value, place: &str) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) => self.field(of, field, object, place),
                Selection::InlineFragment(fragment) => {
                    let TypeCondition::On(on) =
                        fragment.type_condition.clone().unwrap_or(TypeCondition::On(of.to_owned()));
                    self.fragment(of, &on, &fragment.selection_set, object, place);
                }
                Selection::FragmentSpread(spread) => {
                    let set: &'d SelectionSet = self.fragments[spread.fragment_name.as_str()];
                    self.fragment(of, of, set, object, place);
                }
            }
        }
    }

    fn fragment(&mut self, of: &str, on: &str, set: &'d SelectionSet, object: &Value, place: &str) {
        let is_other = match object["__typename"].as_str() {
            Some(name) => name != on && on != of,
            None => on != of && !set.items.iter().any(|one| has(object, one)),
        };
        if !is_other {
            self.level(on, set, object, place);
        }
    }

    fn field(&mut self, of: &str, field: &'d query::Field, object: &Value, place: &str) {
        let key = field.alias.as_ref().unwrap_or(&field.name);
        let place = format!("{place}.{key}");
        let Some(value) = object.get(key) else {
            return self.wrong.push(format!("{place} was asked for and is not in the answer"));
        };
        if field.name == "__typename" || field.name == "__type" {
            return;
        }
        // The query is valid: a type without this field is the parent of a fragment's.
        if let Some(kind) = self.kind_of(of, &field.name) {
            self.value(kind, &field.selection_set, value, &place);
        }
    }

    fn kind_of(&self, of: &str, name: &str) -> Option<&'static Type> {
        let fields = match self.types[of] {
            TypeDefinition::Object(object) => &object.fields,
            TypeDefinition::Interface(interface) => &interface.fields,
            _ => return None,
        };
        fields.iter().find(|field| field.name == name).map(|field| &field.field_type)
    }

    fn value(&mut self, kind: &'static Type, set: &'d SelectionSet, value: &Value, place: &str) {
        match (kind, value) {
            (Type::NonNullType(_), Value::Null) if self.is_whole => {
                self.wrong.push(format!("{place} is null, and a {kind} cannot be"));
            }
            (_, Value::Null) => {}
            (Type::NonNullType(inner), value) => self.value(inner, set, value, place),
            (Type::ListType(inner), Value::Array(items)) => {
                items.iter().for_each(|item| self.value(inner, set, item, place));
            }
            (Type::NamedType(name), value) => self.named(name, set, value, place),
            _ => self.wrong.push(format!("{place} is {value}, and no {kind}")),
        }
    }

    fn named(&mut self, name: &'static str, set: &'d SelectionSet, value: &Value, place: &str) {
        let fits = match self.types.get(name) {
            Some(TypeDefinition::Enum(kind)) => kind.values.iter().any(|one| value == one.name.as_str()),
            Some(TypeDefinition::Scalar(_)) | None => is_scalar(name, value),
            Some(_) => value.is_object(),
        };
        if !fits {
            self.wrong.push(format!("{place} is {value}, and no {name}"));
        } else if value.is_object() {
            self.level(name, set, value, place);
        }
    }
}

fn has(object: &Value, selection: &query::Selection) -> bool {
    let Selection::Field(field) = selection else { return true };
    object.get(field.alias.as_ref().unwrap_or(&field.name)).is_some()
}

/// GitHub's own scalars, by what its documentation says of each ("GraphQL, Scalars").
fn is_scalar(name: &str, value: &Value) -> bool {
    let text = value.as_str();
    match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "DateTime" | "PreciseDateTime" => {
            text.is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok())
        }
        "URI" => text.is_some_and(|text| url::Url::parse(text).is_ok() || text.starts_with('/')),
        "GitObjectID" => {
            text.is_some_and(|text| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        }
        _ => value.is_string(),
    }
}

#[test]
fn queries_and_answers_against_the_schema_are_seen() {
    let Some(schema) = schema() else { return };
    let refused = serde_json::json!({"errors": [{"message": "no"}]});
    let answer = |data: &str| serde_json::from_str::<Value>(&format!(r#"{{"data": {data}}}"#)).unwrap();
    let whole = answer(r#"{"viewer": {"login": "mara", "databaseId": 3}}"#);
    let cases = [
        ("{ viewer { login databaseId } }", whole.clone(), None),
        ("{ viewer { login databaseId } }", refused.clone(), Some("it is refused")),
        ("{ viewer { logon } }", refused, None),
        ("{ viewer { logon } }", answer(r#"{"viewer": {"logon": "mara"}}"#), Some("logon")),
        ("{ viewer { login databaseId email } }", whole, Some("viewer.email was asked for")),
        ("{ viewer { login } }", answer(r#"{"viewer": {"login": null}}"#), Some("viewer.login is null")),
        ("{ viewer { databaseId } }", answer(r#"{"viewer": {"databaseId": "3"}}"#), Some("no Int")),
        ("{ viewer { createdAt } }", answer(r#"{"viewer": {"createdAt": "today"}}"#), Some("no DateTime")),
    ];
    for (query, answer, wanted) in cases {
        let found = violations(schema, &serde_json::json!({"query": query}), &answer);
        match wanted {
            None => assert!(found.is_empty(), "{query}: {found:?}"),
            Some(wanted) => assert!(found.iter().any(|one| one.contains(wanted)), "{query}: {found:?}"),
        }
    }
}
