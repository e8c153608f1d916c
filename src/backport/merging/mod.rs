//! The three-way merge that reads only what a fix touches, and the second engine that checks it.

mod attribute_lines;
mod attributes;
mod blobs;
mod brief;
pub(super) mod conflict;
pub(super) mod edits;
pub(super) mod endings;
pub(super) mod file_merge;
pub(super) mod likeness;
pub(super) mod marked;
pub(super) mod merge;
pub(super) mod noise;
pub(super) mod opinion;
pub(super) mod renames;
pub(super) mod second;
pub(super) mod similarity;
pub(super) mod text_merge;
pub(super) mod turnover;
mod union;
pub(super) mod window;
