//! What some objects lead to and others do not, object by object: the new side of a transfer.

use std::collections::HashSet;

use git2::{ErrorCode, ObjectType, Oid, Repository, Sort, Tree};

/// What is done with each, with its place where it has one.
type Taking<'t> = &'t mut dyn FnMut(Oid, &str) -> Result<(), git2::Error>;

/// Takes each object that `wanted` lead to and `known` do not, once. Of the known ones those that are not here are passed over.
/// Histories need no more than the commits on the way, and of files those are compared that stand at the same place: an object
/// that was elsewhere before may be taken all the same.
///
/// # Errors
/// Those of taking, and when something on the way is not here.
pub(super) fn each_new_object(
    git: &Repository,
    wanted: &[Oid],
    known: impl IntoIterator<Item = Oid>,
    taking: Taking<'_>,
) -> Result<(), git2::Error> {
    NewObjects { git, taken: HashSet::new(), taking }.histories(wanted, known)
}

struct NewObjects<'n> {
    git: &'n Repository,
    taken: HashSet<Oid>,
    taking: Taking<'n>,
}

impl NewObjects<'_> {
    fn histories(&mut self, wanted: &[Oid], known: impl IntoIterator<Item = Oid>) -> Result<(), git2::Error> {
        let mut walk = self.git.revwalk()?;
        // What a tree is compared with comes before it.
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        for id in wanted {
            let end = self.tags(*id)?;
            match self.git.odb()?.read_header(end)?.1 {
                ObjectType::Commit => walk.push(end)?,
                _ => self.other(end)?,
            }
        }
        for id in known {
            let commit = self.git.find_object(id, None).and_then(|object| object.peel(ObjectType::Commit));
            match commit {
                Ok(commit) => walk.hide(commit.id())?,
                Err(error) if error.code() == ErrorCode::NotFound => {}
                // A tag of a tree leads to no history.
                Err(_) => {}
            }
        }
        for commit in walk {
            self.commit(commit?)?;
        }
        Ok(())
    }

    /// What an annotated tag is of, with the tags on the way there.
    fn tags(&mut self, id: Oid) -> Result<Oid, git2::Error> {
        let mut object = self.git.find_object(id, None)?;
        while let Some(tag) = object.as_tag() {
            self.take(object.id(), "")?;
            object = tag.target()?;
        }
        Ok(object.id())
    }

    /// What a tag may be of beside a commit.
    fn other(&mut self, id: Oid) -> Result<(), git2::Error> {
        match self.git.find_tree(id) {
            Ok(_) => self.tree(id, &[], ""),
            Err(_) => self.take(id, "").map(drop),
        }
    }

    /// A commit, and of its files those that none of its parents has at the same place: those are there, or taken.
    fn commit(&mut self, id: Oid) -> Result<(), git2::Error> {
        self.take(id, "")?;
        let commit = self.git.find_commit(id)?;
        let parents: Result<Vec<Tree<'_>>, git2::Error> =
            commit.parent_ids().map(|id| self.git.find_commit(id)?.tree()).collect();
        self.tree(commit.tree_id(), &parents?, "")
    }

    fn tree(&mut self, id: Oid, there: &[Tree<'_>], path: &str) -> Result<(), git2::Error> {
        if there.iter().any(|tree| tree.id() == id) || !self.take(id, path)? {
            return Ok(());
        }
        for entry in &self.git.find_tree(id)? {
            let same = |tree: &Tree<'_>| tree.get_name_bytes(entry.name_bytes()).map(|there| there.id());
            let before: Vec<Oid> = there.iter().filter_map(same).collect();
            if before.contains(&entry.id()) {
                continue;
            }
            let path = format!("{path}/{}", String::from_utf8_lossy(entry.name_bytes()));
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let before: Vec<Tree<'_>> =
                        before.into_iter().filter_map(|id| self.git.find_tree(id).ok()).collect();
                    self.tree(entry.id(), &before, &path)?;
                }
                Some(ObjectType::Blob) => drop(self.take(entry.id(), &path)?),
                // A submodule's commit is another repository's.
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes an object; whether it was not taken yet.
    fn take(&mut self, id: Oid, name: &str) -> Result<bool, git2::Error> {
        let is_new = self.taken.insert(id);
        if is_new {
            (self.taking)(id, name)?;
        }
        Ok(is_new)
    }
}
