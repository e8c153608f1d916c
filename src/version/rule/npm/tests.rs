use std::collections::BTreeMap;

use super::*;
use crate::numbering::{Scheme, semver};
use crate::version::FileChange;
use crate::version::format::VersionFormat as _;
use crate::version::place::OtherVersions;

const MANIFEST: &str = "{\n\t\"name\": \"ünder\",\n\t\"dependencies\": { \"version\": \"9.9.9\" },\n\t\"version\" : \"1.2.3\"\n}";
const LOCK: &str = "{\n  \"name\": \"x\",\n  \"version\": \"1.2.3\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": { \"name\": \"x\", \"version\": \"1.2.3\" },\n    \"node_modules/y\": { \"version\": \"1.2.3\" }\n  }\n}\n";

fn tree() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("package.json".to_owned(), MANIFEST.to_owned()),
        ("package-lock.json".to_owned(), LOCK.to_owned()),
    ])
}

fn write(new: &str) -> Vec<FileChange> {
    let places = Npm::default().places(&tree(), Scheme::SemVer).unwrap();
    places.write(&tree(), &semver(new)).unwrap()
}

fn refusal(files: &BTreeMap<String, String>) -> String {
    Npm::default().places(files, Scheme::SemVer).unwrap_err().to_string()
}

#[test]
fn manifest_and_both_places_of_the_lock_move_and_nothing_else() {
    let changes = write("1.2.4");
    let lock = &changes[0];
    assert_eq!(lock.path, "package-lock.json");
    assert_eq!(lock.content, LOCK.replacen("1.2.3", "1.2.4", 2));
    assert_eq!(changes[1].content, MANIFEST.replace("1.2.3", "1.2.4"));
}

#[test]
fn stale_lock_is_named_with_its_line() {
    let mut files = tree();
    files.insert("package-lock.json".into(), LOCK.replacen("1.2.3", "1.2.0", 1));
    let message = refusal(&files);
    assert!(message.starts_with("`package-lock.json` line 3 says 1.2.0"), "{message}");
}

#[test]
fn broken_json_names_the_line() {
    let files = BTreeMap::from([("package.json".to_owned(), "{\n \"version\": }".to_owned())]);
    let message = refusal(&files);
    assert!(message.contains("line 2 cannot be parsed as JSON"), "{message}");
}

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

/// What becomes of a tree; files that stay are left out.
fn raised(rule: &Npm, files: &BTreeMap<String, String>, new: &str) -> BTreeMap<String, String> {
    let changes = rule.places(files, Scheme::SemVer).unwrap().write(files, &semver(new)).unwrap();
    changes.into_iter().map(|change| (change.path, change.content)).collect()
}

#[test]
fn shrinkwrap_moves_as_the_lock_file_does() {
    let mut files = tree();
    files.insert("npm-shrinkwrap.json".into(), LOCK.to_owned());
    let changed = raised(&Npm::default(), &files, "1.2.4");
    assert_eq!(changed["npm-shrinkwrap.json"], LOCK.replacen("1.2.3", "1.2.4", 2));
    assert_eq!(changed.len(), 3);
}

/// A workspace of npm: its packages share a version, one of them pins another, and one has a version of its own.
fn workspace() -> BTreeMap<String, String> {
    BTreeMap::from([
        file(
            "package.json",
            "{ \"name\": \"root\", \"version\": \"1.2.3\", \"workspaces\": [\"packages/*\"] }",
        ),
        file("packages/core/package.json", "{ \"name\": \"@acme/core\", \"version\": \"1.2.3\" }"),
        file(
            "packages/web/package.json",
            "{ \"name\": \"@acme/web\", \"version\": \"1.2.3\", \"dependencies\": { \"@acme/core\": \"^1.2.3\", \"left\": \"1.2.3\" } }",
        ),
        file(
            "packages/tool/package.json",
            "{ \"name\": \"@acme/tool\", \"version\": \"0.4.0\", \"peerDependencies\": { \"@acme/core\": \"^1.0.0\" } }",
        ),
        file("packages/web/node_modules/x/package.json", "{ \"name\": \"x\", \"version\": \"1.2.3\" }"),
        file(
            "package-lock.json",
            r#"{ "name": "root", "version": "1.2.3", "lockfileVersion": 3, "packages": {
  "": { "name": "root", "version": "1.2.3", "workspaces": ["packages/*"] },
  "node_modules/@acme/core": { "resolved": "packages/core", "link": true },
  "node_modules/left": { "version": "1.2.3" },
  "packages/core": { "name": "@acme/core", "version": "1.2.3" },
  "packages/tool": { "name": "@acme/tool", "version": "0.4.0" },
  "packages/web": { "name": "@acme/web", "version": "1.2.3", "dependencies": { "@acme/core": "^1.2.3", "left": "1.2.3" } }
} }"#,
        ),
    ])
}

#[test]
fn packages_of_a_workspace_and_their_pins_move_with_it() {
    let files = workspace();
    let changed = raised(&Npm::default(), &files, "1.2.4");
    let paths: Vec<&str> = changed.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        ["package-lock.json", "package.json", "packages/core/package.json", "packages/web/package.json"]
    );
    let web = &changed["packages/web/package.json"];
    assert!(web.contains("\"version\": \"1.2.4\"") && web.contains("\"@acme/core\": \"^1.2.4\""), "{web}");
    assert!(web.contains("\"left\": \"1.2.3\""), "{web}");
    let lock = &changed["package-lock.json"];
    assert_eq!(lock.matches("1.2.4").count(), 5, "{lock}");
    assert_eq!(lock.matches("1.2.3").count(), 2, "the published package keeps its version: {lock}");
}

#[test]
fn package_that_does_not_lead_moves_alone_and_whoever_pins_it_follows() {
    let rule = Npm { manifest: "packages/core/package.json".into(), ..Npm::default() };
    let changed = raised(&rule, &workspace(), "1.2.4");
    assert_eq!(changed.len(), 3);
    assert!(changed["packages/web/package.json"].contains("\"@acme/core\": \"^1.2.4\""));
    assert!(changed["packages/web/package.json"].contains("\"version\": \"1.2.3\""));
    assert_eq!(changed["package-lock.json"].matches("1.2.4").count(), 2);
}

#[test]
fn package_with_a_version_of_its_own_goes_to_its_next_patch_if_asked() {
    let rule = Npm { others: OtherVersions::NextPatch, ..Npm::default() };
    let changed = raised(&rule, &workspace(), "1.2.4");
    assert!(changed["packages/tool/package.json"].contains("\"version\": \"0.4.1\""));
    assert!(changed["package-lock.json"].contains("\"@acme/tool\", \"version\": \"0.4.1\""));
}

#[test]
fn requirement_that_would_not_accept_the_new_version_is_refused() {
    let mut files = workspace();
    let tool = files["packages/tool/package.json"].replace("^1.0.0", "~1.1.0");
    files.insert("packages/tool/package.json".into(), tool);
    let places = Npm::default().places(&files, Scheme::SemVer).unwrap();
    let message = places.write(&files, &semver("1.2.4")).unwrap_err().to_string();
    assert!(message.contains("requires `~1.1.0` of `@acme/core`, which would not accept 1.2.4"), "{message}");
}

#[test]
fn pnpm_yarn_and_bun_repeat_what_packages_require_of_each_other() {
    let mut files = workspace();
    files.insert("package.json".into(), "{ \"name\": \"root\", \"version\": \"1.2.3\" }".into());
    files.insert(
        "pnpm-workspace.yaml".into(),
        "packages:\n  # all\n  - 'packages/*' # here\nonlyBuilt: []\n".into(),
    );
    let pnpm = "importers:\n\n  packages/web:\n    dependencies:\n      '@acme/core':\n        specifier: ^1.2.3\n        version: link:../core\n      left:\n        specifier: 1.2.3\n        version: 1.2.3\n";
    files.insert("pnpm-lock.yaml".into(), pnpm.into());
    let yarn = "\"@acme/core@npm:^1.2.3, @acme/core@npm:~1.2.3, @acme/core@workspace:packages/core\":\n  version: 0.0.0-use.local\n\n\"@acme/web@workspace:packages/web\":\n  version: 0.0.0-use.local\n  dependencies:\n    \"@acme/core\": \"npm:^1.2.3\"\n    left: 1.2.3\n";
    files.insert("yarn.lock".into(), yarn.into());
    let bun = "{\n  \"workspaces\": {\n    \"\": { \"name\": \"root\" },\n    \"packages/web\": { \"version\": \"1.2.3\", \"dependencies\": { \"@acme/core\": \"workspace:^1.2.3\", }, },\n  },\n}\n";
    files.insert("bun.lock".into(), bun.into());
    let changed = raised(&Npm::default(), &files, "1.2.4");
    assert_eq!(changed["pnpm-lock.yaml"], pnpm.replace("^1.2.3", "^1.2.4"));
    assert_eq!(changed["yarn.lock"], yarn.replace("1.2.3", "1.2.4").replace("left: 1.2.4", "left: 1.2.3"));
    assert_eq!(changed["bun.lock"], bun.replace("1.2.3", "1.2.4"));
}

#[test]
fn lerna_leads_packages_whose_root_has_no_version() {
    let mut files = workspace();
    files.insert(
        "package.json".into(),
        "{ \"private\": true, \"workspaces\": { \"packages\": [\"packages/*\", \"!packages/tool\"] } }"
            .into(),
    );
    files.remove("package-lock.json");
    files.insert("lerna.json".into(), "{\n  \"version\": \"1.2.3\"\n}\n".into());
    let rule = Npm { manifest: "lerna.json".into(), ..Npm::default() };
    let changed = raised(&rule, &files, "1.2.4");
    let paths: Vec<&str> = changed.keys().map(String::as_str).collect();
    assert_eq!(paths, ["lerna.json", "packages/core/package.json", "packages/web/package.json"]);
}

#[test]
fn byte_order_mark_and_line_endings_stay() {
    let marked = "\u{feff}{\r\n  \"name\": \"p\",\r\n  \"version\": \"1.2.3\"\r\n}";
    let files = BTreeMap::from([file("package.json", marked)]);
    let changes =
        Npm::default().places(&files, Scheme::SemVer).unwrap().write(&files, &semver("1.2.4")).unwrap();
    assert_eq!(String::from_utf8(changes[0].bytes.clone()).unwrap(), marked.replace("1.2.3", "1.2.4"));
}

#[test]
fn lock_file_of_an_example_that_takes_the_package_from_its_folder_moves_along() {
    let lock = "{\n  \"name\": \"example\",\n  \"version\": \"1.2.3\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": { \
                \"name\": \"example\", \"version\": \"1.2.3\", \"dependencies\": { \"pump\": \"file:../..\" } },\n    \"../..\": { \
                \"name\": \"pump\", \"version\": \"1.2.3\" },\n    \"node_modules/pump\": { \"resolved\": \"../..\", \"link\": \
                true }\n  }\n}\n";
    let files = BTreeMap::from([
        file("package.json", "{ \"name\": \"pump\", \"version\": \"1.2.3\" }"),
        file("examples/small/package-lock.json", lock),
        file("examples/broken/package-lock.json", "{"),
        file("examples/stale/package-lock.json", &lock.replace("1.2.3", "1.0.0")),
    ]);
    let changed = raised(&Npm::default(), &files, "1.2.4");
    let expected = lock
        .replace("\"name\": \"pump\", \"version\": \"1.2.3\"", "\"name\": \"pump\", \"version\": \"1.2.4\"");
    assert_eq!(changed["examples/small/package-lock.json"], expected);
    assert_eq!(changed.len(), 2);
}
