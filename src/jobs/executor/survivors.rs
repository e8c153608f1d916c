//! Suites that outlived a killed run, and how they are found and ended before anything is run again.
//!
//! Before a command starts, a note says which process it is. The note goes away with the process; one that is still there
//! when another process of ours takes over is of a suite whose result nobody will ever collect. It is ended rather than
//! adopted: only the process that started it can learn its exit code, and two runs of one suite would disturb each other.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::records::write_fleeting;

/// How long the system may take to end a process that was told to end at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder of notes.
#[derive(Debug, Clone)]
pub(super) struct Notes(PathBuf);

/// Which process a command is. A process id is given again after a while, so its start belongs to it.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    pid: i32,
    started: String,
    boot: String,
    /// What it and everything that it starts carries in its environment.
    #[serde(default)]
    mark: String,
}

/// The note of a running command; it goes away with this value.
#[derive(Debug)]
pub(super) struct Noted(PathBuf);

impl Notes {
    pub(super) fn in_folder(folder: &Path) -> Notes {
        Notes(folder.join("running"))
    }

    /// Notes a process that was started and has not begun its work.
    ///
    /// # Errors
    /// When the note cannot be written: then the process must not begin.
    pub(super) fn write(&self, pid: u32, mark: &str) -> io::Result<Noted> {
        let pid = i32::try_from(pid).map_err(io::Error::other)?;
        let started = start_of(pid).ok_or_else(|| io::Error::other("it is gone already"))?;
        let path = self.0.join(format!("{pid}.json"));
        // What a power cut takes away is about processes that it ended, too.
        write_fleeting(&path, &Note { pid, started, boot: boot(), mark: mark.to_owned() })?;
        Ok(Noted(path))
    }

    /// Ends every process group that a note is about, and returns when it is gone.
    pub(super) fn end_survivors(&self) {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let note = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Note>(&text).ok());
            if let Some(note) = note {
                note.end();
            }
            let _ = std::fs::remove_file(&path);
        }
    }
}

impl Note {
    fn end(&self) {
        // What carries the number now may be somebody else's.
        if self.boot != boot() || start_of(self.pid).is_some_and(|start| start != self.started) {
            return;
        }
        tracing::debug!(pid = self.pid, "ending a suite that outlived a killed run");
        // Also without its leader: the others of its group keep the number from being given again.
        let _ = killpg(Pid::from_raw(self.pid), Signal::SIGKILL);
        let deadline = Instant::now() + PATIENCE;
        while is_alive(self.pid) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        end_marked(&self.mark);
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The variable by which everything that a command starts is known.
pub(super) const MARK: &str = "LOCKGATE_SUITE";

/// Ends every process that carries this mark, also those that left the group by a session of their own. One that
/// starts others faster than it is found is met again.
pub(super) fn end_marked(mark: &str) {
    let carried = format!("{MARK}={mark}");
    for _ in 0..50 {
        let marked = marked(carried.as_bytes());
        if mark.is_empty() || marked.is_empty() {
            return;
        }
        for pid in marked {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The processes with this in their environment. Nothing where the system does not show it.
fn marked(carried: &[u8]) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let carries = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == carried)
    };
    processes.filter(carries).collect()
}

/// When the system started, in a form that differs after a restart.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

/// When a process started, in the system's own form; `None` if there is no such process.
#[cfg(target_os = "linux")]
fn start_of(pid: i32) -> Option<String> {
    stat(pid)?.get(19).cloned()
}

#[cfg(target_os = "linux")]
fn is_alive(pid: i32) -> bool {
    // A killed orphan is a zombie until the system's first process takes notice of it.
    stat(pid).and_then(|fields| fields.first().cloned()).is_some_and(|state| state != "Z")
}

/// The fields of `/proc/PID/stat` after the name of the program, which may hold anything (proc_pid_stat(5)).
#[cfg(target_os = "linux")]
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(ToOwned::to_owned).collect())
}

#[cfg(not(target_os = "linux"))]
fn start_of(pid: i32) -> Option<String> {
    let output =
        std::process::Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(not(target_os = "linux"))]
fn is_alive(pid: i32) -> bool {
    killpg(Pid::from_raw(pid), None).is_ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};

    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").process_group(0).spawn().unwrap()
    }

    #[test]
    fn a_survivor_is_ended_and_its_note_removed() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::in_folder(folder.path());
        let mut child = sleeper();
        std::mem::forget(notes.write(child.id(), "m").unwrap());
        notes.end_survivors();
        assert!(!is_alive(i32::try_from(child.id()).unwrap()));
        child.wait().unwrap();
        assert_eq!(std::fs::read_dir(&notes.0).unwrap().count(), 0);
    }

    #[test]
    fn a_process_that_has_the_number_by_chance_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::in_folder(folder.path());
        let mut child = sleeper();
        let noted = notes.write(child.id(), "m").unwrap();
        let text = std::fs::read_to_string(&noted.0).unwrap();
        let mut note: Note = serde_json::from_str(&text).unwrap();
        let pid = note.pid;
        note.started = "1".into();
        write_fleeting(&noted.0, &note).unwrap();
        notes.end_survivors();
        assert!(is_alive(pid));
        let before_a_restart =
            Note { pid, started: start_of(pid).unwrap(), boot: "another".into(), mark: String::new() };
        write_fleeting(&noted.0, &before_a_restart).unwrap();
        notes.end_survivors();
        assert!(is_alive(pid));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn the_note_of_a_command_that_ended_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::in_folder(folder.path());
        let mut child = sleeper();
        let noted = notes.write(child.id(), "m").unwrap();
        assert!(noted.0.exists());
        drop(noted);
        assert_eq!(std::fs::read_dir(&notes.0).unwrap().count(), 0);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
