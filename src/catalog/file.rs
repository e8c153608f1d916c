//! The whole file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::approval_group::{self, ApprovalGroup};
use super::check;
use super::check_names::{check_maintainers, check_server};
use super::endpoints::EndpointFacts;
use super::mail::{MailFacts, TemplateTexts};
use super::repo::Repo;
use crate::ids::{Login, RepoName};
use crate::input::{InputError, Source};

/// Everything that stands in `catalog.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Catalog {
    /// The organisation as it signs its mails.
    pub organisation: String,
    /// Who may lead a release and approve its gates.
    #[serde(default)]
    pub maintainers: Vec<Login>,
    /// Groups of whom some must approve a gate, beside those whom the workflow wants.
    #[serde(rename = "approval-group", default, skip_serializing_if = "Vec::is_empty")]
    pub approval_groups: Vec<ApprovalGroup>,
    /// Where mails come from and go to.
    pub mail: MailFacts,
    /// Where the services are, if not at github.com.
    #[serde(default)]
    pub endpoints: EndpointFacts,
    /// The repositories.
    #[serde(rename = "repo", default)]
    pub repos: Vec<Repo>,
}

impl Catalog {
    /// Reads and checks a catalog.
    ///
    /// # Errors
    /// With the place of what is wrong: an unknown key, a repository named twice, a dependency on a repository
    /// or line that is not in the catalog.
    pub fn load(source: &Source) -> Result<Catalog, InputError> {
        let catalog: Catalog = source.parse()?;
        check_maintainers(source, &catalog.maintainers)?;
        check_server(source, &catalog.mail)?;
        approval_group::check(&catalog.approval_groups, source)?;
        check::check(&catalog.repos, source)?;
        Ok(catalog)
    }

    /// The texts of the mail templates that the catalog of this file names.
    ///
    /// # Errors
    /// With the place, when a template cannot be read.
    pub fn templates(&self, source: &Source) -> Result<TemplateTexts, InputError> {
        self.mail.read_templates(source)
    }

    /// Whether somebody may lead a release: a maintainer, or anybody where none are named.
    #[must_use]
    pub fn may_lead(&self, login: &Login) -> bool {
        self.maintainers.is_empty() || self.maintainers.contains(login)
    }

    /// The facts of one repository.
    #[must_use]
    pub fn repo(&self, name: &RepoName) -> Option<&Repo> {
        self.repos.iter().find(|repo| repo.name == *name)
    }
}
