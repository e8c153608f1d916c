//! Several commits of several advisories, in order.

use super::scene::{Scene, lines, text};
use super::*;

#[test]
fn bp_02_several_commits_in_order() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let one = scene.on(&old, "one", &[("a.c", &lines(&[(5, "first")]))]);
    let two = scene.on(&one, "two", &[("a.c", &lines(&[(5, "second")]))]);
    let (stack, picker) = scene.stack(&line, &[one, two]);
    assert_eq!(stack.made().len(), 2);
    assert_eq!(text(picker.draft(), &stack.tree, "a.c"), lines(&[(5, "second")]));
    let head = picker.draft().commit_info(&stack.head).unwrap();
    assert_eq!(head.subject(), "two");
    assert_eq!(head.parents, [stack.made()[0].clone()]);
}

#[test]
fn rd_22_several_advisories_stand_on_one_another() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let one = scene.on(&old, "one", &[("a.c", &lines(&[(2, "first")]))]);
    let two = scene.on(&old, "two", &[("a.c", &lines(&[(9, "second")]))]);
    let items = ["GHSA-23cf-ghjm-pqrv", "GHSA-cccc-cccc-cccc"].iter().zip([one, two]);
    let items: Vec<Item> =
        items.map(|(key, fix)| Item { key: (*key).to_owned(), commits: vec![fix] }).collect();
    let mut picker = scene.picker();
    let stack =
        stack_with_help(&mut picker, &line, &items, &scene.committer(), Merges::Fail, &Help::default())
            .unwrap();
    assert_eq!(text(picker.draft(), &stack.tree, "a.c"), lines(&[(2, "first"), (9, "second")]));
    assert_eq!(stack.commits[1].key, "GHSA-cccc-cccc-cccc");
}

#[test]
fn bp_16_conflict_in_the_second_of_three() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(5, "ours")]))]);
    let one = scene.on(&old, "one", &[("a.c", &lines(&[(1, "first")]))]);
    let two = scene.on(&one, "two", &[("a.c", &lines(&[(1, "first"), (5, "theirs")]))]);
    let three = scene.on(&two, "three", &[("a.c", &lines(&[(1, "first"), (5, "theirs"), (9, "third")]))]);
    let (stack, _) = scene.stack(&line, &[one, two.clone(), three]);
    assert_eq!(stack.progress(), StackProgress { done: 1, open: 1, waiting: 1 });
    let (open, pick) = stack.open().unwrap();
    assert_eq!(open.fix, two);
    assert_eq!(pick.conflicting_paths(), ["a.c"]);
    assert!(!stack.is_complete());
}

#[test]
fn bp_09_a_merge_with_many_children_drops_none() {
    for children in [2_usize, 8] {
        let scene = Scene::new();
        let old = scene.root(&[("a.c", &lines(&[]))]);
        let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "ours")]))]);
        let mut head = old.clone();
        for number in 1..=children {
            head = scene.on(
                &head,
                &format!("child {number}"),
                &[("a.c", &lines(&[(1, &format!("theirs {number}"))]))],
            );
        }
        let merge = scene.merge(&[old.clone(), head.clone()], &head, "merge pull request");
        let pull = PullCommits { base: old, head, merged_as: Some(merge) };
        let series = scene.store.series(&pull, Merges::Fail).unwrap();
        assert_eq!((series.method, series.commits.len()), (HowMerged::Merge, children));
        let (stack, _) = scene.stack(&line, &series.commits);
        assert_eq!(stack.progress(), StackProgress { done: 0, open: 1, waiting: children - 1 });
        // Whoever settles the first one continues with all the others.
        let settled = scene.on(&line, "child 1, settled", &[("a.c", &lines(&[(1, "theirs 1")]))]);
        let (rest, picker) = scene.stack(&settled, &series.commits[1..]);
        assert_eq!(rest.progress(), StackProgress { done: children - 1, open: 0, waiting: 0 });
        assert_eq!(rest.made().len(), children - 1);
        let last = lines(&[(1, &format!("theirs {children}"))]);
        assert_eq!(text(picker.draft(), &rest.tree, "a.c"), last);
    }
}

#[test]
fn bp_14_trailer_is_added_and_those_of_the_original_are_kept() {
    let fix: crate::ids::CommitId = "0123456789012345678901234567890123456789".parse().unwrap();
    let picked = format!("(cherry picked from commit {fix})");
    let other = "(cherry picked from commit 1111111111111111111111111111111111111111)";
    let shapes = [
        ("subject", format!("subject\n\n{picked}\n")),
        ("subject\n", format!("subject\n\n{picked}\n")),
        ("subject\n\nbody text\n", format!("subject\n\nbody text\n\n{picked}\n")),
        ("subject\n\nbody\n\n\n\n", format!("subject\n\nbody\n\n{picked}\n")),
        (
            "subject\n\nbody\n\nSigned-off-by: A <a@b>\n",
            format!("subject\n\nbody\n\nSigned-off-by: A <a@b>\n{picked}\n"),
        ),
        ("subject\n\nCo-authored-by: A <a@b>", format!("subject\n\nCo-authored-by: A <a@b>\n{picked}\n")),
        (
            "subject\n\nb\n\nFixes: #1\nReviewed-by: A <a@b>\n",
            format!("subject\n\nb\n\nFixes: #1\nReviewed-by: A <a@b>\n{picked}\n"),
        ),
        (&format!("subject\n\n{other}\n"), format!("subject\n\n{other}\n{picked}\n")),
        (&format!("subject\n\n{picked}\n"), format!("subject\n\n{picked}\n")),
        ("fix: a subject with a colon\n", format!("fix: a subject with a colon\n\n{picked}\n")),
        (
            "subject\n\nNote that this: is prose\nover two lines\n",
            format!("subject\n\nNote that this: is prose\nover two lines\n\n{picked}\n"),
        ),
        (
            "subject\n\nReviewed-by: A <a@b>\n  continued\n",
            format!("subject\n\nReviewed-by: A <a@b>\n  continued\n{picked}\n"),
        ),
    ];
    for (message, expected) in shapes {
        assert_eq!(with_trailer(message, &fix), expected, "for {message:?}");
    }
    assert_eq!(picked_from(&with_trailer("s", &fix)), [fix]);
}

/// What `git cherry-pick -x` makes of a message.
fn picked_by_git(scene: &Scene, line: &crate::ids::CommitId, fix: &crate::ids::CommitId) -> String {
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(scene.path("clone")).args(["-c", "user.name=A", "-c", "user.email=a@b"]);
        git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = git.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["checkout", "-q", "--detach", line.as_str()]);
    git(&["cherry-pick", "-x", fix.as_str()]);
    git(&["cat-file", "commit", "HEAD"]).split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn bp_14_trailers_are_placed_where_git_places_them() {
    let old = "(cherry picked from commit 1111111111111111111111111111111111111111)";
    let shapes = [
        "subject".to_owned(),
        "subject\n\nbody".to_owned(),
        "subject\n\nbody\n\nSigned-off-by: A <a@b>".to_owned(),
        "subject\n\nSigned-off-by: A <a@b>\nCo-authored-by: B <b@c>".to_owned(),
        "Signed-off-by: a subject".to_owned(),
        "subject\n\nbody\nSigned-off-by: within the body <a@b>".to_owned(),
        "subject\n\nFixes #12\nCloses: #13".to_owned(),
        "subject\n\nNot a trailer\nSigned-off-by: A <a@b>".to_owned(),
        "subject\n\none\ntwo\nthree\nfour\nSigned-off-by: A <a@b>".to_owned(),
        "subject\n\nReviewed-by: A <a@b>\n continued\n\tand more".to_owned(),
        "subject\n\nReviewed-by: A <a@b>\n\nand a last word".to_owned(),
        format!("subject\n\n{old}"),
        format!("subject\n\nbody\n\n{old}\nSigned-off-by: A <a@b>"),
        format!("subject\n\nbody\n{old}"),
        "subject\n\nSee https://example.org/a:b".to_owned(),
        "subject\n\nhttps://example.org".to_owned(),
        "subject\n\nÜberprüft-von: A <a@b>".to_owned(),
        "subject\nsecond line of it\n\nAcked-by: A <a@b>".to_owned(),
        "subject\n\nKey with spaces: value".to_owned(),
        "subject\n\nKey : value".to_owned(),
        "subject\n\n: value".to_owned(),
        "subject\n\nbody\n\n--\nthe signature of a mail".to_owned(),
        "Revert \"x\"\n\nThis reverts commit 1111111111111111111111111111111111111111.".to_owned(),
    ];
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    scene.store.set_ref("refs/heads/main", &line, &ExpectedRef::Absent, "test").unwrap();
    let cloned = std::process::Command::new("git")
        .args(["clone", "-q", "--shared"])
        .args([scene.store.git_dir(), &scene.path("clone")])
        .status();
    assert!(cloned.unwrap().success());
    for message in shapes {
        let fix = scene.on(&old, &format!("{message}\n"), &[("a.c", &lines(&[(5, "fixed")]))]);
        let gits = picked_by_git(&scene, &line, &fix);
        assert_eq!(with_trailer(&format!("{message}\n"), &fix), gits, "for {message:?}");
    }
}

#[test]
fn bp_37_commit_with_an_empty_message() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let fix = scene.on(&old, "", &[("a.c", &lines(&[(5, "fixed")]))]);
    let (stack, picker) = scene.stack(&line, std::slice::from_ref(&fix));
    let made = picker.draft().commit_info(&stack.head).unwrap();
    assert_eq!(made.message, format!("(cherry picked from commit {fix})\n"));
}

#[test]
fn bp_38_author_is_kept_and_committer_is_ours() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let tree = scene.changed(&scene.store.tree_of(&old).unwrap(), &[("a.c", "ä\n")], &[]);
    let mut author = Signature::utc("Žofie Řeháková", "žofie@example.org", scene.ada().time);
    author.offset_minutes = -570;
    let parents = [old];
    let fix = scene.store.commit(&tree, &parents, "Oprava přetečení 🛟\n", &author, &author).unwrap();
    let (stack, picker) = scene.stack(&line, &[fix]);
    let made = picker.draft().commit_info(&stack.head).unwrap();
    assert_eq!(made.author, author);
    assert_eq!(made.committer, scene.manager());
    assert_eq!(made.subject(), "Oprava přetečení 🛟");
}

#[test]
fn bp_39_a_signature_is_not_carried_over() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let plain = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    let raw = scene.store.raw();
    let header = raw.find_commit(git2::Oid::from_str(plain.as_str()).unwrap()).unwrap();
    let content = format!("{}\nfix\n", header.raw_header().unwrap());
    let signature = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----";
    let signed = raw.commit_signed(&content, signature, None).unwrap().to_string().parse().unwrap();
    let (stack, picker) = scene.stack(&line, &[signed]);
    let id = git2::Oid::from_str(stack.head.as_str()).unwrap();
    let made = picker.draft().raw().find_commit(id).unwrap();
    assert!(!made.raw_header().unwrap().contains("gpgsig"));
    assert_eq!(made.message().unwrap().lines().next(), Some("fix"));
}

#[test]
fn needs_review_lists_what_nothing_confirmed() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "ours")]))]);
    let moved = scene.step(&old, "move and fix", &[("z.c", &lines(&[(9, "fixed")]))], &["a.c"]);
    let plain = scene.on(&moved, "plain", &[("b.c", "bb\n")]);
    let (stack, _) = scene.stack(&line, &[moved.clone(), plain]);
    assert_eq!(stack.needs_review().map(|stacked| stacked.fix.clone()).collect::<Vec<_>>(), [moved]);
}
