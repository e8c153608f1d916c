//! Values that must be held to act in public.

use crate::ids::Digest;

/// The embargo is over: the release-day gate was passed. Holds the digest that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    approved: Digest,
}

impl Disclosed {
    /// Made by the release-day gate alone, from the digest that people approved.
    ///
    /// A tidy test holds that nothing but `steps/gate.rs` calls this.
    #[must_use]
    pub fn by_release_day_gate(approved: Digest) -> Disclosed {
        Disclosed { approved }
    }
}

/// The leak guard read every text of one action and found nothing of the embargo in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    surface: String,
}

impl Cleared {
    pub(super) fn new(surface: String) -> Cleared {
        Cleared { surface }
    }
}

/// Leave to act on a public surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// After the release-day gate: anything.
    Disclosed(Disclosed),
    /// Before it: only what the guard has read.
    Cleared(Cleared),
    /// The surface is not public: a private fork, a private repository, a draft advisory.
    Private,
}
