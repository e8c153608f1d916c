//! The files of a revision that planning reads, and what the repository says of itself.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::problem::Problem;
use crate::git::Store;
use crate::ids::{CommitId, RepoName};
use crate::input::suggest;
use crate::matrix::Library;
use crate::runner::{WORKFLOWS, WorkflowFiles};
use crate::steps::TreeFiles;

/// A revision of a repository.
pub(super) struct Tree<'a> {
    store: &'a Store,
    commit: CommitId,
    files: TreeFiles<'a>,
}

impl<'a> Tree<'a> {
    pub(super) fn at(store: &'a Store, revision: &str) -> Result<Tree<'a>, Problem> {
        let commit = store.resolve_branch(revision)?;
        let files = TreeFiles::of(store, &commit)?;
        Ok(Tree { store, commit, files })
    }

    pub(super) fn commit(&self) -> &CommitId {
        &self.commit
    }

    /// Its workflow files, for entries that run on this machine or on others.
    pub(super) fn workflows(&self, here: bool) -> Result<WorkflowFiles<'_>, Problem> {
        let tree = self.store.tree_of(&self.commit)?;
        Ok(WorkflowFiles { files: &self.files, here: here.then_some((self.store, tree)) })
    }

    /// The branch that the event is about: the one that is named, the one that the revision names, one whose head it is,
    /// or else one that holds it. Which one is asked for where several do: other branches start other entries.
    pub(super) fn branch(&self, named: Option<&str>, revision: &str) -> Result<String, Problem> {
        if let Some(named) = named {
            return Ok(named.to_owned());
        }
        let short = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        let remote = short.strip_prefix("origin/").unwrap_or(short);
        for (name, prefix) in [(short, "refs/heads/"), (remote, "refs/remotes/origin/")] {
            // Not every revision could be the name of a branch: `release~1` is none.
            let wanted = format!("{prefix}{name}");
            if self.store.references(prefix)?.iter().any(|head| head.name == wanted) {
                return Ok(name.to_owned());
            }
        }
        let default = self.store.default_branch()?;
        let heads = self.store.references("refs/heads/")?;
        let mut at_commit = heads.iter().filter(|head| head.commit == self.commit);
        let names = |name: &str| name.trim_start_matches("refs/heads/").to_owned();
        let head =
            at_commit.find_map(|head| Some(names(&head.name)).filter(|name| default.as_ref() != Some(name)));
        let is_default =
            |name: &String| heads.iter().any(|head| head.commit == self.commit && names(&head.name) == *name);
        if let Some(found) = default.clone().filter(is_default).or(head) {
            return Ok(found);
        }
        one_branch(&self.holding()?, default.as_deref())
    }

    /// The branches that hold the revision, those of the remote included.
    fn holding(&self) -> Result<BTreeSet<String>, Problem> {
        let mut holding = BTreeSet::new();
        for prefix in ["refs/heads/", "refs/remotes/origin/"] {
            for head in self.store.references(prefix)? {
                let name = head.name.trim_start_matches(prefix);
                if name != "HEAD" && self.store.is_ancestor(&self.commit, &head.commit)? {
                    holding.insert(name.to_owned());
                }
            }
        }
        Ok(holding)
    }
}

/// The branch of a revision that is on these: the default branch if it is among them, or else the only one.
fn one_branch(holding: &BTreeSet<String>, default: Option<&str>) -> Result<String, Problem> {
    let hint = "name the branch that the entries are to be for with `--branch`";
    if let Some(name) = default.filter(|name| holding.contains(*name)) {
        return Ok(name.to_owned());
    }
    match (holding.len(), holding.first(), holding.last()) {
        (1, Some(only), _) => Ok(only.clone()),
        (count, Some(first), Some(last)) => Err(Problem::input(
            format!("the revision is on {count} branches, from `{first}` to `{last}`"),
            hint,
        )),
        _ => Err(Problem::input("the revision is on no branch that is known here", hint)),
    }
}

/// The paths of the files that were asked for: `main.yml` or the whole path.
pub(super) fn chosen(library: &Library<'_>, asked: &[String]) -> Result<Vec<String>, Problem> {
    asked.iter().map(|asked| one(library, asked)).collect()
}

fn one(library: &Library<'_>, asked: &str) -> Result<String, Problem> {
    let short = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let found = library.workflows.iter().find(|(path, _)| *path == asked || short(path) == asked);
    match found {
        Some((path, Ok(_))) => Ok(path.clone()),
        Some((_, Err(problem))) => Err(Problem::input(
            format!("{problem}: the workflow cannot be read"),
            "GitHub starts nothing of such a file; mend it there, or leave out `--workflow` to plan the others",
        )),
        None => {
            let known: Vec<String> = library.workflows.keys().map(|path| short(path)).collect();
            let hint = suggest(asked, known.iter().map(String::as_str));
            Err(Problem::input(format!("no workflow `{asked}` in `{WORKFLOWS}` at this revision"), hint))
        }
    }
}

/// Owner and name: as they are given, as the remote `origin` has them, or as a folder `OWNER+NAME` of mirrors does.
pub(super) fn repository(store: &Store, path: &Path, given: Option<&RepoName>) -> Option<(String, String)> {
    let of_folder = || {
        let whole = path.canonicalize().ok()?;
        whole.ancestors().take(2).find_map(|folder| {
            let (owner, name) = folder.file_name()?.to_str()?.split_once('+')?;
            format!("{owner}/{name}").parse().ok()
        })
    };
    let name = given.cloned().or_else(|| store.origin_name()).or_else(of_folder)?;
    Some((name.owner().to_owned(), name.name().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_on_several_branches_is_not_taken_for_one_of_them() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let chosen = |holding: &[&str]| one_branch(&names(holding), Some("main")).ok();
        assert_eq!(chosen(&["a", "main"]).as_deref(), Some("main"));
        assert_eq!(chosen(&["release-48"]).as_deref(), Some("release-48"));
        assert_eq!((chosen(&["a", "b"]), chosen(&[])), (None, None));
    }
}
