//! Fragments that a release collects: each becomes an entry in the section of its type, and is deleted.

use super::error::NotesError;
use super::markup::run_of;
use super::neighbours::bullet;
use super::noted::{NoteEntry, Whose};
use super::rule::{FragmentType, MissingFile, NotesCollection, NotesRule};
use super::values::Telling;
use crate::version::files::{FileChange, TextFile, TreeReader, open};

/// A fragment, read from its name and its text.
#[derive(Clone)]
struct Fragment {
    /// The issue to which it belongs, if any; several where fragments say the same.
    issues: Vec<String>,
    kind: String,
    text: String,
}

impl NotesRule {
    /// The fragments that a release takes up: once its notes are written, they are deleted.
    #[must_use]
    pub fn taken_up(&self, files: &dyn TreeReader) -> Vec<String> {
        let Some(how) = &self.collect else { return Vec::new() };
        let mut paths = files.list(&how.fragments);
        paths.retain(|path| how.parts(path).is_some());
        paths.sort();
        paths
    }
}

impl NotesRule {
    /// Why the fragments of advisories could not be collected, if they could not.
    #[must_use]
    pub fn wrong_collection(&self) -> Option<String> {
        let how = self.collect.as_ref()?;
        let file = self.file.as_str();
        let kind = how.parts(file).map(|(_, kind)| kind);
        if self.heading.is_none() {
            return Some(
                "`collect` makes a section of each release, and no `heading` says how it begins".to_owned(),
            );
        }
        match kind.filter(|_| self.is_by_advisory()) {
            None => Some(format!("`{file}` is no fragment of an advisory that could be collected")),
            Some(kind) if how.types.iter().any(|known| known.name == kind) => None,
            Some(kind) => Some(format!("`{file}` is of the type `{kind}`, which has no section")),
        }
    }
}

impl NotesCollection {
    /// Issue and type of a fragment of this name, as in `123.bugfix.rst`, `+limit.security.rst` and `123.bugfix.1.rst`; `None` for
    /// other files, such as an explanation.
    fn parts(&self, path: &str) -> Option<(String, String)> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut parts = name.split('.');
        let (issue, kind) = (parts.next()?, parts.next()?);
        let is_fragment = !issue.is_empty() && parts.next().is_some();
        let issue = if issue.starts_with('+') { "" } else { issue };
        is_fragment.then(|| (issue.to_owned(), kind.to_owned()))
    }

    /// Whether a file is a fragment, by its name.
    pub(super) fn is_one(&self, path: &str) -> bool {
        self.parts(path).is_some()
    }

    /// The heading of a type, with the line under it that the file has under those of other types.
    fn section(&self, kind: &FragmentType, text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let is_one = |line: &str| self.types.iter().any(|known| known.section == line.trim());
        let mark = lines.windows(2).find_map(|pair| run_of(pair[1]).filter(|_| is_one(pair[0])));
        let under = mark.map(|mark| format!("\n{}", mark.to_string().repeat(kind.section.chars().count())));
        format!("{}{}", kind.section, under.unwrap_or_default())
    }

    /// A fragment as an entry of the list; the lines of its text are below each other, as towncrier has them.
    fn entry(&self, fragment: &Fragment) -> Vec<String> {
        let template = self.entry.as_deref().unwrap_or("- {text}");
        let template = match &*fragment.issues {
            [] => without_issue(template),
            issues => with_issues(template, issues),
        };
        let below = format!("\n{}", " ".repeat(width_of_mark(&template).unwrap_or(2)));
        let text = fragment.text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join(&below);
        let filled = template.replace("{text}", &text);
        filled.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// How wide the mark of a list is, with the spaces around it.
fn width_of_mark(template: &str) -> Option<usize> {
    let before = bullet(template)?.len() + 1;
    let rest = &template[before..];
    Some(before + rest.len() - rest.trim_start_matches(' ').len())
}

/// The template with these issues. What is said of one, within brackets or in a word, is said of each, with commas between.
fn with_issues(template: &str, issues: &[String]) -> String {
    let Some(at) = template.find("{issue}") else { return template.to_owned() };
    let last = template.rfind("{issue}").unwrap_or(at) + "{issue}".len();
    let open = template[..at].rfind('(');
    let close = open.and_then(|open| closing(template, open)).filter(|close| *close >= last);
    let (start, end) = open.zip(close).map_or_else(
        || {
            let start = template[..at].rfind(char::is_whitespace).map_or(0, |at| at + 1);
            let rest = template[last..].split(char::is_whitespace).next().unwrap_or_default();
            (start, last + rest.trim_end_matches(['.', ',']).len())
        },
        |(open, close)| (open + 1, close),
    );
    let each: Vec<String> =
        issues.iter().map(|issue| template[start..end].replace("{issue}", issue)).collect();
    format!("{}{}{}", &template[..start], each.join(", "), &template[end..])
}

/// Where the bracket that opens here is closed.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    text[open..].char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(open + at)
    })
}

/// The template for a fragment that belongs to no issue: what stands in brackets about it goes, too, or the paragraph that tells
/// nothing else.
fn without_issue(template: &str) -> String {
    let Some(at) = template.find("{issue}") else { return template.to_owned() };
    let (open, close) = (template[..at].rfind('('), template[at..].find(')'));
    if let (Some(open), Some(close)) = (open, close) {
        return format!("{}{}", template[..open].trim_end(), &template[at + close + 1..]);
    }
    let tells = |paragraph: &&str| !paragraph.contains("{issue}") || paragraph.contains("{text}");
    let told: Vec<&str> = template.split("\n\n").filter(tells).collect();
    told.join("\n\n").replace("{issue}", "").trim_end().to_owned()
}

impl Fragment {
    /// In which order towncrier has fragments: by issue, those without a number first and those that are one last; then those
    /// that belong to no issue, by their texts.
    fn place(&self) -> (&str, bool, bool, String, u128) {
        let issue = self.issues.first().map_or("", String::as_str);
        let text = if issue.is_empty() { self.text.trim() } else { "" };
        let digits = |from: &str| from.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from.len());
        let start = issue.find(|letter: char| letter.is_ascii_digit()).unwrap_or(issue.len());
        let (before, rest) = issue.split_at(start);
        let (number, after) = rest.split_at(digits(rest));
        let others = format!("{before}{after}");
        let is_number = !number.is_empty() && others.is_empty();
        (text, is_number, !number.is_empty(), others, number.parse().unwrap_or_default())
    }
}

/// Fragments in their order, those that say the same as one: an entry of all their issues, as towncrier has it.
fn said_once(fragments: Vec<&Fragment>) -> Vec<Fragment> {
    let mut once: Vec<Fragment> = Vec::new();
    for fragment in fragments {
        match once.iter_mut().find(|other| other.text.trim() == fragment.text.trim()) {
            Some(other) => other.issues.extend(fragment.issues.iter().cloned()),
            None => once.push(fragment.clone()),
        }
    }
    once
}

impl Telling<'_> {
    /// The news file with what the fragments say, those of the advisories among them.
    pub(super) fn collect(
        &self,
        files: &dyn TreeReader,
        how: &NotesCollection,
    ) -> Result<Option<FileChange>, NotesError> {
        let file = match open(files, &how.into)? {
            Some(file) => file,
            None if self.rule.missing == MissingFile::Create => TextFile::new(&how.into),
            None => return Err(NotesError::Missing { file: how.into.clone() }),
        };
        let fragments = self.fragments(files, how)?;
        let mut text = file.text.clone();
        for kind in &how.types {
            let mut of_kind: Vec<&Fragment> =
                fragments.iter().filter(|fragment| fragment.kind == kind.name).collect();
            of_kind.sort_by_key(|fragment| fragment.place());
            let blocks: Vec<Vec<String>> = said_once(of_kind).iter().map(|one| how.entry(one)).collect();
            let rule = NotesRule { section: Some(how.section(kind, &file.text)), ..self.rule.clone() };
            let telling = Telling { rule: &rule, file: how.into.clone(), ..self.clone() };
            text = telling.insert_all(&text, &blocks)?.unwrap_or(text);
        }
        let changed = text != file.text;
        changed.then(|| file.with(text)).transpose().map_err(NotesError::from)
    }

    /// Every fragment, in the order of their names: those in the tree, and one for each advisory that has none there. What waits
    /// in the tree is told of the branch's own release only.
    fn fragments(&self, files: &dyn TreeReader, how: &NotesCollection) -> Result<Vec<Fragment>, NotesError> {
        let mut found: Vec<(String, String)> = Vec::new();
        let waiting = if self.whose == Whose::Own { self.rule.taken_up(files) } else { Vec::new() };
        for path in waiting {
            let text = open(files, &path)?.map(|file| file.text).unwrap_or_default();
            found.push((path, text));
        }
        let says_itself = |entry: &&NoteEntry| self.whose == Whose::Own && !entry.own.files.is_empty();
        for entry in self.entries.iter().filter(|entry| !says_itself(entry)) {
            let path = self.about(&self.rule.file, entry)?;
            let is_there = |(known, text): &(String, String)| *known == path || entry.is_named_in(text);
            if !found.iter().any(is_there) {
                found.push((path, self.entry(entry)?.join("\n")));
            }
        }
        found.sort();
        let read = found.into_iter().filter_map(|(path, text)| {
            let (issue, kind) = how.parts(&path)?;
            let is_known = how.types.iter().any(|known| known.name == kind);
            let unknown = NotesError::Fragment { file: path, kind: kind.clone() };
            let issues = Some(issue).filter(|issue| !issue.is_empty()).into_iter().collect();
            Some(if is_known { Ok(Fragment { issues, kind, text }) } else { Err(unknown) })
        });
        read.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::Scheme;
    use crate::version::{NoteEntry, NotedRelease, OwnWords};

    const RULE: &str = r#"
file = "changes/{ghsa}.security.rst"
entry = "{summary}."
heading = "{version} ({date})"
[collect]
into = "CHANGES.rst"
fragments = "changes/*.rst"
entry = "- {text} ({issue})"
types = [{ name = "security", section = "Security" }, { name = "bugfix", section = "Bugfixes" }]
"#;

    const NEWS: &str =
        "Changes\n=======\n\n1.2.3 (2025-01-07)\n------------------\n\nBugfixes\n~~~~~~~~\n\n- One. (9)\n";

    fn rule() -> NotesRule {
        toml::from_str(RULE).unwrap()
    }

    fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let more = [("CHANGES.rst", NEWS), ("changes/README.rst", "How to write one.\n")];
        more.iter().chain(files).map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    fn written(files: &BTreeMap<String, String>) -> Result<String, String> {
        let entry = NoteEntry {
            summary: "Long input".to_owned(),
            ghsa: "GHSA-vqjp-4c8c-hfgg".parse().unwrap(),
            cve: None,
            url: String::new(),
            severity: None,
            own: OwnWords::default(),
        };
        let version = Scheme::Pep440.parse("1.2.4").unwrap();
        let date = Some("2026-08-20".parse().unwrap());
        let entries = [entry];
        let changes = rule().write(files, &NotedRelease::of(&version, date, &entries));
        let changes = changes.map_err(|error| error.to_string())?;
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["CHANGES.rst"], "no fragment is made of an advisory");
        Ok(changes[0].content.clone())
    }

    #[test]
    fn fragments_become_a_section_by_type_and_are_taken_up() {
        let files = tree(&[
            ("changes/12.bugfix.rst", "A leak is gone,\nfor good.\n"),
            ("changes/+typo.bugfix.rst", "A typo.\n"),
        ]);
        let section = "1.2.4 (2026-08-20)\n------------------\n\nSecurity\n~~~~~~~~\n\n- Long input. (GHSA-vqjp-4c8c-hfgg)\n\nBugfixes\n~~~~~~~~\n\n- A leak is gone,\n  for good. (12)\n- A typo.\n\n";
        let text = written(&files).unwrap();
        assert_eq!(text, NEWS.replace("1.2.3 (2025", &format!("{section}1.2.3 (2025")));
        assert_eq!(rule().taken_up(&files), ["changes/+typo.bugfix.rst", "changes/12.bugfix.rst"]);
        let version = Scheme::Pep440.parse("1.2.4").unwrap();
        let files = tree(&[("CHANGES.rst", text.as_str())]);
        let told = rule().told(&files, &NotedRelease::of(&version, None, &[])).unwrap();
        assert!(told.starts_with("Security\n~~~~~~~~\n\n- Long input."), "{told}");
    }

    #[test]
    fn issues_are_in_the_order_of_their_numbers_and_an_entry_of_several_lines_is_put_as_it_is_written() {
        let several = r#"entry = "- {text}\n\n\n  *Related issues:*\n  :issue:`{issue}`.\n\n\n""#;
        let rule = RULE.replace("entry = \"- {text} ({issue})\"", several);
        let rule: NotesRule = toml::from_str(&rule).unwrap();
        let files = tree(&[
            ("changes/11857.bugfix.rst", "One,\nand more.\n"),
            ("changes/+typo.bugfix.rst", "A typo."),
            ("changes/gh-10.bugfix.rst", "Two."),
            ("changes/gh-4.bugfix.rst", "Three."),
            ("changes/2596.bugfix.rst", "Four."),
        ]);
        let version = Scheme::Pep440.parse("1.2.4").unwrap();
        let date = Some("2026-08-20".parse().unwrap());
        let changes = rule.write(&files, &NotedRelease::of(&version, date, &[])).unwrap();
        let item = |(text, issue): &(&str, &str)| {
            format!("- {text}\n\n\n  *Related issues:*\n  :issue:`{issue}`.\n\n\n")
        };
        let items =
            [("Three.", "gh-4"), ("Two.", "gh-10"), ("Four.", "2596"), ("One,\n  and more.", "11857")];
        let items: String = items.iter().map(item).collect();
        let title = "1.2.4 (2026-08-20)\n------------------\n\nBugfixes\n~~~~~~~~\n\n";
        let section = format!("{title}{items}- A typo.\n\n");
        assert_eq!(changes[0].content, NEWS.replace("1.2.3 (2025", &format!("{section}1.2.3 (2025")));
    }

    #[test]
    fn fragments_that_say_the_same_are_one_entry_of_all_their_issues() {
        let files = tree(&[
            ("changes/13.bugfix.rst", "A leak is gone.\n"),
            ("changes/12.bugfix.rst", "A leak is gone.\n"),
            ("changes/+again.bugfix.rst", "A leak is gone."),
        ]);
        for (template, item) in [
            ("- {text} ({issue})", "- A leak is gone. (12, 13)\n"),
            (
                "- {text} (`#{issue} <https://x/{issue}>`_)",
                "- A leak is gone. (`#12 <https://x/12>`_, `#13 <https://x/13>`_)\n",
            ),
            ("- {text} ([#{issue}](x/{issue}))", "- A leak is gone. ([#12](x/12), [#13](x/13))\n"),
            ("- {text} See :issue:`{issue}`.", "- A leak is gone. See :issue:`12`, :issue:`13`.\n"),
        ] {
            let rule: NotesRule = toml::from_str(&RULE.replace("- {text} ({issue})", template)).unwrap();
            let version = Scheme::Pep440.parse("1.2.4").unwrap();
            let date = Some("2026-08-20".parse().unwrap());
            let changes = rule.write(&files, &NotedRelease::of(&version, date, &[])).unwrap();
            assert!(changes[0].content.contains(&format!("~\n\n{item}\n")), "{}", changes[0].content);
        }
    }

    #[test]
    fn fragments_that_wait_are_none_of_another_lines_release() {
        let files = tree(&[("changes/12.bugfix.rst", "A leak is gone.\n")]);
        let version = Scheme::Pep440.parse("1.1.9").unwrap();
        let date = Some("2026-08-20".parse().unwrap());
        let release = NotedRelease::of(&version, date, &[]);
        assert_eq!(rule().write(&files, &release.of_another_line()).unwrap(), vec![]);
        assert_eq!(rule().write(&files, &release).unwrap().len(), 1);
    }

    #[test]
    fn fragment_that_a_fix_brings_stands_for_its_advisory() {
        let files = tree(&[("changes/GHSA-vqjp-4c8c-hfgg.security.rst", "In words of its own.\n")]);
        let text = written(&files).unwrap();
        assert!(text.contains("- In words of its own. (GHSA-vqjp-4c8c-hfgg)\n"), "{text}");
        assert!(!text.contains("Long input"), "{text}");
    }

    #[test]
    fn collection_without_a_section_for_advisories_or_a_heading_is_wrong() {
        let wrong = |from: &str, to: &str| {
            let rule: NotesRule = toml::from_str(&RULE.replace(from, to)).unwrap();
            rule.wrong_collection()
        };
        assert_eq!(wrong("", ""), None);
        let why = wrong("{ghsa}.security", "{ghsa}.removal").unwrap();
        assert!(why.ends_with("is of the type `removal`, which has no section"), "{why}");
        let why = wrong("{ghsa}.security", "security").unwrap();
        assert!(why.contains("is no fragment of an advisory"), "{why}");
        let why = wrong("heading = \"{version} ({date})\"", "").unwrap();
        assert!(why.contains("no `heading` says how it begins"), "{why}");
    }

    #[test]
    fn fragment_of_a_type_that_has_no_section_is_refused() {
        let refused = written(&tree(&[("changes/12.feature.rst", "New.\n")])).unwrap_err();
        assert!(
            refused.contains(
                "`changes/12.feature.rst` is a fragment of the type `feature`, which has no section"
            ),
            "{refused}"
        );
    }

    /// As aiohttp's template has it: sections are set off by more than the first one from what stands under the heading.
    #[test]
    fn sections_are_as_far_apart_as_those_of_the_release_before() {
        let rule: NotesRule = toml::from_str(
            "file = 'changes/+{ghsa}.bugfix.rst'\nentry = '{summary}.'\nheading = '{version} ({date})'\nreleased = 'Upgrade soon.'\n\
             [collect]\ninto = 'CHANGES.rst'\nfragments = 'changes/*.rst'\nentry = \"- {text}\\n\\n\\n  *Related:* {issue}.\\n\\n\\n\"\n\
             types = [{ name = 'bugfix', section = 'Bug fixes' }, { name = 'feature', section = 'Features' }, { name = 'doc', section = 'Documentation' }]",
        )
        .unwrap();
        let before = "1.2.2 (2026-01-01)\n==================\n\nBug fixes\n---------\n\n- A.\n\n\n  *Related:* 1.\n\n\n\n\nFeatures\n--------\n\n- B.\n\n\n  *Related:* 2.\n\n\n\n\n----\n\n\n1.2.1 (2025-01-01)\n==================\n\nBug fixes\n---------\n\n- C.\n\n\n  *Related:* 0.\n\n\n\n\n----\n\n\n";
        let files: BTreeMap<String, String> = [
            ("CHANGES.rst", before),
            ("changes/7.bugfix.rst", "One.\n"),
            ("changes/8.feature.rst", "Two.\n"),
            ("changes/9.doc.rst", "Three.\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let version = crate::numbering::semver("1.2.3");
        let date = Some(jiff::civil::date(2026, 3, 6));
        let release = crate::version::NotedRelease::of(&version, date, &[]);
        let told = rule.write(&files, &release).unwrap().remove(0).content;
        let fresh = "1.2.3 (2026-03-06)\n==================\n\nUpgrade soon.\n\nBug fixes\n---------\n\n- One.\n\n\n  *Related:* 7.\n\n\n\n\nFeatures\n--------\n\n- Two.\n\n\n  *Related:* 8.\n\n\n\n\nDocumentation\n-------------\n\n- Three.\n\n\n  *Related:* 9.\n\n\n\n\n----\n\n\n";
        assert_eq!(told, format!("{fresh}{before}"));
    }
}
