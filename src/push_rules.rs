//! What a repository's rulesets say of the names and files that are pushed to it, in GitHub's words.

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};

/// What the rulesets of a repository say of pushes, as far as the token may see and may not bypass them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PushRules(pub Vec<PushRuleset>);

/// One ruleset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRuleset {
    /// Its name, as its page shows it.
    pub name: String,
    /// What it is about.
    pub about: PushTarget,
    /// Globs of full references (`refs/heads/release/*`), or `~ALL`; it concerns all where it names none.
    pub include: Vec<String>,
    /// Globs of those that it does not concern.
    pub exclude: Vec<String>,
    /// What it says.
    pub rules: Vec<PushRule>,
}

/// What a ruleset is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushTarget {
    /// Branches.
    Branches,
    /// Tags.
    Tags,
    /// Everything that is pushed.
    Pushes,
}

/// What a ruleset says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushRule {
    /// Nobody makes such a reference.
    Creation,
    /// Names have this form.
    Name(TextPattern),
    /// Messages of commits have this form.
    Message(TextPattern),
    /// Nobody changes these files: globs of paths.
    Paths(Vec<String>),
    /// The longest path, in characters.
    LongestPath(usize),
}

/// A form of names or messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPattern {
    /// How the pattern is meant.
    pub operator: PatternOperator,
    /// The pattern.
    pub pattern: String,
    /// Whether what fits is what is refused.
    #[serde(default)]
    pub negate: bool,
}

/// How a pattern is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternOperator {
    /// The text begins so.
    StartsWith,
    /// The text ends so.
    EndsWith,
    /// It occurs in the text.
    Contains,
    /// A regular expression that is found in the text.
    Regex,
}

/// Why a name or a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRefusal {
    /// The ruleset.
    pub ruleset: String,
    /// Why, as a sentence without its subject: "lets nobody make it".
    pub because: String,
}

impl PushRules {
    /// Whether they say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only those that concern no branches.
    #[must_use]
    pub fn without_branches(mut self) -> PushRules {
        self.0.retain(|ruleset| ruleset.about != PushTarget::Branches);
        self
    }

    /// What is said against making a reference (`refs/heads/…`, `refs/tags/…`).
    #[must_use]
    pub fn refuses_name(&self, reference: &str) -> Option<PushRefusal> {
        let name = reference.splitn(3, '/').nth(2).unwrap_or(reference);
        self.said(|ruleset, rule| match rule {
            _ if !ruleset.concerns(reference) => None,
            PushRule::Creation => Some("lets nobody make it".to_owned()),
            PushRule::Name(form) if !form.allows(name) => Some(format!("wants names that {}", form.words())),
            _ => None,
        })
    }

    /// What is said against the message of a commit that is pushed to a reference.
    #[must_use]
    pub fn refuses_message(&self, reference: &str, message: &str) -> Option<PushRefusal> {
        self.said(|ruleset, rule| match rule {
            PushRule::Message(form) if ruleset.concerns(reference) && !form.allows(message) => {
                Some(format!("wants messages of commits that {}", form.words()))
            }
            _ => None,
        })
    }

    /// What is said against changing a file, whatever the branch.
    #[must_use]
    pub fn refuses_file(&self, path: &str) -> Option<PushRefusal> {
        self.said(|_, rule| match rule {
            PushRule::Paths(globs) => {
                let found = globs.iter().find(|glob| fits(glob, path))?;
                Some(format!("restricts `{found}`"))
            }
            PushRule::LongestPath(most) if path.chars().count() > *most => {
                Some(format!("takes no path of more than {most} characters"))
            }
            _ => None,
        })
    }

    fn said(&self, says: impl Fn(&PushRuleset, &PushRule) -> Option<String>) -> Option<PushRefusal> {
        self.0.iter().find_map(|ruleset| {
            let because = ruleset.rules.iter().find_map(|rule| says(ruleset, rule))?;
            Some(PushRefusal { ruleset: ruleset.name.clone(), because })
        })
    }
}

impl PushRuleset {
    fn concerns(&self, reference: &str) -> bool {
        let is_its_kind = match self.about {
            PushTarget::Branches => reference.starts_with("refs/heads/"),
            PushTarget::Tags => reference.starts_with("refs/tags/"),
            PushTarget::Pushes => true,
        };
        let any = |globs: &[String]| globs.iter().any(|glob| glob == "~ALL" || fits(glob, reference));
        is_its_kind && any(&self.include) && !any(&self.exclude)
    }
}

impl TextPattern {
    fn allows(&self, text: &str) -> bool {
        let found = match self.operator {
            PatternOperator::StartsWith => text.starts_with(&self.pattern),
            PatternOperator::EndsWith => text.ends_with(&self.pattern),
            PatternOperator::Contains => text.contains(&self.pattern),
            // An expression that is none here is GitHub's own: only GitHub can say what it refuses.
            PatternOperator::Regex => match regex::Regex::new(&self.pattern) {
                Ok(expression) => expression.is_match(text),
                Err(_) => return true,
            },
        };
        found != self.negate
    }

    fn words(&self) -> String {
        let (how, not) = match self.operator {
            PatternOperator::StartsWith => ("begin with", "do not begin with"),
            PatternOperator::EndsWith => ("end with", "do not end with"),
            PatternOperator::Contains => ("contain", "do not contain"),
            PatternOperator::Regex => ("match", "do not match"),
        };
        format!("{} `{}`", if self.negate { not } else { how }, self.pattern)
    }
}

/// Ruby's `fnmatch` with path names, as GitHub documents it: a star stays within a name, `**/` does not.
fn fits(glob: &str, text: &str) -> bool {
    const OPTIONS: MatchOptions = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    Pattern::new(glob).is_ok_and(|pattern| pattern.matches_with(text, OPTIONS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(include: &[&str], rules: Vec<PushRule>) -> PushRules {
        let include = include.iter().map(|glob| (*glob).to_owned()).collect();
        let about = PushTarget::Pushes;
        PushRules(vec![PushRuleset { name: "names".into(), about, include, exclude: Vec::new(), rules }])
    }

    fn form(operator: PatternOperator, pattern: &str, negate: bool) -> TextPattern {
        TextPattern { operator, pattern: pattern.to_owned(), negate }
    }

    #[test]
    fn only_the_references_that_a_ruleset_names_are_its_concern() {
        let rules = rules(&["refs/heads/security/**/*"], vec![PushRule::Creation]);
        let refusal = rules.refuses_name("refs/heads/security/2026-03/main").unwrap();
        assert_eq!((refusal.ruleset.as_str(), refusal.because.as_str()), ("names", "lets nobody make it"));
        assert!(rules.refuses_name("refs/heads/bump/main-1.2.3").is_none());
        let mut all = super::tests::rules(&["~ALL"], vec![PushRule::Creation]);
        all.0[0].exclude.push("refs/heads/ok/*".to_owned());
        assert!(all.refuses_name("refs/tags/v1").is_some());
        assert!(all.refuses_name("refs/heads/ok/x").is_none());
        all.0[0].about = PushTarget::Branches;
        assert!(all.refuses_name("refs/tags/v1").is_none(), "all of its own kind");
    }

    #[test]
    fn forms_are_held_against_the_name_without_its_kind() {
        for (operator, pattern, good, bad) in [
            (PatternOperator::StartsWith, "wip/", "wip/x", "x"),
            (PatternOperator::EndsWith, "-x", "a-x", "a"),
            (PatternOperator::Contains, "/", "a/b", "ab"),
            (PatternOperator::Regex, r"^v\d+$", "v12", "12"),
        ] {
            let names = rules(&["~ALL"], vec![PushRule::Name(form(operator, pattern, false))]);
            assert!(names.refuses_name(&format!("refs/heads/{good}")).is_none(), "{pattern}");
            assert!(names.refuses_name(&format!("refs/heads/{bad}")).is_some(), "{pattern}");
            let negated = rules(&["~ALL"], vec![PushRule::Name(form(operator, pattern, true))]);
            assert!(negated.refuses_name(&format!("refs/heads/{good}")).is_some(), "not {pattern}");
        }
    }

    #[test]
    fn files_and_messages_have_rules_of_their_own() {
        let files = rules(&[], vec![PushRule::Paths(vec![".github/**/*".into()]), PushRule::LongestPath(20)]);
        assert!(files.refuses_file(".github/workflows/a.yml").unwrap().because.contains(".github"));
        assert!(files.refuses_file("src/a.c").is_none());
        assert!(files.refuses_file("a/very/long/path/indeed").is_some());
        let signed = form(PatternOperator::Contains, "Signed-off-by:", false);
        let messages = rules(&["refs/heads/**/*"], vec![PushRule::Message(signed)]);
        assert!(messages.refuses_message("refs/heads/a/b", "x").is_some());
        assert!(messages.refuses_message("refs/heads/a/b", "x\n\nSigned-off-by: A").is_none());
    }
}
