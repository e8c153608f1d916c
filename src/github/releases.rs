//! Releases and the "latest" label.
//!
//! GitHub gives the label to whatever was published last, unless told otherwise: releasing an old line after a
//! new one moves it to the old line (Wasmtime's runbook, "correct this manually").

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::error::{Class, Error};
use crate::egress::Permit;
use crate::ids::RepoName;

/// How public a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Seen only by people who may push; has no tag yet.
    Draft,
    /// Public, not for production; never "latest".
    Prerelease,
    /// Public.
    Full,
}

/// What becomes of the "latest" label. GitHub wants words here, not booleans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeLatest {
    /// This release gets it.
    Yes,
    /// It stays where it is.
    No,
    /// GitHub decides by version and date.
    Legacy,
}

impl MakeLatest {
    fn word(self) -> &'static str {
        match self {
            MakeLatest::Yes => "true",
            MakeLatest::No => "false",
            MakeLatest::Legacy => "legacy",
        }
    }
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// `uploaded`, or `open` while it is being uploaded.
    pub state: String,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
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
    pub stage: Stage,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Its files.
    pub assets: Vec<Asset>,
}

/// A release to be made.
#[derive(Debug, Clone)]
pub struct NewRelease {
    /// Its tag.
    pub tag: String,
    /// The branch or commit the tag is made at when it does not exist; `None` when it must exist.
    pub target: Option<String>,
    /// Its title.
    pub name: String,
    /// Its text.
    pub body: String,
    /// How public it is.
    pub stage: Stage,
    /// What becomes of the label.
    pub latest: MakeLatest,
}

/// What came of making one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseCreation {
    /// It is made.
    Created(Release),
    /// One for the tag is published already.
    AlreadyExists(Release),
}

/// What is to be changed; `None` leaves a part alone.
#[derive(Debug, Clone, Default)]
pub struct ReleaseEdit {
    /// A new title.
    pub name: Option<String>,
    /// A new text.
    pub body: Option<String>,
    /// A new stage; `Full` publishes a draft.
    pub stage: Option<Stage>,
    /// What becomes of the label.
    pub latest: Option<MakeLatest>,
}

#[derive(Deserialize)]
struct Wire {
    id: u64,
    tag_name: String,
    name: Option<String>,
    body: Option<String>,
    html_url: String,
    draft: bool,
    prerelease: bool,
    published_at: Option<Timestamp>,
    #[serde(default)]
    assets: Vec<Asset>,
}

impl From<Wire> for Release {
    fn from(wire: Wire) -> Release {
        let stage = match (wire.draft, wire.prerelease) {
            (true, _) => Stage::Draft,
            (false, true) => Stage::Prerelease,
            (false, false) => Stage::Full,
        };
        Release {
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

fn set_stage(body: &mut Value, stage: Stage) {
    body["draft"] = json!(stage == Stage::Draft);
    body["prerelease"] = json!(stage == Stage::Prerelease);
}

impl Client {
    /// The published release of a tag; drafts are not found this way.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn release_by_tag(&self, repo: &RepoName, tag: &str) -> Result<Option<Release>, Error> {
        let found: Option<Wire> =
            self.look(self.repo_call(Method::GET, repo, ["releases", "tags", tag])).await?;
        Ok(found.map(Release::from))
    }

    /// The release with the "latest" label.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn latest_release(&self, repo: &RepoName) -> Result<Option<Release>, Error> {
        let found: Option<Wire> =
            self.look(self.repo_call(Method::GET, repo, ["releases", "latest"])).await?;
        Ok(found.map(Release::from))
    }

    /// Every release, newest first; drafts only for people who may push.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn releases(&self, repo: &RepoName) -> Result<Vec<Release>, Error> {
        let call = self.repo_call(Method::GET, repo, ["releases"]);
        let all: Vec<Wire> = self.pages(call, |page: Vec<Wire>| page).await?;
        Ok(all.into_iter().map(Release::from).collect())
    }

    /// Makes a release.
    ///
    /// # Errors
    /// [`Class::Invalid`] for a target that does not exist.
    pub async fn create_release(
        &self,
        repo: &RepoName,
        new: &NewRelease,
        permit: &Permit,
    ) -> Result<ReleaseCreation, Error> {
        let mut body = json!({"tag_name": new.tag, "name": new.name, "body": new.body});
        set_stage(&mut body, new.stage);
        if new.stage == Stage::Full {
            // Drafts and prereleases cannot have the label; GitHub refuses the key with them.
            body["make_latest"] = json!(new.latest.word());
        }
        if let Some(target) = &new.target {
            body["target_commitish"] = json!(target);
        }
        let call = self.repo_call(Method::POST, repo, ["releases"]).body(body);
        match self.act(repo, permit, call).await {
            Ok(answer) => Ok(ReleaseCreation::Created(answer.json::<Wire>()?.into())),
            Err(error) if error.class == Class::ReleaseExists => {
                self.release_by_tag(repo, &new.tag).await?.map(ReleaseCreation::AlreadyExists).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a release.
    ///
    /// # Errors
    /// [`Class::Invalid`] when the repository keeps releases immutable.
    pub async fn edit_release(
        &self,
        repo: &RepoName,
        id: u64,
        edit: &ReleaseEdit,
        permit: &Permit,
    ) -> Result<Release, Error> {
        let mut body = json!({});
        for (key, value) in [("name", &edit.name), ("body", &edit.body)] {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        if let Some(stage) = edit.stage {
            set_stage(&mut body, stage);
        }
        if let Some(latest) = edit.latest {
            body["make_latest"] = json!(latest.word());
        }
        let call = self.repo_call(Method::PATCH, repo, ["releases", &id.to_string()]).body(body);
        Ok(self.act(repo, permit, call).await?.json::<Wire>()?.into())
    }

    /// Gives the "latest" label to this release.
    ///
    /// # Errors
    /// As [`Client::edit_release`].
    pub async fn set_latest(&self, repo: &RepoName, id: u64, permit: &Permit) -> Result<Release, Error> {
        let edit = ReleaseEdit { latest: Some(MakeLatest::Yes), ..ReleaseEdit::default() };
        self.edit_release(repo, id, &edit, permit).await
    }
}
