//! `await-registry`: wait until the registry knows the version. An index lags an upload.

use crate::failure::{Persistence, ServiceError as _};
use crate::registry::{Protocol, RegistryAnswer, RegistryPackage};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::mend;
use crate::steps::publish::public::release;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let repo = context.repo()?;
    let Some(named) = repo.registered_package() else {
        return Ok(Observed::Done(Output::Skipped(format!("`{}` is in no registry", repo.name))));
    };
    let Some(protocol) = Protocol::of(named.ecosystem) else {
        let why = format!("no registry of the ecosystem `{}` is known", named.ecosystem);
        return Ok(Observed::Done(Output::Skipped(why)));
    };
    let package = RegistryPackage::new(protocol, &named.name).map_err(|cause| {
        StepError::input(format!("package of `{}`: {cause}", repo.name), "correct `package` in the catalog")
    })?;
    let version = release(context)?.to.to_string();
    match context.world.registry.version(&package, &version).await {
        Ok(RegistryAnswer::Published { checksum }) => {
            let checksum = checksum.map(|sum| format!(" (checksum {sum})")).unwrap_or_default();
            Ok(Observed::Done(Output::Note(format!("{package} {version} is available{checksum}"))))
        }
        Ok(RegistryAnswer::Absent) => Ok(context.wait_for(format!("{package} {version} in its registry"))),
        Ok(RegistryAnswer::Yanked) => Ok(Observed::Ask(mend(format!(
            "{package} {version} was yanked; nothing that depends on it is released; find out why"
        )))),
        // A registry that does not answer does not say that the version is absent.
        Err(error) if matches!(error.persistence(), Persistence::Transient { .. }) => {
            Ok(context.wait_for(format!("the registry of {package} to answer")))
        }
        Err(error) => Err(error.into()),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
