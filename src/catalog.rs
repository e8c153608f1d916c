//! The catalog: standing facts about repositories, kept for years.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ecosystem::Ecosystem;
use crate::ids::{BranchName, Login, RepoName};
use crate::input::{InputError, Part, Source, suggest};
use crate::jobs::{LockFileCommand, TestCommand};
use crate::numbering::{Scheme, Version, version_in_tag};
use crate::path_glob::PathGlob;
use crate::registry;
use crate::version::{DependencyRule, NotesRule, VersionRule};

/// Everything that stands in `catalog.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Catalog {
    /// The organisation as it signs its mails.
    pub organisation: String,
    /// Who may lead a release and approve its gates.
    #[serde(default)]
    pub maintainers: Vec<Login>,
    /// Where mails come from and go to.
    pub mail: MailFacts,
    /// Where the services are, if not at github.com.
    #[serde(default)]
    pub endpoints: EndpointFacts,
    /// The repositories.
    #[serde(rename = "repo", default)]
    pub repos: Vec<Repo>,
}

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
    fn read_templates(&self, source: &Source) -> Result<TemplateTexts, InputError> {
        let directory = source.path().parent().unwrap_or(source.path());
        let short =
            [("advance-template", &self.advance_template), ("release-template", &self.release_template)];
        let short = short.into_iter().filter_map(|(key, name)| Some((vec![Part::Key(key)], name.as_ref()?)));
        let other =
            self.templates.iter().map(|(mail, name)| (vec![Part::Key("templates"), Part::Key(mail)], name));
        let mut texts = TemplateTexts::new();
        for (place, name) in short.chain(other) {
            let text = std::fs::read_to_string(directory.join(name)).map_err(|cause| {
                source.error_at(
                    &[vec![Part::Key("mail")], place].concat(),
                    format!("failed to read the mail template `{name}`: {cause}"),
                    "give its path relative to the catalog",
                )
            })?;
            texts.insert(name.clone(), text);
        }
        Ok(texts)
    }
}

/// Where the outside services are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct EndpointFacts {
    /// GitHub's REST API.
    pub api: String,
    /// The prefix of clone addresses.
    pub git: String,
    /// The roots of the package registries that releases wait for.
    pub registries: BTreeMap<registry::Ecosystem, String>,
}

impl Default for EndpointFacts {
    fn default() -> Self {
        EndpointFacts {
            api: "https://api.github.com".into(),
            git: "https://github.com".into(),
            registries: BTreeMap::new(),
        }
    }
}

/// One repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Repo {
    /// `owner/name`.
    pub name: RepoName,
    /// The project's name in mails and reports.
    pub project: String,
    /// The branch that every fix lands on first.
    #[serde(default = "main_branch")]
    pub default_branch: BranchName,
    /// The supported release lines, oldest first.
    pub lines: Vec<BranchName>,
    /// Where fixes are kept before they are public.
    #[serde(default)]
    pub private: PrivateSide,
    /// Where the branches of public pull requests live.
    #[serde(default)]
    pub publish_from: PublishFrom,
    /// How pull requests are merged.
    #[serde(default)]
    pub merge: MergeMethod,
    /// How the version is read and written. Without one, the workflow's.
    #[serde(default)]
    pub version: Option<VersionRule>,
    /// Where release notes go. Without one, the workflow's; without both, none are written.
    #[serde(default)]
    pub notes: Option<NotesRule>,
    /// How a release starts and what it leaves. Without one, the workflow's.
    #[serde(default)]
    pub release: Option<ReleaseRule>,
    /// The package, as advisories and registries name it.
    #[serde(default)]
    pub package: Option<Package>,
    /// More files whose conflicts decide nothing about a vulnerability, beside tests, lock files, vendored code, release
    /// notes, CI and docs, which are known by their names. Globs as in a `.gitignore`: `*.snap` anywhere,
    /// `src/tables/*.rs` in one place, `generated/` for everything below.
    #[serde(default)]
    pub noise: Vec<PathGlob>,
    /// The commands that write lock files anew where a fix conflicts in them.
    #[serde(rename = "lock-file", default)]
    pub lock_files: Vec<LockFileCommand>,
    /// What is run to prove a patched tree.
    #[serde(rename = "test", default)]
    pub tests: Vec<TestCommand>,
    /// The other repositories whose releases this one carries.
    #[serde(rename = "depends", default)]
    pub depends: Vec<Dependency>,
}

fn main_branch() -> BranchName {
    "main".to_owned().try_into().unwrap_or_else(|_| unreachable!("`main` is a branch name"))
}

/// Where fixes are kept before they are public.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrivateSide {
    /// The temporary private fork of the advisory.
    #[default]
    AdvisoryFork,
    /// A private repository that the organisation keeps.
    Repository(RepoName),
}

/// Where the branches of public pull requests live.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PublishFrom {
    /// In the repository itself.
    #[default]
    Repository,
    /// In a fork of the incident manager's.
    Fork(RepoName),
}

/// How pull requests are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MergeMethod {
    /// A merge commit.
    #[default]
    Merge,
    /// One commit.
    Squash,
    /// The commits on top of the base.
    Rebase,
}

impl MergeMethod {
    /// The word that GitHub's API uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MergeMethod::Merge => "merge",
            MergeMethod::Squash => "squash",
            MergeMethod::Rebase => "rebase",
        }
    }
}

/// How a release starts and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseRule {
    /// What starts it.
    pub trigger: Trigger,
    /// The tag, with `{version}` in it.
    pub tag: String,
    /// The files that a complete release has, with `{version}` in them.
    #[serde(default)]
    pub assets: Vec<String>,
}

impl ReleaseRule {
    /// The tag of this version.
    #[must_use]
    pub fn tag_of(&self, version: &Version) -> String {
        self.tag.replace("{version}", &version.to_string())
    }

    /// The version that a tag names; `None` for a tag of something else.
    #[must_use]
    pub fn version_of(&self, tag: &str, scheme: Scheme) -> Option<Version> {
        version_in_tag(&self.tag, tag, scheme)
    }

    /// The assets of this version.
    #[must_use]
    pub fn assets_of(&self, version: &Version) -> Vec<String> {
        self.assets.iter().map(|asset| asset.replace("{version}", &version.to_string())).collect()
    }
}

/// What starts a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Dispatching this workflow file on the branch.
    Dispatch(String),
    /// Merging a bump whose commit message holds this marker.
    MergeMarker(String),
    /// Pushing the tag; Lockgate does it.
    PushTag,
}

/// A package as advisories and registries name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The ecosystem in GitHub's words: `rust`, `npm`, `pip`, `other` and more.
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: String,
    /// Whether a release must appear in the registry before it counts.
    #[serde(default)]
    pub registry: bool,
}

/// Another repository whose release this one carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dependency {
    /// The repository depended on.
    pub on: RepoName,
    /// Which line of it each line of ours carries: ours to theirs.
    pub lines: BTreeMap<BranchName, BranchName>,
    /// Where its version stands in our files.
    pub rule: DependencyRule,
}

impl Repo {
    /// All branches that a fix may be carried to, the default branch first, then the lines from old to new.
    pub fn branches(&self) -> impl Iterator<Item = &BranchName> {
        std::iter::once(&self.default_branch).chain(&self.lines)
    }

    /// The ecosystem that its releases are for.
    #[must_use]
    pub fn ecosystem(&self) -> Ecosystem {
        self.package.as_ref().map_or(Ecosystem::Other, |package| package.ecosystem)
    }
}

impl Catalog {
    /// Reads and checks a catalog.
    ///
    /// # Errors
    /// With the place of what is wrong: an unknown key, a repository named twice, a dependency on a repository
    /// or line that the catalog lacks.
    pub fn load(source: &Source) -> Result<Catalog, InputError> {
        let catalog: Catalog = source.parse()?;
        catalog.check(source)?;
        Ok(catalog)
    }

    /// The texts of the mail templates that the catalog of this file names.
    ///
    /// # Errors
    /// With the place, when a template cannot be read.
    pub fn templates(&self, source: &Source) -> Result<TemplateTexts, InputError> {
        self.mail.read_templates(source)
    }

    /// The facts of one repository.
    #[must_use]
    pub fn repo(&self, name: &RepoName) -> Option<&Repo> {
        self.repos.iter().find(|repo| repo.name == *name)
    }

    fn check(&self, source: &Source) -> Result<(), InputError> {
        for (index, repo) in self.repos.iter().enumerate() {
            let way = [Part::Key("repo"), Part::Index(index)];
            if self.repos[..index].iter().any(|earlier| earlier.name == repo.name) {
                return Err(source.error_at(
                    &[way[0], way[1], Part::Key("name")],
                    format!("the repository `{}` stands in the catalog twice", repo.name),
                    "keep one of the two entries",
                ));
            }
            if let Some(position) = repo.lines.iter().position(|line| *line == repo.default_branch) {
                return Err(source.error_at(
                    &[way[0], way[1], Part::Key("lines"), Part::Index(position)],
                    format!("`{}` is the default branch of `{}`, not a line", repo.default_branch, repo.name),
                    "take it out of `lines`: the default branch always receives the fix and is never released from",
                ));
            }
            for (position, dependency) in repo.depends.iter().enumerate() {
                self.check_dependency(source, index, position, repo, dependency)?;
            }
        }
        Ok(())
    }

    fn check_dependency(
        &self,
        source: &Source,
        index: usize,
        position: usize,
        repo: &Repo,
        dependency: &Dependency,
    ) -> Result<(), InputError> {
        let way = [Part::Key("repo"), Part::Index(index), Part::Key("depends"), Part::Index(position)];
        let Some(other) = self.repo(&dependency.on) else {
            return Err(source.error_at(
                &[way[0], way[1], way[2], way[3], Part::Key("on")],
                format!("`{}` depends on `{}`, which the catalog lacks", repo.name, dependency.on),
                suggest(dependency.on.as_str(), self.repos.iter().map(|repo| repo.name.as_str())),
            ));
        };
        for (ours, theirs) in &dependency.lines {
            let at = [way[0], way[1], way[2], way[3], Part::Key("lines"), Part::Key(ours.as_str())];
            if !repo.lines.contains(ours) {
                return Err(source.error_at(
                    &at,
                    format!("`{}` has no line `{ours}`", repo.name),
                    suggest(ours.as_str(), repo.lines.iter().map(BranchName::as_str)),
                ));
            }
            if !other.lines.contains(theirs) {
                return Err(source.error_at(
                    &at,
                    format!("`{}` has no line `{theirs}`", other.name),
                    suggest(theirs.as_str(), other.lines.iter().map(BranchName::as_str)),
                ));
            }
        }
        Ok(())
    }
}
