//! `write-entries`: write the OSV entry, and the RustSec entry of a crate. Both are for databases that take them only
//! after publication.

use std::path::{Path, PathBuf};

use super::osv;
use super::osv::Entry;
use super::rustsec;
use crate::catalog::Repo;
use crate::ecosystem::Ecosystem;
use crate::github::RepositoryAdvisoryState;
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::{Subject, Target};
use crate::release::Advisory;
use crate::steps::advisory::accept_report::current;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::mail::announcement::{cve, page};
use crate::steps::output::Output;
use crate::steps::patch::left_out::taken;
use crate::steps::patch::lines::ranges;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let published = current(context).await?.state == RepositoryAdvisoryState::Published;
    if !published {
        return Ok(context.wait_for(format!("{} to be public", context.advisory_id()?)));
    }
    // Written anew each time: the files are ours alone and come out the same.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let mut files = Vec::new();
    let entry = entry(context, advisory).await?;
    let text = serde_json::to_string_pretty(&entry)
        .map_err(|cause| StepError::internal(format!("failed to write the OSV entry: {cause}")))?;
    files.push(write(context, &format!("{}.json", advisory.id), &format!("{text}\n"))?);
    for fix in &advisory.fixes {
        let Some(repo) = context.inputs().catalog.repo(&fix.repo) else { continue };
        if let Some(text) = rustsec_entry(context, advisory, repo)? {
            files.push(write(context, &format!("{}-{}.rustsec.md", advisory.id, repo.name.name()), &text)?);
        }
    }
    Ok(Applied::Done(Output::Files(files)))
}

async fn entry(context: &StepContext, advisory: &Advisory) -> Result<Entry, StepError> {
    let found = current(context).await?;
    let mut affected = osv::packages(&ranges(context, advisory)?);
    for fix in &advisory.fixes {
        let introduced: Vec<String> = fix.introduced.iter().map(ToString::to_string).collect();
        let merged = merged(context, advisory, &fix.repo);
        affected.extend(osv::history(&format!("https://github.com/{}", fix.repo), &introduced, &merged));
    }
    let published = found.published.unwrap_or_else(|| context.world.clock.now());
    let mut references = vec![osv::Reference { kind: "ADVISORY", url: page(context, advisory) }];
    references.extend(pulls(context, advisory).map(|url| osv::Reference { kind: "FIX", url }));
    Ok(Entry {
        schema_version: osv::SCHEMA_VERSION,
        id: advisory.id.to_string(),
        modified: published.to_string(),
        published: published.to_string(),
        aliases: cve(context, advisory).into_iter().collect(),
        summary: found.summary,
        details: found.description,
        severity: osv::severity(found.vector.as_deref().or(advisory.cvss.as_deref())),
        affected,
        references,
    })
}

/// The targets of an advisory that got its fix.
fn targets<'a>(context: &'a StepContext, advisory: &'a Advisory) -> impl Iterator<Item = &'a Target> {
    context
        .plan
        .targets
        .iter()
        .filter(|target| taken(&context.plan, &context.facts, target).any(|taken| *taken == advisory.id))
}

/// The pages of the public pull requests that brought the fixes.
fn pulls<'a>(context: &'a StepContext, advisory: &'a Advisory) -> impl Iterator<Item = String> + 'a {
    targets(context, advisory)
        .filter_map(|target| Some(context.facts.pull(StepKind::OpenPull, &subject(target)).ok()?.url.clone()))
}

/// The commits by which the fixes came to a repository's branches.
fn merged(context: &StepContext, advisory: &Advisory, repo: &crate::ids::RepoName) -> Vec<String> {
    targets(context, advisory)
        .filter(|target| target.repo == *repo)
        .filter_map(|target| context.facts.merged(StepKind::MergePatch, &subject(target)).ok())
        .map(|merge| merge.commit.to_string())
        .collect()
}

fn subject(target: &Target) -> Subject {
    Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) }
}

/// The RustSec entry of this repository's crate, if it is one.
fn rustsec_entry(
    context: &StepContext,
    advisory: &Advisory,
    repo: &Repo,
) -> Result<Option<String>, StepError> {
    let Some(package) = repo.package.as_ref().filter(|package| package.ecosystem == Ecosystem::Rust) else {
        return Ok(None);
    };
    let fixed: Vec<Version> = targets(context, advisory)
        .filter(|target| target.repo == repo.name)
        .filter_map(|target| Some(target.release.as_ref()?.to.clone()))
        .collect();
    if fixed.is_empty() {
        return Ok(None);
    }
    let text = rustsec::entry(&rustsec::Facts {
        package: &package.name,
        date: context.inputs().release.disclosure,
        url: &page(context, advisory),
        aliases: cve(context, advisory).into_iter().chain([advisory.id.to_string()]).collect(),
        cvss: advisory.cvss.as_deref(),
        fixed,
        title: &advisory.summary,
        description: &advisory.description,
    });
    text.map(Some).map_err(|cause| StepError::internal(format!("failed to write the RustSec entry: {cause}")))
}

/// Writes a whole file or none, and gives its path relative to the run's folder.
fn write(context: &StepContext, name: &str, text: &str) -> Result<String, StepError> {
    let path: PathBuf = context.folder.entries().join(name);
    whole(&path, text)?;
    Ok(path.strip_prefix(context.folder.root()).unwrap_or(&path).display().to_string())
}

/// Puts a whole file in its place at once.
pub(in crate::steps) fn whole(path: &Path, text: &str) -> Result<(), StepError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let half = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(half.path(), text)?;
    half.as_file().sync_all()?;
    half.persist(path).map_err(|error| StepError::from(error.error))?;
    Ok(())
}
