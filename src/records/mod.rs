//! What databases and feeds are told of a vulnerability: one typed [`Vulnerability`] in, one file for each format out.
//!
//! PURE: nothing here asks GitHub or writes a file. A format is one file of this room and one line in `write.rs`.

mod file;
mod osv;
mod rustsec;
mod vulnerability;
mod write;

pub use file::RecordError;
pub use file::RecordFile;
pub use osv::untold;
pub use vulnerability::{AffectedHistory, AffectedPackage, AffectedRange, Vulnerability};
pub use write::write;

#[cfg(test)]
pub(crate) use vulnerability::example;
