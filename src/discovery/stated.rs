//! Where the version stands: every rule that reads the newest tree is tried, and held against the tags.

use std::sync::LazyLock;

use regex::Regex;

use super::fact::Fact;
use super::file_text::text_of;
use super::tags::TagHabits;
use super::written::{list, string};
use crate::numbering::{Scheme, Version};
use crate::version::{TreeReader, VersionRule, Versioning};

/// A version rule as a catalog has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatedRule(Vec<(&'static str, String)>);

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
}

/// Rules as lines of a table: one by itself, several together.
pub(super) fn table_of(rules: &[StatedRule]) -> Vec<String> {
    match rules {
        [] => vec!["kind = \"tags\"".to_owned()],
        [one] => one.lines(),
        several => {
            let mut lines = vec!["kind = \"several\"".to_owned(), "of = [".to_owned()];
            lines.extend(several.iter().map(|rule| format!("    {},", rule.inline())));
            lines.push("]".to_owned());
            lines
        }
    }
}

/// The same on one line, with what is stated after a release.
pub(super) fn inline_of(rules: &[StatedRule], after_release: Option<&str>) -> String {
    let mut keys = match rules {
        [] => vec!["kind = \"tags\"".to_owned()],
        [one] => one.lines(),
        several => {
            let of: Vec<String> = several.iter().map(StatedRule::inline).collect();
            vec!["kind = \"several\"".to_owned(), format!("of = [{}]", of.join(", "))]
        }
    };
    keys.extend(after_release.map(|after| format!("after-release = {}", string(after))));
    format!("{{ {} }}", keys.join(", "))
}

impl StatedRule {
    fn kind(kind: &str) -> StatedRule {
        StatedRule(vec![("kind", string(kind))])
    }

    fn with(mut self, key: &'static str, value: String) -> StatedRule {
        self.0.push((key, value));
        self
    }

    fn at(kind: &str, key: &'static str, path: &str) -> StatedRule {
        StatedRule::kind(kind).with(key, string(path))
    }

    /// As the lines of a table.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(key, value)| format!("{key} = {value}")).collect()
    }

    /// As a table on one line.
    pub(super) fn inline(&self) -> String {
        format!("{{ {} }}", self.lines().join(", "))
    }

    pub(super) fn read(&self, files: &dyn TreeReader, scheme: Scheme) -> Option<Version> {
        let rule: VersionRule = toml::from_str(&self.lines().join("\n")).ok()?;
        Versioning::new(rule, scheme).read(files).ok()
    }
}

impl StatedVersion {
    pub(super) fn of(files: &dyn TreeReader, name: &str, tags: &TagHabits, scheme: Scheme) -> StatedVersion {
        let read = candidates(files, name).into_iter().filter_map(|rule| {
            let version = rule.read(files, scheme).filter(|version| !is_placeholder(version, tags))?;
            Some((closeness(&version, tags), rule, version))
        });
        let read: Vec<(u8, StatedRule, Version)> = read.collect();
        let best = read.iter().map(|(close, ..)| *close).max().unwrap_or_default();
        let Some((_, _, version)) = read.iter().find(|(close, ..)| *close == best && best > 0) else {
            return StatedVersion {
                rules: in_tags(&read),
                stated: None,
                announced: None,
                after_release: None,
            };
        };
        let same = read.iter().filter(|(_, _, other)| other.as_str() == version.as_str());
        let rules: Vec<StatedRule> = same.map(|(_, rule, _)| rule.clone()).collect();
        let newest = tags.newest().map(|newest| format!("; the newest release is {}", newest.version));
        let because = format!("the default branch states {version}{}", newest.unwrap_or_default());
        let after_release = after_release(version, tags);
        let rules = if best > 1 { Fact::seen(rules, because) } else { Fact::guessed(rules, because) };
        let numbers: Vec<&str> = version.numbers().collect();
        StatedVersion {
            rules,
            announced: Some(numbers.join(".")),
            stated: Some(version.clone()),
            after_release,
        }
    }
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
            let kind = rule.0.first().map_or("", |(_, kind)| kind.as_str());
            let because = format!("a file ({kind}) states {version}, and no tag is like that");
            Fact::guessed(Vec::new(), because)
        }
    }
}

/// How well a version agrees with the tags: 3 for one that has a tag, 2 for one of a line that has, 1 for a new line.
fn closeness(version: &Version, tags: &TagHabits) -> u8 {
    let first = |version: &Version, count: usize| -> Vec<String> {
        version.numbers().take(count).map(str::to_owned).collect()
    };
    let number = |version: &Version| version.numbers().next().and_then(|first| first.parse::<u64>().ok());
    let any = |test: &dyn Fn(&Version) -> bool| tags.versions.iter().any(|released| test(&released.version));
    if tags.versions.is_empty() {
        1
    } else if any(&|known| known.as_str() == version.as_str()) {
        3
    } else if any(&|known| first(known, 2) == first(version, 2)) {
        2
    } else {
        let newest = tags.newest().and_then(|newest| number(&newest.version));
        u8::from(newest.zip(number(version)).is_some_and(|(newest, own)| own == newest || own == newest + 1))
    }
}

/// `1.2.0.dev0` on the default branch says what it states after a release.
fn after_release(version: &Version, tags: &TagHabits) -> Option<Fact<String>> {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[0-9]+(?:\.[0-9]+)*(?:-rc\.?[0-9]+)?(?<mark>[-.+]?(?:snapshot|dev)[.0-9]*)$").ok()
    });
    let mark = MARK.as_ref()?.captures(version.as_str())?.name("mark")?.as_str();
    let plain = version.as_str().strip_suffix(mark)?;
    let is_released = tags.versions.iter().any(|released| released.version.as_str() == plain);
    let stem = if is_released { "{version}" } else { "{next}" };
    Some(Fact::guessed(format!("{stem}{mark}"), format!("the default branch states {version}")))
}

/// Every rule that this tree gives reason to try, those that usually lead first.
fn candidates(files: &dyn TreeReader, name: &str) -> Vec<StatedRule> {
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
    found.push(StatedRule::kind("version-file"));
    found.extend(files.list("*_VERSION").iter().map(|path| StatedRule::at("version-file", "file", path)));
    found.extend(go_constant(files));
    found.extend(ruby_constant(files));
    found.extend(c_header(files));
    if is_there("CITATION.cff") {
        found.push(StatedRule::kind("citation"));
    }
    found
}

/// `Version = "1.2.3"` in a `version.go`.
fn go_constant(files: &dyn TreeReader) -> Option<StatedRule> {
    const PATTERN: &str = r#"(?m)^\s*(?:const\s+)?Version\s*(?:string\s*)?=\s*"v?(?<version>[0-9][^"]*)""#;
    let paths = files.list("version.go").into_iter().chain(files.list("**/version.go"));
    let path = only_one(files, paths, PATTERN)?;
    Some(StatedRule::at("regex", "file", &path).with("pattern", string(PATTERN)))
}

/// `VERSION = "1.2.3"` in a Ruby file that is called otherwise than those which the rule for gems knows, or `RELEASE` beside
/// the version of something else.
fn ruby_constant(files: &dyn TreeReader) -> Option<StatedRule> {
    const PATTERN: &str = r#"\b(?:VERSION|RELEASE)\s*=\s*["'](?<version>[0-9][^"']*)["']"#;
    let paths = ["lib/**/version.rb", "lib/**/const*.rb", "lib/*.rb"].map(|glob| files.list(glob));
    let path = only_one(files, paths.into_iter().flatten(), PATTERN)?;
    Some(StatedRule::at("regex", "file", &path).with("pattern", string(PATTERN)))
}

/// The first of these files in which the expression matches exactly once.
fn only_one(files: &dyn TreeReader, paths: impl Iterator<Item = String>, pattern: &str) -> Option<String> {
    let pattern = Regex::new(pattern).ok()?;
    let mut paths = paths.filter(|path| !path.contains("vendor/"));
    paths.find(|path| text_of(files, path).is_some_and(|text| pattern.find_iter(&text).count() == 1))
}

/// Three macros in a header that is called after the version.
fn c_header(files: &dyn TreeReader) -> Option<StatedRule> {
    let major = Regex::new(r"(?m)^\s*#\s*define\s+(?<stem>\w*?)_?MAJOR\w*\s+\d+\s*$").ok()?;
    let headers = files.list("**/*version*.h").into_iter().chain(files.list("*version*.h"));
    headers.filter(|path| path.matches('/').count() < 4).find_map(|path| {
        let text = text_of(files, &path)?;
        let found = major.captures(&text)?;
        let whole = found.get(0)?.as_str();
        let name = whole.split_whitespace().rev().nth(1)?.to_owned();
        let named = |word: &str| -> Option<String> {
            let other = [name.replace("MAJOR", word), name.replace("MAJOR", &word[..word.len().min(5)])];
            other
                .into_iter()
                .find(|other| text.contains(&format!("{other} ")) || text.contains(&format!("{other}\t")))
        };
        let patch = named("PATCH").or_else(|| named("MICRO")).or_else(|| named("REVISION"))?;
        let macros = [name.clone(), named("MINOR")?, patch];
        Some(StatedRule::at("c-header", "header", &path).with("macros", list(macros)))
    })
}
