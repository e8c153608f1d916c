//! The names of things, parsed once at the door.
//!
//! Every identifier that crosses a border (a file, an HTTP answer, an argument) becomes one of these
//! types there; inside the house no function takes a bare string for a repository, a branch or a commit.
//! This module uses nothing else of the crate.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use sha2::Digest as _;

/// Why a string is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {expected}")]
pub struct InvalidId {
    /// The string as it was given.
    pub value: String,
    /// What was expected, as a noun phrase with its article.
    pub expected: &'static str,
}

fn invalid(value: &str, expected: &'static str) -> InvalidId {
    InvalidId { value: value.to_owned(), expected }
}

/// Declares a newtype over text that can only be made by its parser. Names are everywhere, and copies of one share it.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
        #[schemars(with = "String")]
        pub struct $name(Arc<str>);

        parsed_text!($name, $parse);
    };
}

/// Reads an identifier from text where it stands.
struct Text<T>(PhantomData<T>);

impl<T: FromStr<Err = InvalidId>> serde::de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// What every identifier can do: be parsed, shown and read as text.
macro_rules! parsed_text {
    ($name:ident, $parse:expr) => {
        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let parse: fn(&str) -> Result<String, InvalidId> = $parse;
                parse(text).map(|text| $name(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        // Plans and journals hold names by the ten thousand: none is copied on the way.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(PhantomData))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

fn name_part(part: &str) -> bool {
    !part.is_empty()
        && part != "."
        && part != ".."
        && !part.starts_with('-')
        && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

text_id!(
    /// A repository on GitHub, `owner/name`.
    RepoName,
    |text| match text.split_once('/') {
        Some((owner, name)) if name_part(owner) && name_part(name) => Ok(text.to_owned()),
        _ => Err(invalid(text, "a repository (`owner/name`)")),
    }
);

impl RepoName {
    /// The user or organisation that owns the repository.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The repository's name without its owner.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }

    /// The temporary private fork that GitHub makes for an advisory of this repository: same owner,
    /// `name-ghsa-…` in lower case, the repository's part cut to 80 characters
    /// (GitHub docs, "Collaborating in a temporary private fork").
    #[must_use]
    pub fn private_fork(&self, advisory: &GhsaId) -> RepoName {
        let name: String = self.name().chars().take(80).collect();
        RepoName(format!("{}/{}-{}", self.owner(), name, advisory.as_str().to_ascii_lowercase()).into())
    }
}

/// A longer one GitHub refuses: with `refs/heads/` it is as long as a name of a file can be.
const LONGEST_BRANCH: usize = 244;

fn branch(text: &str) -> Result<String, InvalidId> {
    let bad = text.is_empty()
        || text.len() > LONGEST_BRANCH
        || text.starts_with(['-', '/', '.'])
        || text.ends_with(['/', '.'])
        || text.ends_with(".lock")
        || text.contains("..")
        || text.contains("//")
        || text.contains("@{")
        || text.contains("/.")
        || text.chars().any(|c| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c));
    if bad { Err(invalid(text, "a branch name")) } else { Ok(text.to_owned()) }
}

text_id!(
    /// A branch without `refs/heads/`. Names that git or GitHub would refuse, or that look like an option, are refused.
    BranchName,
    branch
);

impl BranchName {
    /// The full reference, `refs/heads/…`.
    #[must_use]
    pub fn full(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

fn object_id(text: &str, expected: &'static str) -> Result<String, InvalidId> {
    if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(invalid(text, expected))
    }
}

text_id!(
    /// The full id of a git commit: 40 hexadecimal digits.
    CommitId,
    |text| object_id(text, "a full commit id (40 hexadecimal digits)")
);

impl CommitId {
    /// The first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..10]
    }
}

text_id!(
    /// The full id of a git tree: 40 hexadecimal digits.
    TreeId,
    |text| object_id(text, "a full tree id (40 hexadecimal digits)")
);

impl TreeId {
    /// The first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..10]
    }
}

text_id!(
    /// The full id of an annotated tag's own object: 40 hexadecimal digits.
    TagId,
    |text| object_id(text, "a full tag id (40 hexadecimal digits)")
);

/// The letters that GitHub uses in advisory ids.
pub(crate) const GHSA_ALPHABET: &str = "23456789cfghjmpqrvwx";

text_id!(
    /// A GitHub security advisory: `GHSA-` and three groups of four letters. People write it in any case, and without its
    /// prefix, as `:ghsa:` roles and many changelogs have it.
    GhsaId,
    |text| {
        let lower = text.trim().to_ascii_lowercase();
        let groups: Vec<&str> = lower.strip_prefix("ghsa-").unwrap_or(&lower).split('-').collect();
        let well_formed = groups.len() == 3
            && groups.iter().all(|g| g.len() == 4 && g.chars().all(|c| GHSA_ALPHABET.contains(c)));
        if well_formed {
            Ok(format!("GHSA-{}", groups.join("-")))
        } else {
            Err(invalid(text, "an advisory id (`GHSA-xxxx-xxxx-xxxx`, letters 23456789cfghjmpqrvwx)"))
        }
    }
);

text_id!(
    /// A CVE id: `CVE-YYYY-NNNN…`.
    CveId,
    |text| {
        let mut parts = text.splitn(3, '-');
        let prefix = parts.next() == Some("CVE");
        let year = parts.next().is_some_and(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()));
        let number = parts.next().is_some_and(|n| n.len() >= 4 && n.bytes().all(|b| b.is_ascii_digit()));
        if prefix && year && number { Ok(text.to_owned()) } else { Err(invalid(text, "a CVE id (`CVE-YYYY-NNNN`)")) }
    }
);

/// A GitHub user. `Mara` and `mara` are one person, as they are on GitHub: the spelling is kept for showing, and takes no
/// part in comparing.
#[derive(Clone, schemars::JsonSchema)]
#[schemars(with = "String")]
pub struct Login(Arc<str>);

parsed_text!(Login, |text| if name_part(text) && text.len() <= 39 {
    Ok(text.to_owned())
} else {
    Err(invalid(text, "a GitHub login"))
});

impl Login {
    fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Login) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Login {}

impl PartialOrd for Login {
    fn partial_cmp(&self, other: &Login) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Login {
    fn cmp(&self, other: &Login) -> Ordering {
        self.canonical().cmp(&other.canonical())
    }
}

impl Hash for Login {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

text_id!(
    /// The stable name of a step, a path such as `backport/sluice/release-2.x/GHSA-…`.
    StepName,
    |text| {
        let good = !text.is_empty()
            && !text.starts_with('/')
            && !text.ends_with('/')
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if good { Ok(with_canonical_advisory(text)) } else { Err(invalid(text, "a step name")) }
    }
);

/// The name of a step, whose last part may be an advisory: it is written as people write that elsewhere.
fn with_canonical_advisory(text: &str) -> String {
    let (before, last) = text.rsplit_once('/').map_or(("", text), |(before, last)| (before, last));
    if is_canonical(last) {
        return text.to_owned();
    }
    match last.parse::<GhsaId>() {
        Ok(advisory) if !before.is_empty() => format!("{before}/{advisory}"),
        _ => text.to_owned(),
    }
}

/// Whether it is the id of an advisory as it is written: of tens of thousands of steps none other is read.
fn is_canonical(id: &str) -> bool {
    let is_letter = |byte: &u8| GHSA_ALPHABET.as_bytes().contains(byte);
    let groups = id.strip_prefix("GHSA-").unwrap_or_default().as_bytes().split(|byte| *byte == b'-');
    let are_letters = groups.clone().all(|group| group.len() == 4 && group.iter().all(is_letter));
    are_letters && groups.count() == 3
}

text_id!(
    /// The SHA-256 of something that was shown, planned or approved: 64 hexadecimal digits.
    Digest,
    |text| if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(invalid(text, "a digest (64 hexadecimal digits)"))
    }
);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: impl AsRef<[u8]>) -> Digest {
        Digest(hex::encode(Digest::bytes_of(bytes.as_ref())).into())
    }

    /// The digest of these bytes as bytes, for digests of digests.
    #[must_use]
    pub fn bytes_of(bytes: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(bytes).into()
    }

    /// The first twelve digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl Login {
    /// What stands where a login is to be written.
    pub const SOMEBODY: &str = "your-login";

    /// Whether it stands for one that was not written yet.
    #[must_use]
    pub fn is_somebody(&self) -> bool {
        self.as_str() == Login::SOMEBODY
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    #[test]
    fn bp_28_branch_that_looks_like_an_option_is_refused() {
        assert!("--upload-pack=touch /tmp/x".parse::<BranchName>().is_err());
        assert!("-f".parse::<BranchName>().is_err());
        assert!("release/2.4.x".parse::<BranchName>().is_ok());
        assert!("a".repeat(LONGEST_BRANCH).parse::<BranchName>().is_ok());
        assert!("a".repeat(LONGEST_BRANCH + 1).parse::<BranchName>().is_err());
    }

    #[test]
    fn advisory_id_is_canonical() {
        let id: GhsaId = "ghsa-23CF-ghjm-pqrv".parse().unwrap();
        assert_eq!(id.as_str(), "GHSA-23cf-ghjm-pqrv");
        let same: [GhsaId; 3] = ["23cf-ghjm-pqrv", "GHSA-23CF-GHJM-PQRV", " Ghsa-23cf-ghjm-pqrv "]
            .map(|text| text.parse().unwrap());
        assert!(same.iter().all(|other| *other == id), "{same:?}");
        for wrong in ["GHSA-1234-abcd-efgh", "GHSA-23cf-ghjm", "GHSA-ghsa-23cf-ghjm-pqrv", "23cfghjmpqrv", ""]
        {
            assert!(wrong.parse::<GhsaId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn step_of_an_advisory_is_found_however_its_id_is_written() {
        let name = |text: &str| text.parse::<StepName>().unwrap();
        let step = name("backport/acme/pump/release/1.x/GHSA-23cf-ghjm-pqrv");
        assert_eq!(step, name("backport/acme/pump/release/1.x/ghsa-23CF-ghjm-pqrv"));
        assert_eq!(step, name("backport/acme/pump/release/1.x/23cf-ghjm-pqrv"));
        assert_eq!(name("stack/acme/pump/main").as_str(), "stack/acme/pump/main");
    }

    #[test]
    fn private_fork_is_named_as_github_names_it() {
        let repo: RepoName = "brightwater/sluice".parse().unwrap();
        let id: GhsaId = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
        assert_eq!(repo.private_fork(&id).as_str(), "brightwater/sluice-ghsa-23cf-ghjm-pqrv");
    }

    #[test]
    fn a_login_is_the_same_person_in_any_case_and_keeps_its_spelling() {
        let login = |text: &str| text.parse::<Login>().unwrap();
        assert_eq!(login("Mara"), login("mara"));
        assert_eq!(BTreeSet::from([login("Mara"), login("mara"), login("ines")]).len(), 2);
        assert_eq!(HashSet::from([login("Mara"), login("MARA")]).len(), 1);
        assert!(login("Ines") < login("mara"));
        assert_eq!(login("Mara").as_str(), "Mara");
    }

    #[test]
    fn repository_names_cannot_climb_out() {
        assert!("../x".parse::<RepoName>().is_err());
        assert!("a/..".parse::<RepoName>().is_err());
        assert!("a/b/c".parse::<RepoName>().is_err());
    }
}
