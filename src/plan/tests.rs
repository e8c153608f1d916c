//! Stories about plans, told with the demo's own files.

mod packages;
mod printed;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use petgraph::algo::has_path_connecting;

use super::*;
use crate::catalog::{
    BranchOrder, BumpOrder, CarryPolicy, Catalog, GitHubReleaseRule, GitHubReleases, Repo, Trigger,
};
use crate::ids::{BranchName, CommitId, StepName};
use crate::input::Source;
use crate::kinds::{Applies, StepKind};
use crate::numbering::semver;
use crate::release::{LineWish, Release};
use crate::snapshot::{AdvisoryState, BranchState, Origin, PackageState, RepoState, Snapshot, TaggedVersion};
use crate::workflow::Workflow;

fn demo_inputs(workflow: &str) -> Inputs {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let catalog_file = Source::read(&folder.join("catalog.toml"), "catalog").unwrap();
    let catalog = Catalog::load(&catalog_file).unwrap();
    let release_file = Source::read(&folder.join("release.toml"), "release file").unwrap();
    let (release, patches) = Release::load(&release_file, &catalog).unwrap();
    let templates = catalog.templates(&catalog_file).unwrap();
    let workflow = Workflow::load(workflow, &folder).unwrap();
    Inputs { catalog, release, workflow, patches, templates, assets: BTreeMap::new() }
}

fn snapshot_for(inputs: &Inputs) -> Snapshot {
    let state = |number: usize, line: bool| BranchState {
        is_new: false,
        base: None,
        lacks: None,
        matrix: None,
        head: format!("{number:0<40x}").parse::<CommitId>().unwrap(),
        version: line.then(|| semver(&format!("1.{number}.0"))),
    };
    let repos = inputs
        .catalog
        .repos
        .iter()
        .map(|repo| {
            let branches: BTreeMap<BranchName, BranchState> = repo
                .branches()
                .enumerate()
                .map(|(number, branch)| (branch.clone(), state(number + 1, number > 0)))
                .collect();
            (repo.name.clone(), RepoState { branches, ..RepoState::default() })
        })
        .collect();
    let draft = AdvisoryState { state: "draft".into(), cve: None, private_fork: None };
    let advisories =
        inputs.release.advisories.iter().map(|advisory| (advisory.id.clone(), draft.clone())).collect();
    Snapshot {
        taken: "2026-03-02T09:00:00Z".parse().unwrap(),
        repos,
        advisories,
        committer: None,
        workers: Vec::new(),
    }
}

/// The plan of the demo with a workflow that is shipped.
pub(crate) fn demo(workflow: &str) -> Plan {
    let inputs = demo_inputs(workflow);
    let snapshot = snapshot_for(&inputs);
    build(inputs, snapshot).unwrap()
}

/// The same where a line is released from a tag beside its head, Lockgate makes its GitHub Release, the line states a
/// development version after it, and merged branches are deleted.
pub(crate) fn demo_with_every_kind() -> Plan {
    let mut inputs = demo_inputs("github");
    let repo = &mut inputs.catalog.repos[0];
    let rule = repo.release.as_mut().unwrap();
    rule.trigger = Trigger::PushTag;
    rule.assets.clear();
    rule.github_release = Some(GitHubReleases::Made(GitHubReleaseRule::default()));
    repo.version.as_mut().unwrap().after_release = Some("{version}-dev".to_owned());
    repo.delete_branches = true;
    let base = Some("v1.2.3".to_owned());
    let (repo, branch) = (repo.name.clone(), repo.lines[0].clone());
    inputs.release.lines.push(LineWish {
        later: None,
        new: false,
        repo,
        branch,
        version: None,
        packages: BTreeMap::new(),
        base,
        release: None,
    });
    let snapshot = snapshot_for(&inputs);
    build(inputs, snapshot).unwrap()
}

fn comes_before(plan: &Plan, earlier: &str, later: &str) -> bool {
    let node = |name: &str| {
        let wanted: StepName = name.parse().unwrap();
        plan.graph()
            .node_indices()
            .find(|node| plan.graph()[*node].name == wanted)
            .unwrap_or_else(|| panic!("no step {name}"))
    };
    has_path_connecting(plan.graph(), node(earlier), node(later), None)
}

#[test]
fn gates_before_a_step_are_those_from_which_it_is_reached() {
    for plan in ["github", "wasmtime", "wamr"].map(demo_plan) {
        let gates: Vec<&Step> = plan.of_kind(StepKind::Gate).collect();
        assert!(gates.len() > 1);
        for step in plan.steps() {
            let reached = |gate: &&Step| {
                gate.name != step.name && comes_before(&plan, gate.name.as_str(), step.name.as_str())
            };
            let reached: Vec<&Step> = gates.iter().copied().filter(reached).collect();
            assert_eq!(plan.gates_before(&step.name), reached, "{}", step.name);
        }
    }
}

#[test]
fn every_built_in_workflow_makes_a_sound_plan_with_every_kind_of_step() {
    for workflow in Workflow::built_in() {
        let plan = demo(workflow);
        assert_eq!(check(&plan), Vec::new(), "{workflow}");
        let kinds: BTreeSet<StepKind> = plan.steps().map(|step| step.kind).collect();
        // No line of the demo is released from a base beside it, its CI makes its GitHub Releases, nothing is stated after them,
        // and branches stay.
        let elsewhere =
            [Applies::IfMergedBack, Applies::IfGitHubReleased, Applies::IfDeveloped, Applies::IfTidied];
        let here = StepKind::ALL.iter().filter(|kind| !elsewhere.contains(&kind.applies()));
        let missing: Vec<_> = here.filter(|kind| !kinds.contains(kind)).collect();
        assert!(missing.is_empty(), "{workflow} lacks {missing:?}");
    }
}

/// The plan of the demo where its first repository has these policies.
fn demo_with(policies: impl Fn(&mut Repo)) -> Plan {
    let mut inputs = demo_inputs("github");
    let repo = &mut inputs.catalog.repos[0];
    repo.release.as_mut().unwrap().trigger = Trigger::PushTag;
    repo.merge = None;
    policies(repo);
    let snapshot = snapshot_for(&inputs);
    build(inputs, snapshot).unwrap()
}

#[test]
fn policies_of_order_make_sound_plans_in_that_order() {
    let lines_first = demo_with(|repo| repo.order = Some(BranchOrder::LinesFirst));
    let merged_up = demo_with(|repo| repo.carry = CarryPolicy::MergeUp);
    let bumped_first = demo_with(|repo| repo.bump = BumpOrder::BeforeFixes);
    for plan in [&lines_first, &merged_up, &bumped_first] {
        assert_eq!(check(plan), Vec::new());
    }
    let repo = &lines_first.inputs.catalog.repos[0];
    let (name, default, oldest, newest) =
        (&repo.name, &repo.default_branch, &repo.lines[0], repo.lines.last().unwrap());
    let step = |kind: &str, branch: &BranchName| format!("{kind}/{name}/{branch}");
    for plan in [&lines_first, &merged_up] {
        assert!(comes_before(plan, &step("await-release", newest), &step("merge-patch", default)));
        assert!(comes_before(plan, &step("merge-patch", oldest), &step("merge-patch", newest)));
        assert!(!comes_before(plan, &step("merge-patch", default), &step("trigger-release", oldest)));
    }
    assert!(comes_before(&merged_up, &step("stack", oldest), &step("stack", newest)));
    assert!(comes_before(&merged_up, &step("stack", newest), &step("stack", default)));
    assert!(!comes_before(&lines_first, &step("stack", oldest), &step("stack", newest)));
    assert!(comes_before(&bumped_first, &step("prepare-bump", oldest), &step("stack", oldest)));
    assert!(comes_before(&bumped_first, &step("merge-bump", oldest), &step("publish-branch", oldest)));
    assert!(comes_before(&bumped_first, &step("merge-patch", oldest), &step("trigger-release", oldest)));
}

#[test]
fn line_that_is_released_from_a_base_gets_a_sound_plan_with_its_merge_tried_before_the_gate() {
    let plan = demo_with_every_kind();
    assert_eq!(check(&plan), Vec::new());
    let merge = plan.of_kind(StepKind::PrepareMerge).next().unwrap().name.clone();
    assert!(comes_before(&plan, merge.as_str(), "gate/ready"), "{merge}");
}

#[test]
fn gate_that_nobody_could_ever_pass_is_a_fault() {
    let mut inputs = demo_inputs("wamr");
    inputs.release.approvers = vec!["mara".parse().unwrap(), "Mara".parse().unwrap()];
    inputs.workflow.gate.get_mut("ready").unwrap().approvals = 2;
    let snapshot = snapshot_for(&inputs);
    let faults: Vec<String> =
        check(&build(inputs, snapshot).unwrap()).iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["the gate `ready` wants 2 approvals and 1 person may approve"]);
}

#[test]
fn same_inputs_give_the_same_bytes_in_every_format() {
    let (one, two) = (demo("wamr"), demo("wamr"));
    for format in [
        Format::Page,
        Format::Text,
        Format::Json,
        Format::Dot(Grouping::Phase),
        Format::Mermaid(Grouping::Phase),
    ] {
        assert_eq!(render(&one, format).unwrap(), render(&two, format).unwrap(), "{format:?}");
    }
    assert_eq!(one.digest().unwrap(), two.digest().unwrap());
}

#[test]
fn en_05_plan_survives_its_form_on_disk() {
    let plan = demo("wasmtime");
    let back: Plan = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
    assert_eq!(back.to_json().unwrap(), plan.to_json().unwrap());
}

#[test]
fn no_edge_says_what_others_say_already() {
    let plan = demo("wamr");
    for edge in plan.graph().edge_indices() {
        let (from, to) = plan.graph().edge_endpoints(edge).unwrap();
        let mut without = plan.graph().clone();
        // Whose turn it is says nothing of what is needed.
        without.retain_edges(|graph, other| other != edge && graph[other] == Edge::Needs);
        assert!(!has_path_connecting(&without, from, to, None), "edge to {} is implied", without[to].name);
    }
}

#[test]
fn merges_go_default_branch_first_and_then_from_old_to_new() {
    let plan = demo("wamr");
    for (earlier, later) in
        [("main", "release/1.x"), ("release/1.x", "release/2.x"), ("release/2.x", "release/3.x")]
    {
        let merge = |branch: &str| format!("merge-patch/brightwater/sluice/{branch}");
        assert!(comes_before(&plan, &merge(earlier), &merge(later)), "{earlier} before {later}");
    }
    assert!(comes_before(
        &plan,
        "merge-patch/brightwater/sluice/release/3.x",
        "merge-bump/brightwater/sluice/release/1.x"
    ));
}

#[test]
fn rd_23_advisory_on_one_line_goes_to_that_line_only() {
    let plan = demo("wamr");
    let of_second = plan
        .of_kind(StepKind::Backport)
        .filter(|step| step.subject.advisory.as_ref().is_some_and(|id| id.as_str().starts_with("GHSA-7mh3")))
        .map(|step| step.subject.to_string())
        .collect::<Vec<_>>();
    assert_eq!(of_second, ["brightwater/sluice release/1.x GHSA-7mh3-v9jc-2pxr"]);
}

#[test]
fn rd_24_downstream_bump_waits_for_the_upstream_release_of_its_line() {
    for workflow in Workflow::built_in() {
        let plan = demo(workflow);
        let bump = "open-bump/brightwater/weir/release/6.x";
        assert!(comes_before(&plan, "await-release/brightwater/sluice/release/2.x", bump), "{workflow}");
        let line: BranchName = "release/6.x".parse().unwrap();
        let weir = plan.targets.iter().find(|target| target.branch == line).unwrap();
        assert_eq!(weir.carries.len(), 1);
        assert_eq!(weir.carries[0].version, semver("1.3.1"));
    }
}

#[test]
fn line_in_a_prerelease_releases_the_version_it_leads_to() {
    let inputs = demo_inputs("wasmtime");
    let mut snapshot = snapshot_for(&inputs);
    let (weir, line) = (inputs.catalog.repos[1].name.clone(), inputs.catalog.repos[1].lines[2].clone());
    let state = snapshot.repos.get_mut(&weir).unwrap().branches.get_mut(&line).unwrap();
    state.version = Some(semver("2.0.0-rc.1"));
    let plan = build(inputs, snapshot).unwrap();
    let release = plan.target(&weir, &line).unwrap().release.clone().unwrap();
    assert_eq!((release.to.to_string().as_str(), release.tag.as_str()), ("2.0.0", "v2.0.0"));
    let text = render(&plan, Format::Text).unwrap();
    assert!(text.contains("2.0.0-rc.1 -> 2.0.0 (v2.0.0)"), "{text}");
}

#[test]
fn backports_do_not_wait_for_a_cve_and_the_release_day_does() {
    let plan = demo("wamr");
    let waits = "await-cve/GHSA-4wx7-c2fg-q8rm";
    assert!(!comes_before(&plan, waits, "backport/brightwater/sluice/main/GHSA-4wx7-c2fg-q8rm"));
    assert!(!comes_before(&plan, waits, "gate/ready"));
    assert!(comes_before(&plan, waits, "gate/release-day"));
}

#[test]
fn wasmtime_opens_bumps_before_the_gate_and_wamr_after() {
    let bump = "open-bump/brightwater/sluice/release/1.x";
    assert!(comes_before(&demo("wasmtime"), bump, "gate/release-day"));
    assert!(comes_before(&demo("wamr"), "gate/release-day", bump));
}

#[test]
fn branch_that_the_world_lacks_is_named() {
    let inputs = demo_inputs("wamr");
    let mut snapshot = snapshot_for(&inputs);
    let sluice = inputs.catalog.repos[0].name.clone();
    let line: BranchName = "release/2.x".parse().unwrap();
    snapshot.repos.get_mut(&sluice).unwrap().branches.remove(&line);
    let error = build(inputs, snapshot).unwrap_err();
    assert_eq!(error.to_string(), "`brightwater/sluice` has no branch `release/2.x`");
}

#[test]
fn text_tells_what_cannot_be_undone() {
    let text = render(&demo("wamr"), Format::Text).unwrap();
    assert!(text.contains("publish-advisory: publish the advisory [CANNOT BE UNDONE"), "{text}");
    assert!(text.contains("==== gate release-day"), "{text}");
}
