//! The store itself: references, batches, checkouts, patch files.

use super::scene::{Scene, lines};
use super::*;
use crate::backport::{CoverError, covered_branches};
use crate::ids::CommitId;

#[test]
fn the_lock_of_a_killed_process_does_not_hold_up_a_reference_of_our_own() {
    let scene = Scene::new();
    let (one, name) = (scene.root(&[("a.c", "a\n")]), "refs/lockgate/made/stack/x");
    let two = scene.on(&one, "more", &[("a.c", "b\n")]);
    scene.store.set_own_ref(name, &one, "first").unwrap();
    let lock = scene.store.path().join(format!("{name}.lock"));
    std::fs::write(&lock, "").unwrap();
    assert!(scene.store.set_ref(name, &two, &ExpectedRef::Anything, "again").is_err());
    scene.store.set_own_ref(name, &two, "again").unwrap();
    assert_eq!(scene.store.reference(name).unwrap(), Some(two));
    assert!(!lock.exists());
}

#[test]
fn bp_28_a_reference_moves_only_from_where_it_was_expected() {
    let scene = Scene::new();
    let one = scene.root(&[("a", "a\n")]);
    let two = scene.on(&one, "two", &[("a", "b\n")]);
    let name = "refs/heads/backport/line";
    let store = &scene.store;
    store.set_ref(name, &one, &ExpectedRef::Absent, "test").unwrap();
    assert!(matches!(store.set_ref(name, &two, &ExpectedRef::Absent, "test"), Err(GitError::Moved { .. })));
    assert!(matches!(
        store.set_ref(name, &two, &ExpectedRef::At(two.clone()), "test"),
        Err(GitError::Moved { .. })
    ));
    store.set_ref(name, &two, &ExpectedRef::At(one.clone()), "test").unwrap();
    assert_eq!(store.reference(name).unwrap(), Some(two.clone()));
    assert_eq!(
        store.references("refs/heads/").unwrap(),
        [Reference { name: name.to_owned(), commit: two.clone() }]
    );
}

#[test]
fn a_reference_to_a_commit_that_is_not_here_is_never_written() {
    let scene = Scene::new();
    let name = "refs/heads/backport/line";
    let nowhere = "5".repeat(40).parse().unwrap();
    for expected in [ExpectedRef::Absent, ExpectedRef::Anything] {
        let refused = scene.store.set_ref(name, &nowhere, &expected, "test").unwrap_err();
        assert!(matches!(refused, GitError::Missing { .. }), "{refused}");
    }
    assert_eq!(scene.store.reference(name).unwrap(), None);
}

/// A walk that ends at an object that nobody fetched yet is no damage.
#[test]
fn a_commit_that_was_not_fetched_is_missing_and_nothing_is_damaged() {
    let scene = Scene::new();
    let commit = scene.root(&[("a", "a\n")]);
    let nowhere: CommitId = "5".repeat(40).parse().unwrap();
    for (below, above) in [(&nowhere, &commit), (&commit, &nowhere)] {
        let refused = scene.store.is_ancestor(below, above).unwrap_err();
        assert!(matches!(refused, GitError::Missing { .. }), "{refused:?}");
    }
    for (base, head) in [(&nowhere, &commit), (&commit, &nowhere)] {
        let refused = scene.store.commits_between(base, head).unwrap_err();
        assert!(refused.is_absence() && !refused.is_damage(), "{refused:?}");
        assert!(!refused.hint().unwrap_or_default().contains("is damaged:"), "{refused:?}");
    }
}

#[test]
fn revisions_that_are_none_get_a_remedy() {
    let scene = Scene::new();
    let commit = scene.root(&[("a", "a\n")]);
    assert_eq!(scene.store.resolve(commit.short()).unwrap(), commit);
    let option = scene.store.resolve("--upload-pack=touch /tmp/x").unwrap_err();
    assert!(matches!(option, GitError::LooksLikeOption(_)));
    let unknown = scene.store.resolve("release-9").unwrap_err();
    assert!(unknown.to_string().contains("release-9") && unknown.hint().is_some());
    let nowhere = Store::open(&scene.path("nowhere")).unwrap_err();
    assert!(matches!(nowhere, GitError::Open { .. }) && nowhere.hint().is_some());
}

#[test]
fn files_keep_their_mode_and_vanish_with_their_directory() {
    let scene = Scene::new();
    let old = scene.root(&[("bin/run", "x\n"), ("a", "a\n")]);
    let executable = scene.put(&old, "bin/run", scene.blob(b"x\n"), 0o100_755);
    let tree = scene.store.tree_of(&executable).unwrap();
    let changed = scene.changed(&tree, &[("bin/run", "y\n")], &[]);
    let found = scene.store.find_tree(&changed).unwrap();
    assert_eq!(found.get_path(std::path::Path::new("bin/run")).unwrap().filemode(), 0o100_755);
    let gone = scene.changed(&tree, &[], &["bin/run", "not/there"]);
    assert_eq!(gone, scene.tree(&[("a", "a\n")]));
    let bad = scene.store.with_files(&tree, &[("../up", Some(b"".as_slice()))]);
    assert!(matches!(bad, Err(GitError::BadPath(_))));
}

#[test]
fn checkout_writes_the_tree_and_nothing_else() {
    let scene = Scene::new();
    let attributes = "* text eol=crlf\n";
    let commit = scene.root(&[("src/a.c", "a\n"), (".gitattributes", attributes)]);
    let linked = scene.put(&commit, "link", scene.blob(b"src/a.c"), 0o120_000);
    let module = scene.put(&linked, "module", git2::Oid::from_str(linked.as_str()).unwrap(), 0o160_000);
    let tree = scene.store.tree_of(&module).unwrap();
    let room = scene.path("checkout");
    assert!(scene.store.checkout(&tree, &room).unwrap().is_empty());
    assert!(room.join("module").read_dir().unwrap().next().is_none());
    assert_eq!(std::fs::read_to_string(room.join("src/a.c")).unwrap(), "a\n");
    assert_eq!(std::fs::read_to_string(room.join("link")).unwrap(), "a\n");
    assert!(matches!(scene.store.checkout(&tree, &room), Err(GitError::NotEmpty { .. })));
}

#[test]
fn bp_40_checkout_of_a_partial_clone_does_without_what_was_promised() {
    let scene = Scene::new();
    let lender = scene.path("lender.git");
    let full = Store::create(&lender).unwrap();
    let files: [(&str, Option<&[u8]>); 2] = [("src/a.c", Some(b"a\n")), ("models/big", Some(b"lost\n"))];
    let tree = full.with_files(&full.empty_tree().unwrap(), &files).unwrap();
    let blob =
        full.find_tree(&tree).unwrap().get_path(std::path::Path::new("models/big")).unwrap().id().to_string();
    std::fs::remove_file(lender.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    assert!(full.checkout(&tree, &scene.path("refused")).is_err());

    std::fs::write(lender.join("objects/info/promised"), "").unwrap();
    let store = Store::create_borrowing(&scene.path("borrower.git"), &lender).unwrap();
    let room = scene.path("checkout");
    assert_eq!(store.checkout(&tree, &room).unwrap(), ["models/big"]);
    assert_eq!(std::fs::read_to_string(room.join("src/a.c")).unwrap(), "a\n");
    assert!(!room.join("models").exists());
}

#[test]
fn a_draft_can_be_checked_out_before_it_is_kept() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    let (stack, picker) = scene.stack(&line, &[fix]);
    let room = scene.path("draft");
    picker.draft().checkout(&stack.tree, &room).unwrap();
    assert_eq!(std::fs::read_to_string(room.join("a.c")).unwrap(), lines(&[(5, "fixed")]));
}

#[test]
fn a_bad_line_of_a_batch_is_reported_in_its_place() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "ours")]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(9, "fixed")]))]);
    let good = serde_json::json!({"fix": fix, "fix_parent": old, "bp_parent": line, "tier": "A"}).to_string();
    let unknown = good.replace(fix.as_str(), &"5".repeat(40));
    let mut batch = Batch::new(&scene.store, NoiseRules::default()).unwrap();
    let lines = [good.as_str(), "not json", &unknown, "", &good].map(str::to_owned);
    let answers = batch.answers(&lines);
    let outcomes = answers.iter().map(|answer| serde_json::to_value(answer).unwrap());
    let outcomes: Vec<_> = outcomes.map(|value| value["outcome"].as_str().unwrap().to_owned()).collect();
    assert_eq!(outcomes, ["clean", "error", "error", "clean"]);
    let first = serde_json::to_string(&answers[0]).unwrap();
    assert!(first.starts_with(r#"{"fix":""#) && first.contains(r#""conflicts":[]"#), "{first}");
    assert!(matches!(&answers[2], BatchAnswer::Failed { line: 3, error, .. } if error.contains("missing")));
    let again = batch.answers(&["nonsense".to_owned()]);
    assert!(matches!(&again[..], [BatchAnswer::Failed { line: 6, .. }]), "lines are counted on: {again:?}");
}

#[test]
fn a_patch_series_becomes_commits_with_their_authors() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let one = scene.on(&old, "one: erste Änderung\n\nwith a body\n", &[("a.c", &lines(&[(2, "zwei")]))]);
    let two = scene.on(&one, "[tool] two", &[("a.c", &lines(&[(2, "zwei"), (8, "acht")])), ("new.c", "n\n")]);
    let mailbox = scene.path("series.mbox");
    let output = std::process::Command::new("git")
        .arg("--git-dir")
        .arg(scene.store.git_dir())
        .args(["format-patch", "--stdout", &format!("{old}..{two}")])
        .output()
        .unwrap();
    std::fs::write(&mailbox, &output.stdout).unwrap();
    let made = scene.store.import_patches(&old, &mailbox, &scene.committer()).unwrap();
    assert_eq!(scene.store.tree_of(&made[1]).unwrap(), scene.store.tree_of(&two).unwrap());
    let first = scene.store.commit_info(&made[0]).unwrap();
    assert_eq!(first.message, "one: erste Änderung\n\nwith a body\n");
    assert_eq!((first.author, first.committer), (scene.ada(), scene.manager()));
    assert_eq!(scene.store.commit_info(&made[1]).unwrap().subject(), "two", "as with `git am`");
    let twice = scene.store.import_patches(&two, &mailbox, &scene.committer()).unwrap_err();
    assert!(matches!(&twice, GitError::Patch { patch, .. } if patch.starts_with("one:")), "{twice}");
}

#[test]
fn bp_40_a_partial_clone_opens_and_takes_references() {
    let scene = Scene::new();
    let commit = scene.root(&[("a.c", "a\n")]);
    let config = scene.store.path().join("config");
    let plain = std::fs::read_to_string(&config)
        .unwrap()
        .replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    std::fs::write(&config, format!("{plain}[extensions]\n\tpartialClone = origin\n")).unwrap();
    assert!(
        git2::Repository::open(scene.store.path()).is_err(),
        "libgit2 has learnt it: the stand-in may go"
    );
    let store = Store::open(scene.store.path()).unwrap();
    store.set_ref("refs/heads/line", &commit, &ExpectedRef::Absent, "test").unwrap();
    assert_eq!(scene.store.reference("refs/heads/line").unwrap(), Some(commit));
}

#[test]
fn bp_40_a_shallow_clone_that_lacks_the_base_says_so() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    let line = scene.on(&fix, "branch", &[("b.c", "b\n")]);
    scene.store.set_ref("refs/heads/main", &line, &ExpectedRef::Absent, "test").unwrap();
    let clone = scene.path("shallow");
    let cloned = std::process::Command::new("git")
        .args(["clone", "-q", "--bare", "--depth", "2", "--branch", "main"])
        .arg(format!("file://{}", scene.store.path().display()))
        .arg(&clone)
        .status()
        .unwrap();
    assert!(cloned.success());
    let store = Store::open(&clone).unwrap();
    let refused = Picker::new(&store).unwrap().pick(&super::scene::request(&fix, &line)).unwrap_err();
    assert!(matches!(&refused, GitError::Missing { id } if id == old.as_str()), "{refused:?}");
    assert!(refused.hint().unwrap().contains("--unshallow"));
}

#[test]
fn a_branch_comes_before_a_tag_and_one_of_a_remote_where_there_is_no_other() {
    let scene = Scene::new();
    let one = scene.root(&[("a", "a\n")]);
    let two = scene.on(&one, "two", &[("a", "b\n")]);
    let at = |name: &str, commit: &CommitId| {
        scene.store.set_ref(name, commit, &ExpectedRef::Absent, "test").unwrap()
    };
    at("refs/heads/line", &one);
    at("refs/tags/line", &two);
    assert_eq!(scene.store.resolve_branch("line").unwrap(), one);
    git2::Repository::open(scene.store.path()).unwrap().remote("origin", "/nowhere").unwrap();
    at("refs/remotes/origin/2.x", &two);
    assert_eq!(scene.store.resolve_branch("2.x").unwrap(), two);
    assert_eq!(scene.store.resolve_branch("origin/2.x").unwrap(), two);
    git2::Repository::open(scene.store.path()).unwrap().remote("fork", "/nowhere").unwrap();
    at("refs/remotes/fork/2.x", &one);
    assert!(matches!(scene.store.resolve_branch("2.x"), Err(GitError::UnknownRevision { .. })));
}

#[test]
fn branch_of_a_remote_is_covered_by_its_name_where_there_is_no_local_one() {
    let scene = Scene::new();
    let one = scene.root(&[("a", "a\n")]);
    let two = scene.on(&one, "two", &[("a", "b\n")]);
    for (name, commit) in [
        ("refs/heads/main", &two),
        ("refs/remotes/origin/main", &one),
        ("refs/remotes/origin/release/1", &one),
        ("refs/remotes/fork/release/1", &one),
        ("refs/remotes/origin/release/2", &one),
        ("refs/remotes/fork/release/2", &two),
    ] {
        scene.store.set_ref(name, commit, &ExpectedRef::Absent, "test").unwrap();
    }
    let covered = |glob: &str| -> Vec<String> {
        let found = covered_branches(&scene.store, &[glob.to_owned()]).unwrap();
        found.into_iter().map(|branch| branch.name).collect()
    };
    assert_eq!(covered("main"), ["main"]);
    assert_eq!(covered("release/1"), ["origin/release/1"]);
    assert_eq!(covered("release/*"), ["fork/release/2", "origin/release/1", "origin/release/2"]);
    assert_eq!(covered("origin/main"), ["origin/main"]);
    let refused = covered_branches(&scene.store, &["release/3".to_owned()]);
    assert!(matches!(refused, Err(CoverError::CoversNone { .. })));
}

#[test]
fn what_git_would_read_otherwise_is_refused_with_the_reason() {
    let scene = Scene::new();
    let one = scene.root(&[("a", "a\n")]);
    let two = scene.on(&one, "two", &[("a", "b\n")]);
    scene.store.set_ref(&format!("refs/replace/{one}"), &two, &ExpectedRef::Absent, "test").unwrap();
    for revision in [&one, &two] {
        let refused = scene.store.resolve(revision.as_str()).unwrap_err();
        assert!(matches!(&refused, GitError::Replaced { id } if id == one.as_str()), "{refused}");
    }
    for (option, reason) in [("--ref-format=reftable", "reftable"), ("--object-format=sha256", "SHA-256")] {
        let path = scene.path(reason);
        let made =
            std::process::Command::new("git").args(["init", "-q", option]).arg(&path).output().unwrap();
        // Git before 2.45 makes no reftables.
        if made.status.success() {
            let refused = Store::open(&path).unwrap_err();
            assert!(refused.hint().unwrap().contains(reason), "{refused:?}");
        }
    }
}
