//! `write-entries`: write the OSV entry, and the RustSec entry of a crate. Both are for databases that take them only
//! after publication.

use std::path::{Path, PathBuf};

use super::accept_report::current;
use super::announcement::{cve, page};
use super::error::StepError;
use super::left_out::taken;
use super::lines::ranges;
use super::osv::{self, Entry};
use super::output::Output;
use super::rustsec;
use super::site::{Made, Seen, Site};
use crate::catalog::Repo;
use crate::github::AdvisoryState;
use crate::plan::{StepKind, Subject, Target};
use crate::release::Advisory;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let published = current(site).await?.state == AdvisoryState::Published;
    if !published {
        return Ok(site.wait_for(format!("{} to be public", site.advisory_id()?)));
    }
    // Written anew each time: the files are ours alone and come out the same.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    let mut files = Vec::new();
    let entry = entry(site, advisory).await?;
    let text = serde_json::to_string_pretty(&entry)
        .map_err(|cause| StepError::internal(format!("failed to write the OSV entry: {cause}")))?;
    files.push(write(site, &format!("{}.json", advisory.id), &format!("{text}\n"))?);
    for fix in &advisory.fixes {
        let Some(repo) = site.inputs().catalog.repo(&fix.repo) else { continue };
        if let Some(text) = rustsec_entry(site, advisory, repo)? {
            files.push(write(site, &format!("{}-{}.rustsec.md", advisory.id, repo.name.name()), &text)?);
        }
    }
    Ok(Made::Done(Output::Files(files)))
}

async fn entry(site: &Site, advisory: &Advisory) -> Result<Entry, StepError> {
    let found = current(site).await?;
    let mut affected = osv::packages(&ranges(site, advisory)?);
    for fix in &advisory.fixes {
        let introduced: Vec<String> = fix.introduced.iter().map(ToString::to_string).collect();
        let merged = merged(site, advisory, &fix.repo);
        affected.extend(osv::history(&format!("https://github.com/{}", fix.repo), &introduced, &merged));
    }
    let published = found.published.unwrap_or_else(|| site.world.clock.now());
    let mut references = vec![osv::Reference { kind: "ADVISORY", url: page(site, advisory) }];
    references.extend(pulls(site, advisory).map(|url| osv::Reference { kind: "FIX", url }));
    Ok(Entry {
        schema_version: osv::SCHEMA_VERSION,
        id: advisory.id.to_string(),
        modified: published.to_string(),
        published: published.to_string(),
        aliases: cve(site, advisory).into_iter().collect(),
        summary: found.summary,
        details: found.description,
        severity: osv::severity(found.vector.as_deref().or(advisory.cvss.as_deref())),
        affected,
        references,
    })
}

/// The targets of an advisory that got its fix.
fn targets<'a>(site: &'a Site, advisory: &'a Advisory) -> impl Iterator<Item = &'a Target> {
    site.plan
        .targets
        .iter()
        .filter(|target| taken(&site.plan, &site.facts, target).any(|taken| *taken == advisory.id))
}

/// The pages of the public pull requests that brought the fixes.
fn pulls<'a>(site: &'a Site, advisory: &'a Advisory) -> impl Iterator<Item = String> + 'a {
    targets(site, advisory)
        .filter_map(|target| Some(site.facts.pull(StepKind::OpenPull, &subject(target)).ok()?.url.clone()))
}

/// The commits by which the fixes came to a repository's branches.
fn merged(site: &Site, advisory: &Advisory, repo: &crate::ids::RepoName) -> Vec<String> {
    targets(site, advisory)
        .filter(|target| target.repo == *repo)
        .filter_map(|target| site.facts.merged(StepKind::MergePatch, &subject(target)).ok())
        .map(|merge| merge.commit.to_string())
        .collect()
}

fn subject(target: &Target) -> Subject {
    Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) }
}

/// The RustSec entry of this repository's crate, if it is one.
fn rustsec_entry(site: &Site, advisory: &Advisory, repo: &Repo) -> Result<Option<String>, StepError> {
    let Some(package) = repo.package.as_ref().filter(|package| package.ecosystem == "rust") else {
        return Ok(None);
    };
    let fixed: Vec<semver::Version> = targets(site, advisory)
        .filter(|target| target.repo == repo.name)
        .filter_map(|target| Some(target.release.as_ref()?.to.clone()))
        .collect();
    if fixed.is_empty() {
        return Ok(None);
    }
    let text = rustsec::entry(&rustsec::Facts {
        package: &package.name,
        date: site.inputs().release.disclosure,
        url: &page(site, advisory),
        aliases: cve(site, advisory).into_iter().chain([advisory.id.to_string()]).collect(),
        cvss: advisory.cvss.as_deref(),
        fixed,
        title: &advisory.summary,
        description: &advisory.description,
    });
    text.map(Some).map_err(|cause| StepError::internal(format!("failed to write the RustSec entry: {cause}")))
}

/// Writes a whole file or none, and gives its path relative to the run's folder.
fn write(site: &Site, name: &str, text: &str) -> Result<String, StepError> {
    let path: PathBuf = site.folder.entries().join(name);
    whole(&path, text)?;
    Ok(path.strip_prefix(site.folder.root()).unwrap_or(&path).display().to_string())
}

/// Puts a whole file in its place at once.
pub(super) fn whole(path: &Path, text: &str) -> Result<(), StepError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let half = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(half.path(), text)?;
    half.as_file().sync_all()?;
    half.persist(path).map_err(|error| StepError::from(error.error))?;
    Ok(())
}
