//! Who owns which files, as the file CODEOWNERS of a repository says.

use serde::{Deserialize, Serialize};

use crate::path_glob::PathGlob;

/// Where the file may be; the first that is there counts.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// What the file says, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeOwners(Vec<OwnerRule>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OwnerRule {
    pattern: String,
    /// Nobody owns what a pattern without owners covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    owners: Vec<String>,
}

impl CodeOwners {
    /// Reads the file. Lines that GitHub skips say nothing here, either.
    #[must_use]
    pub fn parse(text: &str) -> CodeOwners {
        let rule = |line: &str| {
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            let pattern = words.next()?.to_owned();
            pattern.parse::<PathGlob>().ok()?;
            Some(OwnerRule { pattern, owners: words.map(str::to_owned).collect() })
        };
        CodeOwners(text.lines().filter_map(rule).collect())
    }

    /// Who owns a file: whom the last line names that covers it.
    #[must_use]
    pub fn of(&self, path: &str) -> &[String] {
        let last = self.0.iter().rev().find(|rule| covers(&rule.pattern, path));
        last.map_or(&[], |rule| rule.owners.as_slice())
    }

    /// Everybody that it names, once.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.0.iter().flat_map(|rule| &rule.owners).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A pattern is read as in a `.gitignore`: a directory stands for everything below it, and `docs/*` for nothing deeper.
fn covers(pattern: &str, path: &str) -> bool {
    let is = |pattern: &str| pattern.parse::<PathGlob>().is_ok_and(|glob| glob.matches(path));
    is(pattern) || (!pattern.ends_with(['*', '/']) && is(&format!("{pattern}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_covers_a_file_tells_its_owners() {
        let owners = CodeOwners::parse(
            "# everything\n*  @ada\n*.js @js-owner # inline\n/build/logs/ @doctocat\ndocs/* docs@example.com\n\
             apps/ @octocat\n/scripts @ada @ines\n/apps/github\n",
        );
        for (path, wanted) in [
            ("pump/parse.py", &["@ada"][..]),
            ("a/b/c.js", &["@js-owner"]),
            ("build/logs/x/y", &["@doctocat"]),
            ("deep/build/logs/x", &["@ada"]),
            ("docs/guide.md", &["docs@example.com"]),
            ("docs/deeper/guide.md", &["@ada"]),
            ("any/apps/x", &["@octocat"]),
            ("scripts/run.sh", &["@ada", "@ines"]),
            ("apps/github/x", &[]),
        ] {
            assert_eq!(owners.of(path), wanted, "{path}");
        }
        assert_eq!(CodeOwners::parse("").of("x"), [] as [&str; 0]);
    }
}
