//! A plan of a hundred released branches, from files in memory and a snapshot.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use lockgate::Catalog;
use lockgate::CommitId;
use lockgate::Release;
use lockgate::Scheme;
use lockgate::Source;
use lockgate::Workflow;
use lockgate::{AdvisoryState, BranchState, RepoState, Snapshot};
use lockgate::{Inputs, build_plan, check_plan};

use crate::release::{catalog, release};
use crate::shape::Shape;
use crate::table::{Failure, Table, median};

/// How often is measured.
const SAMPLES: usize = 15;
/// The aim, in milliseconds.
const AIM: f64 = 100.0;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let shape = Shape::ONE_ADVISORY;
    let inputs = inputs(&shape)?;
    let snapshot = snapshot(&inputs)?;
    let mut times = Vec::new();
    let mut made = None;
    for _ in 0..SAMPLES {
        let (inputs, snapshot) = (inputs.clone(), snapshot.clone());
        let started = Instant::now();
        let plan = build_plan(inputs, snapshot)?;
        let faults = check_plan(&plan);
        times.push(started.elapsed());
        if !faults.is_empty() {
            return Err(format!("the plan has {} fault(s)", faults.len()).into());
        }
        made = Some(plan);
    }
    let plan = made.ok_or("nothing was planned")?;
    let what = format!(
        "plan: {} released branches, {} targets, {} steps, built and checked",
        shape.released(),
        plan.targets.len(),
        plan.steps().count()
    );
    table.at_most(what, median(times).as_secs_f64() * 1e3, AIM, "ms");
    Ok(())
}

fn inputs(shape: &Shape) -> Result<Inputs, Failure> {
    let failed = |error: lockgate::InputError| error.message;
    let catalog = Catalog::load(&Source::from_text("catalog.toml", catalog(shape))).map_err(failed)?;
    let text = release(shape, &["a".repeat(40)]);
    let (release, patches) =
        Release::load(&Source::from_text("release.toml", text), &catalog).map_err(failed)?;
    let workflow = Workflow::load("github", Path::new(".")).map_err(failed)?;
    Ok(Inputs {
        catalog,
        release,
        workflow,
        patches,
        templates: BTreeMap::default(),
        assets: BTreeMap::default(),
    })
}

fn snapshot(inputs: &Inputs) -> Result<Snapshot, Failure> {
    let mut repos = BTreeMap::new();
    for repo in inputs.repos() {
        let mut branches = BTreeMap::new();
        for (number, branch) in repo.branches().enumerate() {
            let head: CommitId = format!("{:040x}", number + 1).parse()?;
            let version = (number > 0).then(|| Scheme::SemVer.parse(&format!("{number}.0.0"))).transpose()?;
            branches.insert(
                branch.clone(),
                BranchState { head, version, base: None, lacks: None, is_new: false, matrix: None },
            );
        }
        repos.insert(repo.name.clone(), RepoState { branches, ..RepoState::default() });
    }
    let draft = AdvisoryState { state: "draft".into(), cve: None, private_fork: None };
    let advisories =
        inputs.release.advisories.iter().map(|advisory| (advisory.id.clone(), draft.clone())).collect();
    Ok(Snapshot {
        taken: "2026-03-02T09:00:00Z".parse()?,
        repos,
        advisories,
        committer: None,
        workers: Vec::new(),
    })
}
