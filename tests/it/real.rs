//! `lockgate run`: the same release against servers that are other processes, on the machine's own clock, with mail
//! over SMTP to a real server. What GitHub would be is the emulator, served alone.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{client, copy, expect, fixture, git, lockgate, next_commands, requests, said};

/// A server that is stopped when the story ends, however it ends.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program of aiosmtpd 1.4 (PyPI).
fn mail_server(inbox: &Path) -> Option<(Server, u16)> {
    let program = client("aiosmtpd", "`pip install aiosmtpd==1.4.6`")?;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new(program)
        .args(["-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"])
        .arg(inbox)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(child);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "aiosmtpd does not listen");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some((server, port))
}

/// The emulated GitHub and the prefix of its addresses.
pub(crate) fn github(release: &Path, world: &Path) -> (Server, String) {
    let mut child = lockgate()
        .arg("emulate")
        .arg(release)
        .arg("--keep")
        .arg(world)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| {
            line.unwrap().split_whitespace().last().filter(|it| it.ends_with("/api/")).map(ToOwned::to_owned)
        })
        .unwrap();
    (Server(child), address.trim_end_matches("api/").to_owned())
}

pub(crate) fn edit(path: PathBuf, changes: &[(&str, &str)]) {
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in {}", path.display());
        text = text.replace(from, to);
    }
    fs::write(path, text).unwrap();
}

/// The small release, on the two branches that its fix fits, in a world whose CI takes seconds.
pub(crate) fn small_release(folder: &Path) {
    copy(&fixture("conflict"), folder);
    let workflow = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows/github.toml");
    fs::copy(workflow, folder.join("workflow.toml")).unwrap();
    edit(folder.join("workflow.toml"), &[("poll = \"30s\"", "poll = \"1s\"")]);
    edit(
        folder.join("world.toml"),
        &[
            (
                "[[users]]\nlogin = \"mara\"",
                "private_forks = { delay = \"1s\" }\n\n[[users]]\nlogin = \"mara\"",
            ),
            ("appears = \"10s\"\ndelay = \"1m\"", "appears = \"1s\"\ndelay = \"2s\""),
            ("delay = \"1m\"", "delay = \"1s\""),
        ],
    );
    let hour = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(30)).unwrap();
    edit(
        folder.join("release.toml"),
        &[
            ("workflow = \"github\"", "workflow = \"workflow.toml\""),
            ("disclosure = \"2026-03-06T15:00:00Z\"", &format!("disclosure = \"{hour:.0}\"")),
            (
                "patches = [\"fixes/gauge-numbers.patch\"]",
                "patches = [\"fixes/gauge-numbers.patch\"]\nbranches = [\"main\", \"release/2.x\"]",
            ),
        ],
    );
}

pub(crate) fn tool(release: &Path, arguments: &[&str]) -> Output {
    as_mara(release, arguments).output().unwrap()
}

fn as_mara(release: &Path, arguments: &[&str]) -> Command {
    let mut command = lockgate();
    command.env("GH_TOKEN", "emulated-token-of-mara").current_dir(release).args(arguments);
    command
}

/// Answers every question that the status shows, with the printed commands.
pub(crate) fn answer_all(release: &Path) {
    answer_each(release, as_mara);
}

fn answer_each(release: &Path, tool: impl Fn(&Path, &[&str]) -> Command) {
    let status = said(&tool(release, &["status"]).output().unwrap());
    let commands = next_commands(&status);
    assert!(!commands.is_empty(), "nothing is asked:\n{status}");
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        expect(&tool(release, &words).output().unwrap(), 0);
    }
}

/// Answers what is asked and resumes, until the release has ended.
fn carried_to_the_end(release: &Path, tool: impl Fn(&Path, &[&str]) -> Command) -> Output {
    for _ in 0..8 {
        answer_each(release, &tool);
        let output = tool(release, &["resume"]).output().unwrap();
        if output.status.code() == Some(0) {
            return output;
        }
        expect(&output, 10);
    }
    panic!("the release does not end");
}

/// The addresses of the servers in the catalog.
fn reach(release: &Path, base: &str, port: u16) {
    let servers = format!(
        "smtp = \"smtp://127.0.0.1:{port}\"\n\n[endpoints]\napi = \"{base}api/\"\ngit = \"{base}git/\"\n\n[[repo]]\n"
    );
    edit(release.join("catalog.toml"), &[("\n[[repo]]\n", &servers)]);
}

#[test]
fn real_run_stops_at_each_gate_and_sends_its_mails_over_smtp() {
    let folder = tempfile::tempdir().unwrap();
    let (release, world) = (folder.path().join("release"), folder.path().join("world"));
    let inbox = folder.path().join("inbox");
    let Some((_mail, port)) = mail_server(&inbox) else { return };
    small_release(&release);
    let (_github, base) = github(&release, &world);
    reach(&release, &base, port);

    expect(&tool(&release, &["run"]), 10);
    // A second start is refused, and says how to go on.
    let again = tool(&release, &["run"]);
    expect(&again, 2);
    assert!(said(&again).contains("lockgate resume"), "{}", said(&again));

    let ended = carried_to_the_end(&release, as_mara);
    assert!(said(&ended).contains("v2.0.1"), "{}", said(&ended));

    let mut subjects: Vec<String> = fs::read_dir(inbox.join("new"))
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .map(|mail| mail_parser::MessageParser::default().parse(&mail).unwrap().subject().unwrap().to_owned())
        .collect();
    subjects.sort();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    // The token never reaches the disk.
    let journal = fs::read(release.join(".lockgate/journal.db")).unwrap();
    assert!(!String::from_utf8_lossy(&journal).contains("emulated-token-of-mara"));
}

/// An App's key pair: the private half, and the public one.
fn key_pair(folder: &Path) -> (String, String) {
    let file = folder.join("key");
    let mut made = Command::new("ssh-keygen");
    made.args(["-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f"]).arg(&file);
    expect(&made.output().unwrap(), 0);
    let public = Command::new("ssh-keygen").args(["-e", "-m", "PKCS8", "-f"]).arg(&file).output().unwrap();
    expect(&public, 0);
    (fs::read_to_string(&file).unwrap(), String::from_utf8(public.stdout).unwrap())
}

/// The small release in a world where an App is installed whose tokens last for six seconds.
fn small_release_by_an_app(folder: &Path, public_key: &str) {
    small_release(folder);
    let bot = format!(
        "[[users]]\nlogin = \"tide-bot\"\ntoken = \"unused\"\nadmin = true\n\
         installation = {{ app = 4711, id = 815, lifetime = \"6s\", public_key = {public_key:?} }}\n\n[[repos]]\n"
    );
    edit(folder.join("world.toml"), &[("[[repos]]\n", &bot)]);
}

/// Fixes wait in a private repository of the organisation, which an App reaches.
fn with_a_private_repository(folder: &Path) {
    let private = "project = \"Gauge\"\nprivate = { repository = \"brightwater/gauge-private\" }";
    edit(folder.join("catalog.toml"), &[("project = \"Gauge\"", private)]);
    let kept = "[[repos]]\nname = \"brightwater/gauge-private\"\nvisibility = \"private\"\n\
                source = { path = \"world/gauge\" }\n\n[[repos]]\n";
    edit(folder.join("world.toml"), &[("[[repos]]\n", kept)]);
}

fn as_app(release: &Path, key: &str, arguments: &[&str]) -> Command {
    let mut command = lockgate();
    let app = [("LOCKGATE_APP_ID", "4711"), ("LOCKGATE_APP_INSTALLATION", "815"), ("LOCKGATE_APP_KEY", key)];
    command.envs(app).current_dir(release).args(arguments);
    command
}

#[test]
fn github_app_makes_a_release_with_tokens_that_expire_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (release, world) = (folder.path().join("release"), folder.path().join("world"));
    let Some((_mail, port)) = mail_server(&folder.path().join("inbox")) else { return };
    let (key, public_key) = key_pair(folder.path());
    small_release_by_an_app(&release, &public_key);
    with_a_private_repository(&release);
    let (_github, base) = github(&release, &world);
    reach(&release, &base, port);
    let refused = |name: &str, value: &str| {
        let output = as_app(&release, &key, &["run"]).env(name, value).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{name}={value}");
        said(&output)
    };
    for (name, value, told) in [
        ("LOCKGATE_APP_INSTALLATION", "816", "the App has no installation 816"),
        ("LOCKGATE_APP_ID", "4712", "does not accept the App's number with this key"),
        ("LOCKGATE_APP_ID", "tide-bot", "LOCKGATE_APP_ID is `tide-bot`, which is no number"),
        ("LOCKGATE_APP_KEY", "", "LOCKGATE_APP_KEY is not set"),
        ("LOCKGATE_APP_KEY", "nonsense", "private key of the GitHub App cannot be read"),
    ] {
        let said = refused(name, value);
        assert!(said.contains(told), "{told}: {said}");
    }

    expect(&as_app(&release, &key, &["run"]).output().unwrap(), 10);
    let made = || {
        let requests = fs::read_to_string(world.join("requests.jsonl")).unwrap();
        requests.lines().filter(|line| line.contains("/access_tokens") && line.contains("201")).count()
    };
    let (before, processes) = (made(), Cell::new(0));
    let ended = carried_to_the_end(&release, |release, arguments| {
        // People answer as themselves.
        if arguments != ["resume"] {
            return as_mara(release, arguments);
        }
        processes.set(processes.get() + 1);
        as_app(release, &key, arguments)
    });
    assert!(said(&ended).contains("v2.0.1"), "{}", said(&ended));
    // A process needs one at most, unless it outlives that; answers need none.
    let (made, processes) = (made() - before, processes.get());
    assert!(made > processes, "{made} tokens for {processes} processes");
    let journal = fs::read(release.join(".lockgate/journal.db")).unwrap();
    let journal = String::from_utf8_lossy(&journal);
    assert!(!journal.contains("ghs_") && !journal.contains("PRIVATE KEY"));
}

#[test]
fn github_app_is_refused_where_fixes_wait_in_a_temporary_private_fork() {
    let folder = tempfile::tempdir().unwrap();
    let (release, world) = (folder.path().join("release"), folder.path().join("world"));
    let (key, public_key) = key_pair(folder.path());
    small_release_by_an_app(&release, &public_key);
    let (_github, base) = github(&release, &world);
    reach(&release, &base, 1);
    let refused = as_app(&release, &key, &["run"]).output().unwrap();
    expect(&refused, 2);
    let told = said(&refused);
    assert!(told.contains("`brightwater/gauge`") && told.contains("no GitHub App can reach"), "{told}");
}

/// What a release did outwardly: of each subject the steps that acted, in their order; every change that GitHub was asked for, without
/// the numbers in it; the public branches and tags.
fn outward(log: &Output, world: &Path) -> (BTreeMap<String, Vec<String>>, Vec<String>, Vec<String>) {
    let log: serde_json::Value = serde_json::from_slice(&log.stdout).unwrap();
    let mut steps: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in log["result"].as_array().unwrap() {
        let record = &event["record"];
        // Whether the advance mail is out before the hour is a matter of seconds here.
        if record["fact"] == "done" && record["how"] == "acted" && record["step"] != "advance-mail" {
            let step = record["step"].as_str().unwrap();
            let (kind, subject) = step.split_once('/').unwrap_or((step, ""));
            steps.entry(subject.to_owned()).or_default().push(kind.to_owned());
        }
    }
    let numbers = regex::Regex::new(r"/\d+").unwrap();
    let changes = requests(world).into_iter().filter(|(method, _, status)| method != "GET" && *status < 300);
    let mut changes: Vec<String> =
        changes.map(|(method, path, _)| format!("{method} {}", numbers.replace_all(&path, "/N"))).collect();
    changes.sort();
    let public = world.join("git/brightwater/gauge.git");
    let refs = git(&public, &["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"]);
    (steps, changes, refs.lines().map(str::to_owned).collect())
}

#[test]
fn what_is_rehearsed_is_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let (release, world) = (folder.path().join("release"), folder.path().join("world"));
    let Some((_mail, port)) = mail_server(&folder.path().join("inbox")) else { return };
    small_release(&release);
    let kept = folder.path().join("kept");
    expect(&tool(&release, &["rehearse", "--ask", "--keep", kept.to_str().unwrap()]), 10);
    for _ in 0..8 {
        for command in next_commands(&said(&tool(&kept, &["status"]))) {
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            expect(&tool(&kept, &words), 0);
        }
        if tool(&kept, &["resume"]).status.code() == Some(0) {
            break;
        }
    }
    let rehearsed = outward(&tool(&kept, &["log", "--json"]), &kept);

    let real = folder.path().join("real");
    small_release(&real);
    let (_github, base) = github(&real, &world);
    reach(&real, &base, port);
    expect(&tool(&real, &["run"]), 10);
    carried_to_the_end(&real, as_mara);
    let done = outward(&tool(&real, &["log", "--json"]), &world);
    assert!(done.1.iter().any(|change| change.starts_with("PUT ")) && done.2.len() > 3, "{done:?}");
    assert_eq!(rehearsed, done);
}

#[test]
fn every_exchange_of_a_rehearsal_is_recorded_in_a_file_of_ones_choice_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let (release, kept) = (folder.path().join("release"), folder.path().join("kept"));
    let record = folder.path().join("record.jsonl");
    small_release(&release);
    fs::write(&record, "of another rehearsal\n").unwrap();
    let words = ["--keep", kept.to_str().unwrap(), "--record", record.to_str().unwrap()];
    expect(&tool(&release, &[["rehearse"].as_slice(), &words].concat()), 0);
    let text = fs::read_to_string(&record).unwrap();
    let noted: Vec<(String, String, u64)> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| {
            let word = |key: &str| line[key].as_str().unwrap().to_owned();
            (word("method"), word("path"), line["status"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(noted.len(), requests(&kept).len());
    assert!(noted.iter().any(|(method, _, status)| method == "PUT" && *status == 200));
    assert!(!text.contains("emulated-token-of"), "a token is in it");
    assert_eq!(fs::metadata(&record).unwrap().permissions().mode() & 0o777, 0o600);
}
