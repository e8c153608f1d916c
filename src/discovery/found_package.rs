//! A package, as its manifest names it.

use crate::ecosystem::Ecosystem;

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundPackage {
    pub(super) ecosystem: Ecosystem,
    pub(super) name: String,
    /// Its folder, if it is not the root.
    pub(super) path: Option<String>,
    /// The manifest that names it.
    pub(super) seen_in: String,
    /// The version that this states, where it may count by itself.
    pub(super) version: Option<String>,
    /// Whether it stands for the modules below it, which are published each.
    pub(super) is_of_modules: bool,
}

impl FoundPackage {
    /// The forms of tags that are called after it: by its whole name, or by the part behind its scope.
    pub(super) fn tag_forms(&self) -> [String; 2] {
        let short = self.name.rsplit('/').next().unwrap_or_default();
        [format!("{}@{{version}}", self.name), format!("{short}@{{version}}")]
    }
}

/// The package of a manifest, of which nothing more is known.
pub(super) fn package(ecosystem: Ecosystem, name: &str, manifest: &str) -> FoundPackage {
    let folder = manifest.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    FoundPackage {
        ecosystem,
        name: name.to_owned(),
        path: folder,
        seen_in: manifest.to_owned(),
        version: None,
        is_of_modules: false,
    }
}
