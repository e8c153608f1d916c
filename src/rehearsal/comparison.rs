//! A finished rehearsal beside what was merged and released on the day that it replays.

use super::error::RehearsalError;
use super::expectation::{Expectation, ExpectedTarget, KnownDifference};
use super::made::{Unexpected, unexpected};
use crate::control::Home;
use crate::git::{GitError, Store};
use crate::ids::{BranchName, RepoName, TreeId};
use crate::report::{Report, ReportedTarget};

/// One expected target beside the rehearsal's.
#[derive(Debug)]
pub struct ComparedTarget {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// What was stacked and proven, beside what was merged. `None` where the release has no such target.
    pub stacked: Option<TreeComparison>,
    /// What was tagged, on both sides. `None` where nothing was released that day.
    pub released: Option<TreeComparison>,
}

impl ComparedTarget {
    /// Whether every difference has a reason.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.stacked.is_some() && self.stacked.iter().chain(&self.released).all(TreeComparison::is_explained)
    }
}

/// A tree of the rehearsal beside one of that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeComparison {
    /// The rehearsal made none.
    NotMade,
    /// It made this one, which differs in these paths: none if both are the same.
    Made {
        /// Ours.
        tree: TreeId,
        /// Where it differs from theirs.
        differing: Vec<DifferingPath>,
    },
}

impl TreeComparison {
    fn is_explained(&self) -> bool {
        match self {
            TreeComparison::NotMade => false,
            TreeComparison::Made { differing, .. } => differing.iter().all(|path| path.why.is_some()),
        }
    }
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingPath {
    /// The path.
    pub path: String,
    /// Why it differs; `None` if nobody has explained it.
    pub why: Option<String>,
}

/// A finished rehearsal beside the day that it replays.
#[derive(Debug)]
pub struct Comparison {
    /// Every expected target, in the order of the expectation.
    pub targets: Vec<ComparedTarget>,
    /// What was made and not expected, or expected and not made.
    pub unexpected: Vec<Unexpected>,
}

impl Comparison {
    /// Whether every difference has a reason.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.unexpected.is_empty() && self.targets.iter().all(ComparedTarget::is_explained)
    }
}

/// Compares everything that was made with what was made on that day.
///
/// # Errors
/// When the mirror lacks what was merged or released that day, or the world of the rehearsal cannot be read.
pub fn compare(
    home: &Home,
    report: &Report,
    expectation: &Expectation,
) -> Result<Comparison, RehearsalError> {
    Ok(Comparison {
        targets: targets(home, report, expectation)?,
        unexpected: unexpected(home, report, expectation)?,
    })
}

fn targets(
    home: &Home,
    report: &Report,
    expectation: &Expectation,
) -> Result<Vec<ComparedTarget>, RehearsalError> {
    expectation
        .targets
        .iter()
        .map(|theirs| {
            let mut compared = ComparedTarget {
                repo: theirs.repo.clone(),
                branch: theirs.branch.clone(),
                stacked: None,
                released: None,
            };
            let is_same = |ours: &&ReportedTarget| ours.repo == theirs.repo && ours.branch == theirs.branch;
            if let Some(ours) = report.targets.iter().find(is_same) {
                compared.fill(home, ours, theirs).map_err(RehearsalError::NotComparable)?;
            }
            Ok(compared)
        })
        .collect()
}

impl ComparedTarget {
    fn fill(&mut self, home: &Home, ours: &ReportedTarget, theirs: &ExpectedTarget) -> Result<(), GitError> {
        let store = Store::open(&home.folder.root().join("git").join(format!("{}.git", theirs.repo)))?;
        let compared = |ours: Option<TreeId>, theirs: &TreeId, known: &[KnownDifference]| match ours {
            None => Ok(TreeComparison::NotMade),
            Some(tree) => trees(&store, tree, theirs, known),
        };
        self.stacked = Some(compared(ours.tree.clone(), &theirs.merged_tree, &theirs.merged_differs)?);
        if let Some(released) = &theirs.released_tree {
            let tagged = ours.tagged.as_ref().map(|commit| store.tree_of(commit)).transpose()?;
            self.released = Some(compared(tagged, released, &theirs.released_differs)?);
        }
        Ok(())
    }
}

fn trees(
    store: &Store,
    ours: TreeId,
    theirs: &TreeId,
    known: &[KnownDifference],
) -> Result<TreeComparison, GitError> {
    let differing = store.changed_paths(theirs, &ours)?;
    let explained = |path: String| {
        let why = KnownDifference::reason(known, &path).map(str::to_owned);
        DifferingPath { path, why }
    };
    Ok(TreeComparison::Made { tree: ours, differing: differing.into_iter().map(explained).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(stacked: Option<TreeComparison>) -> ComparedTarget {
        ComparedTarget {
            repo: "brightwater/weir".parse().unwrap(),
            branch: "main".parse().unwrap(),
            stacked,
            released: None,
        }
    }

    #[test]
    fn only_what_was_made_and_differs_for_known_reasons_is_explained() {
        let made = |whys: &[Option<&str>]| {
            let path = |why: &Option<&str>| DifferingPath { path: "NOTES".into(), why: why.map(Into::into) };
            let tree = "a".repeat(40).parse().unwrap();
            Some(TreeComparison::Made { tree, differing: whys.iter().map(path).collect() })
        };
        assert!(target(made(&[])).is_explained());
        assert!(target(made(&[Some("written by hand")])).is_explained());
        assert!(!target(made(&[Some("written by hand"), None])).is_explained());
        assert!(!target(Some(TreeComparison::NotMade)).is_explained());
        assert!(!target(None).is_explained());
        let unreleased = ComparedTarget { released: Some(TreeComparison::NotMade), ..target(made(&[])) };
        assert!(!unreleased.is_explained());
    }
}
