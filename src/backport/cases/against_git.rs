//! Random merges by Lockgate and by `git merge-tree`, which is the reference.
//!
//! `LOCKGATE_MERGES=50000 cargo test --lib against_git` merges more than the usual few hundred.

use super::*;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::scenario::{Scenario, ScenarioFiles, entries, scenario};
use super::scene::{Scene, request};
use crate::git::plumbing::{tree_id, updated};
use crate::ids::{CommitId, TreeId};

/// How many merges share one repository and one process of git; without the environment variable, all.
const BATCH: usize = 400;
/// How many of git's clean merges, in per cent, may need a person here.
const MORE_CAREFUL: usize = 2;

/// What git says of a merge.
#[derive(Debug)]
pub(super) struct Gits {
    pub(super) clean: bool,
    pub(super) tree: TreeId,
}

/// How an answer of ours stands to git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GitVerdict {
    /// Both stop, or git breaks off.
    BothStop,
    /// The same tree, and git is clean.
    SameTree,
    /// We stop where git is clean.
    MoreCareful,
    /// We give another tree than git's clean one, or one where git stops, and say that a person must look.
    OtherTreeForReview,
    /// We pass as clean what git does not.
    Wrong,
}

fn commit(scene: &Scene, files: &ScenarioFiles, parents: &[CommitId]) -> CommitId {
    let raw = scene.store.raw();
    let empty = raw.treebuilder(None).unwrap().write().unwrap();
    let tree = tree_id(updated(raw, empty, &entries(files, raw)).unwrap()).unwrap();
    scene.store.commit(&tree, parents, "side\n", &scene.ada(), &scene.ada()).unwrap()
}

/// The branch and the fix of each scenario, written as one pack: thousands of small files take seconds.
fn laid_out(scene: &Scene, scenarios: &[Scenario]) -> Vec<(CommitId, CommitId)> {
    let raw = scene.store.raw();
    let odb = raw.odb().unwrap();
    let memory = odb.add_new_mempack_backend(1000).unwrap();
    let pairs = scenarios.iter().map(|scenario| sides(scene, scenario)).collect();
    let mut pack = git2::Buf::new();
    memory.dump(raw, &mut pack).unwrap();
    let mut writer = odb.packwriter().unwrap();
    writer.write_all(&pack).unwrap();
    writer.commit().unwrap();
    pairs
}

/// The branch and the fix of a scenario.
fn sides(scene: &Scene, scenario: &Scenario) -> (CommitId, CommitId) {
    let base = [commit(scene, &scenario.base, &[])];
    (commit(scene, &scenario.ours, &base), commit(scene, &scenario.theirs, &base))
}

/// What git says of each pair; `None` where it breaks off: merge-ort (2.47) fails an assertion of its own now and then.
pub(super) fn gits(scene: &Scene, pairs: &[(CommitId, CommitId)]) -> Vec<Option<Gits>> {
    match (asked(scene, pairs), pairs) {
        (Some(answers), _) => answers.into_iter().map(Some).collect(),
        (None, [] | [_]) => vec![None],
        (None, _) => {
            let (first, second) = pairs.split_at(pairs.len() / 2);
            [gits(scene, first), gits(scene, second)].into_iter().flatten().collect()
        }
    }
}

/// All merges by one process.
fn asked(scene: &Scene, pairs: &[(CommitId, CommitId)]) -> Option<Vec<Gits>> {
    let mut git = Command::new("git")
        // With `merge.renormalize`, git (2.47) ends in a bare repository: "BUG: non-INDEX attr direction in a bare repo".
        .args(["-c", "core.bare=false"])
        .arg("--git-dir")
        .arg(scene.store.git_dir())
        .args(["merge-tree", "--write-tree", "--stdin", "-z", "--name-only", "--no-messages"])
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = git.stdin.take().unwrap();
    let lines: String = pairs.iter().map(|(ours, theirs)| format!("{ours} {theirs}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = git.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Assertion"), "{said}");
        return None;
    }
    written.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.split('\0');
    let mut answers = Vec::new();
    while let Some(status) = words.next().filter(|status| !status.is_empty()) {
        answers.push(Gits { clean: status == "1", tree: words.next().unwrap().parse().unwrap() });
        // The conflicting files, up to an empty name.
        while words.next().is_some_and(|path| !path.is_empty()) {}
    }
    assert_eq!(answers.len(), pairs.len(), "git answers each line");
    Some(answers)
}

fn judged(pick: &Pick, git: Option<&Gits>) -> GitVerdict {
    let Some(git) = git else { return GitVerdict::BothStop };
    match (&pick.outcome, git.clean) {
        (outcome, true) if !outcome.needs_resolution() && pick.tree.as_ref() == Some(&git.tree) => {
            GitVerdict::SameTree
        }
        (Outcome::Clean { .. } | Outcome::AlreadyFixed { .. }, _) => GitVerdict::Wrong,
        (Outcome::CleanUnconfirmed { .. }, _) => GitVerdict::OtherTreeForReview,
        (_, true) => GitVerdict::MoreCareful,
        (_, false) => GitVerdict::BothStop,
    }
}

fn merged(scenarios: &[Scenario]) -> Vec<(GitVerdict, Pick)> {
    let scene = Scene::new();
    let pairs = laid_out(&scene, scenarios);
    let gits = gits(&scene, &pairs);
    let mut picker = scene.picker().with_history(HistorySearch::Skip);
    let picked = pairs.iter().zip(&gits).map(|((ours, theirs), git)| {
        let pick = picker.pick(&request(theirs, ours)).unwrap();
        (judged(&pick, git.as_ref()), pick)
    });
    picked.collect()
}

/// How many smaller scenarios are tried to tell a fault in few words.
const TRIES: usize = 400;

/// The smallest scenario found that is judged as this one is.
fn smallest(mut tree: impl ValueTree<Value = Scenario>, verdict: GitVerdict) -> String {
    let mut told = String::new();
    for _ in 0..TRIES {
        let scenario = tree.current();
        let (judged, pick) = merged(std::slice::from_ref(&scenario)).remove(0);
        let is_so = judged == verdict;
        if is_so {
            told = format!("{}  {:?} {:?}", files_of(&scenario), pick.outcome, pick.conflicts);
        }
        if !(if is_so { tree.simplify() } else { tree.complicate() }) {
            break;
        }
    }
    format!("{verdict:?}\n{told}")
}

fn files_of(scenario: &Scenario) -> String {
    let sides = [("base", &scenario.base), ("branch", &scenario.ours), ("fix", &scenario.theirs)];
    let list = |files: &ScenarioFiles| -> String {
        let line = |(path, file): (&String, &super::scenario::ScenarioFile)| {
            format!("    {:o} {path} {:?}\n", file.mode, String::from_utf8_lossy(&file.bytes))
        };
        files.iter().map(line).collect()
    };
    sides.iter().map(|(name, files)| format!("  {name}:\n{}", list(files))).collect()
}

/// A number that the environment may set.
fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn random_merges_are_those_of_git() {
    let seed = u8::try_from(number("LOCKGATE_SEED", 1)).unwrap();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = scenario();
    let mut counts: BTreeMap<GitVerdict, usize> = BTreeMap::new();
    for _ in 0..number("LOCKGATE_MERGES", BATCH).div_ceil(BATCH) {
        let trees: Vec<_> = (0..BATCH).map(|_| strategy.new_tree(&mut runner).unwrap()).collect();
        let scenarios: Vec<Scenario> = trees.iter().map(ValueTree::current).collect();
        for (tree, (verdict, _)) in trees.into_iter().zip(merged(&scenarios)) {
            assert_ne!(verdict, GitVerdict::Wrong, "{}", smallest(tree, verdict));
            *counts.entry(verdict).or_default() += 1;
        }
    }
    println!("{counts:?}");
    let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
    let (same, careful) = (count(GitVerdict::SameTree), count(GitVerdict::MoreCareful));
    assert!(careful * 100 <= same * MORE_CAREFUL, "{counts:?}");
    assert!(count(GitVerdict::OtherTreeForReview) * 200 <= same, "{counts:?}");
    assert!(
        same > 0 && count(GitVerdict::BothStop) > 0,
        "the scenarios are neither all clean nor all torn: {counts:?}"
    );
}
