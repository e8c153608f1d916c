//! `lockgate run`: the same release against servers that are other processes, on the machine's own clock, with mail
//! over SMTP to a real server. What GitHub would be is the emulator, served alone.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{copy, expect, fixture, lockgate, next_commands, said};

/// A server that is stopped when the story ends, however it ends.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program of aiosmtpd 1.4 (PyPI); `None`, said aloud, on a machine that has none. CI must have it.
#[allow(clippy::print_stderr, reason = "a story that was not told must say so")]
fn mail_server(inbox: &Path) -> Option<(Server, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = Command::new("aiosmtpd")
        .args(["-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"])
        .arg(inbox)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(child) = started else {
        let missing = "this story needs `aiosmtpd` on PATH: `pip install aiosmtpd`";
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("NOT TESTED: {missing}");
        return None;
    };
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
    lockgate()
        .env("GH_TOKEN", "emulated-token-of-mara")
        .current_dir(release)
        .args(arguments)
        .output()
        .unwrap()
}

/// Answers every question that the status shows, with the printed commands.
pub(crate) fn answer_all(release: &Path) {
    let status = said(&tool(release, &["status"]));
    let commands = next_commands(&status);
    assert!(!commands.is_empty(), "nothing is asked:\n{status}");
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        expect(&tool(release, &words), 0);
    }
}

#[test]
fn real_run_stops_at_each_gate_and_sends_its_mails_over_smtp() {
    let folder = tempfile::tempdir().unwrap();
    let (release, world) = (folder.path().join("release"), folder.path().join("world"));
    let inbox = folder.path().join("inbox");
    let Some((_mail, port)) = mail_server(&inbox) else { return };
    small_release(&release);
    let (_github, base) = github(&release, &world);
    edit(
        release.join("catalog.toml"),
        &[(
            "\n[[repo]]\n",
            &format!(
                "smtp = \"smtp://127.0.0.1:{port}\"\n\n[endpoints]\napi = \"{base}api/\"\ngit = \"{base}git/\"\n\n[[repo]]\n"
            ),
        )],
    );

    expect(&tool(&release, &["run"]), 10);
    // A second start is refused, and says how to go on.
    let again = tool(&release, &["run"]);
    expect(&again, 2);
    assert!(said(&again).contains("lockgate resume"), "{}", said(&again));

    let mut ended = None;
    for _ in 0..8 {
        answer_all(&release);
        let output = tool(&release, &["resume"]);
        if output.status.code() == Some(0) {
            ended = Some(output);
            break;
        }
        expect(&output, 10);
    }
    let ended = ended.expect("the release ends");
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
