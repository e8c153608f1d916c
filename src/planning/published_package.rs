//! Asks each registry for a version that is released already: a wrong address or name is found while the plan is made,
//! not when the new version is waited for.

use url::Url;

use crate::catalog::Package;
use crate::ids::InvalidId;
use crate::numbering::Version;
use crate::registry::{RegistryAnswer, RegistryError, RegistryPackage};
use crate::snapshot::TaggedVersion;
use crate::world::World;

/// How many versions are asked for, from the newest on: a project may have tagged one that it never published.
const ASKED: usize = 3;

/// Why a package could not be found.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// No registry takes such a name.
    #[error(transparent)]
    Name(#[from] InvalidId),
    /// The registry does not know a version that is released.
    #[error("{package} {version} has a tag, and the registry does not know it (asked at {address})")]
    Absent {
        /// The package.
        package: RegistryPackage,
        /// Its newest tagged version.
        version: Box<Version>,
        /// Where it was asked for.
        address: Box<Url>,
    },
    /// The registry gave no answer.
    #[error(transparent)]
    NoAnswer(#[from] RegistryError),
}

/// Looks for the newest released versions of a package in its registry. A package without a released version has nothing there yet, and nothing is asked.
///
/// # Errors
/// [`PackageError::Absent`] when none of them is there, [`PackageError::NoAnswer`] when the registry gives none.
pub(super) async fn look_for_package(
    world: &World,
    package: &Package,
    released: &[TaggedVersion],
) -> Result<(), PackageError> {
    let Some(package) = package.in_registry()? else { return Ok(()) };
    let mut released: Vec<&Version> = released.iter().map(|one| &one.version).collect();
    released.sort();
    let Some(newest) = released.last() else { return Ok(()) };
    for version in released.iter().rev().take(ASKED) {
        let known = world.registry.version_now(&package, version.as_str()).await?;
        if known != RegistryAnswer::Absent {
            return Ok(());
        }
    }
    let address = world.registry.address(&package, newest.as_str())?;
    Err(PackageError::Absent { package, version: Box::new((*newest).clone()), address: Box::new(address) })
}
