//! Release notes: an entry for each advisory of a release, in the patch pull request.
//!
//! The changelog is never rewritten: a stretch of text is put into it at one place, in the style that the file
//! already has. A fresh section for the release keeps the notes of different lines from conflicting.

mod place;
mod rule;
mod text;

pub use rule::{NoteEntry, Notes, NotesError, NotesRule};

#[cfg(test)]
mod tests;
