//! What comes with the tool: manual pages, completion that knows the release, and the archives of our own releases.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{World, expect, fixture, on_path, run, said};

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("share/man1");
    expect(&run(["man".as_ref(), man.as_os_str()]), 0);
    let help = said(&run(["--help"]));
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let page = fs::read_to_string(man.join(format!("lockgate-{command}.1"))).unwrap();
        assert!(page.contains(".TH lockgate") && page.contains("Example"), "{command}: {page}");
    }
    assert!(fs::read_to_string(man.join("lockgate.1")).unwrap().contains("Exit codes"));
}

/// What bash offers for the last of these words.
fn offered(path: &std::ffi::OsStr, words: &[&str]) -> Vec<String> {
    // As bash calls it: with the command, the word that is completed, and the one before.
    let script = "source <(lockgate completions bash); COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; \
                  _clap_complete_lockgate lockgate \"${!#}\" ''; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", script, "bash"]).args(words).env("PATH", path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn shell_completes_the_steps_gates_and_people_of_the_release() {
    let world = World::new();
    let out = world.path();
    let out = out.to_str().unwrap();
    expect(&run(["rehearse", fixture("conflict").to_str().unwrap(), "--keep", out]), 11);
    let tool = tempfile::tempdir().unwrap();
    let path = on_path(tool.path(), "lockgate", &format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_lockgate")));
    let offered = |words: &[&str]| offered(&path, &[&["lockgate"], words].concat());

    assert!(offered(&["rep"]).contains(&"report".to_owned()));
    assert_eq!(offered(&["approve", "--dir", out, "re"]), ["ready", "release-day"]);
    let conflict = "backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx";
    assert_eq!(offered(&["resolve", "--dir", out, "back"]), [conflict]);
    assert_eq!(offered(&["waive", "--dir", out, conflict, "--as", "ma"]), ["mara"]);
    // Elsewhere there is no release to know of.
    assert_eq!(offered(&["approve", "--dir", "nowhere", "re"]), Vec::<String>::new());
}

/// What the manifest says for `cargo binstall`, with its placeholders filled in.
fn stated(key: &str, target: &str) -> String {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let form = manifest["package"]["metadata"]["binstall"][key].as_str().unwrap();
    let filled = [
        ("{ repo }", "https://github.com/acme/lockgate"),
        ("{ name }", "lockgate"),
        ("{ version }", env!("CARGO_PKG_VERSION")),
        ("{ target }", target),
        ("{ archive-suffix }", ".tar.gz"),
        ("{ bin }", "lockgate"),
        ("{ binary-ext }", ""),
    ];
    filled.into_iter().fold(form.to_owned(), |form, (from, to)| form.replace(from, to))
}

#[test]
fn archives_of_our_own_releases_are_whole_and_where_they_are_looked_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workflow = fs::read_to_string(root.join(".github/workflows/release.yml")).unwrap();
    let file = lockgate::WorkflowFile::read(".github/workflows/release.yml", &workflow).unwrap();
    assert!(file.on("push").is_some(), "a tag starts it");
    assert!(workflow.contains("run: .ci/archive target/${{ matrix.target }}/release/lockgate"));

    let folder = tempfile::tempdir().unwrap();
    // The real one is large: this one stands for it.
    on_path(folder.path(), "lockgate", &format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_lockgate")));
    let (target, out) = ("x86_64-unknown-linux-gnu", folder.path().join("archives"));
    let packed = Command::new(root.join(".ci/archive"))
        .args([folder.path().join("lockgate").as_os_str(), target.as_ref(), out.as_os_str()])
        .output()
        .unwrap();
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let name = stated("pkg-url", target);
    let name = name.rsplit('/').next().unwrap();
    let told = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(&out).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    told("sha256sum", &["--check", &format!("{name}.sha256")]);
    let listed = told("tar", &["-tzf", name]);
    let inside = stated("bin-dir", target);
    assert!(listed.lines().any(|line| line == inside), "no {inside} in\n{listed}");
    let top = inside.split('/').next().unwrap();
    for file in ["LICENSE-MIT", "README.md", "man/lockgate-plan.1", "completions/lockgate.zsh"] {
        assert!(listed.lines().any(|line| line == format!("{top}/{file}")), "no {file} in\n{listed}");
    }
}
