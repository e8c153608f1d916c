//! Who is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::matrix::{Architecture, OperatingSystem};
use crate::workers::envelope::{Unheard, heard};
use crate::workers::key::PublicKey;
use crate::workers::message::Card;
use crate::workers::sealed::Recipient;
use crate::workers::subject::kind_of_machine;
use crate::workers::trust::Trusted;

/// A worker that is there.
pub(super) struct Member {
    /// What it is called here.
    pub(super) name: String,
    pub(super) card: Card,
    pub(super) recipient: Recipient,
    seen: Instant,
}

/// The workers that are there.
#[derive(Default)]
pub(super) struct Crew {
    members: BTreeMap<PublicKey, Member>,
    strangers: BTreeSet<PublicKey>,
    /// What each has said that its machine is, also of those who have left.
    registered: BTreeMap<PublicKey, (OperatingSystem, Architecture)>,
}

/// What a card changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Nothing.
    Known,
    /// A worker has come, or was started again.
    New(PublicKey),
    /// A worker goes.
    Leaves(String),
    /// Somebody who is not trusted.
    Stranger(PublicKey),
    /// It cannot be read or is forged.
    Refused(String),
}

impl Member {
    /// The kind of its machine.
    pub(super) fn kind(&self) -> String {
        kind_of_machine(self.card.capabilities.system, self.card.capabilities.architecture)
    }

    fn in_words(&self) -> String {
        let cores = crate::wording::counted(self.card.cores as usize, "core");
        format!("{} ({}, {cores})", self.name, self.kind())
    }
}

impl Crew {
    /// Takes a card down.
    pub(super) fn hear(&mut self, bytes: &[u8], trusted: &Trusted) -> Arrival {
        let (key, card) = match heard::<Card>(bytes, trusted) {
            Ok(heard) => heard,
            Err(Unheard::Stranger(key)) => {
                let new = self.strangers.insert(key.clone());
                return if new { Arrival::Stranger(key) } else { Arrival::Known };
            }
            Err(error) => return Arrival::Refused(error.to_string()),
        };
        let Some(recipient) = Recipient::of(&card.recipient) else {
            return Arrival::Refused(format!("{} names nobody to encrypt to", trusted.name(&key)));
        };
        let known = self.members.get(&key);
        if known.is_some_and(|known| known.card.made > card.made) {
            // An earlier one, late or said again by somebody else.
            return Arrival::Known;
        }
        if card.leaving {
            let gone = self.members.remove(&key);
            return gone.map_or(Arrival::Known, |gone| Arrival::Leaves(gone.name));
        }
        let is_new = known.is_none_or(|known| known.recipient != recipient);
        let name = trusted.name(&key).to_owned();
        self.registered.insert(key.clone(), (card.capabilities.system, card.capabilities.architecture));
        self.members.insert(key.clone(), Member { name, card, recipient, seen: Instant::now() });
        if is_new { Arrival::New(key) } else { Arrival::Known }
    }

    /// Those who were not heard for this long are gone. While nobody can be heard the time stands still.
    pub(super) fn forget_silent(&mut self, after: Duration, can_hear: bool) -> Vec<String> {
        if !can_hear {
            self.members.values_mut().for_each(|member| member.seen = Instant::now());
        }
        let silent = |member: &Member| member.seen.elapsed() > after;
        let gone = self.members.values().filter(|member| silent(member)).map(|member| member.name.clone());
        let gone = gone.collect();
        self.members.retain(|_, member| !silent(member));
        gone
    }

    pub(super) fn get(&self, key: &PublicKey) -> Option<&Member> {
        self.members.get(key)
    }

    /// What a worker has said that its machine is.
    pub(super) fn registered(&self, key: &PublicKey) -> Option<(OperatingSystem, Architecture)> {
        self.registered.get(key).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PublicKey, &Member)> {
        self.members.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All of them in words.
    pub(super) fn in_words(&self) -> Vec<String> {
        self.members.values().map(Member::in_words).collect()
    }

    /// Who answered and is not trusted, in words.
    pub(super) fn strangers(&self) -> String {
        let keys: Vec<&str> = self.strangers.iter().map(PublicKey::as_str).collect();
        if keys.is_empty() {
            String::new()
        } else {
            format!(" but {}, which is not trusted", keys.join(", "))
        }
    }
}
