//! `invite`: invite the collaborators to the advisory, and to the private repositories that its fixes live in.

use std::collections::BTreeSet;

use super::accept_report::current;
use super::private_side::check_private;
use crate::catalog::PrivateSide;
use crate::egress::Permit;
use crate::github::{AdvisoryEdit, RepoPermission};
use crate::ids::{Login, RepoName};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let wanted = &context.advisory()?.collaborators;
    if wanted.is_empty() {
        return Ok(Observed::Done(Output::Skipped("there is nobody to invite".to_owned())));
    }
    if !missing_on_advisory(context).await?.is_empty() || !missing_in_repositories(context).await?.is_empty()
    {
        return Ok(Observed::Todo);
    }
    Ok(Observed::Done(said(wanted)))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let missing = missing_on_advisory(context).await?;
    if !missing.is_empty() {
        // GitHub replaces the whole list: whoever is in it must be sent again.
        let there = current(context).await?.collaborators;
        let mut all: Vec<Login> = there.into_iter().filter_map(|login| login.parse().ok()).collect();
        all.extend(missing);
        let edit = AdvisoryEdit { collaborators: Some(all), ..AdvisoryEdit::default() };
        context.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
    }
    for (repo, login) in missing_in_repositories(context).await? {
        check_private(context, &repo).await?;
        context.world.github.invite(&repo, &login, RepoPermission::Write, &Permit::Private).await?;
    }
    Ok(Applied::Done(said(&advisory.collaborators)))
}

async fn missing_on_advisory(context: &StepContext) -> Result<Vec<Login>, StepError> {
    let there = current(context).await?.collaborators;
    let there: BTreeSet<Login> = there.iter().filter_map(|login| login.parse().ok()).collect();
    let wanted = &context.advisory()?.collaborators;
    Ok(wanted.iter().filter(|login| !there.contains(login)).cloned().collect())
}

async fn missing_in_repositories(context: &StepContext) -> Result<Vec<(RepoName, Login)>, StepError> {
    let advisory = context.advisory()?;
    let mut missing = Vec::new();
    for fix in &advisory.fixes {
        let Some(repo) = context.inputs().catalog.repo(&fix.repo) else { continue };
        let PrivateSide::Repository(private) = &repo.private else { continue };
        for login in &advisory.collaborators {
            if context.world.github.permission(private, login).await? < RepoPermission::Write {
                missing.push((private.clone(), login.clone()));
            }
        }
    }
    Ok(missing)
}

fn said(wanted: &[Login]) -> Output {
    let names: Vec<&str> = wanted.iter().map(Login::as_str).collect();
    Output::Note(format!("invited {}", names.join(", ")))
}
