//! What a command answers: words for people, the same as data for programs, and the commands that come next. It is printed
//! once, at the end, in the one form that was asked for.

use serde::Serialize;
use serde_json::{Value, json};

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::next_action::Advice;

/// What a command answers.
#[derive(Debug)]
#[must_use = "an answer is printed by whoever began the command"]
pub(super) struct Answer {
    exit: Exit,
    text: Vec<String>,
    data: Data,
    next: Vec<String>,
    asides: Vec<String>,
    is_prose: bool,
}

/// The result as data.
#[derive(Debug, Clone)]
enum Data {
    Value(Value),
    /// What is large, as the JSON that is printed: it would fill the memory once more as a value.
    Written(String),
}

impl Data {
    fn into_value(self) -> Value {
        match self {
            Data::Value(value) => value,
            // It was written as JSON.
            Data::Written(text) => serde_json::from_str(&text).unwrap_or_default(),
        }
    }
}

impl Answer {
    /// An answer in words that ends with this code.
    pub(super) fn new(exit: Exit, text: impl Into<String>) -> Answer {
        let (next, asides) = (Vec::new(), Vec::new());
        Answer {
            exit,
            text: vec![text.into()],
            data: Data::Value(Value::Null),
            next,
            asides,
            is_prose: false,
        }
    }

    /// The same after everything that was asked for is done.
    pub(super) fn done(text: impl Into<String>) -> Answer {
        Answer::new(Exit::Done, text)
    }

    /// Everything is done, and there are no words for it.
    pub(super) fn nothing() -> Answer {
        Answer { text: Vec::new(), ..Answer::done("") }
    }

    /// The same as prose, which is broken where a line of the terminal ends; patches and tables are not.
    pub(super) fn prose(self) -> Answer {
        Answer { is_prose: true, ..self }
    }

    /// The answers to several requests as one: a list for programs, where there are more than one. What comes next is what the last
    /// one says, for it knows of the others.
    pub(super) fn of_all(answers: Vec<Answer>) -> Answer {
        let together = answers.into_iter().reduce(|before, after| {
            let mut list = match before.data.into_value() {
                Value::Array(list) => list,
                one => vec![one],
            };
            list.push(after.data.into_value());
            let text = before.text.into_iter().chain(after.text).collect();
            Answer { text, data: Data::Value(Value::Array(list)), ..after }
        });
        together.unwrap_or_else(Answer::nothing)
    }

    /// More words for people.
    pub(super) fn and(mut self, text: impl Into<String>) -> Answer {
        self.text.push(text.into());
        self
    }

    /// More words, where there are any.
    pub(super) fn and_perhaps(mut self, text: Option<String>) -> Answer {
        self.text.extend(text);
        self
    }

    /// Words for people that come first.
    pub(super) fn before(mut self, text: impl Into<String>) -> Answer {
        self.text.insert(0, text.into());
        self
    }

    /// Words that are no part of the result, and come after it.
    pub(super) fn aside(mut self, text: impl Into<String>) -> Answer {
        self.asides.push(text.into());
        self
    }

    /// The same of a rehearsal, whose world is no more than a copy: what `gh` would change is not there, but on the real GitHub.
    pub(super) fn of_rehearsal(self) -> Answer {
        if !self.names_gh() {
            return self;
        }
        self.aside(
            "this is a rehearsal: commands of `gh` are shown as on the day; typed now, they would change the real GitHub",
        )
    }

    /// The same of a release on this server: `gh` speaks to github.com, if it is not told otherwise.
    pub(super) fn of_server(self, host: &str) -> Answer {
        if host == "github.com" || !self.names_gh() {
            return self;
        }
        self.aside(format!("the commands of `gh` are for `{host}`; before them: export GH_HOST={host}"))
    }

    /// Whether it tells of a command of `gh` that changes something.
    fn names_gh(&self) -> bool {
        let changes = ["gh api ", "gh pr ", "gh release ", "gh repo ", "gh workflow "];
        self.text.iter().any(|text| changes.iter().any(|command| text.contains(command)))
    }

    /// The same for programs.
    pub(super) fn with(mut self, data: &impl Serialize) -> Result<Answer, Problem> {
        self.data = Data::Value(serde_json::to_value(data)?);
        Ok(self)
    }

    /// The same of something large.
    pub(super) fn with_large(mut self, data: &impl Serialize) -> Result<Answer, Problem> {
        self.data = Data::Written(serde_json::to_string_pretty(data)?);
        Ok(self)
    }

    /// What comes next, as commands.
    pub(super) fn next(mut self, commands: impl IntoIterator<Item = String>) -> Answer {
        for command in commands {
            if !self.next.contains(&command) {
                self.next.push(command);
            }
        }
        self
    }

    /// The commands among pieces of advice, as what comes next.
    pub(super) fn advised<'a>(
        self,
        advice: impl IntoIterator<Item = &'a Advice>,
        commands: &Commands,
    ) -> Answer {
        self.next(actions(advice, commands))
    }

    /// The same that ends with another code.
    pub(super) fn ending(mut self, exit: Exit) -> Answer {
        self.exit = exit;
        self
    }

    /// The exit code it leads to.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it in the form that was asked for.
    pub(super) fn print(&self) {
        if terminal::is_for_programs() {
            terminal::out(self.for_programs());
        } else {
            for text in &self.text {
                if self.is_prose { terminal::out(terminal::fitted(text)) } else { terminal::out(text) }
            }
        }
        self.asides.iter().for_each(terminal::note);
    }

    fn for_programs(&self) -> String {
        match &self.data {
            // Words that have no data beside them are the result.
            Data::Value(Value::Null) => {
                form(self.exit, &json!(self.text.join("\n")), &Value::Null, &self.next)
            }
            Data::Value(result) => form(self.exit, result, &Value::Null, &self.next),
            Data::Written(result) => {
                let around = form(self.exit, &Value::Null, &Value::Null, &self.next);
                // What was written holds no line breaks but those between its parts.
                around.replacen("null", &result.replace('\n', "\n  "), 1)
            }
        }
    }
}

/// The commands among pieces of advice.
fn actions<'a>(advice: impl IntoIterator<Item = &'a Advice>, commands: &Commands) -> Vec<String> {
    advice
        .into_iter()
        .filter_map(|advice| advice.action.as_ref())
        .map(|action| commands.word(action))
        .collect()
}

/// Prints why a command did not do what was asked, in the form that was asked for.
pub(super) fn print_problem(problem: &Problem, commands: &Commands) {
    if terminal::is_for_programs() {
        let next = actions(problem.advice(), commands);
        let result = problem.so_far().map_or(Value::Null, |so_far| so_far.data.clone());
        terminal::out(form(problem.exit(), &result, &problem.for_programs(commands), &next));
    } else {
        problem.so_far().into_iter().for_each(|so_far| terminal::out(&so_far.text));
        problem.lines(commands).iter().for_each(terminal::complain);
    }
}

/// The one form of every answer: the exit code, the result or the error, and the commands that come next.
#[derive(Serialize)]
struct Form<'a> {
    exit: u8,
    result: &'a Value,
    error: &'a Value,
    next: &'a [String],
}

fn form(exit: Exit, result: &Value, error: &Value, next: &[String]) -> String {
    let whole = Form { exit: exit.code(), result, error, next };
    // Values and words are text in any case.
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next_action::NextAction;

    #[test]
    fn commands_of_gh_are_marked_in_a_rehearsal() {
        let asides = |text: &str| Answer::done(text).of_rehearsal().asides.len();
        assert_eq!(asides("undo:\n  gh pr close 1 --repo acme/pump"), 1);
        assert_eq!(asides("log in with `gh auth login`"), 0);
        let of_server = |host: &str| Answer::done("gh pr close 1 --repo acme/pump").of_server(host).asides;
        assert!(of_server("github.com").is_empty());
        assert!(of_server("git.acme.example")[0].ends_with("export GH_HOST=git.acme.example"));
    }

    #[test]
    fn answers_and_errors_have_one_form() {
        let answer =
            Answer::new(Exit::Waiting, "it waits").next(["lockgate resume".into(), "lockgate resume".into()]);
        let told: Value = serde_json::from_str(&answer.for_programs()).unwrap();
        assert_eq!(
            told,
            json!({ "exit": 10, "result": "it waits", "error": null, "next": ["lockgate resume"] })
        );

        let data = json!({ "steps": [{ "name": "a\nb" }, null], "none": [] });
        let [small, large] = [Answer::nothing().with(&data), Answer::nothing().with_large(&data)]
            .map(|one| one.unwrap().next(["x".into()]));
        assert_eq!(large.for_programs(), small.for_programs(), "to the byte");

        let commands = Commands::at("OUT");
        let problem = Problem::input("started already", Advice::then("to continue it", NextAction::Resume));
        assert_eq!(
            problem.for_programs(&commands),
            json!({
                "message": "started already",
                "hint": "to continue it: `lockgate resume --dir OUT`",
                "place": null
            })
        );
        assert_eq!(actions(problem.advice(), &commands), ["lockgate resume --dir OUT"]);
    }
}
