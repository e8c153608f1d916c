//! A journal that is lost, emptied or behind: nothing is begun anew beside what a run left, and nothing is guessed.

use std::fs;

use crate::real::{edit, github, small_release, tool};
use crate::support::{World, copy, expect, fixture, run, said};

#[test]
fn a_run_whose_journal_is_gone_is_not_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("release");
    small_release(&release);
    let (_github, base) = github(&release, &folder.path().join("world"));
    let place = format!(
        "smtp = \"smtp://127.0.0.1:9\"\n\n[endpoints]\napi = \"{base}api/\"\ngit = \"{base}git/\"\n\n[[repo]]\n"
    );
    edit(release.join("catalog.toml"), &[("\n[[repo]]\n", &place)]);
    // A start that fails leaves no run: the next one begins where it ended.
    let catalog = fs::read_to_string(release.join("catalog.toml")).unwrap();
    edit(release.join("catalog.toml"), &[("\"release/2.x\"]", "\"release/2.x\", \"release/9.x\"]")]);
    let failed = tool(&release, &["run"]);
    expect(&failed, 2);
    assert!(said(&failed).contains("release/9.x"), "{}", said(&failed));
    fs::write(release.join("catalog.toml"), catalog).unwrap();
    expect(&tool(&release, &["run"]), 10);

    let kept = release.join(".lockgate");
    assert!(!kept.join("journal.db-wal").exists(), "the journal is whole in one file");
    let whole = fs::read(kept.join("journal.db")).unwrap();
    for lost in [None, Some(&b""[..])] {
        match lost {
            None => fs::remove_file(kept.join("journal.db")).unwrap(),
            Some(nothing) => fs::write(kept.join("journal.db"), nothing).unwrap(),
        }
        let again = tool(&release, &["run"]);
        expect(&again, 2);
        for words in ["its journal is gone or empty", "`journal.last`", "lockgate resume", "is still there"] {
            assert!(said(&again).contains(words), "`{words}` is not said:\n{}", said(&again));
        }
    }
    // The way on that was named is one.
    fs::write(kept.join("journal.db"), whole).unwrap();
    expect(&tool(&release, &["resume"]), 10);
}

#[test]
fn a_journal_that_ends_early_or_was_changed_is_refused_with_how_to_go_on() {
    let world = World::new();
    let demo = fixture("demo");
    let asked = ["rehearse".as_ref(), demo.as_os_str(), "--ask".as_ref(), "--keep".as_ref()];
    expect(&run(asked.into_iter().chain([world.path().as_os_str()])), 10);
    let behind = World::new();
    copy(&world.path(), &behind.path());
    let change = |world: &World, statement: &str| {
        let journal = rusqlite::Connection::open(world.path().join("journal.db")).unwrap();
        journal.execute(statement, []).unwrap();
    };
    change(&world, "UPDATE event SET at = '2026-03-01T09:00:00Z' WHERE number = 3");
    change(&behind, "DELETE FROM event WHERE number > 5");
    for (world, told, instead) in [
        (&world, "was changed after it was written", "put back the whole folder"),
        (&behind, "ends with event 5, but", "journal.last"),
    ] {
        for command in ["status", "resume"] {
            let output = run([command.as_ref(), world.path().as_os_str()]);
            expect(&output, 2);
            assert!(said(&output).contains(told) && said(&output).contains(instead), "{}", said(&output));
        }
    }
    fs::remove_file(behind.path().join("journal.last")).unwrap();
    expect(&run(["status".as_ref(), behind.path().as_os_str()]), 0);
}
