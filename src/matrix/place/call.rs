//! Which program a command calls in the end, and with which words.

use super::programs::{Calls, VALUE_OPTIONS};

/// Programs that take a script.
pub(super) const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];

/// Words before a command that are not the command.
const BEFORE: [&str; 18] = [
    "sudo", "env", "time", "exec", "nice", "nohup", "command", "if", "then", "else", "elif", "while",
    "until", "do", "!", "-E", "{", "}",
];

/// Programs that run others behind this word.
const RUNNERS: [(&str, &str); 7] = [
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("pipx", "run"),
    ("hatch", "run"),
    ("pdm", "run"),
    ("bundle", "exec"),
];

/// The call, if it is one of these.
pub(super) fn called(words: &[&str], calls: Calls) -> Option<String> {
    let program = words.first()?;
    let (_, verbs) = calls.iter().find(|(name, _)| name == program)?;
    match positional(words).first().copied() {
        _ if verbs.is_empty() => Some(format!("`{program}`")),
        Some(verb) if verbs.contains(&verb) => Some(format!("`{program} {verb}`")),
        _ => None,
    }
}

/// The words behind the program that are neither options nor their values.
pub(super) fn positional<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let valued =
        VALUE_OPTIONS.iter().find(|(name, _)| name == program).map_or(&[][..], |(_, options)| options);
    let mut is_value = false;
    let mut found = Vec::new();
    for word in rest {
        if !std::mem::take(&mut is_value) {
            is_value = valued.contains(word);
            found.extend((!word.starts_with(['-', '+'])).then_some(*word));
        }
    }
    found
}

/// The words from the program on that is called in the end: `python -m twine`, `uv run twine`, `timeout 5 twine` and
/// `./mvnw` are `twine` and `mvn`.
pub(super) fn in_the_end<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let words = bare(words);
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let file = program.rsplit('/').next().unwrap_or(program);
    let name = match file {
        "mvnw" | "mvnw.cmd" => "mvn",
        "gradlew" | "gradlew.bat" => "gradle",
        file => file,
    };
    let inner = match name {
        python if python.starts_with("python") => {
            let module = rest.iter().position(|word| *word == "-m");
            module.filter(|at| rest[..*at].iter().all(|word| word.starts_with('-'))).map(|at| at + 1)
        }
        "npx" | "uvx" | "bunx" => rest.iter().position(|word| !word.starts_with('-')),
        "xargs" | "timeout" => rest
            .iter()
            .position(|word| !word.starts_with(|first: char| first == '-' || first.is_ascii_digit())),
        name => {
            let runs = RUNNERS.iter().any(|(runner, word)| *runner == name && rest.first() == Some(word));
            runs.then_some(1)
        }
    };
    match inner {
        Some(at) => in_the_end(&rest[at..]),
        None => std::iter::once(name).chain(rest.iter().copied()).collect(),
    }
}

/// The script that a command is given as a word: `sh -c "…"`, `eval …`.
pub(super) fn inner_script(words: &[String]) -> Option<String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (program, rest) = bare(&words).split_first()?;
    let program = program.rsplit('/').next().unwrap_or(program);
    if program == "eval" {
        return Some(rest.join(" "));
    }
    let is_command = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let at = SHELLS.contains(&program).then(|| rest.iter().position(is_command)).flatten()?;
    rest.get(at + 1).map(|script| (*script).to_owned())
}

/// The words from the command on.
pub(super) fn bare<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let is_before = |word: &&str| BEFORE.contains(word) || is_assignment(word);
    let start = words.iter().position(|word| !is_before(word)).unwrap_or(words.len());
    &words[start..]
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}
