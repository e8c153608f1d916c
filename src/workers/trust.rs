//! Whose word counts: a file with one public key a line, and what people call its owner.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::WorkersError;
use super::invalid_key::InvalidKey;
use super::key::PublicKey;

/// The keys that somebody was told to trust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted(BTreeMap<PublicKey, String>);

impl Trusted {
    /// Those of a file. Each line is a key and, after a blank, a name; `#` begins a remark.
    ///
    /// # Errors
    /// It cannot be read, or a line is no key.
    pub fn read(path: &Path) -> Result<Trusted, WorkersError> {
        let file = |source| WorkersError::File { what: "read", path: path.to_owned(), source };
        Trusted::of(&std::fs::read_to_string(path).map_err(file)?)
            .map_err(|(line, source)| WorkersError::Trust { path: path.to_owned(), line, source })
    }

    /// Those of a text; or the number of the line that is none.
    pub(super) fn of(text: &str) -> Result<Trusted, (usize, InvalidKey)> {
        let mut keys = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (key, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let key: PublicKey = key.parse().map_err(|error| (at + 1, error))?;
            let name = plain_name(name.trim()).unwrap_or_else(|| key.short().to_owned());
            keys.insert(key, name);
        }
        Ok(Trusted(keys))
    }

    /// Whether a key is one of them.
    #[must_use]
    pub fn has(&self, key: &PublicKey) -> bool {
        self.0.contains_key(key)
    }

    /// What its owner is called here.
    #[must_use]
    pub fn name<'a>(&'a self, key: &'a PublicKey) -> &'a str {
        self.0.get(key).map_or(key.short(), String::as_str)
    }

    /// All of them, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&PublicKey, &str)> {
        self.0.iter().map(|(key, name)| (key, name.as_str()))
    }
}

/// A name that can be printed and can be part of a file's name; nothing if not much of it is left.
fn plain_name(name: &str) -> Option<String> {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let name: String = name.chars().filter(plain).take(40).collect();
    let name = name.trim_start_matches(['.', '-']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workers::key::SigningKey;

    #[test]
    fn a_line_is_a_key_and_a_name() {
        let (one, other) = (SigningKey::new().unwrap().public(), SigningKey::new().unwrap().public());
        let text = format!("# the team\n\n{one}  mac-mini  # under the desk\n  {other}\n");
        let trusted = Trusted::of(&text).unwrap();
        assert_eq!((trusted.name(&one), trusted.name(&other)), ("mac-mini", other.short()));
        assert!(!trusted.has(&SigningKey::new().unwrap().public()));
        assert_eq!(Trusted::of(&format!("{one}\nSUxx\n")).unwrap_err().0, 2);
        let odd = Trusted::of(&format!("{one} ../../\u{1b}[2J x")).unwrap();
        assert_eq!(odd.name(&one), "2Jx");
    }
}
