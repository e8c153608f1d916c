//! Fixes that are pull requests on the private side: which of them are carried, which are refused, and what is said.

use std::path::PathBuf;
use std::process::Output;

use crate::support::{World, copy, expect, fixture, git, next_commands, run, said};

const PRIVATE: &str = "brightwater/gauge-private";

/// The fixture of the conflict without the line that conflicts, and the fix as a pull request of two commits.
struct Gauge {
    folder: tempfile::TempDir,
    world: World,
}

/// The private repository: the branch of the fix, of two commits.
const HISTORY: &str = r#"
begins-with = "../gauge"

[[commit]]
branch = "fix/numbers"
from = "main"
author = "Mara Lindqvist <mara@brightwater.example>"
date = "2026-03-01T09:00:00Z"
message = "gauge: refuse lines that are not numbers"
patch = "01-numbers.patch"

[[commit]]
branch = "fix/numbers"
author = "Mara Lindqvist <mara@brightwater.example>"
date = "2026-03-01T09:10:00Z"
message = "gauge: test names"
patch = "02-test.patch"
"#;

const REPOSITORY: &str = r#"
[[repos]]
name = "brightwater/gauge-private"
visibility = "private"
source = { path = "world/gauge-private" }
collaborators = { ines = "admin" }
pulls = [
    { number = 1, title = "gauge: refuse lines", head = "fix/numbers", base = "main", author = "mara", stands = "open" },
]
"#;

impl Gauge {
    fn new() -> Gauge {
        let gauge = Gauge { folder: tempfile::tempdir().unwrap(), world: World::new() };
        copy(&fixture("conflict"), gauge.folder.path());
        let fix = std::fs::read_to_string(fixture("conflict/fixes/gauge-numbers.patch")).unwrap();
        let (first, second) = fix.split_at(fix.find("diff --git a/tests").unwrap());
        let private = gauge.path("world/gauge-private");
        std::fs::create_dir_all(&private).unwrap();
        std::fs::write(private.join("history.toml"), HISTORY).unwrap();
        std::fs::write(private.join("01-numbers.patch"), &first[first.find("diff --git").unwrap()..])
            .unwrap();
        std::fs::write(private.join("02-test.patch"), second.split("\nbase-commit").next().unwrap()).unwrap();
        gauge.change("world.toml", "[[advisories]]", &format!("{REPOSITORY}\n[[advisories]]"));
        gauge.change("release.toml", r#"patches = ["fixes/gauge-numbers.patch"]"#, "pull = 1");
        let catalog = "[repo.version]";
        gauge.change(
            "catalog.toml",
            catalog,
            &format!("private = {{ repository = \"{PRIVATE}\" }}\n\n{catalog}"),
        );
        gauge.change("catalog.toml", r#""release/1.x", "#, "");
        gauge
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {name}");
        std::fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
    }

    fn rehearse(&self, more: &[&str]) -> Output {
        let (files, kept) = (self.folder.path().as_os_str(), self.world.path());
        let known = ["rehearse".as_ref(), files, "--keep".as_ref(), kept.as_os_str()];
        run(known.into_iter().chain(more.iter().map(std::ffi::OsStr::new)))
    }

    fn clone(&self) -> PathBuf {
        let clone = self.path("clone");
        let from = self.world.repository(PRIVATE);
        git(self.folder.path(), &["clone", "-q", "-b", "fix/numbers", from.to_str().unwrap(), "clone"]);
        clone
    }
}

#[test]
fn bp_46_a_pull_request_that_was_given_up_or_is_a_draft_is_no_fix() {
    for (stands, told, remedy) in [
        ("closed", "was closed without merging", "open it again"),
        ("draft", "is a draft", "mark it as ready for review"),
    ] {
        let gauge = Gauge::new();
        gauge.change("world.toml", r#"stands = "open""#, &format!("stands = \"{stands}\""));
        let output = gauge.rehearse(&[]);
        expect(&output, 2);
        let said = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("gauge-private/pull/1"), "{said}");
        assert!(said.contains(told) && said.contains(remedy) && said.contains("lockgate amend"), "{said}");
        let made = gauge.world.git(PRIVATE, &["for-each-ref", "--format=%(refname)", "refs/heads/lockgate"]);
        assert_eq!(made, "", "nothing was carried");
    }
}

impl Gauge {
    /// Answers what is asked until the gate `ready` asks.
    fn up_to_the_gate(&self) -> Output {
        for _ in 0..9 {
            let output = self.rehearse(&["--ask"]);
            expect(&output, 10);
            let told = said(&output);
            if told.contains("gate/ready asks") {
                return output;
            }
            for command in next_commands(&told) {
                let words = command.clone();
                expect(&run(words.split_whitespace().skip(1)), 0);
            }
        }
        panic!("the gate was not reached");
    }

    /// The branch of the pull request gets the default branch merged into it between its two commits.
    fn update_the_branch(&self) -> String {
        let clone = self.clone();
        let second = git(&clone, &["rev-parse", "HEAD"]);
        git(&clone, &["switch", "-q", "main"]);
        git(&clone, &["commit", "-q", "--allow-empty", "-m", "meanwhile"]);
        git(&clone, &["switch", "-q", "-C", "fix/numbers", "origin/fix/numbers~1"]);
        git(&clone, &["merge", "-q", "--no-ff", "-m", "Merge branch 'main' into fix/numbers", "main"]);
        let merge = git(&clone, &["rev-parse", "HEAD"]);
        git(&clone, &["cherry-pick", &second]);
        git(&clone, &["push", "-q", "--force", "origin", "main", "fix/numbers"]);
        merge
    }
}

#[test]
fn bp_07_a_merge_in_the_pull_request_stops_the_import_with_the_remedy() {
    let gauge = Gauge::new();
    expect(&gauge.rehearse(&["--ask"]), 10);
    let merge = gauge.update_the_branch();
    let output = gauge.rehearse(&[]);
    expect(&output, 2);
    let told = said(&output);
    assert!(told.contains(&format!("has the merge {merge} in it")), "{told}");
    assert!(told.contains("rebase it") && told.contains("merges = \"skip\""), "{told}");
}

#[test]
fn bp_08_a_merge_in_the_pull_request_is_left_out_when_asked_and_that_is_said() {
    let gauge = Gauge::new();
    gauge.change("release.toml", "pull = 1", "pull = 1\nmerges = \"skip\"");
    expect(&gauge.rehearse(&["--ask"]), 10);
    let merge = gauge.update_the_branch();
    gauge.up_to_the_gate();
    let left_out = format!("the merge {} in", &merge[..10]);
    let shown = run([
        "approve".as_ref(),
        "ready".as_ref(),
        "--long".as_ref(),
        "--dir".as_ref(),
        gauge.world.path().as_os_str(),
    ]);
    assert!(said(&shown).contains(&left_out), "{}", said(&shown));
    let line = "lockgate/GHSA-3g8f-wv5j-m2cx/release/2.x";
    let subjects = gauge.world.git(PRIVATE, &["log", "-2", "--format=%s", line]);
    assert_eq!(subjects, "gauge: test names\ngauge: refuse lines that are not numbers");
}

#[test]
fn bp_47_what_was_added_to_the_pull_request_later_is_shown_at_the_gate() {
    let gauge = Gauge::new();
    let told = said(&gauge.up_to_the_gate());
    assert!(!told.contains("NOTE"), "{told}");
    let clone = gauge.clone();
    git(&clone, &["commit", "-q", "--allow-empty", "-m", "gauge: and one case more"]);
    git(&clone, &["push", "-q", "origin", "fix/numbers"]);
    let told = said(&gauge.rehearse(&["--ask"]));
    assert!(told.contains("gauge-private/pull/1 changed after its fix was imported"), "{told}");
    assert!(told.contains("it has now") && told.contains("\"gauge: and one case more\""), "{told}");
}

/// GitHub would refuse each of these after the gates.
#[test]
fn branches_of_public_pull_requests_live_in_a_public_fork_or_the_plan_is_refused() {
    let other = "[[repos]]\nname = \"brightwater/other\"\n\n";
    let private =
        "[[repos]]\nname = \"mara/gauge\"\nfork_of = \"brightwater/gauge\"\nvisibility = \"private\"\n\n";
    for (home, repos, why) in [
        ("mara/gauge", "", "it is not there"),
        ("brightwater/other", other, "it is no fork of `brightwater/gauge`"),
        ("mara/gauge", private, "other people read it"),
        ("brightwater/gauge-ghsa-3g8f-wv5j-m2cx", "", "it is not there"),
    ] {
        let gauge = Gauge::new();
        let publish = format!("publish-from = {{ fork = \"{home}\" }}\n\n[repo.version]");
        gauge.change("catalog.toml", "[repo.version]", &publish);
        gauge.change("world.toml", "[[advisories]]", &format!("{repos}[[advisories]]"));
        let told = gauge.rehearse(&[]);
        expect(&told, 2);
        let told = said(&told);
        assert!(told.contains(why) && told.contains("catalog.toml:"), "{told}");
        assert!(told.contains("name a public fork of it"), "{told}");
    }
}

#[test]
fn bp_43_branches_of_public_pull_requests_live_where_the_catalog_says() {
    for home in ["brightwater/gauge", "mara/gauge", "brightwater/gauge-staging"] {
        let gauge = Gauge::new();
        let fork = home != "brightwater/gauge";
        if fork {
            let publish = format!("publish-from = {{ fork = \"{home}\" }}\n\n[repo.version]");
            gauge.change("catalog.toml", "[repo.version]", &publish);
            let repo =
                format!("[[repos]]\nname = \"{home}\"\nfork_of = \"brightwater/gauge\"\n\n[[advisories]]");
            gauge.change("world.toml", "[[advisories]]", &repo);
        }
        expect(&gauge.rehearse(&[]), 0);
        let branches = |repo: &str| {
            gauge.world.git(
                repo,
                &["for-each-ref", "--format=%(refname:short)", "refs/heads/security", "refs/heads/bump"],
            )
        };
        assert!(branches(home).contains("security/2026-03-spring-tide/release/2.x"), "{}", branches(home));
        assert!(branches(home).contains("bump/release/2.x-2.0.1"), "{}", branches(home));
        if fork {
            assert_eq!(branches("brightwater/gauge"), "");
        }
        let merged = gauge.world.git("brightwater/gauge", &["log", "-3", "--format=%s", "release/2.x"]);
        assert!(merged.contains("Bump to 2.0.1"), "{merged}");
    }
}
