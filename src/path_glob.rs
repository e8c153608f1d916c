//! Globs of paths, as people write them in the catalog and on the command line.

use std::fmt;
use std::str::FromStr;

use glob::{MatchOptions, Pattern};

/// A glob of paths inside a repository, read as in a `.gitignore`.
///
/// Without a slash it matches files of that name in any directory, with one the whole path, and with one at its end
/// everything below a directory. `*` and `?` stay within one name, `**` is any number of directories.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PathGlob {
    text: String,
    pattern: Pattern,
}

/// A text that is not a glob of paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a glob of paths: {why}; write `*` and `?` within a name, `**` alone between slashes for any \
     directories, `[[]` for a bracket"
)]
pub struct InvalidPathGlob {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Upper and lower case differ, as they do in git's trees, and a star ends with the name.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

impl PathGlob {
    /// Whether it matches a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.pattern.matches_with(path, OPTIONS)
    }
}

impl FromStr for PathGlob {
    type Err = InvalidPathGlob;

    fn from_str(text: &str) -> Result<PathGlob, InvalidPathGlob> {
        let invalid = |why: &str| InvalidPathGlob { text: text.to_owned(), why: why.to_owned() };
        let inner = text.trim_end_matches('/');
        if inner.is_empty() {
            return Err(invalid("it names nothing"));
        }
        let start = if inner.contains('/') { "" } else { "**/" };
        let end = if inner.len() == text.len() { "" } else { "/**" };
        let whole = format!("{start}{}{end}", inner.trim_start_matches('/'));
        let pattern = Pattern::new(&whole).map_err(|error| invalid(error.msg))?;
        Ok(PathGlob { text: text.to_owned(), pattern })
    }
}

impl TryFrom<String> for PathGlob {
    type Error = InvalidPathGlob;

    fn try_from(text: String) -> Result<PathGlob, InvalidPathGlob> {
        text.parse()
    }
}

impl From<PathGlob> for String {
    fn from(glob: PathGlob) -> String {
        glob.text
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathGlob({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        glob.parse::<PathGlob>().unwrap().matches(path)
    }

    #[test]
    fn name_matches_anywhere_and_a_path_only_there() {
        assert!(matches("*.snap", "a.snap") && matches("*.snap", "src/deep/a.snap"));
        assert!(matches("src/*.snap", "src/a.snap") && !matches("src/*.snap", "src/deep/a.snap"));
        assert!(matches("src/**/*.snap", "src/a.snap") && matches("src/**/*.snap", "src/deep/er/a.snap"));
        assert!(matches("/top.json", "top.json") && !matches("/top.json", "src/top.json"));
        assert!(!matches("*.snap", "a.Snap") && matches("*.snap", ".hidden.snap"));
    }

    #[test]
    fn slash_at_the_end_matches_everything_below() {
        assert!(matches("generated/", "generated/a.c") && matches("generated/", "src/generated/deep/a.c"));
        assert!(
            matches("src/generated/", "src/generated/a.c")
                && !matches("src/generated/", "a/src/generated/a.c")
        );
        assert!(!matches("generated/", "generated.c") && !matches("generated/", "generated"));
    }

    #[test]
    fn text_that_is_no_glob_is_refused_with_what_to_write() {
        for text in ["fuzz/[corpus", "a**", "", "/"] {
            let error = text.parse::<PathGlob>().unwrap_err().to_string();
            assert!(error.contains("is not a glob of paths") && error.contains("`[[]`"), "{error}");
        }
    }
}
