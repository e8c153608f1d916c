//! Tags that name one version at different commits: which of them was released is for people to say.

use std::collections::BTreeMap;

use super::unread::Unread;
use crate::ids::CommitId;
use crate::numbering::Version;
use crate::snapshot::RivalTag;

/// The versions that tags name, with the tags and their commits.
pub(super) type TaggedCommits = BTreeMap<Version, (String, CommitId)>;

/// The versions that several tags name, each with the tags beside the one that counts.
#[derive(Default)]
pub(super) struct Rivals(BTreeMap<Version, Vec<RivalTag>>);

impl Rivals {
    pub(super) fn add(&mut self, version: Version, tag: &str, commit: &CommitId) {
        let rival = RivalTag { tag: tag.to_owned(), commit: commit.clone() };
        self.0.entry(version).or_default().push(rival);
    }

    /// Takes a tag out, for it counts for no version or for another one; the next one of its version counts then. Tells
    /// whether there was another one.
    pub(super) fn withdraw(&mut self, tag: &str, versions: &mut TaggedCommits) -> bool {
        for (version, rivals) in &mut self.0 {
            if let Some(at) = rivals.iter().position(|rival| rival.tag == tag) {
                rivals.remove(at);
                return true;
            }
            let counts = versions.get_mut(version).filter(|(own, _)| own == tag && !rivals.is_empty());
            if let Some(counts) = counts {
                let next = rivals.remove(0);
                *counts = (next.tag, next.commit);
                return true;
            }
        }
        false
    }

    /// Lets this tag count for the version, which others name, too. Tells whether it is one of them.
    pub(super) fn choose(&mut self, tag: &str, version: &Version, versions: &mut TaggedCommits) -> bool {
        let (Some(rivals), Some(counts)) = (self.0.get_mut(version), versions.get_mut(version)) else {
            return false;
        };
        if let Some(chosen) = rivals.iter().find(|rival| rival.tag == tag) {
            *counts = (chosen.tag.clone(), chosen.commit.clone());
        }
        let is_one = counts.0 == tag;
        if is_one {
            rivals.clear();
        }
        is_one
    }

    /// The tags that nobody has answered, each named with the one that counts until then.
    pub(super) fn left(&self, versions: &TaggedCommits, unread: &mut Unread) {
        for (version, rivals) in &self.0 {
            let Some((counts, _)) = versions.get(version) else { continue };
            for rival in rivals {
                unread.add(&rival.tag, because(counts));
            }
        }
    }

    /// The tags beside the one that counts for a version.
    pub(super) fn of(&self, version: &Version) -> Vec<RivalTag> {
        self.0.get(version).cloned().unwrap_or_default()
    }
}

fn because(counts: &str) -> String {
    format!(
        "is at another commit than `{counts}`, which names the same version: both are looked at until `[[tag]]` says which \
         was released"
    )
}
