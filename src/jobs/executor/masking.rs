//! What a command of a CI entry says on its way into the log: values that are to be masked are taken out before anything
//! is written, and the outputs that it sets by what it prints are kept.

use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::by_line::ByLine;

const MASK: &str = "***";

/// The values that are masked in everything that the commands of one room say.
#[derive(Debug, Clone, Default)]
pub(super) struct Masks(Arc<Mutex<Vec<String>>>);

/// What was heard of one command: several may run at the same time.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    masks: Masks,
    said: Arc<Mutex<Said>>,
}

#[derive(Debug, Default)]
struct Said {
    outputs: Vec<(String, String)>,
    /// The word that ends a time in which what is printed says nothing (`::stop-commands::`).
    stopped: Option<String>,
}

impl Masks {
    /// A text without what is to be masked.
    pub(super) fn masked(&self, text: &str) -> String {
        lock(&self.0).iter().fold(text.to_owned(), |text, mask| text.replace(mask, MASK))
    }

    /// Each line of a value is masked by itself, as GitHub does.
    fn add(&self, value: &str) {
        let mut masks = lock(&self.0);
        let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
        masks.extend(lines.map(ToOwned::to_owned));
        // The longest first: one may be a part of another.
        masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
        masks.dedup();
    }

    fn are_in(&self, text: &str) -> bool {
        lock(&self.0).iter().any(|mask| text.contains(mask.as_str()))
    }
}

impl Heard {
    /// Nothing yet, of a command whose words these masks hold for.
    pub(super) fn under(masks: &Masks) -> Heard {
        Heard { masks: masks.clone(), said: Arc::default() }
    }

    /// Listens to a command.
    pub(super) fn listen<R: Read>(&self, from: R) -> impl Read + use<R> {
        let heard = self.clone();
        ByLine::new(from, move |line| heard.line(line))
    }

    /// The outputs that it set by printing them.
    pub(super) fn outputs(&self) -> Vec<(String, String)> {
        std::mem::take(&mut lock(&self.said).outputs)
    }

    fn line(&self, line: Vec<u8>) -> Vec<u8> {
        let text = String::from_utf8_lossy(&line);
        let command = text.trim_end_matches(['\r', '\n']);
        // What is no command while they are stopped is a line like any other.
        let command = if lock(&self.said).is_stopped(command) { "" } else { command };
        if let Some(value) = command.strip_prefix("::add-mask::") {
            self.masks.add(&decoded(value));
            return format!("::add-mask::{MASK}\n").into_bytes();
        }
        if let Some((name, value)) =
            command.strip_prefix("::set-output name=").and_then(|set| set.split_once("::"))
        {
            lock(&self.said).outputs.push((name.to_owned(), decoded(value)));
        }
        if self.masks.are_in(&text) {
            return self.masks.masked(&text).into_bytes();
        }
        line
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Said {
    /// Whether a line is no command, since commands are stopped (`ActionCommandManager.cs`).
    fn is_stopped(&mut self, line: &str) -> bool {
        if let Some(word) = &self.stopped {
            if line.trim() == format!("::{word}::") {
                self.stopped = None;
            }
            return true;
        }
        match line.strip_prefix("::stop-commands::") {
            Some(word) if !word.trim().is_empty() => self.stopped = Some(word.trim().to_owned()),
            _ => {}
        }
        false
    }
}

/// The data of a workflow command (`ActionCommand.cs`).
fn decoded(data: &str) -> String {
    data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> (String, Heard) {
        let heard = Heard::default();
        let mut said = String::new();
        heard.listen(text.as_bytes()).read_to_string(&mut said).unwrap();
        (said, heard)
    }

    #[test]
    fn masked_values_are_gone_before_anything_is_written() {
        let (said, heard) =
            heard("::add-mask::s3cret\nuse s3cret and s3cretly\n::add-mask::one%0Atwo words\nin two words");
        assert_eq!(said, "::add-mask::***\nuse *** and ***ly\n::add-mask::***\nin ***");
        assert_eq!(heard.masks.masked("one s3cret"), "*** ***");
    }

    #[test]
    fn what_is_printed_while_commands_are_stopped_says_nothing() {
        let (said, heard) = heard(
            "::add-mask::s3cret\n::set-output name=v::good\n::stop-commands::t0k\n::set-output name=v::s3cret log\n::add-mask::log\n::t0k::\n::set-output name=w::log",
        );
        assert!(said.contains("::set-output name=v::*** log\n::add-mask::log\n"), "{said}");
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(heard.outputs(), [set("v", "good"), set("w", "log")]);
    }

    #[test]
    fn outputs_that_are_printed_are_kept_and_other_bytes_are_left_alone() {
        let (said, heard) = heard("a\r\n::set-output name=key::a%25b%0Ac\n\nend");
        assert_eq!(said, "a\r\n::set-output name=key::a%25b%0Ac\n\nend");
        assert_eq!(heard.outputs(), [("key".to_owned(), "a%b\nc".to_owned())]);
        assert_eq!(heard.outputs(), []);
        let mut bytes = Vec::new();
        Heard::default().listen(&b"\xff\xfe\n"[..]).read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"\xff\xfe\n");
    }
}
