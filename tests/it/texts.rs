//! Nothing becomes public that nobody has read: every text is shown, and is under the digest that is approved.

use crate::gate::{answer, go_to_gate};
use crate::support::{SLUICE, World, edit, expect, next_commands, run, said};

fn status(world: &World) -> String {
    said(&run(["status".as_ref(), world.path().as_os_str()]))
}

/// Approves the gate that is open by the printed command.
#[track_caller]
fn approve(world: &World, gate: &str) {
    let commands = next_commands(&status(world));
    let command = commands.iter().find(|line| line.contains(&format!("approve {gate} "))).unwrap();
    answer(world, command);
}

#[test]
fn advance_mail_goes_out_as_it_was_shown_and_every_text_can_be_read_before() {
    let world = World::new();
    go_to_gate(&world, "ready");
    let out = world.path().to_str().unwrap().to_owned();
    assert!(world.mails().is_empty(), "no date is promised before the backports are known");

    let screen = said(&run(["approve", "ready", "--dir", &out]));
    assert!(screen.lines().count() < 45, "{screen}");
    for part in [
        "2 advisories on ",
        "public once this is approved: 1 mail\n",
        " on: 1 mail, 2 advisories, ",
        "cannot be undone: ",
        "advance-mail goes out next, as it stands above",
        "lockgate show ",
    ] {
        assert!(screen.contains(part), "`{part}` is not on the screen:\n{screen}");
    }
    let long = said(&run(["approve", "ready", "--long", "--dir", &out]));
    let show = |arguments: &[&str]| {
        let output = run([&["show"], arguments, &["--dir", &out]].concat());
        expect(&output, 0);
        said(&output)
    };
    for kind in ["mail", "advisory", "pull", "record"] {
        let shown = show(&[kind]);
        // Whatever is shown alone stands in the text whose digest is approved.
        for line in shown.lines().filter(|line| !line.starts_with("==== ") && !line.is_empty()) {
            assert!(long.contains(line), "`{line}` of {kind} is not approved");
        }
    }
    assert!(show(&["pull", "release/1.x"]).contains("[release/1.x] Fix 2 security advisories"));
    let line = format!("{SLUICE}/release/1.x");
    assert!(show(&["notes", &line]).contains("GHSA-7mh3-v9jc-2pxr"));
    assert!(show(&["diff", &line]).contains("diff --git"));
    let beside = show(&["range-diff", &line]);
    assert!(beside.contains("the same change as") || beside.contains("differs from"), "{beside}");
    let unknown = run(["show", "pull", "release/9.x", "--dir", &out]);
    expect(&unknown, 2);
    assert!(said(&unknown).contains("there is no `release/9.x`"), "{}", said(&unknown));

    let mail = show(&["mail", "advance-mail"]);
    approve(&world, "ready");
    expect(&run(["resume", &out]), 10);
    let sent = world.mails()["advance.eml"].replace("\r\n", "\n").replace("=\n", "");
    let (_, body) = mail.split_once("\n\n").unwrap();
    assert!(sent.contains(body.trim()), "{sent}\n\n{body}");

    // What was approved is changed: it is asked again, and the old answer does not count.
    edit(
        &world.path().join("inputs"),
        "release.toml",
        "Refuse expressions with names of more",
        "Refuse those with names of more",
    );
    let amended = said(&run(["amend", &out, "--as", "mara"]));
    assert!(
        amended.contains("gate/ready asks again") && amended.contains("the approval of mara lapses"),
        "{amended}"
    );
    expect(&run(["resume", &out]), 10);
    assert!(status(&world).contains("lockgate approve ready"), "{}", status(&world));
    assert_eq!(world.mails().len(), 1, "what is out is not sent again");
}
