//! Where everything is in the picture of a plan: a column for each kind of step, a row for each subject.
//!
//! A graph of some hundred steps laid out freely is too wide to be read. Steps of one kind are below each other
//! here, as in the table that `lockgate status` prints, and what concerns the whole release spans all rows.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::drawn;
use crate::kinds::{Phase, StepKind};
use crate::plan::{Plan, Step};
use crate::workflow::RecipeStep;

/// One kind of step in its phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// The phase.
    pub(super) phase: Phase,
    /// The kind.
    pub(super) kind: StepKind,
    /// Which confirmation or gate.
    pub(super) asks: Option<String>,
    /// Whether its one step concerns the whole release.
    pub(super) span: Span,
}

/// How many rows a column's steps take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// Each step has the row of its subject.
    Row,
    /// One step spans all rows.
    Whole,
}

/// One advisory, target or repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GridRow {
    /// What it is called.
    pub(super) label: String,
    /// To which group it belongs: the advisories, or a repository.
    pub(super) group: String,
}

/// A cell of the grid; no row means all of them.
pub(super) type Cell = (usize, Option<usize>);

/// The plan, laid out.
#[derive(Debug)]
pub(super) struct Grid {
    /// The columns, in the order of the workflow.
    pub(super) columns: Vec<Column>,
    /// The rows: advisories, then targets by repository.
    pub(super) rows: Vec<GridRow>,
    /// The names of the steps in each cell.
    pub(super) cells: BTreeMap<Cell, Vec<String>>,
    /// Which cells follow which.
    pub(super) edges: BTreeSet<(Cell, Cell)>,
}

impl Grid {
    /// Lays the plan out.
    pub(super) fn of(plan: &Plan) -> Grid {
        let columns = columns(plan);
        let rows = rows(plan);
        let mut cells: BTreeMap<Cell, Vec<String>> = BTreeMap::new();
        let mut cells_of: BTreeMap<NodeIndex, Cell> = BTreeMap::new();
        for node in plan.graph().node_indices() {
            let step = &plan.graph()[node];
            let Some(column) = columns.iter().position(|column| holds(column, step)) else { continue };
            let row = row_of(step).and_then(|wanted| rows.iter().position(|row| *row == wanted));
            cells_of.insert(node, (column, row));
            cells.entry((column, row)).or_default().push(step.name.to_string());
        }
        let edges = drawn::edges(plan)
            .into_iter()
            .filter_map(|drawn| Some((*cells_of.get(&drawn.from)?, *cells_of.get(&drawn.to)?)))
            .filter(|(from, to)| from != to)
            .collect();
        Grid { columns, rows, cells, edges }
    }

    /// Whether a row has a step between two columns, over which a straight line would run.
    pub(super) fn is_crowded(&self, row: usize, columns: std::ops::Range<usize>) -> bool {
        columns.into_iter().any(|column| self.cells.contains_key(&(column, Some(row))))
    }
}

/// The workflow's steps that the plan has, in the workflow's order.
fn columns(plan: &Plan) -> Vec<Column> {
    let workflow = &plan.inputs.workflow;
    let mut columns = Vec::new();
    for phase in &workflow.phases {
        for entry in &phase.steps {
            let Some(RecipeStep { kind, asks, .. }) = workflow.understand(entry) else { continue };
            let asks = asks.map(ToOwned::to_owned);
            let mut column = Column { phase: phase.name, kind, asks, span: Span::Row };
            let mut steps = plan.steps().filter(|step| holds(&column, step));
            let Some(first) = steps.next() else { continue };
            if first.subject.is_whole() {
                column.span = Span::Whole;
            }
            columns.push(column);
        }
    }
    columns
}

fn holds(column: &Column, step: &Step) -> bool {
    step.kind == column.kind && step.phase == column.phase && step.asks == column.asks
}

fn rows(plan: &Plan) -> Vec<GridRow> {
    let advisories = plan
        .inputs
        .release
        .advisories
        .iter()
        .map(|advisory| GridRow { label: advisory.id.to_string(), group: ADVISORIES.to_owned() });
    let mut rows: Vec<GridRow> = advisories.collect();
    for (index, target) in plan.targets.iter().enumerate() {
        let group = target.repo.to_string();
        rows.push(GridRow { label: target.branch.to_string(), group: group.clone() });
        if plan.targets.get(index + 1).is_none_or(|next| next.repo != target.repo) {
            rows.push(GridRow { label: WHOLE_REPOSITORY.to_owned(), group });
        }
    }
    rows.retain(|row| plan.steps().any(|step| row_of(step).as_ref() == Some(row)));
    rows
}

/// The heading of the advisories' rows.
const ADVISORIES: &str = "advisories";
/// The row of what concerns a repository and none of its branches.
const WHOLE_REPOSITORY: &str = "(repository)";

fn row_of(step: &Step) -> Option<GridRow> {
    let subject = &step.subject;
    match (&subject.repo, &subject.branch, &subject.advisory) {
        (Some(repo), Some(branch), _) => Some(GridRow { label: branch.to_string(), group: repo.to_string() }),
        (Some(repo), None, _) => {
            Some(GridRow { label: WHOLE_REPOSITORY.to_owned(), group: repo.to_string() })
        }
        (None, _, Some(advisory)) => {
            Some(GridRow { label: advisory.to_string(), group: ADVISORIES.to_owned() })
        }
        (None, _, None) => None,
    }
}
