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
        Ecosystem::Pip if any("**/conftest.py") || any("conftest.py") || mentions_pytest(files) => {
            test(&["python3", "-m", "pytest"])
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
