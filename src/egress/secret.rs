//! What must not be seen in public, each in the form in which it is looked for.

use super::keywords::is_keyword;
use super::reading::{Reading, folded, listed, squashed, tokens};
use super::renamed::has_renamed;

/// What kind of embargoed thing a needle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// An advisory id.
    Advisory,
    /// A CVE id.
    Cve,
    /// An advisory's title.
    Title,
    /// A sentence of an advisory's description, or of the message of a fix's commit.
    Sentence,
    /// Words that the release file forbids.
    Forbidden,
    /// The name of a private fork or private repository.
    PrivateRepository,
    /// The id of a commit that only the private side has.
    PrivateCommit,
    /// A line that a fix adds or takes away.
    FixLine,
    /// The person who reported it.
    Reporter,
}

impl SecretKind {
    fn noun(self) -> &'static str {
        match self {
            SecretKind::Advisory => "advisory id",
            SecretKind::Cve => "CVE id",
            SecretKind::Title => "title",
            SecretKind::Sentence => "sentence",
            SecretKind::Forbidden => "forbidden words",
            SecretKind::PrivateRepository => "private repository",
            SecretKind::PrivateCommit => "private commit id",
            SecretKind::FixLine => "line of a fix",
            SecretKind::Reporter => "reporter",
        }
    }
}

/// One thing that must not be seen in public.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    kind: SecretKind,
    /// What is looked for.
    needle: String,
    /// Its letters and digits alone, where they are enough to tell it whatever is between them.
    squashed: Option<String>,
    /// As it was given.
    written: String,
}

/// A title of fewer words is one that any text may have: `Security fix`.
const WORDS_OF_A_TITLE: usize = 3;
/// A sentence of fewer words says too little.
const WORDS_OF_A_SENTENCE: usize = 5;
/// As many letters and digits one after the other tell a line of code, or a sentence.
const LETTERS_OF_A_LINE: usize = 24;
/// And so many a title.
const LETTERS_OF_A_TITLE: usize = 16;

impl Secret {
    /// A needle of this kind. `None` for text too ordinary to tell anything: a brace, a blank line, keywords alone.
    #[must_use]
    pub fn new(kind: SecretKind, text: &str) -> Option<Secret> {
        let folded = folded(text.trim());
        let words = folded.split_whitespace().count();
        let needle = match kind {
            SecretKind::FixLine => is_telling(&folded).then(|| tokens(&folded))?,
            SecretKind::Title => (words >= WORDS_OF_A_TITLE).then(|| tokens(&folded))?,
            SecretKind::Sentence => (words >= WORDS_OF_A_SENTENCE).then(|| tokens(&folded))?,
            SecretKind::Forbidden => tokens(&folded),
            // They are written with dashes, without, with blanks and with underscores, and forks end in them without their prefix.
            SecretKind::Advisory => {
                let id = squashed(&folded);
                id.strip_prefix("ghsa").map(str::to_owned).unwrap_or(id)
            }
            SecretKind::Cve => squashed(&folded),
            SecretKind::PrivateRepository | SecretKind::PrivateCommit | SecretKind::Reporter => {
                folded.clone()
            }
        };
        let least = match kind {
            SecretKind::FixLine | SecretKind::Sentence => Some(LETTERS_OF_A_LINE),
            SecretKind::Title => Some(LETTERS_OF_A_TITLE),
            _ => None,
        };
        let squashed =
            least.and_then(|least| Some(squashed(&folded)).filter(|text| text.chars().count() >= least));
        (!needle.is_empty()).then(|| Secret { kind, needle, squashed, written: text.trim().to_owned() })
    }

    /// Whether a text shows it, in one of the ways in which it can be read.
    pub(super) fn is_in(&self, reading: &Reading) -> bool {
        let whatever_between =
            || self.squashed.as_ref().is_some_and(|squashed| reading.has_squashed(squashed));
        match self.kind {
            SecretKind::FixLine => {
                reading.has_tokens(&self.needle)
                    || whatever_between()
                    || has_renamed(reading, &listed(&self.needle))
            }
            SecretKind::Title | SecretKind::Sentence => {
                reading.has_tokens(&self.needle) || whatever_between()
            }
            SecretKind::Forbidden => reading.has_tokens(&self.needle),
            SecretKind::Advisory | SecretKind::Cve => reading.has_id(&self.needle),
            SecretKind::PrivateRepository => reading.folded.contains(&self.needle),
            SecretKind::PrivateCommit => mentions_commit(&reading.folded, &self.needle),
            // A login may be part of any word.
            SecretKind::Reporter => names(&reading.folded, &self.needle),
        }
    }

    /// It, in words. A line of the fix is not repeated: the message goes into a journal and onto a screen.
    pub(super) fn told(&self) -> String {
        match self.kind {
            SecretKind::FixLine => "a line of a fix".to_owned(),
            SecretKind::Title => "the title of an advisory".to_owned(),
            SecretKind::Sentence => "a sentence of an advisory or of a fix".to_owned(),
            SecretKind::Forbidden => format!("`{}`, which the release file forbids,", self.written),
            kind => format!("the {} `{}`", kind.noun(), self.written),
        }
    }
}

/// Whether a line of code says something of the fix. A long one does if it has letters enough. A short one,
/// `p->depth++;`, does if it does something to a name of its own.
fn is_telling(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let has_name = words.any(|word| {
        word.chars().count() >= 4 && !word.starts_with(|c: char| c.is_numeric()) && !is_keyword(word)
    });
    let visible = line.chars().filter(|c| !c.is_whitespace()).count();
    let letters = line.chars().filter(|c| c.is_alphanumeric()).count();
    let is_long = visible >= 12 && letters >= 6;
    has_name && (is_long || line.contains(['=', ';', '(', '[', '<', '>', '&']))
}

/// Whether a word of the text is the id or at least its first seven digits: people paste shortened ids, and seven are
/// enough to look one up.
fn mentions_commit(text: &str, id: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| word.len() >= 7 && id.starts_with(word))
}

/// Whether the login is in the text as a word of its own; GitHub's logins have letters, digits and dashes.
fn names(text: &str, login: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == login)
}
