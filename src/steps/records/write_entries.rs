//! `write-entries`: write the records of a vulnerability for the databases that take them only after publication.

use std::path::{Path, PathBuf};

use crate::github::RepositoryAdvisoryState;
use crate::ids::{CommitId, RepoName};
use crate::kinds::StepKind;
use crate::plan::{Plan, Subject, Target};
use crate::records::{self, AffectedHistory, AffectedPackage, RecordError, RecordFile, Vulnerability};
use crate::release::{Advisory, Fix};
use crate::steps::advisory::accept_report::current;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::mail::announcement::{cve, known_page, page};
use crate::steps::output::{JudgedVersion, Output};
use crate::steps::patch::left_out::taken;
use crate::steps::patch::lines::affected_packages;
use crate::wording::with_causes;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let published = current(context).await?.state == RepositoryAdvisoryState::Published;
    if !published {
        return Ok(context.wait_for(format!("{} to be public", context.advisory_id()?)));
    }
    // Written again each time: the files are ours alone and come out the same.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let vulnerability = vulnerability(context, context.advisory()?).await?;
    let mut paths = Vec::new();
    for file in records::write(&vulnerability)? {
        paths.push(keep(context, &file.name, &file.text)?);
    }
    Ok(Applied::Done(match records::untold(&vulnerability) {
        Some(why) if paths.is_empty() => Output::Note(why.to_owned()),
        _ => Output::Files(paths),
    }))
}

impl From<RecordError> for StepError {
    fn from(error: RecordError) -> StepError {
        StepError::internal(with_causes(&error))
    }
}

/// What is published of an advisory, and what this release made of it.
async fn vulnerability(context: &StepContext, advisory: &Advisory) -> Result<Vulnerability, StepError> {
    let found = current(context).await?;
    let packages = affected_packages(&context.plan, &context.facts, advisory);
    let histories = advisory.fixes.iter().map(|fix| AffectedHistory {
        address: context.inputs().catalog.endpoints.page(&fix.repo),
        introduced: introduced(&context.facts, advisory, fix, &packages),
        fixed: merged(context, advisory, &fix.repo),
    });
    Ok(Vulnerability {
        id: advisory.id.clone(),
        cve: found.cve.or_else(|| cve(context, advisory)),
        title: found.summary,
        description: found.description,
        cvss: found.vector.or_else(|| advisory.cvss.clone()),
        published: found.published.unwrap_or_else(|| context.world.clock.now()),
        page: page(context, advisory),
        fixes: pulls(context, advisory).collect(),
        // What was merged nowhere has no history to tell.
        histories: histories.filter(|history| !history.fixed.is_empty()).collect(),
        packages,
    })
}

/// The records of an advisory as far as they are known before the day: which pull requests and commits brought the fixes is
/// written in then.
pub(in crate::steps) fn expected(
    plan: &Plan,
    facts: &Facts,
    advisory: &Advisory,
) -> Result<Vec<RecordFile>, StepError> {
    Ok(records::write(&known(plan, facts, advisory))?)
}

/// Why an advisory will have no record for the databases that read OSV, where that is so.
pub(in crate::steps) fn untold(plan: &Plan, facts: &Facts, advisory: &Advisory) -> Option<&'static str> {
    records::untold(&known(plan, facts, advisory))
}

/// What is known of an advisory before the day.
fn known(plan: &Plan, facts: &Facts, advisory: &Advisory) -> Vulnerability {
    let packages = affected_packages(plan, facts, advisory);
    let histories = advisory.fixes.iter().map(|fix| AffectedHistory {
        address: plan.inputs.catalog.endpoints.page(&fix.repo),
        introduced: introduced(facts, advisory, fix, &packages),
        fixed: Vec::new(),
    });
    Vulnerability {
        id: advisory.id.clone(),
        cve: facts.cve(plan, advisory),
        title: advisory.summary.clone(),
        description: advisory.description.clone(),
        cvss: advisory.cvss.clone(),
        published: plan.inputs.release.disclosure,
        page: known_page(plan, facts, advisory),
        fixes: Vec::new(),
        histories: histories.collect(),
        packages,
    }
}

/// The commits with which the affected history begins. Where a version counts as affected to which none of those came that the
/// release file names, the history begins anywhere: a record that leaves the version out would contradict the advisory.
fn introduced(facts: &Facts, advisory: &Advisory, fix: &Fix, packages: &[AffectedPackage]) -> Vec<CommitId> {
    let versions = facts.output(StepKind::AssessVersions, &Subject::of_fix(&advisory.id, &fix.repo));
    let Some(Output::Versions(table)) = versions else { return fix.introduced.clone() };
    let mut others = table.versions.iter().filter(|one| one.never_introduced);
    let is_affected =
        |one: &JudgedVersion| packages.iter().any(|package| package.affected.contains(&one.version));
    if others.any(is_affected) { Vec::new() } else { fix.introduced.clone() }
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
    targets(context, advisory).filter_map(|target| {
        Some(context.facts.pull(StepKind::OpenPull, &target.subject()).ok()?.url.clone())
    })
}

/// The commits by which the fixes came to a repository's branches.
fn merged(context: &StepContext, advisory: &Advisory, repo: &RepoName) -> Vec<CommitId> {
    targets(context, advisory)
        .filter(|target| target.repo == *repo)
        .filter_map(|target| context.facts.merged(StepKind::MergePatch, &target.subject()).ok())
        .map(|merge| merge.commit.clone())
        .collect()
}

/// Writes a whole file or none, and gives its path relative to the run's folder.
fn keep(context: &StepContext, name: &str, text: &str) -> Result<String, StepError> {
    let path: PathBuf = context.folder.entries().join(name);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let half = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(half.path(), text)?;
    half.as_file().sync_all()?;
    half.persist(&path).map_err(|error| StepError::from(error.error))?;
    Ok(path.strip_prefix(context.folder.root()).unwrap_or(&path).display().to_string())
}
