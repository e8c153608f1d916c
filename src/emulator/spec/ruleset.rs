//! Rulesets on names and files; those on merges are rules of `protection`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::Login;
use crate::push_rules::{CommitTexts, PatternOperator, TextPattern};

/// A ruleset on the names that are pushed, or on the files.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesetSpec {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub target: RulesetTarget,
    /// Globs of the names that it concerns; `*` stops at `/`, `**` does not. Without any, all names.
    #[serde(default)]
    pub include: Vec<String>,
    /// Globs of those that it does not concern.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Whether nobody makes such a branch or tag.
    #[serde(default)]
    pub restrict_creation: bool,
    /// What a new name has to match.
    pub name_pattern: Option<PatternSpec>,
    /// What the message of a commit has to match, as a whole: `^` is its begin, and with `(?m)` that of each line.
    pub message_pattern: Option<PatternSpec>,
    /// What the mail address of a commit's author has to match.
    pub author_email_pattern: Option<PatternSpec>,
    /// What the mail address of a commit's committer has to match.
    pub committer_email_pattern: Option<PatternSpec>,
    /// Globs of the files that nobody changes; in a ruleset about pushes.
    #[serde(default)]
    pub restricted_paths: Vec<String>,
    /// Who may do all of it.
    #[serde(default)]
    pub bypass: Vec<Login>,
}

/// What a text has to match: a regular expression that is found in it, or `{ not = "…" }`, one that is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PatternSpec {
    /// It is found in the text.
    Found(String),
    /// It is not found there.
    NotFound {
        /// The regular expression.
        not: String,
    },
}

impl PatternSpec {
    /// The regular expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            PatternSpec::Found(expression) | PatternSpec::NotFound { not: expression } => expression,
        }
    }

    /// Whether what fits is what is refused.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        matches!(self, PatternSpec::NotFound { .. })
    }

    /// What it says against a text, in GitHub's words; `what` the text is.
    #[must_use]
    pub fn refuses(&self, what: &str, text: &str) -> Option<String> {
        let (pattern, negate) = (self.expression().to_owned(), self.is_negated());
        let not = if negate { "not " } else { "" };
        let refusal = format!("{what} must {not}match a given regex pattern: {pattern}");
        let form = TextPattern { operator: PatternOperator::Regex, pattern, negate };
        (!form.allows(text)).then_some(refusal)
    }
}

/// What a ruleset is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RulesetTarget {
    /// Branches.
    Branch,
    /// Tags.
    Tag,
    /// Everything that is pushed.
    Push,
}

impl RulesetTarget {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RulesetTarget::Branch => "branch",
            RulesetTarget::Tag => "tag",
            RulesetTarget::Push => "push",
        }
    }

    /// What the names of its references begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            RulesetTarget::Branch => "refs/heads/",
            RulesetTarget::Tag => "refs/tags/",
            RulesetTarget::Push => "refs/",
        }
    }
}

impl RulesetSpec {
    /// The globs of its references.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let globs: &[String] = if self.include.is_empty() { &["**".to_owned()] } else { &self.include };
        globs.iter().map(|glob| format!("{}{glob}", self.target.prefix())).collect()
    }

    /// The globs of the references that it does not concern.
    #[must_use]
    pub fn exceptions(&self) -> Vec<String> {
        self.exclude.iter().map(|glob| format!("{}{glob}", self.target.prefix())).collect()
    }

    /// What it says that a ruleset about this cannot say.
    #[must_use]
    pub fn misplaced(&self) -> Option<&'static str> {
        let is_push = self.target == RulesetTarget::Push;
        match () {
            () if !is_push && !self.restricted_paths.is_empty() => Some("restricted_paths"),
            () if is_push && self.restrict_creation => Some("restrict_creation"),
            () if is_push && self.name_pattern.is_some() => Some("name_pattern"),
            () if is_push => self.of_commits().find_map(|(key, _, pattern)| pattern.map(|_| key)),
            () => None,
        }
    }

    /// Whether it says anything of the commits themselves.
    #[must_use]
    pub fn holds_commits(&self) -> bool {
        self.of_commits().any(|(_, _, pattern)| pattern.is_some())
    }

    /// What it says against a commit, in GitHub's words.
    #[must_use]
    pub fn refuses_commit(&self, commit: CommitTexts<'_>) -> Option<String> {
        let texts = [Some(commit.message), Some(commit.author), commit.committer];
        self.of_commits().zip(texts).find_map(|((_, what, pattern), text)| pattern?.refuses(what, text?))
    }

    /// Its keys on commits, what they are about, and their patterns: message, author and committer.
    fn of_commits(&self) -> impl Iterator<Item = (&'static str, &'static str, Option<&PatternSpec>)> {
        let committer = self.committer_email_pattern.as_ref();
        [
            ("message_pattern", "Commit message", self.message_pattern.as_ref()),
            ("author_email_pattern", "Commit author email", self.author_email_pattern.as_ref()),
            ("committer_email_pattern", "Committer email", committer),
        ]
        .into_iter()
    }
}
