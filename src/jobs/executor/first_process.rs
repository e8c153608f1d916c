//! The first process of the namespaces of a command, which is this program: it makes the mounts, starts the command, and takes
//! in whatever ends in there. With its own end everything in there is killed.
//!
//! It is root in a user namespace of its own, and the command is in one below that: so the command can undo nothing of it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::mount::Mount;

/// The word that sets up a network that leads nowhere but to itself, before the program that can.
const LOOPBACK: &str = "loopback";
/// What shells add to the number of a signal.
const BY_SIGNAL: i32 = 128;
/// This program, also where the sandbox does not show it.
const OURSELVES: &str = "/proc/self/exe";

/// The words by which it is told what to do before it starts the rest.
pub(super) fn words(loopback: Option<&Path>, mounts: &[Mount]) -> Vec<OsString> {
    let loopback = loopback.map(|program| [LOOPBACK.into(), program.as_os_str().to_owned()]);
    loopback.into_iter().flatten().chain(mounts.iter().flat_map(Mount::words)).chain(["--".into()]).collect()
}

/// Does what it is told, and gives the exit code of the command.
///
/// # Errors
/// The sandbox cannot be made, and the command was not started.
pub(super) fn whole(words: &mut dyn Iterator<Item = OsString>) -> io::Result<u8> {
    // The folder lies below what is about to be mounted: it is the same one only by its name.
    let folder = std::env::current_dir()?;
    let mut mounts = Vec::new();
    while let Some(word) = words.next().filter(|word| word != "--") {
        if word == LOOPBACK {
            set_up_loopback(&words.next().ok_or(io::ErrorKind::InvalidInput)?);
        } else {
            mounts.push(Mount::read(&word, words).ok_or(io::ErrorKind::InvalidInput)?);
        }
    }
    mounts.iter().try_for_each(Mount::make)?;
    std::env::set_current_dir(folder)?;
    let command = Command::new(OURSELVES).arg0("lockgate").args(words).spawn()?;
    ended(i32::try_from(command.id()).map_err(io::Error::other)?)
}

/// Where that fails there is no `localhost`, and the command says so itself.
fn set_up_loopback(program: &OsStr) {
    let mut ip = Command::new(program);
    let _ = ip.args(["link", "set", "lo", "up"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
}

/// The exit code of a process, as shells tell it. Until then it takes in all others that end: nobody else does in there.
fn ended(process: i32) -> io::Result<u8> {
    use nix::errno::Errno;
    use nix::sys::wait::{WaitStatus, wait};

    loop {
        let code = match wait() {
            Ok(WaitStatus::Exited(one, code)) if one.as_raw() == process => code,
            Ok(WaitStatus::Signaled(one, signal, _)) if one.as_raw() == process => BY_SIGNAL + signal as i32,
            Ok(_) | Err(Errno::EINTR) => continue,
            Err(error) => return Err(error.into()),
        };
        return u8::try_from(code).map_err(io::Error::other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_understood_starts_nothing() {
        let told = ["umount", "/proc", "--"].map(OsString::from);
        assert_eq!(whole(&mut told.into_iter()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn the_network_and_the_mounts_are_told_before_the_command() {
        let frozen = [Mount::Frozen { place: "/".into() }];
        assert_eq!(words(None, &frozen), ["frozen", "/", "--"]);
        assert_eq!(words(Some(Path::new("/sbin/ip")), &[]), ["loopback", "/sbin/ip", "--"]);
    }
}
