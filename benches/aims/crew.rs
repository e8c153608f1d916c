//! Entries that do nothing, through three workers on this machine and a real NATS server, against as many child processes at a
//! time. `LOCKGATE_BENCH_SHARE=N` takes an Nth of the entries.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::death;
use crate::repository;
use crate::table::{Failure, Table};

const ENTRIES: usize = 800;
const WORKERS: [&str; 3] = ["one", "two", "three"];
/// Without a sign of life for so long a worker has lost its entry.
const ACK_WAIT: &str = "2s";
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that ends with this value.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A project, the keys of everybody, and the server.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    url: String,
    _server: Running,
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let Some(program) = nats() else {
        table.note("matrix: no workers: `nats-server` is not installed");
        return Ok(());
    };
    let share = std::env::var("LOCKGATE_BENCH_SHARE").ok().and_then(|share| share.parse().ok()).unwrap_or(1);
    let count = ENTRIES / share;
    let bench = Bench::new(&program)?;
    bench.make_project("project", &of_nothing(count))?;
    // They are at the server long before they are asked.
    let workers = WORKERS.iter().map(|name| bench.worker(name)).collect::<Result<Vec<_>, _>>()?;
    let at_home = bench.at_home()?;
    let spread = bench.timed(bench.spread("project", "kept-by-workers"))?;
    let per_second = |took: Duration| count as f64 / took.as_secs_f64();
    let what = format!("matrix: {count} entries of nothing, three workers, entries a second");
    table.measure(what, format!("{:.1}", per_second(spread)));
    let what =
        format!("matrix: {count} entries of nothing, three at a time as child processes, entries a second");
    table.measure(what, format!("{:.1}", per_second(at_home)));
    let ratio = spread.as_secs_f64() / at_home.as_secs_f64();
    table.measure("matrix: workers against child processes, times the time", format!("{ratio:.2}"));
    drop(workers);
    death::measure(&bench, table)
}

impl Bench {
    fn new(program: &Path) -> Result<Bench, Failure> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let store = folder.path().join("store");
        let config = format!("listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {store:?} }}\n");
        std::fs::write(folder.path().join("server.conf"), config)?;
        let server = Command::new(program)
            .arg("-c")
            .arg(folder.path().join("server.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Running(server);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > PATIENCE {
                return Err("the server does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let bench = Bench { folder, url: format!("nats://127.0.0.1:{port}"), _server: server };
        bench.make_keys()?;
        Ok(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn lockgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.current_dir(self.folder.path()).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn make_keys(&self) -> Result<(), Failure> {
        let mut workers = String::new();
        for name in ["coordinator"].iter().chain(&WORKERS) {
            let made = self.lockgate(&["worker", "--new-key", name]).stdout(Stdio::piped()).output()?;
            let key = String::from_utf8(made.stdout)?;
            let line = format!("{} {name}\n", key.trim());
            if *name == "coordinator" {
                std::fs::write(self.path("coordinators"), line)?;
            } else {
                workers += &line;
            }
        }
        Ok(std::fs::write(self.path("workers"), workers)?)
    }

    /// A repository with this workflow.
    pub(crate) fn make_project(&self, name: &str, text: &str) -> Result<(), Failure> {
        repository::make_project(&self.path(name), text)
    }

    pub(crate) fn worker(&self, name: &str) -> Result<Running, Failure> {
        let mut command = self.lockgate(&["worker", "--join", &self.url, "--name", name, "--key", name]);
        Ok(Running(command.args(["--trust", "coordinators"]).spawn()?))
    }

    fn matrix(&self, project: &str, more: &[&str]) -> Command {
        let mut command = self.lockgate(&["matrix", "--repo", project, "--rev", "main", "--run", "--json"]);
        command.args(more);
        command
    }

    /// The matrix of a project through the workers.
    pub(crate) fn spread(&self, project: &str, keep: &str) -> Command {
        let workers = ["--workers", &self.url, "--key", "coordinator", "--trust", "workers"];
        let mut command = self.matrix(project, &workers);
        command.args(["--ack-wait", ACK_WAIT, "--keep", keep]);
        command
    }

    fn at_home(&self) -> Result<Duration, Failure> {
        self.timed(self.matrix("project", &["--jobs", "3", "--keep", "kept-at-home"]))
    }

    /// How long a matrix takes in which everything passes.
    fn timed(&self, mut command: Command) -> Result<Duration, Failure> {
        let began = Instant::now();
        ended(&mut command.spawn()?, began)
    }
}

/// How long it took from then until a matrix has passed.
pub(crate) fn ended(matrix: &mut Child, began: Instant) -> Result<Duration, Failure> {
    let status = matrix.wait()?;
    match status.success() {
        true => Ok(began.elapsed()),
        false => Err(format!("the matrix ended with {status}").into()),
    }
}

/// The machine that a job asks for so that it can run here.
pub(crate) const RUNNER: &str =
    if cfg!(target_arch = "aarch64") { "ubuntu-24.04-arm" } else { "ubuntu-24.04" };

/// A workflow of so many entries, of which each runs one command.
fn of_nothing(count: usize) -> String {
    let jobs = (0..count.div_ceil(200)).map(|job| {
        let numbers: Vec<String> = (job * 200..count.min((job + 1) * 200)).map(|n| n.to_string()).collect();
        let matrix = format!("strategy: {{ matrix: {{ n: [{}] }} }}", numbers.join(", "));
        format!("  part{job}: {{ {matrix}, runs-on: {RUNNER}, steps: [{{ run: ':' }}] }}\n")
    });
    format!("on: push\njobs:\n{}", jobs.collect::<String>())
}

fn nats() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let usual = std::env::split_paths(&folders).chain([PathBuf::from("/usr/sbin")]);
    usual.map(|folder| folder.join("nats-server")).find(|program| program.is_file())
}
