//! The catalog: standing facts about repositories, kept for years. Plain data, parsed and checked.

mod approval_group;
mod asset_file;
mod branch_form;
mod check;
mod check_github_release;
mod check_line_rules;
mod check_names;
mod check_notes;
mod check_packages;
mod check_policies;
mod dependency;
mod endpoints;
mod entry_glob;
mod file;
mod github_release;
mod line_rule;
mod mail;
mod matrix_rule;
mod package;
mod package_name;
mod policies;
mod release_rule;
mod repo;
mod repo_version;
mod smtp;
mod tag_form;
mod tag_rule;

pub use asset_file::{AssetFile, AssetFiles};
pub use file::Catalog;
pub use github_release::GitHubReleaseRule;
#[cfg(test)]
pub use github_release::GitHubReleases;
pub use line_rule::LineRule;
pub use mail::TemplateTexts;
pub use matrix_rule::{MatrixEvent, MatrixExecutor, MatrixRule};
pub use package::Package;
pub use policies::OldVersions;
#[cfg(test)]
pub use policies::{BranchOrder, BumpOrder, CarryPolicy};
pub use release_rule::{ReleaseRule, TagKind, Trigger};
pub use repo::{CommitSigning, PrivateSide, PublishFrom, Repo};
pub use repo_version::{RepoVersion, WhenTaken};
pub use smtp::smtp_url;
