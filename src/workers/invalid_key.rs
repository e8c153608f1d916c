//! What may be wrong with a key.

/// What is wrong with a key.
#[derive(Debug, thiserror::Error)]
pub enum InvalidKey {
    /// It is no key of NATS.
    #[error("`{0}` is no public key of a user (`U…`, 56 characters)")]
    Public(String),
    /// There is no seed.
    #[error("no line of it is the seed of a user key (`SU…`)")]
    Seed,
    /// Others can read it.
    #[error("others may read it (mode {0:o}); `chmod 600` it, or make another if they have")]
    Open(u32),
    /// The system's random numbers.
    #[error("no key can be made: {0}")]
    Unmade(String),
}
