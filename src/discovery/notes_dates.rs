//! The date in a heading of release notes, and how it is written.

use jiff::civil::Date;
use jiff::fmt::strtime;
use regex::Regex;

/// How dates are written, and an expression for each.
const FORMS: [(&str, &str); 9] = [
    ("%Y-%m-%d", r"\b\d{4}-\d{2}-\d{2}\b"),
    ("%Y/%m/%d", r"\b\d{4}/\d{2}/\d{2}\b"),
    ("%Y.%m.%d", r"\b\d{4}\.\d{2}\.\d{2}\b"),
    ("%B %d, %Y", r"\b[A-Z][a-z]{3,8} \d{2}, \d{4}\b"),
    ("%B %-d, %Y", r"\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b"),
    ("%b %-d, %Y", r"\b[A-Z][a-z]{2} \d{1,2}, \d{4}\b"),
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

/// The text with `{date}` for its date, and how that is written.
pub(super) fn with_date(text: &str) -> (String, Option<DateForm>) {
    for (format, pattern) in FORMS {
        let Some(found) = Regex::new(pattern).ok().and_then(|pattern| pattern.find(text)) else { continue };
        let is_date =
            strtime::parse(format.replace("%-", "%"), found.as_str()).and_then(|parsed| parsed.to_date());
        if is_date.is_ok_and(|date: Date| date.year() > 1980) {
            return (text.replace(found.as_str(), "{date}"), Some(DateForm { format, is_exact: true }));
        }
    }
    let other = Regex::new(r"\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b");
    let near = DateForm { format: "%B %-d, %Y", is_exact: false };
    match other.ok().and_then(|pattern| pattern.find(text)) {
        Some(found) => (text.replace(found.as_str(), "{date}"), Some(near)),
        None => (text.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headings_are_found_in_the_forms_that_projects_use() {
        for (text, with, form) in [
            ("## [1.2.3] - 2026-01-07", "## [1.2.3] - {date}", Some(("%Y-%m-%d", true))),
            ("1.2.3 / 2026/01/07", "1.2.3 / {date}", Some(("%Y/%m/%d", true))),
            ("### 1.2 (January 7, 2026)", "### 1.2 ({date})", Some(("%B %-d, %Y", true))),
            ("### 1.2 (January 07, 2026)", "### 1.2 ({date})", Some(("%B %d, %Y", true))),
            ("## 1.2, 7 January 2026", "## 1.2, {date}", Some(("%-d %B %Y", true))),
            ("2.18.4 (07-Jan-2026)", "2.18.4 ({date})", Some(("%d-%b-%Y", true))),
            ("# 1.2 (July 20th, 2026)", "# 1.2 ({date})", Some(("%B %-d, %Y", false))),
            ("## 1.2", "## 1.2", None),
        ] {
            let (found, written) = with_date(text);
            let written = written.map(|form| (form.format, form.is_exact));
            assert_eq!((found.as_str(), written), (with, form), "{text}");
        }
    }
}
