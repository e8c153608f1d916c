//! The date in a heading of release notes, and how it is written.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::fmt::strtime;
use regex::Regex;

/// How dates are written, and an expression for each.
const FORMS: [(&str, &str); 17] = [
    ("%a %B %-d %Y", r"\b[A-Z][a-z]{2} [A-Z][a-z]{2,8} \d{1,2} \d{4}\b"),
    ("%a %b %-d %Y", r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{4}\b"),
    ("%a, %-d %b %Y", r"\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4}\b"),
    ("%a %d %b %Y", r"\b[A-Z][a-z]{2} \d{2} [A-Z][a-z]{2} \d{4}\b"),
    ("%a %-d %b %Y", r"\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}\b"),
    ("%Y-%m-%d", r"\b\d{4}-\d{2}-\d{2}\b"),
    ("%Y/%m/%d", r"\b\d{4}/\d{2}/\d{2}\b"),
    ("%Y.%m.%d", r"\b\d{4}\.\d{2}\.\d{2}\b"),
    ("%B %d, %Y", r"\b[A-Z][a-z]{3,8} \d{2}, \d{4}\b"),
    ("%B %-d, %Y", r"\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b"),
    ("%b %-d, %Y", r"\b[A-Z][a-z]{2} \d{1,2}, \d{4}\b"),
    ("%b %d, %Y", r"\b[A-Z][a-z]{2} \d{2}, \d{4}\b"),
    ("%B %-d %Y", r"\b[A-Z][a-z]{2,8} \d{1,2} \d{4}\b"),
    ("%B %d %Y", r"\b[A-Z][a-z]{2,8} \d{2} \d{4}\b"),
    ("%-d %B %Y", r"\b\d{1,2} [A-Z][a-z]{3,8} \d{4}\b"),
    ("%d-%b-%Y", r"\b\d{2}-[A-Z][a-z]{2}-\d{4}\b"),
    ("%d %b %Y", r"\b\d{2} [A-Z][a-z]{2} \d{4}\b"),
];

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateForm {
    /// As `strftime` has it.
    pub(super) format: &'static str,
    /// Whether the file writes it so; `July 20th, 2026` has no form.
    pub(super) is_exact: bool,
}

/// The expressions of these forms, and behind them that of a date in another one; made once, since a file has many lines.
static EXPRESSIONS: LazyLock<Vec<(Option<&str>, Regex)>> = LazyLock::new(|| {
    let other = (None, r"\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b");
    let forms = FORMS.iter().map(|(format, pattern)| (Some(*format), *pattern)).chain([other]);
    forms.filter_map(|(format, pattern)| Some((format, Regex::new(pattern).ok()?))).collect()
});

/// A time of day behind a date, with its zone. Whoever writes the notes does not know it yet.
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\{date\}(?<time>,? \d{1,2}:\d{2}(?::\d{2})?(?: ?(?:[A-Z]{1,5}|[+-]\d{2}:?\d{2})\b)?)").ok()
});

/// The text with a date's placeholder without the time of day behind it, and whether there was one.
pub(super) fn without_time(text: &str) -> (String, bool) {
    let found = TIME.as_ref().and_then(|time| time.captures(text)?.name("time"));
    match found {
        Some(time) => (format!("{}{}", &text[..time.start()], &text[time.end()..]), true),
        None => (text.to_owned(), false),
    }
}

/// The text with `{date}` for its date, and that date as it is written.
pub(super) fn with_date(text: &str) -> (String, Option<String>) {
    let date = EXPRESSIONS.iter().find_map(|(format, expression)| {
        let found = expression.find(text)?.as_str();
        let is_date = |format: &str| read(format, found).is_some_and(|date| date.year() > 1980);
        format.is_none_or(is_date).then_some(found)
    });
    match date {
        Some(found) => (text.replace(found, "{date}"), Some(found.to_owned())),
        None => (text.to_owned(), None),
    }
}

fn read(format: &str, text: &str) -> Option<Date> {
    strtime::parse(format.replace("%-", "%"), text).and_then(|parsed| parsed.to_date()).ok()
}

/// The form in which most of these dates are written, and whether it is that of all; `None` where there are none.
pub(super) fn form_of(dates: &[&str]) -> Option<DateForm> {
    if dates.is_empty() {
        return None;
    }
    let written = |format: &str| {
        let is_so =
            |text: &&&str| read(format, text).is_some_and(|date| date.strftime(format).to_string() == **text);
        dates.iter().filter(is_so).count()
    };
    // Of two that fit as many, the first one.
    let (format, fitting) = FORMS
        .iter()
        .map(|(format, _)| (*format, written(format)))
        .rev()
        .max_by_key(|(_, fitting)| *fitting)?;
    let format = if fitting == 0 { "%B %-d, %Y" } else { format };
    Some(DateForm { format, is_exact: fitting == dates.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headings_are_found_in_the_forms_that_projects_use() {
        for (text, with, wanted) in [
            ("## [1.2.3] - 2026-01-07", "## [1.2.3] - {date}", Some(("%Y-%m-%d", true))),
            ("1.2.3 / 2026/01/07", "1.2.3 / {date}", Some(("%Y/%m/%d", true))),
            ("### 1.2 (January 7, 2026)", "### 1.2 ({date})", Some(("%B %-d, %Y", true))),
            ("### 1.2 (January 07, 2026)", "### 1.2 ({date})", Some(("%B %d, %Y", true))),
            ("## 1.2, 7 January 2026", "## 1.2, {date}", Some(("%-d %B %Y", true))),
            ("2.18.4 (07-Jan-2026)", "2.18.4 ({date})", Some(("%d-%b-%Y", true))),
            ("Jan 07, 2026: lock 1.2", "{date}: lock 1.2", Some(("%b %d, %Y", true))),
            ("Release 1.2 Wed January 7 2026", "Release 1.2 {date}", Some(("%a %B %-d %Y", true))),
            ("# 1.2 (July 20th, 2026)", "# 1.2 ({date})", Some(("%B %-d, %Y", false))),
            ("## 1.2", "## 1.2", None),
        ] {
            let (found, date) = with_date(text);
            let form = form_of(date.as_deref().as_slice()).map(|form| (form.format, form.is_exact));
            assert_eq!((found.as_str(), form), (with, wanted), "{text}");
        }
    }

    #[test]
    fn time_of_day_is_left_out_with_its_zone_and_the_day_of_the_week_is_not() {
        for (text, with, format) in [
            (
                "Redis 7.4.1    Released Wed 02 Oct 2024 20:17:04 IDT",
                "Redis 7.4.1    Released {date}",
                "%a %d %b %Y",
            ),
            ("1.2 (2026-01-07 10:00)", "1.2 ({date})", "%Y-%m-%d"),
            ("1.2, 2026-01-07 10:00:00 +0200: x", "1.2, {date}: x", "%Y-%m-%d"),
        ] {
            let (dated, date) = with_date(text);
            assert_eq!(without_time(&dated), (with.to_owned(), true), "{text}");
            let form = form_of(&[date.unwrap().as_str()]).unwrap();
            assert_eq!((form.format, form.is_exact), (format, true), "{text}");
        }
        assert_eq!(without_time("1.2 ({date}) 10 fixes"), ("1.2 ({date}) 10 fixes".to_owned(), false));
    }

    #[test]
    fn form_is_the_one_that_all_dates_have() {
        let form = |dates: &[&str]| form_of(dates).map(|form| (form.format, form.is_exact));
        assert_eq!(form(&["May 20, 2025", "Mar 30, 2025", "Apr 08, 2024"]), Some(("%b %d, %Y", true)));
        assert_eq!(form(&["May 20, 2025", "June 3, 2025"]), Some(("%B %-d, %Y", true)));
        assert_eq!(form(&["May 20, 2025", "2026-01-07", "June 3, 2025"]), Some(("%B %-d, %Y", false)));
        assert_eq!(form(&[]), None);
    }
}
