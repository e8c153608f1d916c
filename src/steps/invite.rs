//! `invite`: invite the collaborators to the advisory, and to the private repositories that its fixes live in.

use std::collections::BTreeSet;

use super::accept_report::current;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use crate::catalog::PrivateSide;
use crate::egress::Permit;
use crate::github::{AdvisoryEdit, Permission};
use crate::ids::{Login, RepoName};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let wanted = &site.advisory()?.collaborators;
    if wanted.is_empty() {
        return Ok(Seen::Done(Output::Skipped("nobody is to be invited".to_owned())));
    }
    if !missing_on_advisory(site).await?.is_empty() || !missing_in_repositories(site).await?.is_empty() {
        return Ok(Seen::Todo);
    }
    Ok(Seen::Done(said(wanted)))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    let missing = missing_on_advisory(site).await?;
    if !missing.is_empty() {
        // GitHub replaces the whole list: whoever is in it stays in it.
        let there = current(site).await?.collaborators;
        let mut all: Vec<Login> = there.into_iter().filter_map(|login| login.parse().ok()).collect();
        all.extend(missing);
        let edit = AdvisoryEdit { collaborators: Some(all), ..AdvisoryEdit::default() };
        site.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
    }
    for (repo, login) in missing_in_repositories(site).await? {
        site.world.github.invite(&repo, &login, Permission::Write, &Permit::Private).await?;
    }
    Ok(Made::Done(said(&advisory.collaborators)))
}

async fn missing_on_advisory(site: &Site) -> Result<Vec<Login>, StepError> {
    let there: BTreeSet<String> = current(site).await?.collaborators.into_iter().collect();
    let wanted = &site.advisory()?.collaborators;
    Ok(wanted.iter().filter(|login| !there.contains(login.as_str())).cloned().collect())
}

async fn missing_in_repositories(site: &Site) -> Result<Vec<(RepoName, Login)>, StepError> {
    let advisory = site.advisory()?;
    let mut missing = Vec::new();
    for fix in &advisory.fixes {
        let Some(repo) = site.inputs().catalog.repo(&fix.repo) else { continue };
        let PrivateSide::Repository(private) = &repo.private else { continue };
        for login in &advisory.collaborators {
            if site.world.github.permission(private, login).await? < Permission::Write {
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
