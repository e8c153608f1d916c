//! `lockgate rehearse --expect FILE`: compares what a replay came to with what was merged and released that day.

use std::path::Path;

use super::problem::Problem;
use crate::control::Home;
use crate::git::Store;
use crate::ids::TreeId;
use crate::input::Source;
use crate::report::{Expected, ExpectedTarget, KnownDifference, Report, ReportedTarget, explained, lines};

/// What came of the comparison.
pub(super) struct Compared {
    /// For people.
    pub(super) lines: Vec<String>,
    /// Whether every difference has a reason.
    pub(super) explained: bool,
}

/// Reads an `expected.toml`.
pub(super) fn read(path: &Path) -> Result<Expected, Problem> {
    Ok(Source::read(path, "expectation")?.parse()?)
}

/// Compares every expected target with the finished rehearsal's.
pub(super) fn compare(home: &Home, expected: &Expected, report: &Report) -> Result<Compared, Problem> {
    let mut compared = Compared { lines: vec!["Compared with that day".to_owned()], explained: true };
    for target in &expected.targets {
        compared.lines.push(format!("  {} {}", target.repo, target.branch));
        let ours =
            report.targets.iter().find(|ours| ours.repo == target.repo && ours.branch == target.branch);
        match ours {
            Some(ours) => compared.target(home, target, ours)?,
            None => compared.miss("    it is no target of this release: NOT EXPLAINED"),
        }
    }
    Ok(compared)
}

impl Compared {
    fn target(&mut self, home: &Home, target: &ExpectedTarget, ours: &ReportedTarget) -> Result<(), Problem> {
        let path = home.folder.root().join("git").join(format!("{}.git", target.repo));
        let store = Store::open(&path).map_err(|error| Problem::outside(&error))?;
        match &ours.tree {
            Some(tree) => self.trees(&store, "stacked", &target.merged_tree, tree, &target.merged_differs)?,
            None => self.miss("    nothing was stacked: NOT EXPLAINED"),
        }
        let Some(theirs) = &target.released_tree else { return Ok(()) };
        match &ours.tagged {
            Some(commit) => {
                let tree = store.tree_of(commit).map_err(|error| Problem::outside(&error))?;
                self.trees(&store, "released", theirs, &tree, &target.released_differs)
            }
            None => {
                self.miss("    nothing was released: NOT EXPLAINED");
                Ok(())
            }
        }
    }

    fn trees(
        &mut self,
        store: &Store,
        what: &str,
        theirs: &TreeId,
        ours: &TreeId,
        known: &[KnownDifference],
    ) -> Result<(), Problem> {
        let differing = store.changed_paths(theirs, ours).map_err(|error| {
            Problem::outside(&error).hinted("the mirror must hold what was merged and released that day")
        })?;
        let told = explained(differing, known);
        self.explained &= told.iter().all(|told| told.why.is_some());
        self.lines.extend(lines(what, ours, &told));
        Ok(())
    }

    fn miss(&mut self, line: &str) {
        self.explained = false;
        self.lines.push(line.to_owned());
    }
}
