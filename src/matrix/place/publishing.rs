//! Whether a command does something that others see.

use super::call::{called, positional};
use super::programs::{PUBLISHING, PUBLISHING_GH};

/// What others see of a command, given from the program on that is called in the end.
pub(super) fn effect(words: &[&str]) -> Option<String> {
    let (program, rest) = words.split_first()?;
    if rest.contains(&"--dry-run") {
        return None;
    }
    match *program {
        "gh" => of_gh(words),
        "curl" => (writes(rest) || sends(rest)).then(|| "`curl` that writes".to_owned()),
        "docker" | "podman" | "buildah" | "nerdctl" => of_images(program, words),
        "mvn" => rest.iter().find(|goal| deploys(goal)).map(|goal| format!("`mvn {goal}`")),
        "gradle" => rest.iter().find(|task| publishes(task)).map(|task| format!("`gradle {task}`")),
        "npm" | "pnpm" | "yarn" | "bun" => of_packages(program, words),
        _ => called(words, PUBLISHING),
    }
}

fn of_gh(words: &[&str]) -> Option<String> {
    let positions = positional(words);
    match positions.as_slice() {
        ["api", path, ..] => {
            let sends =
                words.iter().any(|word| ["-f", "-F", "--field", "--raw-field", "--input"].contains(word));
            // Questions in GraphQL are posted, too.
            let is_question = *path == "graphql" && !words.iter().any(|word| word.contains("mutation"));
            let writes = match method(words) {
                Some(method) => is_writing(&method),
                None => sends,
            };
            (writes && !is_question).then(|| "`gh api` that writes".to_owned())
        }
        [topic, verb, ..] => {
            let writes = PUBLISHING_GH.iter().any(|(name, verbs)| name == topic && verbs.contains(verb));
            writes.then(|| format!("`gh {topic} {verb}`"))
        }
        _ => None,
    }
}

/// `docker push`, `docker image push`, and what builds and pushes at once.
fn of_images(program: &str, words: &[&str]) -> Option<String> {
    let by_verb = positional(words).iter().take(2).any(|verb| *verb == "push");
    let by_option = words.iter().any(|word| *word == "--push" || word.contains("type=registry"));
    (by_verb || by_option).then(|| format!("`{program}` that pushes"))
}

/// `npm publish`, `npm run publish`, `yarn npm publish`.
fn of_packages(program: &str, words: &[&str]) -> Option<String> {
    let positions = positional(words);
    let (named, verb) = match positions.as_slice() {
        [between @ ("run" | "run-script" | "npm" | "exec"), verb, ..] => (format!("{between} {verb}"), *verb),
        [verb, ..] => ((*verb).to_owned(), *verb),
        [] => return None,
    };
    let publishes = verb == "publish" || (named != verb && ["release", "deploy"].contains(&verb));
    publishes.then(|| format!("`{program} {named}`"))
}

/// A goal of Maven, by itself or behind its plugin.
fn deploys(goal: &str) -> bool {
    let goal = goal.rsplit(':').next().unwrap_or(goal);
    ["deploy", "site-deploy", "deploy-file"].contains(&goal)
}

/// A task of Gradle, of whatever project.
fn publishes(task: &str) -> bool {
    let is_option = task.starts_with('-');
    let task = task.rsplit(':').next().unwrap_or(task);
    !is_option && (task.starts_with("publish") || task == "uploadArchives") && !task.contains("MavenLocal")
}

/// Whether a method is asked for that writes, from another machine than this one.
fn writes(words: &[&str]) -> bool {
    !is_local(words) && method(words).is_some_and(|method| is_writing(&method))
}

fn is_writing(method: &str) -> bool {
    ["POST", "PUT", "PATCH", "DELETE"].contains(&method.to_uppercase().as_str())
}

/// Data that is sent without naming a method is posted or put.
fn sends(words: &[&str]) -> bool {
    let is_data = |word: &&str| {
        ["-d", "-F", "-T", "--upload-file", "--json"].contains(word)
            || word.starts_with("--data")
            || word.starts_with("--form")
    };
    let asks = words.iter().any(|word| ["-G", "--get"].contains(word));
    !is_local(words) && !asks && method(words).is_none() && words.iter().any(is_data)
}

fn is_local(words: &[&str]) -> bool {
    let here = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    words.iter().any(|word| here.iter().any(|here| word.contains(here)))
}

/// `-X POST`, `-sXPOST`, `--request POST`, `--method=POST`.
fn method(words: &[&str]) -> Option<String> {
    words.iter().enumerate().find_map(|(at, word)| {
        let next = || words.get(at + 1).map(|next| (*next).to_owned());
        match word.split_once('=') {
            Some(("--request" | "--method", method)) => return Some(method.to_owned()),
            _ if ["--request", "--method"].contains(word) => return next(),
            _ => {}
        }
        let short = word.strip_prefix('-').filter(|short| !short.starts_with('-'))?;
        let (before, method) = short.split_once('X')?;
        let are_options = before.chars().all(|letter| letter.is_ascii_alphabetic());
        are_options.then(|| if method.is_empty() { next() } else { Some(method.to_owned()) }).flatten()
    })
}
