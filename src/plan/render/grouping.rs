//! By what the steps of a drawing are put together.

use petgraph::graph::NodeIndex;

use crate::kinds::Phase;
use crate::plan::{Plan, Step};

/// By what the steps of a drawing are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// By the phase that they are in.
    #[default]
    Phase,
    /// By the branch, the repository or the advisory that they concern.
    Target,
    /// By the repository that they concern.
    Repository,
}

/// Steps that are drawn together.
pub(super) struct Group {
    /// A name that drawing programs take.
    pub(super) id: String,
    /// What people read.
    pub(super) title: String,
    pub(super) steps: Vec<NodeIndex>,
}

impl Grouping {
    /// The groups that have a step: phases in their order, others in that of their first steps.
    pub(super) fn groups(self, plan: &Plan) -> Vec<Group> {
        let mut groups: Vec<Group> = match self {
            Grouping::Phase => Phase::ALL.iter().map(|phase| empty(phase.as_str(), phase.as_str())).collect(),
            Grouping::Target | Grouping::Repository => Vec::new(),
        };
        for node in plan.graph().node_indices() {
            let title = self.title(&plan.graph()[node]);
            match groups.iter_mut().find(|group| group.title == title) {
                Some(group) => group.steps.push(node),
                None => {
                    let mut group = empty(&format!("g{}", groups.len()), &title);
                    group.steps.push(node);
                    groups.push(group);
                }
            }
        }
        groups.retain(|group| !group.steps.is_empty());
        groups
    }

    fn title(self, step: &Step) -> String {
        let subject = &step.subject;
        match (self, &subject.repo, &subject.branch, &subject.advisory) {
            (Grouping::Phase, ..) => step.phase.to_string(),
            (Grouping::Target, Some(repo), Some(branch), _) => format!("{repo} {branch}"),
            (Grouping::Target, Some(repo), None, None) | (Grouping::Repository, Some(repo), ..) => {
                repo.to_string()
            }
            (Grouping::Target, _, None, Some(advisory)) => advisory.to_string(),
            (Grouping::Target | Grouping::Repository, ..) => "the whole release".to_owned(),
        }
    }
}

fn empty(id: &str, title: &str) -> Group {
    Group { id: id.to_owned(), title: title.to_owned(), steps: Vec::new() }
}
