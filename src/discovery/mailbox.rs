//! Where the project wants reports to be sent.

use regex::Regex;

use super::fact::Fact;
use super::file_text::text_of;
use crate::version::TreeReader;

/// The first address of the security policy.
pub(super) fn mailbox(files: &dyn TreeReader) -> Option<Fact<String>> {
    let address = Regex::new(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").ok()?;
    ["SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md", "SECURITY.rst"].iter().find_map(|path| {
        let text = text_of(files, path)?;
        let found = address.find(&text)?.as_str().to_owned();
        Some(Fact::guessed(found, format!("it stands in {path}")))
    })
}
