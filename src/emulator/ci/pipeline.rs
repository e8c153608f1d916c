//! The pipeline that releases: tag, release, assets, registries; with attempts that stop half-way.

use git2::Oid;
use jiff::Timestamp;

use super::jobs::{job, later, run_number};
use super::version_files::version_in_files;
use crate::emulator::git::commit_id;
use crate::emulator::model::{DueEffect, JobState, RunEvent, RunPurpose, ScriptedJob, StoredRun};
use crate::emulator::pattern::covered_or_unrestricted;
use crate::emulator::spec::{Pipeline, PipelineStage, ReleaseSpec, ScriptedOutcome, ScriptedTrigger};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};
use crate::numbering::{tag_of_version, text_in_tag};

/// Dispatches the release workflow on a branch; a run of it that is still going is cancelled where the
/// pipeline says so.
pub(crate) fn dispatch(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    workflow: &str,
    branch: &str,
    commit: Oid,
    actor: &Login,
) -> Result<u64, EmulatorError> {
    let spec = world.repository(repo)?.release.clone();
    if spec.is_some_and(|spec| spec.pipeline == Pipeline::CancelInProgress) {
        let now = world.now;
        let going = |run: &StoredRun| {
            run.workflow == workflow
                && run.head_branch == branch
                && !matches!(run.state(now), JobState::Done(_))
        };
        let older: Vec<u64> = world.runs_of(repo).filter(|run| going(run)).map(|run| run.id).collect();
        for id in older {
            cancel(world, repo, id);
        }
    }
    start(world, repo, workflow, RunEvent::WorkflowDispatch, branch, commit, actor)
}

/// Cancels a run: its unfinished jobs end now and what they would have done does not happen.
pub(crate) fn cancel(world: &mut EmulatedWorld, repo: &RepoName, id: u64) {
    let now = world.now;
    world.unschedule(id);
    if let Some(run) = world.runs.get_mut(&StoredRun::key(repo, id)) {
        run.updated_at = now;
        for job in &mut run.jobs {
            if !matches!(job.state(now), JobState::Done(_)) {
                job.cancelled_at = Some(now);
            }
        }
    }
}

/// Starts the pipeline. A dispatched workflow that does not release is a run that succeeds at once.
pub(crate) fn start(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    workflow: &str,
    event: RunEvent,
    branch: &str,
    commit: Oid,
    actor: &Login,
) -> Result<u64, EmulatorError> {
    let run = StoredRun {
        id: world.new_id()?,
        repo: repo.clone(),
        work: RunPurpose::Release,
        workflow: workflow.to_owned(),
        event,
        head_branch: branch.to_owned(),
        head: commit_id(commit),
        actor: actor.clone(),
        number: run_number(world, repo, workflow),
        attempt: 1,
        created_at: world.now,
        updated_at: world.now,
        jobs: Vec::new(),
        base_branch: None,
        is_held: false,
    };
    let (key, id) = (StoredRun::key(repo, run.id), run.id);
    let job = attempt(world, &run)?;
    world.runs.insert(key, StoredRun { jobs: vec![job], ..run });
    Ok(id)
}

/// Runs the failed jobs of a finished run again; `false` if there are none.
pub(crate) fn rerun_failed(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    id: u64,
) -> Result<bool, EmulatorError> {
    let key = StoredRun::key(repo, id);
    let now = world.now;
    let Some(mut run) = world.runs.get(&key).cloned() else { return Ok(false) };
    let red = |job: &ScriptedJob| matches!(job.state(now), JobState::Done(_)) && !job.state(now).is_green();
    if !run.jobs.iter().any(red) {
        return Ok(false);
    }
    run.attempt += 1;
    run.updated_at = now;
    let checks = world.repository(repo)?.checks.clone();
    let mut jobs = Vec::new();
    for old in std::mem::take(&mut run.jobs) {
        jobs.push(match (red(&old), run.work) {
            (false, _) => old,
            (true, RunPurpose::Release) => attempt(world, &run)?,
            (true, RunPurpose::Checks) => match checks.iter().find(|check| check.name == old.name) {
                Some(check) => job(check, world.new_id()?, old.attempt + 1, now),
                None => old,
            },
        });
    }
    world.runs.insert(key, StoredRun { jobs, ..run });
    Ok(true)
}

/// Schedules one attempt and returns its job.
fn attempt(world: &mut EmulatedWorld, run: &StoredRun) -> Result<ScriptedJob, EmulatorError> {
    let now = world.now;
    let id = world.new_id()?;
    let job = |ends_at, outcome| ScriptedJob {
        id,
        name: "release".to_owned(),
        appears_at: now,
        ends_at: Some(ends_at),
        outcome,
        attempt: run.attempt,
        cancelled_at: None,
    };
    let Some(spec) = releasing(world, run)? else { return Ok(job(now, ScriptedOutcome::Success)) };
    let Some(version) = version(world, run, &spec)? else {
        return Ok(job(later(now, spec.delay), ScriptedOutcome::Failure));
    };
    let packages = publications(world, run, &spec, &version)?;
    let stops = run.attempt <= spec.flakes;
    let limit = stops.then_some(spec.stops_after);
    let mut end = later(now, spec.delay);
    let script = script(run, &spec, &version, now, limit);
    let published = packages.into_iter().filter(|_| limit.is_none());
    for (due, effect) in script.into_iter().chain(published) {
        end = end.max(due);
        world.schedule(due, Some(run.id), effect)?;
    }
    Ok(job(end, if stops { ScriptedOutcome::Failure } else { ScriptedOutcome::Success }))
}

/// The release recipe, if this run's workflow releases and does so from this branch.
fn releasing(world: &EmulatedWorld, run: &StoredRun) -> Result<Option<ReleaseSpec>, EmulatorError> {
    let spec = world.repository(&run.repo)?.release.clone();
    Ok(spec.filter(|spec| match &spec.trigger {
        ScriptedTrigger::Dispatch { .. } => {
            spec.workflow_on(&run.head_branch) == Some(&run.workflow)
                && covered_or_unrestricted(&spec.branches, &run.head_branch)
        }
        ScriptedTrigger::MergeMarker { .. } | ScriptedTrigger::TagPushed { .. } => {
            run.event == RunEvent::Push
        }
    }))
}

/// The version that the commit's files state; where none does, the one that the pushed tag names.
fn version(
    world: &EmulatedWorld,
    run: &StoredRun,
    spec: &ReleaseSpec,
) -> Result<Option<String>, EmulatorError> {
    let mut forms = std::iter::once(spec.tag.as_str()).chain(spec.line_tags());
    match spec.version_on(&run.head_branch) {
        Some(places) => version_in_files(world, run, places),
        None => Ok(forms.find_map(|form| text_in_tag(form, &run.head_branch))),
    }
}

/// What one attempt does, up to the stage at which it stops.
fn script(
    run: &StoredRun,
    spec: &ReleaseSpec,
    version: &str,
    now: Timestamp,
    limit: Option<PipelineStage>,
) -> Vec<(Timestamp, DueEffect)> {
    let reaches = |stage: PipelineStage| limit.is_none_or(|limit| stage <= limit);
    let pushed = matches!(spec.trigger, ScriptedTrigger::TagPushed { .. });
    let tag =
        if pushed { run.head_branch.clone() } else { tag_of_version(spec.tag_on(&run.head_branch), version) };
    let fill = |text: &str| text.replace("{version}", version).replace("{tag}", &tag);
    let repo = || run.repo.clone();
    let tagged = later(now, spec.delay);
    let mut script = Vec::new();
    if !pushed && reaches(PipelineStage::Tag) {
        script.push((tagged, DueEffect::Tag { repo: repo(), tag: tag.clone(), commit: run.head.clone() }));
    }
    if let Some(release) = &spec.release {
        let released = later(tagged, release.delay);
        let name = release.name.as_deref().map_or_else(|| tag.clone(), fill);
        if reaches(PipelineStage::Release) {
            let target = run.head_branch.clone();
            script.push((released, DueEffect::Release { repo: repo(), tag: tag.clone(), name, target }));
        }
        let half = release.assets.len() / 2;
        for (index, asset) in release.assets.iter().enumerate() {
            let stage = if index < half { PipelineStage::HalfTheAssets } else { PipelineStage::Assets };
            if reaches(stage) {
                let effect = DueEffect::Asset { repo: repo(), tag: tag.clone(), name: fill(asset.name()) };
                script.push((later(released, asset.delay()), effect));
            }
        }
    }
    script
}

/// What the registries show at the end, each package with its own number or the release's.
fn publications(
    world: &EmulatedWorld,
    run: &StoredRun,
    spec: &ReleaseSpec,
    version: &str,
) -> Result<Vec<(Timestamp, DueEffect)>, EmulatorError> {
    let tagged = later(world.now, spec.delay);
    let mut publications = Vec::new();
    for package in &spec.publish {
        let own = package.version.as_ref().map(|places| version_in_files(world, run, places)).transpose()?;
        let Some(version) = own.unwrap_or_else(|| Some(version.to_owned())) else { continue };
        let (ecosystem, name) = (package.ecosystem, package.name.clone());
        let effect = DueEffect::Publish { ecosystem, name, version };
        publications.push((later(tagged, package.delay), effect));
    }
    Ok(publications)
}
