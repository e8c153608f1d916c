//! One record as a file, and why there may be none.

/// One record, ready to be handed to its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    /// The name of the file.
    pub name: String,
    /// All of its text.
    pub text: String,
}

/// Why a record could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Its JSON could not be made.
    #[error("failed to write the OSV entry")]
    Json(#[from] serde_json::Error),
    /// Its TOML could not be made.
    #[error("failed to write the RustSec entry")]
    Toml(#[from] toml::ser::Error),
}
