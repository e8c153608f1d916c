//! Whether a registry has a version already that the release is to make. No registry takes a version twice: what is there is something
//! else, and whoever is told to install it would get that.

use super::survey_error::SurveyError;
use crate::ids::{BranchName, RepoName};
use crate::plan::Plan;
use crate::registry::RegistryAnswer;
use crate::world::World;

/// A version that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TakenVersion {
    /// The repository.
    pub(super) repo: RepoName,
    /// The branch that it was to be released from.
    pub(super) branch: BranchName,
    /// The package, as the catalog calls it.
    pub(super) package: String,
    /// What is wrong.
    pub(super) what: String,
    /// What to do about it.
    pub(super) remedy: String,
}

/// Every version of the plan that its registry has already.
///
/// # Errors
/// When a registry gives no answer.
pub(super) async fn look_at_versions(world: &World, plan: &Plan) -> Result<Vec<TakenVersion>, SurveyError> {
    let mut taken = Vec::new();
    for repo in plan.inputs.repos() {
        for target in plan.targets_of(&repo.name) {
            let Some(release) = &target.release else { continue };
            for package in repo.registered_packages() {
                let failed = |source| SurveyError::Package {
                    repo: repo.name.clone(),
                    package: package.name.clone(),
                    source: Box::new(source),
                };
                let asked = package.in_registry().map_err(|source| failed(source.into()))?;
                let (Some(asked), Some(version)) = (asked, release.version_of(package)) else { continue };
                let answer = world.registry.version_now(&asked, version.as_str()).await;
                if answer.map_err(|source| failed(source.into()))? == RegistryAnswer::Absent {
                    continue;
                }
                taken.push(TakenVersion {
                    repo: repo.name.clone(),
                    branch: target.branch.clone(),
                    package: package.name.clone(),
                    what: format!(
                        "{asked} {version} is in its registry already: the release of `{}` could not be published",
                        target.branch
                    ),
                    remedy: format!(
                        "find out who published it, and from what; then state another `version` for `{}` in a `[[line]]` of \
                         release.toml",
                        target.branch
                    ),
                });
            }
        }
    }
    Ok(taken)
}
