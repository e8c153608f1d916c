//! A patch file as it came: a patch of a file that is not UTF-8 is not UTF-8 either.

use std::collections::BTreeSet;

use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

/// The bytes of a patch file. Where they are UTF-8, plans and journals hold them as the text that they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WirePatch", into = "WirePatch")]
pub struct PatchText(Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WirePatch {
    Text(String),
    Bytes {
        #[serde(with = "base64_text")]
        base64: Vec<u8>,
    },
}

impl PatchText {
    /// A patch of these bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> PatchText {
        PatchText(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The files that it changes or makes, as far as it names them in plain letters.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let text = String::from_utf8_lossy(&self.0);
        let lines: Vec<&str> = text.lines().collect();
        let path = |side: &str| {
            let path = side.get(4..)?.split('\t').next()?.trim_end();
            Some(path.strip_prefix("a/").or_else(|| path.strip_prefix("b/"))?.to_owned())
        };
        let sides = lines.windows(2).filter_map(|pair| match pair {
            [old, new] if old.starts_with("--- ") && new.starts_with("+++ ") => Some([*old, *new]),
            _ => None,
        });
        sides.flatten().filter_map(path).collect()
    }
}

impl From<WirePatch> for PatchText {
    fn from(wire: WirePatch) -> PatchText {
        match wire {
            WirePatch::Text(text) => PatchText(text.into_bytes()),
            WirePatch::Bytes { base64 } => PatchText(base64),
        }
    }
}

impl From<PatchText> for WirePatch {
    fn from(patch: PatchText) -> WirePatch {
        String::from_utf8(patch.0)
            .map_or_else(|error| WirePatch::Bytes { base64: error.into_bytes() }, WirePatch::Text)
    }
}

mod base64_text {
    use base64::Engine as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::BASE64_STANDARD;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_patch_are_those_of_its_headers() {
        let patch = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-one\n+two\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+++ b/no\n";
        let paths = PatchText::new(patch.as_bytes().to_vec()).paths();
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["new.py", "x.py"]);
    }

    #[test]
    fn text_is_kept_as_text_and_everything_else_byte_for_byte() {
        for bytes in [&b"+gr\xc3\xbc\xc3\x9fe\n"[..], b"+gr\xfc\xdfe\n"] {
            let written = serde_json::to_string(&PatchText::new(bytes.to_vec())).unwrap();
            let read: PatchText = serde_json::from_str(&written).unwrap();
            assert_eq!(read.as_bytes(), bytes);
        }
        assert_eq!(serde_json::to_string(&PatchText::new(b"+a\n".to_vec())).unwrap(), r#""+a\n""#);
    }
}
