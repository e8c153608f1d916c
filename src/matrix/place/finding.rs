//! What stands against running an entry here, and what weighs most of it.

use crate::matrix::verdict::EntryVerdict;

/// Where an entry can run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Here.
    Here,
    /// It needs the network: what does.
    Network(String),
    /// A tool is missing: which.
    Tool(String),
    /// It is not understood or cannot be done: what.
    Unsupported(String),
    /// It needs another machine: which capability.
    On(String),
    /// It does something that others see: what.
    Effect(String),
}

impl Place {
    /// The verdict of an entry that starts.
    pub fn verdict(&self) -> EntryVerdict {
        match self {
            Place::Here => EntryVerdict::RunHere,
            Place::Network(_) => EntryVerdict::NeedsNetwork,
            Place::Tool(_) => EntryVerdict::NeedsTool,
            Place::Unsupported(_) => EntryVerdict::Unsupported,
            Place::On(_) => EntryVerdict::RunOn,
            Place::Effect(_) => EntryVerdict::SideEffect,
        }
    }

    /// Why.
    pub fn reason(&self) -> String {
        match self {
            Place::Here => String::new(),
            Place::Network(what)
            | Place::Tool(what)
            | Place::Unsupported(what)
            | Place::On(what)
            | Place::Effect(what) => what.clone(),
        }
    }

    fn weight(&self) -> u8 {
        match self {
            Place::Here => 0,
            Place::Network(_) => 1,
            Place::Tool(_) => 2,
            Place::Unsupported(_) => 3,
            Place::On(_) => 4,
            Place::Effect(_) => 5,
        }
    }

    /// Whichever weighs more; the first of equals.
    pub(super) fn or_heavier(self, other: Place) -> Place {
        if other.weight() > self.weight() { other } else { self }
    }
}

/// The heaviest.
pub(super) fn heaviest(places: impl IntoIterator<Item = Place>) -> Place {
    places.into_iter().fold(Place::Here, Place::or_heavier)
}
