//! GitHub's own parser and evaluator for editors, `@actions/workflow-parser` and `@actions/expressions` of npm, against
//! `lockgate matrix`: which files are refused, the jobs of the others, their conditions, and expressions. They are not what
//! runs workflows: where they differ and actions/runner is with us, the case is listed with its reason.
//!
//! `LOCKGATE_MIRRORS`, a folder of mirrors `OWNER+NAME/repo`, adds the workflow files at their heads.

mod sets;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::matrix::{matrix, repository};
use crate::support::{absent, client, expect};
use sets::{CALLS, EVENTS, FILES, JOBS, OPERANDS, OPERATORS, OTHER_EXPRESSIONS, OURS, THEIRS};

/// The script: `tests/it/actions_npm/judge.mjs`.
fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/actions_npm/judge.mjs"))
}

/// Files by name.
type Files = BTreeMap<String, String>;

/// The judge's programs.
struct Judge {
    node: PathBuf,
    packages: PathBuf,
}

impl Judge {
    /// `None` where it is not there, which is said.
    fn found() -> Option<Judge> {
        let missing = "LOCKGATE_ACTIONS names no folder in which npm installed `@actions/workflow-parser`";
        let packages = absent(std::env::var_os("LOCKGATE_ACTIONS"), missing)?.into();
        Some(Judge { node: client("node", "Debian's package `nodejs`")?, packages })
    }

    fn judged(&self, files: &Files, expressions: &[String]) -> Value {
        let asked = json!({
            "files": files,
            "expressions": expressions,
            "contexts": { "github": {
                "event_name": "push", "ref": "refs/heads/main", "ref_name": "main", "ref_type": "branch",
                "base_ref": "", "head_ref": "", "repository": "acme/pump", "repository_owner": "acme",
            } },
        });
        let mut judge = Command::new(&self.node)
            .arg(script())
            .env("ACTIONS", &self.packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        judge.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        let output = judge.wait_with_output().unwrap();
        expect(&output, 0);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// What `lockgate matrix` says of the files of a repository under an event, by file.
fn planned(folder: &Path, event: &str) -> BTreeMap<String, Vec<Value>> {
    let push_of_main =
        ["--rev", "HEAD", "--branch", "main", "--name", "acme/pump", "--json", "--event", event];
    let output = matrix(folder, &push_of_main);
    expect(&output, 0);
    let mut by_file = BTreeMap::<String, Vec<Value>>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["workflow"].as_str().unwrap().trim_start_matches(".github/workflows/").to_owned();
        by_file.entry(name).or_default().push(line);
    }
    by_file
}

/// The workflow files of this repository and of its fixtures.
fn found(folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_workflow = path.extension().is_some_and(|end| end == "yml" || end == "yaml")
            && folder.ends_with(".github/workflows");
        if path.is_dir() {
            found(&path, files);
        } else if is_workflow {
            let name = format!("found-{}.yml", files.len());
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn generated() -> Files {
    let job = "jobs: { a: { runs-on: x, steps: [{ run: x }] } }";
    let of_jobs = JOBS
        .iter()
        .map(|keys| format!("on: push\njobs:\n  a: {{ runs-on: x }}\n  b:\n    runs-on: x\n    {keys}\n"));
    let of_events = EVENTS.iter().map(|on| format!("on: {on}\n{job}\n"));
    let of_files = FILES.iter().map(|keys| format!("on: push\n{keys}\n{job}\n"));
    let all = of_jobs.chain(of_events).chain(of_files).enumerate();
    all.map(|(at, text)| (format!("made-{at}.yml"), text)).collect()
}

/// The workflow files at the head of a repository.
fn at_head(mirror: &Path) -> Files {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(mirror).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let names = git(&["ls-tree", "--name-only", "HEAD", ".github/workflows/"]);
    let is_workflow = |path: &&str| path.ends_with(".yml") || path.ends_with(".yaml");
    let read =
        |path: &str| (path.rsplit('/').next().unwrap().to_owned(), git(&["show", &format!("HEAD:{path}")]));
    names.lines().filter(is_workflow).map(read).collect()
}

fn mirrors() -> Vec<PathBuf> {
    let folder = std::env::var_os("LOCKGATE_MIRRORS").and_then(|folder| std::fs::read_dir(folder).ok());
    let mirrors = folder.into_iter().flatten().map(|entry| entry.unwrap().path().join("repo"));
    mirrors.filter(|mirror| mirror.is_dir()).collect()
}

/// Where two sides differ in the files of a repository, but for what is listed. The reasons that were met are added. What
/// is only called has no jobs of its own under a push.
fn differences(judge: &Judge, folder: &Path, files: &Files, met: &mut Vec<&'static str>) -> Vec<String> {
    let theirs = judge.judged(files, &[]);
    let (all, pushed) = (planned(folder, "all"), planned(folder, "push"));
    let of_file = |(name, text): (&String, &String)| {
        let Some(ours) = all.get(name) else {
            assert!(text.contains("workflow_call"), "{name} is not planned: {text}");
            return None;
        };
        let theirs = &theirs["files"][name];
        let refused = theirs["refused"].as_array().unwrap();
        let invalid = ours.iter().find(|line| line["verdict"] == "invalid");
        let what = match (invalid, refused.first()) {
            (None, None) => pushed.get(name).and_then(|ours| in_jobs(ours, &theirs["jobs"])),
            (Some(_), Some(_)) => None,
            (Some(ours), None) => unlisted(OURS, &ours["reason"], met),
            (None, Some(theirs)) => unlisted(THEIRS, theirs, met),
        };
        what.map(|what| format!("{name}: {what}\n{}", text.lines().take(12).collect::<Vec<_>>().join("\n")))
    };
    files.iter().filter_map(of_file).collect()
}

/// What one side alone says against a file, unless that is listed.
fn unlisted(listed: &[(&'static str, &str)], said: &Value, met: &mut Vec<&'static str>) -> Option<String> {
    let text = said.as_str().unwrap();
    match listed.iter().find(|(part, _)| text.contains(part)) {
        Some((part, _)) => met.push(part),
        None => return Some(format!("one side alone says: {text}")),
    }
    None
}

/// How the jobs of a file are read otherwise: which there are, their names, runners and conditions.
fn in_jobs(ours: &[Value], theirs: &Value) -> Option<String> {
    theirs.as_array().unwrap().iter().find_map(|job| {
        let id = job["id"].as_str().unwrap();
        let is_of_job = |line: &&Value| line["job"].as_str().unwrap().split('/').next() == Some(id);
        let lines: Vec<&Value> = ours.iter().filter(is_of_job).collect();
        let is_same = |line: &&Value| {
            let plain = |key: &str| job[key].as_str().filter(|text| !text.contains("${{"));
            // A matrix goes into the name, and a call's entries have names and runners of their own.
            let is_own = line["job"] == job["id"] && job["matrix"] == false && job["calls"] == false;
            let name = plain("name").filter(|_| is_own).is_none_or(|name| line["name"] == name);
            let runs_on = &line["runs_on"][0];
            let runner = plain("runner").filter(|_| is_own && !runs_on.is_null());
            let verdict = line["verdict"].as_str().unwrap();
            let is_open = ["not-triggered", "conditional", "dynamic", "needs-skipped"].contains(&verdict);
            let holds = job["holds"]["truth"].as_bool().filter(|_| !is_open);
            name && runner.is_none_or(|runner| runs_on == runner)
                && holds.is_none_or(|holds| holds == (verdict != "if-false"))
        };
        let agree = !lines.is_empty() && lines.iter().all(is_same);
        (!agree).then(|| format!("{job} against {lines:?}"))
    })
}

#[test]
fn githubs_parser_for_editors_reads_and_refuses_workflows_as_the_planner_does() {
    let Some(judge) = Judge::found() else { return };
    let mut files = generated();
    found(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")), &mut files);
    found(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.github")), &mut files);
    assert!(files.keys().filter(|name| name.starts_with("found-")).count() >= 3, "{:?}", files.keys());
    let named: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut met = Vec::new();
    let mut found = differences(&judge, repository(&named).path(), &files, &mut met);
    for (listed, why) in THEIRS.iter().chain(OURS) {
        assert!(met.contains(listed), "nobody says `{listed}` any more: {why}");
    }
    for mirror in mirrors() {
        let files = at_head(&mirror);
        let more = differences(&judge, &mirror, &files, &mut met);
        println!("{}: {} files, {} differences", mirror.display(), files.len(), more.len());
        found.extend(more.into_iter().map(|what| format!("{}: {what}", mirror.display())));
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// One job for each expression: its condition, or its name.
fn jobs(expressions: &[String], of: impl Fn(&str) -> String) -> String {
    let jobs = expressions.iter().enumerate();
    let jobs = jobs.map(|(index, text)| format!("  e{index}: {{ runs-on: x, {} }}\n", of(text)));
    format!("on: push\njobs:\n{}", jobs.collect::<String>())
}

#[test]
fn githubs_evaluator_for_editors_evaluates_conditions_and_texts_as_the_planner_does() {
    let Some(judge) = Judge::found() else { return };
    let pairs =
        OPERANDS.iter().flat_map(|left| OPERATORS.iter().map(move |operator| format!("{left} {operator} ")));
    let pairs = pairs.flat_map(|begin| OPERANDS.iter().map(move |right| format!("{begin}{right}")));
    let listed = OTHER_EXPRESSIONS.iter().map(|(text, _)| *text);
    let expressions: Vec<String> =
        pairs.chain(CALLS.iter().copied().chain(listed).map(str::to_owned)).collect();
    let theirs = judge.judged(&Files::new(), &expressions);

    let quoted = |text: &str| Value::from(text).to_string();
    // Status functions exist in conditions only.
    let shown = |text: &str| format!("${{{{ {} }}}}", if text.contains("success()") { "1" } else { text });
    let conditions = jobs(&expressions, |text| format!("if: {}", quoted(text)));
    let names = jobs(&expressions, |text| format!("name: {}", quoted(&shown(text))));
    let folder = repository(&[("if.yml", &conditions), ("name.yml", &names)]);
    let ours = planned(folder.path(), "push");

    let mut found = Vec::new();
    for (index, text) in expressions.iter().enumerate() {
        let what =
            in_expression(&ours["if.yml"][index], &ours["name.yml"][index], &theirs["expressions"][index]);
        let is_listed = OTHER_EXPRESSIONS.iter().any(|(other, _)| other == text);
        assert!(!is_listed || what.is_some(), "`{text}` no longer differs");
        found.extend(what.filter(|_| !is_listed).map(|what| format!("{text}: {what}")));
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// How an expression comes out otherwise, as a condition or as text.
fn in_expression(condition: &Value, name: &Value, theirs: &Value) -> Option<String> {
    let expected = match theirs["truth"].as_bool() {
        None => "invalid",
        Some(false) => "if-false",
        Some(true) => "run-on",
    };
    if condition["verdict"] != expected {
        return Some(format!("{theirs} against {}: {}", condition["verdict"], condition["reason"]));
    }
    let ours = name["name"].as_str().unwrap();
    let is_same = match theirs["text"].as_str() {
        // A name that comes to nothing is the job's id; the status functions were left out.
        Some("") => name["job"].as_str() == Some(ours),
        Some(text) => text == ours || text == "true" && ours == "1",
        None => name["verdict"] == "invalid",
    };
    (!is_same).then(|| format!("the text {theirs} against {ours}"))
}
