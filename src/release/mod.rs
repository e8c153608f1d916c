//! The release file: the facts of one coordinated release. Plain data, parsed and checked against the catalog.

mod advisory;
mod check;
mod check_branches;
mod check_lines;
mod check_packages;
mod check_people;
mod check_tags;
mod check_words;
mod file;
mod fix;
mod line;
mod patch_text;
#[cfg(test)]
mod refused;
mod tag;
mod text_limits;
mod vector;

pub use advisory::{Advisory, CveWish, Severity};
pub use file::Release;
pub use fix::{Fix, FixSource, InnerMerges, NotAffected, PatchTexts};
pub use line::LineWish;
pub use patch_text::PatchText;
pub use tag::TagAnswer;
