//! The lock files of Python projects that repeat the version of a project in their repository: those of uv, poetry and
//! pixi.

use std::ops::Range;

use regex::Regex;
use toml_edit::{Item, Table};

use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader, folder, join, open};
use crate::version::place::{Holds, VersionPlace, sources_digest};
use crate::version::toml_file::TomlFile;

/// The files whose digest pixi keeps of a project (rattler_lock, "PypiSourceTreeHashable").
const SOURCES: [&str; 3] = ["pyproject.toml", "setup.py", "setup.cfg"];

/// Where lock files state the version of the project in the folder `own`, which is `current` now.
///
/// # Errors
/// A lock file is malformed.
pub(super) fn places(
    files: &dyn TreeReader,
    own: &str,
    current: &str,
) -> Result<Vec<VersionPlace>, VersionError> {
    let mut places = of_uv(files, own)?;
    for (at, path) in named(files, "poetry.lock") {
        places.extend(of_poetry(files, &at, &path, own)?);
    }
    for (at, path) in named(files, "pixi.lock") {
        if let Some(lock) = open(files, &path)? {
            places.extend(of_pixi(files, &at, &lock, own, current)?);
        }
    }
    Ok(places)
}

/// The files of this name, each with its folder.
fn named(files: &dyn TreeReader, name: &str) -> Vec<(String, String)> {
    let mut paths = files.list(&format!("**/{name}"));
    paths.extend(files.list(name));
    paths.sort();
    paths.dedup();
    paths.into_iter().map(|path| (folder(&path).to_owned(), path)).collect()
}

/// In the package whose source is the project's folder, in the lock file beside it or above. `uv sync --locked` refuses
/// another one.
fn of_uv(files: &dyn TreeReader, own: &str) -> Result<Vec<VersionPlace>, VersionError> {
    let above = std::iter::successors(Some(own), |at| (!at.is_empty()).then(|| folder(at)));
    let mut locks = above.filter_map(|at| Some((at, join(at, "uv.lock")?)));
    let Some((at, path)) = locks.find(|(_, path)| matches!(open(files, path), Ok(Some(_)))) else {
        return Ok(Vec::new());
    };
    let is_ours = |package: &Table| {
        let mut kinds = ["editable", "virtual", "directory"].iter();
        let path = kinds.find_map(|kind| package.get("source")?.get(kind)?.as_str());
        path.and_then(|path| join(at, path)).is_some_and(|path| path == own)
    };
    in_packages(&TomlFile::open(files, &path, "the lock file of uv")?, is_ours)
}

/// In each package that another project of the repository has by path.
fn of_poetry(
    files: &dyn TreeReader,
    at: &str,
    path: &str,
    own: &str,
) -> Result<Vec<VersionPlace>, VersionError> {
    let is_ours = |package: &Table| {
        let source = |key| package.get("source")?.get(key)?.as_str();
        let url = source("url").filter(|_| source("type") == Some("directory"));
        url.and_then(|url| join(at, url)).is_some_and(|url| url == own)
    };
    in_packages(&TomlFile::open(files, path, "the lock file of poetry")?, is_ours)
}

fn in_packages(lock: &TomlFile, is_ours: impl Fn(&Table) -> bool) -> Result<Vec<VersionPlace>, VersionError> {
    let packages = lock.get(&["package"]).and_then(Item::as_array_of_tables).into_iter().flatten();
    let places = packages.filter(|package| is_ours(package)).filter_map(|package| {
        let quoted = lock.quoted(package.get("version")?).transpose()?;
        Some(quoted.map(|quoted| place(&lock.path, quoted.range, Holds::PythonNormal)))
    });
    places.collect()
}

/// In each entry of the project, and the digest of what the version stands in beside it: `pixi install --locked` refuses
/// another one. A digest that is not that of the present files was not made by the rule that is known here, and stays.
fn of_pixi(
    files: &dyn TreeReader,
    at: &str,
    lock: &TextFile,
    own: &str,
    current: &str,
) -> Result<Vec<VersionPlace>, VersionError> {
    let entry = Regex::new(r"(?m)^- pypi: (?<path>\S+)\r?\n(?<facts>(?:  .*(?:\r?\n|\z))*)");
    let fact = Regex::new(r"(?m)^  (?<key>version|sha256): (?<value>\S+)\r?$");
    let (Ok(entry), Ok(fact)) = (entry, fact) else { return Ok(Vec::new()) };
    let sources: Vec<String> = SOURCES.iter().filter_map(|name| join(own, name)).collect();
    let digest = sources_digest(files, &sources, |file| Ok(file.text.clone()))?;
    let mut places = Vec::new();
    for found in entry.captures_iter(&lock.text) {
        let Some(facts) = found.name("facts").filter(|_| join(at, &found["path"]).as_deref() == Some(own))
        else {
            continue;
        };
        for fact in fact.captures_iter(facts.as_str()) {
            let Some(value) = fact.name("value") else { continue };
            let range = facts.start() + value.start()..facts.start() + value.end();
            match (&fact["key"], value.as_str()) {
                ("version", stated) if stated == current => {
                    places.push(place(&lock.path, range, Holds::Whole))
                }
                ("sha256", stated) if stated == digest => {
                    places.push(place(&lock.path, range, Holds::Sources(sources.clone())));
                }
                _ => {}
            }
        }
    }
    Ok(places)
}

fn place(path: &str, range: Range<usize>, holds: Holds) -> VersionPlace {
    VersionPlace { path: path.to_owned(), range, holds }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Pyproject;
    use crate::ids::Digest;
    use crate::numbering::Scheme;
    use crate::version::format::VersionFormat as _;

    fn raised(rule: &Pyproject, files: &[(&str, String)], new: &str) -> BTreeMap<String, String> {
        let files: BTreeMap<String, String> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
        let places = rule.places(&files, Scheme::Pep440).unwrap();
        let changes = places.write(&files, &Scheme::Pep440.parse(new).unwrap()).unwrap();
        changes.into_iter().map(|change| (change.path, change.content)).collect()
    }

    #[test]
    fn lock_files_of_poetry_move_where_other_projects_have_it_by_path() {
        let package = |url: &str, kind: &str| {
            format!(
                "[[package]]\nname = \"pump-api\"\nversion = \"0.4.0\"\nfiles = []\n\n[package.source]\ntype = \"{kind}\"\n\
                 url = \"{url}\"\n\n"
            )
        };
        let ours = package("../api", "directory");
        let other = package("../api", "legacy");
        let lock =
            format!("# This file is made by Poetry\r\n\n{ours}{other}[metadata]\nlock-version = \"2.0\"\n");
        let files = [
            ("api/pyproject.toml", "[project]\nname = \"pump-api\"\nversion = \"0.4.0\"\n".to_owned()),
            ("cli/poetry.lock", lock.clone()),
            ("api/poetry.lock", "package = []\n".to_owned()),
        ];
        let rule = Pyproject { file: "api/pyproject.toml".to_owned(), ..Pyproject::default() };
        let changed = raised(&rule, &files, "0.4.1");
        assert_eq!(changed.keys().collect::<Vec<_>>(), ["api/pyproject.toml", "cli/poetry.lock"]);
        assert_eq!(changed["cli/poetry.lock"], lock.replacen("0.4.0", "0.4.1", 1));
    }

    #[test]
    fn lock_file_of_pixi_moves_with_the_digest_of_what_states_the_version() {
        let project = |version: &str| format!("[project]\r\nname = \"pump\"\r\nversion = \"{version}\"\r\n");
        let setup = "from setuptools import setup\n";
        let digest = |version: &str| Digest::of(project(version).replace("\r\n", "\n") + setup).to_string();
        let lock = |version: &str, sha256: &str| {
            format!(
                "version: 6\npackages:\n- conda: https://packages.example/rack.conda\n  version: 1.2.3\n- pypi: ./\n  \
                 name: pump\n  version: {version}\n  sha256: {sha256}\n  editable: true\n- pypi: https://packages.example/a\n  \
                 name: a\n  version: 1.2.3\n"
            )
        };
        let changed = |sha256: &str| {
            let files = [
                ("pyproject.toml", project("1.2.3")),
                ("setup.py", setup.to_owned()),
                ("pixi.lock", lock("1.2.3", sha256)),
            ];
            raised(&Pyproject::default(), &files, "1.2.10")
        };
        let ours = changed(&digest("1.2.3"));
        assert_eq!(ours["pyproject.toml"], project("1.2.10"));
        assert_eq!(ours["pixi.lock"], lock("1.2.10", &digest("1.2.10")));
        let unknown = "0".repeat(64);
        assert_eq!(changed(&unknown)["pixi.lock"], lock("1.2.10", &unknown), "made by another rule");
    }
}
