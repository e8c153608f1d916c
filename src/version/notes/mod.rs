//! Release notes: an entry for each advisory of a release, in the patch pull request.
//!
//! A changelog is never rewritten: a stretch of text is put into it at one place, in the style that the file already
//! has. A fresh section for the release keeps the notes of different lines from conflicting. Where the place is not
//! certain, nothing is written.

mod collect;
mod coming;
mod debian;
mod entries;
mod error;
mod heading;
mod insert;
mod line;
mod links;
mod markup;
mod neighbours;
mod noted;
mod own;
mod place;
mod rule;
mod said;
mod section;
mod sequence;
mod text;
mod told;
mod values;
mod without;
mod write;

pub use error::NotesError;
pub use noted::{NoteEntry, NotedRelease};
pub use rule::{CarryForward, NotesRule};
pub use said::OwnWords;

#[cfg(test)]
mod forms;
#[cfg(test)]
mod order;
#[cfg(test)]
mod own_cases;
#[cfg(test)]
mod tests;
