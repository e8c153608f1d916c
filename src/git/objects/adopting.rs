//! Taking over references of a repository whose objects are borrowed: what is there need not be fetched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::store::Store;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::CommitId;

/// The file of references that git keeps together.
const PACKED: &str = "packed-refs";

/// A reference as a remote listed it, and under which name it is wanted here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRef {
    /// Its full name there.
    pub name: String,
    /// The commit that it leads to.
    pub commit: CommitId,
    /// The full name here.
    pub wanted: String,
}

impl Store {
    /// Points references at what the lender of this repository has under the names of a remote, if it has all of them, at the
    /// same commits: whatever a reference there leads to is whole. Writes all, or nothing; returns whether it did.
    ///
    /// # Errors
    /// [`GitError`] if one of the two cannot be read, or this one not be written.
    pub fn adopt_from_lender(&self, listed: &[ListedRef]) -> Result<bool, GitError> {
        let Some(lender) = self.lender()? else { return Ok(false) };
        let mut found = Vec::new();
        for one in listed {
            match target(&lender, one)? {
                Some(target) if self.raw().odb().is_ok_and(|odb| odb.exists(target)) => {
                    found.push((&one.wanted, target));
                }
                _ => return Ok(false),
            }
        }
        if self.has_no_reference()? {
            self.write_first(&found)?;
            return Ok(true);
        }
        for (wanted, target) in found {
            let written = self.raw().reference(wanted, target, true, "listed");
            written.doing(|| format!("write `{wanted}`"))?;
        }
        Ok(true)
    }

    fn has_no_reference(&self) -> Result<bool, GitError> {
        let mut there = self.raw().references().doing(|| "list references".to_owned())?;
        Ok(there.next().is_none() && !self.git_dir().join(PACKED).exists())
    }

    /// The first references of a repository, in one file: each by itself is three changes of a folder.
    fn write_first(&self, references: &[(&String, Oid)]) -> Result<(), GitError> {
        let sorted: BTreeMap<&String, Oid> = references.iter().copied().collect();
        if let Some(name) = sorted.keys().find(|name| !git2::Reference::is_valid_name(name)) {
            let source = git2::Error::from_str("it is no name of a reference");
            return Err(GitError::Libgit2 { action: format!("write `{name}`"), source });
        }
        let lines: String = sorted.iter().map(|(name, target)| format!("{target} {name}\n")).collect();
        let (path, written) = (self.git_dir().join(PACKED), self.git_dir().join("packed-refs.new"));
        let whole = fs::write(&written, lines).and_then(|()| fs::rename(&written, &path));
        whole.map_err(|source| GitError::File { path, source })
    }

    /// The repository whose objects are borrowed, if it is a whole one.
    fn lender(&self) -> Result<Option<Repository>, GitError> {
        if self.is_promised() {
            return Ok(None);
        }
        let file = self.git_dir().join("objects/info/alternates");
        let Ok(lenders) = fs::read_to_string(&file) else { return Ok(None) };
        let Some(home) = lenders.lines().next().and_then(|objects| Path::new(objects).parent()) else {
            return Ok(None);
        };
        match Repository::open_bare(home) {
            Ok(lender) => Ok((!lender.is_shallow()).then_some(lender)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(source) => Err(GitError::Open { path: home.to_owned(), source }),
        }
    }
}

/// What a listed reference points at in the lender, if it leads to the listed commit there: a tag, where it is annotated.
fn target(lender: &Repository, listed: &ListedRef) -> Result<Option<Oid>, GitError> {
    let found = match lender.find_reference(&listed.name) {
        Ok(found) => found,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(source) => return Err(GitError::Libgit2 { action: format!("read `{}`", listed.name), source }),
    };
    let leads_to = found.peel(ObjectType::Any).ok().map(|object| object.id().to_string());
    Ok(found.target().filter(|_| leads_to.as_deref() == Some(listed.commit.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lender_has_is_taken_over_all_of_it_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lender.git");
        let lender = Store::create(&path).unwrap();
        let (tag, head) = a_commit_and_its_tag(lender.raw());
        let store = Store::create_borrowing(&folder.path().join("store.git"), &path).unwrap();
        let listed = |name: &str, commit: &CommitId| ListedRef {
            name: name.to_owned(),
            commit: commit.clone(),
            wanted: format!("refs/lockgate/seen/{name}"),
        };
        let known = [listed("refs/heads/main", &head), listed("refs/tags/v1", &head)];
        let moved: CommitId = "1".repeat(40).parse().unwrap();
        for other in [listed("refs/heads/gone", &head), listed("refs/tags/v1", &moved)] {
            assert!(!store.adopt_from_lender(&[known[0].clone(), other]).unwrap());
            assert_eq!(store.references("refs/").unwrap(), []);
        }
        assert!(store.adopt_from_lender(&known).unwrap());
        let names: Vec<String> = store.references("refs/").unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["refs/lockgate/seen/refs/heads/main", "refs/lockgate/seen/refs/tags/v1"]);
        let there = store.raw().find_reference(&known[1].wanted).unwrap().target();
        assert_eq!(there, Some(tag), "an annotated tag stays one");
        let later = ListedRef { wanted: "refs/lockgate/later".to_owned(), ..known[0].clone() };
        assert!(store.adopt_from_lender(&[later]).unwrap());
        assert_eq!(store.references("refs/").unwrap().len(), 3, "what came first is still there");
        assert!(!lender.adopt_from_lender(&known).unwrap(), "who borrows nothing takes nothing over");
    }

    fn a_commit_and_its_tag(repository: &Repository) -> (Oid, CommitId) {
        let author = git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(0, 0)).unwrap();
        let tree = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let commit = repository.commit(Some("refs/heads/main"), &author, &author, "one", &tree, &[]).unwrap();
        let object = repository.find_object(commit, None).unwrap();
        let tag = repository.tag("v1", &object, &author, "one", false).unwrap();
        (tag, commit.to_string().parse().unwrap())
    }
}
