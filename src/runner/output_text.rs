//! Outputs of a job as they are written down: in what is kept, and in what travels between machines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::matrix::{Object, Value};

/// An output is a text, or hangs on something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputText {
    /// It is this.
    Known(String),
    /// It is a text that this decides.
    HangsOn(String),
}

/// Outputs of a job by name.
pub type OutputTexts = BTreeMap<String, OutputText>;

/// Outputs as they are written down.
pub fn output_texts(outputs: &Object) -> OutputTexts {
    let text = |value: &Value| match value.hangs_on() {
        Some(on) => OutputText::HangsOn(on.to_owned()),
        None => OutputText::Known(value.to_text()),
    };
    outputs.iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
}

/// The outputs that were written down.
pub fn outputs_of(texts: &OutputTexts) -> Object {
    let value = |text: &OutputText| match text {
        OutputText::Known(text) => Value::text(text),
        OutputText::HangsOn(on) => Value::unknown_text(on.as_str()),
    };
    texts.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_come_back_as_they_were() {
        let known = ("word".to_owned(), Value::text("lock"));
        let open = ("sum".to_owned(), Value::unknown_text("hashFiles()"));
        let back = outputs_of(&output_texts(&Object::from_iter([known, open])));
        assert_eq!(back.get("word").unwrap().to_text(), "lock");
        assert_eq!(back.get("sum").unwrap().hangs_on(), Some("hashFiles()"));
    }
}
