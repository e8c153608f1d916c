//! One form for programs, in every command, whatever comes of it.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::{copy, expect, fixture, git, lockgate, run, said};

/// What standard output holds: one object with the four keys, and the exit code of the process.
#[track_caller]
fn answer(output: &Output) -> Value {
    let told: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)));
    let keys: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["exit", "result", "error", "next"], "{told}");
    assert_eq!(told["exit"].as_i64(), output.status.code().map(i64::from), "{told}");
    assert!(told["result"].is_null() != told["error"].is_null(), "{told}");
    for command in told["next"].as_array().unwrap() {
        let command = command.as_str().unwrap();
        assert!(["lockgate ", "git "].iter().any(|tool| command.starts_with(tool)), "{command}");
    }
    told
}

#[track_caller]
fn answered(words: &[&str], code: i32) -> Value {
    let output = run(words.iter().chain(&["--json"]));
    expect(&output, code);
    let told = answer(&output);
    assert!(told["error"].is_null(), "{words:?}: {told}");
    told
}

#[track_caller]
fn refused(words: &[&str]) -> Value {
    let output = run(words.iter().chain(&["--json"]));
    expect(&output, 2);
    let told = answer(&output);
    let error = &told["error"];
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{words:?}: {told}");
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{words:?}: {told}");
    told
}

/// A repository with a fix on `main` and a line.
fn repository(folder: &Path) -> String {
    git(folder, &["init", "-q", "-b", "main", "repo"]);
    let repo = folder.join("repo");
    let commit = |text: &str| {
        std::fs::write(repo.join("a.c"), text).unwrap();
        git(&repo, &["add", "-A"]);
        git(&repo, &["commit", "-q", "-m", text.trim()]);
    };
    commit("one\n");
    git(&repo, &["branch", "release/1.x"]);
    commit("two\n");
    repo.to_str().unwrap().to_owned()
}

/// `lockgate emulate` answers while it serves.
fn emulated(words: &[&str]) -> Value {
    let mut server = lockgate();
    let mut server = server.args(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut text = String::new();
    for line in BufReader::new(server.stdout.take().unwrap()).lines() {
        text += &(line.unwrap() + "\n");
        if text.ends_with("\n}\n") {
            break;
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_command_answers_in_one_form() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (release, out, init, man) = (place("release"), place("out"), place("init"), place("man"));
    copy(&fixture("conflict"), Path::new(&release));
    std::fs::create_dir(&init).unwrap();
    let repo = repository(folder.path());
    let asks = answered(&["rehearse", "--dir", &release, "--keep", &out], 11);
    let step = asks["result"]["asked"][0]["step"].as_str().unwrap().to_owned();
    assert!(
        asks["next"].as_array().unwrap().iter().any(|next| next.as_str().unwrap().contains(&step)),
        "{asks}"
    );

    let mirror = format!("brightwater/gauge={repo}");
    // For each command: words that have an answer, its code, and words that are refused.
    let cases: Vec<(&str, Vec<&str>, i32, Vec<&str>)> = vec![
        ("init", vec!["--mirror", &mirror, "--dir", &init], 0, vec!["--dir", &init]),
        ("plan", vec!["--dir", &release], 0, vec!["--dir", "nowhere"]),
        ("doctor", vec!["--dir", &release], 0, vec!["--dir", "nowhere"]),
        ("doctor", vec!["--dir", &out], 0, vec!["--dir", "nowhere"]),
        ("rehearse", vec!["--dir", &release, "--keep", &out], 11, vec!["--dir", "nowhere"]),
        ("run", vec![], 0, vec!["--dir", &out]),
        ("resume", vec!["--dir", &out], 11, vec!["--dir", "nowhere"]),
        ("status", vec!["--dir", &out], 0, vec!["--dir", "nowhere"]),
        ("log", vec!["--dir", &out], 0, vec!["--dir", "nowhere"]),
        ("show", vec!["advisory", "--dir", &out], 0, vec!["advisory", "no-such", "--dir", &out]),
        ("report", vec!["--dir", &out], 0, vec!["--dir", "nowhere"]),
        ("report", vec!["--dir", &out], 0, vec!["--dir", &out, "--markdown", "/no/such/place/x"]),
        ("approve", vec![], 0, vec!["ready", "--dir", &out]),
        ("confirm", vec![], 0, vec!["no-such", "--as", "mara", "--dir", &out]),
        ("waive", vec![], 0, vec!["no-such/step", "--as", "mara", "--reason", "why", "--dir", &out]),
        ("withdraw", vec![], 0, vec!["ready", "--as", "mara", "--dir", &out]),
        ("resolve", vec![&step, "--dir", &out], 11, vec!["no-such/step", "--dir", &out]),
        ("amend", vec![], 0, vec!["--dir", &out]),
        ("disclose-now", vec!["--dir", &out], 10, vec!["--dir", "nowhere"]),
        ("abort", vec!["--dir", &out], 0, vec!["--dir", "nowhere"]),
        ("emulate", vec![], 0, vec!["--dir", "nowhere"]),
        (
            "backport",
            vec!["--repo", &repo, "--fix", "main", "--onto", "release/1.x"],
            0,
            vec!["--repo", "nowhere", "--fix", "main", "--onto", "main"],
        ),
        (
            "assess",
            vec!["--repo", &repo, "--fix", "main", "--branches", "release/*"],
            0,
            vec!["--repo", &repo, "--fix", "main", "--branches", "no-such"],
        ),
        // Its answer is one entry a line: `tests/it/matrix.rs`.
        ("matrix", vec![], 0, vec!["--repo", "nowhere", "--rev", "main"]),
        ("schema", vec!["catalog"], 0, vec!["cataloge"]),
        ("completions", vec!["bash"], 0, vec!["basch"]),
        ("man", vec![&man], 0, vec![]),
        ("worker", vec![], 0, vec![]),
    ];
    let known: BTreeSet<&str> = cases.iter().map(|(command, ..)| *command).collect();
    let help = said(&run(["--help"]));
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().lines();
    let listed = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let listed: BTreeSet<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(known, &listed - &BTreeSet::from(["help"]), "a command that this story does not know");

    for (command, words, code, wrong) in &cases {
        if !words.is_empty() {
            answered(&[&[*command], words.as_slice()].concat(), *code);
        }
        refused(&[&[*command], wrong.as_slice()].concat());
        let unknown = refused(&[command, "--no-such-option"]);
        assert!(unknown["error"]["message"].as_str().unwrap().contains("--no-such-option"), "{unknown}");
    }
    let nowhere = refused(&["status", "--dir", "nowhere"]);
    assert!(
        nowhere["error"]["message"].as_str().unwrap().contains("there is no directory `nowhere`"),
        "{nowhere}"
    );
    let early = refused(&["abort", "--undo", "--dir", &out]);
    let abort = early["next"][0].as_str().unwrap();
    assert!(abort.contains("--as mara"), "who is expected to type it is known: {early}");
    let served = emulated(&["emulate", "--dir", &release, "--json"]);
    assert!(served["result"]["api"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{served}");
}

#[test]
fn error_for_programs_has_its_place_and_words_alone_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("conflict"), folder.path());
    let path = folder.path().join("catalog.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("maintainer = []\n{text}")).unwrap();
    let output = run(["plan", folder.path().to_str().unwrap(), "--json"]);
    expect(&output, 2);
    let told = answer(&output);
    let place = &told["error"]["place"];
    assert_eq!(place["line"], 1, "{told}");
    assert_eq!(place["column"], 1, "{told}");
    assert!(place["file"].as_str().unwrap().ends_with("catalog.toml"), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn remarks_are_left_out_on_request_and_errors_never() {
    let release = fixture("conflict");
    let release = release.to_str().unwrap();
    let usual = run(["plan", release]);
    assert!(
        String::from_utf8_lossy(&usual.stderr).contains("planned in an emulated world"),
        "{}",
        said(&usual)
    );
    let quiet = run(["-q", "plan", release]);
    expect(&quiet, 0);
    assert_eq!(String::from_utf8_lossy(&quiet.stderr), "");
    assert_eq!(quiet.stdout, usual.stdout);
    let wrong = run(["--quiet", "plan", "nowhere"]);
    expect(&wrong, 2);
    assert!(said(&wrong).contains("error: there is no catalog"), "{}", said(&wrong));

    let silent = run(["-q", "rehearse", release]);
    expect(&silent, 11);
    assert!(!said(&silent).contains("push-private"), "{}", said(&silent));
    let lines = |words: &[&str]| said(&run(words)).lines().count();
    assert!(lines(&["-v", "rehearse", release]) > lines(&["rehearse", release]));
    expect(&run(["-q", "-v", "plan", release]), 2);
}

#[test]
fn colour_is_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("catalog.toml"), "maintainer = []\n").unwrap();
    let place = folder.path().to_str().unwrap();
    let is_coloured = |words: &[&str], no_color: bool| {
        let mut command = lockgate();
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let told = command.args(words).args(["plan", place]).output().unwrap();
        said(&told).contains('\u{1b}')
    };
    assert!(!is_coloured(&[], false), "no terminal reads it");
    assert!(is_coloured(&["--color", "always"], false));
    assert!(is_coloured(&["--color=always"], true));
    assert!(!is_coloured(&["--color", "never"], false));
}

#[test]
fn mirror_of_an_unknown_repository_is_refused_wherever_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let repo = repository(folder.path());
    let out = folder.path().join("out");
    let (release, out) = (fixture("conflict"), out.to_str().unwrap());
    let release = release.to_str().unwrap();
    expect(&run(["rehearse", release, "--keep", out]), 11);
    let mirror = format!("brightwater/gouge={repo}");
    for words in [
        vec!["plan", "--dir", release],
        vec!["plan", "--dir", out],
        vec!["doctor", "--dir", release],
        vec!["rehearse", "--dir", release],
        vec!["rehearse", "--dir", release, "--keep", out],
        vec!["emulate", "--dir", release],
        vec!["emulate", "--dir", out],
    ] {
        let output = run(words.iter().chain(&["--mirror", mirror.as_str()]));
        expect(&output, 2);
        assert!(said(&output).contains("brightwater/gouge"), "{words:?}: {}", said(&output));
        assert!(said(&output).contains("did you mean `brightwater/gauge`"), "{words:?}: {}", said(&output));
    }
}
