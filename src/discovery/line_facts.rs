//! What single lines have otherwise than the default branch: tags, places of the version, release notes.

use super::automation::Automation;
use super::fact::Fact;
use super::found_package::FoundPackage;
use super::history::History;
use super::notes::notes;
use super::stated::StatedVersion;
use super::stated_rule::StatedRule;
use super::tags::{ReleasedVersion, TagHabits};
use super::written::NotesKeys;
use crate::git::GitError;
use crate::ids::BranchName;
use crate::numbering::{Scheme, version_at_end, version_in_tag};
use crate::steps::TreeFiles;
use crate::version::TreeReader;

/// What is different on one line; nothing of what it has as all others.
#[derive(Debug)]
pub(super) struct LineFacts {
    pub(super) branch: BranchName,
    pub(super) tag: Option<Fact<String>>,
    /// The workflow that releases it.
    pub(super) dispatch: Option<Fact<String>>,
    pub(super) version: Option<Fact<LineVersion>>,
    /// Its notes; none where it has none, and the repository has.
    pub(super) notes: Option<Fact<Option<NotesKeys>>>,
}

/// Where the version of a line stands, and what it states after a release.
#[derive(Debug)]
pub(super) struct LineVersion {
    pub(super) rules: Vec<StatedRule>,
    pub(super) after_release: Option<String>,
}

/// What the repository has on lines that do not have it otherwise.
pub(super) struct Common<'a> {
    pub(super) name: &'a str,
    pub(super) scheme: Scheme,
    pub(super) tags: &'a TagHabits,
    pub(super) version: &'a StatedVersion,
    pub(super) notes: Option<&'a NotesKeys>,
    pub(super) packages: &'a [FoundPackage],
    /// The workflow whose dispatch releases, if that is how releases start.
    pub(super) dispatched: Option<&'a str>,
    /// Whether releases are made from the default branch.
    pub(super) from_default: bool,
}

/// A line, with what its own tree shows.
struct SeenLine<'a> {
    branch: &'a BranchName,
    files: TreeFiles<'a>,
    newest: &'a ReleasedVersion,
    version: StatedVersion,
}

impl Common<'_> {
    /// Looks at each line, and says what is stated after a release on those that have nothing else.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn lines<'a>(
        &self,
        history: &'a History<'_>,
        lines: impl Iterator<Item = (&'a BranchName, &'a ReleasedVersion)>,
    ) -> Result<(Option<Fact<String>>, Vec<LineFacts>), GitError> {
        let mut seen = Vec::new();
        for (branch, newest) in lines {
            let Some(head) = history.branches.get(branch) else { continue };
            let files = TreeFiles::of(history.store, head)?;
            let version = StatedVersion::of(&files, self.name, self.tags, self.scheme);
            seen.push(SeenLine { branch, files, newest, version });
        }
        let after = self.after_release(&seen);
        let facts = seen.iter().map(|line| self.facts(line, after.as_ref()));
        let facts = facts.filter(LineFacts::is_something).collect();
        Ok((after, facts))
    }

    /// What is stated after a release: as the default branch has it, if releases are made there, else as most lines.
    fn after_release(&self, lines: &[SeenLine<'_>]) -> Option<Fact<String>> {
        if self.from_default || lines.is_empty() {
            return self.version.after_release.clone();
        }
        let stated = lines.iter().filter_map(|line| Some((line, line.version.after_release.as_ref()?)));
        let (line, after) = stated.clone().last()?;
        let because = after.because.replace("the default branch", &format!("`{}`", line.branch));
        (stated.count() * 2 > lines.len()).then(|| Fact::guessed(after.value.clone(), because))
    }

    fn facts(&self, line: &SeenLine<'_>, after: Option<&Fact<String>>) -> LineFacts {
        LineFacts {
            branch: line.branch.clone(),
            tag: self.tag(line),
            dispatch: self.dispatch(line),
            version: self.version(line, after),
            notes: self.notes(line),
        }
    }

    /// The form of its newest tag, where that is not the repository's.
    fn tag(&self, line: &SeenLine<'_>) -> Option<Fact<String>> {
        let newest = Some(line.newest).filter(|newest| !newest.version.is_prerelease())?;
        let tag = &newest.tag.name;
        if version_in_tag(&self.tags.form.value, tag, self.scheme).is_some() {
            return None;
        }
        let (before, _) = version_at_end(tag)?;
        Some(Fact::seen(format!("{before}{{version}}"), format!("its newest tag is `{tag}`")))
    }

    /// The workflow that is called after it, where the repository's is another one.
    fn dispatch(&self, line: &SeenLine<'_>) -> Option<Fact<String>> {
        let common = self.dispatched?;
        let own = Automation::of(&line.files, line.branch, Some(&line.newest.tag.name)).dispatched?;
        let because =
            format!("of the workflows that can be started by hand, `{own}` seems to be the one of this line");
        (own != common).then(|| Fact::guessed(own, because))
    }

    /// Where its version stands, if the repository's rules do not read it, or it states another thing after a release.
    fn version(&self, line: &SeenLine<'_>, after: Option<&Fact<String>>) -> Option<Fact<LineVersion>> {
        let common = &self.version.rules.value;
        let own = &line.version;
        let own_after = own.after_release.as_ref().map(|fact| &fact.value);
        let is_read = self.reads(&line.files, own) && !says_more(&own.rules.value, common);
        if is_read && own_after == after.map(|fact| &fact.value) {
            return None;
        }
        let rules = if is_read { common.clone() } else { self.rules_of(line) };
        let stated = LineVersion { rules, after_release: own_after.cloned() };
        Some(Fact { value: stated, certainty: own.rules.certainty, because: self.because(own) })
    }

    /// The rules of a line: its own, and those of the repository's texts that state the same there.
    fn rules_of(&self, line: &SeenLine<'_>) -> Vec<StatedRule> {
        let own = &line.version;
        let mut rules = own.rules.value.clone();
        let is_same = |rule: &&StatedRule| {
            rule.is_text() && own.stated.is_some() && rule.read(&line.files, self.scheme) == own.stated
        };
        let texts: Vec<StatedRule> = self.version.rules.value.iter().filter(is_same).cloned().collect();
        rules.extend(texts.into_iter().filter(|rule| !own.rules.value.contains(rule)));
        rules
    }

    fn because(&self, own: &StatedVersion) -> String {
        own.rules.because.replace("the default branch", "it")
    }

    /// Whether the repository's rules read what the line states.
    fn reads(&self, files: &dyn TreeReader, own: &StatedVersion) -> bool {
        let common = &self.version.rules.value;
        if common.is_empty() {
            return own.rules.value.is_empty();
        }
        let mut read = common.iter().map(|rule| rule.read(files, self.scheme));
        let stated = own.stated.as_ref();
        read.all(|version| version.is_some() && (stated.is_none() || version.as_ref() == stated))
    }

    /// Where its notes go, if that is another file or another heading.
    fn notes(&self, line: &SeenLine<'_>) -> Option<Fact<Option<NotesKeys>>> {
        let announced = line.version.announced.as_deref();
        let own = notes(&line.files, self.name, (self.tags, announced), self.packages);
        let Some(own) = own else {
            let is_there = self.notes.is_none_or(|common| is_there(line, common));
            return (!is_there)
                .then(|| Fact::guessed(None, "no release notes were found on it: none are written there"));
        };
        let is_same = self.notes.is_some_and(|common| {
            ["file", "heading"].iter().all(|key| said(common, key) == said(&own.value, key))
        });
        (!is_same).then_some(Fact { value: Some(own.value), certainty: own.certainty, because: own.because })
    }
}

/// What a rule says of this key, as it is written.
fn said<'a>(rule: &'a NotesKeys, key: &str) -> Option<&'a str> {
    rule.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
}

/// Whether a line has the file of a rule. One for a release or an advisory is made anew each time.
fn is_there(line: &SeenLine<'_>, rule: &NotesKeys) -> bool {
    let file = said(rule, "file").map_or("", |file| file.trim_matches('"'));
    let mut numbers = line.newest.version.numbers();
    let mut filled = file.to_owned();
    for name in ["{major}", "{minor}"] {
        filled = filled.replace(name, numbers.next().unwrap_or("0"));
    }
    filled.contains('{') || line.files.entry(&filled).is_some()
}

impl LineFacts {
    fn is_something(&self) -> bool {
        self.tag.is_some() || self.dispatch.is_some() || self.version.is_some() || self.notes.is_some()
    }
}

/// Whether a line states its version in more places of the same file: beside the constant that both have.
fn says_more(own: &[StatedRule], common: &[StatedRule]) -> bool {
    let in_file = |rule: &StatedRule| rule.unquoted("file").filter(|_| rule.is_text()).map(str::to_owned);
    let mut more = own.iter().filter(|rule| !common.contains(rule)).filter_map(in_file);
    more.any(|file| common.iter().any(|rule| in_file(rule).as_ref() == Some(&file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_with_more_constants_in_the_same_file_says_more() {
        let rule = |kind: &str, file: &str, text: &str| {
            StatedRule::at(kind, "file", file).with("text", format!("\"{text}\""))
        };
        let common = [rule("text", "Kernel.php", "VERSION = '{version}'")];
        let more = rule("text", "Kernel.php", "VERSION = '{version}'; ID = {packed}");
        assert!(says_more(std::slice::from_ref(&more), &common));
        assert!(!says_more(&common, &common));
        assert!(!says_more(&[rule("text", "Other.php", "VERSION = '{version}'")], &common));
        assert!(!says_more(&[more], &[StatedRule::kind("npm")]));
    }
}
