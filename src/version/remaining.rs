//! Where a tree states a version although no rule names the place: what stays behind when the version is raised.

use std::fmt;

use regex::Regex;

use super::files::{TreeReader, open};
use crate::numbering::Version;

/// Not more places than anybody reads.
const MOST: usize = 20;

/// Endings of files in which projects state their version.
const ENDINGS: [&str; 62] = [
    "toml",
    "json",
    "yaml",
    "yml",
    "cfg",
    "ini",
    "py",
    "rb",
    "gemspec",
    "podspec",
    "xml",
    "gradle",
    "kts",
    "properties",
    "csproj",
    "fsproj",
    "props",
    "nuspec",
    "cmake",
    "h",
    "hpp",
    "go",
    "rs",
    "js",
    "ts",
    "ex",
    "exs",
    "cff",
    "build",
    "ac",
    "spec",
    "md",
    "rst",
    "nix",
    "adoc",
    "cs",
    "vb",
    "fs",
    "vbproj",
    "java",
    "kt",
    "scala",
    "sbt",
    "swift",
    "php",
    "c",
    "cc",
    "cpp",
    "hh",
    "m4",
    "in",
    "rc",
    "lua",
    "rockspec",
    "dart",
    "jl",
    "cabal",
    "pl",
    "pm",
    "psd1",
    "tf",
    "zon",
];

/// Names without an ending that do.
const NAMES: [&str; 6] = ["VERSION", "Dockerfile", "Containerfile", "Makefile", "CMakeLists.txt", "README"];

/// Folders whose files speak of other things.
const ELSEWHERE: [&str; 12] = [
    "node_modules",
    "vendor",
    "third_party",
    "third-party",
    "test",
    "tests",
    "testdata",
    "fixtures",
    "spec",
    "benches",
    "examples",
    ".git",
];

/// Files that tell of every release, or of every dependency.
const ELSEWHAT: [&str; 10] =
    ["change", "news", "release", "history", "lock", "shrinkwrap", "go.sum", "migrat", "upgrad", "security"];

/// Words by which a line tells when something came.
const SINCE: [&str; 8] =
    ["since", "added in", "deprecat", "removed in", "introduced in", "until", "before", "versionadded"];

/// A line of a file.
#[derive(Debug)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: String,
    /// The number of the line, from 1.
    pub(crate) number: usize,
    /// What it says.
    pub(crate) line: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` line {}", self.path, self.number)
    }
}

/// The places at which the tree still states `version`, in order. A file that a bump has changed may state it in other places
/// than the rule knows, so all are looked at.
pub(crate) fn remaining(files: &dyn TreeReader, version: &Version) -> Vec<Place> {
    places(files, |line| states(line, version))
}

/// The places at which the tree says that `version` is still to come: `6.4.2-DEV`, `6.4.2.dev0`.
pub(crate) fn announcing(files: &dyn TreeReader, version: &Version) -> Vec<Place> {
    let mark = r"[-.+]?(?i:dev|snapshot|pre|alpha|beta|rc)[.0-9]*\b";
    let pattern = format!(r"(?:^|[^0-9A-Za-z.])v?{}{mark}", regex::escape(version.as_str()));
    let Ok(pattern) = Regex::new(&pattern) else { return Vec::new() };
    places(files, |line| pattern.is_match(line))
}

fn places(files: &dyn TreeReader, states: impl Fn(&str) -> bool) -> Vec<Place> {
    let mut paths = files.list("**/*");
    paths.retain(|path| is_looked_at(path));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        // A link is looked at where it leads.
        let Ok(Some(file)) = open(files, &path) else { continue };
        if file.path != path {
            continue;
        }
        let lines = file.text.lines().enumerate().filter(|(_, line)| states(line));
        found.extend(lines.map(|(index, line)| Place {
            path: path.clone(),
            number: index + 1,
            line: line.to_owned(),
        }));
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

fn is_looked_at(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    (ENDINGS.contains(&ending) || NAMES.iter().any(|known| name.starts_with(known)))
        && !folders.split('/').any(|folder| ELSEWHERE.contains(&folder))
        && !ELSEWHAT.iter().any(|word| lower.contains(word))
}

/// Whether a line states the version: the whole of it, and not as the time at which something came.
fn states(line: &str, version: &Version) -> bool {
    let text = version.as_str();
    let alone = |at: usize| {
        if is_of_a_text(&line[..at]) {
            return false;
        }
        let before = line[..at].trim_end_matches(['v', 'V']).chars().next_back();
        let mut after = line[at + text.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let joined = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let goes_on = matches!(next, Some('.' | '-' | '+')) && joined(second);
        !(joined(before) || before == Some('.') || joined(next) || goes_on)
    };
    if !line.match_indices(text).any(|(at, _)| alone(at)) {
        return false;
    }
    let lower = line.to_lowercase();
    // Two numbers are found anywhere.
    (text.matches('.').count() > 1 || lower.contains("version"))
        && !SINCE.iter().any(|word| lower.contains(word))
}

/// Whether what follows is the number of a part of some text: `#section-3.2.2`, `§ 3.2.2`, `RFC 9112, section 3.2.2`.
fn is_of_a_text(before: &str) -> bool {
    const PARTS: [&str; 9] =
        ["section", "sections", "sect", "sec", "chapter", "clause", "paragraph", "appendix", "rule"];
    let before = before.trim_end_matches([' ', '-', '_', '.', '/', '#', '(']);
    let start = before
        .rfind(|letter: char| !letter.is_alphabetic())
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    before.ends_with('§') || PARTS.contains(&before[start..].to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn told(places: &[Place]) -> Vec<String> {
        places.iter().map(Place::to_string).collect()
    }

    #[test]
    fn what_still_states_the_version_is_named_with_its_line() {
        let files: BTreeMap<String, String> = [
            ("README.md", "# Pump\n\n    pip install pump==1.2.3\n"),
            ("Dockerfile", "LABEL version=\"1.2.3\"\nLABEL base=\"1.2.30\"\n"),
            ("docs/conf.py", "release = '1.2.3'  # was 11.2.3\n"),
            ("lib/http.rb", "# https://rfc.example/rfc9112#section-1.2.3\n# see §1.2.3 and Section 1.2.3\n"),
            ("src/a.py", "# since 1.2.3\nX = '1.2.3.4'\nY = '1.2.3-rc1'\n"),
            ("pyproject.toml", "version = '1.2.4'\n"),
            ("CHANGELOG.md", "## 1.2.3\n"),
            ("tests/data.json", "\"1.2.3\""),
            ("poetry.lock", "version = \"1.2.3\""),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        assert_eq!(
            told(&remaining(&files, &semver("1.2.3"))),
            ["`Dockerfile` line 1", "`README.md` line 3", "`docs/conf.py` line 1"]
        );
    }

    #[test]
    fn what_says_that_a_version_is_still_to_come_is_named() {
        let files: BTreeMap<String, String> = [
            ("src/Kernel.php", "    public const VERSION = '6.4.2-DEV';\n"),
            ("pump/__init__.py", "__version__ = \"6.4.2.dev0\"\nOTHER = '16.4.2-dev'\n"),
            ("README.md", "the newest release is 6.4.2\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        assert_eq!(
            told(&announcing(&files, &semver("6.4.2"))),
            ["`pump/__init__.py` line 1", "`src/Kernel.php` line 1"]
        );
    }

    #[test]
    fn file_that_the_bump_changes_may_state_the_version_elsewhere() {
        let raised: BTreeMap<String, String> = [
            (
                "pyproject.toml",
                "[project]\nversion = '1.2.4'\n[tool.bumpversion]\ncurrent_version = '1.2.3'\n",
            ),
            ("src/Properties/AssemblyInfo.cs", "[assembly: AssemblyInformationalVersion(\"1.2.3\")]\n"),
            ("debian/control", "Standards-Version: 1.2.3\n"),
            ("src/Main.java", "    static final String VERSION = \"1.2.3\";\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        assert_eq!(
            told(&remaining(&raised, &semver("1.2.3"))),
            ["`pyproject.toml` line 4", "`src/Main.java` line 1", "`src/Properties/AssemblyInfo.cs` line 1"]
        );
    }
}
