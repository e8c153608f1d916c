//! What a script calls, as far as its text shows.

use super::capabilities::Capabilities;
use super::finding::{Place, heaviest};
use super::programs::{ASKED_PROGRAMS, Calls, FETCHING, PUBLISHING, PUBLISHING_GH};

/// Words before a command that are not the command.
const BEFORE: [&str; 16] = [
    "sudo", "env", "time", "exec", "nice", "command", "if", "then", "else", "elif", "while", "until", "do",
    "!", "-E", "&",
];

/// What stands against running a script here.
pub(super) fn of_script(script: &str, machine: &Capabilities) -> Place {
    heaviest(commands(script).iter().flat_map(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        [
            publishes(&words),
            lacks_sudo(&words, machine),
            of_command(bare(&words), machine),
            of_flag(&words, machine),
        ]
    }))
}

/// What a script does that others see, if it does.
pub fn script_effect(script: &str) -> Option<String> {
    commands(script).iter().find_map(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Place::Effect(what) = publishes(&words) { Some(what) } else { None }
    })
}

fn publishes(words: &[&str]) -> Place {
    match bare(words) {
        [] => Place::Here,
        words if words.contains(&"--dry-run") => Place::Here,
        ["gh", topic, verb, ..] => {
            let writes = PUBLISHING_GH.iter().any(|(name, verbs)| name == topic && verbs.contains(verb));
            if writes { Place::Effect(format!("`gh {topic} {verb}`")) } else { Place::Here }
        }
        words => called(words, PUBLISHING).map_or(Place::Here, Place::Effect),
    }
}

fn lacks_sudo(words: &[&str], machine: &Capabilities) -> Place {
    let asks = words.first() == Some(&"sudo") && !machine.has("sudo");
    if asks { Place::Tool("sudo".to_owned()) } else { Place::Here }
}

fn of_command(words: &[&str], machine: &Capabilities) -> Place {
    let Some(program) = words.first().map(|word| word.rsplit('/').next().unwrap_or(word)) else {
        return Place::Here;
    };
    let by_path = words.first().is_some_and(|word| word.contains('/') && !word.starts_with("/usr/"));
    if !by_path && ASKED_PROGRAMS.contains(&program) && !machine.has(program) {
        return Place::Tool(program.to_owned());
    }
    called(words, FETCHING).map_or(Place::Here, Place::Network)
}

/// A script that looks for a flag of the processor needs it.
fn of_flag(words: &[&str], machine: &Capabilities) -> Place {
    let words = bare(words);
    let looks = words.first().is_some_and(|word| *word == "grep") && words.contains(&"/proc/cpuinfo");
    let flag = words.iter().skip(1).find(|word| !word.starts_with(['-', '/']));
    match flag {
        Some(flag) if looks && !machine.processor_flags.contains(*flag) => {
            Place::On(format!("a processor with `{flag}`"))
        }
        _ => Place::Here,
    }
}

/// The call, if it is one of these.
fn called(words: &[&str], calls: Calls) -> Option<String> {
    let (program, rest) = words.split_first()?;
    let (_, verbs) = calls.iter().find(|(name, _)| name == program)?;
    let first = rest.iter().copied().find(|word| !word.starts_with(['-', '+']));
    match first {
        _ if verbs.is_empty() => Some(format!("`{program}`")),
        Some(verb) if verbs.contains(&verb) => Some(format!("`{program} {verb}`")),
        _ => None,
    }
}

/// The words from the command on.
fn bare<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let is_before = |word: &&str| BEFORE.contains(word) || is_assignment(word);
    let start = words.iter().position(|word| !is_before(word)).unwrap_or(words.len());
    &words[start..]
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// The commands of a script, each in words. Quotes are taken away, comments left out.
fn commands(script: &str) -> Vec<Vec<String>> {
    let joined = script.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.trim_start().starts_with('#'));
    let pieces = lines.flat_map(|line| line.split(['\n', ';', '|', '(', ')', '`', '{', '}']));
    let pieces = pieces.flat_map(|piece| piece.split("&&"));
    let words = pieces.map(|piece| {
        let words = piece.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    });
    words.filter(|words| !words.is_empty()).collect()
}
