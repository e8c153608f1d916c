//! Decisions while a run is under way: the process that drives it takes them in, and none is lost or recorded twice, whoever
//! dies in between.

use std::cell::RefCell;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::{World, edit, expect, lockgate, run, said, without_the_conflict};

/// The step that waits for hours while the tests run.
const CVE: &str = "await-cve/GHSA-3g8f-wv5j-m2cx";

/// A rehearsal that waits for a CVE, and whose tests take a while.
struct UnderWay {
    _release: tempfile::TempDir,
    world: World,
    process: RefCell<Child>,
}

impl UnderWay {
    fn start(seconds: u32) -> UnderWay {
        let (release, world) = (tempfile::tempdir().unwrap(), World::new());
        without_the_conflict(release.path());
        let slow = format!("run = [\"sleep\", \"{seconds}\"]");
        edit(release.path(), "catalog.toml", "run = [\"sh\", \"tests/run.sh\"]", &slow);
        edit(release.path(), "release.toml", "cve = \"none\"", "cve = \"request\"");
        let mut command = lockgate();
        command.arg("rehearse").arg(release.path()).arg("--keep").arg(world.path());
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let under_way = UnderWay { _release: release, world, process: RefCell::new(process) };
        under_way.until(|run| run.has(|event| event["fact"] == "waiting" && event["step"] == CVE));
        under_way.until(|run| {
            run.has(|event| {
                event["fact"] == "intent" && event["step"].as_str().unwrap().starts_with("prove/")
            })
        });
        under_way
    }

    fn out(&self) -> PathBuf {
        self.world.path()
    }

    fn events(&self) -> Vec<Value> {
        let log = run(["log".as_ref(), self.out().as_os_str(), "--json".as_ref()]);
        let Ok(answer) = serde_json::from_slice::<Value>(&log.stdout) else { return Vec::new() };
        let events = answer["result"].as_array().cloned().unwrap_or_default();
        events.into_iter().map(|event| event["record"].clone()).collect()
    }

    fn has(&self, is: impl Fn(&Value) -> bool) -> bool {
        self.events().iter().any(is)
    }

    #[track_caller]
    fn until(&self, is: impl Fn(&UnderWay) -> bool) {
        let begun = Instant::now();
        while !is(self) {
            self.has_not_ended();
            assert!(begun.elapsed() < Duration::from_secs(120), "it does not come");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    #[track_caller]
    fn has_not_ended(&self) {
        let mut process = self.process.borrow_mut();
        if process.try_wait().unwrap().is_some() {
            let mut told = String::new();
            process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("it ended: {told}");
        }
    }

    fn signal(&self, signal: Signal) {
        kill(pid(&self.process.borrow()), signal).unwrap();
    }

    /// A command that is not awaited.
    fn begin(&self, words: &[&str]) -> Child {
        let mut command = lockgate();
        command.args(words).arg("--dir").arg(self.out());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn waive(&self, by: &str) -> Child {
        self.begin(&["waive", CVE, "--as", by, "--reason", "nobody waits for it"])
    }

    fn call_off(&self, by: &str) -> Child {
        self.begin(&["abort", "--as", by, "--reason", "the fix is wrong", "--yes"])
    }

    /// The letters that wait to be taken.
    fn letters(&self) -> usize {
        let Ok(files) = std::fs::read_dir(self.out().join("inbox")) else { return 0 };
        files.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "request").count()
    }

    /// Who decided what, as the journal has it.
    fn decisions(&self) -> Vec<String> {
        let events = self.events();
        let is_of_people = |event: &&Value| event["fact"] == "aborted" || event["step"] == CVE;
        let events = events.iter().filter(is_of_people).filter(|event| event["by"].is_string());
        events.map(|event| format!("{} by {}", event["fact"], event["by"]).replace('"', "")).collect()
    }

    fn ended(self) -> (World, Output) {
        let output = self.process.into_inner().wait_with_output().unwrap();
        (self.world, output)
    }
}

fn pid(process: &Child) -> Pid {
    Pid::from_raw(process.id().try_into().unwrap())
}

#[test]
fn en_02_the_running_process_takes_in_one_of_two_decisions_and_goes_on_with_it() {
    let run = UnderWay::start(3);
    run.signal(Signal::SIGSTOP);
    let first = run.waive("mara");
    run.until(|run| run.letters() == 1);
    let second = run.waive("ines");
    run.until(|run| run.letters() == 2);
    run.signal(Signal::SIGCONT);
    let begun = Instant::now();
    let (first, second) = (first.wait_with_output().unwrap(), second.wait_with_output().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

    expect(&first, 0);
    let told = said(&first);
    assert!(told.contains("drives the release and has taken it in"), "{told}");
    assert!(!told.contains("lockgate resume"), "{told}");
    expect(&second, 2);
    assert!(said(&second).contains("mara answered it already"), "{}", said(&second));
    assert_eq!(run.decisions(), ["decided by mara"]);
    // Nobody has to resume it.
    let (world, output) = run.ended();
    expect(&output, 0);
    assert_eq!(world.report()["waivers"][0]["by"], "mara");
    assert_eq!(std::fs::read_dir(world.path().join("inbox")).unwrap().count(), 0);
}

#[test]
fn en_02_killed_commands_decide_nothing_and_a_killed_run_leaves_the_decision_to_the_command() {
    let run = UnderWay::start(3);
    run.signal(Signal::SIGSTOP);
    let mut dies = run.call_off("mara");
    run.until(|run| run.letters() == 1);
    dies.kill().unwrap();
    dies.wait().unwrap();
    let waits = run.waive("ines");
    run.until(|run| run.letters() == 2);
    run.signal(Signal::SIGKILL);

    let decided = waits.wait_with_output().unwrap();
    expect(&decided, 0);
    assert!(said(&decided).contains("lockgate resume"), "{}", said(&decided));
    assert_eq!(run.decisions(), ["decided by ines"]);
    // Gates are left to people from here on; what matters is what became of the two letters.
    expect(&run.begin(&["resume"]).wait_with_output().unwrap(), 10);
    assert_eq!(run.decisions(), ["decided by ines"]);
    assert_eq!(run.letters(), 0);
    run.ended();
}

/// Nobody is told to resume what is under way; what people can decide is, and what needs the process to end says how.
fn tells_what_can_be_done_meanwhile(run: &UnderWay) {
    let status = run.begin(&["status"]).wait_with_output().unwrap();
    expect(&status, 0);
    let told = said(&status);
    assert!(told.contains(&format!("process {}", run.process.borrow().id())), "{told}");
    assert!(told.contains("takes in what people decide"), "{told}");
    assert!(told.contains(&format!("lockgate waive {CVE} --as mara")), "{told}");
    assert!(!told.contains("lockgate resume"), "{told}");
    for words in [&["amend"][..], &["disclose-now"]] {
        let refused = run.begin(words).wait_with_output().unwrap();
        expect(&refused, 11);
        let told = said(&refused);
        assert!(told.contains("end that process with Ctrl-C"), "{told}");
        assert!(told.contains(&format!("lockgate {} --dir", words[0])), "{told}");
    }
}

#[test]
fn en_02_a_release_that_is_called_off_twice_at_once_ends_while_its_tests_run() {
    let run = UnderWay::start(60);
    tells_what_can_be_done_meanwhile(&run);
    run.signal(Signal::SIGSTOP);
    let first = run.call_off("mara");
    run.until(|run| run.letters() == 1);
    let second = run.call_off("ines");
    run.until(|run| run.letters() == 2);
    run.signal(Signal::SIGCONT);
    let begun = Instant::now();
    expect(&first.wait_with_output().unwrap(), 0);
    let second = second.wait_with_output().unwrap();
    expect(&second, 11);
    assert!(said(&second).contains("the release was called off: the fix is wrong"), "{}", said(&second));
    assert_eq!(run.decisions(), ["aborted by mara"]);
    let (_world, output) = run.ended();
    expect(&output, 11);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(said(&output).contains("the release was called off"), "{}", said(&output));
}
