//! `lockgate matrix --run`: small workflows that others report wrongly, and what is made of them.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use sha2::Digest as _;

use crate::matrix::{matrix, repository};
use crate::support::{expect, git, lockgate, not_tested, said};

/// The label of GitHub's runner that this machine is like.
pub(crate) fn here() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "aarch64") => "ubuntu-24.04-arm",
        ("macos", "aarch64") => "macos-15",
        ("macos", _) => "macos-15-intel",
        _ => "ubuntu-latest",
    }
}

/// A repository with one workflow, whose runner `HERE` is this machine.
fn project(workflow: &str) -> tempfile::TempDir {
    repository(&[("ci.yml", &workflow.replace("HERE", here()))])
}

fn commit(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", file]);
}

pub(crate) fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", said(output))))
        .collect()
}

/// The answer to these arguments at `main`; what is kept goes away with the repository.
fn executed(folder: &Path, arguments: &[&str]) -> Output {
    let kept = folder.join(".git/kept");
    let keep: &[&str] = if arguments.contains(&"--keep") { &[] } else { &["--keep", kept.to_str().unwrap()] };
    matrix(folder, &[&["--rev", "main"], arguments, keep].concat())
}

/// Runs it, and gives the lines of all entries.
#[track_caller]
fn ran(folder: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let output = executed(folder, &[&["--run", "--json"], arguments].concat());
    expect(&output, code);
    lines(&output)
}

pub(crate) fn outcomes(lines: &[Value]) -> Vec<String> {
    let word = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    lines.iter().map(|line| format!("{}: {}", word(line, "name"), word(line, "outcome"))).collect()
}

pub(crate) fn log(line: &Value) -> String {
    std::fs::read_to_string(line["attempts"][0]["log"].as_str().unwrap()).unwrap()
}

const HONEST: &str = "on: push
jobs:
  mixed:
    strategy: { matrix: { os: [HERE, windows-2025, self-hosted] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
  skipped:
    runs-on: HERE
    steps: [{ uses: actions/checkout@v4 }, { run: 'true', if: \"github.ref == 'refs/heads/other'\" }]
  boasts:
    runs-on: HERE
    steps: [{ run: 'echo \"::notice::success\"; echo job succeeded; exit 3' }]
  strange:
    runs-on: HERE
    steps: [{ uses: acme/unheard-of@v1 }, { run: 'true' }]
  contained: { runs-on: HERE, container: debian, steps: [{ run: 'true' }] }
  tolerant:
    runs-on: HERE
    steps: [{ id: bad, run: 'false', continue-on-error: true }, { run: 'test ${{ steps.bad.outcome }}${{ steps.bad.conclusion }} = failuresuccess' }]
  hollow: { runs-on: HERE, steps: [{ run: 'false', continue-on-error: true }] }
  blank: { runs-on: HERE, steps: [{ run: ' ' }] }
  missed:
    runs-on: HERE
    steps: [{ uses: actions/cache/restore@v4, with: { path: x, key: k, fail-on-cache-miss: true } }, { run: 'true' }]
  asks: { runs-on: HERE, steps: [{ id: c, uses: Swatinem/rust-cache@v2 }, { run: 'test ${{ steps.c.outputs.cache-hit }} = false; echo ${{ steps.c.outputs.key }}' }] }
  allowed: { runs-on: HERE, continue-on-error: true, steps: [{ run: 'false' }] }
  fast:
    strategy: { matrix: { n: [1, 2] } }
    runs-on: HERE
    steps: [{ run: 'test ${{ matrix.n }} = 2' }]
  after-fast: { needs: fast, runs-on: HERE, steps: [{ run: 'true' }] }
  after-allowed: { needs: allowed, runs-on: HERE, steps: [{ run: 'true' }] }
  cleanup: { needs: fast, if: 'failure()', runs-on: HERE, steps: [{ run: 'true' }] }
  slow: { runs-on: HERE, timeout-minutes: 0.02, steps: [{ run: 'sleep 60' }] }
";

#[test]
fn never_a_pass_that_did_not_happen() {
    let folder = project(HONEST);
    let lines = ran(folder.path(), &["--jobs", "2"], 11);
    let found = outcomes(&lines);
    let first = format!("mixed ({}): passed", here());
    let expected = [
        first.as_str(),
        "mixed (windows-2025): not-attempted",
        "mixed (self-hosted): not-attempted",
        "skipped: nothing-ran",
        "boasts: failed",
        "strange: not-attempted",
        "contained: not-attempted",
        "tolerant: passed",
        "hollow: nothing-ran",
        "blank: nothing-ran",
        "missed: unavailable",
        "asks: unavailable",
        "allowed: failed",
        "fast (1): failed",
        "fast (2): passed",
        "after-fast: not-attempted",
        "after-allowed: passed",
        "cleanup: passed",
        "slow: failed",
    ];
    assert_eq!(found, expected);
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    assert_eq!(of("strange")["reason"], "the action `acme/unheard-of`");
    assert_eq!(of("boasts")["attempts"][0]["steps"][0]["note"], "exit code 3");
    assert_eq!(of("boasts")["attempts"].as_array().unwrap().len(), 2, "one second try");
    assert_eq!(of("tolerant")["attempts"][0]["steps"][0]["tolerated"], true);
    let why = of("asks")["attempts"][0]["why"].to_string() + &of("asks")["why"].to_string();
    assert!(why.contains("outputs of Swatinem/rust-cache"), "{why}");
    assert_eq!(of("allowed")["may_fail"], true);
    assert_eq!(of("after-fast")["reason"], "needs fast, which failed");
    assert_eq!(of("slow")["attempts"][0]["outcome"], "timed-out");
}

#[test]
fn a_machine_that_is_not_what_it_is_taken_for_proves_nothing() {
    let folder = project("on: push\njobs: { a: { runs-on: HERE, steps: [{ run: 'true' }] } }\n");
    let liar = tempfile::Builder::new().prefix("liar").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let uname = liar.path().join("uname");
    std::fs::write(&uname, "#!/bin/sh\necho Windows_NT amd64\n").unwrap();
    std::fs::set_permissions(&uname, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", liar.path().display(), std::env::var("PATH").unwrap());
    let mut command = lockgate();
    command
        .args(["matrix", "--rev", "main", "--run", "--json", "--repo"])
        .arg(folder.path())
        .env("PATH", path);
    let output = command.arg("--keep").arg(folder.path().join(".git/kept")).output().unwrap();
    expect(&output, 11);
    let line = &lines(&output)[0];
    assert_eq!(line["outcome"], "unavailable", "{line}");
    assert_eq!(line["attempts"][0]["outcome"], "wrong-machine", "{line}");
}

const STEPS: &str = "name: CI
on: push
env: { TOP: top }
defaults: { run: { shell: bash } }
jobs:
  make:
    runs-on: HERE
    outputs: { parts: '${{ steps.x.outputs.parts }}', late: '${{ steps.y.outputs.late }}' }
    env: { JOB: '${{ github.job }}' }
    steps:
      - uses: actions/checkout@v4
      - id: x
        run: |
          echo 'parts=[\"one\",\"two\"]' >> \"$GITHUB_OUTPUT\"
          printf 'LONG<<END\\na\\nb\\nEND\\n' >> \"$GITHUB_ENV\"
          mkdir -p tools out && printf '#!/bin/sh\\necho mine' > tools/mine && chmod +x tools/mine
          echo \"$PWD/tools\" >> \"$GITHUB_PATH\"
          echo '# read me' >> \"$GITHUB_STEP_SUMMARY\"
          echo '::add-mask::s3cret'
      - id: y
        env: { OWN: '${{ env.TOP }}-${{ env.JOB }}' }
        working-directory: out
        run: |
          test \"$OWN $(mine) $LONG\" = $'top-make mine a\\nb'
          test \"$CI $GITHUB_ACTIONS $GITHUB_REF $RUNNER_OS\" = 'true true refs/heads/main ${{ runner.os }}'
          test \"$(git rev-parse HEAD)\" = '${{ github.sha }}' && test -z \"$(git remote)\"
          echo 'say s3cret'; echo '::set-output name=late::yes'; echo kept > result
          echo '::stop-commands::t0k'; echo '::set-output name=late::no'; echo '::t0k::'
      - run: exit 1
        if: failure()
      - uses: ./act
        id: act
        with: { who: '${{ env.TOP }}' }
      - run: test '${{ steps.act.outputs.said }}' = 'hello top/1'
      - uses: actions/cache@v4
        with: { path: x, key: \"${{ hashFiles('**/lock') }}\" }
      - run: test -n '${{ hashFiles('act/**') }}' -a -z '${{ hashFiles('none') }}'
      - { uses: actions/upload-artifact@v4, with: { name: result, path: out } }
  use:
    needs: make
    if: needs.make.outputs.late == 'yes'
    strategy: { matrix: { part: '${{ fromJSON(needs.make.outputs.parts) }}' } }
    runs-on: HERE
    steps:
      - { uses: actions/download-artifact@v4, with: { name: result, path: got } }
      - { uses: actions/checkout@v4, with: { path: part, sparse-checkout: act } }
      - { uses: actions/setup-python@v5, id: py }
      - run: test -n '${{ steps.py.outputs.python-version }}' -a '${{ steps.py.outputs.cache-hit != 'true' }}' = true
      - run: test \"$(cat got/result)\" = kept && test ! -e act
      - run: test -e part/act/action.yml && test ! -e part/.github && test \"$RUNNER_ENVIRONMENT\" = github-hosted
";

const ACTION: &str = "inputs: { who: {}, count: { default: 1 } }
outputs: { said: { value: '${{ steps.s.outputs.said }}' } }
runs:
  using: composite
  steps:
    - { id: s, shell: bash, run: 'echo \"said=hello ${{ inputs.who }}/${{ inputs.count }}\" >> $GITHUB_OUTPUT; test -f $GITHUB_ACTION_PATH/action.yml' }
";

#[test]
fn steps_pass_on_what_they_say_and_jobs_what_they_make() {
    let folder = project(STEPS);
    std::fs::create_dir(folder.path().join("act")).unwrap();
    commit(folder.path(), "act/action.yml", ACTION);
    let resolved = executed(folder.path(), &["--resolve", "--json"]);
    expect(&resolved, 0);
    let told: Vec<Value> = lines(&resolved);
    assert_eq!(outcomes(&told), ["make: passed", "use (one): not-attempted", "use (two): not-attempted"]);
    let lines = ran(folder.path(), &[], 0);
    assert_eq!(outcomes(&lines), ["make: passed", "use (one): passed", "use (two): passed"]);
    let log = log(&lines[0]);
    assert!(log.contains("say ***") && !log.contains("s3cret") && log.contains("# read me"), "{log}");
    let stood_in: Vec<&str> = lines[0]["attempts"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["deed"].as_str().unwrap())
        .collect();
    assert_eq!(
        stood_in,
        [
            "stand-in", "script", "script", "nothing", "action", "script", "script", "stand-in", "script",
            "stand-in"
        ]
    );
    let only = ran(folder.path(), &["--only", "use*one*"], 0);
    assert_eq!(outcomes(&only), ["make: passed", "use (one): passed", "use (two): not-attempted"]);
}

#[test]
fn evidence_says_what_was_run_on_which_tree_where_and_how_far_apart() {
    // Outside of the workspace, and harmless on a machine that cannot keep it from being written.
    let outside = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let probe = outside.path().join("written");
    let look = format!(
        "ls -A ~; ls /tmp; (exec 3<>/dev/tcp/192.0.2.1/9) 2>&1 || true; touch {} || true",
        probe.display()
    );
    let job = format!("{{ runs-on: HERE, steps: [{{ uses: actions/checkout@v4 }}, {{ run: '{look}' }}] }}");
    let folder = project(&format!("on: push\njobs: {{ a: {job} }}\n"));
    let kept = tempfile::tempdir().unwrap();
    let kept_at = kept.path().join("deep").to_str().unwrap().to_owned();
    let lines = ran(folder.path(), &["--keep", &kept_at], 0);
    let attempt = &lines[0]["attempts"][0];
    assert_eq!(attempt["tree"], git(folder.path(), &["rev-parse", "main^{tree}"]).trim());
    assert_eq!(attempt["commit"], git(folder.path(), &["rev-parse", "main"]).trim());
    let text = std::fs::read(attempt["log"].as_str().unwrap()).unwrap();
    assert_eq!(attempt["log_digest"], hex::encode(sha2::Sha256::digest(&text)));
    assert!(
        attempt["log"].as_str().unwrap().starts_with(&*kept.path().canonicalize().unwrap().to_string_lossy())
    );
    assert_eq!(std::fs::metadata(&kept_at).unwrap().permissions().mode() & 0o077, 0, "for the owner alone");
    let again = ran(folder.path(), &[], 0);
    assert_eq!(lines[0]["environment"], again[0]["environment"]);
    let with_network = ran(folder.path(), &["--network"], 0);
    assert_ne!(lines[0]["environment"], with_network[0]["environment"]);
    let written = std::fs::read_to_string(Path::new(&kept_at).join("evidence.jsonl")).unwrap();
    assert_eq!(written.trim(), lines[0].to_string());
    if attempt["isolation"]["level"] == "namespaces" {
        let text = String::from_utf8_lossy(&text);
        assert_eq!(attempt["isolation"]["network"], false);
        assert!(!probe.exists());
        assert!(
            text.contains("Network is unreachable") && !text.contains("/dev/tcp/192.0.2.1/9: Success"),
            "{text}"
        );
        assert!(!text.contains(".bashrc") && !text.contains("deep"), "{text}");
    }
}

#[test]
fn a_lower_isolation_than_is_required_is_an_error_with_its_remedy() {
    let folder = project("on: push\njobs: { a: { runs-on: HERE, steps: [{ run: 'true' }] } }\n");
    let few = tempfile::tempdir().unwrap();
    for program in ["git", "sh", "bash", "uname", "env"] {
        symlink(which::which(program).unwrap(), few.path().join(program)).unwrap();
    }
    let run_with = |more: &[&str]| {
        let mut command = lockgate();
        command.args(["matrix", "--rev", "main", "--run", "--json", "--repo"]).arg(folder.path()).args(more);
        command.arg("--keep").arg(folder.path().join(".git/kept"));
        command.env("PATH", few.path()).output().unwrap()
    };
    let refused = run_with(&["--isolation", "required"]);
    expect(&refused, 2);
    assert!(
        said(&refused).contains("entries must be isolated, and cannot be on this machine"),
        "{}",
        said(&refused)
    );
    let lower = run_with(&[]);
    expect(&lower, 0);
    let isolation = lines(&lower)[0]["attempts"][0]["isolation"].clone();
    assert_eq!(isolation["level"], "environment");
    assert!(!isolation["remedy"].as_str().unwrap().is_empty());
}

/// Tries to reach a socket that has no file, and to mount something in namespaces of its own.
const REACHES: &str = "on: push
jobs:
  a:
    runs-on: HERE
    steps:
      - run: |
          python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('\\0NAME')\" && echo reached || true
          unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /mnt && echo mounted' || true
          echo x > ../temp/own && echo x > ~/own && echo x > /tmp/own && echo x > /dev/null && cat ~/own
";

#[cfg(target_os = "linux")]
#[test]
fn what_is_confined_reaches_no_socket_outside_also_with_a_network() {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let name = format!("lockgate-story-{}", std::process::id());
    let _listens = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let folder = project(&REACHES.replace("NAME", &name));
    let line = &ran(folder.path(), &["--network"], 0)[0];
    let isolation = &line["attempts"][0]["isolation"];
    let Some(landlock) = isolation["landlock"].as_str() else {
        return not_tested("this machine allows no namespaces");
    };
    let text = log(line);
    match landlock.strip_prefix("abi ") {
        Some(abi) if abi.parse::<u8>().unwrap() >= 6 => {
            assert!(text.contains("PermissionError: [Errno 1] Operation not permitted"), "{text}");
            assert!(!text.lines().any(|line| ["reached", "mounted"].contains(&line)), "{text}");
        }
        Some(old) => not_tested(&format!("landlock {old} knows no sockets without a file")),
        None => {
            assert!(landlock.starts_with("none: "), "{landlock}");
            not_tested(&format!("no landlock: {landlock}"));
        }
    }
}

const LEAVES: &str = "on: push
jobs:
  leaves:
    runs-on: HERE
    steps: [{ run: 'test ! -e /dev/shm/NAME; echo x > /dev/shm/NAME; ipcmk -Q; ipcs -q | grep -c 0x; echo plain > /dev/null; echo x > /dev/NAME && exit 3 || true' }]
";

#[test]
fn what_an_entry_leaves_in_shared_memory_no_other_finds() {
    let name = format!("lockgate-story-{}", std::process::id());
    let folder = project(&LEAVES.replace("NAME", &name));
    let line = &ran(folder.path(), &[], 0)[0];
    if line["attempts"][0]["isolation"]["level"] != "namespaces" {
        return not_tested("this machine allows no namespaces");
    }
    assert_eq!(line["outcome"], "passed", "{}", log(line));
    assert!(log(line).lines().any(|line| line == "1"), "queues of others are seen: {}", log(line));
    assert!(!Path::new("/dev/shm").join(&name).exists() && !Path::new("/dev").join(&name).exists());
}

/// Tries to write into what is the kernel's for the whole machine, what is there already, and looks for what has ended.
const SETS: &str = "on: push
jobs:
  sets:
    runs-on: HERE
    steps:
    - run: |
        for file in /proc/sys/vm/swappiness /proc/sys/kernel/core_pattern /proc/irq/default_smp_affinity /sys/kernel/mm/ksm/run; do
          test ! -e $file || { value=$(cat $file); echo \"$value\" > $file && echo set $file; } || true
        done
        echo 5 > /proc/self/oom_score_adj
    - run: |
        sh -c 'sleep 0.1 & echo $! > ../temp/child'
        sleep 0.6; test ! -e /proc/$(cat ../temp/child)
";

/// Whoever is root outside is no less root for files of `/proc` and `/sys` inside, without any right to be taken away.
#[test]
fn an_entry_sets_nothing_of_the_kernel_and_what_it_leaves_behind_is_taken_in() {
    let folder = project(SETS);
    let line = &ran(folder.path(), &[], 0)[0];
    if line["attempts"][0]["isolation"]["level"] != "namespaces" {
        return not_tested("this machine allows no namespaces");
    }
    let text = log(line);
    assert!(!text.lines().any(|line| line.starts_with("set ")), "{text}");
    assert_eq!(line["outcome"], "passed", "{text}");
}

/// What a step leaves for those who start the next one, each with a word for `CANARY`: a library before all others, a program
/// in front of those of the system, and a setting of git.
const LEAVES_TRAPS: &str = "on: push
jobs:
  library:
    runs-on: HERE
    steps:
    - run: |
        echo '#include <stdio.h>
        __attribute__((constructor)) static void f(void) { FILE *file = fopen(\"CANARY-library\", \"a\"); if (file) fclose(file); }' > trap.c
        cc -shared -fPIC -o trap.so trap.c
        echo \"LD_PRELOAD=$PWD/trap.so\" >> $GITHUB_ENV
    - run: 'test \"$LD_PRELOAD\"'
  program:
    runs-on: HERE
    steps:
    - run: |
        mkdir bin; printf '#!/bin/sh\\necho x > CANARY-program; PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ${0##*/} \"$@\"\\n' > bin/ip
        chmod +x bin/ip; for name in mount unshare nsenter sh uname; do cp bin/ip bin/$name; done
        echo \"$PWD/bin\" >> $GITHUB_PATH
    - run: ip link || true
  setting:
    runs-on: HERE
    steps:
    - run: |
        git init -q .; git config filter.trap.smudge 'echo x > CANARY-setting; cat'
        git config core.alternateRefsCommand 'echo x > CANARY-setting'
        echo '* filter=trap' > .git/info/attributes; ln -s CANARY-linked .git/hooks/post-checkout
    - uses: actions/checkout@v4
    - run: test -e .github/workflows/ci.yml && test ! -e .git/info/attributes
  folder:
    runs-on: HERE
    steps:
    - run: ln -s CANARY-folder .git
    - uses: actions/checkout@v4
    - run: test -d .git && test ! -L .git
";

#[test]
fn nothing_that_a_step_leaves_runs_or_writes_outside_of_the_sandbox() {
    let outside = tempfile::tempdir_in("/var/tmp").unwrap();
    let canary = outside.path().join("canary");
    std::fs::create_dir(outside.path().join("canary-folder")).unwrap();
    let folder = project(&LEAVES_TRAPS.replace("CANARY", canary.to_str().unwrap()));
    let lines = ran(folder.path(), &["--jobs", "2"], 0);
    if lines[0]["attempts"][0]["isolation"]["level"] != "namespaces" {
        return not_tested("this machine allows no namespaces");
    }
    let found: Vec<_> = walked(outside.path());
    assert_eq!(found, ["canary-folder"], "{:?}", outcomes(&lines));
    let expected = ["library: passed", "program: passed", "setting: passed", "folder: passed"];
    assert_eq!(outcomes(&lines), expected, "{}", lines.iter().map(log).collect::<String>());
}

/// The names of all that is below a folder.
fn walked(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        names.push(entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            names.extend(walked(&entry.path()));
        }
    }
    names.sort();
    names
}

const ENDS: &str = "on: push
jobs:
  by-signal: { runs-on: HERE, steps: [{ run: 'kill -s SEGV $$' }] }
  all: { runs-on: HERE, steps: [{ run: 'sh -c \"kill -s KILL -- -1\"; sleep 5' }] }
  local: { runs-on: HERE, steps: [{ run: \"python3 -c \\\"import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())\\\"\" }] }
";

#[test]
fn how_a_step_ends_is_told_from_inside_of_its_namespaces() {
    let lines = ran(project(ENDS).path(), &["--jobs", "3"], 11);
    assert_eq!(outcomes(&lines), ["by-signal: failed", "all: failed", "local: passed"]);
    let why = |at: usize| lines[at]["why"].as_str().unwrap();
    assert!(why(0).contains("signal 11"), "{}", why(0));
    assert!(why(1).contains("signal 9"), "{}", why(1));
}

const COMPARED: &str = "on: push
jobs:
  good: { runs-on: HERE, steps: [{ run: 'true' }] }
  broken: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { run: 'test ! -e changed' }] }
  nowhere: { runs-on: HERE, steps: [{ run: 'false' }] }
  moody:
    runs-on: HERE
    steps: [{ uses: actions/checkout@v4 }, { run: 'test ! -e changed || { test -e $CARGO_HOME/registry/seen || { touch $CARGO_HOME/registry/seen; exit 1; } }' }]
  fetches: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { run: 'test -e changed || touch ~/fetched; test -e ~/fetched' }] }
";

fn compared(arguments: &[&str], code: i32) -> Vec<Value> {
    let folder = project(COMPARED);
    git(folder.path(), &["branch", "base"]);
    commit(folder.path(), "changed", "x");
    let cargo = tempfile::tempdir().unwrap();
    // What entries share of it.
    std::fs::create_dir(cargo.path().join("registry")).unwrap();
    let mut command = lockgate();
    command.args(["matrix", "--rev", "main", "--run", "--json", "--repo"]).arg(folder.path()).args(arguments);
    command.arg("--keep").arg(folder.path().join(".git/kept"));
    let output = command.env("CARGO_HOME", cargo.path()).output().unwrap();
    expect(&output, code);
    lines(&output)
}

#[test]
fn what_the_change_broke_is_told_from_what_does_not_work_here_and_from_what_is_flaky() {
    let lines = compared(&["--base", "base"], 11);
    let expected = [
        "good: passed",
        "broken: broken-by-change",
        "nowhere: fails-on-base",
        "moody: flaky",
        "fetches: broken-by-change",
    ];
    assert_eq!(outcomes(&lines), expected);
    let attempts: Vec<usize> = lines.iter().map(|line| line["attempts"].as_array().unwrap().len()).collect();
    assert_eq!(attempts, [1, 2, 1, 2, 2]);
    assert_ne!(lines[1]["base"]["tree"], lines[1]["attempts"][0]["tree"]);
    assert_eq!(lines[3]["attempts"][0]["outcome"], "failed", "the first try stays visible");
}

#[test]
fn a_warm_up_with_network_on_the_base_leaves_its_home_to_the_run_without() {
    let lines = compared(&["--base", "base", "--warm-up", "--only", "fetches"], 0);
    let fetches = lines.last().unwrap();
    assert_eq!(fetches["outcome"], "passed", "{fetches}");
    assert_eq!(fetches["warm_up"]["outcome"], "passed");
    if fetches["attempts"][0]["isolation"]["level"] == "namespaces" {
        assert_eq!(fetches["warm_up"]["isolation"]["network"], true);
        assert_eq!(fetches["attempts"][0]["isolation"]["network"], false);
    }
}

const BUILDS: &str = "on: push
jobs:
  cargo:
    runs-on: HERE
    steps:
      - uses: actions/checkout@v4
      - run: |
          test -e target/seen && echo seeded || echo empty
          mkdir -p target build && echo 'This is a tag created by cargo.' > target/CACHEDIR.TAG && touch target/seen build/seen
          test ! -e changed || test -e target/fail
  other:
    runs-on: HERE
    steps: [{ uses: actions/checkout@v4 }, { run: 'test ! -e build/seen; mkdir -p build; touch build/seen' }]
";

#[test]
fn what_cargo_built_in_the_warm_up_is_there_at_the_first_attempt_and_at_no_other() {
    let folder = project(BUILDS);
    git(folder.path(), &["branch", "base"]);
    commit(folder.path(), "changed", "x");
    let lines = ran(folder.path(), &["--base", "base", "--warm-up"], 11);
    assert_eq!(outcomes(&lines), ["cargo: broken-by-change", "other: passed"]);
    let said = |attempt: &Value| std::fs::read_to_string(attempt["log"].as_str().unwrap()).unwrap();
    let is_seeded = |attempt: &Value| said(attempt).lines().any(|line| line == "seeded");
    let cargo = &lines[0];
    let attempts = [&cargo["warm_up"], &cargo["attempts"][0], &cargo["base"], &cargo["attempts"][1]];
    assert_eq!(attempts.map(is_seeded), [false, true, false, false]);
    let first = said(&cargo["attempts"][0]);
    assert!(first.contains("[lockgate: `target` begins as the warm-up on the base left it]"), "{first}");
}

const HOSTILE: &str = "on: push
jobs:
  a:
    runs-on: HERE
    steps:
      - run: |
          ln -s /etc/passwd stolen; ln -s /etc out; mv ../commands ../gone; ln -s /usr ../commands
      - run: echo unreachable
  b: { runs-on: HERE, steps: [{ run: 'ln -s /etc/passwd stolen; echo 1 > own' }, { uses: actions/upload-artifact@v4, with: { path: . } }] }
  c:
    needs: b
    runs-on: HERE
    steps: [{ run: 'ln -s /usr got' }, { uses: actions/download-artifact@v4, with: { name: artifact, path: got } }]
  d:
    needs: b
    runs-on: HERE
    steps: [{ uses: actions/download-artifact@v4 }, { run: 'test \"$(ls artifact)\" = own' }]
  e: { runs-on: HERE, steps: [{ run: 'echo \"x=${{ github.actor }}\"' }] }
";

#[test]
fn what_runs_outside_of_the_sandbox_follows_no_link_out_of_it() {
    let folder = project(HOSTILE);
    let lines = ran(folder.path(), &[], 11);
    assert_eq!(outcomes(&lines), ["a: unavailable", "b: passed", "c: failed", "d: passed", "e: unavailable"]);
    assert_eq!(lines[4]["why"], "it hangs on `github.actor`");
    assert!(!Path::new("/usr/own").exists());
}

#[test]
fn the_answer_for_people_counts_every_entry_and_names_what_comes_next() {
    let folder = project(HONEST);
    let output = executed(folder.path(), &["--run", "--only", "mixed*", "--only", "boasts"]);
    expect(&output, 11);
    let text = said(&output);
    for part in [
        "run: 2 of 19 entries\n  1 passed, 1 failed, 17 not attempted\n",
        "failed:\n  boasts: `Run echo",
        "    | job succeeded\n",
        "with --base REV what fails is run on the base, too",
        "logs and evidence: /",
        "boasts: failed (",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let nothing = project("on: push\njobs: { a: { runs-on: windows-2025, steps: [{ run: 'true' }] } }\n");
    let output = executed(nothing.path(), &["--run"]);
    expect(&output, 11);
    assert!(said(&output).contains("nothing was run"), "{}", said(&output));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_runs() {
    let folder = project(HONEST);
    let refused = |arguments: &[&str], what: &str| {
        let output = matrix(folder.path(), &[&["--rev", "main"], arguments].concat());
        expect(&output, 2);
        assert!(said(&output).contains(what), "{what}: {}", said(&output));
    };
    refused(&["--run", "--only", "boats"], "no entry is called `boats`");
    refused(&["--run", "--only", "boats"], "did you mean `boasts`");
    refused(&["--run", "--only", "[a"], "`[a` is not a pattern");
    refused(&["--run", "--base", "main"], "there is nothing to compare");
    refused(&["--run", "--base", "nowhere"], "`nowhere` names no commit");
    refused(&["--run", "--warm-up"], "--base");
    refused(&["--run", "--resolve"], "--resolve");
    refused(&["--only", "a"], "--run");
    refused(&["--run", "--jobs", "0"], "--jobs");
}

/// Steps that run while others do. `$/` is the action of the tree, although nothing is checked out.
const SIDE_BY_SIDE: &str = "on: push
jobs:
  group:
    runs-on: HERE
    steps:
    - parallel:
      - { id: one, run: 'until test -e two; do sleep 0.05; done; echo x=1 >> $GITHUB_OUTPUT; echo A=1 >> $GITHUB_ENV', timeout-minutes: 1 }
      - { run: 'test -z \"$A\"; touch two' }
    - run: 'test \"$A ${{ steps.one.outputs.x }} ${{ steps.one.outcome }}\" = \"1 1 success\"'
  server:
    runs-on: HERE
    steps:
    - id: server
      background: true
      run: |
        exec python3 -c 'import http.server as h, signal, sys; signal.signal(15, lambda *_: (print(\"tidy\"), sys.exit(1))); h.HTTPServer((\"127.0.0.1\", 8123), h.SimpleHTTPRequestHandler).serve_forever()'
    - run: |
        for i in $(seq 100); do
          python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:8123/\")' && exit 0; sleep 0.1
        done; exit 1
    - cancel: server
    - run: 'test ${{ steps.server.outcome }} = cancelled'
  late:
    runs-on: HERE
    steps:
    - { id: late, background: true, run: 'sleep 0.2; echo x=1 >> $GITHUB_OUTPUT' }
    - run: 'test -z \"${{ steps.late.outputs.x }}\"'
    - wait: [late]
    - run: 'test ${{ steps.late.outputs.x }} = 1'
  fails-later: { runs-on: HERE, steps: [{ background: true, run: 'exit 3' }, { run: sleep 0.2 }, { wait-all: }, { run: echo never }] }
  fails-at-the-end: { runs-on: HERE, steps: [{ background: true, run: 'sleep 0.2; exit 4' }, { run: 'true' }] }
  tolerated: { runs-on: HERE, steps: [{ background: true, continue-on-error: true, run: 'exit 5' }, { run: 'true' }] }
  only-cancelled: { runs-on: HERE, steps: [{ id: x, background: true, run: sleep 60 }, { cancel: x }] }
  hangs: { runs-on: HERE, timeout-minutes: 0.03, steps: [{ background: true, run: sleep 60 }, { run: 'true' }] }
  own: { runs-on: HERE, steps: [{ uses: $/tools/say }] }
";

#[test]
fn steps_that_run_while_others_do_count_once_they_were_waited_for() {
    let folder = project(SIDE_BY_SIDE);
    std::fs::create_dir_all(folder.path().join("tools/say")).unwrap();
    let action = "runs: { using: composite, steps: [{ shell: sh, run: 'sh $GITHUB_ACTION_PATH/say.sh' }] }";
    std::fs::write(folder.path().join("tools/say/action.yml"), action).unwrap();
    commit(folder.path(), "tools/say/say.sh", "! test -e tools\n");
    let lines = ran(folder.path(), &["--jobs", "3"], 11);
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    let expected = [
        "group: passed",
        "server: passed",
        "late: passed",
        "fails-later: failed",
        "fails-at-the-end: failed",
        "tolerated: passed",
        "only-cancelled: nothing-ran",
        "hangs: failed",
        "own: passed",
    ];
    assert_eq!(outcomes(&lines), expected, "{}", log(of("server")));
    assert_eq!(of("fails-later")["why"], "`Run exit 3` failed: exit code 3");
    assert_eq!(of("hangs")["why"], "the job ran into its time limit");
    assert!(!log(of("fails-later")).contains("never"));
    assert!(log(of("server")).contains("tidy"), "{}", log(of("server")));
}

/// A submodule of a submodule, made of what a clone has, without a network.
#[test]
fn submodules_are_made_of_what_a_clone_has_or_of_a_mirror() {
    let (outer, inner) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, file) in [(inner.path(), "inner.txt"), (outer.path(), "outer.txt")] {
        git(folder, &["init", "-q", "-b", "main"]);
        commit(folder, file, "x\n");
    }
    let add = |folder: &Path, url: &Path, path: &str| {
        let file = ["-c", "protocol.file.allow=always"];
        git(folder, &[&file[..], &["submodule", "-q", "add", url.to_str().unwrap(), path]].concat());
        git(
            folder,
            &[
                "config",
                "-f",
                ".gitmodules",
                &format!("submodule.{path}.url"),
                &format!("https://github.com/acme/{path}"),
            ],
        );
        git(folder, &["commit", "-q", "-am", path]);
    };
    add(outer.path(), inner.path(), "deep");
    let folder = project(
        "on: push
jobs:
  flat: { runs-on: HERE, steps: [{ uses: actions/checkout@v4, with: { submodules: true } }, { run: 'test -e vendor/outer.txt && ! test -e vendor/deep/inner.txt' }] }
  all: { runs-on: HERE, steps: [{ uses: actions/checkout@v4, with: { submodules: recursive } }, { run: 'test -e vendor/deep/inner.txt && git -C vendor/deep status' }] }
",
    );
    add(folder.path(), outer.path(), "vendor");
    // The clone has the outer one alone.
    let lines = ran(folder.path(), &[], 0);
    assert_eq!(outcomes(&lines), ["flat: passed", "all: not-attempted"]);
    assert_eq!(lines[1]["reason"], "a checkout of submodules");
    // The user's git goes to a mirror in place of GitHub for the inner one.
    let mirrors = format!("url.{}.insteadOf", inner.path().display());
    git(folder.path(), &["config", &mirrors, "https://github.com/acme/deep"]);
    let lines = ran(folder.path(), &[], 0);
    assert_eq!(
        outcomes(&lines),
        ["flat: passed", "all: not-attempted"],
        "it is asked where the submodule is from"
    );
    let vendor = folder.path().join(".git/modules/vendor");
    git(&vendor, &["config", &mirrors, "https://github.com/acme/deep"]);
    let lines = ran(folder.path(), &[], 0);
    assert_eq!(outcomes(&lines), ["flat: passed", "all: passed"]);
    // Nothing of it is linked: what runs there may write to it.
    let objects = vendor.join("objects");
    assert!(!log(&lines[1]).contains(objects.to_str().unwrap()));
}

/// Toolchains and what Cargo installs: an entry may change them for its own steps, and nobody else sees it. The cache is
/// shared.
#[test]
#[cfg(target_os = "linux")]
fn what_an_entry_changes_of_the_tools_is_its_own() {
    let (folder, home) = (
        project(
            "on: push
jobs:
  a:
    runs-on: HERE
    steps:
    - run: echo hers > ~/.cargo/config.toml; echo x > ~/.rustup/new; echo x > ~/.cargo/registry/crate; rm ~/.rustup/old
    - run: grep -q hers ~/.cargo/config.toml && test -e ~/.rustup/new && ! test -e ~/.rustup/old
",
        ),
        tempfile::tempdir().unwrap(),
    );
    for file in [".cargo/config.toml", ".cargo/registry/index", ".rustup/old"] {
        std::fs::create_dir_all(home.path().join(file).parent().unwrap()).unwrap();
        std::fs::write(home.path().join(file), "ours").unwrap();
    }
    let kept = folder.path().join(".git/kept");
    let mut command = lockgate();
    command.args(["matrix", "--rev", "main", "--run", "--json", "--repo"]).arg(folder.path());
    command.arg("--keep").arg(&kept).env("HOME", home.path()).env_remove("CARGO_HOME");
    let output = command.env_remove("RUSTUP_HOME").output().unwrap();
    let lines = lines(&output);
    let isolation = &lines[0]["attempts"][0]["isolation"];
    if isolation["level"] != "namespaces" {
        eprintln!("not tried: {isolation}");
        return;
    }
    let is_there = |file: &str| home.path().join(file).exists();
    let config = std::fs::read_to_string(home.path().join(".cargo/config.toml")).unwrap();
    assert_eq!((config.as_str(), is_there(".rustup/old"), is_there(".rustup/new")), ("ours", true, false));
    // Where the kernel has no layers, they are read-only.
    if lines[0]["outcome"] != "passed" {
        assert!(log(&lines[0]).contains("Read-only"), "{}", log(&lines[0]));
        return;
    }
    assert!(is_there(".cargo/registry/crate"));
}
