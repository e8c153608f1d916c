//! `await-registry`: wait until the registry knows the version. An index lags an upload.

use crate::catalog::Repo;
use crate::failure::{Persistence, ServiceError as _};
use crate::registry::RegistryAnswer;
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
    let package = repo.registry_package().map_err(|cause| {
        StepError::input(format!("package of `{}`: {cause}", repo.name), "correct `package` in the catalog")
    })?;
    let Some(package) = package else {
        return Ok(Observed::Done(Output::Skipped(not_asked(repo))));
    };
    let version = release(context)?.to.to_string();
    match context.world.registry.version(&package, &version).await {
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
    match repo.registered_package() {
        None => format!("`{}` is in no registry", repo.name),
        Some(package) => format!("no registry of the ecosystem `{}` is known", package.ecosystem),
    }
}
