//! The one door to public surfaces.
//!
//! Whatever can be seen from outside (a push to a public repository, a pull request, a release, a mail)
//! needs a [`Permit`]. There are two ways to get one: the release-day gate makes [`Disclosed`], and the leak
//! guard makes [`permit::Cleared`] for what may be public earlier, unless people overrule it by name. This module uses only `ids`.

mod decoding;
mod guard;
mod keywords;
mod margins;
mod permit;
mod reading;
mod renamed;
mod secret;

pub use guard::{Leak, LeakGuard, PublicText, Surface};
pub use permit::{Disclosed, Overruled, Permit};
pub use secret::{Secret, SecretKind};
