//! Packages with numbers of their own: what a bump raises beside the line's version.

use super::purpose::Purpose;
use super::tree_files::{TreeFiles, with_changes};
use crate::git::Store;
use crate::ids::{CommitId, TreeId};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::publish::public::release;
use crate::version::Versioning;

/// A package, and what its own files state after the bump.
#[derive(Debug, Clone)]
pub(super) struct RaisedPackage {
    name: String,
    versioning: Versioning,
    to: Version,
}

/// The packages of a line whose own files state their version, with that which the bump is for. After the release, a package
/// without a next one of its own stays as it was released.
pub(super) fn raised(context: &StepContext) -> Result<Vec<RaisedPackage>, StepError> {
    let (repo, release) = (context.repo()?, release(context)?);
    let own = repo.packages.iter().filter(|package| package.version.is_some());
    let raised = own.filter_map(|package| {
        let versioning = context.inputs().package_versioning(repo, package)?;
        let of = release.package(&package.name)?;
        let to = match Purpose::of(context) {
            Purpose::Release => of.to.clone(),
            Purpose::Development => of.after.clone()?,
        };
        let raised = RaisedPackage { name: package.name.clone(), versioning, to };
        raised.versioning.is_in_files().then_some(raised)
    });
    Ok(raised.collect())
}

/// Raises each package that the bump of the line did not take along, one after another: they may share a lock file.
pub(super) fn raise(store: &Store, tree: TreeId, packages: &[RaisedPackage]) -> Result<TreeId, StepError> {
    packages.iter().try_fold(tree, |tree, package| {
        let files = TreeFiles::in_tree(store, tree.clone());
        if package.versioning.read(&files)? == package.to {
            return Ok(tree);
        }
        Ok(with_changes(store, &tree, &package.versioning.write(&files, &package.to)?)?)
    })
}

/// The packages that do not state the version that is released yet, a sentence each.
pub(super) async fn behind(context: &StepContext, commit: &CommitId) -> Result<Vec<String>, StepError> {
    let packages = raised(context)?;
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    let commit = commit.clone();
    in_store(context, &context.repo()?.name, move |store| {
        let files = TreeFiles::of(store, &commit)?;
        let mut behind = Vec::new();
        for RaisedPackage { name, versioning, to } in &packages {
            let stated = versioning.read(&files)?;
            if stated != *to {
                behind.push(format!("`{name}` states {stated} in place of {to}"));
            }
        }
        Ok(behind)
    })
    .await
}
