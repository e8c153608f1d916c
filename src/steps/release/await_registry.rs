//! `await-registry`: wait until the registries know the versions of all packages. An index lags an upload.

use crate::catalog::{Package, Repo};
use crate::failure::{Persistence, ServiceError as _};
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
        Output::Skipped(not_asked(repo))
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

/// Why no registry is asked.
fn not_asked(repo: &Repo) -> String {
    let known = |package: &Package| matches!(package.in_registry(), Ok(Some(_)));
    match repo.registered_packages().find(|package| !known(package)) {
        None => format!("no package of `{}` is in a registry", repo.name),
        Some(package) => format!("no registry of the ecosystem `{}` is known", package.ecosystem),
    }
}
