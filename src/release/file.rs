//! The whole file.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advisory::Advisory;
use super::check::{ReleaseCheck, check_id};
use super::fix::PatchTexts;
use super::line::LineWish;
use super::tag::TagAnswer;
use crate::catalog::Catalog;
use crate::ids::{BranchName, GhsaId, Login, RepoName};
use crate::input::{InputError, Source};

/// Everything that stands in `release.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// A short name for branches, mails and reports. It becomes public: let it tell nothing.
    pub id: String,
    /// What is released, for people on the private side.
    pub title: String,
    /// The incident manager.
    pub manager: Login,
    /// A built-in workflow (`github`, `wamr`, `wasmtime`), or the path of one.
    pub workflow: String,
    /// The announced time at which the embargo ends.
    #[schemars(with = "String")]
    pub disclosure: Timestamp,
    /// Who may approve the gates. Empty: every maintainer of the catalog.
    #[serde(default)]
    pub approvers: Vec<Login>,
    /// Words that stand in nothing that is public before the hour, beside what the advisories and fixes say: the name of the
    /// operation, or of a product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_words: Vec<String>,
    /// What this release does with single lines: which version comes next, and whether one is released at all.
    #[serde(rename = "line", default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineWish>,
    /// What people say of tags that cannot be read as versions, or of which nothing tells where they were released from.
    #[serde(rename = "tag", default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagAnswer>,
    /// The advisories, in the order in which their fixes are stacked.
    #[serde(rename = "advisory")]
    pub advisories: Vec<Advisory>,
}

impl Release {
    /// Reads a release file and checks it against its catalog; gives the texts of its patch files too.
    ///
    /// # Errors
    /// With the place: an unknown key, a repository or branch that is not in the catalog, a fix from two places or
    /// none, a missing patch file, a severity beside a vector.
    pub fn load(source: &Source, catalog: &Catalog) -> Result<(Release, PatchTexts), InputError> {
        let release: Release = source.parse()?;
        check_id(source, &release.id)?;
        let check = ReleaseCheck { source, catalog };
        check.title(&release.title)?;
        check.disclosure(release.disclosure)?;
        check.manager(&release.manager)?;
        check.forbidden_words(&release)?;
        check.lines(&release.lines)?;
        check.tags(&release)?;
        check.who_says_not_affected(&release)?;
        check.people(&release)?;
        check.id_tells_nothing(&release.id, &release.advisories)?;
        check.fixed_later(&release.lines, &release.advisories)?;
        let patches = check.advisories(&release.advisories)?;
        Ok((release, patches))
    }

    /// What this release does with a line, if it says anything of it.
    #[must_use]
    pub fn line(&self, repo: &RepoName, branch: &BranchName) -> Option<&LineWish> {
        self.lines.iter().find(|line| line.repo == *repo && line.branch == *branch)
    }

    /// Why a branch gets its fixes after this release; `None` of one that gets them now, or none.
    #[must_use]
    pub fn later(&self, repo: &RepoName, branch: &BranchName) -> Option<&str> {
        self.line(repo, branch)?.later.as_deref()
    }

    /// What it says of the lines of this repository.
    pub fn lines_of(&self, repo: &RepoName) -> impl Iterator<Item = &LineWish> {
        self.lines.iter().filter(move |line| line.repo == *repo)
    }

    /// The answers for tags of this repository, each with its position in the file.
    pub fn tag_answers(&self, repo: &RepoName) -> impl Iterator<Item = (usize, &TagAnswer)> {
        self.tags.iter().enumerate().filter(move |(_, answer)| answer.repo == *repo)
    }

    /// An advisory by its id.
    #[must_use]
    pub fn advisory(&self, id: &GhsaId) -> Option<&Advisory> {
        self.advisories.iter().find(|advisory| advisory.id == *id)
    }
}
