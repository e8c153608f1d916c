//! Who approves is who they are: by the token, or by an SSH key that GitHub publishes for them; and groups of whom some must.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::gate::go_to_gate_of;
use crate::real;
use crate::support::{World, edit, expect, run, said, without_the_conflict};

/// A real run of the small release, against an emulated GitHub, at its first questions.
fn real_run(folder: &Path) -> (real::Server, PathBuf) {
    let release = folder.join("release");
    real::small_release(&release);
    let (github, base) = real::github(&release, &folder.join("world"));
    let place = format!(
        "smtp = \"smtp://127.0.0.1:9\"\n\n[endpoints]\napi = \"{base}api/\"\ngit = \"{base}git/\"\n\n[[repo]]\n"
    );
    real::edit(release.join("catalog.toml"), &[("\n[[repo]]\n", &place)]);
    expect(&real::tool(&release, &["run"]), 10);
    (github, release)
}

#[test]
fn en_12_nobody_decides_in_the_name_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let (github, release) = real_run(folder.path());
    let confirm = |by: &str| real::tool(&release, &["confirm", "reproduced", "--as", by]);
    let refused = confirm("ines");
    expect(&refused, 2);
    let told = said(&refused);
    assert!(told.contains("the token is that of `mara`, not of `ines`"), "{told}");
    assert!(told.contains("decide with the token of `ines`, in GH_TOKEN"), "{told}");
    // Nonsense is refused before anybody is asked.
    let strange = confirm("mallory");
    expect(&strange, 2);
    assert!(said(&strange).contains("is not among the people"), "{}", said(&strange));
    // Without GitHub nothing is let through, but a release can be called off.
    drop(github);
    expect(&confirm("mara"), 20);
    let off = real::tool(&release, &["abort", "--as", "mara", "--reason", "the fix is wrong", "--yes"]);
    expect(&off, 0);
    assert!(said(&off).contains("GitHub cannot tell"), "{}", said(&off));
}

/// A key pair of somebody; gives the private half's place and the public half.
fn key(folder: &Path, name: &str) -> (PathBuf, String) {
    let path = folder.join(name);
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path);
    assert!(command.status().unwrap().success());
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    (path, public.trim().to_owned())
}

/// A kept rehearsal at the gate `ready`, in whose world GitHub publishes a key of ines.
struct AtTheGate {
    folder: tempfile::TempDir,
    world: World,
    key: PathBuf,
}

impl AtTheGate {
    fn new(group: &str) -> AtTheGate {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        let release = folder.path().join("release");
        without_the_conflict(&release);
        let (key, public) = key(folder.path(), "of-ines");
        let email = "email = \"ines@brightwater.example\"";
        let tove = "[[users]]\nlogin = \"tove\"\ntoken = \"emulated-token-of-tove\"";
        edit(&release, "world.toml", email, &format!("{email}\nsigning_keys = [\"{public}\"]\n\n{tove}"));
        edit(&release, "catalog.toml", "\n[mail]", &format!("\n{group}\n[mail]"));
        go_to_gate_of(&world, &release, "ready");
        AtTheGate { folder, world, key }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn approve(&self, words: &[&str]) -> Output {
        let out = self.world.path();
        run(["approve"].iter().chain(words).chain(&["--dir", out.to_str().unwrap()]))
    }

    /// Signs what the gate shows, on a machine that has nothing but the file.
    fn sign(&self, by: &str, key: &Path) -> Output {
        let (paper, out) = (self.file("ready.json"), self.file("approval.json"));
        expect(&self.approve(&["ready", "--request", &paper]), 10);
        let key = key.to_str().unwrap();
        run(["approve", "--sign", "--what", &paper, "--as", by, "--key", key, "--out", &out])
    }

    fn take_in(&self) -> Output {
        self.approve(&["--from", &self.file("approval.json")])
    }

    fn approvals(&self) -> Vec<Value> {
        let report = run(["report".as_ref(), self.world.path().as_os_str(), "--json".as_ref()]);
        let answer: Value = serde_json::from_slice(&report.stdout).unwrap();
        answer["result"]["approvals"].as_array().unwrap().clone()
    }
}

#[test]
fn en_12_an_approval_is_signed_on_another_machine_and_taken_in() {
    let gate = AtTheGate::new("");
    let signed = gate.sign("ines", &gate.key);
    expect(&signed, 0);
    assert!(
        said(&signed).contains("Lines of the list are evaluated"),
        "it shows what is signed: {}",
        said(&signed)
    );
    let taken = gate.take_in();
    expect(&taken, 0);
    assert!(
        said(&taken).contains("ines approved gate ready") && said(&taken).contains("SHA256:"),
        "{}",
        said(&taken)
    );
    let approval = &gate.approvals()[0];
    assert_eq!(approval["by"], "ines");
    assert!(approval["proof"]["signature"]["key"].as_str().unwrap().starts_with("SHA256:"), "{approval}");
    // The same once more is no second approval.
    let again = gate.take_in();
    expect(&again, 2);
    assert!(said(&again).contains("answered it already"), "{}", said(&again));
    expect(&run(["resume".as_ref(), gate.world.path().as_os_str()]), 10);
}

#[test]
fn en_12_a_signature_that_is_not_of_the_person_the_release_or_the_digest_is_refused() {
    let gate = AtTheGate::new("");
    let approval = gate.file("approval.json");
    let refused = |told: &str| {
        let output = gate.take_in();
        expect(&output, 2);
        assert!(said(&output).contains(told), "{}", said(&output));
    };
    // GitHub publishes no key of mara, and another one of ines.
    expect(&gate.sign("mara", &gate.key), 0);
    refused("GitHub publishes no SSH key of `mara`");
    let (other, _) = key(gate.folder.path(), "other");
    expect(&gate.sign("ines", &other), 0);
    refused("made this signature");
    // A stranger may sign whatever they like.
    expect(&gate.sign("mallory", &gate.key), 0);
    refused("`mallory` may not approve");
    // What was signed for something else.
    expect(&gate.sign("ines", &gate.key), 0);
    let whole = std::fs::read_to_string(&approval).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(whole.contains(from), "{whole}");
        std::fs::write(&approval, whole.replace(from, to)).unwrap();
    };
    changed("2026-03-spring-tide", "2026-04-autumn-ebb");
    refused("this approves the release `2026-04-autumn-ebb`");
    changed("\"gate\": \"ready\"", "\"gate\": \"release-day\"");
    refused("not reached it yet");
    let digest: Value = serde_json::from_str(&whole).unwrap();
    changed(digest["digest"].as_str().unwrap(), &"0".repeat(64));
    refused("but the gate shows");
    std::fs::write(&approval, "{}").unwrap();
    refused("is no signed approval");
    assert!(gate.approvals().is_empty());
}

#[test]
fn a_group_of_the_catalog_must_approve_beside_those_whom_the_workflow_wants() {
    let group = "[[approval-group]]\nname = \"security\"\ngate = \"ready\"\nmembers = [\"ines\", \"tove\"]\n";
    let gate = AtTheGate::new(group);
    let out = gate.world.path();
    let status = said(&run(["status".as_ref(), out.as_os_str()]));
    assert!(status.contains("1 of `security` (ines, tove)"), "{status}");
    let mara = gate.approve(&["ready", "--as", "mara"]);
    expect(&mara, 0);
    assert!(said(&mara).contains("1 more approval needed"), "{}", said(&mara));
    expect(&run(["resume".as_ref(), out.as_os_str()]), 10);
    let status = said(&run(["status".as_ref(), out.as_os_str()]));
    assert!(status.contains("lockgate approve ready --as ines"), "{status}");
    let ines = gate.approve(&["ready", "--as", "ines"]);
    expect(&ines, 0);
    assert!(said(&ines).contains("lockgate resume"), "{}", said(&ines));
    expect(&run(["resume".as_ref(), out.as_os_str()]), 10);
    assert_eq!(gate.approvals().len(), 2);
}
