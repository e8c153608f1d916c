//! What is known of one repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::branch_form::{BumpBranchForm, PatchBranchForm};
use super::dependency::Dependency;
use super::line_rule::LineRule;
use super::matrix_rule::MatrixRule;
use super::package::{Package, as_before, one_or_several, one_or_several_schema};
use super::policies::{BranchOrder, BumpOrder, CarryPolicy, OldVersions, is_default};
use super::release_rule::ReleaseRule;
use super::repo_version::RepoVersion;
use crate::ecosystem::Ecosystem;
use crate::ids::{BranchName, Login, RepoName};
use crate::jobs::{LockFileCommand, TestCommand};
use crate::merge_rules::MergeMethod;
use crate::numbering::Version;
use crate::path_glob::PathGlob;
use crate::version::NotesRule;

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
    /// The supported release lines, oldest first. Without any, releases are made from the default branch.
    #[serde(default)]
    pub lines: Vec<BranchName>,
    /// Lines that are newer than the default branch, oldest first, where fixes are merged upwards beyond it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub newer_lines: Vec<BranchName>,
    /// Whether releases are made from the default branch. If it is not stated: where there are no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_default_branch: Option<bool>,
    /// Lines that are no longer supported. They get no patch; the advisory says that they have no fix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_lines: Vec<BranchName>,
    /// What ranges and mails say of the versions of lines that are no longer supported: `no-fix`, or `move-up`, the next higher
    /// version with the fix.
    #[serde(default, skip_serializing_if = "is_default")]
    pub old_versions: OldVersions,
    /// How a fix reaches the newer lines and the default branch: `cherry-pick` onto each of them, or `merge-up`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub carry: CarryPolicy,
    /// Which branch is merged first. If it is not stated, the default branch; with `carry = "merge-up"`, the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<BranchOrder>,
    /// Whether the version bump of a line is merged before its fixes or after them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bump: BumpOrder,
    /// Where fixes are kept before they are public.
    #[serde(default)]
    pub private: PrivateSide,
    /// Where the branches of public pull requests live.
    #[serde(default)]
    pub publish_from: PublishFrom,
    /// How pull requests are merged. If it is not stated, as the repository allows: `merge` before `squash` before
    /// `rebase`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<MergeMethod>,
    /// The branch of a line's fixes: `{release}` is the release's id, `{branch}` the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_branch: Option<PatchBranchForm>,
    /// The branch of a line's version bump, with `{branch}` and `{version}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bump_branch: Option<BumpBranchForm>,
    /// Whether the branches of its merged pull requests are deleted once everything is checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delete_branches: bool,
    /// Whom GitHub asks to review the public pull requests where a rule requires approvals. If it is not stated, the
    /// maintainers other than the release's manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewers: Option<Vec<Login>>,
    /// Whether the commits that Lockgate makes carry the committer's `Signed-off-by`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sign_off: bool,
    /// Whether they are signed.
    #[serde(default, skip_serializing_if = "CommitSigning::is_none")]
    pub sign: CommitSigning,
    /// How the version is read, written and raised. Without one, the workflow's.
    #[serde(default)]
    pub version: Option<RepoVersion>,
    /// Where release notes go. Without one, the workflow's; without both, none are written.
    #[serde(default)]
    pub notes: Option<NotesRule>,
    /// How a release starts and what it leaves. Without one, the workflow's.
    #[serde(default)]
    pub release: Option<ReleaseRule>,
    /// What is different on single lines.
    #[serde(rename = "line", default, skip_serializing_if = "Vec::is_empty")]
    pub line_rules: Vec<LineRule>,
    /// The package, as advisories and registries name it, or several of them.
    #[serde(rename = "package", default, deserialize_with = "one_or_several", serialize_with = "as_before")]
    #[schemars(schema_with = "one_or_several_schema")]
    pub packages: Vec<Package>,
    /// More files whose conflicts decide nothing about a vulnerability, beside tests, lock files, vendored code, release
    /// notes, CI and docs, which are known by their names. Globs as in a `.gitignore`: `*.snap` anywhere,
    /// `src/tables/*.rs` in one place, `generated/` for everything below.
    #[serde(default)]
    pub noise: Vec<PathGlob>,
    /// The commands that regenerate lock files where a fix conflicts in them.
    #[serde(rename = "lock-file", default)]
    pub lock_files: Vec<LockFileCommand>,
    /// What is run to prove a patched tree.
    #[serde(rename = "test", default)]
    pub tests: Vec<TestCommand>,
    /// Which entries of the project's own CI prove a patched tree, beside that. Without the table none is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixRule>,
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

/// Whether the commits that Lockgate makes are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommitSigning {
    /// They are not.
    #[default]
    None,
    /// With git's own configuration: `gpg.format` and `user.signingKey`.
    Git,
}

impl CommitSigning {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_none(&self) -> bool {
        *self == CommitSigning::None
    }
}

impl Repo {
    /// The repository in which the branches of its public pull requests live.
    #[must_use]
    pub fn home(&self) -> &RepoName {
        match &self.publish_from {
            PublishFrom::Repository => &self.name,
            PublishFrom::Fork(fork) => fork,
        }
    }

    /// What is different on this branch, if anything is.
    #[must_use]
    pub fn line_rule(&self, branch: &BranchName) -> Option<&LineRule> {
        self.line_rules.iter().find(|line| line.branch == *branch)
    }

    /// The forms of the tags that single lines have.
    pub fn line_tags(&self) -> impl Iterator<Item = &str> {
        self.line_rules.iter().filter_map(|line| line.tag.as_deref())
    }

    /// The name of the branch of a line's fixes in a release.
    #[must_use]
    pub fn patch_branch_of(&self, release: &str, branch: &BranchName) -> String {
        self.patch_branch.clone().unwrap_or_default().of(release, branch)
    }

    /// The name of the branch of a line's bump to a version.
    #[must_use]
    pub fn bump_branch_of(&self, branch: &BranchName, version: &Version) -> String {
        self.bump_branch.clone().unwrap_or_default().of(branch, version)
    }

    /// The packages whose releases must appear in a registry before they count.
    pub fn registered_packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.registry)
    }

    /// The packages whose releases are told apart from the repository's.
    pub fn packages_apart(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_apart())
    }

    /// The names of its packages in advisories; without any in the catalog, the repository's own.
    pub fn package_names(&self) -> impl Iterator<Item = &str> {
        let own = self.packages.is_empty().then(|| self.name.name());
        self.packages.iter().map(|package| package.name.as_str()).chain(own)
    }

    /// The tags that this version has beside the repository's, released from this branch: those of the release rule, and
    /// those of packages whose version it is, too.
    #[must_use]
    pub fn tags_beside(&self, rule: &ReleaseRule, version: &Version, branch: &BranchName) -> Vec<String> {
        let shared = self.packages.iter().filter(|package| package.version.is_none());
        let shared = shared.filter(|package| package.counts(version, &self.packages));
        let of_packages = shared.filter_map(|package| package.tag_of(version));
        rule.more_tags_of(version, branch).into_iter().chain(of_packages).collect()
    }

    /// All branches that a fix may be carried to, the default branch first, then the lines from old to new.
    pub fn branches(&self) -> impl Iterator<Item = &BranchName> {
        std::iter::once(&self.default_branch).chain(self.all_lines())
    }

    /// The lines from old to new, without the default branch that may be between them.
    pub fn all_lines(&self) -> impl Iterator<Item = &BranchName> {
        self.lines.iter().chain(&self.newer_lines)
    }

    /// The branches that are newer than this one, the nearest first; the default branch is newer than all `lines`.
    #[must_use]
    pub fn newer_than(&self, branch: &BranchName) -> Vec<&BranchName> {
        let upwards = self.lines.iter().chain([&self.default_branch]).chain(&self.newer_lines);
        let mut above = upwards.skip_while(|known| *known != branch);
        above.next();
        above.collect()
    }

    /// Whether releases are made from this branch.
    #[must_use]
    pub fn releases_from(&self, branch: &BranchName) -> bool {
        if *branch == self.default_branch {
            return self.release_default_branch.unwrap_or(self.lines.is_empty());
        }
        self.all_lines().any(|line| line == branch)
    }

    /// The branches from which releases are made, the default branch first.
    pub fn released_branches(&self) -> impl Iterator<Item = &BranchName> {
        self.branches().filter(|branch| self.releases_from(branch))
    }

    /// The ecosystem that its releases are for: that of its first package.
    #[must_use]
    pub fn ecosystem(&self) -> Ecosystem {
        self.packages.first().map_or(Ecosystem::Other, |package| package.ecosystem)
    }

    /// Whether fixes are made on the oldest line and merged upwards.
    #[must_use]
    pub fn merges_up(&self) -> bool {
        self.carry == CarryPolicy::MergeUp
    }

    /// Whether the default branch is merged when the lines are released.
    #[must_use]
    pub fn is_lines_first(&self) -> bool {
        match self.order {
            Some(order) => order == BranchOrder::LinesFirst,
            None => self.merges_up(),
        }
    }

    /// Whether the bump of a line is merged before its fixes.
    #[must_use]
    pub fn is_bumped_first(&self) -> bool {
        self.bump == BumpOrder::BeforeFixes
    }

    /// The key whose value needs merge commits, with that value, if there is one.
    #[must_use]
    pub fn needs_merge_commits(&self) -> Option<(&'static str, &'static str)> {
        if self.merges_up() {
            return Some(("carry", "merge-up"));
        }
        self.is_bumped_first().then_some(("bump", "before-fixes"))
    }

    /// How the catalog wants pull requests merged, if it says so or a policy leaves no choice.
    #[must_use]
    pub fn merge_method(&self) -> Option<MergeMethod> {
        if self.needs_merge_commits().is_some() { Some(MergeMethod::Merge) } else { self.merge }
    }
}
