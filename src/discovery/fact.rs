//! A fact, and how it is known.

/// A fact about a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact<T> {
    pub(super) value: T,
    pub(super) certainty: Certainty,
    /// What it was seen in, or what it was guessed from.
    pub(super) because: String,
}

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// The repository shows it.
    Seen,
    /// It is likely: somebody should look at it.
    Guessed,
}

impl<T> Fact<T> {
    pub(super) fn seen(value: T, because: impl Into<String>) -> Fact<T> {
        Fact { value, certainty: Certainty::Seen, because: because.into() }
    }

    pub(super) fn guessed(value: T, because: impl Into<String>) -> Fact<T> {
        Fact { value, certainty: Certainty::Guessed, because: because.into() }
    }

    /// The comment that stands beside it in a file.
    pub(super) fn comment(&self) -> String {
        match self.certainty {
            Certainty::Seen => format!("# {}", self.because),
            Certainty::Guessed => format!("# guess: {}", self.because),
        }
    }
}
