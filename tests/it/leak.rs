//! The leak guard in a run: what it stops is told with its place, and can be cured in each of the ways that it names.

use std::path::Path;

use crate::support::{World, edit, expect, rehearsed, run, said, without_the_conflict};

/// The fixture of the conflict without the line that conflicts, with this advance mail.
fn release(folder: &Path, advance: &str) {
    without_the_conflict(folder);
    edit(folder, "catalog.toml", "[mail]\n", "[mail]\nadvance-template = \"advance.txt\"\n");
    std::fs::write(folder.join("advance.txt"), format!("Subject: soon\n\n{{{{ project }}}}\n{advance}\n"))
        .unwrap();
}

#[test]
fn what_the_guard_stops_is_told_with_its_place_and_sent_when_people_let_it_through() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "\nWe look at\n  level  =  $(( level ))\nand at ghsa%2D3g8f wv5j m2cx.");
    let told = rehearsed(&world, folder.path(), 11);
    // The line that the fix keeps is public and tells nothing; the id is found although it is disguised.
    assert!(told.contains("the advisory id `GHSA-3g8f-wv5j-m2cx` (text, line 5)"), "{told}");
    assert!(!told.contains("a line of a fix"), "{told}");
    for way in ["lockgate waive advance-mail", "lockgate confirm advance-mail", "lockgate amend"] {
        assert!(told.contains(way), "`{way}` is not offered:\n{told}");
    }
    assert!(world.mails().is_empty());
    // Asked again, it asks again.
    rehearsed(&world, folder.path(), 11);
    let out = world.path();
    let out = out.to_str().unwrap();
    expect(&run(["waive", "advance-mail", "--as", "mara", "--reason", "it is known", "--dir", out]), 0);
    rehearsed(&world, folder.path(), 0);
    assert!(world.mails()["advance.eml"].contains("wv5j"));
}

#[test]
fn what_the_guard_stops_is_not_sent_once_people_have_sent_another_text() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "*[!0-9]*) echo \"gauge: not a level: $level\"\n  >&2; exit 1 ;;");
    let told = rehearsed(&world, folder.path(), 11);
    assert!(told.contains("a line of a fix (text, line 3)"), "{told}");
    let out = world.path();
    let out = out.to_str().unwrap();
    expect(&run(["confirm", "advance-mail", "--sent", "--as", "mara", "--dir", out]), 0);
    rehearsed(&world, folder.path(), 0);
    assert_eq!(world.mails().into_keys().collect::<Vec<_>>(), ["release.eml"]);
}

#[test]
fn a_reporter_who_is_called_like_the_project_stops_nothing() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "Of Gauge, at brightwater.");
    let file = folder.path().join("release.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("cve = \"none\"\n", "cve = \"none\"\nreporter = \"Gauge\"\n"))
        .unwrap();
    rehearsed(&world, folder.path(), 0);
    assert!(world.mails()["advance.eml"].contains("Of Gauge"));
}

#[test]
fn words_that_the_release_file_forbids_are_looked_for() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "This is operation\n> LANTERN.");
    edit(
        folder.path(),
        "release.toml",
        "manager = ",
        "forbidden-words = [\"Operation Lantern\"]\nmanager = ",
    );
    let told = rehearsed(&world, folder.path(), 11);
    assert!(told.contains("`Operation Lantern`, which the release file forbids, (text, line 3)"), "{told}");
    assert!(world.mails().is_empty());

    edit(folder.path(), "release.toml", "Operation Lantern", "Gauge");
    let refused = run(["plan".as_ref(), folder.path().as_os_str()]);
    expect(&refused, 2);
    assert!(
        said(&refused).contains("`Gauge` stands in everything that the project publishes"),
        "{}",
        said(&refused)
    );
}

/// Who committed a bump is seen by everybody, and the bump is public before the gate here.
#[test]
fn people_of_a_commit_that_is_public_early_are_read() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(folder.path(), "release.toml", "workflow = \"github\"", "workflow = \"wasmtime\"");
    let mut rehearse = crate::support::lockgate();
    rehearse.arg("rehearse").arg(folder.path()).arg("--keep").arg(world.path());
    rehearse
        .env("GIT_COMMITTER_NAME", "Team 3g8f-wv5j-m2cx")
        .env("GIT_COMMITTER_EMAIL", "team@brightwater.example");
    let stopped = rehearse.output().unwrap();
    expect(&stopped, 11);
    let told = said(&stopped);
    assert!(
        told.contains("the advisory id `GHSA-3g8f-wv5j-m2cx` (message and people of the commit"),
        "{told}"
    );
}

#[test]
fn a_release_is_not_named_after_its_advisory() {
    for id in ["fix-cve-2026.1234", "2026-03-ghsa-3g8f-wv5j-m2cx", "3g8fwv5jm2cx"] {
        let folder = tempfile::tempdir().unwrap();
        release(folder.path(), "");
        let file = folder.path().join("release.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text
            .replace("2026-03-spring-tide", id)
            .replace("cve = \"none\"", "cve = { given = \"CVE-2026-1234\" }");
        std::fs::write(&file, text).unwrap();
        let output = run(["plan".as_ref(), folder.path().as_os_str(), "--long".as_ref()]);
        expect(&output, 2);
        let told = said(&output);
        assert!(told.contains("release.toml:2:") && told.contains("names the advisory"), "{told}");
        assert!(told.contains("2026-03-10"), "{told}");
    }
}
