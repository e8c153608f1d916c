//! Releases and the "latest" label.
//!
//! Unless told otherwise, GitHub gives the label to the release published last: releasing an old line after a new
//! one moves the label to the old line (Wasmtime's runbook: "correct this manually").

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use crate::egress::Permit;
use crate::ids::RepoName;

/// How public a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseStage {
    /// Visible only to people who may push; it has no tag yet.
    Draft,
    /// Public, but not for production; never "latest".
    Prerelease,
    /// Public.
    Full,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReleaseAsset {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// `uploaded`, or `open` while it is being uploaded.
    pub state: String,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireRelease")]
pub struct GitHubRelease {
    /// Its number.
    pub id: u64,
    /// Its tag.
    pub tag: String,
    /// Its title.
    pub name: String,
    /// Its text.
    pub body: String,
    /// Its page.
    pub url: String,
    /// How public it is.
    pub stage: ReleaseStage,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Its files.
    pub assets: Vec<ReleaseAsset>,
}

#[derive(Deserialize)]
struct WireRelease {
    id: u64,
    tag_name: String,
    name: Option<String>,
    body: Option<String>,
    html_url: String,
    draft: bool,
    prerelease: bool,
    published_at: Option<Timestamp>,
    #[serde(default)]
    assets: Vec<ReleaseAsset>,
}

impl From<WireRelease> for GitHubRelease {
    fn from(wire: WireRelease) -> GitHubRelease {
        let stage = match (wire.draft, wire.prerelease) {
            (true, _) => ReleaseStage::Draft,
            (false, true) => ReleaseStage::Prerelease,
            (false, false) => ReleaseStage::Full,
        };
        GitHubRelease {
            id: wire.id,
            tag: wire.tag_name,
            name: wire.name.unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
            url: wire.html_url,
            stage,
            published: wire.published_at,
            assets: wire.assets,
        }
    }
}

impl Client {
    /// The published release of a tag; never a draft.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn release_by_tag(
        &self,
        repo: &RepoName,
        tag: &str,
    ) -> Result<Option<GitHubRelease>, GitHubError> {
        self.look(self.repo_call(Method::GET, repo, ["releases", "tags", tag])).await
    }

    /// The release with the "latest" label.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn latest_release(&self, repo: &RepoName) -> Result<Option<GitHubRelease>, GitHubError> {
        self.look(self.repo_call(Method::GET, repo, ["releases", "latest"])).await
    }

    /// Every release, newest first; with drafts if the token may push.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn releases(&self, repo: &RepoName) -> Result<Vec<GitHubRelease>, GitHubError> {
        self.list(self.repo_call(Method::GET, repo, ["releases"])).await
    }

    /// Gives the "latest" label to this release. GitHub expects a string here, not a boolean.
    ///
    /// # Errors
    /// [`Class::Invalid`](super::Class::Invalid) when the repository keeps releases immutable.
    pub async fn set_latest(
        &self,
        repo: &RepoName,
        id: u64,
        permit: &Permit,
    ) -> Result<GitHubRelease, GitHubError> {
        let body = json!({"make_latest": "true"});
        let call = self.repo_call(Method::PATCH, repo, ["releases", &id.to_string()]).body(body);
        self.act(repo, permit, call).await?.json()
    }
}
