//! Patch files as `git am` takes them, and what a committer puts on commits.

use super::scene::{Scene, lines};
use crate::git::{Committer, Signer};
use crate::ids::{CommitId, TreeId};

/// A series of one commit, as `git format-patch` prints it with these settings.
fn printed(scene: &Scene, settings: &[&str], fix: &CommitId) -> Vec<u8> {
    let output = std::process::Command::new("git")
        .arg("--git-dir")
        .arg(scene.store.git_dir())
        .args(settings)
        .args(["format-patch", "-1", "--stdout", "--binary", fix.as_str()])
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The tree that the patch leaves on `base`.
#[track_caller]
fn applied(scene: &Scene, base: &CommitId, patch: &[u8]) -> TreeId {
    let mailbox = scene.path("fix.patch");
    std::fs::write(&mailbox, patch).unwrap();
    let made = scene.store.import_patches(base, &mailbox, &scene.committer()).unwrap();
    scene.store.tree_of(made.last().unwrap()).unwrap()
}

#[test]
fn a_patch_is_taken_whichever_line_endings_its_mail_has() {
    let scene = Scene::new();
    let crlf = lines(&[]).replace('\n', "\r\n");
    let old = scene.root(&[("unix.c", &lines(&[])), ("dos.c", &crlf)]);
    let fixed = [("unix.c", lines(&[(5, "fixed")])), ("dos.c", lines(&[(5, "fixed")]).replace('\n', "\r\n"))];
    let fixed = fixed.each_ref().map(|(name, text)| (*name, text.as_str()));
    let fix = scene.on(&old, "fix: both\n\nwith a body\n", &fixed);
    let right = scene.store.tree_of(&fix).unwrap();
    let patch = String::from_utf8(printed(&scene, &[], &fix)).unwrap();
    let (stripped, converted) =
        (patch.replace("\r\n", "\n"), patch.replace("\r\n", "\n").replace('\n', "\r\n"));
    for text in [&patch, &patch.replace('\n', "\r\n"), &stripped, &converted] {
        assert_eq!(applied(&scene, &old, text.as_bytes()), right, "{text:?}");
    }
}

#[test]
fn a_patch_of_text_in_another_encoding_is_taken_byte_for_byte() {
    let scene = Scene::new();
    let on = |parent: Option<&CommitId>, content: &[u8]| {
        let tree =
            scene.store.with_files(&scene.store.empty_tree().unwrap(), &[("a.c", Some(content))]).unwrap();
        let parents: Vec<CommitId> = parent.cloned().into_iter().collect();
        scene.store.commit(&tree, &parents, "Größe", &scene.ada(), &scene.ada()).unwrap()
    };
    let old = on(None, b"gr\xf6\xdfe\nb\nc\n");
    let fix = on(Some(&old), b"gr\xf6\xdfe\nb\nk\xfcrzer\n");
    let patch = printed(&scene, &[], &fix);
    assert!(std::str::from_utf8(&patch).is_err());
    assert_eq!(applied(&scene, &old, &patch), scene.store.tree_of(&fix).unwrap());
}

#[test]
fn a_patch_applies_where_its_lines_have_moved_to_and_with_any_prefixes() {
    let scene = Scene::new();
    let old = scene.root(&[("src/a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix", &[("src/a.c", &lines(&[(9, "fixed")]))]);
    let moved = scene.on(&old, "more above", &[("src/a.c", &format!("new\nnew\n{}", lines(&[])))]);
    let expected = scene.on(&moved, "both", &[("src/a.c", &format!("new\nnew\n{}", lines(&[(9, "fixed")])))]);
    for settings in [&[][..], &["-c", "diff.noprefix=true"], &["-c", "diff.mnemonicPrefix=true"]] {
        let tree = applied(&scene, &moved, &printed(&scene, settings, &fix));
        assert_eq!(tree, scene.store.tree_of(&expected).unwrap(), "{settings:?}");
    }
}

#[test]
fn a_patch_that_does_not_fit_is_told_with_its_place() {
    let scene = Scene::new();
    let old = scene.root(&[("src/a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix", &[("src/a.c", &lines(&[(9, "fixed")]))]);
    let other = scene.on(&old, "other", &[("src/a.c", &lines(&[(9, "other")]))]);
    let mailbox = scene.path("fix.patch");
    std::fs::write(&mailbox, printed(&scene, &[], &fix)).unwrap();
    let refused = scene.store.import_patches(&other, &mailbox, &scene.committer()).unwrap_err().to_string();
    assert!(refused.contains("patch failed: src/a.c:6"), "{refused}");
}

#[test]
fn subject_of_a_mail_loses_what_git_am_takes_from_it() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "[sec] fix: it", &[("a.c", &lines(&[(9, "fixed")]))]);
    let mailbox = scene.path("fix.patch");
    std::fs::write(&mailbox, printed(&scene, &[], &fix)).unwrap();
    let made = scene.store.import_patches(&old, &mailbox, &scene.committer()).unwrap();
    assert_eq!(scene.store.commit_info(&made[0]).unwrap().subject(), "fix: it");
}

#[test]
fn letters_of_a_mail_in_latin_1_are_those_of_its_author() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix: gruess\n\nSchoene Worte.\n", &[("a.c", &lines(&[(9, "fixed")]))]);
    let plain = String::from_utf8(printed(&scene, &[], &fix)).unwrap();
    let header = "MIME-Version: 1.0\nContent-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: 8bit\n\n";
    let mail = plain.replacen("\n\n", &format!("\n{header}"), 1).replace("Schoene", "Schöne");
    let latin: Vec<u8> = mail.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let mailbox = scene.path("fix.patch");
    std::fs::write(&mailbox, latin).unwrap();
    let made = scene.store.import_patches(&old, &mailbox, &scene.committer()).unwrap();
    let message = scene.store.commit_info(&made[0]).unwrap().message;
    assert!(message.contains("Schöne Worte."), "{message}");
}

#[test]
fn what_the_committer_puts_on_a_pick_comes_after_the_trailer() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "line", &[("b.c", "b\n")]);
    let fix = scene.on(
        &old,
        "fix\n\nSigned-off-by: Ada Weir <ada@example.org>\n",
        &[("a.c", &lines(&[(5, "fixed")]))],
    );
    let tree = scene.store.tree_of(&fix).unwrap();
    let committer = Committer { sign_off: true, ..scene.committer() };
    let made = scene.store.commit_pick(&fix, &tree, &line, &committer).unwrap();
    let message = scene.store.commit_info(&made).unwrap().message;
    let trailers =
        format!("(cherry picked from commit {fix})\nSigned-off-by: Lock Keeper <keeper@example.org>\n");
    assert!(message.ends_with(&trailers), "{message}");
}

#[test]
fn commits_and_tags_are_signed_as_git_verifies_them() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix: Größe", &[("a.c", &lines(&[(5, "fixed")]))]);
    let keys = tempfile::tempdir().unwrap();
    let signer = Some(Signer::ThrowAway(keys.path().to_owned()));
    let committer = Committer { signer, ..scene.committer() };
    let tree = scene.store.tree_of(&fix).unwrap();
    let pick = scene.store.commit_pick(&fix, &tree, &old, &committer).unwrap();
    let own = scene.store.commit_as(&tree, &[], "Bump", &scene.ada(), &committer).unwrap();
    let tag = scene.store.annotate_tag("v1.2.4", &pick, "Pump 1.2.4", &committer).unwrap();

    let made = std::process::Command::new("ssh-keygen")
        .args(["-y", "-f"])
        .arg(keys.path().join("signing-key"))
        .output()
        .unwrap();
    let public = String::from_utf8(made.stdout).unwrap();
    let allowed = keys.path().join("allowed");
    std::fs::write(&allowed, format!("keeper@example.org {public}")).unwrap();
    let known = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
    for (command, object) in
        [("verify-commit", pick.as_str()), ("verify-commit", own.as_str()), ("verify-tag", tag.as_str())]
    {
        let verified = std::process::Command::new("git")
            .arg("--git-dir")
            .arg(scene.store.git_dir())
            .args(["-c", &known, command, object])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(verified.status.success() && said.contains("keeper@example.org"), "{command}: {said}");
    }
}
