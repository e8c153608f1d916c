//! What a project states after its release, its fragments of release notes, and notes that are carried forward.

use crate::project::{IN_A_FILE, PIP, PUMP, Project, SOURCE};
use crate::support::{World, expect, fixture, lockgate, said};

const BUOY: &str = "brightwater/buoy";
/// A second advisory.
const SECOND: &str = "GHSA-3g8f-wv5j-m2cx";

/// A Python project that is released from its default branch: versions of PEP 440, fragments as towncrier collects them, a
/// development version after the release, and a GitHub Release that no CI makes.
#[test]
fn python_project_is_released_from_main_with_its_fragments_and_goes_back_to_development() {
    let world = World::new();
    let rehearsed = lockgate()
        .arg("rehearse")
        .arg(fixture("python-towncrier"))
        .arg("--keep")
        .arg(world.path())
        .output()
        .unwrap();
    expect(&rehearsed, 0);
    assert!(said(&rehearsed).contains("Verified from outside"), "{}", said(&rehearsed));

    assert!(world.file(BUOY, "v2.3.1", "pyproject.toml").contains("version = \"2.3.1\"\n"));
    let section = "2.3.1 (2026-03-06)\n==================\n\nSecurity\n--------\n\n- A depth is a number, and no longer \
                   evaluated as code. (GHSA-7q8r-9v2w-x3c4)\n- Names of any length are kept in memory. \
                   (GHSA-8r9v-2w3x-c4f5)\n\nBugfixes\n--------\n\n- Blanks around \
                   a name are no part of it. (41)\n- The radio\n  is described in the manual.\n\n\n2.3.0 (2025-05-05)\n";
    let news = world.file(BUOY, "v2.3.1", "CHANGES.rst");
    assert!(news.contains(section), "{news}");
    let left = world.git(BUOY, &["ls-tree", "--name-only", "v2.3.1", "changes/"]);
    assert_eq!(left, "changes/README.rst", "what is told is taken up");
    let code = world.file(BUOY, "v2.3.1", "src/buoy/__init__.py");
    assert!(code.contains("float(tail)") && code.contains("text[:200]"), "{code}");

    assert!(world.file(BUOY, "main", "pyproject.toml").contains("version = \"2.3.2.dev0\"\n"));
    let changed = world.git(BUOY, &["diff", "--name-only", "v2.3.1", "main"]);
    assert_eq!(changed, "pyproject.toml", "after the release nothing but the version changes");
    let release = world.ask("python-towncrier", "/repos/brightwater/buoy/releases/tags/v2.3.1");
    assert_eq!(release["name"], "Buoy 2.3.1");
    assert!(release["body"].as_str().unwrap().starts_with("Security\n--------\n\n- A depth is"), "{release}");
    assert_eq!(release["assets"][0]["name"], "buoy-2.3.1.sbom.txt");
    assert_eq!(release["immutable"], true);
}

const POM: &str = "kind = \"regex\"\nfile = \"pom.txt\"\npattern = '^(?<version>\\S+)$'\nscheme = \"maven\"\n\
                   after-release = \"{next}-SNAPSHOT\"";

#[test]
fn snapshot_follows_a_release_on_each_line_and_is_merged_when_everything_is_checked() {
    let project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"maven\", name = \"org.acme:pump\" }",
        POM,
    );
    project.commit(&[("pom.txt", "1.2.3\n")], "1.2.3");
    project.git(&["tag", "v1.2.3"]);
    project.commit(&[("pom.txt", "1.2.4-SNAPSHOT\n")], "back to development");
    project.on("release-1");
    let plan = project.plan();
    expect(&plan, 0);
    let text = said(&plan);
    assert!(text.contains("1.2.4-SNAPSHOT -> 1.2.4 (v1.2.4), then 1.2.5-SNAPSHOT"), "{text}");
    let place = |step: &str| text.find(step).unwrap_or_else(|| panic!("no {step} in {text}"));
    let order =
        ["prepare-development", "publish-advisory", "verify-target", "open-development", "merge-development"];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{text}");

    expect(&project.rehearse(), 0);
    assert_eq!(project.world(&["show", "v1.2.4:pom.txt"]), "1.2.4");
    assert_eq!(project.world(&["show", "release-1:pom.txt"]), "1.2.5-SNAPSHOT");
    assert_eq!(project.world(&["show", "main:pom.txt"]), "1.2.4-SNAPSHOT", "nothing is released from main");
    assert_eq!(project.world(&["diff", "--name-only", "v1.2.4", "release-1"]), "pom.txt");
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4"]);
}

#[test]
fn version_that_the_release_alone_states_is_taken_back_and_the_changelog_goes_on() {
    let version = "kind = \"several\"\nof = [\n    { kind = \"text\", file = \"Pump.php\", text = \"VERSION = '{version}'\", between = \
                   \"@package_version@\" },\n    { kind = \"text\", file = \"composer.json\", text = '\"dev-main\": \"{major}.{minor}-dev\"' },\n    \
                   { kind = \"text\", file = \"composer.json\", text = \"/tree/{version}\", between = \"{version}\" },\n]\n\
                   after-release = \"{next}-dev\"";
    let notes = "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"\n\
                 coming = \"## {version} (unreleased)\"";
    let package = "package = { ecosystem = \"composer\", name = \"acme/pump\" }";
    let mut project = Project::new(&format!("lines = [\"release-2\"]\n{package}\n{notes}"), version);
    let code = |version: &str| format!("<?php\nclass Pump {{ const VERSION = '{version}'; }}\n");
    let manifest = |link: &str| {
        format!(
            "{{\"homepage\": \"https://p.example/tree/{link}\", \"extra\": {{\"branch-alias\": {{\"dev-main\": \"2.9-dev\"}}}}}}\n"
        )
    };
    let news = "# News\n\n## 2.9.1\n\n- one\n";
    let files =
        [("Pump.php", code("2.9.1")), ("composer.json", manifest("2.9.1")), ("NEWS.md", news.to_owned())];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    project.commit(&files, "Release 2.9.1");
    project.git(&["tag", "v2.9.1"]);
    project.commit(&[("Pump.php", &code("@package_version@"))], "Reverting release version changes");
    project.on("release-2");
    let plan = project.plan();
    expect(&plan, 0);
    assert!(said(&plan).contains("2.9.1 -> 2.9.2 (v2.9.2), then 2.9.3-dev"), "{}", said(&plan));

    expect(&project.rehearse(), 0);
    let at = |revision: &str, path: &str| project.world(&["show", &format!("{revision}:{path}")]) + "\n";
    assert_eq!(at("v2.9.2", "Pump.php"), code("2.9.2"));
    assert_eq!(at("v2.9.2", "composer.json"), manifest("2.9.2"));
    assert_eq!(at("release-2", "Pump.php"), code("@package_version@"));
    assert_eq!(
        at("release-2", "composer.json"),
        manifest("2.9.2"),
        "the link leads to the release until the next one"
    );
    let told = "## 2.9.2\n\n- Long input exhausts memory\n\n## 2.9.1\n\n- one\n";
    assert_eq!(at("v2.9.2", "NEWS.md"), format!("# News\n\n{told}"));
    assert_eq!(at("release-2", "NEWS.md"), format!("# News\n\n## 2.9.3 (unreleased)\n\n{told}"));
    assert_eq!(project.world(&["diff", "--name-only", "v2.9.2", "release-2"]), "NEWS.md\nPump.php");

    // What nothing would take back, or write, is refused.
    project.version = version.replace("\nafter-release = \"{next}-dev\"", "");
    let text = said(&project.plan());
    assert!(
        text.contains("`between` says what stands there between releases, and nothing puts it back"),
        "{text}"
    );
    project.version = version.replace("{next}-dev", "{next}-rc");
    let text = said(&project.plan());
    assert!(text.contains("`{next}-rc` is no development version"), "{text}");
    project.version = IN_A_FILE.to_owned();
    let text = said(&project.plan());
    assert!(text.contains("the heading of the next version comes with the bump after a release"), "{text}");
}

#[test]
fn version_after_a_release_that_cannot_be_is_refused_with_its_place() {
    let mut project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"npm\", name = \"pump\" }",
        "kind = \"regex\"\nfile = \"VERSION\"\npattern = '^(?<version>\\S+)$'\nafter-release = \"dev\"",
    );
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    assert!(
        text.contains("catalog.toml:18:17: `dev` does not say how the version after a release follows"),
        "{text}"
    );
    assert!(text.contains("as in `{version}-dev` or `{next}.dev0`"), "{text}");

    project.version = project.version.replace("\"dev\"", "\"{version}\"");
    let text = said(&project.plan());
    assert!(
        text.contains("`acme/pump` cannot state 1.2.4 after its release: it is the version that is released"),
        "{text}"
    );
    project.version = project.version.replace("\"{version}\"", "\"{next}.dev0\"");
    let text = said(&project.plan());
    assert!(text.contains("cannot state 1.2.5.dev0 after its release: it is no version"), "{text}");
    project.version = "kind = \"tags\"\nafter-release = \"{version}-dev\"".to_owned();
    let text = said(&project.plan());
    assert!(text.contains("no file states the version, so none can state another one"), "{text}");
}

#[test]
fn package_with_a_version_file_of_its_own_states_another_version_after_the_release() {
    let package = |after: &str| {
        format!(
            "lines = [\"release-1\"]\n[[repo.package]]\necosystem = \"npm\"\nname = \"pump\"\n[[repo.package]]\n\
             ecosystem = \"npm\"\nname = \"pump-api\"\npath = \"api\"\nversion = {{ kind = \"version-file\", after-release = \
             \"{after}\" }}"
        )
    };
    let file = "kind = \"regex\"\nfile = \"VERSION\"\npattern = '^(?<version>\\S+)$'";
    let mut project = Project::new(&package("{next}-dev"), file);
    project.commit(&[("api/VERSION", "0.4.1\n")], "the package");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    let text = said(&project.plan());
    assert!(text.contains("pump-api 0.4.1 -> 0.4.2 (v1.2.4), then 0.4.3-dev"), "{text}");
    expect(&project.rehearse(), 0);
    let states =
        |at: &str| ["VERSION", "api/VERSION"].map(|file| project.world(&["show", &format!("{at}:{file}")]));
    assert_eq!(states("v1.2.4"), ["1.2.4", "0.4.2"]);
    assert_eq!(states("release-1"), ["1.2.4", "0.4.3-dev"]);
    assert_eq!(project.world(&["diff", "--name-only", "v1.2.4", "release-1"]), "api/VERSION");
    let log = project.world(&["log", "-9", "--format=%s", "release-1"]);
    assert!(log.contains("Bump pump-api to 0.4.3-dev"), "{log}");

    project.version = format!("{file}\nafter-release = \"{{version}}-next\"");
    std::fs::remove_dir_all(project.path().join("out")).unwrap();
    expect(&project.rehearse(), 0);
    let states =
        |at: &str| ["VERSION", "api/VERSION"].map(|file| project.world(&["show", &format!("{at}:{file}")]));
    assert_eq!(states("release-1"), ["1.2.4-next", "0.4.3-dev"]);

    project.repo = package("{version}");
    let refused = project.plan();
    expect(&refused, 2);
    assert!(
        said(&refused)
            .contains("`pump-api` cannot state 0.4.2 after its release: it is the version that is released"),
        "{}",
        said(&refused)
    );
}

#[test]
fn releases_of_older_lines_are_told_on_the_newest_line_and_the_default_branch() {
    let notes = "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"\n\
                 unreleased = \"release\"\ncarry-forward = [\"default-branch\", \"newest-line\"]";
    let project = Project::new(
        &format!(
            "lines = [\"release-1\", \"release-2\"]\npackage = {{ ecosystem = \"pip\", name = \"pump\" }}\n{notes}"
        ),
        "kind = \"regex\"\nfile = \"VERSION\"\npattern = '^(?<version>\\S+)$'",
    );
    project.commit(&[("NEWS.md", "# News\n\n## 1.2.3\n\n- one\n")], "news");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project
        .commit(&[("NEWS.md", "# News\n\n## 2.0.0\n\n- two\n\n## 1.2.3\n\n- one\n")], "news of the second");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project.on("main");
    let waits = "# News\n\n## Unreleased\n\n- a thing that no release has yet";
    let news = format!("{waits}\n\n## 2.0.0\n\n- two\n\n## 1.2.3\n\n- one\n");
    project.commit(&[("NEWS.md", &news)], "news of the third");
    expect(&project.rehearse(), 0);
    let entry = "- Long input exhausts memory\n\n";
    let told = |branch: &str| project.world(&["show", &format!("{branch}:NEWS.md")]);
    assert_eq!(told("release-1"), format!("# News\n\n## 1.2.4\n\n{entry}## 1.2.3\n\n- one"));
    let both =
        format!("# News\n\n## 2.0.1\n\n{entry}## 2.0.0\n\n- two\n\n## 1.2.4\n\n{entry}## 1.2.3\n\n- one");
    assert_eq!(told("release-2"), both);
    assert_eq!(told("main"), both.replacen("# News", waits, 1));
    let subjects = project.world(&["log", "--format=%s", "-n", "6", "main"]);
    assert!(subjects.contains("Release notes for 1.2.4, 2.0.1"), "{subjects}");
    assert!(project.world(&["show", &format!("main:{SOURCE}")]).starts_with("limit = 64"));
}

#[test]
fn releases_of_older_lines_are_told_on_every_newer_line_where_the_catalog_says_so() {
    let notes = "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"\n\
                 carry-forward = [\"newer-lines\"]";
    let lines = "lines = [\"release-1\", \"release-2\", \"release-3\"]";
    let project = Project::new(&format!("{lines}\n{PIP}\n{notes}"), IN_A_FILE);
    let mut news = String::new();
    for (version, branch) in [("1.2.3", "release-1"), ("2.0.0", "release-2"), ("3.0.0", "release-3")] {
        project.on("main");
        news = format!("## {version}\n\n- one\n{}{news}", if news.is_empty() { "" } else { "\n" });
        project.commit(&[("NEWS.md", &news)], "news");
        project.release(version, &format!("v{version}"));
        project.on(branch);
    }
    expect(&project.rehearse(), 0);
    let entry = "- Long input exhausts memory\n\n";
    let told = |branch: &str| project.world(&["show", &format!("{branch}:NEWS.md")]);
    let oldest = format!("## 1.2.4\n\n{entry}## 1.2.3\n\n- one");
    let middle = format!("## 2.0.1\n\n{entry}## 2.0.0\n\n- one\n\n{oldest}");
    assert_eq!(told("release-1"), oldest);
    assert_eq!(told("release-2"), middle);
    assert_eq!(told("release-3"), format!("## 3.0.1\n\n{entry}## 3.0.0\n\n- one\n\n{middle}"));
    assert_eq!(told("main"), news.trim_end(), "the default branch is none of them");
}

/// The patches of fixes that stand side by side on the default branch, as the release file takes them.
fn side_by_side(project: &Project, texts: &[[&str; 2]]) -> Vec<String> {
    project.on("main");
    let head = project.git(&["rev-parse", "HEAD"]);
    let written = texts.iter().enumerate().map(|(number, [file, text])| {
        project.git(&["checkout", "-q", "--detach", &head]);
        let news = project.git(&["show", "HEAD:CHANGELOG.md"]) + "\n";
        let news =
            news.replace("## [Unreleased]\n", &format!("## [Unreleased]\n\n### Security\n\n- {text}\n"));
        project.commit(&[(file, "checked = yes\n"), ("CHANGELOG.md", &news)], text);
        let patch = project.git(&["format-patch", "-1", "--stdout"]) + "\n";
        let name = format!("fixes/side-{number}.patch");
        std::fs::write(project.path().join("release").join(&name), patch).unwrap();
        name
    });
    written.collect()
}

#[test]
fn what_two_fixes_write_under_unreleased_is_told_once_in_their_own_words() {
    let notes = "[repo.notes]\nfile = \"CHANGELOG.md\"\nheading = \"## [{version}] - {date}\"\n\
                 section = \"### Security\"\nentry = \"- {summary} ({ghsa})\"";
    let mut project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}\n{notes}"), IN_A_FILE);
    let (first, second) = ("src/first.txt", "src/second.txt");
    let old = "## [1.2.3] - 2026-01-07\n\n- one\n";
    let keep = format!("# Changelog\n\n## [Unreleased]\n\n{old}");
    let unfixed = "checked = no\n";
    project.commit(&[("CHANGELOG.md", &keep), (first, unfixed), (second, unfixed)], "news");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    let named = format!("Refuse short input ({SECOND}).");
    let patches = side_by_side(&project, &[[first, "Refuse long input."], [second, &named]]);
    project.fix = format!(
        "patches = [\"{}\"]\n\n[[advisory]]\nid = \"{SECOND}\"\nrepo = \"{PUMP}\"\nsummary = \"Short input exhausts memory\"\n\
         description = \"It is.\"\nseverity = \"high\"\ncve = \"none\"\n[[advisory.fix]]\nrepo = \"{PUMP}\"\n\
         patches = [\"{}\"]",
        patches[0], patches[1]
    );
    expect(&project.rehearse(), 0);
    let told = |branch: &str| project.world(&["show", &format!("{branch}:CHANGELOG.md")]) + "\n";
    let both = format!("### Security\n\n- Refuse long input.\n- {named}\n\n");
    let date = told("release-1").lines().find(|line| line.contains("[1.2.4]")).unwrap()[10..].to_owned();
    let released = keep.replace("## [1.2.3]", &format!("## [1.2.4]{date}\n\n{both}## [1.2.3]"));
    assert_eq!(told("release-1"), released);
    // Where nothing is released, both wait.
    assert_eq!(told("main"), keep.replace("## [1.2.3]", &format!("{both}## [1.2.3]")));
    let report = std::fs::read_to_string(project.path().join("out/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let targets = report["targets"].as_array().unwrap();
    let line = targets.iter().find(|target| target["branch"] == "release-1").unwrap();
    let review: Vec<&str> =
        line["review"].as_array().unwrap().iter().filter_map(|one| one.as_str()).collect();
    let review = review.join("\n");
    let remark = "in its fix's own words, which name neither it nor a CVE: \"- Refuse long input.\"";
    assert!(review.contains(remark), "{review}");
    assert!(!review.contains(&format!("tell of {SECOND}")), "{review}");
    assert!(review.contains("was put below what the branch has there"), "{review}");
}

#[test]
fn collection_that_leaves_the_fragments_of_advisories_out_is_refused_with_its_place() {
    let notes = "[repo.notes]\nfile = \"changes/{ghsa}.removal.rst\"\nheading = \"{version}\"\nentry = \"{summary}\"\n\
                 collect = { into = \"NEWS.rst\", fragments = \"changes/*\", types = [{ name = \"bugfix\", section = \
                 \"Fixes\" }] }";
    let project = Project::new(&format!("lines = []\n{notes}"), "kind = \"version-file\"");
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    assert!(
        text.contains(
            "catalog.toml:16:11: `changes/{ghsa}.removal.rst` is of the type `removal`, which has no section"
        ),
        "{text}"
    );
}

#[test]
fn line_keeps_the_version_that_it_announced_where_the_release_comes_before_it() {
    let mut project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"maven\", name = \"org.acme:pump\" }",
        POM,
    );
    project.commit(&[("pom.txt", "1.2.4\n")], "1.2.4");
    project.git(&["tag", "v1.2.4"]);
    project.commit(&[("pom.txt", "1.2.5-SNAPSHOT\n")], "back to development");
    project.on("release-1");
    project.release =
        "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nversion = \"1.2.4.1\"\n".to_owned();
    let plan = said(&project.plan());
    assert!(plan.contains("1.2.5-SNAPSHOT -> 1.2.4.1 (v1.2.4.1), then 1.2.5-SNAPSHOT"), "{plan}");
}

#[test]
fn end_of_a_file_that_tells_of_all_releases_is_refused_with_its_place() {
    let notes = "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"\npostamble = \"end\"";
    let project = Project::new(&format!("lines = []\n{notes}"), "kind = \"version-file\"");
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    let why =
        "catalog.toml:16:13: `postamble` ends the file of a release, and `NEWS.md` tells of all releases";
    assert!(text.contains(why) && text.contains("file = \"releases/v{version}.md\""), "{text}");
}
