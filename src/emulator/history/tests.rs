//! Stories of told histories, the fixtures' own among them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{Oid, Repository};

use super::build::{build, tip};
use super::error::HistoryError;
use super::settle::settle;
use super::told::is_told;
use crate::clock::Clock;
use crate::emulator::Emulator;
use crate::emulator::spec::WorldSpec;
use crate::ids::RepoName;

/// Writes a told history with these files and gives its directory.
fn tell(root: &Path, files: &[(&str, &str)]) -> PathBuf {
    for (path, text) in files {
        let path = root.join("told").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root.join("told")
}

fn entry(branch: &str, rest: &str) -> String {
    format!(
        "[[commit]]\nbranch = '{branch}'\nauthor = 'Ines Falk <ines@brightwater.example>'\n\
         date = '2026-03-02T09:00:00Z'\nmessage = 'a step'\n{rest}\n"
    )
}

const PATCH: &str = "diff --git a/run.sh b/run.sh\nindex 814f4a4..9a7456b 100755\n--- a/run.sh\n+++ b/run.sh\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n";

#[test]
fn same_telling_gives_the_same_commits_everywhere() {
    let root = tempfile::tempdir().unwrap();
    let text = entry("main", "files = 'start'\nexecutable = ['run.sh']\ntag = 'v1'")
        + &entry("release/1.x", "from = 'main'\npatch = 'two.patch'")
        + &entry("main", "delete = ['docs/a.md']");
    let files = [
        ("history.toml", text.as_str()),
        ("start/run.sh", "one\ntwo\n"),
        ("start/docs/a.md", "a\n"),
        ("two.patch", PATCH),
    ];
    let told = tell(root.path(), &files);
    assert!(is_told(&told));
    build(&told, &root.path().join("a.git")).unwrap();
    build(&told, &root.path().join("b.git")).unwrap();

    let made = Repository::open_bare(root.path().join("a.git")).unwrap();
    let twin = Repository::open_bare(root.path().join("b.git")).unwrap();
    for name in ["refs/heads/main", "refs/heads/release/1.x", "refs/tags/v1"] {
        let id = made.refname_to_id(name).unwrap();
        assert_eq!(id, twin.refname_to_id(name).unwrap(), "{name}");
    }
    let line = tip(&made, "refs/heads/release/1.x").unwrap().unwrap();
    let script = line.tree().unwrap().get_path(Path::new("run.sh")).unwrap();
    assert_eq!(script.filemode(), 0o100_755);
    assert_eq!(made.find_blob(script.id()).unwrap().content(), b"one\nthree\n");
    assert_eq!(line.parent_id(0).unwrap(), made.refname_to_id("refs/tags/v1").unwrap());
    let main = tip(&made, "refs/heads/main").unwrap().unwrap();
    assert!(main.tree().unwrap().get_name("docs").is_none());
    assert_eq!(made.head().unwrap().name().unwrap(), "refs/heads/main");
}

#[test]
fn private_copy_begins_with_the_public_history() {
    let root = tempfile::tempdir().unwrap();
    let public = entry("main", "files = 'start'");
    let private = format!("begins-with = '..'\n{}", entry("fix", "from = 'main'\npatch = '../two.patch'"));
    let files = [
        ("history.toml", public.as_str()),
        ("start/run.sh", "one\ntwo\n"),
        ("two.patch", PATCH),
        ("private/history.toml", private.as_str()),
    ];
    let told = tell(root.path(), &files);
    build(&told, &root.path().join("public.git")).unwrap();
    build(&told.join("private"), &root.path().join("private.git")).unwrap();
    let public = Repository::open_bare(root.path().join("public.git")).unwrap();
    let private = Repository::open_bare(root.path().join("private.git")).unwrap();
    let fix = tip(&private, "refs/heads/fix").unwrap().unwrap();
    assert_eq!(fix.parent_id(0).unwrap(), public.refname_to_id("refs/heads/main").unwrap());
}

#[test]
fn mistakes_are_named_with_their_entry() {
    let cases = [
        (entry("line", "from = 'nowhere'\nfiles = 'start'"), "no branch or tag `nowhere`"),
        (entry("line", "files = 'start'"), "`from` must say"),
        (entry("main", "from = 'main'\nfiles = 'start'"), "exists already"),
        (entry("main", "files = 'start'"), "nothing changes"),
        (entry("main", "delete = ['gone']"), "`gone` is not in the tree"),
        (entry("main", "patch = 'wrong.patch'"), "does not apply"),
        (entry("main", "files = 'missing'"), "failed to read"),
    ];
    for (second, expected) in cases {
        let root = tempfile::tempdir().unwrap();
        let text = entry("main", "files = 'start'") + &second;
        let wrong = PATCH.replace("two", "eleven");
        let files =
            [("history.toml", text.as_str()), ("start/run.sh", "one\ntwo\n"), ("wrong.patch", &wrong)];
        let error = build(&tell(root.path(), &files), &root.path().join("a.git")).unwrap_err().to_string();
        assert!(error.contains("commit 2 (`a step`)") && error.contains(expected), "{error}");
    }
}

#[test]
fn history_that_begins_with_itself_or_has_unknown_keys_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let told = tell(root.path(), &[("history.toml", "begins-with = '.'\n")]);
    let error = build(&told, &root.path().join("a.git")).unwrap_err();
    assert!(matches!(error, HistoryError::Circular { .. }));
    let told = tell(root.path(), &[("history.toml", &entry("main", "fils = 'start'"))]);
    let error = build(&told, &root.path().join("a.git")).unwrap_err().to_string();
    assert!(error.contains("unknown field `fils`") && error.contains("history.toml"), "{error}");
}

#[rstest::rstest]
#[case("demo", "sluice", &["fixes/sluice-nesting.patch"])]
#[case("demo", "weir", &[])]
#[case("demo", "sluice-fork", &["fixes/sluice-nesting.patch"])]
#[case("demo", "weir-private", &[])]
#[case("conflict", "gauge", &["fixes/gauge-numbers.patch", "resolution.patch"])]
fn fixtures_are_told_so_that_their_fixes_stand_on_commits_that_exist(
    #[case] fixture: &str,
    #[case] name: &str,
    #[case] patches: &[&str],
) {
    let root = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    build(&fixture.join("world").join(name), &root.path().join("a.git")).unwrap();
    let repository = Repository::open_bare(root.path().join("a.git")).unwrap();
    for patch in patches {
        let text = std::fs::read_to_string(fixture.join(patch)).unwrap();
        let base = text.lines().find_map(|line| line.strip_prefix("base-commit: ")).unwrap();
        assert!(repository.find_commit(Oid::from_str(base).unwrap()).is_ok(), "{patch} stands on {base}");
    }
}

fn fixture(name: &str) -> (PathBuf, WorldSpec) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let text = std::fs::read_to_string(directory.join("world.toml")).unwrap();
    (directory, toml::from_str::<WorldSpec>(&text).unwrap())
}

#[rstest::rstest]
#[case("demo", "brightwater/sluice", "main")]
#[case("conflict", "brightwater/gauge", "main")]
fn told_worlds_begin(#[case] name: &str, #[case] repo: &str, #[case] branch: &str) {
    let root = tempfile::tempdir().unwrap();
    let (directory, mut world) = fixture(name);
    settle(&mut world, &directory, &BTreeMap::new(), &root.path().join("told")).unwrap();
    let clock = Clock::simulated(world.start);
    Emulator::create(&root.path().join("world"), &world, clock).unwrap();
    let git = Repository::open_bare(root.path().join(format!("world/git/{repo}.git"))).unwrap();
    assert!(tip(&git, &format!("refs/heads/{branch}")).unwrap().is_some());
}

#[test]
fn half_a_history_is_never_taken_for_all_of_it() {
    let root = tempfile::tempdir().unwrap();
    let (directory, mut world) = fixture("conflict");
    std::fs::create_dir_all(root.path().join("brightwater/gauge.half")).unwrap();
    settle(&mut world, &directory, &BTreeMap::new(), root.path()).unwrap();
    assert!(!root.path().join("brightwater/gauge.half").exists());
    let (_, mut again) = fixture("conflict");
    settle(&mut again, &directory, &BTreeMap::new(), root.path()).unwrap();
    assert_eq!(again.repos[0].source.as_ref().unwrap().path, root.path().join("brightwater/gauge.git"));
}

#[rstest::rstest]
#[case("replays/wamr-2.4.2", "bytecodealliance/wasm-micro-runtime")]
#[case("replays/wasmtime-2026-08-20", "bytecodealliance/wasmtime")]
fn replay_asks_for_its_mirror_and_takes_it(#[case] name: &str, #[case] repo: &str) {
    let root = tempfile::tempdir().unwrap();
    let (directory, mut world) = fixture(name);
    let error = settle(&mut world, &directory, &BTreeMap::new(), root.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("for `{repo}`")), "{error}");
    let repo: RepoName = repo.parse().unwrap();
    let mirror = root.path().join("mirror");
    let made = Repository::init(&mirror).unwrap();
    let tree = made.find_tree(made.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let who = git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(0, 0)).unwrap();
    let tip = made.commit(Some("refs/heads/trunk"), &who, &who, "start\n", &tree, &[]).unwrap();
    let mirrors = BTreeMap::from([(repo.clone(), mirror)]);
    settle(&mut world, &directory, &mirrors, &root.path().join("sources")).unwrap();
    let copy = world.repos[0].source.as_ref().unwrap().path.clone();
    assert_eq!(copy, root.path().join(format!("sources/{repo}.git")).canonicalize().unwrap());
    let copy = Repository::open_bare(copy).unwrap();
    assert_eq!(copy.find_reference("refs/heads/trunk").unwrap().target(), Some(tip));
    assert!(copy.find_commit(tip).is_ok());
}

#[test]
fn demo_names_a_commit_that_the_private_fork_has() {
    let root = tempfile::tempdir().unwrap();
    let (directory, mut world) = fixture("demo");
    settle(&mut world, &directory, &BTreeMap::new(), &root.path().join("told")).unwrap();
    Emulator::create(&root.path().join("world"), &world, Clock::simulated(world.start)).unwrap();
    let advisory = world.advisories.iter().find(|advisory| advisory.fork.is_some()).unwrap();
    let fork = root.path().join(format!("world/git/{}.git", advisory.repo.private_fork(&advisory.ghsa)));
    let fork = Repository::open_bare(fork).unwrap();
    let fix = tip(&fork, "refs/heads/fix/names").unwrap().unwrap().id().to_string();
    let release = std::fs::read_to_string(directory.join("release.toml")).unwrap();
    assert!(release.contains(&format!("commits = [\"{fix}\"]")), "the fix is {fix}");
}
