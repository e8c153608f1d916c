//! What a world shows in public: branches, tags, pull requests, releases, advisories and package versions, each with its state. Two of
//! them, one of the beginning and one of the end, say what was made in between.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::git::watched_refs;
use super::model::StoredPull;
use super::spec::{StoredAdvisoryState, StoredVisibility};
use super::store::DocumentStore;
use super::world::{EmulatedWorld, EmulatorError};
use crate::clock::Clock;

/// What kind of thing everybody can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicKind {
    /// A branch of a public repository.
    Branch,
    /// A tag of a public repository.
    Tag,
    /// A pull request of a public repository, by the branch into which it goes.
    PullRequest,
    /// A GitHub Release that is no draft.
    Release,
    /// An advisory that is public.
    Advisory,
    /// A version of a package in its registry.
    PackageVersion,
}

/// Something that everybody can see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PublicItem {
    /// What it is.
    pub kind: PublicKind,
    /// The repository, or the registry and the package.
    pub of: String,
    /// Its name there: of a release its tag, of an advisory its id, of a pull request its base.
    pub name: String,
}

/// Everything that a world shows, each with its state: the commit of a branch, or that it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<PublicItem, String>);

/// How something differs between two inventories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicChange {
    /// It is new.
    Made,
    /// It was there and is another.
    Moved,
    /// It was there and is gone.
    Removed,
}

impl Inventory {
    /// The inventory of the world in `dir`, which nobody serves.
    ///
    /// # Errors
    /// When there is no world, or it cannot be read.
    pub fn of(dir: &Path) -> Result<Inventory, EmulatorError> {
        let file = dir.join("world.db");
        if !file.is_file() {
            return Err(EmulatorError::NoWorld { dir: dir.to_owned() });
        }
        let world = EmulatedWorld::load(dir, DocumentStore::open(&file)?, Clock::system())?;
        let mut inventory = Inventory::default();
        inventory.add_references(&world)?;
        inventory.add_documents(&world);
        Ok(inventory)
    }

    /// All that it shows.
    pub fn items(&self) -> impl Iterator<Item = &PublicItem> {
        self.0.keys()
    }

    /// What a later inventory shows otherwise.
    pub fn changes<'a>(
        &'a self,
        later: &'a Inventory,
    ) -> impl Iterator<Item = (&'a PublicItem, PublicChange)> {
        let made = later.0.iter().filter_map(|(item, state)| match self.0.get(item) {
            None => Some((item, PublicChange::Made)),
            Some(before) if before != state => Some((item, PublicChange::Moved)),
            Some(_) => None,
        });
        let gone = self.0.keys().filter(|item| !later.0.contains_key(item));
        made.chain(gone.map(|item| (item, PublicChange::Removed)))
    }

    fn add(&mut self, kind: PublicKind, of: impl ToString, name: impl ToString, state: impl ToString) {
        self.0.insert(PublicItem { kind, of: of.to_string(), name: name.to_string() }, state.to_string());
    }

    fn add_references(&mut self, world: &EmulatedWorld) -> Result<(), EmulatorError> {
        let public = world
            .repositories
            .values()
            .filter(|repository| repository.visibility == StoredVisibility::Public);
        for repository in public {
            let name = &repository.name;
            let pulls: Vec<&StoredPull> = world.pulls.values().filter(|pull| pull.repo == *name).collect();
            pulls.iter().for_each(|pull| self.add(PublicKind::PullRequest, name, &pull.base_branch, ""));
            // The branch of a pull request is told by where the pull request goes.
            let is_head = |branch: &str| pulls.iter().any(|pull| pull.head_branch == branch);
            for (reference, id) in watched_refs(&*world.git(name)?)? {
                if let Some(branch) = reference.strip_prefix("refs/heads/") {
                    if !is_head(branch) {
                        self.add(PublicKind::Branch, name, branch, id);
                    }
                } else if let Some(tag) = reference.strip_prefix("refs/tags/") {
                    self.add(PublicKind::Tag, name, tag, id);
                }
            }
        }
        Ok(())
    }

    fn add_documents(&mut self, world: &EmulatedWorld) {
        for release in world.releases.values().filter(|release| release.published_at().is_some()) {
            self.add(PublicKind::Release, &release.repo, &release.tag, "");
        }
        let is_public = |state| state == StoredAdvisoryState::Published;
        for advisory in world.advisories.values().filter(|advisory| is_public(advisory.state)) {
            self.add(PublicKind::Advisory, &advisory.repo, &advisory.ghsa, "");
        }
        for package in world.packages.values() {
            let of = format!("{}/{}", package.ecosystem.as_str(), package.name);
            for version in &package.versions {
                self.add(PublicKind::PackageVersion, &of, version, "");
            }
        }
    }

    /// As text, to be kept beside the world.
    ///
    /// # Errors
    /// Never; the signature is serde's.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0.iter().collect::<Vec<_>>())
    }

    /// Reads what [`Inventory::to_json`] wrote.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_json(text: &str) -> serde_json::Result<Inventory> {
        Ok(Inventory(serde_json::from_str::<Vec<(PublicItem, String)>>(text)?.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(items: &[(PublicKind, &str, &str)]) -> Inventory {
        let mut inventory = Inventory::default();
        items.iter().for_each(|(kind, name, state)| inventory.add(*kind, "acme/pump", name, state));
        inventory
    }

    #[test]
    fn what_is_new_moved_or_gone_is_a_change() {
        use PublicKind::{Branch, Tag};
        let before = inventory(&[(Branch, "main", "1"), (Branch, "old", "1"), (Tag, "v1", "1")]);
        let later = inventory(&[(Branch, "main", "2"), (Tag, "v1", "1"), (Tag, "v2", "2")]);
        let changes: Vec<(&str, PublicChange)> =
            before.changes(&later).map(|(item, change)| (item.name.as_str(), change)).collect();
        assert_eq!(
            changes,
            [("main", PublicChange::Moved), ("v2", PublicChange::Made), ("old", PublicChange::Removed)]
        );
        assert_eq!(Inventory::from_json(&before.to_json().unwrap()).unwrap(), before);
    }
}
