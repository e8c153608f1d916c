//! Releases and the "latest" label.
//!
//! Unless told otherwise, GitHub gives the label to the release published last: releasing an old line after a new
//! one moves the label to the old line (Wasmtime's runbook: "correct this manually").

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, GitHubError};
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

/// Whether a release that is published gets the label "latest".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatestLabel {
    /// It does.
    Given,
    /// The label stays where it is.
    Stays,
}

impl LatestLabel {
    fn as_str(self) -> &'static str {
        match self {
            LatestLabel::Given => "true",
            LatestLabel::Stays => "false",
        }
    }
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReleaseAsset {
    /// Its number.
    #[serde(default)]
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// `uploaded`, or `open` while it is being uploaded.
    pub state: String,
    /// `sha256:…` of its bytes, where GitHub says it.
    #[serde(default)]
    pub digest: Option<String>,
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
    /// Where more of them are uploaded, with GitHub's `{?name,label}` behind.
    pub upload_url: String,
}

/// What a release that is made says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// Its tag.
    pub tag: String,
    /// Its title.
    pub name: String,
    /// Its text.
    pub body: String,
    /// Whether it is for production.
    pub stage: ReleaseStage,
}

#[derive(Deserialize)]
struct WireRelease {
    id: u64,
    #[serde(default)]
    upload_url: String,
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
            upload_url: wire.upload_url,
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

    /// Makes a draft. GitHub makes a second one of the same tag without a word.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn draft_release(
        &self,
        repo: &RepoName,
        new: &NewRelease,
        permit: &Permit,
    ) -> Result<GitHubRelease, GitHubError> {
        let body = json!({
            "tag_name": new.tag, "name": new.name, "body": new.body, "draft": true,
            "prerelease": new.stage == ReleaseStage::Prerelease, "make_latest": "false",
        });
        let call = self.repo_call(Method::POST, repo, ["releases"]).body(body);
        self.act(repo, permit, call).await?.json()
    }

    /// Uploads a file to a release.
    ///
    /// # Errors
    /// [`Class::Malformed`] when the release names a host for it that is none of GitHub's.
    pub async fn upload_asset(
        &self,
        repo: &RepoName,
        release: &GitHubRelease,
        name: &str,
        bytes: Vec<u8>,
        permit: &Permit,
    ) -> Result<ReleaseAsset, GitHubError> {
        let call = self.repo_call(Method::POST, repo, ["releases", &release.id.to_string(), "assets"]);
        let address = release.upload_url.split('{').next().unwrap_or_default();
        let Some(url) = address.parse().ok().filter(|url| self.takes_uploads(url)) else {
            let reason = format!("its files would go to `{address}`, which is no host of GitHub's");
            return Err(call.fails(Class::Malformed { reason }));
        };
        self.act(repo, permit, call.at(url).query("name", name).file(bytes)).await?.json()
    }

    /// Deletes a file of a release.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn delete_asset(&self, repo: &RepoName, id: u64, permit: &Permit) -> Result<(), GitHubError> {
        let call = self.repo_call(Method::DELETE, repo, ["releases", "assets", &id.to_string()]);
        self.act(repo, permit, call).await.map(drop)
    }

    /// Publishes a draft as what `stage` says. GitHub expects a string for the label, not a boolean.
    ///
    /// # Errors
    /// [`Class::BurntTag`] when an immutable release had the tag and was deleted.
    pub async fn publish_release(
        &self,
        repo: &RepoName,
        id: u64,
        stage: ReleaseStage,
        latest: LatestLabel,
        permit: &Permit,
    ) -> Result<GitHubRelease, GitHubError> {
        let body = json!({
            "draft": false, "prerelease": stage == ReleaseStage::Prerelease, "make_latest": latest.as_str(),
        });
        let call = self.repo_call(Method::PATCH, repo, ["releases", &id.to_string()]).body(body);
        self.act(repo, permit, call).await?.json()
    }

    /// Gives the "latest" label to this release. GitHub expects a string here, not a boolean.
    ///
    /// # Errors
    /// [`Class::Invalid`] when the repository keeps releases immutable.
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
