//! The submodules of a checkout: made of what this machine has, or fetched in the sandbox.

use std::path::Path;

use super::job_run::JobRun;
use super::trouble::Trouble;
use crate::git::{DEEPEST_SUBMODULES, GitError, Store, Submodule, copy_module};
use crate::ids::TreeId;
use crate::jobs::JobOutcome;

impl JobRun<'_> {
    /// Checks out the submodules of a checkout, of which this machine lacks some; nothing where an earlier attempt has left what
    /// they are made of.
    pub(super) async fn submodules(
        &self,
        folder: &Path,
        recursive: bool,
        missing: Option<Vec<String>>,
    ) -> Result<(), Trouble> {
        let fetched_before = missing.is_none();
        let missing = missing.unwrap_or_default();
        if !missing.is_empty() && !self.order.network {
            return Err(Trouble::Unavailable(format!(
                "a checkout of submodules: `{}` would be fetched",
                missing.join("`, `")
            )));
        }
        let mut argv = ["git", "submodule", "update", "--init"].map(str::to_owned).to_vec();
        argv.extend(recursive.then(|| "--recursive".to_owned()));
        argv.extend((!fetched_before).then(|| "--depth=1".to_owned()));
        match self.git(&argv, folder).await {
            JobOutcome::Passed => Ok(()),
            other => Err(Trouble::Fails(format!("the checkout of submodules {other}"))),
        }
    }

    /// Gives a repository, which no step can reach yet, what this machine has of its submodules. The names of those that it
    /// lacks.
    pub(super) async fn lend(&self, git_dir: &Path, recursive: bool) -> Result<Vec<String>, Trouble> {
        let store = self.order.tree.repository.clone();
        let mut open = vec![(store, self.order.tree.tree.clone(), git_dir.to_owned(), 0)];
        let mut missing = Vec::new();
        while let Some((store, tree, git_dir, depth)) = open.pop() {
            for (module, inner) in known(&store, &tree).map_err(unavailable)? {
                let (Some(source), Some(inner)) = (&module.source, inner) else {
                    missing.push(module.name);
                    continue;
                };
                let place = git_dir.join("modules").join(&module.name);
                std::fs::create_dir_all(&place)?;
                copy_module(source, &module.commit, &place).await.map_err(unavailable)?;
                if recursive && depth < DEEPEST_SUBMODULES {
                    open.push((source.clone(), inner, place, depth + 1));
                }
            }
        }
        Ok(missing)
    }
}

/// The submodules of a tree, each with its own tree where this machine has it.
fn known(store: &Path, tree: &TreeId) -> Result<Vec<(Submodule, Option<TreeId>)>, GitError> {
    let with_tree = |module: Submodule| {
        let source = module.source.as_deref().and_then(|path| Store::open(path).ok());
        let inner = source.and_then(|source| source.tree_of(&module.commit).ok());
        (module, inner)
    };
    Ok(Store::open(store)?.submodules(tree)?.into_iter().map(with_tree).collect())
}

fn unavailable(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unavailable(format!("a checkout of submodules: {error}"))
}
