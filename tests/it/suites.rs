//! A run that is killed while test suites run: what has finished is adopted, and no suite runs twice at the same time.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{World, copy, expect, fixture, git, lockgate, run, said};

const GAUGE: &str = "brightwater/gauge";

/// Waits for the file `go`, and complains if another one of it is at work.
const SLOW: &str = r#"
exec 9>>NOTES/pid
flock -n 9 || echo overlap >> NOTES/log
echo "slow $(cat VERSION)" >> NOTES/log
while ! [ -e NOTES/go ]; do sleep 0.02; done
"#;

/// The fixture of the conflict without the line that conflicts, and with suites that note that they run.
fn release(folder: &Path, notes: &Path) {
    copy(&fixture("conflict"), folder);
    let catalog = folder.join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    let (before, _) = text.split_once("[[repo.test]]").unwrap();
    let before = before.replace("\"release/1.x\", ", "");
    let suites = format!(
        "[[repo.test]]\nname = \"quick\"\nvisible = [\"NOTES\"]\nrun = 'echo \"quick $(cat VERSION)\" >> NOTES/log'\n\n\
         [[repo.test]]\nname = \"slow\"\nvisible = [\"NOTES\"]\ncores = 64\nrun = '''{SLOW}'''\n"
    );
    let suites = suites.replace("NOTES", notes.to_str().unwrap());
    std::fs::write(&catalog, before.to_owned() + &suites).unwrap();
}

fn wait_for(path: &Path) {
    for _ in 0..3000 {
        if path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("`{}` does not come", path.display());
}

/// How often each suite was run on each tree.
fn runs(notes: &Path) -> Vec<(String, usize)> {
    let log = std::fs::read_to_string(notes.join("log")).unwrap();
    let lines: std::collections::BTreeSet<&str> = log.lines().collect();
    let count = |line: &str| log.lines().filter(|other| *other == line).count();
    lines.into_iter().map(|line| (line.to_owned(), count(line))).collect()
}

#[test]
fn en_01_a_run_killed_while_suites_run_adopts_what_has_finished() {
    let (folder, notes, world) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), notes.path());
    let arguments =
        ["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), world.path().as_os_str()]
            .map(ToOwned::to_owned);
    let mut killed = lockgate().args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for(&notes.path().join("pid"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    std::fs::write(notes.path().join("go"), "").unwrap();

    let output = run(&arguments);
    expect(&output, 0);
    let runs = runs(notes.path());
    assert!(runs.iter().all(|(line, _)| line != "overlap"), "two of one suite at the same time: {runs:?}");
    let times = |suite: &str| -> Vec<usize> {
        runs.iter().filter(|(line, _)| line.starts_with(suite)).map(|(_, times)| *times).collect()
    };
    assert_eq!(times("quick"), [1, 1], "what had finished is adopted: {runs:?}");
    let mut slow = times("slow");
    slow.sort_unstable();
    assert_eq!(slow, [1, 2], "what was under way is run again: {runs:?}");
}

/// The suite does not wait, but fails without its file.
fn make_impatient(folder: &Path) {
    let catalog = folder.join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    let impatient = text.replace("while ! [ -e", "[ -e").replace("go ]; do sleep 0.02; done", "go ]");
    std::fs::write(&catalog, impatient).unwrap();
}

/// Somebody pushes to a branch of the public repository.
fn push(world: &World, branch: &str) {
    let clone = tempfile::tempdir().unwrap();
    let folder = clone.path();
    git(folder, &["clone", "-q", "-b", branch, world.repository(GAUGE).to_str().unwrap(), "."]);
    std::fs::write(folder.join("NEWS"), "something else\n").unwrap();
    git(folder, &["add", "NEWS"]);
    git(folder, &["commit", "-qm", "News"]);
    git(folder, &["push", "-q", "origin", branch]);
}

#[test]
fn a_waiver_of_suites_lapses_when_a_head_moves() {
    let (folder, notes, world) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), notes.path());
    make_impatient(folder.path());
    let rehearse =
        || run(["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
    let waive = |branch: &str| {
        let (step, path) = (format!("prove/{GAUGE}/{branch}"), world.path());
        let dir = path.to_str().unwrap();
        expect(&run(["waive", &step, "--as", "mara", "--reason", "no such machine", "--dir", dir]), 0);
    };
    expect(&rehearse(), 11);
    waive("main");
    waive("release/2.x");
    push(&world, "main");
    // Both trees count as proven, until release day sees that one of them is no more what would be released.
    for _ in 0..2 {
        let output = rehearse();
        expect(&output, 11);
        let status = said(&run(["status".as_ref(), world.path().as_os_str()]));
        let asks = |branch: &str| status.contains(&format!("prove/{GAUGE}/{branch} asks:"));
        assert!(asks("main") && !asks("release/2.x"), "{status}");
    }
    waive("main");
    expect(&rehearse(), 0);
}

/// A suite that fails is asked about; put right, it is run again, and the one that passed is not.
#[test]
fn a_suite_that_was_put_right_is_run_again_and_no_other() {
    let (folder, notes, world) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), notes.path());
    make_impatient(folder.path());
    let arguments =
        ["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), world.path().as_os_str()]
            .map(ToOwned::to_owned);
    let output = run(&arguments);
    expect(&output, 11);
    let told = said(&output);
    assert!(told.contains("1 of 2 suites passed") && told.contains("lockgate waive"), "{told}");
    std::fs::write(notes.path().join("go"), "").unwrap();
    expect(&run(&arguments), 0);
    let times: Vec<usize> = runs(notes.path()).into_iter().map(|(_, times)| times).collect();
    assert_eq!(times, [1, 1, 2, 2], "quick and slow on two trees");
}

/// A suite that prints what it can find of the process that started it, of its home and of its run.
const CURIOUS: &str = "set +e; tr '\\0' '\\n' < /proc/self/environ; tr '\\0' '\\n' < /proc/$PPID/environ; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/environ; tr '\\0' ' ' < $p/cmdline; done; \
    cat ~/.netrc OUT/journal.db OUT/rehearsal.json; true";

/// A release whose only suite is this one.
fn with_suite(folder: &Path, suite: &str) {
    crate::support::without_the_conflict(folder);
    let catalog = folder.join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    let (before, _) = text.split_once("[[repo.test]]").unwrap();
    std::fs::write(&catalog, format!("{before}[[repo.test]]\nname = \"suite\"\n{suite}\n")).unwrap();
}

/// Everything in the logs of a kept rehearsal.
fn logs(world: &World) -> String {
    let folders = std::fs::read_dir(world.path().join("logs")).unwrap().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
    files.map(|file| String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned()).collect()
}

#[test]
fn no_token_is_found_by_a_suite_whatever_it_looks_at() {
    for isolation in ["available", "none"] {
        let (folder, world, home) =
            (tempfile::tempdir().unwrap(), World::new(), tempfile::tempdir().unwrap());
        std::fs::write(home.path().join(".netrc"), "canary-of-home").unwrap();
        let run = CURIOUS.replace("OUT", world.path().to_str().unwrap());
        with_suite(folder.path(), &format!("isolation = \"{isolation}\"\nrun = '''{run}'''"));
        let mut command = lockgate();
        command.env("GH_TOKEN", "canary-of-github").env("LOCKGATE_SMTP_PASSWORD", "canary-of-mail");
        command.env("HOME", home.path()).arg("rehearse").arg(folder.path()).arg("--keep").arg(world.path());
        expect(&command.output().unwrap(), 0);
        let text = logs(&world);
        let suites = world.report()["targets"][0]["suites"].clone();
        assert!(text.contains("PATH="), "it saw nothing at all:\n{text}");
        assert!(
            !text.contains("canary-of-github") && !text.contains("canary-of-mail"),
            "{isolation}:\n{text}"
        );
        match suites[0]["isolation"]["level"].as_str().unwrap() {
            "namespaces" => {
                assert!(!text.contains("canary-of-home") && !text.contains("SQLite format"), "{text}")
            }
            "waived" => assert!(text.contains("canary-of-home") && isolation == "none"),
            _ => assert_eq!(isolation, "available"),
        }
    }
}

#[test]
fn a_suite_that_must_be_isolated_is_refused_where_it_cannot_be_and_any_other_says_so() {
    let (folder, world, programs) =
        (tempfile::tempdir().unwrap(), World::new(), tempfile::tempdir().unwrap());
    let fake = "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1";
    let path = crate::support::on_path(programs.path(), "unshare", fake);
    with_suite(folder.path(), "isolation = \"required\"\nrun = \"true\"");
    let mut plan = lockgate();
    let output = plan.args(["plan", "--long"]).arg(folder.path()).env("PATH", &path).output().unwrap();
    expect(&output, 2);
    let told = said(&output);
    for words in ["catalog.toml:", "this suite must be isolated", "Operation not permitted", "hint:"] {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    with_suite(folder.path(), "run = \"true\"");
    let mut rehearse = lockgate();
    rehearse.arg("rehearse").arg(folder.path()).arg("--keep").arg(world.path()).env("PATH", &path);
    let output = rehearse.output().unwrap();
    expect(&output, 0);
    assert!(
        said(&output).contains("suite passed (not isolated: unshare: unshare failed"),
        "{}",
        said(&output)
    );
    let events = said(&run(["log".as_ref(), world.path().as_os_str()]));
    assert!(events.contains("not isolated"), "{events}");
}

#[test]
fn words_about_isolation_are_refused_with_their_place() {
    for (suite, told) in [
        ("isolation = \"total\"\nrun = \"true\"", "`total`"),
        ("visible = [\"m2\"]\nrun = \"true\"", "`m2` is not a path that a suite can be shown"),
        ("visible = [\"~/../x\"]\nrun = \"true\"", "`~/../x` is not a path"),
        ("network = \"no\"\nrun = \"true\"", "`no` stands where `true` or `false` belongs"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        with_suite(folder.path(), suite);
        let output = run(["plan".as_ref(), folder.path().as_os_str(), "--long".as_ref()]);
        expect(&output, 2);
        assert!(said(&output).contains(told) && said(&output).contains("catalog.toml:"), "{}", said(&output));
    }
}
