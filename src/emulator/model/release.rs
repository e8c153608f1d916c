//! Releases, their assets, the label "latest", and package versions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::emulator::spec::RegistryKind;
use crate::ids::{Login, RepoName};

/// An uploaded file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAsset {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) size: u64,
    /// `sha256:…` of what was uploaded; `None` for what scripted CI attached.
    #[serde(default)]
    pub(crate) digest: Option<String>,
    pub(crate) uploaded_at: Timestamp,
}

/// Whether a release is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReleaseState {
    /// Only those who may push see it.
    Draft,
    /// Since this time.
    Published(Timestamp),
}

/// A release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredRelease {
    pub(crate) id: u64,
    pub(crate) repo: RepoName,
    pub(crate) tag: String,
    pub(crate) target: String,
    pub(crate) name: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) author: Login,
    pub(crate) prerelease: bool,
    pub(crate) publication: ReleaseState,
    /// Whether its tag and files are frozen: it was published while the repository kept releases immutable.
    #[serde(default)]
    pub(crate) immutable: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) assets: Vec<StoredAsset>,
}

impl StoredRelease {
    /// The key of its document.
    pub(crate) fn key(repo: &RepoName, id: u64) -> String {
        format!("{repo}@{id:010}")
    }

    /// When it was published.
    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        match self.publication {
            ReleaseState::Draft => None,
            ReleaseState::Published(at) => Some(at),
        }
    }

    /// Whether it may carry the label "latest": drafts and prereleases may not.
    pub(crate) fn may_be_latest(&self) -> bool {
        !self.prerelease && self.published_at().is_some()
    }
}

/// What a request says about the label "latest" (strings on the wire).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MakeLatest {
    /// The default for a newly published release: it takes the label, whatever its version.
    True,
    /// The label stays where it is.
    False,
    /// By date and version.
    Legacy,
}

/// The release to which the label falls when nobody says otherwise: the one published last.
pub(crate) fn newest_label<'a>(releases: impl Iterator<Item = &'a StoredRelease>) -> Option<u64> {
    releases
        .filter(|release| release.may_be_latest())
        .max_by_key(|release| (release.published_at(), release.id))
        .map(|release| release.id)
}

/// A package in a registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredPackage {
    pub(crate) ecosystem: RegistryKind,
    pub(crate) name: String,
    pub(crate) versions: Vec<String>,
}

impl StoredPackage {
    /// The key of its document.
    pub(crate) fn key(ecosystem: RegistryKind, name: &str) -> String {
        format!("{}/{name}", ecosystem.as_str())
    }
}
