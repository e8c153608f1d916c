//! The plan as a value: its steps, what each waits for, its digest, its format on disk.

use std::collections::{BTreeMap, HashMap};

use fixedbitset::FixedBitSet;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, EdgeRef as _, Walker as _};
use serde::{Deserialize, Serialize, Serializer};

use super::inputs::Inputs;
use super::order::Edge;
use super::policies::in_merge_order;
use super::step::{Step, Subject};
use super::target::Target;
use crate::ids::{BranchName, CommitId, Digest, RepoName, StepName};
use crate::kinds::{StepKind, Visibility};
use crate::snapshot::Snapshot;
use crate::workflow::RELEASE_DAY;

/// The version of the plan's format on disk. A run that was started with another one is refused, not guessed at.
const PLAN_FORMAT: u32 = 1;

/// A directed acyclic graph of steps, with everything needed to take them.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "OnDisk")]
pub struct Plan {
    /// What the user wrote.
    pub inputs: Inputs,
    /// What the world looked like.
    pub snapshot: Snapshot,
    /// The branches that receive something: by repository in the catalog's order, default branch first, then the
    /// lines from old to new.
    pub targets: Vec<Target>,
    graph: DiGraph<Step, Edge>,
    by_name: HashMap<StepName, NodeIndex>,
    by_kind: BTreeMap<StepKind, Vec<NodeIndex>>,
    /// The first step of each kind for each subject: it is asked of every branch and advisory, again and again.
    by_subject: BTreeMap<StepKind, HashMap<Subject, NodeIndex>>,
    /// The place of each target, which is asked for as often.
    by_line: HashMap<RepoName, HashMap<BranchName, usize>>,
    /// The gates in the order of the plan, each with the steps that wait for it at whatever distance: of tens of thousands of steps
    /// it is asked of each.
    gates: Vec<(NodeIndex, FixedBitSet)>,
}

/// The format on disk: steps in order, each with the names of those it waits for.
#[derive(Deserialize)]
struct OnDisk {
    format: u32,
    inputs: Inputs,
    snapshot: Snapshot,
    targets: Vec<Target>,
    steps: Vec<StepOnDisk>,
}

#[derive(Deserialize)]
struct StepOnDisk {
    #[serde(flatten)]
    step: Step,
    after: Vec<StepName>,
    /// Those of `after` that only go first. Plans of before need all of them.
    #[serde(default)]
    in_turn: Vec<StepName>,
}

/// The same as it is written: of tens of thousands of steps nothing is copied.
#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    inputs: &'a Inputs,
    snapshot: &'a Snapshot,
    targets: &'a [Target],
    steps: Vec<StepWritten<'a>>,
}

#[derive(Serialize)]
struct StepWritten<'a> {
    #[serde(flatten)]
    step: &'a Step,
    after: Vec<&'a StepName>,
    /// Those of `after` that only go first. Plans of before need all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_turn: Vec<&'a StepName>,
}

/// Why a stored plan cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFormError {
    /// It was made by another version of Lockgate.
    #[error("the plan has format {found}; this version of lockgate reads format {PLAN_FORMAT}")]
    Format {
        /// The format that was found.
        found: u32,
    },
    /// A step waits for one that does not exist.
    #[error("the step `{step}` waits for `{missing}`, which is not in the plan")]
    Dangling {
        /// The step.
        step: StepName,
        /// What is missing.
        missing: StepName,
    },
}

impl Plan {
    pub(super) fn new(
        inputs: Inputs,
        snapshot: Snapshot,
        targets: Vec<Target>,
        graph: DiGraph<Step, Edge>,
    ) -> Plan {
        let by_name = graph.node_indices().map(|node| (graph[node].name.clone(), node)).collect();
        let mut by_kind: BTreeMap<StepKind, Vec<NodeIndex>> = BTreeMap::new();
        for node in graph.node_indices() {
            by_kind.entry(graph[node].kind).or_default().push(node);
        }
        let mut by_subject: BTreeMap<StepKind, HashMap<_, _>> = BTreeMap::new();
        for node in graph.node_indices() {
            let step = &graph[node];
            by_subject.entry(step.kind).or_default().entry(step.subject.clone()).or_insert(node);
        }
        let mut by_line: HashMap<RepoName, HashMap<_, _>> = HashMap::new();
        for (place, target) in targets.iter().enumerate() {
            by_line.entry(target.repo.clone()).or_default().entry(target.branch.clone()).or_insert(place);
        }
        let gates = by_kind.get(&StepKind::Gate).into_iter().flatten();
        let gates = gates.map(|gate| (*gate, waiting_at_whatever_distance(&graph, *gate))).collect();
        Plan { inputs, snapshot, targets, graph, by_name, by_kind, by_subject, by_line, gates }
    }

    /// The steps, in an order in which they could be taken one by one.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.graph.node_indices().map(|node| &self.graph[node])
    }

    /// How many steps there are.
    #[must_use]
    pub fn step_count(&self) -> usize {
        self.graph.node_count()
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.by_name.get(name).map(|node| &self.graph[*node])
    }

    /// The place of a step in the graph.
    #[must_use]
    pub fn node(&self, name: &StepName) -> Option<NodeIndex> {
        self.by_name.get(name).copied()
    }

    /// What a step waits for directly: what it needs, and what it lets go first.
    pub fn after(&self, name: &StepName) -> impl Iterator<Item = &Step> {
        self.edges_to(name, |_| true)
    }

    /// The steps directly before one that it needs, or lets go first.
    pub fn before_it(&self, name: &StepName, wanted: Edge) -> impl Iterator<Item = &Step> {
        self.edges_to(name, move |edge| edge == wanted)
    }

    /// The steps that this one needs directly, or that need it directly.
    pub fn needed(&self, node: NodeIndex, towards: Direction) -> impl Iterator<Item = NodeIndex> {
        let edges = self.graph.edges_directed(node, towards);
        edges.filter(|edge| *edge.weight() == Edge::Needs).map(move |edge| match towards {
            Direction::Incoming => edge.source(),
            Direction::Outgoing => edge.target(),
        })
    }

    fn edges_to(&self, name: &StepName, is_meant: impl Fn(Edge) -> bool) -> impl Iterator<Item = &Step> {
        self.node(name).into_iter().flat_map(move |node| self.edges_to_node(node, &is_meant))
    }

    fn edges_to_node(&self, node: NodeIndex, is_meant: impl Fn(Edge) -> bool) -> Vec<&Step> {
        let edges = self.graph.edges_directed(node, Direction::Incoming);
        let meant = edges.filter(|edge| is_meant(*edge.weight()));
        let mut nodes: Vec<NodeIndex> = meant.map(|edge| edge.source()).collect();
        // A graph lists its edges youngest first; people and the form on disk want the order of the steps.
        nodes.sort();
        nodes.into_iter().map(|node| &self.graph[node]).collect()
    }

    /// What waits for a step directly, in the order of the plan.
    pub fn waiting_for(&self, name: &StepName) -> impl Iterator<Item = &Step> {
        let node = self.node(name);
        let mut nodes: Vec<NodeIndex> = node
            .map(|node| self.graph.neighbors_directed(node, Direction::Outgoing).collect())
            .unwrap_or_default();
        nodes.sort();
        nodes.into_iter().map(|node| &self.graph[node])
    }

    /// The step of this kind for exactly this subject; the first of several.
    #[must_use]
    pub fn find(&self, kind: StepKind, subject: &Subject) -> Option<&Step> {
        self.by_subject.get(&kind)?.get(subject).map(|node| &self.graph[*node])
    }

    /// The steps of this kind.
    pub fn of_kind(&self, kind: StepKind) -> impl Iterator<Item = &Step> {
        self.by_kind.get(&kind).into_iter().flatten().map(|node| &self.graph[*node])
    }

    /// The gate of this name.
    #[must_use]
    pub fn gate(&self, name: &str) -> Option<&Step> {
        self.of_kind(StepKind::Gate).find(|step| step.asks.as_deref() == Some(name))
    }

    /// The gates that a step waits for, at whatever distance, in the order of the plan.
    #[must_use]
    pub fn gates_before(&self, name: &StepName) -> Vec<&Step> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let before = self.gates.iter().filter(|(_, waiting)| waiting.contains(node.index()));
        before.map(|(gate, _)| &self.graph[*gate]).collect()
    }

    /// Whether everybody can see what the step does, and it does not wait for the disclosure time.
    #[must_use]
    pub fn is_before_the_hour(&self, step: &Step) -> bool {
        let waits =
            || self.gates_before(&step.name).iter().any(|gate| gate.asks.as_deref() == Some(RELEASE_DAY));
        step.kind.visibility() == Visibility::Guarded && !waits()
    }

    /// Whether the step asks for a CVE that nobody wants: the advisory has one, or goes without.
    #[must_use]
    pub fn is_needless_request(&self, step: &Step) -> bool {
        let advisory = step.subject.advisory.as_ref().and_then(|id| self.inputs.release.advisory(id));
        step.kind == StepKind::RequestCve && advisory.is_some_and(|advisory| !advisory.cve.is_asked_for())
    }

    /// Whether mails tell of the release.
    #[must_use]
    pub fn announces(&self) -> bool {
        let mails = [StepKind::AdvanceMail, StepKind::ReleaseMail];
        mails.into_iter().any(|kind| self.of_kind(kind).next().is_some())
    }

    /// The target of this repository and branch.
    #[must_use]
    pub fn target(&self, repo: &RepoName, branch: &BranchName) -> Option<&Target> {
        self.by_line.get(repo)?.get(branch).and_then(|place| self.targets.get(*place))
    }

    /// The targets of one repository.
    pub fn targets_of<'a>(&'a self, repo: &'a RepoName) -> impl Iterator<Item = &'a Target> {
        self.targets.iter().filter(move |target| target.repo == *repo)
    }

    /// The targets as lists of versions tell them: repositories in the order of the plan, and of each the oldest version first.
    /// In which order they are merged and released is no news to a reader. Branches without a release come last.
    #[must_use]
    pub fn in_version_order(&self) -> Vec<&Target> {
        let mut told: Vec<&Target> = self.targets.iter().collect();
        let mut places: HashMap<&RepoName, usize> = HashMap::new();
        self.targets.iter().enumerate().for_each(|(at, target)| _ = places.entry(&target.repo).or_insert(at));
        let place = |target: &Target| places.get(&target.repo).copied();
        told.sort_by_cached_key(|target| {
            let version = target.release.as_ref().map(|release| release.to.clone());
            (place(target), version.is_none(), version)
        });
        told
    }

    /// Where the branch of a new line begins, as long as it is not there; `None` for every other branch.
    #[must_use]
    pub fn beginning(&self, repo: &RepoName, branch: &BranchName) -> Option<&CommitId> {
        self.target(repo, branch)?.beginning()
    }

    /// The targets in the order of their merges.
    #[must_use]
    pub fn in_merge_order(&self) -> Vec<&Target> {
        in_merge_order(&self.targets)
    }

    /// The graph, for checks and drawings.
    #[must_use]
    pub fn graph(&self) -> &DiGraph<Step, Edge> {
        &self.graph
    }

    /// The plan as JSON, the same bytes for the same plan.
    ///
    /// # Errors
    /// Never for a plan that was built; the signature is serde's.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The digest of the whole plan: of its JSON.
    ///
    /// # Errors
    /// As [`Plan::to_json`].
    pub fn digest(&self) -> serde_json::Result<Digest> {
        self.to_json().map(Digest::of)
    }
}

fn names(steps: Vec<&Step>) -> Vec<&StepName> {
    steps.into_iter().map(|step| &step.name).collect()
}

/// The steps that wait for this one, directly or not.
fn waiting_at_whatever_distance(graph: &DiGraph<Step, Edge>, node: NodeIndex) -> FixedBitSet {
    let mut waiting = FixedBitSet::with_capacity(graph.node_count());
    Dfs::new(graph, node).iter(graph).filter(|one| *one != node).for_each(|one| waiting.insert(one.index()));
    waiting
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let steps = self.graph.node_indices().map(|node| StepWritten {
            step: &self.graph[node],
            after: names(self.edges_to_node(node, |_| true)),
            in_turn: names(self.edges_to_node(node, |edge| edge == Edge::InTurn)),
        });
        let written = Written {
            format: PLAN_FORMAT,
            inputs: &self.inputs,
            snapshot: &self.snapshot,
            targets: &self.targets,
            steps: steps.collect(),
        };
        written.serialize(serializer)
    }
}

impl TryFrom<OnDisk> for Plan {
    type Error = PlanFormError;

    fn try_from(disk: OnDisk) -> Result<Plan, PlanFormError> {
        if disk.format != PLAN_FORMAT {
            return Err(PlanFormError::Format { found: disk.format });
        }
        let mut graph = DiGraph::with_capacity(disk.steps.len(), disk.steps.len());
        let mut by_name = HashMap::with_capacity(disk.steps.len());
        let mut waits = Vec::with_capacity(disk.steps.len());
        for StepOnDisk { step, after, in_turn } in disk.steps {
            let name = step.name.clone();
            let node = graph.add_node(step);
            by_name.insert(name, node);
            waits.push((node, after, in_turn));
        }
        for (node, after, in_turn) in waits {
            for before in after {
                let Some(earlier) = by_name.get(&before) else {
                    return Err(PlanFormError::Dangling { step: graph[node].name.clone(), missing: before });
                };
                let edge = if in_turn.contains(&before) { Edge::InTurn } else { Edge::Needs };
                graph.add_edge(*earlier, node, edge);
            }
        }
        Ok(Plan::new(disk.inputs, disk.snapshot, disk.targets, graph))
    }
}
