//! The texts of an XML file with the bytes where they stand.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::version::error::VersionError;
use crate::version::files::TextFile;
use crate::version::place::line_of;

/// An element that holds text and no other element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The names of the elements from the root to this one, with `/` between them, without name spaces.
    pub(super) path: String,
    /// Which element holds it: leaves beside each other have the same.
    pub(super) parent: usize,
    /// Its text without the space around it.
    pub(super) range: Range<usize>,
    /// Whether it, or an element around it, has an attribute `Condition`, by which MSBuild may pass it over.
    pub(super) is_conditional: bool,
}

impl Leaf {
    /// Whether it is a property of MSBuild.
    pub(super) fn is_property(&self) -> bool {
        self.path.rsplit('/').nth(1) == Some("PropertyGroup")
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.path.rsplit('/').next() == Some(name)
    }
}

/// Every leaf of a file, in order. Comments and what is in attributes are none.
pub(super) fn leaves(file: &TextFile) -> Result<Vec<Leaf>, VersionError> {
    let text = file.text.as_str();
    let mut reader = Reader::from_str(text);
    // Name and number of each open element, and whether a condition stands there.
    let mut open: Vec<(String, usize, bool)> = Vec::new();
    let (mut found, mut count, mut opened) = (Vec::new(), 0, 0);
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match reader.read_event() {
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(0);
                return Err(VersionError::Syntax {
                    path: file.path.clone(),
                    line: line_of(text, at),
                    format: "XML",
                    message: error.to_string(),
                });
            }
            Ok(Event::Eof) => return Ok(found),
            Ok(Event::Start(start)) => {
                count += 1;
                let is_conditional = start.attributes().flatten().any(|one| one.key.as_ref() == "Condition");
                open.push((start.local_name().as_ref().to_owned(), count, is_conditional));
                opened = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            }
            Ok(Event::End(_)) => {
                let content = &text[opened.min(before)..before];
                if !content.contains('<') && !content.trim().is_empty() {
                    let start = opened + (content.len() - content.trim_start().len());
                    let names: Vec<&str> = open.iter().map(|(name, ..)| name.as_str()).collect();
                    let parent = open.len().checked_sub(2).map_or(0, |at| open[at].1);
                    found.push(Leaf {
                        path: names.join("/"),
                        parent,
                        range: start..start + content.trim().len(),
                        is_conditional: open.iter().any(|(.., is_conditional)| *is_conditional),
                    });
                }
                open.pop();
                // What follows belongs to an element with others in it.
                opened = text.len();
            }
            Ok(_) => {}
        }
    }
}
