//! Why act is not asked: what is known is put in the place of what asks for it, and what is left must be something that act says
//! truly.

use crate::matrix::{Contexts, PinError, Value, condition_text, pinned_expression};
use crate::runner::executor::AttemptEnd;

/// Why act is not asked.
pub(super) type Refusal = AttemptEnd;

/// A condition with what is known put in its place; nothing where there is none.
pub(super) fn pinned_condition(
    written: &Value,
    contexts: &Contexts,
    shows: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, Refusal> {
    let text = match written {
        Value::Null => return Ok(None),
        Value::String(text) => condition_text(text).map_err(|error| refusal(error.into()))?,
        other => other.to_text(),
    };
    pinned_expression(&text, contexts, shows).map(Some).map_err(refusal)
}

/// Why a script that asks whether act runs it is not run.
pub(super) fn hangs_on_act() -> Refusal {
    AttemptEnd::Undecided("$ACT".to_owned())
}

pub(super) fn refusal(error: PinError) -> Refusal {
    match error {
        PinError::HangsOn(on) => AttemptEnd::Undecided(on),
        PinError::Expression(error) => AttemptEnd::Failed(error.to_string()),
    }
}
