//! A query as it is executed: fragments spread, variables replaced.

use std::collections::BTreeMap;

use graphql_parser::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet, TypeCondition,
    Value as Written, VariableDefinition, parse_query,
};
use serde_json::{Map, Value, json};

use super::error::GraphQlError;

/// How deep fragments and fields may lie in each other.
const DEEPEST: usize = 30;

/// What is asked for on one level.
#[derive(Debug, Clone)]
pub(super) enum Selected {
    /// A field.
    Field(Asked),
    /// More, if the object is of this type.
    On(Option<String>, Vec<Selected>),
}

/// A field that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Under which name the answer has it.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
    pub(super) below: Vec<Selected>,
}

impl Asked {
    /// An argument.
    pub(super) fn argument(&self, name: &str) -> &Value {
        self.arguments.get(name).unwrap_or(&Value::Null)
    }

    /// An argument that is a text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.argument(name).as_str().unwrap_or_default()
    }

    /// Where its own value stands if it depends on arguments.
    pub(super) fn slot(&self) -> String {
        Asked::slot_of(&self.name, &Value::Object(self.arguments.clone()))
    }

    /// Where the value of a field stands for these arguments.
    pub(super) fn slot_of(name: &str, arguments: &Value) -> String {
        format!("{name}{arguments}")
    }
}

/// Every field of one level, fragments included.
pub(super) fn fields(selected: &[Selected]) -> Vec<&Asked> {
    selected
        .iter()
        .flat_map(|one| match one {
            Selected::Field(asked) => vec![asked],
            Selected::On(_, below) => fields(below),
        })
        .collect()
}

/// A query or a mutation.
pub(super) struct Operation {
    pub(super) changes: bool,
    pub(super) selected: Vec<Selected>,
}

/// Reads the operation of this name, or the only one.
pub(super) fn read(
    text: &str,
    name: Option<&str>,
    variables: &Map<String, Value>,
) -> Result<Operation, GraphQlError> {
    let document: Document<'_, String> = parse_query(text)
        .map_err(|error| GraphQlError::query(format!("Parse error on the query: {error}")))?;
    let mut fragments = BTreeMap::new();
    let mut operations = Vec::new();
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => drop(fragments.insert(fragment.name.as_str(), fragment)),
            Definition::Operation(operation) => operations.push(operation),
        }
    }
    let named = |operation: &&&OperationDefinition<'_, String>| match name {
        Some(name) => operation_name(operation) == Some(name),
        None => operations.len() == 1,
    };
    let operation = operations.iter().find(named);
    let operation = operation.ok_or_else(|| GraphQlError::query("An operation name is required"))?;
    let (changes, declared, set) = parts(operation)?;
    let variables = with_defaults(declared, variables)?;
    let reader = Reader { fragments, variables };
    Ok(Operation { changes, selected: reader.level(set, 0)? })
}

fn operation_name<'d>(operation: &'d OperationDefinition<'_, String>) -> Option<&'d str> {
    match operation {
        OperationDefinition::Query(query) => query.name.as_deref(),
        OperationDefinition::Mutation(mutation) => mutation.name.as_deref(),
        _ => None,
    }
}

type Parts<'d> = (bool, &'d [VariableDefinition<'d, String>], &'d SelectionSet<'d, String>);

fn parts<'d>(operation: &'d OperationDefinition<'d, String>) -> Result<Parts<'d>, GraphQlError> {
    match operation {
        OperationDefinition::Query(query) => Ok((false, &query.variable_definitions, &query.selection_set)),
        OperationDefinition::Mutation(mutation) => {
            Ok((true, &mutation.variable_definitions, &mutation.selection_set))
        }
        OperationDefinition::SelectionSet(set) => Ok((false, &[], set)),
        OperationDefinition::Subscription(_) => {
            Err(GraphQlError::query("Schema is not configured for subscriptions"))
        }
    }
}

fn with_defaults(
    declared: &[VariableDefinition<'_, String>],
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, GraphQlError> {
    let mut all = Map::new();
    for one in declared {
        let default = one.default_value.as_ref().map(|value| literal(value, &Map::new())).transpose()?;
        let value = given.get(&one.name).filter(|value| !value.is_null()).cloned().or(default);
        let is_required = matches!(one.var_type, graphql_parser::query::Type::NonNullType(_));
        if value.is_none() && is_required {
            let message =
                format!("Variable ${} of type {} was provided invalid value", one.name, one.var_type);
            return Err(GraphQlError::query(message));
        }
        all.insert(one.name.clone(), value.unwrap_or(Value::Null));
    }
    Ok(all)
}

struct Reader<'d> {
    fragments: BTreeMap<&'d str, &'d FragmentDefinition<'d, String>>,
    variables: Map<String, Value>,
}

impl Reader<'_> {
    fn level(&self, set: &SelectionSet<'_, String>, depth: usize) -> Result<Vec<Selected>, GraphQlError> {
        if depth > DEEPEST {
            return Err(GraphQlError::query("the query is too deep"));
        }
        set.items.iter().map(|one| self.one(one, depth + 1)).collect()
    }

    fn one(&self, selection: &Selection<'_, String>, depth: usize) -> Result<Selected, GraphQlError> {
        let plain = |directives: &[graphql_parser::query::Directive<'_, String>]| match directives {
            [] => Ok(()),
            [first, ..] => Err(GraphQlError::query(format!("Directive @{} is not defined", first.name))),
        };
        let on = |condition: &TypeCondition<'_, String>| match condition {
            TypeCondition::On(name) => name.clone(),
        };
        match selection {
            Selection::Field(field) => {
                plain(&field.directives)?;
                let mut arguments = Map::new();
                for (name, value) in &field.arguments {
                    arguments.insert(name.clone(), literal(value, &self.variables)?);
                }
                let (name, key) = (field.name.clone(), field.alias.clone());
                let below = self.level(&field.selection_set, depth)?;
                Ok(Selected::Field(Asked {
                    key: key.unwrap_or_else(|| name.clone()),
                    name,
                    arguments,
                    below,
                }))
            }
            Selection::InlineFragment(fragment) => {
                plain(&fragment.directives)?;
                let below = self.level(&fragment.selection_set, depth)?;
                Ok(Selected::On(fragment.type_condition.as_ref().map(on), below))
            }
            Selection::FragmentSpread(spread) => {
                plain(&spread.directives)?;
                let name = spread.fragment_name.as_str();
                let fragment = self.fragments.get(name).ok_or_else(|| {
                    GraphQlError::query(format!("Fragment {name} was used, but not defined"))
                })?;
                let below = self.level(&fragment.selection_set, depth)?;
                Ok(Selected::On(Some(on(&fragment.type_condition)), below))
            }
        }
    }
}

/// A written value with its variables.
fn literal(value: &Written<'_, String>, variables: &Map<String, Value>) -> Result<Value, GraphQlError> {
    Ok(match value {
        Written::Variable(name) => match variables.get(name) {
            Some(value) => value.clone(),
            None => {
                return Err(GraphQlError::query(format!("Variable ${name} is used but not declared")));
            }
        },
        Written::Int(number) => json!(number.as_i64()),
        Written::Float(number) => json!(number),
        Written::String(text) | Written::Enum(text) => json!(text),
        Written::Boolean(truth) => json!(truth),
        Written::Null => Value::Null,
        Written::List(items) => {
            Value::Array(items.iter().map(|item| literal(item, variables)).collect::<Result<_, _>>()?)
        }
        Written::Object(members) => {
            let mut all = Map::new();
            for (name, member) in members {
                all.insert(name.clone(), literal(member, variables)?);
            }
            Value::Object(all)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_spread_and_variables_replaced() {
        let text = "fragment p on PullRequest { title }
            query Q($n: Int!, $s: String = \"x\") { a: pull(number: $n, states: [OPEN], by: $s) { ...p number } }";
        let variables = json!({"n": 7});
        let operation = read(text, None, variables.as_object().unwrap()).unwrap();
        let [Selected::Field(asked)] = operation.selected.as_slice() else { panic!("one field") };
        assert_eq!((asked.key.as_str(), asked.name.as_str()), ("a", "pull"));
        assert_eq!(
            asked.arguments,
            *json!({"number": 7, "states": ["OPEN"], "by": "x"}).as_object().unwrap()
        );
        let names: Vec<&str> = fields(&asked.below).iter().map(|asked| asked.name.as_str()).collect();
        assert_eq!(names, ["title", "number"]);
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "{ a",
            "query Q($n: Int!) { a }",
            "{ a(n: $m) }",
            "{ ...nothing }",
            "{ a @skip(if: true) }",
            "fragment f on T { ...f } { ...f }",
            "query A { a } query B { b }",
        ] {
            assert!(matches!(read(text, None, &Map::new()), Err(GraphQlError::Query(_))), "{text}");
        }
    }
}
