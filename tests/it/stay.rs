//! One process from the start to the end of a release: it stays where people are asked, and takes in what they answer elsewhere.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{World, edit, expect, lockgate, next_commands, run, said, without_the_conflict};

/// A release that stays, in a kept world.
struct Staying {
    _release: tempfile::TempDir,
    world: World,
    process: Child,
}

impl Staying {
    /// Begins one whose files are changed like this.
    fn begin(change: impl Fn(&std::path::Path)) -> Staying {
        let (release, world) = (tempfile::tempdir().unwrap(), World::new());
        without_the_conflict(release.path());
        change(release.path());
        let out = world.path();
        expect(
            &lockgate()
                .arg("rehearse")
                .arg(release.path())
                .arg("--keep")
                .arg(&out)
                .arg("--ask")
                .output()
                .unwrap(),
            10,
        );
        let mut command = lockgate();
        command.args(["resume", "--stay", "--dir"]).arg(&out).stdout(Stdio::piped()).stderr(Stdio::piped());
        Staying { _release: release, world, process: command.spawn().unwrap() }
    }

    fn tool(&self, words: &[&str]) -> std::process::Output {
        lockgate().args(words).args(["--dir".as_ref(), self.world.path().as_os_str()]).output().unwrap()
    }

    fn status(&self) -> String {
        said(&self.tool(&["status"]))
    }

    fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// The commands that its status prints, once it waits for people; none once it has ended.
    #[track_caller]
    fn asks(&mut self) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let status = self.status();
            let commands = next_commands(&status);
            // Between two answers it is at work, and asks the rest soon.
            if self.has_ended()
                || status.contains("waiting for people") && self.rests() && !commands.is_empty()
            {
                return commands;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "it asks nothing:\n{status}");
        }
    }

    /// Whether nothing happens for longer than decisions are taken together.
    fn rests(&self) -> bool {
        let log = || said(&self.tool(&["log"])).lines().count();
        let before = log();
        std::thread::sleep(Duration::from_millis(1500));
        before == log()
    }

    fn ended(mut self) -> (String, World) {
        let code = self.process.wait().unwrap().code();
        let (mut told, mut result) = (String::new(), String::new());
        self.process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        self.process.stdout.take().unwrap().read_to_string(&mut result).unwrap();
        assert_eq!(code, Some(0), "{told}{result}");
        (told, self.world)
    }
}

fn typed(command: &str) {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    expect(&run(words), 0);
}

#[test]
fn a_release_takes_one_process_and_a_persons_answers_and_no_command_between_them() {
    let mut release = Staying::begin(|_| {});
    let mut commands = 1;
    while !release.has_ended() {
        for command in release.asks() {
            // What is asked later is confirmed together with what is asked now, where it can be.
            typed(&command);
            commands += 1;
        }
    }
    let (told, world) = release.ended();
    assert!(told.contains("this process stays, and takes in within a second"), "{told}");
    assert!(!told.contains("lockgate resume"), "{told}");
    assert!(commands <= 5, "{commands} commands:\n{told}");
    assert_eq!(world.report()["resumed"], 1);
}

#[test]
fn what_is_advised_beside_a_process_that_drives_the_release_can_be_done_beside_it() {
    let mut release = Staying::begin(|_| {});
    release.asks();
    let early = release.tool(&["approve", "release-day", "--as", "mara"]);
    assert_ne!(early.status.code(), Some(0));
    let told = said(&early);
    assert!(told.contains("the process that drives the release continues by itself"), "{told}");
    assert!(told.contains("`lockgate status") && !told.contains("`lockgate resume"), "{told}");

    // Who runs the entries is said to the process, and not beside it.
    let here = release.tool(&["resume", "--here"]);
    expect(&here, 11);
    assert!(said(&here).contains("keeps running its entries where they run now"), "{}", said(&here));

    // An answer in the moment in which it looks again counts, whichever comes first.
    expect(&release.tool(&["resume"]), 0);
    for command in release.status().lines().filter(|line| line.trim().starts_with("lockgate confirm")) {
        typed(command.trim());
    }
    kill(Pid::from_raw(release.process.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    release.process.wait().unwrap();
}

#[test]
fn somebody_who_put_something_right_makes_the_process_look_again() {
    let marker = tempfile::tempdir().unwrap();
    let present = marker.path().join("present");
    let mut release = Staying::begin(|folder| {
        let wanted = format!("run = [\"test\", \"-e\", \"{}\"]\nisolation = \"none\"", present.display());
        edit(folder, "catalog.toml", "run = [\"sh\", \"tests/run.sh\"]", &wanted);
    });
    let begun = Instant::now();
    while !release.status().contains("to have it looked at again") {
        next_commands(&release.status()).iter().for_each(|command| typed(command));
        assert!(begun.elapsed() < Duration::from_secs(120), "{}", release.status());
        assert!(!release.has_ended());
    }
    std::fs::write(&present, "").unwrap();
    let again = release.tool(&["resume"]);
    expect(&again, 0);
    assert!(said(&again).contains("looks again at what failed or was asked"), "{}", said(&again));
    while !release.has_ended() {
        release.asks().iter().for_each(|command| typed(command));
    }
    let (_, world) = release.ended();
    assert_eq!(world.report()["resumed"], 2);
}

#[test]
fn ctrl_c_ends_it_at_any_moment_also_just_after_an_answer() {
    let mut release = Staying::begin(|_| {});
    release.asks();
    let pid = Pid::from_raw(release.process.id().try_into().unwrap());
    // It looks again, asks the same, and waits for more to come: in that time, too, it listens.
    expect(&release.tool(&["resume"]), 0);
    std::thread::sleep(Duration::from_millis(300));
    kill(pid, Signal::SIGINT).unwrap();
    let begun = Instant::now();
    while !release.has_ended() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(release.process.wait().unwrap().code(), Some(10));
}
