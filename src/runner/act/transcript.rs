//! What act says, a line of JSON each: as people read it for the log, and what it says of steps and of the job.

use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::jobs::ByLine;
use crate::wording::one_line;

/// So many results are kept; a job has far fewer.
const MOST_RESULTS: usize = 100_000;
/// What act says of a step that may fail.
const GOES_ON: &str = "Failed but continue next step";

/// What act puts before the reason for which it ends.
const REASON: &str = "Error: ";
/// How much of that is shown.
const LONGEST_REASON: usize = 300;

/// One line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ActLine {
    pub(super) msg: String,
    pub(super) level: String,
    /// Which step it is about, and which one of the action that it uses.
    #[serde(rename = "stepID")]
    pub(super) step: Vec<String>,
    /// `Pre`, `Main` or `Post`.
    pub(super) stage: String,
    pub(super) step_result: Option<String>,
    pub(super) job_result: Option<String>,
    /// The configuration that it says that it runs.
    pub(super) matrix: Option<serde_json::Value>,
    /// Whether it is what a step printed.
    #[serde(rename = "raw_output")]
    is_printed: bool,
    command: String,
    arg: String,
}

/// What was said so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Said(Arc<Mutex<SoFar>>);

#[derive(Debug, Default)]
struct SoFar {
    lines: Vec<ActLine>,
    /// What it said without JSON, where it ends because of something: what steps print is never so.
    last_words: String,
}

impl ActLine {
    pub(super) fn is_error(&self) -> bool {
        self.level == "error" || self.level == "fatal"
    }

    pub(super) fn goes_on(&self) -> bool {
        self.msg == GOES_ON
    }

    fn counts(&self) -> bool {
        !self.is_printed
            && (self.step_result.is_some() || self.job_result.is_some() || self.is_error() || self.goes_on())
    }

    fn text(&self) -> String {
        match self.command.as_str() {
            _ if self.is_printed => self.msg.clone(),
            // Whoever writes the log masks it, too.
            "add-mask" => format!("::add-mask::{}\n", self.arg.replace('%', "%25").replace('\n', "%0A")),
            _ => format!("[act: {}]\n", self.msg.trim()),
        }
    }
}

impl Said {
    /// The words of act as people read them. Those of the step that is called `silent` are nobody's business.
    pub(super) fn listen<R: Read>(&self, from: R, silent: &'static str) -> impl Read + use<R> {
        let said = self.clone();
        ByLine::new(from, move |line| said.told(line, silent))
    }

    /// All of it that says what came of something.
    pub(super) fn lines(&self) -> Vec<ActLine> {
        self.so_far().lines.clone()
    }

    /// Why it says that it ended, in words of its own; nothing where it says nothing.
    pub(super) fn last_words(&self) -> String {
        self.so_far().last_words.clone()
    }

    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_down(&self, line: ActLine) {
        let mut so_far = self.so_far();
        if so_far.lines.len() < MOST_RESULTS {
            so_far.lines.push(line);
        }
    }

    fn take_down_words(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        if let Some(reason) = text.strip_prefix(REASON) {
            self.so_far().last_words = one_line(reason, LONGEST_REASON);
        }
    }

    /// What is no JSON of act stays as it is.
    fn told(&self, line: Vec<u8>, silent: &str) -> Vec<u8> {
        let Ok(said) = serde_json::from_slice::<ActLine>(&line) else {
            self.take_down_words(&line);
            return line;
        };
        if said.step.first().is_some_and(|step| step == silent) {
            return Vec::new();
        }
        let text = said.text();
        if said.counts() {
            self.take_down(said);
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steps_print_is_the_log_and_results_are_kept() {
        let from = r#"{"level":"info","msg":"⭐ Run Main echo","stepID":["0"]}
{"level":"info","msg":"hello\n","raw_output":true,"stepID":["0"]}
{"level":"info","msg":"{\"jobResult\":\"success\"}\n","raw_output":true,"jobResult":"success","stepID":["0"]}
{"level":"info","msg":"  ⚙  ***","command":"add-mask","arg":"s3\ncret","stepID":["0"]}
{"level":"info","msg":"done","stage":"Main","stepID":["0"],"stepResult":"success"}
{"level":"info","msg":"quiet","stage":"Main","stepID":["own"],"stepResult":"success"}
Error: plain words
{"level":"info","msg":"🏁  Job succeeded","jobResult":"success","matrix":{"n":1}}
"#;
        let (said, mut log) = (Said::default(), String::new());
        said.listen(from.as_bytes(), "own").read_to_string(&mut log).unwrap();
        assert_eq!(
            log,
            "[act: ⭐ Run Main echo]\nhello\n{\"jobResult\":\"success\"}\n::add-mask::s3%0Acret\n[act: done]\n\
             Error: plain words\n[act: 🏁  Job succeeded]\n"
        );
        assert_eq!(said.last_words(), "plain words");
        let lines = said.lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0].step_result.as_deref(), Some("success"));
        assert_eq!(lines[1].matrix, Some(serde_json::json!({"n": 1})));
    }
}
