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
        Ecosystem::Npm => {
            let text = text_of(files, "package.json")?;
            let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
            manifest["scripts"]["test"].as_str().and_then(|_| test(&["npm", "test"]))
        }
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
