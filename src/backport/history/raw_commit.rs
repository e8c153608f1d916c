//! What a commit says of itself, read from its raw form, since thousands are read to find one that carried a fix.

use git2::{ObjectType, OdbObject, Oid};
use jiff::Timestamp;

use crate::git::plumbing::{commit_id, reverts};
use crate::git::{GitError, picked_from};
use crate::ids::CommitId;

/// A commit's account of itself.
#[derive(Debug)]
pub(in crate::backport) struct RawCommit {
    pub(in crate::backport) id: Oid,
    pub(in crate::backport) tree: Oid,
    pub(in crate::backport) parents: Vec<Oid>,
    pub(in crate::backport) committed: Timestamp,
    /// The commits that it takes back.
    pub(in crate::backport) reverts: Vec<CommitId>,
    /// The whole commit. Bytes that are no UTF-8 are replaced.
    text: String,
}

impl RawCommit {
    /// Reads a commit.
    ///
    /// # Errors
    /// [`GitError::Malformed`] if the object is no commit that git can have written.
    pub(in crate::backport) fn read(id: Oid, object: &OdbObject<'_>) -> Result<RawCommit, GitError> {
        let text = String::from_utf8_lossy(object.data()).into_owned();
        let malformed = || GitError::Malformed { id: id.to_string() };
        let read = (object.kind() == ObjectType::Commit).then(|| parsed(id, text)).flatten();
        read.ok_or_else(malformed)
    }

    pub(in crate::backport) fn commit_id(&self) -> Result<CommitId, GitError> {
        commit_id(self.id)
    }

    pub(in crate::backport) fn message(&self) -> &str {
        self.text.split_once("\n\n").map_or("", |(_, message)| message)
    }

    /// The first line of the message; empty for an empty message.
    pub(in crate::backport) fn subject(&self) -> &str {
        self.message().trim_start().lines().next().unwrap_or("").trim_end()
    }

    /// The author's name.
    pub(in crate::backport) fn author(&self) -> &str {
        self.author_line().split_once(" <").map_or("", |(name, _)| name)
    }

    /// Whether its message says that it was picked from another commit.
    pub(in crate::backport) fn was_picked_from(&self, other: &RawCommit) -> bool {
        let id = other.id.to_string();
        // Most messages name no commit, and that is seen at a glance.
        self.message().contains(&id) && picked_from(self.message()).iter().any(|from| from.as_str() == id)
    }

    /// Whether it has another commit's author, author date and subject.
    pub(in crate::backport) fn has_author_and_subject_of(&self, other: &RawCommit) -> bool {
        let same_author = self.address_and_time().is_some_and(|own| Some(own) == other.address_and_time());
        same_author && !self.subject().is_empty() && self.subject() == other.subject()
    }

    fn author_line(&self) -> &str {
        let header = self.text.split("\n\n").next().unwrap_or_default();
        header.lines().find_map(|line| line.strip_prefix("author ")).unwrap_or_default()
    }

    /// `<address> seconds`, without the offset from UTC.
    fn address_and_time(&self) -> Option<&str> {
        let line = self.author_line();
        let (stamp, _) = line.get(line.rfind('<')?..)?.rsplit_once(' ')?;
        Some(stamp)
    }
}

fn parsed(id: Oid, text: String) -> Option<RawCommit> {
    let header = text.split("\n\n").next()?;
    let all = |key: &'static str| header.lines().filter_map(move |line| line.strip_prefix(key));
    let tree = Oid::from_str(all("tree ").next()?).ok()?;
    let parents = all("parent ").map(Oid::from_str).collect::<Result<_, _>>().ok()?;
    let seconds = all("committer ").next()?.rsplit(' ').nth(1)?.parse().unwrap_or(0);
    let committed = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let reverts = text.split_once("\n\n").map_or(Vec::new(), |(_, message)| reverts(message));
    Some(RawCommit { id, tree, parents, committed, reverts, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RawCommit {
        parsed(Oid::hash_object(ObjectType::Commit, text.as_bytes()).unwrap(), text.to_owned()).unwrap()
    }

    fn commit(author: &str, message: &str) -> RawCommit {
        let id = "5".repeat(40);
        let keeper = "Lock Keeper <keeper@example.org> 1767000000 +0000";
        read(&format!(
            "tree {id}\nparent {id}\nparent {id}\nauthor {author}\ncommitter {keeper}\n\n{message}"
        ))
    }

    #[test]
    fn header_and_message_are_told_apart() {
        let read = commit("Ada <Weir> <ada@example.org> 1700000000 +0100", "\nfix: depth\n\ntree of\n");
        assert_eq!((read.subject(), read.parents.len()), ("fix: depth", 2));
        assert_eq!(read.committed.as_second(), 1_767_000_000);
        assert_eq!(read.author(), "Ada");
        assert_eq!(read.address_and_time(), Some("<ada@example.org> 1700000000"));
    }

    #[test]
    fn the_same_author_at_the_same_second_is_known_in_any_zone() {
        let one = commit("Ada <ada@example.org> 1700000000 +0100", "fix\n");
        let two = commit("A. Weir <ada@example.org> 1700000000 -0700", "fix\n\n(more)\n");
        let three = commit("Ada <ada@example.org> 1700000001 +0100", "fix\n");
        assert!(one.has_author_and_subject_of(&two) && !one.has_author_and_subject_of(&three));
        let nameless = commit("Ada <ada@example.org> 1700000000 +0100", "");
        assert!(!nameless.has_author_and_subject_of(&nameless), "an empty subject says nothing");
    }

    #[test]
    fn a_commit_without_tree_or_committer_is_none() {
        assert!(parsed(Oid::ZERO_SHA1, "author Ada <a@b> 1 +0000\n\nfix\n".to_owned()).is_none());
        assert!(parsed(Oid::ZERO_SHA1, String::new()).is_none());
    }
}
