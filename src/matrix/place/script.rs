//! What a script calls, as far as its text shows.

use super::call::{bare, called, in_the_end};
use super::capabilities::Capabilities;
use super::finding::{Place, heaviest};
use super::programs::{ASKED_PROGRAMS, FETCHING};
use super::publishing::effect;
use super::shell_words::commands;

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
    effect(&in_the_end(words)).map_or(Place::Here, Place::Effect)
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
    let fetches = called(words, FETCHING).or_else(|| called(&in_the_end(words), FETCHING));
    fetches.map_or(Place::Here, Place::Network)
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
