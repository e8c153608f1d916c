//! Several fixes on one branch: written on top of one another, sharing commits, or getting in each other's way; and what
//! people push to settle it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{expect, git, run, said};

const ONE: &str = "GHSA-2c4f-6g7h-8j9m";
const TWO: &str = "GHSA-3c4f-6g7h-8j9m";

const START: &str = "one\ncheck(a)\nthree\n";

const CATALOG: &str = r#"organisation = "Acme"
maintainers = ["ada"]
[mail]
from = "a <a@a.example>"
announce = ["b@a.example"]
[[repo]]
name = "acme/pump"
project = "Pump"
lines = [@LINES]
package = { ecosystem = "other", name = "pump" }
[repo.version]
kind = "regex"
file = "VERSION"
pattern = '^(?<version>\S+)$'
[[repo.test]]
name = "t"
run = "true"
timeout = "1m"
"#;

const RELEASE: &str = r#"id = "2027-01-12"
title = "t"
manager = "ada"
workflow = "github"
disclosure = "2027-01-12T16:00:00Z"
"#;

/// A repository with some lines that are all alike, and what is released of it.
struct Pump {
    folder: tempfile::TempDir,
    release: String,
}

impl Pump {
    fn new(lines: &[&str]) -> Pump {
        let pump = Pump { folder: tempfile::tempdir().unwrap(), release: RELEASE.to_owned() };
        fs::create_dir_all(pump.path("src")).unwrap();
        fs::create_dir_all(pump.path("release")).unwrap();
        pump.git(&["init", "-q", "-b", "main"]);
        pump.commit(&[("VERSION", "0.9.0\n"), ("code.c", START)], "start");
        for (index, line) in lines.iter().enumerate() {
            pump.git(&["checkout", "-q", "-b", line, "main"]);
            let version = format!("1.{index}.3");
            pump.commit(&[("VERSION", &format!("{version}\n"))], &version);
            pump.git(&["tag", &format!("v{version}")]);
        }
        pump.git(&["checkout", "-q", "main"]);
        let lines: Vec<String> = lines.iter().map(|line| format!("\"{line}\"")).collect();
        let catalog = CATALOG.replace("@LINES", &lines.join(", "));
        fs::write(pump.path("release/catalog.toml"), catalog).unwrap();
        pump
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.path("src"), arguments)
    }

    fn commit(&self, files: &[(&str, &str)], message: &str) -> String {
        commit(&self.path("src"), files, message)
    }

    fn on(&self, branch: &str) {
        self.git(&["checkout", "-q", branch]);
    }

    /// Has a line on which no fix of the present form applies.
    fn is_in_old_form(&self, line: &str) {
        self.on(line);
        self.commit(&[("code.c", "one\nold_check(a)\nthree\n")], "old form");
    }

    /// Makes commits on a branch of their own that begins at a revision; gives their ids.
    fn fix(&self, branch: &str, from: &str, texts: &[(&str, &str)]) -> Vec<String> {
        self.git(&["checkout", "-q", "-b", branch, from]);
        let made = texts.iter().map(|(text, message)| self.commit(&[("code.c", text)], message)).collect();
        self.on("main");
        made
    }

    fn advisory(&mut self, id: &str, commits: &[&String]) {
        let commits: Vec<String> = commits.iter().map(|commit| format!("\"{commit}\"")).collect();
        self.release += &format!(
            "[[advisory]]\nid = \"{id}\"\nrepo = \"acme/pump\"\nsummary = \"bad\"\ndescription = \"bad\"\n\
             severity = \"low\"\ncve = \"none\"\n[[advisory.fix]]\nrepo = \"acme/pump\"\ncommits = [{}]\n",
            commits.join(", ")
        );
    }

    /// An advisory whose fix is a patch file of one commit, and more of what is said of it.
    fn patched(&mut self, id: &str, commit: &str, more: &str) {
        let name = format!("{commit}.patch");
        let patch = self.git(&["format-patch", "-1", "--stdout", commit]);
        fs::write(self.path(&format!("release/{name}")), patch + "\n").unwrap();
        self.advisory(id, &[]);
        self.release = self.release.replace("commits = []\n", &format!("patches = [\"{name}\"]\n{more}"));
    }

    fn out(&self) -> String {
        self.path("out").to_str().unwrap().to_owned()
    }

    fn rehearse(&self) -> Output {
        fs::write(self.path("release/release.toml"), &self.release).unwrap();
        let mirror = format!("acme/pump={}", self.path("src/.git").display());
        let release = self.path("release");
        run(["rehearse", release.to_str().unwrap(), "--mirror", &mirror, "--keep", &self.out()])
    }

    fn resume(&self) -> String {
        said(&run(["resume", &self.out()]))
    }

    /// What the gate `ready` shows.
    fn gate(&self) -> String {
        said(&run(["approve", "ready", "--long", "--dir", &self.out()]))
    }

    /// The steps that ask for a resolution.
    fn conflicts(&self) -> Vec<String> {
        let told = said(&run(["status", &self.out()]));
        let asks = told.lines().filter_map(|line| line.trim().strip_suffix(" asks:"));
        let named = asks.filter(|step| step.starts_with("backport/") || step.starts_with("stack/"));
        let mut steps: Vec<String> = named.map(str::to_owned).collect();
        steps.sort();
        steps.dedup();
        steps
    }

    fn fork(&self, advisory: &str) -> PathBuf {
        self.path(&format!("out/git/acme/pump-{}.git", advisory.to_ascii_lowercase()))
    }

    /// Pushes what `make` leaves in a clone of the private fork as a resolution.
    fn push(&self, advisory: &str, line: &str, name: &str, make: impl Fn(&Path)) {
        let clone = self.path("clone");
        let _ = fs::remove_dir_all(&clone);
        git(self.folder.path(), &["clone", "-q", self.fork(advisory).to_str().unwrap(), "clone"]);
        git(&clone, &["checkout", "-q", "-b", "mine", &format!("origin/{line}")]);
        make(&clone);
        git(&clone, &["push", "-qf", "origin", &format!("mine:{name}")]);
    }

    /// What the run made for an advisory on a branch, the newest first.
    fn carried(&self, advisory: &str, branch: &str) -> String {
        let range = format!(
            "{}..refs/lockgate/made/backport/acme/pump/{branch}/{advisory}",
            self.git(&["rev-parse", branch])
        );
        git(&self.path("out/store/acme/pump.git"), &["log", "--format=%s", &range])
    }

    fn private(&self, advisory: &str, branch: &str) -> String {
        git(&self.fork(advisory), &["show", &format!("lockgate/{advisory}/{branch}:code.c")])
    }
}

fn commit(place: &Path, files: &[(&str, &str)], message: &str) -> String {
    for (path, text) in files {
        fs::write(place.join(path), text).unwrap();
    }
    git(place, &["add", "-A"]);
    git(place, &["commit", "-q", "-m", message]);
    git(place, &["rev-parse", "HEAD"])
}

#[test]
fn fix_that_was_written_on_another_is_carried_on_top_of_it_and_asked_about_nowhere() {
    let mut pump = Pump::new(&["release-1.2"]);
    let made = pump.fix(
        "private",
        "main",
        &[("one\ncheck(a, limit)\nthree\n", "first"), ("one\ncheck(a, limit, true)\nthree\n", "second")],
    );
    // The release file lists them the other way round: histories tell the order.
    pump.advisory(TWO, &[&made[1]]);
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 0);
    for branch in ["main", "release-1.2"] {
        assert_eq!(pump.carried(TWO, branch), "second\nfirst", "on {branch}");
        assert_eq!(pump.carried(ONE, branch), "first", "on {branch}");
    }
    let public = git(&pump.path("out/git/acme/pump.git"), &["show", "release-1.2:code.c"]);
    assert_eq!(public, "one\ncheck(a, limit, true)\nthree");
}

#[test]
fn patch_that_was_made_on_another_one_is_carried_on_top_of_it() {
    let mut pump = Pump::new(&["release-1.2"]);
    let made = pump.fix(
        "private",
        "main",
        &[("one\ncheck(a, limit)\nthree\n", "first"), ("one\ncheck(a, limit, true)\nthree\n", "second")],
    );
    pump.patched(TWO, &made[1], "");
    pump.patched(ONE, &made[0], "");
    expect(&pump.rehearse(), 0);
    for branch in ["main", "release-1.2"] {
        assert_eq!(pump.carried(TWO, branch), "second\nfirst", "on {branch}");
        assert_eq!(pump.carried(ONE, branch), "first", "on {branch}");
    }
    let public = git(&pump.path("out/git/acme/pump.git"), &["show", "release-1.2:code.c"]);
    assert_eq!(public, "one\ncheck(a, limit, true)\nthree");
}

#[test]
fn patch_may_be_made_on_several_others_and_on_commits() {
    const THREE: &str = "GHSA-4c4f-6g7h-8j9m";
    const FOUR: &str = "GHSA-5c4f-6g7h-8j9m";
    let mut pump = Pump::new(&["release-1.2"]);
    pump.commit(&[("other.c", "first\nno limit\nlast\n")], "another file");
    pump.on("release-1.2");
    pump.commit(&[("other.c", "first\nno limit\nlast\n")], "another file");
    pump.on("main");
    let one = pump.fix("private-1", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.git(&["checkout", "-q", "-b", "private-2", "main"]);
    let two = pump.commit(&[("other.c", "first\nlimit 64\nlast\n")], "a limit elsewhere");
    pump.git(&["cherry-pick", &one[0]]);
    let both = [("code.c", "one\ncheck(a, limit, true)\nthree\n"), ("other.c", "first\nlimit 65\nlast\n")];
    let three = pump.commit(&both, "strict in both");
    let four = pump.commit(&[("code.c", "one\ncheck(a, limit, true, now)\nthree\n")], "at once");
    pump.on("main");
    pump.patched(FOUR, &four, "");
    pump.patched(THREE, &three, "");
    pump.patched(TWO, &two, "");
    pump.patched(ONE, &one[0], "");
    expect(&pump.rehearse(), 0);
    assert_eq!(pump.carried(THREE, "release-1.2").lines().next(), Some("strict in both"));
    let public = |file: &str| git(&pump.path("out/git/acme/pump.git"), &["show", file]);
    assert_eq!(public("release-1.2:code.c"), "one\ncheck(a, limit, true, now)\nthree");
    assert_eq!(public("release-1.2:other.c"), "first\nlimit 65\nlast");

    // The fix below comes as a commit.
    let mut pump = Pump::new(&["release-1.2"]);
    let texts = [("one\ncheck(a, limit)\nthree\n", "first"), ("one\ncheck(a, limit, 1)\nthree\n", "second")];
    let made = pump.fix("private", "main", &texts);
    pump.patched(TWO, &made[1], "");
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 0);
    assert_eq!(pump.carried(TWO, "release-1.2"), "second\nfirst");
}

#[test]
fn patch_for_one_line_alone_may_be_made_there() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    let made = pump.fix("private", "release-1.2", &[("one\nold_check(a, limit)\nthree\n", "a limit")]);
    pump.patched(ONE, &made[0], "branches = [\"release-1.2\"]\n");
    expect(&pump.rehearse(), 0);
    let public = git(&pump.path("out/git/acme/pump.git"), &["show", "release-1.2:code.c"]);
    assert_eq!(public, "one\nold_check(a, limit)\nthree");
}

#[test]
fn patch_that_applies_nowhere_is_found_by_the_plan() {
    let mut pump = Pump::new(&["release-1.2"]);
    let texts = [("one\nthis(a)\nthree\n", "first"), ("one\nthat(a)\nthree\n", "second")];
    let made = pump.fix("private", "main", &texts);
    pump.patched(ONE, &made[1], "");
    let output = pump.rehearse();
    expect(&output, 2);
    let told = said(&output);
    assert!(told.contains("release.toml:15:12"), "{told}");
    assert!(told.contains("applies neither to the default branch nor to a line"), "{told}");
    assert!(told.contains("or of the fix that it builds on"), "{told}");
    assert!(!pump.path("out/journal.sqlite").exists(), "no run was begun");
}

#[test]
fn fix_that_changes_nothing_is_no_fix() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.git(&["checkout", "-q", "-b", "private"]);
    pump.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let empty = pump.git(&["rev-parse", "HEAD"]);
    pump.on("main");
    pump.advisory(ONE, &[&empty]);
    let output = pump.rehearse();
    expect(&output, 2);
    let told = said(&output);
    assert!(told.contains("changes nothing") && !told.contains("already fixed"), "{told}");
    let src = pump.path("src");
    let src = src.to_str().unwrap();
    let assessed = run(["assess", "--repo", src, "--fix", &empty, "--branches", "main"]);
    expect(&assessed, 2);
    assert!(said(&assessed).contains("name the commits that hold the fix"), "{}", said(&assessed));
    expect(&run(["backport", "--repo", src, "--fix", &empty, "--onto", "main"]), 2);
    pump.git(&["replace", &empty, "main~0"]);
    let replaced = run(["assess", "--repo", src, "--fix", &empty, "--branches", "main"]);
    expect(&replaced, 2);
    assert!(said(&replaced).contains("is replaced by another one"), "{}", said(&replaced));
}

#[test]
fn commit_that_fixes_two_advisories_is_carried_once_and_its_conflict_asked_once() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    let made = pump.fix(
        "private",
        "main",
        &[("one\ncheck(a, limit)\nthree\n", "both"), ("one\ncheck(a, limit)\nthree\nfour\n", "one more")],
    );
    pump.advisory(ONE, &[&made[0]]);
    pump.advisory(TWO, &[&made[0], &made[1]]);
    expect(&pump.rehearse(), 11);
    assert_eq!(pump.conflicts(), [format!("backport/acme/pump/release-1.2/{ONE}")]);
    pump.push(ONE, "release-1.2", &format!("resolved/{ONE}/release-1.2"), |clone| {
        commit(clone, &[("code.c", "one\nold_check(a, limit)\nthree\n")], "both, for 1.2");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    assert_eq!(pump.private(TWO, "release-1.2"), "one\nold_check(a, limit)\nthree\nfour");
}

#[test]
fn resolution_of_several_commits_serves_every_advisory_that_one_commit_fixes() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    let made = pump.fix("private", "main", &[("one\ncheck(a, limit)\nthree\nfour\n", "both")]);
    pump.advisory(ONE, &[&made[0]]);
    pump.advisory(TWO, &[&made[0]]);
    expect(&pump.rehearse(), 11);
    assert_eq!(pump.conflicts(), [format!("backport/acme/pump/release-1.2/{ONE}")]);
    pump.push(ONE, "release-1.2", &format!("resolved/{ONE}/release-1.2"), |clone| {
        commit(clone, &[("code.c", "one\nold_check(a, limit)\nthree\n")], "a part, for 1.2");
        commit(clone, &[("code.c", "one\nold_check(a, limit)\nthree\nfour\n")], "the rest, for 1.2");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    assert_eq!(pump.private(TWO, "release-1.2"), "one\nold_check(a, limit)\nthree\nfour");
}

#[test]
fn question_about_a_branch_is_asked_once_for_all_advisories_that_one_commit_fixes() {
    let mut pump = Pump::new(&["release-1.2"]);
    let long = |changed: [&str; 3], rest: &str| -> String {
        let line = |at: usize| match at {
            5 => changed[0].to_owned(),
            30 => changed[1].to_owned(),
            50 => changed[2].to_owned(),
            at if at < 12 => format!("line {at}"),
            at => format!("line {at}{rest}"),
        };
        (0..60).map(|at| line(at) + "\n").collect()
    };
    pump.on("release-1.2");
    pump.commit(&[("long.c", &long(["before", "old 30", "old 50"], " of old"))], "a long file");
    pump.on("main");
    pump.commit(&[("long.c", &long(["before", "new 30", "new 50"], " of the newer code"))], "in new form");
    pump.git(&["checkout", "-q", "-b", "private", "main"]);
    let fixed = long(["checked", "checked", "checked"], " of the newer code");
    let fix = pump.commit(&[("long.c", &fixed)], "three places");
    pump.on("main");
    pump.advisory(ONE, &[&fix]);
    pump.advisory(TWO, &[&fix]);
    let rehearsed = said(&pump.rehearse());
    let asked = |text: &str| text.matches("acme/pump release-1.2 is possibly affected").count();
    assert_eq!(asked(&rehearsed), 1, "{rehearsed}");
    assert!(rehearsed.contains(&format!("The answer counts for {TWO} as well")), "{rehearsed}");
    for advisory in [ONE, TWO] {
        let verdict =
            format!("assess/acme/pump/release-1.2/{advisory}: possibly; ada says that it is affected");
        assert!(rehearsed.contains(&verdict), "{rehearsed}");
    }
}

#[test]
fn one_pushed_commit_may_hold_several_fixes_without_naming_them() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.commit(&[("other.c", "first\nno limit\nlast\n")], "another file");
    pump.is_in_old_form("release-1.2");
    pump.commit(&[("other.c", "first\nlimit unknown\nlast\n")], "another file, in old form");
    let one = pump.fix("private-1", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.git(&["checkout", "-q", "-b", "private-2", "main"]);
    let two = pump.commit(&[("other.c", "first\nlimit 64\nlast\n")], "a limit elsewhere");
    pump.on("main");
    pump.advisory(ONE, &[&one[0]]);
    pump.advisory(TWO, &[&two]);
    expect(&pump.rehearse(), 11);
    let asked = [ONE, TWO].map(|advisory| format!("backport/acme/pump/release-1.2/{advisory}"));
    assert_eq!(pump.conflicts(), asked);
    pump.push(ONE, "release-1.2", &format!("resolved/{ONE}/release-1.2"), |clone| {
        let both = [("code.c", "one\nold_check(a, limit)\nthree\n"), ("other.c", "first\nlimit 64\nlast\n")];
        commit(clone, &both, "limits, for 1.2");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    let store = pump.path("out/store/acme/pump.git");
    let log = git(&store, &["log", "-2", "--format=%s", "refs/lockgate/made/stack/acme/pump/release-1.2"]);
    assert_eq!(log, "limits, for 1.2\nanother file, in old form");
}

/// People resolve one fix on top of another, with its release note; the other one was picked without that, as notes are written
/// again.
#[test]
fn commit_of_which_only_the_note_is_left_is_no_second_commit() {
    let news = |more: &str| format!("# News\n\n{more}## 1.0.3\n\n- the first\n");
    let other = |limit: &str, tail: &str| format!("first\n{limit}\na\nb\nc\nd\ne\nf\ng\nh\n{tail}\nlast\n");
    let mut pump = Pump::new(&["release-1.0"]);
    let catalog = fs::read_to_string(pump.path("release/catalog.toml")).unwrap();
    let rule = "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary} ({ghsa})\"\n[[repo.test]]";
    fs::write(pump.path("release/catalog.toml"), catalog.replace("[[repo.test]]", rule)).unwrap();
    pump.commit(&[("other.c", &other("no limit", "unchecked")), ("NEWS.md", &news(""))], "another file");
    pump.on("release-1.0");
    pump.commit(&[("other.c", &other("limit unknown", "unchecked")), ("NEWS.md", &news(""))], "in old form");
    pump.commit(&[("VERSION", "1.0.4\n")], "1.0.4");
    pump.git(&["tag", "v1.0.4"]);
    pump.git(&["checkout", "-q", "-b", "private", "main"]);
    let limited = "one\ncheck(a, limit)\nthree\n";
    let told = news("## Unreleased\n\n- a limit\n\n");
    let one = pump.commit(&[("code.c", limited), ("NEWS.md", &told)], "a limit");
    let told = news("## Unreleased\n\n- a limit\n- another\n\n");
    let fixed = &other("limit 64", "checked");
    let two = pump.commit(&[("other.c", fixed), ("NEWS.md", &told)], "a limit elsewhere");
    pump.on("main");
    pump.advisory(ONE, &[&one]);
    pump.advisory(TWO, &[&two]);
    expect(&pump.rehearse(), 11);
    assert_eq!(pump.conflicts(), [format!("backport/acme/pump/release-1.0/{TWO}")]);
    pump.push(TWO, "release-1.0", &format!("resolved/{TWO}/release-1.0"), |clone| {
        let told = news("## 1.0.5\n\n- a limit\n\n");
        commit(clone, &[("code.c", limited), ("NEWS.md", &told)], "a limit");
        let told = news("## 1.0.5\n\n- a limit\n- another\n\n");
        commit(clone, &[("other.c", fixed), ("NEWS.md", &told)], "a limit elsewhere");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    let stack = "refs/lockgate/made/stack/acme/pump/release-1.0";
    let store = pump.path("out/store/acme/pump.git");
    let log = git(&store, &["log", "-4", "--format=%s", stack]);
    assert_eq!(log, "Release notes for 1.0.5\na limit elsewhere\na limit\n1.0.4");
}

#[test]
fn pushed_resolution_is_complete_however_many_commits_it_has() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    let made = pump.fix(
        "private",
        "main",
        &[("one\ncheck(a, limit)\nthree\n", "a limit"), ("one\ncheck(a, limit, true)\nthree\n", "strict")],
    );
    pump.advisory(ONE, &[&made[0], &made[1]]);
    expect(&pump.rehearse(), 11);
    pump.push(ONE, "release-1.2", &format!("resolved/{ONE}/release-1.2"), |clone| {
        commit(clone, &[("code.c", "one\nold_check(a, limit, true)\nthree\n")], "a limit, strict");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    let shown = pump.gate();
    assert!(shown.contains("the resolution is taken as the whole fix"), "{shown}");
}

#[test]
fn resolution_may_be_a_merge_of_an_older_private_branch() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    pump.commit(&[("other.c", "meanwhile\n")], "meanwhile");
    let made = pump.fix("private", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 11);
    pump.push(ONE, "release-1.2~1", &format!("resolved/{ONE}/release-1.2"), |clone| {
        commit(clone, &[("code.c", "one\nold_check(a, limit)\nthree\n")], "a limit, for 1.2");
        git(clone, &["merge", "-q", "--no-edit", "origin/release-1.2"]);
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    assert_eq!(pump.private(ONE, "release-1.2"), "one\nold_check(a, limit)\nthree");
    let range = format!("release-1.2..lockgate/{ONE}/release-1.2");
    assert_eq!(git(&pump.fork(ONE), &["log", "--format=%s", &range]), "a limit");
    let shown = pump.gate();
    assert!(shown.contains("is a merge"), "{shown}");
}

#[test]
fn resolution_on_an_older_head_is_carried_to_the_present_one_if_it_fits_there() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.is_in_old_form("release-1.2");
    pump.commit(&[("other.c", "meanwhile\n")], "meanwhile");
    pump.on("main");
    pump.commit(&[("newer.c", "only here\n")], "main goes on");
    let made = pump.fix("private", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 11);
    let resolved = |branch: &str, files: &[(&str, &str)]| {
        pump.push(ONE, branch, &format!("resolved/{ONE}/release-1.2"), |clone| {
            commit(clone, files, "a limit, for 1.2");
            commit(clone, &[("guide.txt", "of limits\n")], "a guide");
        });
        pump.resume()
    };
    let right = ("code.c", "one\nold_check(a, limit)\nthree\n");
    let told = resolved("release-1.2~1", &[right, ("other.c", "otherwise\n")]);
    let unfit = "an older head of the branch, and does not fit on the present one";
    assert!(told.contains(unfit) && told.contains(": other.c"), "{told}");
    // What stands on another branch would bring what is only there.
    let told = resolved("main", &[right]);
    assert!(told.contains("is not based on the branch's head"), "{told}");
    resolved("release-1.2~1", &[right]);
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    assert_eq!(pump.private(ONE, "release-1.2"), "one\nold_check(a, limit)\nthree");
    assert_eq!(pump.carried(ONE, "release-1.2"), "a guide\na limit, for 1.2");
    let shown = pump.gate();
    assert!(shown.contains("an older head of the branch; what it changes was carried"), "{shown}");
}

#[test]
fn note_alone_in_common_makes_no_fix_wait_for_another() {
    let mut pump = Pump::new(&["release-1.2"]);
    pump.on("main");
    pump.commit(&[("NEWS.md", "# 0.9\n\n- old\n"), ("other.c", "open(b)\n")], "news");
    pump.is_in_old_form("release-1.2");
    pump.commit(&[("other.c", "old_open(b)\n")], "old form elsewhere");
    pump.on("main");
    pump.git(&["checkout", "-q", "-b", "private", "main"]);
    let first = pump.commit(
        &[("code.c", "one\ncheck(a, limit)\nthree\n"), ("NEWS.md", "# 0.9\n\n- a limit\n- old\n")],
        "a limit",
    );
    let second = pump.commit(
        &[("other.c", "open(b, limit)\n"), ("NEWS.md", "# 0.9\n\n- another\n- a limit\n- old\n")],
        "another limit",
    );
    pump.on("main");
    pump.advisory(ONE, &[&first]);
    pump.advisory(TWO, &[&second]);
    expect(&pump.rehearse(), 11);
    let asked = [ONE, TWO].map(|id| format!("backport/acme/pump/release-1.2/{id}"));
    assert_eq!(pump.conflicts(), asked);
}

#[test]
fn resolution_of_an_older_line_serves_the_newer_ones() {
    let mut pump = Pump::new(&["release-1.0", "release-1.1", "release-1.2"]);
    for line in ["release-1.0", "release-1.1", "release-1.2"] {
        pump.is_in_old_form(line);
    }
    let made = pump.fix("private", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 11);
    assert_eq!(pump.conflicts().len(), 3);
    pump.push(ONE, "release-1.0", &format!("resolved/{ONE}/release-1.0"), |clone| {
        commit(clone, &[("code.c", "one\nold_check(a, limit)\nthree\n")], "a limit, for 1.0");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    assert_eq!(pump.private(ONE, "release-1.2"), "one\nold_check(a, limit)\nthree");
    let shown = pump.gate();
    assert!(shown.contains("what release-1.0 made of it"), "{shown}");
}

#[test]
fn fixes_that_do_not_fit_on_top_of_each_other_are_resolved_like_any_conflict() {
    let mut pump = Pump::new(&["release-1.2"]);
    let one = pump.fix("private-1", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    let two = pump.fix("private-2", "main", &[("one\ncheck(a, true)\nthree\n", "strict")]);
    pump.advisory(ONE, &[&one[0]]);
    pump.advisory(TWO, &[&two[0]]);
    expect(&pump.rehearse(), 11);
    assert_eq!(pump.conflicts(), ["stack/acme/pump/main", "stack/acme/pump/release-1.2"]);
    let output = run(["resolve", "stack/acme/pump/main", "--dir", &pump.out()]);
    expect(&output, 11);
    let told = said(&output);
    let place = told.lines().find_map(|line| line.split_once(" is checked out in ")).unwrap().1;
    fs::write(Path::new(place).join("code.c"), "one\ncheck(a, limit, true)\nthree\n").unwrap();
    git(Path::new(place), &["add", "code.c"]);
    let done = ["resolve", "stack/acme/pump/main", "--done", "--as", "ada", "--dir", &pump.out()];
    expect(&run(done), 0);
    pump.push(ONE, "release-1.2", "resolved/stack/release-1.2", |clone| {
        commit(clone, &[("code.c", "one\ncheck(a, limit, true)\nthree\n")], "both");
    });
    pump.resume();
    assert!(pump.conflicts().is_empty(), "{:?}", pump.conflicts());
    let shown = pump.gate();
    assert!(shown.contains("resolved what did not fit on top of each other"), "{shown}");
}

#[test]
fn mirror_with_a_branch_that_is_called_fix_can_be_rehearsed() {
    let mut pump = Pump::new(&["release-1.2"]);
    let made = pump.fix("fix", "main", &[("one\ncheck(a, limit)\nthree\n", "a limit")]);
    pump.advisory(ONE, &[&made[0]]);
    expect(&pump.rehearse(), 0);
}
