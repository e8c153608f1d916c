//! What comes between a step and its success.

use crate::matrix::{Contexts, ExpressionError, Value, resolve, resolve_tree};

/// Why a step did not succeed, or why nothing can be said of the whole job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The step fails, and the job goes on as GitHub's would: with the steps that want to run all the same.
    Fails(String),
    /// The job ran into its time limit.
    OutOfTime(String),
    /// The job hangs on what is not known here.
    Undecided(String),
    /// Something is not available here.
    Unavailable(String),
}

impl From<ExpressionError> for Trouble {
    fn from(error: ExpressionError) -> Trouble {
        Trouble::Fails(error.to_string())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Trouble {
        Trouble::Unavailable(format!("the disk refuses: {error}"))
    }
}

/// The value, if all of it is known.
pub(super) fn known(value: Value) -> Result<Value, Trouble> {
    match value.hangs_on() {
        Some(on) => Err(Trouble::Undecided(on.to_owned())),
        None => Ok(value),
    }
}

/// A written text with its expressions evaluated; empty where nothing is written.
pub(super) fn text(written: &Value, contexts: &Contexts) -> Result<String, Trouble> {
    Ok(known(resolve_tree(written, contexts)?)?.to_text())
}

/// Whether a written value, or its expression, counts as true.
pub(super) fn truth(written: &Value, contexts: &Contexts) -> Result<bool, Trouble> {
    let value = match written {
        Value::String(text) => resolve(text, contexts)?,
        other => other.clone(),
    };
    // A boolean may be written as text.
    Ok(known(value.clone())?.truth() == Some(true) && value.to_text() != "false")
}

/// A written number of minutes, if there is one.
pub(super) fn minutes(written: &Value, contexts: &Contexts) -> Result<Option<f64>, Trouble> {
    let text = text(written, contexts)?;
    Ok(text.trim().parse::<f64>().ok().filter(|minutes| *minutes > 0.0))
}
