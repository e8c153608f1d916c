//! Who made a commit and when.

use jiff::Timestamp;

use crate::git::error::{GitError, WhileDoing};

/// A name, an address and a time with its offset, as commits carry them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Signature {
    /// The person's name.
    pub name: String,
    /// The person's mail address.
    pub email: String,
    /// When, to the second.
    pub time: Timestamp,
    /// The person's offset from UTC, in minutes east.
    pub offset_minutes: i32,
}

impl Signature {
    /// A signature in UTC. Sub-second parts are dropped: git does not keep them.
    #[must_use]
    pub fn utc(name: &str, email: &str, time: Timestamp) -> Signature {
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        Signature { name: name.to_owned(), email: email.to_owned(), time, offset_minutes: 0 }
    }

    /// What libgit2 read. Bytes that are not UTF-8 are replaced, a time that does not exist becomes 1970.
    pub(crate) fn of(raw: &git2::Signature<'_>) -> Signature {
        Signature {
            name: String::from_utf8_lossy(raw.name_bytes()).into_owned(),
            email: String::from_utf8_lossy(raw.email_bytes()).into_owned(),
            time: Timestamp::from_second(raw.when().seconds()).unwrap_or(Timestamp::UNIX_EPOCH),
            offset_minutes: raw.when().offset_minutes(),
        }
    }

    /// The form that libgit2 writes; it refuses names and addresses with `<`, `>` or a line break.
    pub(crate) fn raw(&self) -> Result<git2::Signature<'static>, GitError> {
        let time = git2::Time::new(self.time.as_second(), self.offset_minutes);
        git2::Signature::new(&self.name, &self.email, &time).doing(|| format!("sign as `{}`", self.name))
    }

    /// The line of a commit's or tag's header that names the person.
    pub(super) fn line(&self, key: &str) -> Result<Vec<u8>, GitError> {
        // libgit2 refuses or trims what a header cannot hold.
        let checked = self.raw()?;
        let minutes = self.offset_minutes;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let time = format!("> {} {sign}{hours:02}{rest:02}", self.time.as_second());
        Ok([key.as_bytes(), b" ", checked.name_bytes(), b" <", checked.email_bytes(), time.as_bytes()]
            .concat())
    }
}
