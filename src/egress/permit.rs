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

/// People read what the leak guard found, and said by name and with a reason that it gives nothing away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    reason: String,
}

impl Overruled {
    /// For the reason that is on record.
    pub fn because(reason: impl Into<String>) -> Overruled {
        Overruled { reason: reason.into() }
    }
}

/// Leave to act on a public surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// After the release-day gate: anything.
    Disclosed(Disclosed),
    /// Before it: only what the guard has read.
    Cleared(Cleared),
    /// Before it: what the guard stopped, and people let through.
    Overruled(Overruled),
    /// The surface is not public: a private fork, a private repository, a draft advisory.
    Private,
}
