//! Every command that is printed anywhere is one that the tool understands, as it is printed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::process::Output;
use std::sync::{LazyLock, Mutex};

use regex::Regex;
use serde_json::Value;

/// A command on a line of its own, behind a colon at its end, or between backticks.
static COMMAND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)`lockgate ([^`]+)`|(?:^ *|: )lockgate ([a-z][a-z-]* ?.*)$").unwrap());

/// What is known to be understood: many stories print the same.
static UNDERSTOOD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Looks at everything that an answer prints: its words, or the commands that its object names.
#[track_caller]
pub(crate) fn understood(output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        match serde_json::from_str::<Value>(&text) {
            Ok(answer) => named(&answer).iter().for_each(|command| parses(command)),
            Err(_) => printed(&text).iter().for_each(|command| parses(command)),
        }
    }
}

/// The commands of an object: those that come next, and those in its hint.
fn named(answer: &Value) -> Vec<String> {
    let next = answer["next"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let hint = answer["error"]["hint"].as_str().map_or_else(Vec::new, printed);
    let ours = next.filter_map(|command| command.strip_prefix("lockgate "));
    ours.map(ToOwned::to_owned).chain(hint).collect()
}

/// The commands in a text, without the tool's name.
fn printed(text: &str) -> Vec<String> {
    let found = COMMAND.captures_iter(text).filter_map(|found| match (found.get(1), found.get(2)) {
        (Some(quoted), _) => Some(quoted.as_str().to_owned()),
        (None, line) => on_a_line(line?.as_str()).map(ToOwned::to_owned),
    });
    // What the words of a usage stand for is no command.
    found.filter(|command| !command.contains("[OPTIONS]") && !command.contains('<')).collect()
}

/// The command on a line, if it is one and no sentence that goes on there. Examples of the help have a remark behind them, or do
/// something with the answer.
fn on_a_line(line: &str) -> Option<&str> {
    let ends = ["  ", " > ", " | ", " && ", " ("].iter().filter_map(|end| line.find(end)).min();
    let command = &line[..ends.unwrap_or(line.len())];
    let first = command.split(' ').next()?;
    let help = lockgate::understood(["lockgate", first, "--help"]);
    help.is_err_and(|help| !help.starts_with("error:")).then_some(command)
}

/// The commands of the tool that an answer prints as the next ones, in words, without its name.
pub(crate) fn next_of(output: &Output) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, next) = text.split_once("next:\n").unwrap_or_else(|| panic!("nothing comes next:\n{text}"));
    printed(next).iter().map(|command| words(command)).collect()
}

#[track_caller]
fn parses(command: &str) {
    if UNDERSTOOD.lock().unwrap().contains(command) {
        return;
    }
    let words = std::iter::once(Cow::from("lockgate")).chain(words(command).into_iter().map(Cow::from));
    if let Err(error) = lockgate::understood(words) {
        // Help is an answer, too; and a mirror is where the command is typed.
        let is_elsewhere = error.contains("there is no git repository at") || error.contains(" stands for ");
        assert!(is_elsewhere || !error.starts_with("error:"), "`lockgate {command}` is printed: {error}");
    }
    UNDERSTOOD.lock().unwrap().insert(command.to_owned());
}

/// The words of a line as a shell takes them: apart from spaces, only single quotes mean something in what is printed.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut escaped) = (Vec::new(), None::<String>, false, false);
    for letter in line.chars() {
        match letter {
            _ if escaped => {
                word.get_or_insert_default().push(letter);
                escaped = false;
            }
            '\\' if !quoted => escaped = true,
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\n' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[test]
fn commands_are_found_in_lines_sentences_and_objects() {
    let text = "next:\n    # by hand, then\n    lockgate resume --dir OUT\n\nhint: restore it, then: `lockgate status`\n\
                continue with: lockgate waive a/b --as mara --reason 'it isn'\\''t'\n  lockgate abort      (lists it)\n\
                Usage: lockgate plan [OPTIONS]\nlockgate 0.1.0\nbranches that\n    lockgate did not make\n";
    let found = ["resume --dir OUT", "status", "waive a/b --as mara --reason 'it isn'\\''t'", "abort"];
    assert_eq!(printed(text), found.map(str::to_owned));
    assert_eq!(words("waive a --reason 'it isn'\\''t'"), ["waive", "a", "--reason", "it isn't"]);
    assert!(lockgate::understood(["lockgate", "waive", "a/b"]).is_err());
    let answer = serde_json::json!({"next": ["lockgate resume"], "error": {"hint": "see `lockgate log`"}});
    assert_eq!(named(&answer), ["resume", "log"]);
}
