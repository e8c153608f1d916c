//! Repositories with several packages: each with its own numbers and tags, its own ranges, and what moves with it.

use serde_json::Value;

use crate::project::Project;
use crate::support::{World, expect, fixture, lockgate, said};

const LADDER: &str = "brightwater/ladder";
const FLUME: &str = "brightwater/flume";

fn rehearsed(name: &str) -> World {
    let world = World::new();
    let output =
        lockgate().arg("rehearse").arg(fixture(name)).arg("--keep").arg(world.path()).output().unwrap();
    expect(&output, 0);
    assert!(said(&output).contains("Verified from outside"), "{}", said(&output));
    world
}

/// What a published entry says of packages: the name and what happened, in the order of versions.
fn events(world: &World, ghsa: &str) -> Vec<String> {
    let entry = std::fs::read_to_string(world.path().join(format!("entries/{ghsa}.json"))).unwrap();
    let entry: Value = serde_json::from_str(&entry).unwrap();
    let affected = entry["affected"].as_array().unwrap().iter().filter(|one| !one["package"].is_null());
    let told = |one: &Value| {
        let events = one["ranges"].as_array().unwrap().iter().flat_map(|range| {
            let events = range["events"].as_array().unwrap().iter();
            events.map(|event| {
                let (what, version) = event.as_object().unwrap().iter().next().unwrap();
                format!("{what} {}", version.as_str().unwrap())
            })
        });
        let events: Vec<String> = events.collect();
        format!("{}: {}", one["package"]["name"].as_str().unwrap(), events.join(", "))
    };
    affected.map(told).collect()
}

/// The ranges of the advisory on the kept world's GitHub.
fn stated(world: &World, fixture_name: &str, repo: &str, ghsa: &str) -> Vec<String> {
    let advisory = world.ask(fixture_name, &format!("/repos/{repo}/security-advisories/{ghsa}"));
    assert_eq!(advisory["state"], "published");
    let told = |one: &Value| {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let package = word(&one["package"]["name"]);
        format!("{package} {} -> {}", word(&one["vulnerable_version_range"]), word(&one["patched_versions"]))
    };
    advisory["vulnerabilities"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn go_modules_of_one_repository_have_tags_and_ranges_of_their_own_and_no_bump() {
    let world = rehearsed("go-modules");
    for (line, tags) in [("release/1.4", ["v1.4.2", "api/v0.8.2"]), ("release/1.5", ["v1.5.1", "api/v0.9.1"])]
    {
        let head = world.git(LADDER, &["rev-parse", line]);
        for tag in tags {
            assert_eq!(world.git(LADDER, &["rev-parse", &format!("{tag}^{{commit}}")]), head, "{tag}");
        }
        assert!(world.file(LADDER, line, "climb.go").contains("next >= Rungs"), "{line}");
        assert!(world.file(LADDER, line, "api/group.go").contains("deepest = 32"), "{line}");
    }
    // Each advisory is about one of the two; the module `api` began with its 0.8.0, after the first release of the other.
    assert_eq!(
        events(&world, "GHSA-5c6f-7v8j-m9qx"),
        ["brightwater.example/ladder: introduced 1.4.0, fixed 1.4.2, introduced 1.5.0, fixed 1.5.1"]
    );
    assert_eq!(
        events(&world, "GHSA-6f7g-8w9h-p2rx"),
        ["brightwater.example/ladder/api: introduced 0.8.0, fixed 0.8.2, introduced 0.9.0, fixed 0.9.1"]
    );
    assert_eq!(
        stated(&world, "go-modules", LADDER, "GHSA-6f7g-8w9h-p2rx"),
        [
            "brightwater.example/ladder/api >= 0.8.0, < 0.8.2 -> 0.8.2",
            "brightwater.example/ladder/api >= 0.9.0, < 0.9.1 -> 0.9.1"
        ]
    );
    // No file states a version: the three pull requests are those of the fixes.
    assert_eq!(world.git(LADDER, &["for-each-ref", "refs/heads/bump"]), "");
    assert_eq!(world.git(LADDER, &["for-each-ref", "--format=%(refname)", "refs/pull"]).lines().count(), 3);
    let mails: String = world.mails().into_values().collect();
    assert!(
        mails
            .replace("=\r\n", "")
            .replace("=\n", "")
            .contains("Ladder 1.4.2 (brightwater.example/ladder/api 0.8.2)")
    );
}

#[test]
fn packages_of_a_workspace_move_with_the_pin_between_them_and_the_lock_file() {
    let world = rehearsed("npm-workspace");
    for (line, tag, flume, core, pin) in [
        ("main", "v4.1.3", ("4.1.2", "4.1.3"), ("2.3.1", "2.3.2"), ""),
        ("v3", "v3.9.5", ("3.9.4", "3.9.5"), ("1.8.0", "1.8.1"), "^"),
    ] {
        let bump = format!("refs/heads/bump/{line}-{}", flume.1);
        let changed = world.git(FLUME, &["show", "--format=", "--unified=0", &bump]);
        let changed: Vec<&str> = changed
            .lines()
            .filter(|line| {
                line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---")
            })
            .map(str::trim_end)
            .collect();
        let version = |indent: &str, (from, to): (&str, &str)| {
            [format!("-{indent}\"version\": \"{from}\","), format!("+{indent}\"version\": \"{to}\",")]
        };
        let required = |indent: &str| {
            let line =
                |sign, version| format!("{sign}{indent}\"@brightwater/flume-core\": \"{pin}{version}\"");
            [line('-', core.0), line('+', core.1)]
        };
        let expected = [
            version("      ", flume),
            required("        "),
            version("      ", core),
            version("  ", core),
            version("  ", flume),
            required("    "),
        ];
        assert_eq!(changed, expected.concat(), "{line}: lock file, core, flume, and nothing else");
        assert!(world.file(FLUME, tag, "packages/flume-core/index.js").contains("open.length > DEEPEST"));
        assert_eq!(world.file(FLUME, tag, "package-lock.json"), world.file(FLUME, line, "package-lock.json"));
    }
    assert_eq!(
        events(&world, "GHSA-7g8h-9x2j-q3vm"),
        [
            "@brightwater/flume: introduced 3.9.3, fixed 3.9.5, introduced 4.0.0, fixed 4.1.3",
            "@brightwater/flume-core: introduced 1.8.0, fixed 1.8.1, introduced 2.3.0, fixed 2.3.2"
        ]
    );
    let report = world.report();
    let registry = report["targets"][0]["registry"].as_str().unwrap().to_owned();
    assert!(registry.contains("npm:@brightwater/flume 4.1.3 is available"), "{registry}");
    assert!(registry.contains("npm:@brightwater/flume-core 2.3.2 is available"), "{registry}");
}

#[test]
fn package_that_its_registry_does_not_know_is_found_by_the_plan() {
    let release = tempfile::tempdir().unwrap();
    crate::support::copy(&fixture("npm-workspace"), release.path());
    let catalog = release.path().join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    let wrong = text.replace("name = \"@brightwater/flume-core\"", "name = \"@brightwater/flume-cor\"");
    std::fs::write(&catalog, wrong).unwrap();
    let output = lockgate().arg("plan").arg(release.path()).arg("--long").output().unwrap();
    assert!(!output.status.success());
    let told = said(&output);
    assert!(told.contains("the package `@brightwater/flume-cor` of `brightwater/flume`"), "{told}");
    assert!(told.contains("catalog.toml:24:1"), "{told}");
}

/// A manifest of npm.
fn manifest(name: &str, version: &str) -> String {
    format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\"\n}}\n")
}

#[test]
fn packages_of_a_mirror_are_published_each_under_its_own_number() {
    let mut project = Project::new(
        "release-default-branch = true\npackage = [\n    { ecosystem = \"npm\", name = \"pump\", registry = true },\n    \
         { ecosystem = \"npm\", name = \"pump-api\", registry = true, path = \"api\", version = { kind = \"npm\" }, tag = \
         \"pump-api@{version}\" },\n]",
        "kind = \"npm\"",
    );
    let commit = |pump: &str, api: &str| {
        let manifests =
            [("package.json", manifest("pump", pump)), ("api/package.json", manifest("pump-api", api))];
        let files: Vec<(&str, &str)> = manifests.iter().map(|(path, text)| (*path, text.as_str())).collect();
        project.commit(&files, pump);
        project.git(&["tag", &format!("v{pump}")]);
        project.git(&["tag", &format!("pump-api@{api}")]);
    };
    commit("1.2.3", "0.4.0");
    commit("1.3.0", "0.4.1");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.3.1", "introduced 0.4.0", "fixed 0.4.2"]);
    let head = project.world(&["rev-parse", "main"]);
    for tag in ["v1.3.1", "pump-api@0.4.2"] {
        assert_eq!(project.world(&["rev-parse", &format!("{tag}^{{commit}}")]), head, "{tag}");
    }
    let report = std::fs::read_to_string(project.path().join("out/report.json")).unwrap();
    assert!(
        report.contains("npm:pump 1.3.1 is available") && report.contains("npm:pump-api 0.4.2 is available")
    );

    // The release file may state the number, and a tag that exists is found by the plan.
    project.release =
        "[[line]]\nrepo = \"acme/pump\"\nbranch = \"main\"\npackages = { pump-api = \"0.5.0\" }".to_owned();
    let plan = said(&project.plan());
    assert!(plan.contains("pump-api 0.4.1 -> 0.5.0 (pump-api@0.5.0); stated in release.toml"), "{plan}");
    project.git(&["tag", "pump-api@0.4.2", "HEAD"]);
    project.release = String::new();
    let refused = project.plan();
    assert!(!refused.status.success());
    let told = said(&refused);
    assert!(
        told.contains("`pump-api` states 0.4.1 on `main`, so 0.4.2 would come next, but the tag"),
        "{told}"
    );
    assert!(told.contains("`packages = { \"pump-api\" = \"0.4.3\" }`"), "{told}");

    // It stays as it is where the advisory is about the other one alone, and its next number is of no interest.
    project.severity += "\npackages = [\"pump\"]";
    std::fs::remove_dir_all(project.path().join("out")).unwrap();
    let plan = said(&project.plan());
    assert!(plan.contains("no advisory is about `pump-api`, and no version of it is made"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.3.1"]);
    assert!(project.world(&["show", "main:api/package.json"]).contains("\"version\": \"0.4.1\""));
}
