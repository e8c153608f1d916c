//! Running the tool as a user does, and looking at the world that a rehearsal keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::printed;

/// The repositories of the demo.
pub(crate) const SLUICE: &str = "brightwater/sluice";
pub(crate) const WEIR: &str = "brightwater/weir";

/// A directory of `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The tool with an environment that names no token and no home of ours.
pub(crate) fn lockgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    let named = [
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "LOCKGATE_APP_KEY",
        "LOCKGATE_SMTP_PASSWORD",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
    ];
    for name in named {
        command.env_remove(name);
    }
    // Whoever runs the tests is not the committer in them.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// The tool's answer to these arguments.
pub(crate) fn run<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    lockgate().args(arguments).output().unwrap()
}

/// Everything that an answer says.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    printed::understood(output);
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The answer must have this exit code.
#[track_caller]
pub(crate) fn expect(output: &Output, code: i32) {
    printed::understood(output);
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
}

/// A world that a rehearsal kept.
pub(crate) struct World {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl World {
    /// An empty place for one.
    pub(crate) fn new() -> World {
        World::named("out")
    }

    /// An empty place of this name for one.
    pub(crate) fn named(name: &'static str) -> World {
        World { folder: tempfile::tempdir().unwrap(), name }
    }

    /// `OUT`.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// What git says in one of its repositories.
    pub(crate) fn git(&self, repo: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("--git-dir")
            .arg(self.repository(repo))
            .args(arguments)
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The bare repository of this name.
    pub(crate) fn repository(&self, repo: &str) -> PathBuf {
        self.path().join("git").join(format!("{repo}.git"))
    }

    /// A file of a branch or tag.
    pub(crate) fn file(&self, repo: &str, revision: &str, path: &str) -> String {
        self.git(repo, &["show", &format!("{revision}:{path}")])
    }

    /// The final report.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path().join("report.json")).unwrap()).unwrap()
    }

    /// The mails by the name of their file.
    pub(crate) fn mails(&self) -> BTreeMap<String, String> {
        let Ok(entries) = std::fs::read_dir(self.path().join("mail")) else { return BTreeMap::new() };
        entries
            .map(|entry| {
                let path = entry.unwrap().path();
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    std::fs::read_to_string(path).unwrap(),
                )
            })
            .collect()
    }

    /// The requests that were answered: method, path, status.
    pub(crate) fn requests(&self) -> Vec<(String, String, u64)> {
        requests(&self.path())
    }

    /// What the kept world's GitHub answers to a question, asked by a client that knows nothing of the tool.
    pub(crate) fn ask(&self, fixture_name: &str, path: &str) -> Value {
        let folder = fixture(fixture_name);
        let kept = self.path();
        let body = served(&[folder.as_path(), Path::new("--keep"), &kept], &format!("/api{path}"));
        // The body may come in one chunk with its length around it.
        let (start, end) = (body.find('{').unwrap(), body.rfind('}').unwrap());
        serde_json::from_str(&body[start..=end]).unwrap()
    }

    /// The page that the world shows for a path of its own, served again as it was kept.
    pub(crate) fn page(&self, path: &str) -> String {
        served(&[self.path().as_path()], path)
    }
}

/// `lockgate emulate`, until it is dropped.
pub(crate) struct Served {
    server: std::process::Child,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

impl Served {
    /// Starts it with these arguments.
    pub(crate) fn with<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Served {
        let mut server = lockgate();
        server.arg("emulate").args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = server.spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                let (_, rest) = line.split_once("http://")?;
                Some(rest.split('/').next().unwrap().to_owned())
            })
            .unwrap();
        Served { server, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The body of one answer of `lockgate emulate` with these arguments.
fn served(arguments: &[&Path], path: &str) -> String {
    let server = Served::with(arguments);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "User-Agent: curl\r\nAuthorization: Bearer emulated-token-of-mara\r\nConnection: close\r\n";
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{head}\r\n", server.address).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// A program that only some stories need. Where it is missing they say so and prove nothing; CI sets
/// `LOCKGATE_CLIENTS=required`, and there they fail.
pub(crate) fn client(name: &str, how: &str) -> Option<PathBuf> {
    absent(program(name), &format!("`{name}` is not on PATH: {how}"))
}

/// Where a program is on PATH.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|one| one.is_file())
}

/// Says that something is missing, or fails where it must not be.
pub(crate) fn absent<T>(found: Option<T>, missing: &str) -> Option<T> {
    if found.is_none() {
        let is_required = std::env::var_os("LOCKGATE_CLIENTS").is_some_and(|word| word == "required");
        assert!(!is_required, "{missing}");
        not_tested(missing);
    }
    found
}

/// Says that a story proves nothing here.
pub(crate) fn not_tested(missing: &str) {
    let mut told = std::io::stderr();
    writeln!(told, "NOT TESTED: {missing}").unwrap();
}

/// The requests that the world in a folder answered: method, path, status.
pub(crate) fn requests(world: &Path) -> Vec<(String, String, u64)> {
    let text = std::fs::read_to_string(world.join("requests.jsonl")).unwrap();
    let read = |line: &str| {
        let request: Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| request[key].as_str().unwrap().to_owned();
        (word("method"), word("path"), request["status"].as_u64().unwrap())
    };
    text.lines().map(read).collect()
}

/// Puts a script into a folder, and gives a PATH on which it is the first of its name.
pub(crate) fn on_path(folder: &Path, name: &str, text: &str) -> OsString {
    let program = folder.join(name);
    std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path))).unwrap()
}

/// What git says in a clone or a work tree where the manager works.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Mara", "-c", "user.email=mara@brightwater.example"];
    let output = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Copies a directory with everything below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Changes a file of a release; the text to be replaced must be there, or the story would prove nothing.
#[track_caller]
pub(crate) fn edit(folder: &Path, name: &str, from: &str, to: &str) {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {name}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

/// The fixture of the conflict without the line that conflicts.
pub(crate) fn without_the_conflict(folder: &Path) {
    copy(&fixture("conflict"), folder);
    edit(folder, "catalog.toml", "\"release/1.x\", ", "");
}

/// What a rehearsal of this folder says that is kept in the world's; it must end with this code.
#[track_caller]
pub(crate) fn rehearsed(world: &World, folder: &Path, code: i32) -> String {
    let output = run(["rehearse".as_ref(), folder.as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
    expect(&output, code);
    said(&output)
}

/// The commands that the tool itself prints as the next ones.
pub(crate) fn next_commands(status: &str) -> Vec<String> {
    let found: BTreeSet<String> = status
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| line.starts_with("lockgate confirm") || line.starts_with("lockgate approve"))
        .collect();
    found.into_iter().collect()
}
