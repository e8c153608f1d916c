//! The report as one file to keep: what became of everything, the plan's picture, times, texts, evidence and people. It
//! names no other file and loads nothing.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, HtmlEscape, UndefinedBehavior, Value};
use serde::Serialize;

use super::data::Report;
use super::history::{History, Weight};
use crate::plan::{Format, Grouping, Plan, RenderError, render};
use crate::run::{StampedEvent, State};
use crate::steps::{ComingText, coming_texts};

const HTML: &str = include_str!("document/report.html");
const MARKDOWN: &str = include_str!("document/report.md");

/// A form of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentForm {
    /// A page for a browser, with the picture inside.
    Html,
    /// For an issue, a wiki or a post-mortem, with the plan as a Mermaid drawing.
    Markdown,
}

/// Why the document cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The plan cannot be drawn.
    #[error(transparent)]
    Plan(#[from] RenderError),
    /// A template of ours is wrong.
    #[error("failed to fill in the report's template")]
    Template(#[from] minijinja::Error),
}

/// What the templates know.
#[derive(Serialize)]
struct Facts {
    report: Report,
    picture: String,
    texts: Vec<Text>,
    history: Vec<Line>,
}

/// A text that was approved.
#[derive(Serialize)]
struct Text {
    kind: &'static str,
    of: String,
    text: String,
}

impl From<ComingText> for Text {
    fn from(coming: ComingText) -> Text {
        Text { kind: coming.kind.noun(), of: coming.of, text: coming.text }
    }
}

/// Something that happened.
#[derive(Serialize)]
struct Line {
    number: u64,
    at: String,
    what: String,
}

/// The document about a run so far.
///
/// # Errors
/// When the plan cannot be drawn.
pub fn document(plan: &Plan, events: &[StampedEvent], form: DocumentForm) -> Result<String, DocumentError> {
    let state = State::fold(events);
    let (template, picture) = match form {
        DocumentForm::Html => (HTML, render(plan, Format::Svg)?),
        DocumentForm::Markdown => (MARKDOWN, render(plan, Format::Mermaid(Grouping::Phase))?),
    };
    let facts = Facts {
        report: Report::from(plan, events),
        picture,
        // A text that cannot be put together yet is no part of what happened.
        texts: coming_texts(plan, &state.facts).unwrap_or_default().into_iter().map(Text::from).collect(),
        history: history(events),
    };
    Ok(environment(form)?.render_str(template, Value::from(Serde(&facts)))?)
}

fn history(events: &[StampedEvent]) -> Vec<Line> {
    let mut history = History::default();
    let entries = events.iter().map(|stamped| history.entry(stamped));
    let lasting = entries.filter(|entry| matches!(entry.weight, Weight::Usual | Weight::Lasting));
    lasting
        .map(|entry| Line { number: entry.number, at: format!("{:.0}", entry.at), what: entry.what })
        .collect()
}

fn environment(form: DocumentForm) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(move |_| match form {
        DocumentForm::Html => AutoEscape::Html,
        DocumentForm::Markdown => AutoEscape::None,
    });
    environment.add_filter("word", word);
    environment.add_filter("fenced", fenced);
    environment.add_filter("page", page);
    environment.add_filter("address", address);
    Ok(environment)
}

/// Text within a line of Markdown: nothing in it is markup, and it stays in its line.
fn word(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => safe.push(' '),
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '&' => safe += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ => safe.push(letter),
        }
    }
    safe
}

/// A link to a page of the web, called after the end of its address.
fn page(url: &str) -> Value {
    let mut parts = url.trim_end_matches('/').rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(number), Some("pull")) => link(url, &format!("#{number}")),
        (Some(name), _) => link(url, name),
        (None, _) => address(url),
    }
}

/// A link that is called after all of its address.
fn address(url: &str) -> Value {
    link(url, url)
}

/// A link; what is no address of the web stays text.
fn link(url: &str, name: &str) -> Value {
    let is_of_the_web = url.starts_with("https://") || url.starts_with("http://");
    Value::from_safe_string(if is_of_the_web {
        format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", HtmlEscape(url), HtmlEscape(name))
    } else {
        HtmlEscape(url).to_string()
    })
}

/// Text as it is, within a fence that is longer than any in it.
fn fenced(text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::Event;
    use crate::steps::{Decision, Output};

    const EVIL: &str = "</pre><script>alert(1)</script> ``` | [x](javascript:y) & \"q\" '";

    /// The demo with words in it that try to get out, half way.
    fn begun(plan: &mut Plan) -> Vec<StampedEvent> {
        plan.inputs.release.title = EVIL.to_owned();
        for advisory in &mut plan.inputs.release.advisories {
            advisory.summary = EVIL.to_owned();
            advisory.description = format!("```\n{EVIL}\n```");
        }
        let step = plan.steps().next().unwrap().name.clone();
        let by = || "mara".parse().unwrap();
        let events = [
            Event::Started {
                operator: EVIL.to_owned(),
                plan: plan.digest().unwrap(),
                version: "0.1.0".into(),
                seat: None,
            },
            Event::Done {
                step: step.clone(),
                how: crate::run::Completion::Acted,
                output: Output::Note(EVIL.to_owned()),
            },
            Event::Decided { step, decision: Decision::Waived { reason: EVIL.to_owned() }, by: by() },
        ];
        let at = "2026-03-02T09:00:00Z".parse().unwrap();
        (1..).zip(events).map(|(number, record)| StampedEvent { number, at, record }).collect()
    }

    #[test]
    fn page_is_whole_and_nothing_in_it_is_markup_but_ours() {
        let mut plan = demo_plan("github");
        let events = begun(&mut plan);
        let page = document(&plan, &events, DocumentForm::Html).unwrap();
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)"));
        for outside in ["<link", " src=", "@import", "url("] {
            assert!(!page.contains(outside), "it loads something: {outside}");
        }
        // A page of which every element is closed in its place can be read as XML.
        let mut reader = quick_xml::Reader::from_str(page.strip_prefix("<!DOCTYPE html>").unwrap());
        let mut elements = std::collections::BTreeMap::new();
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(start) | quick_xml::events::Event::Empty(start) => {
                    *elements.entry(start.name().as_ref().to_owned()).or_insert(0) += 1;
                }
                _ => {}
            }
        }
        assert_eq!(elements.get("svg"), Some(&1), "{elements:?}");
        assert_eq!(elements.get("html"), Some(&1), "{elements:?}");
        for part in ["Advisories", "Targets", "People", "Texts", "What happened", "mara"] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn a_link_leads_to_a_page_of_the_web_and_nowhere_else() {
        let told = |url: &str| page(url).to_string().replace("&#x2f;", "/");
        assert_eq!(
            told("https://github.com/acme/pump/pull/6"),
            "<a href=\"https://github.com/acme/pump/pull/6\" rel=\"noreferrer\">#6</a>"
        );
        assert_eq!(told("javascript:alert(1)"), "javascript:alert(1)");
        let quoted = told("https://github.com/a\" onclick=\"b");
        assert!(!quoted.contains("\" onclick"), "{quoted}");
    }

    #[test]
    fn markdown_keeps_texts_in_their_fences() {
        let mut plan = demo_plan("github");
        let events = begun(&mut plan);
        let page = document(&plan, &events, DocumentForm::Markdown).unwrap();
        assert!(page.contains("```mermaid\nflowchart LR\n"), "{page}");
        // Outside of fences nothing is markup.
        let mut fence: Option<String> = None;
        for line in page.lines() {
            let ticks: String = line.chars().take_while(|letter| *letter == '`').collect();
            match &fence {
                None if ticks.len() >= 3 => fence = Some(ticks),
                Some(open) if ticks == *open && line == ticks => fence = None,
                None => assert!(!line.contains("<script") && !line.contains("[x]("), "{line}"),
                Some(_) => {}
            }
        }
        assert_eq!(fence, None, "every fence is closed");
        assert_eq!(fenced("a\n```\nb\n````"), "`````text\na\n```\nb\n````\n`````");
    }
}
