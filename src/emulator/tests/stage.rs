//! The stage of the stories: a world with two people and one repository, a client, and a work tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::emulator::spec::WorldSpec;
use crate::emulator::{Emulator, Serving};

/// What every world here begins with; stories add to it.
pub(super) const BEGINNING: &str = r#"
start = "2026-03-02T09:00:00Z"
[[users]]
login = "ada"
token = "token-ada"
admin = true
[[users]]
login = "bob"
token = "token-bob"
[[users]]
login = "eve"
token = "token-eve"
"#;

/// A world that runs.
pub(super) struct StagedWorld {
    pub(super) dir: TempDir,
    pub(super) clock: Clock,
    serving: Option<Serving>,
    client: reqwest::Client,
}

impl StagedWorld {
    /// Lays out the world of `BEGINNING` and `further`, where `SEED` stands for a seed repository's path.
    pub(super) async fn set(further: &str) -> StagedWorld {
        // Another test may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let seed = seed(dir.path());
        let text = format!("{BEGINNING}{further}").replace("SEED", seed.to_str().unwrap());
        let spec = toml::from_str::<WorldSpec>(&text).unwrap();
        let clock = Clock::simulated(spec.start);
        let emulator = Emulator::create(&dir.path().join("world"), &spec, clock.clone()).unwrap();
        let client = reqwest::Client::builder().user_agent("story").build().unwrap();
        let mut stage = StagedWorld { dir, clock, serving: None, client };
        stage.raise(emulator).await;
        stage
    }

    async fn raise(&mut self, emulator: Emulator) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.serving = Some(emulator.serve(listener).unwrap());
    }

    /// Drops the world without a farewell and opens it again from its directory.
    pub(super) async fn reopen(&mut self) {
        drop(self.serving.take());
        let mut resumed = None;
        let emulator = Emulator::open(&self.dir.path().join("world"), |saved| {
            let clock = Clock::simulated(saved);
            resumed = Some(clock.clone());
            clock
        });
        self.clock = resumed.unwrap();
        self.raise(emulator.unwrap()).await;
    }

    /// Lets time pass.
    pub(super) async fn wait(&self, minutes: u64) {
        self.clock.sleep(Duration::from_secs(60 * minutes)).await;
    }

    /// A request of ada; status and body.
    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.call_as("token-ada", method, path, body).await
    }

    /// A request; status and body (`Null` if it is no JSON).
    pub(super) async fn call_as(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.serving.as_ref().unwrap().api_base);
        let mut request = self.client.request(method.parse().unwrap(), url).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The status of ada's request for any path with any body. What cannot be sent at all counts as refused.
    pub(super) async fn send_raw(&self, method: &str, path: &str, body: Vec<u8>) -> u16 {
        let base = &self.serving.as_ref().unwrap().api_base;
        // A backslash may begin another host.
        let Some(url) = base.join(path).ok().filter(|url| url.host() == base.host()) else { return 400 };
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth("token-ada").body(body);
        match request.send().await {
            Ok(response) => response.status().as_u16(),
            Err(error) if error.is_builder() => 400,
            Err(error) => panic!("{method} {path}: {error:?}"),
        }
    }

    /// A `GET` that must succeed.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, Value::Null).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// A `GET` of a registry: status and text.
    pub(super) async fn registry(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.serving.as_ref().unwrap().registry_base);
        let response = self.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Where a repository is pushed to, with a token.
    pub(super) fn remote(&self, token: &str, repo: &str) -> String {
        let base = self.serving.as_ref().unwrap().git_base.to_string();
        format!("{}{repo}.git", base.replace("http://", &format!("http://x-access-token:{token}@")))
    }

    /// The seed's work tree, to commit and push from.
    pub(super) fn work(&self) -> PathBuf {
        self.dir.path().join("seed")
    }

    /// Runs git in the work tree without blocking the world; it may fail.
    pub(super) async fn git(&self, arguments: &[&str]) -> Output {
        let (work, arguments) =
            (self.work(), arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(move || command(&work).args(arguments).output().unwrap()).await.unwrap()
    }

    /// Runs git in the work tree; it must succeed.
    pub(super) async fn git_ok(&self, arguments: &[&str]) -> String {
        let output = self.git(arguments).await;
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits one file on a branch that starts where `from` is; returns the commit.
    pub(super) async fn commit(&self, branch: &str, from: &str, file: &str, text: &str) -> String {
        self.git_ok(&["checkout", "-q", "-B", branch, from]).await;
        std::fs::write(self.work().join(file), text).unwrap();
        self.git_ok(&["add", "."]).await;
        self.git_ok(&["commit", "-q", "-m", &format!("change {file}")]).await;
        self.git_ok(&["rev-parse", "HEAD"]).await
    }

    /// Pushes a branch as ada.
    pub(super) async fn push(&self, repo: &str, refspec: &str) {
        let remote = self.remote("token-ada", repo);
        self.git_ok(&["push", "-q", &remote, refspec]).await;
    }
}

fn command(work: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(work).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_TERMINAL_PROMPT", "0");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Ada").env(format!("GIT_{role}_EMAIL"), "ada@example.org");
    }
    command
}

/// A repository with `main` and two release lines, version 2.0.0 and 1.4.0.
fn seed(dir: &Path) -> PathBuf {
    let work = dir.join("seed");
    std::fs::create_dir(&work).unwrap();
    let git = |arguments: &[&str]| assert!(command(&work).args(arguments).status().unwrap().success());
    git(&["init", "-q", "-b", "main"]);
    let header =
        |major: u8, minor: u8| format!("#define MAJOR {major}\n#define MINOR {minor}\n#define PATCH 0\n");
    std::fs::write(work.join("version.h"), header(1, 4)).unwrap();
    std::fs::write(work.join("lib.c"), "one\ntwo\nthree\n").unwrap();
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "begin"]);
    git(&["branch", "release/1.x"]);
    std::fs::write(work.join("version.h"), header(2, 0)).unwrap();
    git(&["commit", "-q", "-am", "two"]);
    git(&["branch", "release/2.x"]);
    work
}
