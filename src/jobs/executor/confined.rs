//! Landlock for one command, beside its namespaces: it writes nowhere but where the sandbox lets it, whatever becomes of a mount,
//! and reaches no abstract socket and no process outside, also where it has the machine's network.
//!
//! A process can only restrict itself, and may mount nothing from then on: so the command is started by this program once more,
//! inside of the namespaces, which restricts itself and then becomes the command.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The first word of a process of this program that is to become a command.
const WORD: &str = "__confined";
/// The second one of a process that says by its exit code how far this kernel can restrict it.
const LEVEL: &str = "level";
/// The exit code of that where the kernel has no landlock; with it, its version is added.
const NONE: u8 = 100;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on commands are started by this program once more: whatever its `main` does, it asks [`confined`] first.
pub fn confine_by(program: PathBuf) {
    // Once is enough: it is always the same.
    let _ = PROGRAM.set(program);
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
    if words.next_if(|word| word == LEVEL).is_some() {
        return Some(Confined::Ends(NONE + kernel::restrict(&["/".into()]).unwrap_or_default()));
    }
    let writable: Vec<PathBuf> = words.by_ref().take_while(|word| word != "--").map(PathBuf::from).collect();
    let program = words.next()?;
    Some(Confined::Failed(match kernel::restrict(&writable) {
        Ok(_) => Command::new(program).args(words).exec(),
        Err(error) => error,
    }))
}

/// The program that confines commands on this machine, and how far.
#[derive(Debug, Clone)]
pub(super) struct Confiner {
    pub(super) program: PathBuf,
    pub(super) abi: u8,
}

impl Confiner {
    /// It, where the kernel has landlock; or why there is none.
    pub(super) fn find() -> Result<Confiner, String> {
        let program = PROGRAM.get().ok_or("it was not asked for")?.clone();
        let mut command = Command::new(&program);
        let ended = command
            .args([WORD, LEVEL])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match ended.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok()) {
            Some(code) if code > NONE => Ok(Confiner { program, abi: code - NONE }),
            Some(NONE) => Err("it is not in this kernel".to_owned()),
            _ => Err("it cannot be tried".to_owned()),
        }
    }

    /// What comes before a command that may write below these.
    pub(super) fn words(&self, writable: &[PathBuf]) -> Vec<OsString> {
        let paths = writable.iter().map(|path| path.clone().into_os_string());
        [self.program.clone().into_os_string(), WORD.into()]
            .into_iter()
            .chain(paths)
            .chain(["--".into()])
            .collect()
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use landlock::{
        ABI, Access as _, AccessFs, CompatLevel, Compatible as _, LandlockStatus, PathBeneath, PathFd,
        Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope,
    };

    use std::path::Path;

    use super::{PathBuf, io};

    /// What is asked for; an older kernel gives what it has.
    const ASKED: ABI = ABI::V6;

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
    use super::{PathBuf, io};

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
        assert!(asked(&[WORD, "/tmp"]).is_none(), "without a command there is nothing to become");
    }

    #[test]
    fn the_words_before_a_command_name_where_it_may_write() {
        let confiner = Confiner { program: "/bin/lockgate".into(), abi: 7 };
        let words = confiner.words(&["/work".into(), "/dev".into()]);
        let words: Vec<&OsStr> = words.iter().map(OsString::as_os_str).collect();
        assert_eq!(words, ["/bin/lockgate", WORD, "/work", "/dev", "--"]);
    }

    #[test]
    fn without_a_program_that_confines_the_reason_is_said() {
        assert_eq!(Confiner::find().unwrap_err(), "it was not asked for");
    }
}
