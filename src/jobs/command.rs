//! What a repository's catalog says about one of its test suites: `[[repo.test]]`.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::isolation::IsolationWish;
use super::time_limit::TimeLimit;

/// One command that must succeed in a checkout of the stacked tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestCommand {
    /// What people call it.
    pub name: String,
    /// What is run, in the root of the checkout.
    pub run: CommandLine,
    /// After this long the command and everything it started is killed: seconds, or text such as `10m`.
    #[serde(default)]
    pub timeout: TimeLimit,
    /// How many cores it keeps busy; counted against the budget of the whole run.
    #[serde(default = "one")]
    pub cores: NonZeroU32,
    /// Environment variables beside the few that are passed on. Not a place for secrets: the catalog is kept in git.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Programs that must be on PATH; without them the suite is unavailable, not failed.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How far it is kept from the rest of this machine.
    #[serde(default, skip_serializing_if = "IsolationWish::is_default")]
    pub isolation: IsolationWish,
    /// Whether it may reach the network. Without, its namespaces are its own there, too.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub network: bool,
    /// Folders and files that it sees beside its checkout and the tools on PATH, although they are in the home or a temporary
    /// directory: absolute, or beginning with `~/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visible: Vec<VisiblePath>,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_yes(yes: &bool) -> bool {
    *yes
}

/// A path that a suite sees: absolute, or below the home directory (`~/.m2`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct VisiblePath(String);

/// A path that leads nowhere in particular.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path that a suite can be shown: write an absolute one, or one that begins with `~/`")]
pub struct InvalidVisiblePath(String);

impl TryFrom<String> for VisiblePath {
    type Error = InvalidVisiblePath;

    fn try_from(path: String) -> Result<VisiblePath, InvalidVisiblePath> {
        let below = path.strip_prefix("~/").or(path.strip_prefix('/')).unwrap_or_default();
        let is_path = !below.is_empty() && below.split('/').all(|part| part != "..");
        if is_path { Ok(VisiblePath(path)) } else { Err(InvalidVisiblePath(path)) }
    }
}

impl From<VisiblePath> for String {
    fn from(path: VisiblePath) -> String {
        path.0
    }
}

impl VisiblePath {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TestCommand {
    /// A command of the catalog that is no suite and writes to its checkout: it may need the login of a registry that is in
    /// the home, and is not isolated.
    #[must_use]
    pub fn plain(name: String, run: CommandLine, timeout: TimeLimit) -> TestCommand {
        TestCommand {
            name,
            run,
            timeout,
            cores: one(),
            env: BTreeMap::new(),
            needs: Vec::new(),
            isolation: IsolationWish::None,
            network: true,
            visible: Vec::new(),
        }
    }
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// A program with its arguments, or one line for the shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, try_from = "WrittenCommandLine")]
#[schemars(with = "WrittenCommandLine")]
pub enum CommandLine {
    /// Program and arguments, passed on as they are.
    Argv(Vec<String>),
    /// A line for `sh -eu -c`: the first failing command ends it, and an unset variable is an error.
    Shell(String),
}

/// Nothing to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`run` is empty; expected a program with its arguments (`[\"make\", \"test\"]`) or a line for the shell"
)]
pub struct InvalidCommandLine;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum WrittenCommandLine {
    Argv(Vec<String>),
    Shell(String),
}

impl CommandLine {
    /// The program and its arguments.
    pub(super) fn argv(&self) -> Vec<&str> {
        match self {
            CommandLine::Argv(argv) => argv.iter().map(String::as_str).collect(),
            CommandLine::Shell(line) => vec!["sh", "-eu", "-c", line],
        }
    }
}

impl TryFrom<WrittenCommandLine> for CommandLine {
    type Error = InvalidCommandLine;

    fn try_from(written: WrittenCommandLine) -> Result<Self, InvalidCommandLine> {
        match written {
            WrittenCommandLine::Argv(argv) if argv.first().is_some_and(|program| !program.is_empty()) => {
                Ok(CommandLine::Argv(argv))
            }
            WrittenCommandLine::Shell(line) if !line.trim().is_empty() => Ok(CommandLine::Shell(line)),
            _ => Err(InvalidCommandLine),
        }
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommandLine::Argv(argv) => f.write_str(&argv.join(" ")),
            CommandLine::Shell(line) => f.write_str(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parse(text: &str) -> Result<TestCommand, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn both_forms_of_run_and_of_time_are_read() {
        let command = parse("name = 'unit'\nrun = ['make', 'test']\ntimeout = '1h 30m'\ncores = 2").unwrap();
        assert_eq!(command.timeout.duration(), Duration::from_secs(5400));
        assert_eq!(command.run.argv(), ["make", "test"]);
        let command = parse("name = 'unit'\nrun = 'make && ./t'\ntimeout = 90").unwrap();
        assert_eq!(command.timeout.to_string(), "1m 30s");
        assert_eq!(command.run.argv(), ["sh", "-eu", "-c", "make && ./t"]);
        let again: TestCommand = serde_json::from_str(&serde_json::to_string(&command).unwrap()).unwrap();
        assert_eq!(again, command);
    }

    #[test]
    fn what_makes_no_sense_is_refused_when_the_catalog_is_read() {
        assert!(parse("name = 'x'\nrun = []").unwrap_err().contains("`run` is empty"));
        assert!(
            parse("name = 'x'\nrun = 'y'\ntimeout = 'soon'")
                .unwrap_err()
                .contains("`soon` is not a time limit")
        );
        for text in ["0s", "1ms", "10000h", "700000000"] {
            assert!(parse(&format!("name = 'x'\nrun = 'y'\ntimeout = '{text}'")).is_err(), "{text}");
        }
        assert!(parse("name = 'x'\nrun = 'y'\ntimeout = '168h'").is_ok());
        assert!(parse("name = 'x'\nrun = 'y'\ncores = 0").is_err());
        assert!(
            parse("name = 'x'\nrun = 'y'\ntimeut = '1m'").unwrap_err().contains("unknown field `timeut`")
        );
    }

    #[test]
    fn schema_takes_both_forms_and_no_unknown_key() {
        let schema = serde_json::to_value(schemars::schema_for!(TestCommand)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&serde_json::json!({"name": "x", "run": "make", "timeout": "10m"})));
        assert!(validator.is_valid(&serde_json::json!({"name": "x", "run": ["make"], "timeout": 600})));
        assert!(!validator.is_valid(&serde_json::json!({"name": "x", "run": ["make"], "cores": 0})));
        assert!(!validator.is_valid(&serde_json::json!({"name": "x", "run": ["make"], "timeut": 1})));
    }
}
