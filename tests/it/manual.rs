//! The documents say what is so: the README's commands, the manual's files, commands, options, codes and picture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use lockgate::{Catalog, Release, Source, Workflow};
use regex::Regex;

use crate::support::{copy, expect, fixture, git, lockgate, run, said};

/// A file of the repository.
fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The chapters of the manual, as its table of contents lists them.
fn chapters() -> Vec<String> {
    let link = Regex::new(r"\]\(([a-z-]+\.md)\)").unwrap();
    link.captures_iter(&text("docs/src/SUMMARY.md")).map(|found| found[1].to_owned()).collect()
}

fn chapter(name: &str) -> String {
    text(&format!("docs/src/{name}"))
}

/// The part of a page below this heading, up to the next heading of the same level or a higher one.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no `{heading}`"));
    let rest = &page[start + 1 + heading.len()..];
    let level = heading.split(' ').next().unwrap().len();
    let next = Regex::new(&format!(r"\n#{{1,{level}}} ")).unwrap().find(rest);
    &rest[..next.map_or(rest.len(), |found| found.start())]
}

/// The lines of a page that are commands to type.
fn typed<'a>(page: &'a str, program: &str) -> Vec<&'a str> {
    let indented = page.lines().filter_map(|line| line.strip_prefix("    "));
    indented.filter(|line| line.starts_with(program)).collect()
}

/// The TOML of a page, block by block. The first line of each says what it is.
fn blocks(page: &str) -> BTreeMap<String, Vec<String>> {
    let fence = Regex::new(r"(?s)```toml\n# ([^\n]+)\n(.*?)```").unwrap();
    assert_eq!(
        fence.find_iter(page).count(),
        page.matches("```toml").count(),
        "a block does not say what it is"
    );
    let mut blocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in fence.captures_iter(page) {
        blocks.entry(found[1].to_owned()).or_default().push(found[2].to_owned());
    }
    blocks
}

#[test]
fn the_readmes_two_commands_are_those_of_the_build_script() {
    let readme = text("README.md");
    let commands = typed(section(&readme, "## Two commands"), "cargo ");
    assert_eq!(commands.len(), 2, "{commands:?}");
    let script = text(".ci/run");
    for command in commands {
        assert!(script.lines().any(|line| line == command), "`.ci/run` does not run `{command}`");
    }
}

/// The commands that `lockgate --help` lists.
fn commands() -> BTreeSet<String> {
    let help = said(&run(["--help"]));
    let listed = Regex::new(r"(?m)^  ([a-z]+)  ").unwrap();
    let names = listed.captures_iter(section(&help, "Commands:")).map(|found| found[1].to_owned());
    names.filter(|name| name != "help").collect()
}

/// The options that every command has; one section of the manual is about them.
const EVERYWHERE: [&str; 5] = ["--help", "--json", "--quiet", "--verbose", "--color"];

/// The options of commands that give CI entries to workers; one section is about them, and those of the commands point there.
const OF_WORKERS: [&str; 7] = ["--workers", "--key", "--trust", "--ca", "--ack-wait", "--patience", "--here"];
const TO_WORKERS: &str = "(#entries-on-other-machines)";

#[test]
fn every_command_is_in_the_manual_with_every_option() {
    let page = chapter("commands.md");
    for option in EVERYWHERE {
        assert!(section(&page, "## Every command").contains(option), "{option}");
    }
    for option in OF_WORKERS {
        assert!(section(&page, "## Entries on other machines").contains(option), "{option}");
    }
    let heading = Regex::new(r"(?m)^### lockgate ([a-z]+)$").unwrap();
    let described: BTreeSet<String> = heading.captures_iter(&page).map(|found| found[1].to_owned()).collect();
    assert_eq!(described, commands());

    let option = Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)").unwrap();
    let named = Regex::new(r"--[a-z][a-z-]*").unwrap();
    for command in described {
        let section = section(&page, &format!("### lockgate {command}"));
        let help = said(&run([command.as_str(), "--help"]));
        let known: BTreeSet<&str> =
            option.captures_iter(&help).map(|found| found.get(1).unwrap().as_str()).collect();
        let elsewhere = |name: &str| {
            EVERYWHERE.contains(&name) || (section.contains(TO_WORKERS) && OF_WORKERS.contains(&name))
        };
        for name in known.iter().filter(|name| !elsewhere(name)) {
            assert!(
                section.contains(name),
                "`lockgate {command}` has {name}, and the manual does not say so"
            );
        }
        for found in named.find_iter(section) {
            assert!(known.contains(found.as_str()), "`lockgate {command}` has no {}", found.as_str());
        }
    }
}

#[test]
fn exit_codes_are_those_that_the_help_lists() {
    let help = said(&run(["--help"]));
    let listed = Regex::new(r"(?m)^ +(\d+)  (.+)$").unwrap();
    let row = Regex::new(r"(?m)^\| (\d+) \| (.+) \|$").unwrap();
    let pairs = |of: &Regex, text: &str| -> Vec<(String, String)> {
        of.captures_iter(text).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
    };
    let documented = pairs(&row, section(&chapter("commands.md"), "## Exit codes"));
    assert!(!documented.is_empty());
    assert_eq!(documented, pairs(&listed, section(&help, "Exit codes:")));
}

#[test]
fn picture_of_the_demo_is_what_the_tool_draws() {
    let output = lockgate().arg("plan").arg(fixture("demo")).args(["--format", "svg"]).output().unwrap();
    expect(&output, 0);
    // The plan's digest changes with whatever is added to the form of a plan; the picture need not.
    let digest = Regex::new(r"plan [0-9a-f]{12}").unwrap();
    let drawn = String::from_utf8(output.stdout).unwrap();
    let kept = text("docs/src/images/demo-plan.svg");
    let (drawn, kept) = (digest.replace(&drawn, "plan"), digest.replace(&kept, "plan"));
    let other = drawn.lines().zip(kept.lines()).find(|(drawn, kept)| drawn != kept);
    assert!(
        drawn == kept,
        "draw it again: cargo run -- plan fixtures/demo --format svg > docs/src/images/demo-plan.svg\n{other:?}"
    );
}

/// The manual's own release: its two files, the patch that they name, and a mirror of the repository that they are
/// for, laid out as the manual says.
fn manuals_release(folder: &Path) {
    let release = folder.join("release");
    fs::create_dir_all(release.join("fixes")).unwrap();
    let whole = |page: &str, name: &str| blocks(&chapter(page))[name][0].clone();
    fs::write(release.join("catalog.toml"), whole("catalog.md", "catalog.toml")).unwrap();
    fs::write(release.join("release.toml"), whole("release-file.md", "release.toml")).unwrap();
    let pump = folder.join("pump");
    pump_repository(&pump);
    fs::write(
        release.join("fixes/0001-refuse-long-input.patch"),
        git(&pump, &["format-patch", "--stdout", "main..fix"]) + "\n",
    )
    .unwrap();
    git(&pump, &["branch", "-q", "-D", "fix"]);
    git(folder, &["clone", "-q", "--mirror", pump.to_str().unwrap(), "pump.git"]);
}

const READ: &str = "def read(text):\n    return text.split()\n";
const TEST: &str = "import unittest\n\nfrom pump import read\n\n\nclass Read(unittest.TestCase):\n    def test_words(self):\n        \
                    self.assertEqual(read(\"a b\"), [\"a\", \"b\"])\n";

/// Two lines and a default branch, with what the catalog says that they have, and the fix on a branch of its own.
fn pump_repository(pump: &Path) {
    fs::create_dir_all(pump.join("tests")).unwrap();
    git(pump, &["init", "-q", "-b", "main"]);
    let write = |path: &str, text: &str| fs::write(pump.join(path), text).unwrap();
    write("pump.py", READ);
    write("tests/__init__.py", "");
    write("tests/test_read.py", TEST);
    for (branch, version) in [("release-1.4", "1.4.2"), ("release-2.0", "2.0.0")] {
        write("pyproject.toml", &format!("[project]\nname = \"acme-pump\"\nversion = \"{version}\"\n"));
        write("CHANGES.md", &format!("# Changes\n\n## {version}\n\n- First of its line.\n"));
        git(pump, &["add", "-A"]);
        git(pump, &["commit", "-q", "-m", version]);
        git(pump, &["tag", &format!("v{version}")]);
        git(pump, &["branch", branch]);
    }
    git(pump, &["switch", "-q", "-c", "fix"]);
    write(
        "pump.py",
        &READ.replace(":\n", ":\n    if len(text) > 4096:\n        raise ValueError(\"too long\")\n"),
    );
    git(pump, &["commit", "-q", "-a", "-m", "Refuse long input"]);
    git(pump, &["switch", "-q", "main"]);
}

/// Types a command of the manual in a folder.
fn type_in(folder: &Path, command: &str) -> Output {
    lockgate().current_dir(folder).args(command.split_whitespace().skip(1)).output().unwrap()
}

#[test]
fn the_manuals_release_is_planned_and_rehearsed_by_the_manuals_commands() {
    let folder = tempfile::tempdir().unwrap();
    manuals_release(folder.path());
    let page = chapter("release-file.md");
    let commands: Vec<&str> =
        typed(&page, "lockgate ").into_iter().filter(|command| command.contains("--mirror")).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    for command in commands {
        expect(&type_in(folder.path(), command), 0);
    }

    let page = chapter("rehearsing.md");
    let commands = typed(section(&page, "## Stopping where a real run stops"), "lockgate ");
    let codes: Vec<Option<i32>> =
        commands.iter().map(|command| type_in(folder.path(), command).status.code()).collect();
    assert_eq!(codes, [Some(10), Some(0), Some(10)], "{commands:?}");
}

#[test]
fn every_toml_of_the_manual_is_understood() {
    let catalog = blocks(&chapter("catalog.md"))["catalog.toml"][0].clone();
    for name in chapters() {
        for (what, texts) in blocks(&chapter(&name)) {
            for text in texts {
                understood(&what, &text, &catalog).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            }
        }
    }
}

/// Reads one block as the file that it says to be, or to be a part of.
fn understood(what: &str, text: &str, catalog: &str) -> Result<(), String> {
    let as_catalog = |text: String| {
        Catalog::load(&Source::from_text("catalog.toml", text)).map(|_| ()).map_err(|error| error.to_string())
    };
    match what {
        "catalog.toml" => as_catalog(text.to_owned()),
        "added to catalog.toml" => as_catalog(format!("{catalog}\n{text}")),
        "in [[repo]] of catalog.toml" => {
            as_catalog(catalog.replacen("[[repo]]\n", &format!("[[repo]]\n{text}"), 1))
        }
        "in a world" => {
            let folder = tempfile::tempdir().unwrap();
            copy(&fixture("conflict"), folder.path());
            let path = folder.path().join("world.toml");
            let world = fs::read_to_string(&path).unwrap();
            let (before, rest) = world.split_once("[[repos.protection]]\n").unwrap();
            let (_, after) = rest.split_once("\n\n").unwrap();
            fs::write(&path, format!("{before}{text}\n{after}")).unwrap();
            let planned = run(["plan", folder.path().to_str().unwrap(), "--long"]);
            if planned.status.success() { Ok(()) } else { Err(said(&planned)) }
        }
        "in a workflow" => {
            let folder = tempfile::tempdir().unwrap();
            let mut workflow: toml::Table = text_of_workflow().parse().unwrap();
            lay_over(&mut workflow, text.parse().map_err(|error: toml::de::Error| error.to_string())?);
            fs::write(folder.path().join("own.toml"), workflow.to_string()).unwrap();
            Workflow::load("own.toml", folder.path()).map(|_| ()).map_err(|error| error.to_string())
        }
        "added to release.toml" => {
            let catalog = Catalog::load(&Source::from_text("catalog.toml", catalog.to_owned()));
            let release = blocks(&chapter("release-file.md"))["release.toml"][0].clone();
            // Its patch is not written here.
            let release = release.replace("patches = [\"fixes/0001-refuse-long-input.patch\"]", "pull = 7");
            let source = Source::from_text("release.toml", format!("{release}\n{text}"));
            let loaded = Release::load(&source, &catalog.map_err(|error| error.to_string())?);
            loaded.map(|_| ()).map_err(|error| error.to_string())
        }
        "scenario.toml" => {
            let schema: serde_json::Value = serde_json::from_slice(&run(["schema", "scenario"]).stdout)
                .map_err(|error| error.to_string())?;
            let scenario: serde_json::Value = toml::from_str(text).map_err(|error| error.to_string())?;
            jsonschema::validate(&schema, &scenario).map_err(|error| error.to_string())
        }
        // Planned and rehearsed by a story of its own.
        "release.toml" => Ok(()),
        _ => Err(format!("nothing is known of `{what}`")),
    }
}

fn text_of_workflow() -> String {
    text("workflows/github.toml")
}

/// Puts the values of one table in the place of another's, table by table.
fn lay_over(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay_over(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Every document that a reader may be sent to.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = ["docs", "fixtures"].iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                found.push(path);
            }
        }
    }
    found.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)));
    found
}

/// The anchors of a page's headings, as GitHub and mdbook make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            words.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
        })
        .collect()
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let fences = Regex::new(r"(?s)```.*?```").unwrap();
    let mut broken = Vec::new();
    for page in documents() {
        let text = fences.replace_all(&fs::read_to_string(&page).unwrap(), "").into_owned();
        for found in link.captures_iter(&text) {
            let (path, anchor) = found[1].split_once('#').unwrap_or((&found[1], ""));
            if path.contains("://") {
                continue;
            }
            let to = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let there = fs::read_to_string(&to)
                .ok()
                .filter(|text| anchor.is_empty() || anchors(text).contains(anchor));
            if there.is_none() && !(to.is_dir() && anchor.is_empty()) {
                broken.push(format!("{}: {}", page.display(), &found[1]));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_chapter_is_in_the_table_of_contents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src");
    let there: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    assert_eq!(chapters().into_iter().collect::<BTreeSet<_>>(), there);
}
