//! A small repository told in a few verbs.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::git::plumbing::{TreeEntry, Updates, tree_id, tree_oid, updated};
use crate::ids::{CommitId, TreeId};

pub(super) struct Scene {
    room: TempDir,
    pub(super) store: Store,
}

/// The time of every commit unless said otherwise.
pub(super) const HOUR: &str = "2026-03-02T09:00:00Z";

impl Scene {
    pub(super) fn new() -> Scene {
        let room = tempfile::tempdir().unwrap();
        let store = Store::create(&room.path().join("repository")).unwrap();
        Scene { room, store }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    pub(super) fn ada(&self) -> Signature {
        Signature::utc("Ada Weir", "ada@example.org", HOUR.parse().unwrap())
    }

    pub(super) fn committer(&self) -> Committer {
        Committer::plain(self.manager())
    }

    pub(super) fn manager(&self) -> Signature {
        Signature::utc("Lock Keeper", "keeper@example.org", "2026-03-09T10:00:00Z".parse().unwrap())
    }

    /// A tree of these files alone.
    pub(super) fn tree(&self, files: &[(&str, &str)]) -> TreeId {
        self.changed(&self.store.empty_tree().unwrap(), files, &[])
    }

    pub(super) fn changed(&self, base: &TreeId, files: &[(&str, &str)], gone: &[&str]) -> TreeId {
        let files = files.iter().map(|(path, text)| (*path, Some(text.as_bytes())));
        let changes: Vec<_> = files.chain(gone.iter().map(|path| (*path, None))).collect();
        self.store.with_files(base, &changes).unwrap()
    }

    pub(super) fn root(&self, files: &[(&str, &str)]) -> CommitId {
        let tree = self.tree(files);
        self.store.commit(&tree, &[], "start\n", &self.ada(), &self.ada()).unwrap()
    }

    /// A commit on `parent` that writes these files.
    pub(super) fn on(&self, parent: &CommitId, message: &str, files: &[(&str, &str)]) -> CommitId {
        self.step(parent, message, files, &[])
    }

    /// A commit on `parent` that writes and removes files.
    pub(super) fn step(
        &self,
        parent: &CommitId,
        message: &str,
        files: &[(&str, &str)],
        gone: &[&str],
    ) -> CommitId {
        let tree = self.changed(&self.store.tree_of(parent).unwrap(), files, gone);
        self.store.commit(&tree, std::slice::from_ref(parent), message, &self.ada(), &self.ada()).unwrap()
    }

    /// A commit on `parent` that puts a raw entry (a mode and the id of a blob or commit) at a path.
    pub(super) fn put(&self, parent: &CommitId, path: &str, id: git2::Oid, mode: i32) -> CommitId {
        let base = tree_oid(&self.store.tree_of(parent).unwrap()).unwrap();
        let updates = Updates::from([(path.as_bytes().to_vec(), Some(TreeEntry { id, mode }))]);
        let tree = tree_id(updated(self.store.raw(), base, &updates).unwrap()).unwrap();
        let message = format!("put {path} {id}\n");
        self.store.commit(&tree, std::slice::from_ref(parent), &message, &self.ada(), &self.ada()).unwrap()
    }

    pub(super) fn blob(&self, bytes: &[u8]) -> git2::Oid {
        self.store.raw().blob(bytes).unwrap()
    }

    pub(super) fn merge(&self, parents: &[CommitId], tree_of: &CommitId, message: &str) -> CommitId {
        let tree = self.store.tree_of(tree_of).unwrap();
        self.store.commit(&tree, parents, message, &self.ada(), &self.ada()).unwrap()
    }

    pub(super) fn picker(&self) -> Picker {
        Picker::new(&self.store).unwrap()
    }

    pub(super) fn pick(&self, fix: &CommitId, onto: &CommitId) -> Pick {
        self.picker().pick(&request(fix, onto)).unwrap()
    }

    pub(super) fn stack(&self, base: &CommitId, commits: &[CommitId]) -> (Stack, Picker) {
        let mut picker = self.picker();
        let item = Item { key: "GHSA-23cf-ghjm-pqrv".to_owned(), commits: commits.to_vec() };
        let stack =
            stack_with_help(&mut picker, base, &[item], &self.committer(), Merges::Fail, &Help::default())
                .unwrap();
        (stack, picker)
    }

    /// Every object file and reference of the repository, to show that nothing was written.
    pub(super) fn footprint(&self) -> Vec<PathBuf> {
        let mut waiting = vec![self.store.path().to_owned()];
        let mut found = Vec::new();
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).unwrap().flatten() {
                if entry.path().is_dir() {
                    waiting.push(entry.path());
                }
                found.push(entry.path());
            }
        }
        found.sort();
        found
    }
}

pub(super) fn request(fix: &CommitId, onto: &CommitId) -> PickRequest {
    PickRequest { fix: fix.clone(), against: Against::Parent, onto: Onto::Commit(onto.clone()) }
}

/// Ten numbered lines with some of them replaced.
pub(super) fn lines(replaced: &[(usize, &str)]) -> String {
    let line = |number: usize| {
        let other = replaced.iter().find(|(at, _)| *at == number);
        other.map_or_else(|| format!("line {number}\n"), |(_, text)| format!("{text}\n"))
    };
    (1..=10).map(line).collect()
}

pub(super) fn text(store: &Store, tree: &TreeId, path: &str) -> String {
    String::from_utf8(store.read_file_in_tree(tree, path).unwrap().unwrap()).unwrap()
}
