//! A conflict for which `mergiraf` has a proposal: shown, never taken by itself, and said for what it is afterwards.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{World, expect, fixture, lockgate, on_path, said};

const STEP: &str = "backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx";

/// What the program proposes lies beside it, and it keeps a copy in its home as the real one does.
const MERGIRAF: &str = "cat \"$2\" \"$3\" \"$4\" > \"$HOME/copy\"; cat \"${0%/*}/proposal\" > \"$8\"";

/// The fixture of the conflict on a machine that has the program.
struct Machine {
    world: World,
    programs: tempfile::TempDir,
    temporary: tempfile::TempDir,
    path: OsString,
}

impl Machine {
    fn new() -> Machine {
        let (programs, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = on_path(programs.path(), "mergiraf", MERGIRAF);
        Machine { world: World::new(), programs, temporary, path }
    }

    fn lockgate(&self, arguments: &[&str]) -> Output {
        let mut command = lockgate();
        command.env("PATH", &self.path).env("TMPDIR", self.temporary.path());
        command.args(arguments).output().unwrap()
    }

    fn rehearse(&self) -> Output {
        let (release, kept) = (fixture("conflict"), self.world.path());
        self.lockgate(&["rehearse", release.to_str().unwrap(), "--keep", kept.to_str().unwrap()])
    }

    fn resolve(&self, more: &[&str]) -> Output {
        let kept = self.world.path();
        self.lockgate(&[&["resolve", STEP, "--dir", kept.to_str().unwrap()], more].concat())
    }

    fn proposes(&self, text: &str) {
        fs::write(self.programs.path().join("proposal"), text).unwrap();
    }

    /// The work tree of the conflict.
    fn work_tree(&self) -> PathBuf {
        let found = fs::read_dir(self.world.path().join("resolve")).unwrap();
        let found: Vec<PathBuf> =
            found.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    fn left_behind(&self) -> Vec<PathBuf> {
        fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

/// The line's script with the guard of the fix in it.
fn resolved() -> String {
    let gauge = fs::read_to_string(fixture("conflict").join("world/gauge/01-start/gauge.sh")).unwrap();
    let guard = "    case $level in\n        *[!0-9]*) echo \"gauge: not a level: $level\" >&2; exit 1 ;;\n    esac\n";
    gauge.replace(
        "    level=$(($level))\n",
        &format!("{guard}    level=$(($level + 0)) # old shells want an expression here\n"),
    )
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn resolution_that_began_from_a_proposal_is_a_persons_and_says_where_it_began() {
    let machine = Machine::new();
    machine.proposes(&resolved());
    let output = machine.rehearse();
    expect(&output, 11);
    let told = said(&output);
    assert!(told.contains("mergiraf proposes a merge of gauge.sh, for a person to check"), "{told}");
    assert!(told.contains(&format!("lockgate resolve {STEP} --proposal")), "{told}");
    assert_eq!(machine.left_behind(), Vec::<PathBuf>::new());

    // It is laid where git left its markers, and stays unresolved until a person adds it.
    let output = machine.resolve(&["--proposal"]);
    expect(&output, 11);
    assert!(
        said(&output).contains("mergiraf's proposal, for you to check and change, is in gauge.sh"),
        "{}",
        said(&output)
    );
    let file = machine.work_tree().join("gauge.sh");
    assert_eq!(fs::read_to_string(&file).unwrap(), resolved());
    let output = machine.resolve(&["--done", "--as", "mara"]);
    expect(&output, 11);
    assert!(said(&output).contains("not resolved yet: gauge.sh"), "{}", said(&output));

    // What a person has edited is not written over.
    let edited = resolved().replace("not a level", "no level");
    fs::write(&file, &edited).unwrap();
    let output = machine.resolve(&["--proposal"]);
    assert!(said(&output).contains("left as they are: gauge.sh"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);

    git(&machine.work_tree(), &["add", "--", "gauge.sh"]);
    expect(&machine.resolve(&["--done", "--as", "mara"]), 0);
    expect(&machine.rehearse(), 0);
    let report = machine.world.report();
    let targets = report["targets"].as_array().unwrap();
    let line = targets.iter().find(|target| target["branch"] == "release/1.x").unwrap();
    let review = line["review"].to_string();
    assert!(review.contains("mara resolved a conflict here"), "{line}");
    assert!(review.contains("beginning from mergiraf's proposal for gauge.sh"), "{line}");
    assert!(machine.world.file("brightwater/gauge", "release/1.x", "gauge.sh").contains("no level"));
    assert_eq!(machine.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn without_a_proposal_the_conflict_is_resolved_as_any_other() {
    let machine = Machine::new();
    // A marker that is left is no proposal.
    machine.proposes(&resolved().replace("    esac\n", "    esac\n<<<<<<< ours\n"));
    let output = machine.rehearse();
    expect(&output, 11);
    assert!(
        !said(&output).contains("mergiraf") && !said(&output).contains("--proposal"),
        "{}",
        said(&output)
    );

    let output = machine.resolve(&["--proposal"]);
    expect(&output, 11);
    assert!(said(&output).contains("mergiraf proposes nothing for gauge.sh"), "{}", said(&output));
    let file = machine.work_tree().join("gauge.sh");
    assert!(fs::read_to_string(&file).unwrap().contains("<<<<<<<"));

    fs::write(&file, resolved()).unwrap();
    git(&machine.work_tree(), &["add", "--", "gauge.sh"]);
    expect(&machine.resolve(&["--done", "--as", "mara"]), 0);
    let log = machine.lockgate(&["log", machine.world.path().to_str().unwrap()]);
    assert!(
        said(&log).contains("resolved the conflict with") && !said(&log).contains("mergiraf"),
        "{}",
        said(&log)
    );
}
