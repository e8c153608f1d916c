//! Templates of mails: a `Subject:` line, a blank line, the text. In minijinja, where an unknown name is an error. The
//! text of an acknowledgement, which a person posts, has no subject.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;

/// The built-in templates. Adding a mail to a workflow takes a line here, the template, and the workflow's own lines.
const BUILT_IN: [(&str, &str); 7] = [
    ("acknowledgement", include_str!("templates/acknowledgement.txt")),
    ("github-advance", include_str!("templates/github-advance.txt")),
    ("github-release", include_str!("templates/github-release.txt")),
    ("wamr-advance", include_str!("templates/wamr-advance.txt")),
    ("wamr-release", include_str!("templates/wamr-release.txt")),
    ("wasmtime-advance", include_str!("templates/wasmtime-advance.txt")),
    ("wasmtime-release", include_str!("templates/wasmtime-release.txt")),
];

/// A template and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTemplate {
    name: String,
    source: String,
}

/// A mail's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Ends with a line break.
    pub body: String,
}

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is no built-in template of this name.
    #[error("there is no built-in mail template `{name}`; the built-in ones are {}", names())]
    Unknown {
        /// The name.
        name: String,
    },
    /// It names something that this mail does not have.
    #[error("mail template `{template}`, line {line}: `{variable}` is not known here; this mail has {known}")]
    Undefined {
        /// The template.
        template: String,
        /// From 1.
        line: usize,
        /// The expression, as written.
        variable: String,
        /// What it could have named.
        known: String,
    },
    /// It does not follow the rules of templates.
    #[error("mail template `{template}`, line {line}: {reason}")]
    Invalid {
        /// The template.
        template: String,
        /// From 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// Its first line is not a subject.
    #[error("mail template `{template}` does not begin with a line `Subject: …` and a blank line")]
    NoSubject {
        /// The template.
        template: String,
    },
}

fn names() -> String {
    BUILT_IN.map(|(name, _)| format!("`{name}`")).join(", ")
}

impl MailTemplate {
    /// A template that comes with the program.
    ///
    /// # Errors
    /// [`TemplateError::Unknown`].
    pub fn built_in(name: &str) -> Result<MailTemplate, TemplateError> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        let (name, source) = found.ok_or_else(|| TemplateError::Unknown { name: name.to_owned() })?;
        Ok(MailTemplate { name: (*name).to_owned(), source: (*source).to_owned() })
    }

    /// A user's own, by the name of its file.
    pub fn of_user(name: impl Into<String>, source: impl Into<String>) -> MailTemplate {
        MailTemplate { name: name.into(), source: source.into() }
    }

    /// The mail for these facts: one of the types of `announcement`.
    ///
    /// # Errors
    /// [`TemplateError`] names template, line and variable.
    pub fn render(&self, facts: &impl Serialize) -> Result<Rendered, TemplateError> {
        let text = self.fill(facts)?;
        let no_subject = || TemplateError::NoSubject { template: self.name.clone() };
        let (first, body) = text.split_once("\n\n").ok_or_else(no_subject)?;
        let subject = first.strip_prefix("Subject:").map(str::trim).ok_or_else(no_subject)?;
        if subject.is_empty() || subject.contains('\n') {
            return Err(no_subject());
        }
        Ok(Rendered { subject: subject.to_owned(), body: format!("{}\n", body.trim()) })
    }

    /// The text for these facts, for what is not sent as a mail and has no subject.
    ///
    /// # Errors
    /// [`TemplateError`] names template, line and variable.
    pub fn fill(&self, facts: &impl Serialize) -> Result<String, TemplateError> {
        let facts = Value::from(Serde(facts));
        let own = |error: minijinja::Error| self.explain(&error, &facts);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment
            .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(own)?);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_debug(true);
        environment
            .template_from_named_str(&self.name, &self.source)
            .and_then(|template| template.render(&facts))
            .map_err(own)
    }

    fn explain(&self, error: &minijinja::Error, facts: &Value) -> TemplateError {
        let template = self.name.clone();
        let line = error.line().unwrap_or(1);
        let written = error.range().and_then(|range| self.source.get(range)).map(str::to_owned);
        match (error.kind(), written) {
            (minijinja::ErrorKind::UndefinedError, Some(variable)) => {
                let names = facts.try_iter().into_iter().flatten().map(|name| format!("`{name}`"));
                TemplateError::Undefined {
                    template,
                    line,
                    variable,
                    known: names.collect::<Vec<_>>().join(", "),
                }
            }
            (kind, _) => {
                let reason = error.detail().map_or_else(|| kind.to_string(), str::to_owned);
                TemplateError::Invalid { template, line, reason }
            }
        }
    }
}
