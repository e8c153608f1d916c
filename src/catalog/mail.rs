//! Where mails come from and go to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{InputError, KeyPart, Source, text_of};

/// Addresses of the organisation's mails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MailFacts {
    /// The sender.
    pub from: String,
    /// The lists and people that get the advance and the release mail.
    pub announce: Vec<String>,
    /// The SMTP server for real runs, `smtp://host:port` or `smtps://user@host:port`.
    /// Its password comes from `LOCKGATE_SMTP_PASSWORD`.
    #[serde(default)]
    pub smtp: Option<String>,
    /// The public archive of `announce`: the address of a mail there, with `{id}` for its Message-ID. A mail of which nobody
    /// knows whether it was sent is looked for there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// A template of the user's for the advance mail, relative to the catalog.
    #[serde(default)]
    pub advance_template: Option<String>,
    /// A template of the user's for the release mail, relative to the catalog.
    #[serde(default)]
    pub release_template: Option<String>,
    /// Templates of the user's for other mails, by the name of the mail, relative to the catalog.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, String>,
    /// Who gets the mail of this name instead of `announce`. A mail beside the advance and the release mail goes to
    /// nobody else: it may be meant for few.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recipients: BTreeMap<String, Vec<String>>,
}

/// The texts of the user's mail templates, by the names that the catalog uses. A run keeps them: it must not depend
/// on where the files lay, and must notice when they change.
pub type TemplateTexts = BTreeMap<String, String>;

impl MailFacts {
    /// The user's own template of a mail, as the catalog names its file.
    #[must_use]
    pub fn own_template(&self, mail: &str) -> Option<&str> {
        let short = match mail {
            "advance" => self.advance_template.as_ref(),
            "release" => self.release_template.as_ref(),
            _ => None,
        };
        short.or_else(|| self.templates.get(mail)).map(String::as_str)
    }

    /// Who gets a mail; empty if nothing says so.
    #[must_use]
    pub fn recipients_of(&self, mail: &str) -> &[String] {
        match (self.recipients.get(mail), mail) {
            (Some(recipients), _) => recipients,
            (None, "advance" | "release") => &self.announce,
            (None, _) => &[],
        }
    }

    /// Reads the user's own templates.
    pub(super) fn read_templates(&self, source: &Source) -> Result<TemplateTexts, InputError> {
        let directory = source.path().parent().unwrap_or(source.path());
        let short =
            [("advance-template", &self.advance_template), ("release-template", &self.release_template)];
        let short =
            short.into_iter().filter_map(|(key, name)| Some((vec![KeyPart::Key(key)], name.as_ref()?)));
        let other = self
            .templates
            .iter()
            .map(|(mail, name)| (vec![KeyPart::Key("templates"), KeyPart::Key(mail)], name));
        let mut texts = TemplateTexts::new();
        for (place, name) in short.chain(other) {
            let text = text_of(&directory.join(name)).map_err(|cause| {
                source.error_at(
                    &[vec![KeyPart::Key("mail")], place].concat(),
                    format!("failed to read the mail template `{name}`: {cause}"),
                    "give its path relative to the catalog",
                )
            })?;
            texts.insert(name.clone(), text);
        }
        Ok(texts)
    }
}
