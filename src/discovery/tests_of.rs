//! How the project is tested, as everybody of its ecosystem does it.

use super::file_text::text_of;
use crate::ecosystem::Ecosystem;
use crate::version::TreeReader;

/// A command that proves a tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FoundTest {
    pub(super) run: Vec<&'static str>,
    pub(super) needs: &'static str,
}

/// The usual command of an ecosystem, where the tree has what it needs.
pub(super) fn test_of(files: &dyn TreeReader, ecosystem: Ecosystem) -> Option<FoundTest> {
    let any = |glob: &str| !files.list(glob).is_empty();
    let test = |run: &[&'static str]| Some(FoundTest { needs: run.first()?, run: run.to_vec() });
    match ecosystem {
        Ecosystem::Rust => test(&["cargo", "test", "--workspace"]),
        Ecosystem::Go => test(&["go", "test", "./..."]),
        Ecosystem::Npm => npm(files),
        Ecosystem::Pip
            if any("**/conftest.py")
                || any("conftest.py")
                || mentions_pytest(files)
                || are_functions(files) =>
        {
            test(&["python3", "-m", "pytest"])
        }
        // By itself it looks into packages alone.
        Ecosystem::Pip if any("tests/test*.py") && !any("tests/__init__.py") => {
            test(&["python3", "-m", "unittest", "discover", "-s", "tests"])
        }
        Ecosystem::Pip => test(&["python3", "-m", "unittest"]),
        Ecosystem::Rubygems if any("Rakefile") => test(&["bundle", "exec", "rake"]),
        Ecosystem::Maven if any("pom.xml") => test(&["mvn", "--batch-mode", "verify"]),
        _ => None,
    }
}

/// The script of the root's manifest. A clean checkout has none of the packages that it uses: they are installed as the lock file
/// has them.
fn npm(files: &dyn TreeReader) -> Option<FoundTest> {
    let manifest: serde_json::Value = serde_json::from_str(&text_of(files, "package.json")?).ok()?;
    // `npm init` writes a script that fails.
    manifest["scripts"]["test"].as_str().filter(|script| !script.contains("no test specified"))?;
    let is_there = |path: &str| files.entry(path).is_some();
    let uses = ["dependencies", "devDependencies"].iter().any(|key| manifest[*key].is_object());
    let (needs, run) = match () {
        () if is_there("pnpm-lock.yaml") => ("pnpm", "pnpm install --frozen-lockfile && pnpm test"),
        () if is_there("yarn.lock") => ("yarn", "yarn install --frozen-lockfile && yarn test"),
        () if !uses => return Some(FoundTest { run: vec!["npm", "test"], needs: "npm" }),
        () if is_there("package-lock.json") || is_there("npm-shrinkwrap.json") => {
            ("npm", "npm ci && npm test")
        }
        () => ("npm", "npm install && npm test"),
    };
    Some(FoundTest { run: vec!["sh", "-c", run], needs })
}

fn mentions_pytest(files: &dyn TreeReader) -> bool {
    let paths = ["pyproject.toml", "setup.cfg", "tox.ini", "requirements-dev.txt", "pytest.ini"];
    paths.iter().any(|path| text_of(files, path).is_some_and(|text| text.contains("pytest")))
}

/// Whether tests are functions of a module, which only pytest runs.
fn are_functions(files: &dyn TreeReader) -> bool {
    let tests = ["test*.py", "tests/test*.py", "test/test*.py"].map(|glob| files.list(glob));
    let is_function = |text: String| text.lines().any(|line| line.starts_with("def test"));
    tests.iter().flatten().any(|path| text_of(files, path).is_some_and(is_function))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn tests_of_node_install_what_they_use() {
        let manifest = |uses: &str| format!("{{ \"scripts\": {{ \"test\": \"node --test\" }}{uses} }}");
        let uses = manifest(", \"devDependencies\": { \"tap\": \"1\" }");
        for (text, lock, command) in [
            (manifest(""), "package-lock.json", Some("npm test")),
            (uses.clone(), "package-lock.json", Some("sh -c npm ci && npm test")),
            (uses.clone(), "yarn.lock", Some("sh -c yarn install --frozen-lockfile && yarn test")),
            (uses, "other.txt", Some("sh -c npm install && npm test")),
            (
                "{ \"scripts\": { \"test\": \"echo 'Error: no test specified' && exit 1\" } }".to_owned(),
                "x",
                None,
            ),
        ] {
            let files = BTreeMap::from([("package.json".to_owned(), text), (lock.to_owned(), String::new())]);
            let found = test_of(&files, Ecosystem::Npm).map(|test| test.run.join(" "));
            assert_eq!(found.as_deref(), command, "{lock}");
        }
    }

    #[test]
    fn tests_of_python_are_run_by_what_finds_them() {
        let method = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): pass\n";
        for (files, command) in [
            (&[("tests/test_x.py", method)][..], "python3 -m unittest discover -s tests"),
            (&[("tests/test_x.py", method), ("tests/__init__.py", "")], "python3 -m unittest"),
            (&[("test_x.py", method)], "python3 -m unittest"),
            (&[("tests/test_x.py", "def test_x():\n    assert True\n")], "python3 -m pytest"),
        ] {
            let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
            let files: BTreeMap<String, String> = files.collect();
            assert_eq!(test_of(&files, Ecosystem::Pip).unwrap().run.join(" "), command);
        }
    }
}
