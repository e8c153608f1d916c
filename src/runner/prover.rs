//! The place where an entry is given away: this machine proves it, or whoever stands in for others does.

use futures::future::LocalBoxFuture;

use super::evidence::EntryEvidence;
use super::proof::{Conditions, prove};
use crate::matrix::{CiEntry, EntryVerdict};

/// Proves entries: with everything that belongs to one, from the warm-up to the second try.
pub trait EntryProver {
    /// Whether it can try an entry.
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool;

    /// Runs an entry as often as it takes. `doing` hears what is under way beside the first attempt. Dropping the future
    /// ends what runs.
    fn prove<'a>(&'a self, entry: &'a CiEntry, doing: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence>;
}

/// How much an entry is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// As all others.
    Usual,
    /// It was asked for by name, or others hang on it: that a tool is missing is read from the text of its scripts, which
    /// may do without.
    Insists,
}

/// Whether this machine can try an entry with such a verdict. One that fetches something can be where a network was there
/// before.
pub fn can_take(verdict: EntryVerdict, wish: Wish, with_network: bool) -> bool {
    match verdict {
        EntryVerdict::RunHere => true,
        EntryVerdict::NeedsNetwork => with_network,
        EntryVerdict::NeedsTool => wish == Wish::Insists,
        _ => false,
    }
}

impl EntryProver for Conditions<'_> {
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool {
        can_take(entry.verdict(), wish, self.network || self.warm_up)
    }

    fn prove<'a>(&'a self, entry: &'a CiEntry, doing: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(prove(self, entry, doing))
    }
}
