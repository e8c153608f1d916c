//! EN-01: killed at any moment, resumed, and the world is the one of a run that was never disturbed.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{SLUICE, WEIR, World, expect, fixture, lockgate, run};

/// How often the tool is killed.
const KILLS: usize = 25;

/// What must be the same in both worlds: trees of branches and tags, and how much of everything there is.
fn outcome(world: &World) -> BTreeMap<String, String> {
    let mut outcome = BTreeMap::new();
    for repo in [SLUICE, WEIR] {
        let refs = world
            .git(repo, &["for-each-ref", "--format=%(refname) %(tree)%(*tree)", "refs/heads", "refs/tags"]);
        for line in refs.lines() {
            let (name, tree) = line.split_once(' ').unwrap();
            outcome.insert(format!("{repo} {name}"), tree.to_owned());
        }
        let pulls = world.git(repo, &["for-each-ref", "--format=%(refname)", "refs/pull"]);
        outcome.insert(format!("{repo} pull requests"), pulls.lines().count().to_string());
    }
    let report = world.report();
    for advisory in report["advisories"].as_array().unwrap() {
        outcome.insert(format!("advisory {}", advisory["id"]), advisory["state"].to_string());
    }
    for target in report["targets"].as_array().unwrap() {
        let name = format!("target {} {}", target["repo"], target["branch"]);
        outcome.insert(name, format!("{} {} {}", target["tree"], target["tag"], target["assets"]));
    }
    for name in world.mails().into_keys() {
        outcome.insert(format!("mail {name}"), "sent".into());
    }
    outcome
}

/// Effects that cannot be taken back: each was accepted once, however often the tool was killed.
fn irreversible(world: &World) -> BTreeMap<&'static str, usize> {
    let accepted = |method: &str, end: &str, statuses: [u64; 2]| {
        world
            .requests()
            .iter()
            .filter(|(verb, way, status)| verb == method && way.ends_with(end) && statuses.contains(status))
            .count()
    };
    BTreeMap::from([
        ("dispatches", accepted("POST", "/dispatches", [204, 200])),
        ("merges", accepted("PUT", "/merge", [200, 200])),
        ("pull requests in sluice", accepted("POST", "/repos/brightwater/sluice/pulls", [201, 201])),
        ("pull requests in weir", accepted("POST", "/repos/brightwater/weir/pulls", [201, 201])),
    ])
}

/// A small generator: the moments differ from kill to kill and are the same in every run of the test.
struct Moments(u64);

impl Moments {
    fn next(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = f64::from(u32::try_from(self.0 >> 33).unwrap()) / f64::from(1u32 << 31);
        longest.mul_f64(part)
    }
}

#[test]
fn en_01_killed_at_25_moments_it_ends_in_the_same_world() {
    let calm = World::new();
    let begun = Instant::now();
    let undisturbed =
        lockgate().arg("rehearse").arg(fixture("demo")).arg("--keep").arg(calm.path()).output().unwrap();
    expect(&undisturbed, 0);
    // Moments are spread so that a disturbed run gets on between two of them.
    let longest = begun.elapsed().mul_f64(0.12).max(Duration::from_millis(400));

    let mut moments = Moments(20_260_310);
    let mut kills = 0;
    while kills < KILLS {
        let world = World::new();
        while kills < KILLS {
            let mut child = lockgate()
                .arg("rehearse")
                .arg(fixture("demo"))
                .arg("--keep")
                .arg(world.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(moments.next(longest));
            let ended = child.try_wait().unwrap().is_some();
            child.kill().unwrap();
            child.wait().unwrap();
            if ended {
                break;
            }
            kills += 1;
        }
        let last = run([
            "rehearse".as_ref(),
            fixture("demo").as_os_str(),
            "--keep".as_ref(),
            world.path().as_os_str(),
        ]);
        expect(&last, 0);
        assert_eq!(outcome(&world), outcome(&calm), "after {kills} kills");
        assert_eq!(irreversible(&world), irreversible(&calm), "after {kills} kills");
    }
}
