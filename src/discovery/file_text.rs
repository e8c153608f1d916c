//! The text of a file of a tree.

use crate::version::{TreeReader, open};

/// The text at this path, if there is a file that can be read.
pub(super) fn text_of(files: &dyn TreeReader, path: &str) -> Option<String> {
    Some(open(files, path).ok()??.text)
}
