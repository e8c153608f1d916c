//! What a registry can say.

/// What a registry knows of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAnswer {
    /// It is available.
    Published {
        /// The registry's checksum in its own form: SHA-256 for cargo and PyPI (of the source distribution, where
        /// there is one), an integrity string for npm.
        checksum: Option<String>,
    },
    /// It was yanked: it is still there, but resolvers do not choose it any more.
    Yanked,
    /// It is not there, or not yet: an index lags an upload.
    Absent,
}

impl RegistryAnswer {
    /// What is said of a version that is there.
    pub(super) fn of(checksum: Option<String>, yanked: bool) -> RegistryAnswer {
        if yanked { RegistryAnswer::Yanked } else { RegistryAnswer::Published { checksum } }
    }
}
