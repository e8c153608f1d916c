//! Constants of source code that state the version: in Go, Ruby, PHP and C.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::file_text::text_of;
use super::stated_rule::StatedRule;
use super::written::{escaped, list, string};
use crate::numbering::{Scheme, Version};
use crate::version::TreeReader;

/// `Version = "1.2.3"` in a `version.go` or `const.go`; containerd's says `1.2.3+unknown` until a build knows the commit.
pub(super) fn go_constant(files: &dyn TreeReader) -> Option<StatedRule> {
    const PATTERN: &str = r#"(?m)^\s*(?:const\s+)?(?:Version|VERSION)\s*(?:string\s*)?=\s*"v?(?<version>[0-9][^"+]*)(?:\+unknown)?""#;
    let globs = ["version.go", "**/version.go", "const*.go", "**/const*.go"];
    let path = only_one(files, globs.iter().flat_map(|glob| files.list(glob)), PATTERN)?;
    Some(StatedRule::at("regex", "file", &path).with("pattern", string(PATTERN)))
}

/// `VERSION = "1.2.3"` in a Ruby file that is called otherwise than those which the rule for gems knows, or `RELEASE` beside
/// the version of something else.
pub(super) fn ruby_constant(files: &dyn TreeReader, name: &str) -> Option<StatedRule> {
    const PATTERN: &str = r#"\b(?:VERSION|RELEASE)\s*=\s*["'](?<version>[0-9][^"']*)["']"#;
    let own = format!("lib/**/{name}.rb");
    let globs = ["lib/**/version.rb", "lib/**/const*.rb", "lib/*.rb", own.as_str()];
    let paths = globs.map(|glob| files.list(glob));
    let path = only_one(files, paths.into_iter().flatten(), PATTERN)?;
    Some(StatedRule::at("regex", "file", &path).with("pattern", string(PATTERN)))
}

/// The first of these files in which the expression matches exactly once.
pub(super) fn only_one(
    files: &dyn TreeReader,
    paths: impl Iterator<Item = String>,
    pattern: &str,
) -> Option<String> {
    let pattern = Regex::new(pattern).ok()?;
    let mut paths = paths.filter(|path| !path.contains("vendor/"));
    paths.find(|path| text_of(files, path).is_some_and(|text| pattern.find_iter(&text).count() == 1))
}

/// `const VERSION = '1.2.3'` in a PHP class that is called after the project or the version, with the constants behind it that
/// state the same, as Symfony has them.
pub(super) fn php_constant(files: &dyn TreeReader, name: &str) -> Option<StatedRule> {
    // Comments give examples of it.
    const PATTERN: &str = r"(?m)^[ \t]*(?:\w+[ \t]+)*const\s+VERSION\s*=\s*'[0-9][^'\n]*'";
    let own = format!("**/{name}.php");
    let globs = ["*.php", "src/*.php", "**/Kernel.php", "**/Application.php", "**/Version.php", own.as_str()];
    let path = only_one(files, globs.iter().flat_map(|glob| files.list(glob)), PATTERN)?;
    let text = text_of(files, &path)?;
    let stated = php_block(&text)?;
    Some(StatedRule::at("text", "file", &path).with("text", escaped(&stated)))
}

/// The constants of the version, one after another, with placeholders for what they state.
fn php_block(text: &str) -> Option<String> {
    let first =
        Regex::new(r"(?m)^[^\n]*\b(?<before>const\s+VERSION\s*=\s*')[0-9][^'\n]*(?<after>'[^\n]*)$").ok()?;
    let part = Regex::new(
        r"^(?<before>\s*(?:\w+\s+)*const\s+(?<name>VERSION_ID|MAJOR_VERSION|MINOR_VERSION|RELEASE_VERSION|PATCH_VERSION|EXTRA_VERSION)\s*=\s*'?)[0-9A-Za-z.]*(?<after>'?;.*)$",
    )
    .ok()?;
    let found = first.captures(text)?;
    let mut lines = vec![format!("{}{{version}}{}", &found["before"], &found["after"])];
    for line in text[found.get(0)?.end()..].lines().skip(1) {
        let Some(found) = part.captures(line) else { break };
        lines.push(format!("{}{}{}", &found["before"], php_placeholder(&found), &found["after"]));
    }
    // What follows the last value may be anything.
    let stated = lines.join("\n");
    let end = stated.rfind('}')?;
    let quote = usize::from(stated[end + 1..].starts_with('\''));
    Some(stated[..=end + quote].to_owned())
}

fn php_placeholder(found: &Captures<'_>) -> &'static str {
    match &found["name"] {
        "VERSION_ID" => "{packed}",
        "MAJOR_VERSION" => "{major}",
        "MINOR_VERSION" => "{minor}",
        "EXTRA_VERSION" => "{label}",
        _ => "{patch}",
    }
}

/// Three macros in a header that is called after the version or the project, and the one that states it as a whole.
pub(super) fn c_header(files: &dyn TreeReader, name: &str) -> Option<StatedRule> {
    let major = Regex::new(r"(?m)^\s*#\s*define\s+(?<stem>\w*?)_?MAJOR\w*\s+\d+\s*$").ok()?;
    let own = format!("**/{}.h", name.strip_prefix("lib").unwrap_or(name));
    let globs = ["**/*version*.h", "*version*.h", "**/*ver.h", "*ver.h", &own];
    let headers = globs.into_iter().flat_map(|glob| files.list(glob));
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
        let rule = StatedRule::at("c-header", "header", &path).with("macros", list(macros));
        let stem = stem_of(&name);
        let states = Regex::new(&format!(r#"(?m)^\s*#\s*define\s+{stem}\s+"[0-9]+\.[0-9]+[^"\n]*""#)).ok()?;
        Some(if states.find_iter(&text).count() == 1 { rule.with("text", string(&stem)) } else { rule })
    })
}

/// A header that is called after the version and states it as text alone: `#define REDIS_VERSION "7.4.1"`. A fork keeps the
/// constant of what it was made of beside its own, so each is tried.
pub(super) fn c_text(files: &dyn TreeReader) -> Vec<StatedRule> {
    static CONSTANT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?m)^#[ \t]*(?<text>define[ \t]+\w*VERSION[ \t]+")[0-9]+\.[0-9]+[^"\n]*""#).ok()
    });
    let globs = ["version.h", "*/version.h"];
    let headers = globs.iter().flat_map(|glob| files.list(glob)).filter(|path| !path.contains("vendor/"));
    let rules = headers.flat_map(|path| {
        let text = text_of(files, &path).unwrap_or_default();
        let stated = CONSTANT.iter().flat_map(|constant| constant.captures_iter(&text));
        let rule = |stated: &str| {
            StatedRule::at("text", "file", &path).with("text", string(&format!("{stated}{{version}}\"")))
        };
        stated.map(|found| rule(&found["text"])).collect::<Vec<_>>()
    });
    rules.collect()
}

/// The constant that a text rule of a header is about.
fn stem_of_text(rule: &StatedRule) -> Option<(String, String)> {
    static STEM: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^['"]define[ \t]+(?<stem>\w+)"#).ok());
    let path = rule.unquoted("file")?.to_owned();
    let stem = STEM.as_ref()?.captures(rule.value_of("text")?)?["stem"].to_owned();
    Some((path, stem))
}

/// `LIBCURL_VERSION` of `LIBCURL_VERSION_MAJOR`, `PHP_VERSION` of `PHP_MAJOR_VERSION`.
fn stem_of(major: &str) -> String {
    major.replace("_MAJOR", "").replace("MAJOR_", "")
}

/// What states the numbers as one beside the macros of a header: `LIBCURL_VERSION_NUM 0x080a02`, `PHP_VERSION_ID 80105`.
pub(super) fn companions(
    files: &dyn TreeReader,
    rules: &[StatedRule],
    version: &Version,
    scheme: Scheme,
) -> Vec<StatedRule> {
    let headers = rules.iter().filter_map(|rule| match rule.unquoted("header") {
        Some(path) => Some((path.to_owned(), rule.unquoted("text")?.to_owned())),
        None => stem_of_text(rule),
    });
    headers.filter_map(|(path, stem)| number_of(files, &path, &stem, version, scheme)).collect()
}

fn number_of(
    files: &dyn TreeReader,
    path: &str,
    stem: &str,
    version: &Version,
    scheme: Scheme,
) -> Option<StatedRule> {
    let number = Regex::new(&format!(
        r"define[ \t]+{stem}_(?:NUM|ID|NUMBER|HEX)[ \t]+(?<hex>0x)?(?<value>[0-9a-fA-F]+)\b"
    ))
    .ok()?;
    let text = text_of(files, path)?;
    let found = number.captures(&text)?;
    let placeholder = if found.name("hex").is_some() { "{hex}" } else { "{packed}" };
    let value = found.name("value")?;
    // Eight digits hold three numbers and a zero byte before them.
    let zeros = usize::from(value.len() == 8 && value.as_str().starts_with("00")) * 2;
    let before = &text[found.get(0)?.start()..value.start() + zeros];
    let rule = StatedRule::at("text", "file", path).with("text", string(&format!("{before}{placeholder}")));
    let read = rule.read(files, scheme)?;
    read.numbers().eq(version.numbers()).then_some(rule)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::discovery::stated_rule::table_of;
    use crate::version::{VersionRule, Versioning};

    fn tree(path: &str, text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(path.to_owned(), text.to_owned())])
    }

    /// The file as these rules write it for a new version.
    fn raised(files: &BTreeMap<String, String>, rules: &[StatedRule], new: &str) -> String {
        let rule: VersionRule = toml::from_str(&table_of(rules).join("\n")).unwrap();
        let new = Scheme::SemVer.parse(new).unwrap();
        Versioning::new(rule, Scheme::SemVer).write(files, &new).unwrap().remove(0).content
    }

    #[test]
    fn all_constants_of_a_php_class_move_with_the_version() {
        let kernel = |version: &str, id: u32, patch: u8, extra: &str| {
            format!(
                "<?php\nclass Kernel\n{{\n    public const VERSION = '{version}';\n    public const VERSION_ID = {id};\n    \
                 public const MAJOR_VERSION = 6;\n    public const MINOR_VERSION = 4;\n    public const RELEASE_VERSION = \
                 {patch};\n    public const EXTRA_VERSION = '{extra}';\n\n    public const END_OF_LIFE = '11/2027';\n}}\n"
            )
        };
        let files = tree("src/Framework/Kernel.php", &kernel("6.4.2-DEV", 60402, 2, "DEV"));
        let rule = php_constant(&files, "pump").unwrap();
        assert_eq!(rule.read(&files, Scheme::SemVer).unwrap().as_str(), "6.4.2-DEV");
        assert_eq!(raised(&files, std::slice::from_ref(&rule), "6.4.2"), kernel("6.4.2", 60402, 2, ""));
        assert_eq!(raised(&files, &[rule], "6.4.3-DEV"), kernel("6.4.3-DEV", 60403, 3, "DEV"));
        let alone =
            tree("src/Application.php", "<?php\nclass Application {\n    const VERSION = '11.0.2';\n}\n");
        let rule = php_constant(&alone, "pump").unwrap();
        assert!(raised(&alone, &[rule], "11.0.3").contains("const VERSION = '11.0.3';"));
    }

    #[test]
    fn example_in_a_comment_is_no_constant_of_a_php_class() {
        let text = "<?php\n/*\n * releases:\n * const VERSION = '1.8.2';\n */\nclass Pump\n{\n    public const VERSION = \
                    '@package_version@';\n}\n";
        assert_eq!(php_constant(&tree("src/Pump.php", text), "Pump"), None);
    }

    #[test]
    fn constant_of_go_moves_before_what_a_build_fills_in() {
        let source = |version: &str| {
            format!("package version\n\nvar (\n\tVersion = \"{version}\"\n\tRevision = \"\"\n)\n")
        };
        for (stated, version, new) in [
            ("2.2.7+unknown", "2.2.7", "2.2.8+unknown"),
            ("2.2.7", "2.2.7", "2.2.8"),
            ("2.2.8-beta.1+unknown", "2.2.8-beta.1", "2.2.8+unknown"),
        ] {
            let files = tree("version/version.go", &source(stated));
            let rule = go_constant(&files).unwrap();
            assert_eq!(rule.read(&files, Scheme::SemVer).unwrap().as_str(), version);
            assert_eq!(raised(&files, &[rule], "2.2.8"), source(new));
        }
    }

    #[test]
    fn constant_of_a_gem_may_stand_in_the_file_that_is_called_like_it() {
        let mut files =
            tree("lib/rexml/rexml.rb", "module REXML\n  VERSION = \"3.4.4\"\n  REVISION = \"\"\nend\n");
        files.insert("lib/rexml/xmldecl.rb".to_owned(), "DEFAULT_VERSION = \"1.0\"\n".to_owned());
        let rule = ruby_constant(&files, "rexml").unwrap();
        assert_eq!(rule.read(&files, Scheme::RubyGems).unwrap().as_str(), "3.4.4");
        assert_eq!(ruby_constant(&files, "pump"), None);
    }

    #[test]
    fn header_with_the_version_as_text_moves_with_its_eight_digits() {
        let header = |text: &str, hex: &str| {
            format!("#define REDIS_VERSION \"{text}\"\n#define REDIS_VERSION_NUM 0x00{hex}\n")
        };
        let files = tree("src/version.h", &header("7.4.1", "070401"));
        let rule = c_text(&files).remove(0);
        let version = rule.read(&files, Scheme::Numbers).unwrap();
        let mut rules = vec![rule];
        rules.extend(companions(&files, &rules, &version, Scheme::Numbers));
        assert_eq!(rules.len(), 2, "{rules:?}");
        assert_eq!(raised(&files, &rules, "7.4.12"), header("7.4.12", "07040c"));
    }

    #[test]
    fn header_that_announces_a_release_moves_with_the_number_that_states_it_as_one() {
        let header = |text: &str, patch: u8, hex: &str| {
            format!(
                "#define LIBCURL_VERSION \"{text}\"\n\n/* the numbers */\n#define LIBCURL_VERSION_MAJOR 8\n#define \
                 LIBCURL_VERSION_MINOR 11\n#define LIBCURL_VERSION_PATCH {patch}\n#define LIBCURL_VERSION_NUM 0x{hex}\n"
            )
        };
        let files = tree("include/curl/curlver.h", &header("8.11.0-DEV", 0, "080b00"));
        let rule = c_header(&files, "lock").unwrap();
        let version = rule.read(&files, Scheme::SemVer).unwrap();
        assert_eq!(version.as_str(), "8.11.0-DEV");
        let mut rules = vec![rule];
        rules.extend(companions(&files, &rules, &version, Scheme::SemVer));
        assert_eq!(rules.len(), 2, "{rules:?}");
        assert_eq!(raised(&files, &rules, "8.11.0"), header("8.11.0", 0, "080b00"));
        assert_eq!(raised(&files, &rules, "8.11.10"), header("8.11.10", 10, "080b0a"));
    }
}
