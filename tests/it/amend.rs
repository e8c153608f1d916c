//! The files of a release change while it is under way, and the run continues by what they say now.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::gate::{answer, go_to_gate};
use crate::support::{World, edit, expect, fixture, next_commands, run, said};

/// The files that a kept rehearsal follows.
fn files(world: &World) -> PathBuf {
    world.path().join("inputs")
}

/// The command that takes in what was shown.
pub(crate) fn taking_in(told: &str) -> &str {
    told.lines().find_map(|line| line.split_once("to take it in: ")).unwrap().1
}

/// What `amend` shows, and the command that it prints for taking it in.
#[track_caller]
fn shown(world: &World) -> (String, String) {
    let output = run(["amend".as_ref(), world.path().as_os_str()]);
    expect(&output, 10);
    let told = said(&output);
    let command = taking_in(&told).to_owned();
    (told, command)
}

/// Takes the change in by the very command that was printed.
#[track_caller]
fn amended(world: &World) -> String {
    let (told, command) = shown(world);
    expect(&run(command.split(' ').skip(1)), 0);
    told
}

/// Answers whatever is asked until the run has ended.
#[track_caller]
pub(crate) fn finish(world: &World) -> String {
    for _ in 0..12 {
        let output = run(["resume".as_ref(), world.path().as_os_str()]);
        if output.status.code() == Some(0) {
            return said(&output);
        }
        expect(&output, 10);
        let status = said(&run(["status".as_ref(), world.path().as_os_str()]));
        for command in next_commands(&status) {
            answer(world, &command);
        }
    }
    panic!("the run does not end");
}

#[test]
fn line_that_conflicts_is_dropped_and_the_release_ends_without_it() {
    let world = World::new();
    let conflict = fixture("conflict");
    // A folder that others may look into is closed before anything under embargo is written there.
    std::fs::create_dir(world.path()).unwrap();
    std::fs::set_permissions(world.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let output =
        run(["rehearse".as_ref(), conflict.as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
    expect(&output, 11);
    assert!(said(&output).contains("it is closed to all but you now"), "{}", said(&output));
    assert_eq!(std::fs::metadata(world.path()).unwrap().permissions().mode() & 0o777, 0o700);
    let out = world.path().to_str().unwrap().to_owned();
    let unchanged = run(["amend", &out]);
    expect(&unchanged, 2);
    let told =
        format!("the files in `{out}/inputs` are those that the run follows; there is nothing to amend");
    assert!(said(&unchanged).contains(&told), "{}", said(&unchanged));

    edit(&files(&world), "catalog.toml", "\"release/1.x\", ", "");
    let held = run(["resume", &out]);
    expect(&held, 2);
    assert!(said(&held).contains(&format!("`lockgate amend --dir {out}`")), "{}", said(&held));
    let (told, _) = shown(&world);
    assert!(told.contains("the catalog changed since the run was started"), "{told}");
    assert!(told.contains("- backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx: dropped"), "{told}");
    assert!(
        told.contains(
            "~ describe-advisory/GHSA-3g8f-wv5j-m2cx: the versions that the advisory names changed"
        ),
        "{told}"
    );
    // Looking changes nothing, strangers decide nothing, and what was not read is not taken in.
    for (arguments, says) in [
        (vec!["--as", "mallory"], "is not among the people of this release"),
        (vec!["--as", "mara", "--digest", "0123456789"], "you have read `0123456789`"),
    ] {
        let refused = run([vec!["amend", out.as_str()], arguments].concat());
        expect(&refused, 2);
        assert!(said(&refused).contains(says), "{}", said(&refused));
    }
    expect(&run(["resume", &out]), 2);
    amended(&world);
    finish(&world);
    let report = world.report();
    let branches: Vec<&str> =
        report["targets"].as_array().unwrap().iter().map(|it| it["branch"].as_str().unwrap()).collect();
    assert_eq!(branches, ["main", "release/2.x"]);
    assert_eq!(report["amendments"][0]["by"], "mara");
    let log = said(&run(["log", &out]));
    assert!(log.contains("amended by mara to plan"), "{log}");
}

#[test]
fn hour_is_postponed_and_an_advisory_dropped_after_the_approval_which_lapses() {
    let world = World::new();
    go_to_gate(&world, "ready");
    let out = world.path().to_str().unwrap().to_owned();
    let asked = |status: &str| next_commands(status).into_iter().find(|line| line.contains("approve ready"));
    let first = asked(&said(&run(["status", &out]))).unwrap();
    answer(&world, &first);

    edit(&files(&world), "release.toml", "2026-03-10T16:00:00Z", "2026-03-17T15:00:00Z");
    let told = amended(&world);
    assert!(told.contains("~ fix-disclosure: the disclosure time changed; done, and taken again"), "{told}");
    let status = said(&run(["status", &out]));
    assert!(!status.contains("2026-03-10"), "an hour stands there that is not true any more:\n{status}");
    expect(&run(["resume", &out]), 10);
    let second = asked(&said(&run(["status", &out]))).unwrap_or_default();

    // One advisory of two is dropped; the other is what it was.
    let text = std::fs::read_to_string(files(&world).join("release.toml")).unwrap();
    let kept = text.split("# On one line only").next().unwrap();
    std::fs::write(files(&world).join("release.toml"), kept).unwrap();
    let told = amended(&world);
    assert!(
        told.contains(
            "- describe-advisory/GHSA-7mh3-v9jc-2pxr: dropped; what it did stays (rewrite the fields)"
        ),
        "{told}"
    );
    assert!(told.contains("~ stack/brightwater/sluice/release/1.x: the fix"), "{told}");
    assert!(!told.contains("backport/brightwater/weir"), "{told}");
    expect(&run(["resume", &out]), 10);
    let third = asked(&said(&run(["status", &out]))).unwrap();
    assert_ne!(third, first, "what was approved is not what is shown");
    assert_ne!(third, second);
    finish(&world);
    let report = world.report();
    assert_eq!(report["disclosure"], "2026-03-17T15:00:00Z");
    assert!(report["embargo_ended"].as_str().unwrap() >= "2026-03-17T15:00:00Z", "{report}");
    assert_eq!(report["advisories"].as_array().unwrap().len(), 1);
    assert!(!report["targets"].to_string().contains("7mh3-v9jc-2pxr"));

    // Everything is out: nothing is made otherwise.
    edit(&files(&world), "release.toml", "2026-03-17T15:00:00Z", "2026-04-17T15:00:00Z");
    let late = run(["amend", &out]);
    expect(&late, 2);
    assert!(said(&late).contains("the release is finished"), "{}", said(&late));
}

#[test]
fn approver_who_left_approves_nothing_and_what_others_approved_stays() {
    let world = World::new();
    go_to_gate(&world, "release-day");
    let out = world.path().to_str().unwrap().to_owned();
    edit(&files(&world), "release.toml", "approvers = [\"mara\", \"ines\"]", "approvers = [\"ines\"]");
    let told = amended(&world);
    assert!(told.contains("~ gate/release-day: who approves, or what changed"), "{told}");
    assert!(!told.contains("asks again"), "nothing that was shown is another: {told}");
    expect(&run(["resume", &out]), 10);
    let refused = run(["approve", "release-day", "--as", "mara", "--dir", &out]);
    expect(&refused, 2);
    assert!(said(&refused).contains("`mara` may not approve"), "{}", said(&refused));
    let status = said(&run(["status", &out]));
    assert!(status.contains("lockgate approve release-day --as ines"), "{status}");
    finish(&world);
}

#[test]
fn file_that_a_step_found_wrong_is_corrected_and_the_hint_says_how() {
    let folder = tempfile::tempdir().unwrap();
    crate::support::without_the_conflict(folder.path());
    edit(folder.path(), "catalog.toml", "file = \"RELEASES.md\"", "file = \"RELEASE.md\"");
    // The plan takes the fix to bring that file, and the step finds that it brings another.
    let other = "diff --git a/docs/RELEASE.md b/docs/RELEASE.md\nnew file mode 100644\n--- /dev/null\n\
                 +++ b/docs/RELEASE.md\n@@ -0,0 +1 @@\n+How releases are made.\n\nbase-commit:";
    edit(folder.path(), "fixes/gauge-numbers.patch", "\nbase-commit:", other);
    let world = World::new();
    let told = crate::support::rehearsed(&world, folder.path(), 2);
    let out = world.path().to_str().unwrap().to_owned();
    assert!(told.contains("failed to write the release note"), "{told}");
    assert!(
        told.contains(&format!("correct `notes` in the catalog, then: `lockgate amend --dir {out}`")),
        "{told}"
    );
    edit(&files(&world), "catalog.toml", "file = \"RELEASE.md\"", "file = \"RELEASES.md\"");
    let told = amended(&world);
    assert!(told.contains("~ stack/brightwater/gauge/release/2.x: the release note changed\n"), "{told}");
    finish(&world);
    assert!(world.file("brightwater/gauge", "release/2.x", "RELEASES.md").contains("GHSA-3g8f-wv5j-m2cx"));
}
