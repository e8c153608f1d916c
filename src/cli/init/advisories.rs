//! Advisories as GitHub has them, for the release file.

use crate::catalog::Catalog;
use crate::cli::problem::Problem;
use crate::cli::world;
use crate::discovery::DraftedAdvisory;
use crate::github::{Client, RepositoryAdvisory};
use crate::ids::{GhsaId, Login, RepoName};
use crate::input::suggest;

/// The advisories of these ids, each from the repository of the catalog that has it, and whose token it is.
pub(super) async fn drafts(
    catalog: &Catalog,
    ids: &[GhsaId],
) -> Result<(Vec<DraftedAdvisory>, Option<Login>), Problem> {
    let client = world::github(catalog).await?;
    let mut drafts = Vec::new();
    for id in ids {
        drafts.push(draft(&client, catalog, id).await?);
    }
    let login = client.account().await.ok().map(|account| account.login);
    Ok((drafts, login.filter(|login| catalog.may_lead(login))))
}

async fn draft(client: &Client, catalog: &Catalog, id: &GhsaId) -> Result<DraftedAdvisory, Problem> {
    for repo in &catalog.repos {
        if let Some(found) =
            client.advisory(&repo.name, id).await.map_err(|error| Problem::outside(&error))?
        {
            return Ok(of(&repo.name, found));
        }
    }
    let known: Vec<&str> = catalog.repos.iter().map(|repo| repo.name.as_str()).collect();
    Err(Problem::input(
        format!("no repository of the catalog has the advisory {id}, or this token may not see it"),
        format!("check the id and the token; {}", suggest(id.as_str(), known)),
    ))
}

fn of(repo: &RepoName, found: RepositoryAdvisory) -> DraftedAdvisory {
    DraftedAdvisory {
        id: found.id,
        repo: repo.clone(),
        summary: found.summary,
        reported: found.description,
        vector: found.vector,
        severity: found.severity.as_ref().map(word),
        cwes: found.cwes,
        reporter: found.author,
        credits: found.credits.iter().map(|credit| (credit.login.clone(), word(&credit.kind))).collect(),
        cve: found.cve,
    }
}

/// GitHub's word for a value, as it stands in files.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}
