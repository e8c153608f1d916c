//! Whether a suite ran any test: what the usual runners say of it in their last lines. Totals decide, since many runners say
//! "0 tests" of one part beside the tests of others.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// How runners count: what is caught as `a`, `b` and `c` was run, what is caught as `s` was skipped. What catches nothing was
/// nothing.
const COUNTS: [&str; 26] = [
    // unittest.
    r"^Ran (?<a>\d+) tests? in ",
    // The test harness of Rust, and nextest.
    r"^test result: \w+\. (?<a>\d+) passed; (?<b>\d+) failed; \d+ ignored; (?<c>\d+) measured;",
    r"^\s*Summary \[.*\]\s+(?<a>\d+)(?:/\d+)? tests? run:",
    // Go: `no test files` of a package without any, the rest is `GO_PACKAGE`'s.
    r"^\?\s+\S+\s+\[no test files\]",
    r"^\s+\S+\s+coverage: 0\.0% of statements$",
    // Node, TAP.
    r"^(?:#|ℹ) tests (?<a>\d+)$",
    r"^(?:#|ℹ) skipped (?<s>\d+)$",
    r"^1\.\.(?<a>\d+)(?:\s*#.*)?$",
    // Mocha, and Jest and Vitest where there is no file.
    r"^\s*(?<a>\d+) (?:passing|failing)\b",
    r"^No test(?: file)?s found, exiting with code 0",
    r"^No tests found$",
    // CTest, GoogleTest, Meson.
    r"^No tests were found!!!",
    r"tests passed, \d+ tests failed out of (?<a>\d+)",
    r"^\[==========\] (?<a>\d+) tests? from \d+ test (?:suites?|cases?) ran",
    r"^No tests defined\.",
    r"^(?:Ok|Fail):\s+(?<a>\d+)\s*$",
    // Maven.
    r"Tests run: (?<a>\d+), Failures: \d+, Errors: \d+, Skipped: (?<s>\d+)",
    r"No tests to run\.$",
    // RSpec, minitest, test-unit, ExUnit.
    r"^(?<a>\d+) (?:examples?|runs?|tests?), \d+ (?:failures?|assertions?)\b",
    r"^There are no tests to run",
    // PHPUnit.
    r"^No tests executed!",
    r"^OK \((?<a>\d+) tests?, ",
    r"^Tests: (?<a>\d+), Assertions: ",
    // .NET, Deno, Swift.
    r"^(?:Passed|Failed)!\s+- Failed:\s+(?<a>\d+), Passed:\s+(?<b>\d+),",
    r"^ok \| (?<a>\d+) passed\b.*\| (?<b>\d+) failed",
    r"^\s*Executed (?<a>\d+) tests?, with ",
];

/// The last line of pytest: `3 passed, 1 skipped in 0.05s`, with or without a rule around it.
const PYTEST: &str = r"^=*\s*(?<words>no tests ran|\d+ (?:passed|failed|skipped|deselected|xfailed|xpassed|errors?|warnings?|rerun)(?:, \d+ [a-z]+)*) in [\d.]+ ?s";
/// Those of Jest and Vitest: `Tests:       3 passed, 3 total`, `Tests  3 passed | 1 skipped (4)`.
const JEST: &str = r"^\s*Tests:?\s+(?<words>\d+ (?:passed|failed|skipped|todo)\b.*|no tests)";
/// What was run among the words of either.
const RAN: &str = r"(?<ran>\d+) (?:passed|failed|xfailed|xpassed|errors?)\b";
/// A package of Go that has tests, or a pattern that met none of them.
const GO_PACKAGE: &str = r"^ok\s+\S+\s+(?:\(cached\)|[\d.]+s)(?<none>.*\[no tests to run\])?";

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(Forms::new);

/// The forms, ready to be looked for.
struct Forms {
    counts: Vec<Regex>,
    worded: Vec<Regex>,
    ran: Regex,
    go: Regex,
}

impl Forms {
    fn new() -> Option<Forms> {
        let all = |forms: &[&str]| forms.iter().map(|form| Regex::new(form).ok()).collect::<Option<Vec<_>>>();
        Some(Forms {
            counts: all(&COUNTS)?,
            worded: all(&[PYTEST, JEST])?,
            ran: Regex::new(RAN).ok()?,
            go: Regex::new(GO_PACKAGE).ok()?,
        })
    }

    /// How many tests a line says were run; `None` where it says nothing of it.
    fn counted(&self, line: &str) -> Option<i64> {
        if let Some(found) = self.go.captures(line) {
            return Some(i64::from(found.name("none").is_none()));
        }
        if let Some(found) = self.worded.iter().find_map(|form| form.captures(line)) {
            let words = found.name("words").map_or("", |words| words.as_str());
            return Some(self.ran.captures_iter(words).map(|ran| number(&ran, "ran")).sum());
        }
        let found = self.counts.iter().find_map(|form| form.captures(line))?;
        let ran: i64 = ["a", "b", "c"].iter().map(|name| number(&found, name)).sum();
        Some(ran - number(&found, "s"))
    }
}

fn number(found: &Captures<'_>, name: &str) -> i64 {
    found.name(name).and_then(|digits| digits.as_str().parse().ok()).unwrap_or(0)
}

/// What a log says of a suite that ran no test at all: its last line about it. `None` where any test was run, where nothing that
/// is known says how many, and where the log cannot be read.
pub fn without_a_test(log: &Path) -> Option<String> {
    let lines = BufReader::new(File::open(log).ok()?).split(b'\n').map_while(Result::ok);
    said_in(lines.map(|line| String::from_utf8_lossy(&line).into_owned()))
}

fn said_in(lines: impl Iterator<Item = String>) -> Option<String> {
    let forms = FORMS.as_ref()?;
    let (mut ran, mut said) = (0, None);
    for line in lines {
        let line = anstream::adapter::strip_str(&line).to_string();
        let line = line.trim_end();
        if let Some(counted) = forms.counted(line) {
            ran += counted;
            said = Some(line.trim().to_owned());
        }
    }
    said.filter(|_| ran <= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        said_in(text.lines().map(str::to_owned))
    }

    #[test]
    fn every_form_is_an_expression() {
        assert!(FORMS.is_some());
    }

    #[test]
    fn summary_that_counts_none_is_no_proof() {
        for text in [
            "\nRan 0 tests in 0.000s\n\nOK",
            "collected 0 items\n\n============ no tests ran in 0.01s ============",
            "3 skipped in 0.02s",
            "12 deselected in 0.10s",
            "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: ok. 0 passed; 0 failed; 2 ignored; 0 measured; 9 filtered out; finished in 0.00s",
            "     Summary [   0.003s] 0 tests run: 0 passed, 4 skipped",
            "?   \texample.org/x\t[no test files]\n?   \texample.org/x/y\t[no test files]",
            "ok  \texample.org/x\t0.003s [no tests to run]",
            "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0",
            "ℹ tests 2\nℹ pass 0\nℹ skipped 2",
            "\n  0 passing (1ms)\n",
            "No tests found, exiting with code 0",
            "No tests found",
            "No test files found, exiting with code 0",
            "Tests:       3 skipped, 3 total",
            "No tests were found!!!",
            "[==========] 0 tests from 0 test suites ran. (0 ms total)",
            "[INFO] No tests to run.",
            "[WARNING] Tests run: 2, Failures: 0, Errors: 0, Skipped: 2",
            "0 examples, 0 failures",
            "0 runs, 0 assertions, 0 failures, 0 errors, 0 skips",
            "No tests executed!",
            "ok | 0 passed | 0 failed (2ms)",
            "\u{1b}[32m  0 passing\u{1b}[0m (2ms)",
        ] {
            assert!(said(text).is_some(), "{text}");
        }
        assert_eq!(said("OK\nRan 0 tests in 0.000s\nbye").as_deref(), Some("Ran 0 tests in 0.000s"));
    }

    #[test]
    fn totals_decide_where_a_part_counts_none() {
        let (none, some) = (
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        );
        for text in [
            &format!("{none}\n{some}\n   Doc-tests x\n{none}"),
            "?   \texample.org/x\t[no test files]\nok  \texample.org/x/y\t(cached)",
            "Ran 0 tests in 0.000s\n1 passed in 0.01s",
            "===== 2 passed, 1 skipped, 3 warnings in 1.20s =====",
            "========= 1 failed, 9 passed in 62.11s (0:01:02) =========",
            "ok  \texample.org/x\t0.003s\tcoverage: 81.0% of statements",
            "# tests 3\n# skipped 1",
            "1..4\nok 1 - a",
            "  12 passing (30ms)",
            "Tests:       1 skipped, 3 passed, 4 total",
            "      Tests  3 passed | 1 skipped (4)",
            "100% tests passed, 0 tests failed out of 12",
            "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1",
            "1 example, 0 failures",
            "OK (5 tests, 9 assertions)",
            "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn suite_that_counts_nothing_is_left_alone() {
        for text in
            ["", "all good", "checked 0 files in 0.1s", "running 0 tests of nothing", "0 errors, 2 warnings"]
        {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn log_that_is_gone_says_nothing() {
        assert_eq!(without_a_test(Path::new("/nowhere/at/all.log")), None);
    }
}
