//! Where the version stands: every rule that reads the newest tree is tried, and held against the tags.

use std::sync::LazyLock;

use regex::Regex;

use super::build_files::build_files;
use super::constants::{c_header, c_text, companions, go_constant, php_constant, ruby_constant};
use super::fact::Fact;
use super::history::History;
use super::marked::Marked;
use super::moved::Moved;
use super::packages::leading_member;
use super::stated_rule::StatedRule;
use super::tags::TagHabits;
use crate::git::GitError;
use crate::numbering::{Scheme, Version};
use crate::steps::TreeFiles;
use crate::version::TreeReader;

/// Where the version stands.
#[derive(Debug)]
pub(super) struct StatedVersion {
    /// The rules that move together, the leading one first; none where the tag is the version.
    pub(super) rules: Fact<Vec<StatedRule>>,
    /// What it states.
    pub(super) stated: Option<Version>,
    /// The release that the default branch announces: `1.2.0` of `1.2.0-dev`.
    pub(super) announced: Option<String>,
    /// What the project states between releases, where it is a development version.
    pub(super) after_release: Option<Fact<String>>,
    /// Places that moved with the newest release, and that no rule is about.
    pub(super) beside: Vec<String>,
}

impl StatedVersion {
    pub(super) fn of(files: &dyn TreeReader, name: &str, tags: &TagHabits, scheme: Scheme) -> StatedVersion {
        let read = candidates(files, name, tags).into_iter().filter_map(|rule| {
            let version = rule.read(files, scheme).filter(|version| !is_placeholder(version, tags))?;
            Some((tags.closeness(&version), rule, version))
        });
        let read: Vec<(u8, StatedRule, Version)> = read.collect();
        let best = read.iter().map(|(close, ..)| *close).max().unwrap_or_default();
        let Some((_, _, version)) = read.iter().find(|(close, ..)| *close == best && best > 0) else {
            return StatedVersion {
                rules: in_tags(&read),
                stated: None,
                announced: None,
                after_release: None,
                beside: Vec::new(),
            };
        };
        let same = read.iter().filter(|(_, _, other)| other.as_str() == version.as_str());
        let mut rules: Vec<StatedRule> = same.map(|(_, rule, _)| rule.clone()).collect();
        rules.extend(companions(files, &rules, version, scheme));
        let newest = tags.newest().map(|newest| format!("; the newest release is {}", newest.version));
        let because = format!("the default branch states {version}{}", newest.unwrap_or_default());
        let after_release = after_release(version, tags);
        let rules = if best > 1 { Fact::seen(rules, because) } else { Fact::guessed(rules, because) };
        StatedVersion {
            rules,
            announced: Some(numbers_of(version)),
            stated: Some(version.clone()),
            after_release,
            beside: Vec::new(),
        }
    }

    /// With what the trees of the newest releases tell of where it stands. `files` are the default branch's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn shown_by_releases(
        self,
        history: &History<'_>,
        files: &dyn TreeReader,
        (tags, scheme): (&TagHabits, Scheme),
    ) -> Result<StatedVersion, GitError> {
        let Some(newest) = tags.newest() else { return Ok(self) };
        let released = TreeFiles::of(history.store, &newest.tag.commit)?;
        let shown = match Marked::of(&released, newest, &self.rules.value, scheme) {
            Some(marked) => self.keeping(marked),
            None => self,
        };
        let known = (files, shown.rules.value.as_slice(), shown.stated.as_ref());
        let moved = Moved::of(history, tags, scheme, known)?;
        Ok(shown.with(moved))
    }

    /// With rules that leave the mark of a release that is still to come where releases have it.
    fn keeping(mut self, marked: Marked) -> StatedVersion {
        self.stated = self.stated.and_then(|stated| stated.scheme().parse(&numbers_of(&stated)).ok());
        self.rules = Fact::guessed(marked.rules, format!("{}; {}", self.rules.because, marked.because));
        // The number moves on, and the mark is there.
        self.after_release = self.after_release.map(|after| Fact { value: "{next}".to_owned(), ..after });
        self
    }

    /// With the places that moved with the newest release.
    fn with(mut self, moved: Moved) -> StatedVersion {
        self.beside = moved.others;
        let of = |rule: &StatedRule| Some(format!("`{}`", rule.unquoted("file")?));
        let mut files: Vec<String> = moved.rules.iter().filter_map(of).collect();
        files.dedup();
        let (Some(stated), false) = (moved.stated, files.is_empty()) else { return self };
        let told = format!("{} moved with the newest release", files.join(" and "));
        if self.rules.value.is_empty() {
            self.announced = Some(numbers_of(&stated));
            self.rules = Fact::guessed(moved.rules, format!("the default branch states {stated}; {told}"));
        } else {
            self.rules.because += &format!("; {told}");
            self.rules.value.extend(moved.rules);
        }
        self.stated = Some(stated);
        self
    }
}

/// The release that a version announces, whatever marks it as one to come.
fn numbers_of(version: &Version) -> String {
    version.numbers().collect::<Vec<_>>().join(".")
}

/// Whether a version stands for none: what a file says until a build writes the one that the tag tells, such as `0+unknown`
/// or `0.0.0`.
fn is_placeholder(version: &Version, tags: &TagHabits) -> bool {
    let is_tagged = tags.versions.iter().any(|released| released.version.as_str() == version.as_str());
    let is_nothing = version.numbers().all(|number| number.bytes().all(|digit| digit == b'0'));
    let says_so = version.as_str().to_ascii_lowercase().contains("unknown");
    !is_tagged && (says_so || is_nothing && !tags.versions.is_empty())
}

/// No file states a version that any tag is like.
fn in_tags(read: &[(u8, StatedRule, Version)]) -> Fact<Vec<StatedRule>> {
    match read.first() {
        None => Fact::guessed(
            Vec::new(),
            "no file was found that states the version: it seems to be the tag alone",
        ),
        Some((_, rule, version)) => {
            let kind = rule.of_kind();
            let because = format!("a file ({kind}) states {version}, and no tag is like that");
            Fact::guessed(Vec::new(), because)
        }
    }
}

/// `1.2.0.dev0` on the default branch says what it states after a release.
fn after_release(version: &Version, tags: &TagHabits) -> Option<Fact<String>> {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[0-9]+(?:\.[0-9]+)*(?:-rc\.?[0-9]+|\.(?:final|ga|release))?(?<mark>[-.+]?(?:snapshot|dev)[.0-9]*)$").ok()
    });
    let mark = MARK.as_ref()?.captures(version.as_str())?.name("mark")?.as_str();
    let plain = version.as_str().strip_suffix(mark)?;
    let is_released = tags.versions.iter().any(|released| released.version.as_str() == plain);
    let stem = if is_released { "{version}" } else { "{next}" };
    Some(Fact::guessed(format!("{stem}{mark}"), format!("the default branch states {version}")))
}

/// Every rule that this tree gives reason to try, those that usually lead first.
fn candidates(files: &dyn TreeReader, name: &str, tags: &TagHabits) -> Vec<StatedRule> {
    let is_there = |path: &str| files.entry(path).is_some();
    let any = |glob: &str| !files.list(glob).is_empty();
    let mut found = Vec::new();
    if is_there("Cargo.toml") {
        found.push(StatedRule::kind("cargo-workspace"));
    }
    let member = format!("{name}/Cargo.toml");
    if is_there(&member) {
        found.push(StatedRule::at("cargo-workspace", "manifest", &member));
    }
    for (path, kind) in
        [("pyproject.toml", "pyproject"), ("setup.cfg", "setup-cfg"), ("setup.py", "setup-py")]
    {
        if is_there(path) {
            found.push(StatedRule::kind(kind));
        }
    }
    if any("*.toml") || is_there("setup.py") || is_there("setup.cfg") {
        found.push(StatedRule::kind("python-module"));
    }
    for (glob, kind) in [
        ("package.json", "npm"),
        ("*.gemspec", "gem"),
        ("pom.xml", "maven"),
        ("build.gradle*", "gradle"),
        ("Chart.yaml", "helm"),
        ("*.props", "dotnet"),
        ("*.csproj", "dotnet"),
        ("mix.exs", "mix"),
        ("composer.json", "composer"),
        ("meson.build", "meson"),
    ] {
        if any(glob) && !found.contains(&StatedRule::kind(kind)) {
            found.push(StatedRule::kind(kind));
        }
    }
    let member = format!("packages/{name}/package.json");
    let leading = || Some(leading_member(files, &tags.form.value)?.seen_in);
    if let Some(path) = Some(member).filter(|member| is_there(member)).or_else(leading) {
        found.push(StatedRule::at("npm", "manifest", &path));
    }
    found.push(StatedRule::kind("version-file"));
    found.extend(files.list("*_VERSION").iter().map(|path| StatedRule::at("version-file", "file", path)));
    found.extend(go_constant(files));
    found.extend(ruby_constant(files, name));
    found.extend(php_constant(files, name));
    match c_header(files, name) {
        Some(rule) => found.push(rule),
        None => found.extend(c_text(files)),
    }
    found.extend(build_files(files));
    if is_there("CITATION.cff") {
        found.push(StatedRule::kind("citation"));
    }
    found
}
