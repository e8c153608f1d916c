//! What this machine is and has, for the planner. Only programs that say their version are called.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::matrix::{ASKED_PROGRAMS, Actions, Architecture, Capabilities, OperatingSystem};

/// Programs whose version workflows ask for, and how they say it.
const VERSIONED: [(&str, &[&str]); 13] = [
    ("java", &["--version"]),
    ("uv", &["--version"]),
    ("deno", &["--version"]),
    ("node", &["--version"]),
    ("python3", &["--version"]),
    ("go", &["version"]),
    ("ruby", &["--version"]),
    ("rustc", &["--version"]),
    ("dotnet", &["--version"]),
    ("php", &["--version"]),
    ("ocaml", &["-version"]),
    ("cmake", &["--version"]),
    ("pnpm", &["--version"]),
];

/// This machine. It is asked once: what is installed while Lockgate runs counts for the next run.
pub fn this_machine() -> &'static Capabilities {
    static FOUND: OnceLock<Capabilities> = OnceLock::new();
    FOUND.get_or_init(look)
}

fn look() -> Capabilities {
    let here = |program: &&&str| which::which(program).is_ok();
    let programs = ASKED_PROGRAMS.iter().filter(here);
    let programs = programs.map(|program| ((*program).to_owned(), version_of(program)));
    Capabilities {
        system: match std::env::consts::OS {
            "macos" => OperatingSystem::MacOs,
            "windows" => OperatingSystem::Windows,
            _ => OperatingSystem::Linux,
        },
        architecture: match std::env::consts::ARCH {
            "aarch64" => Architecture::Arm64,
            _ => Architecture::X64,
        },
        processor_flags: processor_flags(),
        programs: programs.collect::<BTreeMap<_, _>>(),
        labels: BTreeSet::new(),
        actions: Actions::default(),
    }
}

/// The first word of the answer that begins with a digit, a `v` or `go` aside.
fn version_of(program: &str) -> Option<String> {
    let (_, arguments) = VERSIONED.iter().find(|(name, _)| *name == program)?;
    let output = Command::new(program).args(*arguments).stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = said.split_whitespace().map(|word| word.trim_start_matches(['v', 'g', 'o']));
    words.find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

/// The flags as Linux shows them; none elsewhere.
fn processor_flags() -> BTreeSet<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = text.lines().find(|line| line.starts_with("flags") || line.starts_with("Features"));
    let flags = flags.and_then(|line| line.split_once(':')).map(|(_, flags)| flags.split_whitespace());
    flags.into_iter().flatten().map(str::to_owned).collect()
}
