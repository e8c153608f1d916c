//! RD-19: a mail goes out once, whatever the mail server does: one that hangs up, puts off or refuses is a server of
//! this test, spoken to by `lockgate run` itself.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use crate::real::{Server, answer_all, edit, github, small_release, tool};
use crate::support::{copy, expect, lockgate, said};

/// What the server does with the mails that come, one after the other; it takes those after them.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Takes the mail and hangs up without an answer.
    TakesAndHangsUp,
    /// Refuses the recipient for good.
    Refuses,
}

/// A mail server that keeps the Message-IDs of what it took.
struct Post {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    deeds: Arc<Mutex<Vec<Deed>>>,
    tried: Arc<Mutex<usize>>,
}

impl Post {
    fn open() -> Post {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let post = Post { port, taken: Arc::default(), deeds: Arc::default(), tried: Arc::default() };
        let (taken, deeds, tried) = (post.taken.clone(), post.deeds.clone(), post.tried.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                *tried.lock().unwrap() += 1;
                let deed = next(&mut deeds.lock().unwrap());
                let _ = converse(&stream.unwrap(), deed, &taken);
            }
        });
        post
    }

    fn will(&self, deeds: &[Deed]) {
        *self.deeds.lock().unwrap() = deeds.to_vec();
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn next(deeds: &mut Vec<Deed>) -> Option<Deed> {
    (!deeds.is_empty()).then(|| deeds.remove(0))
}

fn converse(stream: &TcpStream, deed: Option<Deed>, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    out.write_all(b"220 post\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let answer: &[u8] = match (line.get(..4), deed) {
            (Some("RCPT"), Some(Deed::Refuses)) => b"550 no such list\r\n",
            (Some("DATA"), _) => {
                out.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref().map_while(Result::ok).take_while(|line| line != ".") {
                    taken.lock().unwrap().extend(line.strip_prefix("Message-ID: ").map(ToOwned::to_owned));
                }
                if matches!(deed, Some(Deed::TakesAndHangsUp)) {
                    return Ok(());
                }
                b"250 taken\r\n"
            }
            _ => b"250 post\r\n",
        };
        out.write_all(answer)?;
    }
    Ok(())
}

/// The small release with its mails through this server, and the GitHub that it is run against.
struct Stage {
    folder: tempfile::TempDir,
    post: Post,
    _github: Server,
}

impl Stage {
    fn set() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let release = folder.path().join("release");
        small_release(&release);
        let (github, base) = github(&release, &folder.path().join("world"));
        let post = Post::open();
        let endpoints = format!(
            "smtp = \"smtp://127.0.0.1:{}\"\n\n[endpoints]\napi = \"{base}api/\"\ngit = \"{base}git/\"\n\n[[repo]]\n",
            post.port
        );
        edit(release.join("catalog.toml"), &[("\n[[repo]]\n", &endpoints)]);
        Stage { folder, post, _github: github }
    }

    fn release(&self) -> PathBuf {
        self.folder.path().join("release")
    }

    /// Runs or resumes until the advance mail is what is asked about, failed, or sent.
    fn reach_the_mail(&self) -> String {
        let release = self.release();
        let mut output = tool(&release, &["run"]);
        for _ in 0..6 {
            let told = said(&output);
            if *self.post.tried.lock().unwrap() > 0 {
                return told;
            }
            expect(&output, 10);
            answer_all(&release);
            output = tool(&release, &["resume"]);
        }
        panic!("the advance mail was not reached:\n{}", said(&output));
    }
}

/// The command that is printed after these words, as somebody types it.
fn type_command(release: &Path, told: &str, words: &str) -> String {
    let mut advice = told.lines().skip_while(|line| !line.contains(words));
    let line = advice.find(|line| line.contains("lockgate "));
    let line = line.unwrap_or_else(|| panic!("`{words}` is not advised:\n{told}"));
    let command = line[line.find("lockgate ").unwrap()..].split('`').next().unwrap();
    let output = tool(release, &command.split_whitespace().skip(1).collect::<Vec<_>>());
    expect(&output, 0);
    said(&output)
}

#[test]
fn rd_19_a_mail_whose_answer_was_lost_is_sent_again_only_when_somebody_says_so() {
    let stage = Stage::set();
    let (release, post) = (stage.release(), &stage.post);
    post.will(&[Deed::TakesAndHangsUp, Deed::TakesAndHangsUp]);
    let told = stage.reach_the_mail();
    assert_eq!(post.taken().len(), 1);
    let id = post.taken()[0].clone();
    assert!(told.contains("may have been sent") && told.contains(&id), "{told}");
    // However often it is resumed, it asks.
    for _ in 0..2 {
        let again = tool(&release, &["resume"]);
        expect(&again, 11);
        assert!(said(&again).contains(&id), "{}", said(&again));
    }
    let waived = tool(&release, &["waive", "advance-mail", "--as", "mara", "--reason", "why"]);
    expect(&waived, 2);
    assert!(said(&waived).contains("--send-again"), "{}", said(&waived));
    assert_eq!(post.taken().len(), 1);

    // The answer is good for one attempt, and the answer to that one is lost, too.
    type_command(&release, &told, "if it did not");
    let told = said(&tool(&release, &["resume"]));
    assert_eq!(post.taken(), [id.clone(), id.clone()]);
    expect(&tool(&release, &["resume"]), 11);
    assert_eq!(post.taken().len(), 2);
    type_command(&release, &told, "if it arrived");
    let done = said(&tool(&release, &["resume"]));
    assert!(done.contains("advance-mail") && !done.contains("may have been sent"), "{done}");
    assert_eq!(post.taken().len(), 2);
}

/// The archive of a list: it shows this page once there is one, and a page without any mail before.
fn archive(page: Arc<Mutex<Option<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            BufReader::new(&stream).read_line(&mut request).unwrap();
            let text = page.lock().unwrap().clone().unwrap_or_else(|| format!("no result for {request}"));
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
            stream.write_all(format!("{head}{text}").as_bytes()).unwrap();
        }
    });
    format!("http://127.0.0.1:{port}/pump/{{id}}/")
}

#[test]
fn a_mail_whose_answer_was_lost_is_looked_for_in_the_archive() {
    let stage = Stage::set();
    let (release, post, page) = (stage.release(), &stage.post, Arc::new(Mutex::new(None)));
    let stated = format!("archive = \"{}\"\nsmtp = ", archive(Arc::clone(&page)));
    edit(release.join("catalog.toml"), &[("smtp = ", &stated)]);
    post.will(&[Deed::TakesAndHangsUp]);
    let told = stage.reach_the_mail();
    assert!(told.contains("the archive does not show it yet at http://127.0.0.1:"), "{told}");
    let subject = told.split("the mail \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    *page.lock().unwrap() = Some(format!("<title>[announce] {subject}</title>"));
    let done = said(&tool(&release, &["resume"]));
    assert!(done.contains("advance-mail") && !done.contains("may have been sent"), "{done}");
    assert_eq!(post.taken().len(), 1);
}

#[test]
fn a_mail_that_is_refused_for_good_is_tried_once_and_can_be_sent_by_hand() {
    let stage = Stage::set();
    let (release, post) = (stage.release(), &stage.post);
    post.will(&[Deed::Refuses; 9]);
    let told = stage.reach_the_mail();
    assert_eq!(*post.tried.lock().unwrap(), 1, "{told}");
    assert!(told.contains("no such list") && told.contains("recipient "), "{told}");
    let said_by_it = type_command(&release, &told, "if the mail is sent by hand");
    assert!(said_by_it.contains("the mail is out"), "{said_by_it}");
    let done = said(&tool(&release, &["resume"]));
    assert!(!done.contains("no such list"), "{done}");
    assert_eq!(*post.tried.lock().unwrap(), 1);
    assert!(post.taken().is_empty());
}

#[test]
fn a_copy_of_a_run_sends_no_mail_before_somebody_has_looked() {
    let stage = Stage::set();
    let (release, post) = (stage.release(), &stage.post);
    expect(&tool(&release, &["run"]), 10);
    let copied = stage.folder.path().join("copy");
    copy(&release, &copied);
    for folder in [&release, &copied] {
        for _ in 0..5 {
            let status = said(&tool(folder, &["status"]));
            let asks =
                ["lockgate confirm", "lockgate approve ready"].iter().any(|word| status.contains(word));
            if status.contains("lockgate confirm advance-mail") || !asks {
                break;
            }
            answer_all(folder);
            tool(folder, &["resume"]);
        }
    }
    assert_eq!(post.taken().len(), 1, "{}", said(&tool(&release, &["status"])));
    let status = said(&tool(&copied, &["status"]));
    assert!(status.contains("another copy of this run") && status.contains(&post.taken()[0]), "{status}");
    assert!(fs::exists(copied.join(".lockgate/journal.db")).unwrap());
}

#[test]
fn run_that_stays_for_the_hour_is_stopped_and_says_how_to_continue() {
    let stage = Stage::set();
    let release = stage.release();
    let text = fs::read_to_string(release.join("release.toml")).unwrap();
    let line = text.lines().find(|line| line.starts_with("disclosure = ")).unwrap();
    let hour = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    edit(release.join("release.toml"), &[(line, &format!("disclosure = \"{hour:.0}\""))]);
    stage.reach_the_mail();
    // Without being told to stay, it ends at a wait of an hour.
    let held = tool(&release, &["resume"]);
    expect(&held, 10);
    assert!(said(&held).contains("waits for the disclosure time"), "{}", said(&held));

    let mut stays = lockgate();
    stays.env("GH_TOKEN", "emulated-token-of-mara").current_dir(&release).args(["resume", "--wait"]);
    let mut stays = stays.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(stays.stderr.take().unwrap()).lines().map_while(Result::ok);
    told.find(|line| line.contains("waits for the disclosure time")).unwrap();
    assert!(stays.try_wait().unwrap().is_none(), "it stays");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(stays.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(stays.wait().unwrap().code(), Some(10));
    let last: Vec<String> = told.collect();
    let last = last.join("\n");
    assert!(last.contains("stopped; everything that was done is in the journal"), "{last}");
    assert!(last.contains("`lockgate resume`"), "{last}");
}

#[test]
fn a_release_that_is_started_again_sends_no_second_advance_mail() {
    let stage = Stage::set();
    let (release, post) = (stage.release(), &stage.post);
    // The mail names the day: both hours are on one that does not end while the tests run.
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let disclosed_at = |time: &str| {
        let text = std::fs::read_to_string(release.join("release.toml")).unwrap();
        let announced = text.lines().find(|line| line.starts_with("disclosure = ")).unwrap();
        let hour = format!("disclosure = \"{}T{time}Z\"", tomorrow.strftime("%Y-%m-%d"));
        edit(release.join("release.toml"), &[(announced, &hour)]);
    };
    disclosed_at("12:00:00");
    stage.reach_the_mail();
    assert_eq!(post.taken().len(), 1);
    let reason = "the fix is wrong";
    expect(&tool(&release, &["abort", "--as", "mara", "--reason", reason, "--yes"]), 0);
    disclosed_at("12:30:00");

    expect(&tool(&release, &["run"]), 10);
    let sent = |log: &str| log.contains("advance-mail: ");
    for _ in 0..6 {
        if sent(&said(&tool(&release, &["log"]))) {
            break;
        }
        answer_all(&release);
        tool(&release, &["resume"]);
    }
    let log = said(&tool(&release, &["log"]));
    assert!(sent(&log), "{log}");
    assert_eq!(post.taken().len(), 1, "{log}");
}
