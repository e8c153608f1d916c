//! The submodules of a tree, and what this machine has to make them of: what a usual clone keeps of them, and mirrors that
//! the user's git goes to in place of their addresses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::entry::EntryKind;
use super::store::{Store, commit_id, tree_oid};
use super::tree::files_under;
use crate::git::error::GitError;
use crate::ids::{CommitId, TreeId};

/// Submodules of submodules are followed so far.
pub const DEEPEST_SUBMODULES: usize = 10;

/// A submodule of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submodule {
    /// What `.gitmodules` calls it: what it is made of is kept under this name.
    pub name: String,
    /// The commit that the tree has of it.
    pub commit: CommitId,
    /// A repository on this machine that has the commit, if there is one.
    pub source: Option<PathBuf>,
}

/// What `.gitmodules` says of one.
#[derive(Default)]
struct Declared {
    path: String,
    url: String,
}

impl Store {
    /// The submodules of a tree that `.gitmodules` declares. What it does not declare, git does not check out either.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn submodules(&self, tree: &TreeId) -> Result<Vec<Submodule>, GitError> {
        let text = self.read_file_in_tree(tree, ".gitmodules")?.unwrap_or_default();
        let declared = declared(&text);
        if declared.is_empty() {
            return Ok(Vec::new());
        }
        let mut commits = BTreeMap::new();
        for file in files_under(self.raw(), tree_oid(tree)?, b"")? {
            if let Some(entry) = file.new.filter(|entry| entry.kind() == EntryKind::Submodule) {
                commits.insert(String::from_utf8_lossy(&file.path).into_owned(), commit_id(entry.id)?);
            }
        }
        let found = declared.into_iter().filter_map(|(name, declared)| {
            let commit = commits.get(&declared.path)?.clone();
            let source = self.source_of(&name, &declared.url, &commit);
            Some(Submodule { name, commit, source })
        });
        Ok(found.collect())
    }

    /// Whether all submodules of a tree can be made of what is on this machine: theirs, too, if `recursive` says so.
    #[must_use]
    pub fn has_submodules(&self, tree: &TreeId, recursive: bool) -> bool {
        self.has_all(tree, if recursive { DEEPEST_SUBMODULES } else { 0 })
    }

    fn has_all(&self, tree: &TreeId, deeper: usize) -> bool {
        let has = |module: &Submodule| {
            let Some(source) = module.source.as_deref().and_then(|path| Store::open(path).ok()) else {
                return false;
            };
            deeper == 0
                || source.tree_of(&module.commit).is_ok_and(|inner| source.has_all(&inner, deeper - 1))
        };
        self.submodules(tree).is_ok_and(|modules| modules.iter().all(has))
    }

    /// A repository on this machine that has this commit of a submodule.
    fn source_of(&self, name: &str, url: &str, commit: &CommitId) -> Option<PathBuf> {
        let kept =
            self.places_of_modules().into_iter().filter(|_| is_plain(name)).map(|place| place.join(name));
        let mut known = kept.chain(self.mirror_of(url));
        known.find(|path| Store::open(path).is_ok_and(|store| store.has_commit(commit)))
    }

    /// Where clones keep what submodules are made of: this one, the one whose work tree it is, and those whose objects it
    /// borrows.
    fn places_of_modules(&self) -> Vec<PathBuf> {
        let common = self.raw().commondir().to_owned();
        let lent = fs::read_to_string(common.join("objects/info/alternates")).unwrap_or_default();
        let lenders = lent.lines().filter_map(|objects| Path::new(objects).parent().map(Path::to_owned));
        let all = [self.git_dir().to_owned(), common].into_iter().chain(lenders);
        all.map(|folder| folder.join("modules")).collect()
    }

    /// Where the user's git goes in place of an address (`url.<base>.insteadOf`), if that is a folder of this machine.
    fn mirror_of(&self, url: &str) -> Option<PathBuf> {
        let remote = self.raw().remote_anonymous(url).ok()?;
        let rewritten = remote.url().ok()?;
        let path = PathBuf::from(rewritten.strip_prefix("file://").unwrap_or(rewritten));
        let is_other = rewritten != url && path.is_absolute();
        is_other.then_some(path)
    }
}

/// Whether a name stays below the folder that it is looked for in, as git demands of it.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

/// What `.gitmodules` declares, by name. It comes from the tree, so it is read as text: git's own reader of settings would
/// follow its `include`s to wherever they lead.
fn declared(text: &[u8]) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::<String, Declared>::new();
    let mut name = None;
    for line in String::from_utf8_lossy(text).lines().map(str::trim) {
        if line.starts_with('[') {
            let quoted = line.strip_prefix("[submodule \"").and_then(|rest| rest.strip_suffix("\"]"));
            name = quoted.map(|quoted| quoted.replace("\\\"", "\"").replace("\\\\", "\\"));
            continue;
        }
        let (Some(name), Some((key, value))) = (&name, line.split_once('=')) else { continue };
        let value = value.trim().trim_matches('"').to_owned();
        let declared = found.entry(name.clone()).or_default();
        match key.trim().to_lowercase().as_str() {
            "path" => declared.path = value,
            "url" => declared.url = value,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_read_as_git_writes_it() {
        let text = b"[submodule \"a/b\"]\n\tpath = vendor/b\n\turl = https://example.org/b.git\n[include]\n\tpath = /etc/x\n\
            [submodule \"c\"]\n\turl = ../c\n\tPath = \"with space\"\n\tbranch = main\n";
        let found = declared(text);
        let found: Vec<_> = found.iter().map(|(name, one)| (name.as_str(), &*one.path, &*one.url)).collect();
        assert_eq!(found, [("a/b", "vendor/b", "https://example.org/b.git"), ("c", "with space", "../c")]);
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        assert!(is_plain("a/b") && is_plain("with space"));
        for name in ["", "../x", "a/../../x", "/etc", "./a/../.."] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
