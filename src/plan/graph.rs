//! The plan as a value: its steps, what each waits for, its digest, its form on disk.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::step::{Step, Subject};
use super::target::Target;
use crate::ids::{BranchName, Digest, RepoName, StepName};
use crate::kinds::StepKind;
use crate::snapshot::Snapshot;

/// The version of the plan's form. A run that was started from another one is refused, not guessed.
const PLAN_FORMAT: u32 = 1;

/// A directed acyclic graph of steps, with everything needed to take them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "OnDisk", into = "OnDisk")]
pub struct Plan {
    /// What the user wrote.
    pub inputs: Inputs,
    /// What the world looked like.
    pub snapshot: Snapshot,
    /// The branches that receive something: by repository in the catalog's order, default branch first, then the
    /// lines from old to new.
    pub targets: Vec<Target>,
    graph: DiGraph<Step, ()>,
    by_name: BTreeMap<StepName, NodeIndex>,
}

/// The form on disk: steps in order, each with the names of those it waits for.
#[derive(Clone, Serialize, Deserialize)]
struct OnDisk {
    format: u32,
    inputs: Inputs,
    snapshot: Snapshot,
    targets: Vec<Target>,
    steps: Vec<StepOnDisk>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StepOnDisk {
    #[serde(flatten)]
    step: Step,
    after: Vec<StepName>,
}

/// Why a stored plan cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFormError {
    /// It was made by another version of Lockgate.
    #[error("the plan has form {found}, this version of lockgate knows form {PLAN_FORMAT}")]
    Format {
        /// The form that was found.
        found: u32,
    },
    /// A step waits for one that does not exist.
    #[error("the step `{step}` waits for `{missing}`, which the plan lacks")]
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
        graph: DiGraph<Step, ()>,
    ) -> Plan {
        let by_name = graph.node_indices().map(|node| (graph[node].name.clone(), node)).collect();
        Plan { inputs, snapshot, targets, graph, by_name }
    }

    /// The steps, in an order in which they could be taken one by one.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.graph.node_indices().map(|node| &self.graph[node])
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.by_name.get(name).map(|node| &self.graph[*node])
    }

    /// What a step waits for directly.
    pub fn after(&self, name: &StepName) -> impl Iterator<Item = &Step> {
        self.neighbours(name, Direction::Incoming)
    }

    /// What waits directly for a step.
    pub fn before(&self, name: &StepName) -> impl Iterator<Item = &Step> {
        self.neighbours(name, Direction::Outgoing)
    }

    fn neighbours(&self, name: &StepName, direction: Direction) -> impl Iterator<Item = &Step> {
        let mut nodes: Vec<NodeIndex> = self
            .by_name
            .get(name)
            .map(|node| self.graph.neighbors_directed(*node, direction).collect())
            .unwrap_or_default();
        nodes.sort();
        nodes.into_iter().map(|node| &self.graph[node])
    }

    /// The step of this kind for exactly this subject.
    #[must_use]
    pub fn find(&self, kind: StepKind, subject: &Subject) -> Option<&Step> {
        self.steps().find(|step| step.kind == kind && step.subject == *subject)
    }

    /// The steps of this kind.
    pub fn of_kind(&self, kind: StepKind) -> impl Iterator<Item = &Step> {
        self.steps().filter(move |step| step.kind == kind)
    }

    /// The gate of this name.
    #[must_use]
    pub fn gate(&self, name: &str) -> Option<&Step> {
        self.of_kind(StepKind::Gate).find(|step| step.asks.as_deref() == Some(name))
    }

    /// The target of this repository and branch.
    #[must_use]
    pub fn target(&self, repo: &RepoName, branch: &BranchName) -> Option<&Target> {
        self.targets.iter().find(|target| target.is(repo, branch))
    }

    /// The targets of one repository.
    pub fn targets_of<'a>(&'a self, repo: &'a RepoName) -> impl Iterator<Item = &'a Target> {
        self.targets.iter().filter(move |target| target.repo == *repo)
    }

    /// The graph, for checks and drawings.
    #[must_use]
    pub fn graph(&self) -> &DiGraph<Step, ()> {
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

    /// How another plan differs from this one in what would be done.
    #[must_use]
    pub fn difference(&self, newer: &Plan) -> PlanDifference {
        let names = |plan: &Plan| plan.by_name.keys().cloned().collect::<Vec<_>>();
        let (ours, theirs) = (names(self), names(newer));
        let waits_for = |plan: &Plan, name: &StepName| -> Vec<StepName> {
            plan.after(name).map(|step| step.name.clone()).collect()
        };
        PlanDifference {
            gone: ours.iter().filter(|name| newer.step(name).is_none()).cloned().collect(),
            come: theirs.iter().filter(|name| self.step(name).is_none()).cloned().collect(),
            reordered: ours
                .iter()
                .filter(|name| newer.step(name).is_some() && waits_for(self, name) != waits_for(newer, name))
                .cloned()
                .collect(),
            inputs: self.inputs != newer.inputs,
            moved: self
                .targets
                .iter()
                .filter_map(|target| {
                    let other = newer.target(&target.repo, &target.branch)?;
                    (other.base != target.base).then(|| target.label())
                })
                .collect(),
        }
    }
}

/// In what two plans differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDifference {
    /// Steps of the older plan only.
    pub gone: Vec<StepName>,
    /// Steps of the newer plan only.
    pub come: Vec<StepName>,
    /// Steps that wait for others than before.
    pub reordered: Vec<StepName>,
    /// Whether the user's files differ.
    pub inputs: bool,
    /// Targets whose heads differ.
    pub moved: Vec<String>,
}

impl PlanDifference {
    /// Whether the same things would be done in the same order from the same files.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.come.is_empty() && self.reordered.is_empty() && !self.inputs
    }
}

impl From<Plan> for OnDisk {
    fn from(plan: Plan) -> OnDisk {
        let steps = plan
            .steps()
            .map(|step| StepOnDisk {
                step: step.clone(),
                after: plan.after(&step.name).map(|before| before.name.clone()).collect(),
            })
            .collect();
        OnDisk {
            format: PLAN_FORMAT,
            inputs: plan.inputs,
            snapshot: plan.snapshot,
            targets: plan.targets,
            steps,
        }
    }
}

impl TryFrom<OnDisk> for Plan {
    type Error = PlanFormError;

    fn try_from(disk: OnDisk) -> Result<Plan, PlanFormError> {
        if disk.format != PLAN_FORMAT {
            return Err(PlanFormError::Format { found: disk.format });
        }
        let mut graph = DiGraph::new();
        let by_name: BTreeMap<StepName, NodeIndex> = disk
            .steps
            .iter()
            .map(|entry| (entry.step.name.clone(), graph.add_node(entry.step.clone())))
            .collect();
        for entry in &disk.steps {
            for before in &entry.after {
                let Some(node) = by_name.get(before) else {
                    return Err(PlanFormError::Dangling {
                        step: entry.step.name.clone(),
                        missing: before.clone(),
                    });
                };
                graph.add_edge(*node, by_name[&entry.step.name], ());
            }
        }
        Ok(Plan { inputs: disk.inputs, snapshot: disk.snapshot, targets: disk.targets, graph, by_name })
    }
}
