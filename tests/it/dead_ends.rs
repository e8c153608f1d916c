//! Whatever is printed as the next thing to do can be done, as it is printed.

use std::process::Command;

use crate::project::{FIXED, IN_A_FILE, PIP, Project, SOURCE};
use crate::support::{World, expect, fixture, lockgate, run, said};

/// A rehearsal of the fixture that stops at a conflict, kept in the world's folder.
fn stopped() -> World {
    let world = World::new();
    let out = world.path();
    let output = run(["rehearse", fixture("conflict").to_str().unwrap(), "--keep", out.to_str().unwrap()]);
    expect(&output, 11);
    world
}

#[test]
fn rehearsal_that_stops_is_kept_and_its_commands_work() {
    let (output, folder) = (lockgate(), tempfile::tempdir().unwrap());
    let output = {
        let mut rehearse = output;
        rehearse.arg("rehearse").arg(fixture("conflict")).env("TMPDIR", folder.path()).output().unwrap()
    };
    expect(&output, 11);
    let told = said(&output);
    assert!(told.contains("this rehearsal stopped and is kept in"), "{told}");
    let kept: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(told.contains(&format!("lockgate resume --dir {}", kept[0].display())), "{told}");
    expect(&run(["status", kept[0].to_str().unwrap()]), 0);
    expect(&run(["resume", kept[0].to_str().unwrap()]), 11);

    // What ended leaves nothing behind.
    let empty = tempfile::tempdir().unwrap();
    let mut rehearse = lockgate();
    expect(&rehearse.arg("rehearse").arg(fixture("demo")).env("TMPDIR", empty.path()).output().unwrap(), 0);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn rehearsal_that_was_refused_before_it_began_is_put_right_and_goes_on_in_its_folder() {
    let (release, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::copy(&fixture("go-modules"), release.path());
    crate::support::edit(release.path(), "release.toml", "CWE-129", "CWE-999999");
    let (folder, out) = (release.path().to_str().unwrap(), world.path());
    let rehearse = || run(["rehearse", "--dir", folder, "--keep", out.to_str().unwrap()]);
    let refused = rehearse();
    expect(&refused, 2);
    assert!(said(&refused).contains("CWE-999999"), "{}", said(&refused));
    crate::support::edit(release.path(), "release.toml", "CWE-999999", "CWE-129");
    // The world, too, is as it is now, and not as it was when it was refused.
    crate::support::edit(release.path(), "world.toml", "start = \"2026-03", "start = \"2026-04");
    expect(&rehearse(), 2);
    crate::support::edit(release.path(), "world.toml", "start = \"2026-04", "start = \"2026-03");
    expect(&rehearse(), 0);
}

#[test]
fn next_block_can_be_pasted_into_a_shell() {
    let world = stopped();
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    let (_, block) = status.split_once("\nnext:\n").unwrap();
    // The table of targets follows after a blank line.
    let (block, _) = block.split_once("\n\n").unwrap();
    for line in block.lines().map(str::trim) {
        assert!(
            line.starts_with("# ") || line.starts_with("lockgate "),
            "neither comment nor command: {line}"
        );
        assert!(!line.contains("NAME"), "{line}");
    }
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(tool).chain(std::env::split_paths(&path))).unwrap();
    let shell = Command::new("sh").args(["-c", block]).env("PATH", path).env("LC_ALL", "C").output().unwrap();
    assert!(!said(&shell).contains("not found"), "{}", said(&shell));
    assert!(!said(&shell).contains("unexpected argument"), "{}", said(&shell));
}

#[test]
fn abort_shows_what_it_would_leave_before_anything_is_decided() {
    let world = stopped();
    let out = world.path();
    let shown = run(["abort", out.to_str().unwrap()]);
    expect(&shown, 0);
    let told = said(&shown);
    assert!(told.contains("is under way; calling it off would leave:"), "{told}");
    assert!(told.contains("push-private"), "{told}");
    assert!(
        told.contains("to call it off: lockgate abort") && told.contains("--as mara --reason WHY"),
        "{told}"
    );
    // The word that stands for a reason is none.
    let unread = run(["abort", out.to_str().unwrap(), "--as", "mara", "--reason", "WHY", "--yes"]);
    expect(&unread, 2);
    assert!(said(&unread).contains("`WHY` stands for your reason: write it there"), "{}", said(&unread));
    expect(&run(["resume", out.to_str().unwrap()]), 11);
}

#[test]
fn kept_world_shows_the_pages_that_its_report_links_to() {
    let world = World::new();
    let out = world.path();
    let demo = fixture("demo");
    expect(&run(["rehearse", demo.to_str().unwrap(), "--keep", out.to_str().unwrap()]), 0);
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    let links: std::collections::BTreeSet<&str> = report
        .split('"')
        .filter(|word| word.starts_with("http://127.0.0.1:"))
        .map(|url| &url[url[7..].find('/').unwrap() + 7..])
        .collect();
    assert!(links.iter().any(|link| link.contains("/pull/")), "{links:?}");
    for kind in ["/pull/", "/releases/tag/", "/security/advisories/"] {
        let Some(link) = links.iter().find(|link| link.contains(kind)) else { continue };
        let page = world.page(link);
        assert!(page.contains("brightwater/") && !page.contains("Not Found"), "{link}: {page}");
    }
    let overview = world.page("/git/");
    assert!(overview.contains("/git/brightwater/sluice") && overview.contains(".eml"), "{overview}");
    // Looking changes nothing: the rehearsal is as it was.
    expect(&run(["status", out.to_str().unwrap()]), 0);
}

#[test]
fn schema_of_a_world_is_printed_and_a_mistake_in_one_names_it() {
    let printed = run(["schema", "world"]);
    expect(&printed, 0);
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let keys = schema["properties"].as_object().unwrap();
    assert!(["start", "users", "repos", "advisories", "faults"].iter().all(|key| keys.contains_key(*key)));
    assert_eq!(schema["$defs"]["ProtectionSpec"]["properties"]["required_reviews"]["type"], "integer");

    let folder = tempfile::tempdir().unwrap();
    crate::support::copy(&fixture("conflict"), folder.path());
    let path = folder.path().join("world.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("admin = true", "admin = [3]");
    std::fs::write(&path, text).unwrap();
    let refused = run(["rehearse", folder.path().to_str().unwrap()]);
    expect(&refused, 2);
    assert!(
        said(&refused).contains("`lockgate schema world` prints what the file may hold"),
        "{}",
        said(&refused)
    );
}

#[test]
fn rehearsal_that_was_killed_at_its_start_is_never_run_for_real() {
    let folder = tempfile::tempdir().unwrap();
    let flag = format!("the world is being laid out\n{}\n", fixture("demo").display());
    std::fs::write(folder.path().join("unfinished"), flag).unwrap();
    let out = folder.path().to_str().unwrap();
    for command in ["status", "resume", "run"] {
        let output = run([command, out]);
        expect(&output, 2);
        let told = said(&output);
        let demo = fixture("demo").strip_prefix(std::env::current_dir().unwrap()).unwrap().to_owned();
        let again = format!("`lockgate rehearse --dir {} --keep {out}`", demo.display());
        assert!(told.contains(&again), "{command}: {told}");
        assert!(!told.contains("`lockgate run"), "{command}: {told}");
    }
}

#[test]
fn fix_that_brings_the_version_of_its_release_needs_no_bump() {
    let mut project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.git(&["checkout", "-q", "-b", "private"]);
    // The bump of its own would conflict with this.
    let fix = project.commit(&[(SOURCE, FIXED), ("VERSION", "# the release\n1.2.4\n")], "Respect the limit");
    project.fix = format!("commits = [\"{fix}\"]");
    let rehearsed = project.rehearse();
    expect(&rehearsed, 0);
    let text = said(&rehearsed);
    assert!(text.contains("the fixes of acme/pump main bring its version"), "{text}");
    assert_eq!(project.world(&["show", "v1.2.4:VERSION"]), "# the release\n1.2.4");
    assert_eq!(project.world(&["branch", "--list", "bump/*"]), "");
}

#[test]
fn merge_in_place_of_its_commits_is_refused_with_how_they_are_listed() {
    let mut project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.git(&["checkout", "-q", "-b", "private"]);
    project.git(&["checkout", "-q", "-b", "fixing"]);
    let fix = project.commit(&[(SOURCE, FIXED)], "Respect the limit");
    project.on("private");
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge commit from fork", "fixing"]);
    let merge = project.git(&["rev-parse", "HEAD"]);
    project.git(&["branch", "-q", "-D", "fixing"]);
    project.fix = format!("commits = [\"{merge}\"]");
    let rehearsed = project.rehearse();
    expect(&rehearsed, 2);
    let text = said(&rehearsed);
    let listed = format!("..{}`", &fix[..10]);
    assert!(
        text.contains("is a merge") && text.contains("git log --reverse") && text.contains(&listed),
        "{text}"
    );
}
