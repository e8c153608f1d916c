//! `debian/changelog`, as Debian Policy 4.4 describes it: the newest entry is the first.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::error::NotesError;
use super::text::newline_above;
use super::values::Telling;

static HEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^(?<package>[a-z0-9][a-z0-9+.-]*) \((?:(?<epoch>\d+):)?(?<version>[^)\s]+)\) (?<suite>[^;\r\n]+);(?<keys>[^\r\n]*)\r?$",
    )
    .ok()
});

/// The suite of what is not released yet.
const UNRELEASED: &str = "UNRELEASED";

/// Whether a file is one, by its name.
pub(super) fn is_one(path: &str) -> bool {
    path == "debian/changelog" || path.ends_with("/debian/changelog")
}

impl Telling<'_> {
    pub(super) fn debian(&self, text: &str) -> Result<Option<String>, NotesError> {
        let unread =
            || self.uncertain("no line has the form `package (version) suite; urgency=…`".to_owned());
        let heads: Vec<regex::Captures<'_>> = HEAD.iter().flat_map(|head| head.captures_iter(text)).collect();
        let start =
            |at: usize| heads.get(at).and_then(|head| head.get(0)).map_or(text.len(), |head| head.start());
        let own = heads.iter().position(|head| upstream(&head["version"]).0 == self.version.as_str());
        let Some(own) = own else { return self.debian_block(text, heads.first().ok_or_else(unread)?) };
        let block = start(own)..start(own + 1);
        let blocks = self.missing_from(&text[block.clone()].lines().map(str::trim).collect::<Vec<_>>())?;
        if blocks.is_empty() {
            return Ok(None);
        }
        let newline = newline_above("", text);
        let signed = block.start + text[block.clone()].find("\n -- ").ok_or_else(unread)?;
        let last = block.start + text[block.start..signed].trim_end().len();
        let list = indented(&blocks).join(newline);
        let suite = heads[own + 1..].iter().map(|older| &older["suite"]).find(|suite| *suite != UNRELEASED);
        let (above, below) = match (heads[own].name("suite"), suite) {
            (Some(own), Some(suite)) if own.as_str() == UNRELEASED && self.date.is_some() => {
                let above = format!("{}{suite}{}", &text[..own.start()], &text[own.end()..last]);
                (above, format!("{}{}", &text[last..=signed], self.signed_anew(&text[signed + 1..])))
            }
            _ => (text[..last].to_owned(), text[last..].to_owned()),
        };
        Ok(Some(format!("{above}{newline}{list}{below}")))
    }

    /// The text, which begins with who signed an entry and when, with the day of the release there, as `dch --release` does it.
    fn signed_anew(&self, text: &str) -> String {
        let end = text.find(['\r', '\n']).unwrap_or(text.len());
        let signed = text[..end].trim_start_matches(" -- ").split("  ").next().unwrap_or_default();
        let who = self.rule.maintainer.as_deref().unwrap_or(signed);
        self.date.map_or_else(|| text.to_owned(), |date| format!("{}{}", signature(who, date), &text[end..]))
    }

    /// A new block, above all others.
    fn debian_block(&self, text: &str, top: &regex::Captures<'_>) -> Result<Option<String>, NotesError> {
        let (upstream, revision) = upstream(&top["version"]);
        let read = self.version.scheme().parse(upstream);
        let newest = read.as_ref().is_ok_and(|top| top > self.version);
        // `1.2.3+dfsg` says what was taken out: what that of the next release is called, its maintainer knows.
        let repacked = upstream.contains('+');
        let plain = revision.is_none_or(|revision| revision.bytes().all(|byte| byte.is_ascii_digit()));
        let heading = match &self.rule.heading {
            Some(heading) => self.line(heading, self.previous)?,
            None if newest || repacked || !plain || &top["suite"] == UNRELEASED => {
                return Err(self.uncertain(format!(
                    "the newest entry is `{}`, from which that of another release does not follow; say it with \
                     `heading`, such as `{} ({{version}}-1) unstable; urgency=high`",
                    &top[0], &top["package"]
                )));
            }
            None => {
                let epoch = top.name("epoch").map_or(String::new(), |epoch| format!("{}:", epoch.as_str()));
                let revision = revision.map_or("", |_| "-1");
                let (package, suite) = (&top["package"], &top["suite"]);
                format!("{package} ({epoch}{}{revision}) {suite};{}", self.version, &top["keys"])
            }
        };
        let (Some(who), Some(date)) = (&self.rule.maintainer, self.date) else {
            return Err(self.uncertain(
                "an entry is signed; say by whom with `maintainer = \"Name <mail>\"` in the notes of the catalog".to_owned(),
            ));
        };
        let mut lines = vec![heading, String::new()];
        lines.extend(indented(&self.missing_from(&[])?));
        lines.extend([String::new(), signature(who, date), String::new(), String::new()]);
        Ok(Some(format!("{}{text}", lines.join(newline_above("", text)))))
    }
}

/// The version of what is packaged, and the revision of the package.
fn upstream(version: &str) -> (&str, Option<&str>) {
    version.rsplit_once('-').map_or((version, None), |(upstream, revision)| (upstream, Some(revision)))
}

/// Who releases, and when.
fn signature(who: &str, date: Date) -> String {
    format!(" -- {who}  {}", date.strftime("%a, %d %b %Y 00:00:00 +0000"))
}

/// Entries as they stand in a block: two blanks before each, which the rule may have already.
fn indented(blocks: &[Vec<String>]) -> Vec<String> {
    let indented = |block: &Vec<String>| {
        let before = if block.first().is_some_and(|line| line.starts_with("  ")) { "" } else { "  " };
        block.iter().map(|line| format!("{before}{line}")).collect::<Vec<_>>()
    };
    blocks.iter().flat_map(indented).collect()
}
