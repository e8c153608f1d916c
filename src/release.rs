//! The release file: the facts of one coordinated release.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, PrivateSide};
use crate::ids::{BranchName, CommitId, CveId, GhsaId, Login, RepoName};
use crate::input::{InputError, Part, Source, suggest};

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
    /// The announced hour at which the embargo ends.
    #[schemars(with = "String")]
    pub disclosure: Timestamp,
    /// Who may approve the gates. Empty: every maintainer of the catalog.
    #[serde(default)]
    pub approvers: Vec<Login>,
    /// The advisories, in the order in which their fixes are stacked.
    #[serde(rename = "advisory")]
    pub advisories: Vec<Advisory>,
}

/// One vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Advisory {
    /// Its GitHub repository security advisory.
    pub id: GhsaId,
    /// The repository that the advisory belongs to.
    pub repo: RepoName,
    /// The advisory's title, in one line.
    pub summary: String,
    /// The advisory's text in Markdown. Empty: what the advisory already says is kept.
    #[serde(default)]
    pub description: String,
    /// How bad it is, if no CVSS vector says so.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The CVSS vector (v3 or v4). GitHub takes this or the severity, never both.
    #[serde(default)]
    pub cvss: Option<String>,
    /// Weakness ids, `CWE-…`.
    #[serde(default)]
    pub cwes: Vec<String>,
    /// The CVE: requested, given, or decided against.
    #[serde(default)]
    pub cve: CveWish,
    /// Who reported it, if not a maintainer.
    #[serde(default)]
    pub reporter: Option<Login>,
    /// Who is thanked, and for what.
    #[serde(default)]
    pub credits: Vec<Credit>,
    /// Who is invited to the private side.
    #[serde(default)]
    pub collaborators: Vec<Login>,
    /// The fixes, one per repository that has the vulnerability.
    #[serde(rename = "fix")]
    pub fixes: Vec<Fix>,
}

/// Severity in GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// What is wanted in the matter of a CVE.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CveWish {
    /// Ask GitHub for one.
    #[default]
    Request,
    /// It was assigned elsewhere.
    Given(CveId),
    /// The release goes on without.
    None,
}

/// A credit of an advisory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Credit {
    /// Who.
    pub login: Login,
    /// For what, in GitHub's words: `finder`, `reporter`, `analyst`, `remediation_developer` and more.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The fix of one advisory in one repository: a pull request on the private side, named commits there, or
/// patches in files. Exactly one of the three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fix {
    /// The repository that is fixed.
    pub repo: RepoName,
    /// A pull request on the private side against the default branch.
    #[serde(default)]
    pub pull: Option<u64>,
    /// What becomes of merges inside the pull request, as the "update branch" button leaves them.
    #[serde(default)]
    pub merges: InnerMerges,
    /// Commits that the private side has, in order.
    #[serde(default)]
    pub commits: Vec<CommitId>,
    /// Files in `git format-patch` form, in order, relative to the release file.
    #[serde(default)]
    pub patches: Vec<String>,
    /// The public commits that brought the vulnerability, if somebody knows them.
    #[serde(default)]
    pub introduced: Vec<CommitId>,
    /// The affected branches. Empty: the default branch and every line.
    #[serde(default)]
    pub branches: Vec<BranchName>,
}

/// What becomes of merges inside a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InnerMerges {
    /// The import stops: a merge may hold a resolution that belongs to the fix.
    #[default]
    Fail,
    /// They are left out, and whoever approves is told.
    Skip,
}

/// Where the commits of a fix come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixSource<'a> {
    /// A pull request on the private side.
    Pull(u64),
    /// Commits on the private side.
    Commits(&'a [CommitId]),
    /// Files, by their names.
    Patches(&'a [String]),
}

impl Fix {
    /// Where the commits come from. The loader has seen to it that it is one place.
    #[must_use]
    pub fn source(&self) -> FixSource<'_> {
        match (self.pull, self.commits.as_slice()) {
            (Some(number), _) => FixSource::Pull(number),
            (None, []) => FixSource::Patches(&self.patches),
            (None, commits) => FixSource::Commits(commits),
        }
    }

    fn sources(&self) -> usize {
        usize::from(self.pull.is_some())
            + usize::from(!self.commits.is_empty())
            + usize::from(!self.patches.is_empty())
    }
}

/// The texts of the patch files of a release, by the names that the release file uses.
pub type PatchTexts = BTreeMap<String, String>;

impl Advisory {
    /// The fix in this repository.
    #[must_use]
    pub fn fix_in(&self, repo: &RepoName) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.repo == *repo)
    }

    /// The severity, from the vector if there is one.
    #[must_use]
    pub fn rating(&self) -> Option<Severity> {
        let Some(vector) = &self.cvss else { return self.severity };
        let score = vector_severity(vector).ok()?;
        Some(match score {
            cvss::Severity::Critical => Severity::Critical,
            cvss::Severity::High => Severity::High,
            cvss::Severity::Medium => Severity::Medium,
            cvss::Severity::Low | cvss::Severity::None => Severity::Low,
        })
    }
}

fn vector_severity(vector: &str) -> Result<cvss::Severity, cvss::Error> {
    vector.parse::<cvss::Cvss>().map(|cvss| cvss.severity())
}

impl Release {
    /// Reads a release file and checks it against its catalog; gives the texts of its patch files too.
    ///
    /// # Errors
    /// With the place: an unknown key, a repository or branch that the catalog lacks, a fix from two places or
    /// none, a missing patch file, a severity beside a vector.
    pub fn load(source: &Source, catalog: &Catalog) -> Result<(Release, PatchTexts), InputError> {
        let release: Release = source.parse()?;
        release.check_id(source)?;
        if release.advisories.is_empty() {
            return Err(source.error_at(
                &[],
                "the release has no advisory",
                "write one `[[advisory]]` for each vulnerability",
            ));
        }
        let mut patches = PatchTexts::new();
        for (index, advisory) in release.advisories.iter().enumerate() {
            let way = [Part::Key("advisory"), Part::Index(index)];
            release.check_advisory(source, catalog, &way, advisory)?;
            if release.advisories[..index].iter().any(|earlier| earlier.id == advisory.id) {
                return Err(source.error_at(
                    &[way[0], way[1], Part::Key("id")],
                    format!("the advisory {} stands in the release twice", advisory.id),
                    "keep one of the two entries; several repositories are several `[[advisory.fix]]` of one",
                ));
            }
            for (position, fix) in advisory.fixes.iter().enumerate() {
                let way = [way[0], way[1], Part::Key("fix"), Part::Index(position)];
                check_fix(source, catalog, &way, advisory, fix)?;
                read_patches(source, &way, fix, &mut patches)?;
            }
        }
        Ok((release, patches))
    }

    /// An advisory by its id.
    #[must_use]
    pub fn advisory(&self, id: &GhsaId) -> Option<&Advisory> {
        self.advisories.iter().find(|advisory| advisory.id == *id)
    }

    fn check_id(&self, source: &Source) -> Result<(), InputError> {
        let good = !self.id.is_empty()
            && self.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
            && BranchName::try_from(self.id.clone()).is_ok();
        if good {
            return Ok(());
        }
        Err(source.error_at(
            &[Part::Key("id")],
            format!("`{}` cannot name branches and mails", self.id),
            "use lower-case letters, digits, `-` and `.`, for example the date: `2026-03-10`",
        ))
    }

    fn check_advisory(
        &self,
        source: &Source,
        catalog: &Catalog,
        way: &[Part<'_>; 2],
        advisory: &Advisory,
    ) -> Result<(), InputError> {
        let known = || catalog.repos.iter().map(|repo| repo.name.as_str());
        if catalog.repo(&advisory.repo).is_none() {
            return Err(source.error_at(
                &[way[0], way[1], Part::Key("repo")],
                format!("the advisory {} is in `{}`, which the catalog lacks", advisory.id, advisory.repo),
                suggest(advisory.repo.as_str(), known()),
            ));
        }
        if let Some(vector) = &advisory.cvss {
            if advisory.severity.is_some() {
                return Err(source.error_at(
                    &[way[0], way[1], Part::Key("severity")],
                    "GitHub takes a severity or a CVSS vector, not both",
                    "drop `severity`; it follows from the vector",
                ));
            }
            if let Err(cause) = vector_severity(vector) {
                return Err(source.error_at(
                    &[way[0], way[1], Part::Key("cvss")],
                    format!("`{vector}` is not a CVSS vector: {cause}"),
                    "take the vector from the calculator, for example `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N`",
                ));
            }
        }
        if advisory.fixes.is_empty() {
            return Err(source.error_at(
                way,
                format!("the advisory {} has no fix", advisory.id),
                "write one `[[advisory.fix]]` for each repository that has the vulnerability",
            ));
        }
        Ok(())
    }
}

fn check_fix(
    source: &Source,
    catalog: &Catalog,
    way: &[Part<'_>; 4],
    advisory: &Advisory,
    fix: &Fix,
) -> Result<(), InputError> {
    let at = |key: &'static str| [way[0], way[1], way[2], way[3], Part::Key(key)];
    let Some(repo) = catalog.repo(&fix.repo) else {
        return Err(source.error_at(
            &at("repo"),
            format!("{} has a fix in `{}`, which the catalog lacks", advisory.id, fix.repo),
            suggest(fix.repo.as_str(), catalog.repos.iter().map(|repo| repo.name.as_str())),
        ));
    };
    if repo.private == PrivateSide::AdvisoryFork && advisory.repo != fix.repo {
        return Err(source.error_at(
            &at("repo"),
            format!(
                "the private fork of {} is a fork of `{}`; a fix of `{}` has no private place there",
                advisory.id, advisory.repo, fix.repo
            ),
            format!(
                "give `{0}` an advisory of its own, or `private = {{ repository = … }}` in the catalog",
                fix.repo
            ),
        ));
    }
    if fix.sources() != 1 {
        return Err(source.error_at(
            way,
            format!("the fix of {} in `{}` comes from {} places", advisory.id, fix.repo, fix.sources()),
            "give exactly one of `pull`, `commits` and `patches`",
        ));
    }
    if fix.merges == InnerMerges::Skip && fix.pull.is_none() {
        return Err(source.error_at(
            &at("merges"),
            format!("`merges` says nothing about the fix of {}, which is no pull request", advisory.id),
            "drop `merges`; it goes with `pull`",
        ));
    }
    for (position, branch) in fix.branches.iter().enumerate() {
        if !repo.branches().any(|known| known == branch) {
            return Err(source.error_at(
                &[way[0], way[1], way[2], way[3], Part::Key("branches"), Part::Index(position)],
                format!("`{}` has no supported branch `{branch}`", fix.repo),
                suggest(branch.as_str(), repo.branches().map(BranchName::as_str)),
            ));
        }
    }
    Ok(())
}

fn read_patches(
    source: &Source,
    way: &[Part<'_>; 4],
    fix: &Fix,
    patches: &mut PatchTexts,
) -> Result<(), InputError> {
    let directory = source.path().parent().unwrap_or(source.path());
    for (position, name) in fix.patches.iter().enumerate() {
        let text = std::fs::read_to_string(directory.join(name)).map_err(|cause| {
            source.error_at(
                &[way[0], way[1], way[2], way[3], Part::Key("patches"), Part::Index(position)],
                format!("failed to read the patch `{name}`: {cause}"),
                "give its path relative to the release file; `git format-patch` makes such files",
            )
        })?;
        patches.insert(name.clone(), text);
    }
    Ok(())
}
