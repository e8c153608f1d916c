//! Packages of npm, of its workspaces and of pnpm's.

use super::file_text::text_of;
use super::found_package::{FoundPackage, package};
use crate::ecosystem::Ecosystem;
use crate::version::TreeReader;

/// The package of the root, and those of its workspace that are published; else the one that is called like the repository and is
/// published from a folder of its own.
pub(super) fn npm(files: &dyn TreeReader, name: &str) -> Vec<FoundPackage> {
    let Some(root) = json(files, "package.json") else { return Vec::new() };
    let listed = root["workspaces"].as_array().or(root["workspaces"]["packages"].as_array());
    let globs = listed.into_iter().flatten().filter_map(|glob| glob.as_str()).map(str::to_owned);
    let globs = globs.chain(pnpm_members(files));
    let members = globs.flat_map(|glob| files.list(&format!("{}/package.json", glob.trim_end_matches('/'))));
    let members = members.filter(|path| !is_for_tests(path));
    let manifests = ["package.json".to_owned()].into_iter().chain(members);
    let found: Vec<FoundPackage> = manifests.filter_map(|path| published(files, &path)).collect();
    if !found.is_empty() {
        return found;
    }
    let elsewhere = files.list("*/package.json").into_iter().filter(|path| !is_for_tests(path));
    let elsewhere = elsewhere.filter_map(|path| published(files, &path));
    elsewhere.filter(|found| found.name == name && found.version.is_some()).take(1).collect()
}

fn json(files: &dyn TreeReader, path: &str) -> Option<serde_json::Value> {
    serde_json::from_str(&text_of(files, path)?).ok()
}

/// The package of a manifest of npm that is not private.
fn published(files: &dyn TreeReader, path: &str) -> Option<FoundPackage> {
    let manifest = json(files, path)?;
    let is_private = manifest["private"].as_bool().unwrap_or_default();
    let found = package(Ecosystem::Npm, manifest["name"].as_str()?, path);
    let version = manifest["version"].as_str().map(str::to_owned);
    Some(FoundPackage { version, ..found }).filter(|_| !is_private)
}

/// Whether a manifest lies where tests keep what they try.
fn is_for_tests(path: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["test", "tests", "__tests__", "spec", "fixtures", "e2e", "examples", "benchmark", "benchmarks"];
    path.split('/').any(|folder| FOLDERS.contains(&folder))
}

/// The folders that pnpm's workspace names, without those that it leaves out.
fn pnpm_members(files: &dyn TreeReader) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Workspace {
        #[serde(default)]
        packages: Vec<String>,
    }
    let read = text_of(files, "pnpm-workspace.yaml").and_then(|text| yaml_serde::from_str(&text).ok());
    let globs = read.map_or_else(Vec::new, |workspace: Workspace| workspace.packages);
    globs.into_iter().filter(|glob| !glob.starts_with('!') && !glob.contains("**")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn packages_of_pnpms_workspace_have_their_folders_and_versions() {
        let files = tree(&[
            ("package.json", "{ \"name\": \"monorepo\", \"version\": \"0.0.1\", \"private\": true }"),
            ("pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n  - '!packages/old'\n"),
            ("packages/pump/package.json", "{ \"name\": \"@acme/pump\", \"version\": \"1.2.3\" }"),
            ("packages/site/package.json", "{ \"name\": \"site\", \"private\": true }"),
        ]);
        let [pump] = &npm(&files, "monorepo")[..] else { panic!("one package") };
        assert_eq!((pump.name.as_str(), pump.version.as_deref()), ("@acme/pump", Some("1.2.3")));
        assert_eq!(pump.path.as_deref(), Some("packages/pump"));
    }

    #[test]
    fn what_tests_keep_is_no_package_and_one_that_a_folder_publishes_is() {
        let files = tree(&[
            (
                "package.json",
                "{ \"name\": \"@acme/root\", \"private\": true, \"workspaces\": [\"spec\", \"spec/fixtures/*\"] }",
            ),
            ("spec/package.json", "{ \"name\": \"pump-tests\", \"version\": \"0.1.0\" }"),
            ("spec/fixtures/addon/package.json", "{ \"name\": \"addon\" }"),
            ("npm/package.json", "{ \"name\": \"pump\", \"version\": \"0.0.0-development\" }"),
            ("app/package.json", "{ \"name\": \"pump\" }"),
            ("tools/package.json", "{ \"name\": \"pump-tools\" }"),
        ]);
        let [pump] = &npm(&files, "pump")[..] else { panic!("one package") };
        assert_eq!((pump.name.as_str(), pump.seen_in.as_str()), ("pump", "npm/package.json"));
        assert!(npm(&files, "valve").is_empty());
    }
}
