//! This program, started once more for a command that is kept from the rest of the machine: as the first process of its
//! namespaces, and below that one as the process that becomes the command.
//!
//! Landlock is beside the namespaces: the command writes nowhere but where the sandbox lets it, whatever becomes of a mount, and
//! reaches no abstract socket and no process outside, also where it has the machine's network. A process can only restrict
//! itself, and may mount nothing from then on: so the one that becomes the command does it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
#[cfg(not(test))]
use std::sync::OnceLock;

use super::first_process;
use super::mount::Mount;
use super::variables;

/// The first word of a process of this program that has to do with a command.
const WORD: &str = "__confined";
/// The second one of a process that says by its exit code how far this kernel can restrict it.
const LEVEL: &str = "level";
/// The second one of the first process of namespaces.
const FIRST: &str = "first";
/// The second one of the process that becomes the command.
const BECOME: &str = "become";
/// The exit code of a level where the kernel has no landlock; with it, its version is added.
const NONE: u8 = 100;

#[cfg(not(test))]
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on commands are started by this program once more: whatever its `main` does, it asks [`confined`] first.
#[cfg(not(test))]
pub fn confine_by(program: PathBuf) {
    // Once is enough: it is always the same.
    let _ = PROGRAM.set(program);
}

#[cfg(test)]
pub fn confine_by(_: PathBuf) {}

/// The program that is started for commands, if there is one.
#[cfg(not(test))]
pub(super) fn program() -> Option<PathBuf> {
    PROGRAM.get().cloned()
}

/// The one that was built beside this test: a test cannot become something else.
#[cfg(test)]
pub(super) fn program() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let program = test.parent()?.parent()?.join("lockgate");
    program.is_file().then_some(program)
}

/// What becomes of a process that was started to be confined.
#[derive(Debug)]
pub enum Confined {
    /// It ends with this code.
    Ends(u8),
    /// It did not become the command.
    Failed(io::Error),
}

/// What becomes of this process, if its words say that it was started to be confined. One that becomes a command does not
/// return.
pub fn confined(words: impl IntoIterator<Item = OsString>) -> Option<Confined> {
    let mut words = words.into_iter().skip(1).peekable();
    words.next_if(|word| word == WORD)?;
    let role = words.next().unwrap_or_default();
    let ended = match role.to_str() {
        Some(LEVEL) => Ok(NONE + kernel::restrict(&["/".into()]).unwrap_or_default()),
        Some(FIRST) => first_process::whole(&mut words),
        Some(BECOME) => Err(become_command(&mut words).unwrap_or_else(|error| error)),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    };
    Some(ended.map_or_else(Confined::Failed, Confined::Ends))
}

/// Becomes the command, as the user that it was and with the environment that it is told. What is given is why not.
fn become_command(words: &mut dyn Iterator<Item = OsString>) -> io::Result<io::Error> {
    let user = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    let group = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    let writable: Vec<PathBuf> = words.take_while(|word| word != "--").map(PathBuf::from).collect();
    let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    kernel::step_down(&user, &group)?;
    if !writable.is_empty() {
        kernel::restrict(&writable)?;
    }
    let environment = variables::heard(io::stdin())?;
    Ok(Command::new(program).args(words).env_clear().envs(environment).stdin(Stdio::null()).exec())
}

/// How far landlock restricts a process on this machine; or why not at all.
pub(super) fn landlock(program: &Path) -> Result<u8, String> {
    let mut command = Command::new(program);
    let ended =
        command.args([WORD, LEVEL]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match ended.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok()) {
        Some(code) if code > NONE => Ok(code - NONE),
        Some(NONE) => Err("it is not in this kernel".to_owned()),
        _ => Err("it cannot be tried".to_owned()),
    }
}

/// What comes before a command, behind what makes its namespaces: its mounts, and where landlock lets it write; nowhere
/// stands for no landlock.
pub(super) fn words(
    program: &Path,
    loopback: Option<&Path>,
    mounts: &[Mount],
    writable: &[PathBuf],
) -> Vec<OsString> {
    let (user, group) = (nix::unistd::geteuid(), nix::unistd::getegid());
    let mut words = vec![program.into(), WORD.into(), FIRST.into()];
    words.extend(first_process::words(loopback, mounts));
    words.extend([WORD.into(), BECOME.into(), user.to_string().into(), group.to_string().into()]);
    words.extend(writable.iter().map(|path| path.clone().into_os_string()));
    words.push("--".into());
    words
}

#[cfg(target_os = "linux")]
mod kernel {
    use landlock::{
        ABI, Access as _, AccessFs, CompatLevel, Compatible as _, LandlockStatus, PathBeneath, PathFd,
        Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope,
    };

    use std::ffi::OsStr;
    use std::fs;
    use std::path::Path;

    use super::{PathBuf, io};

    /// What is asked for; an older kernel gives what it has.
    const ASKED: ABI = ABI::V6;

    /// Leaves the user namespace of the mounts for one below it, in which this process is the user that it was outside: by
    /// the rights that it had, nothing of the mounts can be undone.
    pub(super) fn step_down(user: &OsStr, group: &OsStr) -> io::Result<()> {
        let (ours, our_group) = (nix::unistd::geteuid(), nix::unistd::getegid());
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?;
        // A group is mapped only where groups cannot be dropped: that may be what keeps somebody out.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/gid_map", format!("{} {our_group} 1", group.to_string_lossy()))?;
        fs::write("/proc/self/uid_map", format!("{} {ours} 1", user.to_string_lossy()))
    }

    /// Restricts this process to writing below these. The version of landlock that does it; nothing is none.
    pub(super) fn restrict(writable: &[PathBuf]) -> io::Result<u8> {
        let status = ruleset(writable).map_err(io::Error::other)?;
        Ok(match status {
            LandlockStatus::Available { effective_abi, .. } => effective_abi as u8,
            LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
        })
    }

    fn ruleset(writable: &[PathBuf]) -> Result<LandlockStatus, RulesetError> {
        let (all, read) = (AccessFs::from_all(ASKED), AccessFs::from_read(ASKED));
        let ruleset =
            Ruleset::default().set_compatibility(CompatLevel::BestEffort).scope(Scope::from_all(ASKED))?;
        // Where everything may be written, nothing is restricted: whoever is, may mount nothing.
        if writable.iter().any(|path| path == Path::new("/")) {
            return Ok(ruleset.create()?.restrict_self()?.landlock);
        }
        let mut rules = ruleset.handle_access(all)?.create()?;
        let places = writable.iter().map(|path| (path.as_path(), all));
        for (path, access) in [(Path::new("/"), read)].into_iter().chain(places) {
            let access = if path.is_dir() { access } else { access & AccessFs::from_file(ASKED) };
            // What is not there cannot be written to.
            if let Ok(place) = PathFd::new(path) {
                rules = rules.add_rule(PathBeneath::new(place, access))?;
            }
        }
        Ok(rules.restrict_self()?.landlock)
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::ffi::OsStr;

    use super::{PathBuf, io};

    pub(super) fn step_down(_: &OsStr, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn restrict(_: &[PathBuf]) -> io::Result<u8> {
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn asked(words: &[&str]) -> Option<Confined> {
        confined(["lockgate"].iter().chain(words).map(OsString::from))
    }

    #[test]
    fn only_a_process_that_was_started_for_it_is_confined() {
        assert!(asked(&["plan", WORD]).is_none() && asked(&[]).is_none());
        let refused = |words: &[&str]| matches!(asked(words), Some(Confined::Failed(_)));
        assert!(refused(&[WORD]) && refused(&[WORD, "/tmp"]), "it is never taken for a command of a person");
        assert!(refused(&[WORD, BECOME, "0", "0", "/tmp"]), "without a command there is nothing to become");
    }

    #[test]
    fn the_words_before_a_command_name_its_mounts_and_where_it_may_write() {
        let mounts = [Mount::Bind { from: "/room/0".into(), to: "/tmp".into() }];
        let words = words(
            Path::new("/bin/lockgate"),
            Some(Path::new("/sbin/ip")),
            &mounts,
            &["/work".into(), "/dev".into()],
        );
        let words: Vec<&OsStr> = words.iter().map(OsString::as_os_str).collect();
        assert_eq!(words[..5], ["/bin/lockgate", WORD, FIRST, "loopback", "/sbin/ip"]);
        assert_eq!(words[5..11], ["bind", "/room/0", "/tmp", "--", WORD, BECOME]);
        assert_eq!(words[13..], ["/work", "/dev", "--"]);
    }
}
