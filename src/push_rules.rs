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
    /// Whether this account may bypass it where a pull request is merged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lets_merges_pass: bool,
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
    /// Branches of this repository into which is merged from another one, where the branches are pushed.
    Merges,
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
    /// Mail addresses of authors have this form.
    AuthorEmail(TextPattern),
    /// Mail addresses of committers have this form.
    CommitterEmail(TextPattern),
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

/// Where a commit comes to, as a full reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival<'a> {
    /// It is pushed there.
    Pushed(&'a str),
    /// It is merged into it. Rules of the base hold for every commit of a pull request, also for one that is squashed:
    /// <https://github.com/orgs/community/discussions/108531>.
    Merged(&'a str),
}

/// What rulesets hold against their forms of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitTexts<'a> {
    /// The message.
    pub message: &'a str,
    /// The mail address of its author.
    pub author: &'a str,
    /// The mail address of its committer; `None` where it is not known yet.
    pub committer: Option<&'a str>,
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

    /// Whether they say anything of the commits themselves.
    #[must_use]
    pub fn hold_commits(&self) -> bool {
        let of_commits = |rule: &PushRule| {
            matches!(rule, PushRule::Message(_) | PushRule::AuthorEmail(_) | PushRule::CommitterEmail(_))
        };
        self.0.iter().any(|ruleset| ruleset.rules.iter().any(of_commits))
    }

    /// Those of a repository whose branches are pushed to another one: of branches they say what is merged.
    #[must_use]
    pub fn pushed_elsewhere(mut self) -> PushRules {
        let branches = self.0.iter_mut().filter(|ruleset| ruleset.about == PushTarget::Branches);
        branches.for_each(|ruleset| ruleset.about = PushTarget::Merges);
        self
    }

    /// With the default branch by its name.
    #[must_use]
    pub fn of_default_branch(mut self, branch: &str) -> PushRules {
        let all = self.0.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude));
        for glob in all.filter(|glob| *glob == "~DEFAULT_BRANCH") {
            *glob = format!("refs/heads/{branch}");
        }
        self
    }

    /// What is said against making a reference (`refs/heads/…`, `refs/tags/…`).
    #[must_use]
    pub fn refuses_name(&self, reference: &str) -> Option<PushRefusal> {
        let name = reference.splitn(3, '/').nth(2).unwrap_or(reference);
        self.said(|ruleset, rule| match rule {
            _ if !ruleset.concerns(Arrival::Pushed(reference)) => None,
            PushRule::Creation => Some("lets nobody make it".to_owned()),
            PushRule::Name(form) if !form.allows(name) => Some(format!("wants names that {}", form.words())),
            _ => None,
        })
    }

    /// What is said against a commit that comes to a reference.
    fn refuses_commit(&self, at: Arrival<'_>, commit: CommitTexts<'_>) -> Option<PushRefusal> {
        self.said(|ruleset, rule| if ruleset.concerns(at) { rule.refuses(commit) } else { None })
    }

    /// What is said against a commit that is pushed to one reference and merged from there into another.
    #[must_use]
    pub fn refuses_proposed(&self, from: &str, into: &str, commit: CommitTexts<'_>) -> Option<PushRefusal> {
        let pushed = self.refuses_commit(Arrival::Pushed(from), commit);
        pushed.or_else(|| self.refuses_commit(Arrival::Merged(into), commit))
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

impl PushRule {
    fn refuses(&self, commit: CommitTexts<'_>) -> Option<String> {
        let (what, form, text) = match self {
            PushRule::Message(form) => ("messages of commits", form, commit.message),
            PushRule::AuthorEmail(form) => ("mail addresses of authors", form, commit.author),
            PushRule::CommitterEmail(form) => ("mail addresses of committers", form, commit.committer?),
            _ => return None,
        };
        (!form.allows(text)).then(|| format!("wants {what} that {}", form.words()))
    }
}

impl PushRuleset {
    fn concerns(&self, at: Arrival<'_>) -> bool {
        let (Arrival::Pushed(reference) | Arrival::Merged(reference)) = at;
        let is_its_kind = match self.about {
            PushTarget::Branches => reference.starts_with("refs/heads/"),
            PushTarget::Tags => reference.starts_with("refs/tags/"),
            PushTarget::Pushes => true,
            PushTarget::Merges => matches!(at, Arrival::Merged(_)) && reference.starts_with("refs/heads/"),
        };
        let any = |globs: &[String]| globs.iter().any(|glob| glob == "~ALL" || fits(glob, reference));
        let passes = self.lets_merges_pass && matches!(at, Arrival::Merged(_));
        is_its_kind && !passes && any(&self.include) && !any(&self.exclude)
    }
}

impl TextPattern {
    /// Whether a text has the form. It is held as one text, of which `^` and `$` are the ends unless the expression says
    /// `(?m)`: <https://github.com/github/docs/pull/27068>. The newline with which git ends a message is none of it.
    #[must_use]
    pub fn allows(&self, text: &str) -> bool {
        let text = text.trim_end_matches('\n');
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
        let (about, exclude) = (PushTarget::Pushes, Vec::new());
        let name = "names".to_owned();
        PushRules(vec![PushRuleset { name, about, include, exclude, rules, lets_merges_pass: false }])
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
    fn files_have_rules_of_their_own() {
        let files = rules(&[], vec![PushRule::Paths(vec![".github/**/*".into()]), PushRule::LongestPath(20)]);
        assert!(files.refuses_file(".github/workflows/a.yml").unwrap().because.contains(".github"));
        assert!(files.refuses_file("src/a.c").is_none());
        assert!(files.refuses_file("a/very/long/path/indeed").is_some());
    }

    fn refused(rules: &PushRules, at: Arrival<'_>, message: &str) -> Option<String> {
        let commit = CommitTexts { message, author: "ada@brightwater.example", committer: None };
        rules.refuses_commit(at, commit).map(|refusal| refusal.because)
    }

    #[test]
    fn messages_are_held_whole_unless_the_expression_says_otherwise() {
        const SIGNED: &str = "fix\n\nSigned-off-by: A <a@b.example>\n";
        for (operator, pattern, negate, allows) in [
            (PatternOperator::Contains, "Signed-off-by:", false, true),
            (PatternOperator::Regex, "^Signed-off-by:", false, false),
            (PatternOperator::Regex, "(?m)^Signed-off-by:", false, true),
            (PatternOperator::Regex, "(?m)^WIP", true, true),
            (PatternOperator::Regex, "^fix$", false, false),
            (PatternOperator::Regex, r"example>$", false, true),
            (PatternOperator::EndsWith, "example>", false, true),
        ] {
            let at = Arrival::Pushed("refs/heads/a/b");
            let forms = rules(&["refs/heads/**/*"], vec![PushRule::Message(form(operator, pattern, negate))]);
            assert_eq!(refused(&forms, at, SIGNED).is_none(), allows, "{pattern}");
        }
    }

    #[test]
    fn what_is_merged_from_elsewhere_is_held_against_the_rules_of_its_base() {
        let ours = form(PatternOperator::EndsWith, "@gauge.example", false);
        let mut base = rules(&["~DEFAULT_BRANCH"], vec![PushRule::AuthorEmail(ours)]);
        base.0[0].about = PushTarget::Branches;
        let base = base.of_default_branch("main");
        let wanted = "wants mail addresses of authors that end with `@gauge.example`";
        let (pushed, merged) = (Arrival::Pushed("refs/heads/main"), Arrival::Merged("refs/heads/main"));
        assert!(base.hold_commits());
        assert_eq!(refused(&base, pushed, "x").as_deref(), Some(wanted));
        assert_eq!(refused(&base, Arrival::Merged("refs/heads/1.x"), "x"), None);
        let mut passing = base.clone();
        passing.0[0].lets_merges_pass = true;
        assert!(refused(&passing, pushed, "x").is_some() && refused(&passing, merged, "x").is_none());
        let base = base.pushed_elsewhere();
        assert_eq!(
            (refused(&base, pushed, "x"), refused(&base, merged, "x").as_deref()),
            (None, Some(wanted))
        );
    }
}
