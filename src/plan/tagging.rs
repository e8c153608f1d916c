//! Which kind of tag a release gets, where Lockgate makes it.

use super::graph::Plan;
use crate::catalog::{Repo, TagKind, Trigger};

/// How the tag of a release is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// A name for the commit.
    Lightweight,
    /// With a tagger and a message.
    Annotated,
    /// The same, signed.
    Signed,
}

impl Plan {
    /// How the tags of a repository are made; `None` where Lockgate makes none.
    #[must_use]
    pub fn tagging(&self, repo: &Repo) -> Option<Tagging> {
        let rule = self.inputs.release_rule(repo).filter(|rule| rule.trigger == Trigger::PushTag)?;
        if rule.sign_tags {
            return Some(Tagging::Signed);
        }
        let annotates = self.snapshot.repos.get(&repo.name).and_then(|state| state.annotates);
        Some(match (rule.tag_kind, annotates) {
            (Some(TagKind::Lightweight), _) => Tagging::Lightweight,
            (None, Some(false)) if rule.tag_message.is_none() => Tagging::Lightweight,
            _ => Tagging::Annotated,
        })
    }
}

impl Tagging {
    /// The tag as people speak of it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Tagging::Lightweight => "a lightweight tag",
            Tagging::Annotated => "an annotated tag",
            Tagging::Signed => "a signed tag",
        }
    }
}
