//! What may stand at a place of a workflow file, and what of a value does not fit.

use crate::input::suggest;
use crate::matrix::expression::{
    ExpressionError, Value, condition_text, expressions_of, has_expression, holds_expression, parse,
};
use crate::matrix::reading::allowed::Place;

/// What may stand at a place.
pub(super) enum Shape {
    /// Anything.
    Any,
    /// Anything: it is looked at by itself.
    Elsewhere,
    /// A scalar; nothing is empty text.
    Text,
    /// A scalar that is not empty.
    Filled,
    /// Text of a form, and what it has to be.
    Form(fn(&str) -> bool, &'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of one of these keys.
    Key(&'static [(&'static str, Shape)]),
    /// A condition, with or without the marks of an expression.
    If,
    /// True or false.
    Truth,
    /// A number.
    Number,
    /// Nothing.
    Nothing,
    /// A list of these.
    List(&'static Shape),
    /// A mapping with these keys, and with others only of the second shape.
    Mapping(&'static [(&'static str, Shape)], Option<&'static Shape>),
    /// A mapping that has this key.
    Needing(&'static str, &'static Shape),
    /// One of these.
    OneOf(&'static [Shape]),
    /// This, with expressions that may name what exists there.
    At(Place, &'static Shape),
}

/// Something that does not fit: texts that lead to its place, each after the one before, and what is wrong.
pub(in crate::matrix::reading) type Misfit = (Vec<String>, String);

/// A value, what it is called, and which expressions it may hold.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Value,
    name: &'a str,
    place: Place,
}

/// What does not fit; `name` is what the value is called. An expression may give anything.
pub(super) fn misfit(value: &Value, shape: &Shape, name: &str) -> Option<Misfit> {
    of_part(Part { value, name, place: Place::Nowhere }, shape)
}

fn of_part(part: Part<'_>, shape: &Shape) -> Option<Misfit> {
    match shape {
        Shape::At(place, shape) => return of_part(Part { place: *place, ..part }, shape),
        Shape::Elsewhere => return None,
        Shape::If => return condition(part).or_else(|| of_part(part, &Shape::Text)),
        _ => {}
    }
    match part.value.as_text().filter(|text| has_expression(text)) {
        Some(text) => expression(part, text),
        None => unlike(part, shape),
    }
}

/// What does not fit of a value that is no expression by itself.
fn unlike(part: Part<'_>, shape: &Shape) -> Option<Misfit> {
    let is_not = |what: &str| Some((Vec::new(), format!("{} is {what}", part.name)));
    match (shape, part.value) {
        (Shape::Any, value) => anywhere(part, value),
        (Shape::Nothing, Value::Null)
        | (Shape::Truth, Value::Bool(_))
        | (Shape::Number, Value::Number(_)) => None,
        (Shape::Filled, Value::Null) => is_not("empty"),
        (Shape::Filled, Value::String(text)) if text.is_empty() => is_not("empty"),
        (Shape::Text | Shape::Filled, Value::Array(_) | Value::Object(_)) => is_not("no text"),
        (Shape::Text | Shape::Filled, _) => None,
        (Shape::Form(fits, what), value) => {
            let text = value.to_text();
            if fits(&text) { None } else { is_not(&format!("no {what}: `{}`", text.trim())) }
        }
        (Shape::Word(words), value) => {
            let fits = value.as_text().is_some_and(|text| words.contains(&text));
            if fits { None } else { is_not(&format!("none of `{}`", words.join("`, `"))) }
        }
        (Shape::Key(keys), value) => {
            let name = value.to_text();
            let is_known = keys.iter().any(|(known, _)| *known == name);
            if is_known {
                None
            } else {
                is_not(&format!("nothing that GitHub knows: `{name}`{}", nearest(&name, keys)))
            }
        }
        (Shape::Truth, _) => is_not("neither `true` nor `false`"),
        (Shape::Number, _) => is_not("no number"),
        (Shape::Nothing, _) => is_not("not empty"),
        (Shape::List(shape), Value::Array(array)) => {
            array.items.iter().find_map(|value| of_part(Part { value, ..part }, shape))
        }
        (Shape::List(_), _) => is_not("no list"),
        (Shape::Needing(key, shape), Value::Object(object)) if object.contains(key) => of_part(part, shape),
        (Shape::Needing(key, _), _) => is_not(&format!("without `{key}`")),
        (Shape::Mapping(keys, others), Value::Object(object)) => {
            object.iter().find_map(|(key, value)| of_key(part, (key, value), keys, *others))
        }
        (Shape::Mapping(..), _) => is_not("no mapping"),
        (Shape::OneOf(shapes), _) => of_several(part, shapes),
        (Shape::If | Shape::Elsewhere | Shape::At(..), _) => None,
    }
}

fn of_key(
    part: Part<'_>,
    (key, value): (&str, &Value),
    keys: &[(&str, Shape)],
    others: Option<&Shape>,
) -> Option<Misfit> {
    if has_expression(key) {
        return None;
    }
    let quoted = format!("`{key}`");
    let Some(shape) = keys.iter().find(|(known, _)| *known == key).map(|(_, shape)| shape).or(others) else {
        let message = format!("{} has no key {quoted}{}", part.name, nearest(key, keys));
        return Some((vec![format!("{key}:")], message));
    };
    let (path, message) = of_part(Part { value, name: &quoted, place: part.place }, shape)?;
    Some(([vec![format!("{key}:")], path].concat(), message))
}

/// The known key that is meant, if one is near.
fn nearest(key: &str, keys: &[(&str, Shape)]) -> String {
    let hint = suggest(key, keys.iter().map(|(known, _)| *known));
    if hint.starts_with("did you mean") { format!("; {hint}") } else { String::new() }
}

/// Of the shape that is of the same kind, if there is one: it says most.
fn of_several(part: Part<'_>, shapes: &[Shape]) -> Option<Misfit> {
    let all: Option<Vec<Misfit>> = shapes.iter().map(|shape| of_part(part, shape)).collect();
    all.and_then(|all| {
        let said =
            shapes.iter().find(|shape| is_of_kind(part.value, shape)).and_then(|shape| of_part(part, shape));
        said.or_else(|| all.into_iter().next_back())
    })
}

fn is_of_kind(value: &Value, shape: &Shape) -> bool {
    match shape {
        Shape::At(_, shape) | Shape::Needing(_, shape) => is_of_kind(value, shape),
        Shape::Mapping(..) => value.as_object().is_some(),
        Shape::List(_) => value.as_items().is_some(),
        Shape::Filled => value.as_text().is_some() || value.is_null(),
        Shape::Word(_) | Shape::Key(_) => value.as_text().is_some(),
        _ => false,
    }
}

fn condition(part: Part<'_>) -> Option<Misfit> {
    let text = part.value.as_text()?;
    let read = condition_text(text).and_then(|text| parse(&text, &part.place.contexts()).map(|_| ()));
    match read {
        // The conditions of jobs may name jobs there.
        Err(ExpressionError::Unsupported(what)) if part.place == Place::StepIf => {
            Some((vec![text.to_owned()], format!("{what} in the condition of a step: `{text}`")))
        }
        read => refused(text, read),
    }
}

/// What is wrong with the expressions of a text.
fn expression(part: Part<'_>, text: &str) -> Option<Misfit> {
    let contexts = part.place.contexts();
    // `insert` is a directive of its own, not an expression.
    let expressions = match expressions_of(text) {
        Ok(expressions) => expressions.into_iter().filter(|text| text.trim() != "insert"),
        Err(error) => return refused(text, Err(error)),
    };
    for expression in expressions {
        if part.place == Place::Nowhere {
            let message = format!("no expression may stand in {}: `{}`", part.name, text.trim());
            return Some((vec![text.to_owned()], message));
        }
        if let Some(found) = refused(expression, parse(expression, &contexts).map(|_| ())) {
            return Some(found);
        }
    }
    None
}

/// What GitHub takes and is not read here is not wrong.
fn refused(near: &str, read: Result<(), ExpressionError>) -> Option<Misfit> {
    read.err()
        .filter(|error| !matches!(error, ExpressionError::Unsupported(_)))
        .map(|error| (vec![near.to_owned()], error.to_string()))
}

/// The expressions within what may be anything.
fn anywhere(part: Part<'_>, value: &Value) -> Option<Misfit> {
    if !holds_expression(value) {
        return None;
    }
    let within = |value| of_part(Part { value, ..part }, &Shape::Any);
    match value {
        Value::Array(array) => array.items.iter().find_map(within),
        Value::Object(object) => object.values().find_map(within),
        _ => None,
    }
}
