//! `await-registry`: wait until the registries know the versions of all packages. An index lags an upload.

use crate::catalog::{Package, Repo};
use crate::failure::{Persistence, ServiceError as _};
use crate::ids::BranchName;
use crate::registry::{RegistryAnswer, RegistryPackage};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::{then_resume_or_waive, wait_or_waive, waived};
use crate::steps::publish::public::release;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    if let Some(reason) = waived(context) {
        return Ok(Observed::Done(Output::Note(format!("waived: {reason}"))));
    }
    let repo = context.repo()?;
    let mut notes = Vec::new();
    for package in repo.registered_packages() {
        match look(context, package).await? {
            Observed::Done(Output::Note(note)) => notes.push(note),
            Observed::Done(_) => {}
            unfinished => return Ok(unfinished),
        }
    }
    Ok(Observed::Done(if notes.is_empty() {
        Output::Skipped(not_asked(repo, &context.target()?.branch))
    } else {
        Output::Note(notes.join("; "))
    }))
}

/// Looks for the version of one package that this release makes, if it makes one.
async fn look(context: &StepContext, package: &Package) -> Result<Observed, StepError> {
    let repo = &context.repo()?.name;
    let asked = package.in_registry().map_err(|cause| {
        StepError::input(
            format!("package `{}` of `{repo}`: {cause}", package.name),
            "correct `package` in the catalog",
        )
    })?;
    let unasked = || Observed::Done(Output::Skipped(format!("`{}` is not asked for", package.name)));
    let (Some(asked), Some(version)) = (asked, release(context)?.version_of(package)) else {
        return Ok(unasked());
    };
    ask(context, &asked, version.as_str()).await
}

async fn ask(context: &StepContext, package: &RegistryPackage, version: &str) -> Result<Observed, StepError> {
    match context.world.registry.version(package, version).await {
        Ok(RegistryAnswer::Published { checksum }) => {
            let checksum = checksum.map(|sum| format!(" (checksum {sum})")).unwrap_or_default();
            Ok(Observed::Done(Output::Note(format!("{package} {version} is available{checksum}"))))
        }
        Ok(RegistryAnswer::Absent) => {
            Ok(wait_or_waive(context, format!("{package} {version} in its registry")))
        }
        Ok(RegistryAnswer::Yanked) => Ok(Observed::Ask(then_resume_or_waive(
            context,
            format!("{package} {version} was yanked; nothing that depends on it is released; find out why"),
        ))),
        // A registry that does not answer does not say that the version is absent.
        Err(error) if matches!(error.persistence(), Persistence::Transient { .. }) => {
            Ok(wait_or_waive(context, format!("the registry of {package} to answer")))
        }
        Err(error) => Err(error.into()),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// Why no registry is asked about the release of this branch.
fn not_asked(repo: &Repo, branch: &BranchName) -> String {
    let known = |package: &Package| matches!(package.in_registry(), Ok(Some(_)));
    if let Some(package) = repo.registered_packages().find(|package| !known(package)) {
        return format!("no registry of the ecosystem `{}` is known", package.ecosystem);
    }
    let names: Vec<String> =
        repo.registered_packages().map(|package| format!("`{}`", package.name)).collect();
    match names.is_empty() {
        true => format!("no package of `{}` is in a registry", repo.name),
        false => format!("`{branch}` releases none of what is in a registry: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_that_lacks_the_packages_is_not_a_repository_without_any() {
        let why = |packages: &str| {
            let text = format!("name = 'rivers/weir'\nproject = 'Weir'\n{packages}");
            not_asked(&toml::from_str(&text).unwrap(), &"1.x".parse().unwrap())
        };
        let package = "[[package]]\necosystem = 'npm'\nname = 'weir-api'\n";
        assert_eq!(why(package), "no package of `rivers/weir` is in a registry");
        assert_eq!(
            why(&format!("{package}registry = true\n")),
            "`1.x` releases none of what is in a registry: `weir-api`"
        );
        let of_go = format!("{package}registry = true\n").replace("npm", "go");
        assert_eq!(why(&of_go), "no registry of the ecosystem `go` is known");
    }
}
