//! The leak guard: reads what is about to be public and looks for anything of the embargo in it.

use super::permit::Cleared;

/// What kind of embargoed thing a needle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// An advisory id.
    Advisory,
    /// A CVE id.
    Cve,
    /// The name of a private fork or private repository.
    PrivateRepository,
    /// The id of a commit that only the private side has.
    PrivateCommit,
    /// A line that a fix adds.
    FixLine,
    /// The person who reported it.
    Reporter,
}

impl SecretKind {
    fn noun(self) -> &'static str {
        match self {
            SecretKind::Advisory => "advisory id",
            SecretKind::Cve => "CVE id",
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
    needle: String,
}

impl Secret {
    /// A needle of this kind. `None` for text too ordinary to tell anything: a brace, a blank line, a common
    /// keyword. A line of a fix needs twelve characters, two of them not punctuation, to count.
    #[must_use]
    pub fn new(kind: SecretKind, text: &str) -> Option<Secret> {
        let needle = match kind {
            SecretKind::FixLine => text.trim().to_owned(),
            _ => text.trim().to_ascii_lowercase(),
        };
        let telling = match kind {
            SecretKind::FixLine => {
                needle.chars().count() >= 12 && needle.chars().filter(|c| c.is_alphanumeric()).count() >= 6
            }
            _ => !needle.is_empty(),
        };
        telling.then_some(Secret { kind, needle })
    }
}

/// A public surface, in the words of a message: `title of the pull request in brightwater/sluice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface(pub String);

/// Embargoed content was about to become public. The message does not repeat a line of the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {surface} would show {what} before the release-day gate; nothing was sent")]
pub struct Leak {
    /// Where it would have been seen.
    pub surface: String,
    /// What would have been seen.
    pub what: String,
}

/// Everything of one release that is under embargo.
#[derive(Debug, Clone, Default)]
pub struct LeakGuard {
    secrets: Vec<Secret>,
}

impl LeakGuard {
    /// A guard for these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> LeakGuard {
        let mut secrets: Vec<Secret> = secrets.into_iter().collect();
        secrets.sort();
        secrets.dedup();
        LeakGuard { secrets }
    }

    /// Reads every text that the action would make public.
    ///
    /// # Errors
    /// [`Leak`] for the first secret found; nothing may be sent then.
    pub fn clear(&self, surface: &Surface, texts: &[&str]) -> Result<Cleared, Leak> {
        for text in texts {
            let folded = text.to_ascii_lowercase();
            for secret in &self.secrets {
                let found = match secret.kind {
                    SecretKind::FixLine => text.lines().any(|line| line.contains(&secret.needle)),
                    SecretKind::PrivateCommit => {
                        // People paste shortened ids: seven digits are enough to look one up.
                        let short = &secret.needle[..secret.needle.len().min(7)];
                        folded.contains(short) && mentions_id(&folded, &secret.needle)
                    }
                    // A login may be part of any word.
                    SecretKind::Reporter => names(&folded, &secret.needle),
                    _ => folded.contains(&secret.needle),
                };
                if found {
                    let what = match secret.kind {
                        SecretKind::FixLine => "a line of a fix".to_owned(),
                        kind => format!("the {} `{}`", kind.noun(), secret.needle),
                    };
                    return Err(Leak { surface: surface.0.clone(), what });
                }
            }
        }
        Ok(Cleared::new(surface.0.clone()))
    }
}

/// Whether a word of the text is the id or at least its first seven digits.
fn mentions_id(text: &str, id: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.len() >= 7 && id.starts_with(word))
}

/// Whether the login stands in the text as a word of its own; GitHub's logins have letters, digits and dashes.
fn names(text: &str, login: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == login)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> LeakGuard {
        LeakGuard::new(
            [
                (SecretKind::Advisory, "GHSA-23cf-ghjm-pqrv"),
                (SecretKind::PrivateCommit, "0123456789abcdef0123456789abcdef01234567"),
                (SecretKind::FixLine, "    if (depth > SLUICE_MAX_DEPTH) return -1;"),
                (SecretKind::FixLine, "}"),
            ]
            .into_iter()
            .filter_map(|(kind, text)| Secret::new(kind, text)),
        )
    }

    fn clear(text: &str) -> Result<Cleared, Leak> {
        guard().clear(&Surface("title of a pull request".into()), &[text])
    }

    #[test]
    fn ordinary_text_passes() {
        assert!(clear("Bump to 2.4.3\n}\n").is_ok());
    }

    #[test]
    fn advisory_id_is_found_in_any_case() {
        let leak = clear("see ghsa-23CF-ghjm-pqrv").unwrap_err();
        assert!(leak.to_string().contains("advisory id"), "{leak}");
    }

    #[test]
    fn reporter_is_found_as_a_word_and_not_within_one() {
        let guard = LeakGuard::new(Secret::new(SecretKind::Reporter, "Al"));
        let surface = Surface("mail".into());
        assert!(guard.clear(&surface, &["also normal"]).is_ok());
        assert!(guard.clear(&surface, &["thanks to @al."]).is_err());
    }

    #[test]
    fn shortened_commit_id_is_found() {
        assert!(clear("picked from 0123456789").is_err());
        assert!(clear("ticket 0123456").is_err());
        assert!(clear("ticket 01234").is_ok());
    }

    #[test]
    fn line_of_a_fix_is_found_but_not_repeated() {
        let leak = clear("x\n  if (depth > SLUICE_MAX_DEPTH) return -1; // why\n").unwrap_err();
        assert!(!leak.to_string().contains("SLUICE_MAX_DEPTH"), "{leak}");
    }
}
