//! The ids of jobs and of steps (`IdBuilder.cs`).

use std::collections::HashMap;

use super::shape::Misfit;
use crate::matrix::expression::{Value, fold};

const LONGEST: usize = 99;

/// What is wrong with the id of a job or a step, whatever `of` it is.
pub(super) fn of_id(id: &str, of: &str) -> Option<String> {
    let begins = id.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    let rule = if !(begins && plain) {
        "letters, digits, `-` and `_`, the first one a letter or `_`".to_owned()
    } else if id.starts_with("__") {
        "what begins with `__` is GitHub's own".to_owned()
    } else if id.len() > LONGEST {
        format!("it has more than {LONGEST} characters")
    } else {
        return None;
    };
    Some(format!("`{id}` is no id for a {of}: {rule}"))
}

/// The first id of these steps that is none, or that two of them have. The case of letters makes no difference.
pub(super) fn of_steps(steps: &[Value]) -> Option<Misfit> {
    let mut known: HashMap<String, String> = HashMap::new();
    steps.iter().map(|step| step.get("id")).filter(|id| !id.is_null()).find_map(|id| {
        let id = id.to_text();
        let near = format!("id: {id}");
        if let Some(message) = of_id(&id, "step") {
            return Some((vec![near], message));
        }
        let first = known.insert(fold(&id), near.clone())?;
        Some((vec![first, near], format!("two steps of the job have the id `{id}`")))
    })
}
