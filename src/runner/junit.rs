//! JUnit files that a job leaves: what tests said, beside how the job ended. The dialects differ; what is not understood
//! counts for nothing, and the exit code decides.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

/// How large a file may be, in bytes.
const LARGEST: u64 = 32 << 20;
/// How many files of a job are looked at, and how many failed tests are named.
const MOST_FILES: usize = 200;
const MOST_NAMES: usize = 50;

/// What the tests of an entry said in their files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TestCases {
    /// How many were run or skipped.
    pub tests: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// How many failed.
    pub failed: usize,
    /// The first of those that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// What the JUnit files below a folder say, without the files that were there before; `None` if there is none. Which these are
/// is asked only where there is any file.
pub(super) fn found_below(
    folder: &Path,
    known: impl FnOnce() -> Option<BTreeSet<String>>,
) -> Option<TestCases> {
    let candidates = candidates(folder);
    if candidates.is_empty() {
        return None;
    }
    let known = known()?;
    let mut found: Option<TestCases> = None;
    let is_known = |path: &&PathBuf| {
        let below = path.strip_prefix(folder).map(|below| below.to_string_lossy().into_owned());
        below.is_ok_and(|below| known.contains(&below))
    };
    for path in candidates.iter().filter(|path| !is_known(path)).take(MOST_FILES) {
        if let Some(cases) = fs::read(path).ok().and_then(|text| read(&text)) {
            found.get_or_insert_default().add(cases);
        }
    }
    found
}

/// XML files, without following links and without what belongs to git.
fn candidates(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            if kind.is_dir() && entry.file_name() != ".git" {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end == "xml") {
                let small = entry.metadata().is_ok_and(|found| found.len() <= LARGEST);
                files.extend(small.then_some(path));
            }
        }
    }
    files.sort();
    files
}

/// What a file says; `None` if it is no JUnit file.
fn read(text: &[u8]) -> Option<TestCases> {
    let text = String::from_utf8_lossy(text);
    let mut reader = Reader::from_str(&text);
    let (mut cases, mut inside, mut is_junit) = (TestCases::default(), None, false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "testsuites" | "testsuite" => is_junit = true,
                "testcase" if is_junit => inside = Some(Case::of(&tag)),
                other => mark(inside.as_mut(), other),
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "testsuites" | "testsuite" => is_junit = true,
                "testcase" if is_junit => cases.take(Case::of(&tag)),
                other => mark(inside.as_mut(), other),
            },
            Event::End(tag) if tag.local_name().as_ref() == "testcase" => {
                inside.take().into_iter().for_each(|case| cases.take(case));
            }
            Event::Eof => return is_junit.then_some(cases),
            _ if !is_junit && reader.buffer_position() > 4096 => return None,
            _ => {}
        }
    }
}

/// One test.
struct Case {
    name: String,
    failed: bool,
    skipped: bool,
}

impl Case {
    fn of(tag: &BytesStart<'_>) -> Case {
        let value = |key: &str| {
            let found = tag.try_get_attribute(key).ok().flatten()?;
            Some(found.value.into_owned())
        };
        let name = [value("classname"), value("name")].into_iter().flatten();
        Case { name: name.collect::<Vec<_>>().join("::"), failed: false, skipped: false }
    }
}

fn mark(case: Option<&mut Case>, tag: &str) {
    let Some(case) = case else { return };
    match tag {
        "failure" | "error" => case.failed = true,
        "skipped" => case.skipped = true,
        _ => {}
    }
}

impl TestCases {
    fn take(&mut self, case: Case) {
        self.tests += 1;
        self.skipped += usize::from(case.skipped);
        if case.failed {
            self.failed += 1;
            self.failures.extend((self.failures.len() < MOST_NAMES).then_some(case.name));
        }
    }

    fn add(&mut self, other: TestCases) {
        self.tests += other.tests;
        self.skipped += other.skipped;
        self.failed += other.failed;
        let room = MOST_NAMES.saturating_sub(self.failures.len());
        self.failures.extend(other.failures.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXTEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="run" tests="3" failures="1"><testsuite name="a">
<testcase name="good" classname="a"/>
<testcase name="bad" classname="a"><failure message="m">text</failure><system-out>error</system-out></testcase>
<testcase name="left" classname="a"><skipped/></testcase>
</testsuite></testsuites>"#;

    #[test]
    fn tests_are_counted_and_those_that_failed_are_named() {
        let found = read(NEXTEST.as_bytes()).unwrap();
        let failures = vec!["a::bad".to_owned()];
        assert_eq!(found, TestCases { tests: 3, skipped: 1, failed: 1, failures });
    }

    #[test]
    fn what_is_no_junit_file_counts_for_nothing() {
        for text in ["<project><testcase name='x'/></project>", "<testsuite", "no xml", ""] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(b"<testsuite tests='0'/>"), Some(TestCases::default()));
    }

    #[test]
    fn files_of_the_tree_are_no_results_of_the_job() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["fixture.xml", "out/junit.xml", ".git/x.xml"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, NEXTEST).unwrap();
        }
        let known = BTreeSet::from(["fixture.xml".to_owned()]);
        assert_eq!(found_below(folder.path(), || Some(known.clone())).unwrap().tests, 3);
        fs::remove_dir_all(folder.path().join("out")).unwrap();
        assert_eq!(found_below(folder.path(), || Some(known.clone())), None);
    }

    #[test]
    fn many_files_of_the_tree_do_not_hide_the_one_of_the_job() {
        let folder = tempfile::tempdir().unwrap();
        let known: BTreeSet<String> = (0..=MOST_FILES).map(|number| format!("a{number}.xml")).collect();
        for name in known.iter().map(String::as_str).chain(["z.xml"]) {
            fs::write(folder.path().join(name), NEXTEST).unwrap();
        }
        assert_eq!(found_below(folder.path(), || Some(known)).unwrap().tests, 3);
    }
}
