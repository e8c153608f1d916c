//! What the user wrote, resolved: the workflow's defaults stand where the catalog says nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::catalog::{
    AssetFiles, Catalog, CommitSigning, GitHubReleaseRule, Package, PrivateSide, ReleaseRule, Repo,
    RepoVersion, TemplateTexts,
};
use crate::ids::{BranchName, GhsaId, Login, RepoName};
use crate::numbering::{Scheme, Version, tag_of_version, version_in_tag, version_in_usual_tag};
use crate::release::{Advisory, PatchTexts, Release};
use crate::version::{NotesRule, VersionRule, Versioning};
use crate::workflow::Workflow;

/// The files that a plan is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The catalog.
    pub catalog: Catalog,
    /// The release file.
    pub release: Release,
    /// The workflow that the release file names.
    pub workflow: Workflow,
    /// The texts of the release's patch files.
    pub patches: PatchTexts,
    /// The texts of the user's mail templates.
    #[serde(default, skip_serializing_if = "TemplateTexts::is_empty")]
    pub templates: TemplateTexts,
    /// The files that are attached to releases.
    #[serde(default, skip_serializing_if = "AssetFiles::is_empty")]
    pub assets: AssetFiles,
}

impl Inputs {
    /// The repositories that the release fixes, in the catalog's order.
    pub fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.catalog.repos.iter().filter(|repo| self.fixes(&repo.name))
    }

    /// The repository in which the branches of the pull requests of this one are.
    #[must_use]
    pub fn home_of<'a>(&'a self, repo: &'a RepoName) -> &'a RepoName {
        self.catalog.repo(repo).map_or(repo, Repo::home)
    }

    /// Whether the release fixes this repository.
    #[must_use]
    pub fn fixes(&self, repo: &RepoName) -> bool {
        self.release.advisories.iter().any(|advisory| advisory.fix_in(repo).is_some())
    }

    /// Where this repository's version stands, and which number is raised, on lines that do not have it otherwise.
    #[must_use]
    pub fn common_version<'a>(&'a self, repo: &'a Repo) -> Option<&'a RepoVersion> {
        repo.version.as_ref().or(self.workflow.defaults.version.as_ref())
    }

    /// Where the version stands on this branch, and which number is raised.
    #[must_use]
    pub fn repo_version<'a>(&'a self, repo: &'a Repo, branch: &BranchName) -> Option<&'a RepoVersion> {
        let own = repo.line_rule(branch).and_then(|line| line.version.as_ref());
        own.or_else(|| self.common_version(repo))
    }

    /// Where the version stands on this branch.
    #[must_use]
    pub fn version_rule<'a>(&'a self, repo: &'a Repo, branch: &BranchName) -> Option<&'a VersionRule> {
        self.repo_version(repo, branch).map(|version| &version.rule)
    }

    /// Whether releases are made from this branch: as the release file says, else the catalog.
    #[must_use]
    pub fn releases_from(&self, repo: &Repo, branch: &BranchName) -> bool {
        let wish = self.release.line(&repo.name, branch).and_then(|line| line.release);
        wish.unwrap_or_else(|| repo.releases_from(branch))
    }

    /// How the version of this branch is read and written.
    #[must_use]
    pub fn versioning(&self, repo: &Repo, branch: &BranchName) -> Option<Versioning> {
        let rule = self.version_rule(repo, branch)?.clone();
        Some(Versioning::new(rule, self.scheme(repo)).on(self.day()))
    }

    /// How this repository's version is read and written on lines that do not have it otherwise.
    #[must_use]
    pub fn common_versioning(&self, repo: &Repo) -> Option<Versioning> {
        let rule = self.common_version(repo)?.rule.clone();
        Some(Versioning::new(rule, repo.ecosystem().scheme()).on(self.day()))
    }

    /// The day of the release.
    fn day(&self) -> Date {
        self.release.disclosure.to_zoned(TimeZone::UTC).date()
    }

    /// Whether this release of a branch is one of a package, too. One that counts by itself stays as it is where every advisory of
    /// the repository names others, unless the release file states its version.
    #[must_use]
    pub fn releases_package(&self, repo: &Repo, branch: &BranchName, package: &Package) -> bool {
        let line = self.release.line(&repo.name, branch);
        let is_stated = line.is_some_and(|line| line.packages.contains_key(&package.name));
        let mut fixed =
            self.release.advisories.iter().filter(|advisory| advisory.fix_in(&repo.name).is_some());
        let is_fixed =
            fixed.clone().next().is_none() || fixed.any(|advisory| advisory.affects(&package.name));
        package.version.is_none() || is_stated || is_fixed
    }

    /// How the version of a package is read and written: by its own rule, or the repository's.
    #[must_use]
    pub fn package_versioning(&self, repo: &Repo, package: &Package) -> Option<Versioning> {
        let Some(own) = &package.version else { return self.common_versioning(repo) };
        let versioning = Versioning::new(own.rule.clone(), package.ecosystem.scheme()).on(self.day());
        Some(match &package.path {
            Some(path) => versioning.below(path),
            None => versioning,
        })
    }

    /// The scheme of a package's versions.
    #[must_use]
    pub fn package_scheme(&self, repo: &Repo, package: &Package) -> Scheme {
        self.package_versioning(repo, package)
            .map_or_else(|| package.ecosystem.scheme(), |versioning| versioning.scheme())
    }

    /// The scheme of this repository's versions.
    #[must_use]
    pub fn scheme(&self, repo: &Repo) -> Scheme {
        self.common_versioning(repo)
            .map_or_else(|| repo.ecosystem().scheme(), |versioning| versioning.scheme())
    }

    /// Whether the release of a target has a bump: something in a file is raised (its own version, or one that it
    /// carries), or the project's CI waits for a marked commit.
    #[must_use]
    pub fn is_bumped(&self, target: &Target) -> bool {
        let Some(repo) = self.catalog.repo(&target.repo).filter(|_| target.release.is_some()) else {
            return false;
        };
        let in_files = self.version_rule(repo, &target.branch).is_some_and(VersionRule::is_in_files);
        let marked = self.release_rule(repo).is_some_and(|rule| rule.marker().is_some());
        in_files || marked || !target.carries.is_empty() || raises_a_package(repo, target)
    }

    /// Whether the bump of a target is a pull request of its own. A release that is made beside its line has it as a commit
    /// on its fixes.
    #[must_use]
    pub fn is_bumped_by_pull(&self, target: &Target) -> bool {
        self.is_bumped(target) && !target.is_merged_back()
    }

    /// The tag of a version that is released from this branch.
    #[must_use]
    pub fn tag_of(&self, repo: &Repo, branch: &BranchName, version: &Version) -> Option<String> {
        let own = repo.line_rule(branch).and_then(|line| line.tag.as_deref());
        match own {
            Some(form) => Some(tag_of_version(form, version.as_str())),
            None => self.release_rule(repo).map(|rule| rule.tag_of(version)),
        }
    }

    /// The version that a tag names by the rule of the repository's releases, or by that of one of its lines.
    #[must_use]
    pub fn version_by_rule(&self, repo: &Repo, tag: &str) -> Option<Version> {
        let scheme = self.scheme(repo);
        let common = self.release_rule(repo).and_then(|rule| rule.version_of(tag, scheme));
        common.or_else(|| repo.line_tags().find_map(|form| version_in_tag(form, tag, scheme)))
    }

    /// The version that a tag of this repository names: by the rule of its releases, by a form that its tags had in
    /// earlier years, or by one that is usual everywhere.
    #[must_use]
    pub fn version_of_tag(&self, repo: &Repo, tag: &str) -> Option<Version> {
        let scheme = self.scheme(repo);
        let by_rule = self.version_by_rule(repo, tag);
        if by_rule.is_some() || self.is_of_a_package(repo, tag) {
            return by_rule;
        }
        let shared = repo.packages.iter().filter(|package| !package.is_apart());
        let packages = shared.filter_map(|package| package.name.rsplit(['/', ':']).next());
        let names = packages.chain([repo.name.name(), repo.project.as_str()]);
        version_in_usual_tag(tag, names, scheme)
    }

    /// Whether a tag is one of a package's own.
    #[must_use]
    pub fn is_of_a_package(&self, repo: &Repo, tag: &str) -> bool {
        repo.packages
            .iter()
            .any(|package| package.version_of(tag, self.package_scheme(repo, package)).is_some())
    }

    /// Where the release notes of this branch go.
    #[must_use]
    pub fn notes<'a>(&'a self, repo: &'a Repo, branch: &BranchName) -> Option<&'a NotesRule> {
        match repo.line_rule(branch).and_then(|line| line.notes.as_ref()) {
            Some(own) => own.written(),
            None => repo.notes.as_ref().or(self.workflow.defaults.notes.as_ref()),
        }
    }

    /// How this repository is released.
    #[must_use]
    pub fn release_rule<'a>(&'a self, repo: &'a Repo) -> Option<&'a ReleaseRule> {
        repo.release.as_ref().or(self.workflow.defaults.release.as_ref())
    }

    /// The workflow whose dispatch releases this branch, if that is how it is released.
    #[must_use]
    pub fn dispatched_on<'a>(&'a self, repo: &'a Repo, branch: &BranchName) -> Option<&'a str> {
        let common = self.release_rule(repo)?.dispatched()?;
        let own = repo.line_rule(branch).and_then(|line| line.dispatch.as_deref());
        Some(own.unwrap_or(common))
    }

    /// The GitHub Release that Lockgate makes of this repository's releases, if it makes one.
    #[must_use]
    pub fn github_release<'a>(&'a self, repo: &'a Repo) -> Option<&'a GitHubReleaseRule> {
        self.release_rule(repo)?.made_release()
    }

    /// Whether a release of this repository is its tag and nothing else.
    #[must_use]
    pub fn is_tag_alone(&self, repo: &Repo) -> bool {
        self.release_rule(repo).is_some_and(ReleaseRule::is_tag_alone)
    }

    /// Whether anything of this repository's release is signed.
    #[must_use]
    pub fn signs(&self, repo: &Repo) -> bool {
        repo.sign == CommitSigning::Git || self.release_rule(repo).is_some_and(|rule| rule.sign_tags)
    }

    /// The repository that holds an advisory's unreleased work on `repo`.
    #[must_use]
    pub fn private_repo(&self, repo: &Repo, advisory: &GhsaId) -> RepoName {
        match &repo.private {
            PrivateSide::AdvisoryFork => repo.name.private_fork(advisory),
            PrivateSide::Repository(name) => name.clone(),
        }
    }

    /// The temporary private fork that an advisory works in, if it works in one.
    #[must_use]
    pub fn advisory_fork(&self, advisory: &Advisory) -> Option<RepoName> {
        let repo = self.catalog.repo(&advisory.repo)?;
        let works_there = repo.private == PrivateSide::AdvisoryFork && advisory.fix_in(&repo.name).is_some();
        works_there.then(|| repo.name.private_fork(&advisory.id))
    }

    /// Who may approve every gate.
    #[must_use]
    pub fn approvers(&self) -> &[Login] {
        if self.release.approvers.is_empty() { &self.catalog.maintainers } else { &self.release.approvers }
    }

    /// The page of an advisory.
    #[must_use]
    pub fn advisory_page(&self, advisory: &Advisory) -> String {
        self.catalog.endpoints.page(format_args!("{}/security/advisories/{}", advisory.repo, advisory.id))
    }

    /// Everybody whom a gate or the release itself waits for, each once.
    #[must_use]
    pub fn deciders(&self) -> BTreeSet<&Login> {
        let members = self.catalog.approval_groups.iter().flat_map(|group| &group.members);
        members.chain(self.approvers()).chain([&self.release.manager]).collect()
    }

    /// Everybody who leads, approves or maintains what is released, each once.
    #[must_use]
    pub fn people(&self) -> Vec<&Login> {
        let mut people = vec![&self.release.manager];
        people.extend(self.approvers());
        people.extend(self.catalog.approval_groups.iter().flat_map(|group| &group.members));
        people.extend(&self.catalog.maintainers);
        people.sort();
        people.dedup();
        people
    }
}

/// Whether files state the number of a package that is released from the target.
fn raises_a_package(repo: &Repo, target: &Target) -> bool {
    let released = |package: &&Package| {
        target.release.as_ref().is_some_and(|release| release.package(&package.name).is_some())
    };
    let in_files = |package: &Package| package.version.as_ref().is_some_and(|own| own.rule.is_in_files());
    repo.packages.iter().filter(released).any(in_files)
}
