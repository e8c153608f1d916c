//! Journals that were damaged anywhere: one is refused, or says what it said. `PROPTEST_CASES=20000` tries more than the usual 256
//! of those that are damaged at random.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use super::super::event::StampedEvent;
use super::super::journal::Journal;
use super::super::journal_error::JournalError;
use super::journals::{Written, written};

/// What a journal says: its plan as JSON, and its events.
type Said = (String, Vec<StampedEvent>);

/// A journal that was written and closed, its bytes, and what it says.
struct Whole {
    bytes: Vec<u8>,
    said: Said,
}

fn whole() -> Whole {
    let Written { folder: _folder, path, journal, events } = written();
    let said = (journal.plan(&events).unwrap().to_json().unwrap(), events);
    drop(journal);
    assert!(!path.with_extension("db-wal").exists(), "the journal is whole in one file once it is closed");
    Whole { bytes: std::fs::read(&path).unwrap(), said }
}

fn kept(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Said, JournalError> {
    let (_folder, path) = kept(bytes);
    let journal = Journal::open(&path)?;
    let events = journal.events()?;
    let plan = journal.plan(&events)?;
    Ok((plan.to_json().unwrap(), events))
}

/// Wherever the bit is: in the tables, the plan, an event or a seal.
#[test]
fn a_bit_that_flips_is_noticed_or_changes_nothing() {
    let Whole { bytes: whole, said } = whole();
    let mut refused = 0;
    for (round, place) in (0..whole.len()).step_by(whole.len() / 400).enumerate() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (round % 8);
        match read(&bytes) {
            Ok(read) => assert_eq!(read, said, "byte {place}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 50, "only {refused} of 400 flipped bits were noticed");
}

/// One damage of a file.
#[derive(Debug, Clone)]
enum Damage {
    /// Other bytes in the place of these.
    Overwritten(Index, Vec<u8>),
    /// Nothing after this.
    Cut(Index),
    /// A piece of the file in another place.
    Moved(Index, Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        3 => (index(), proptest::collection::vec(any::<u8>(), 1..64))
            .prop_map(|(place, bytes)| Damage::Overwritten(place, bytes)),
        1 => index().prop_map(Damage::Cut),
        1 => (index(), index(), 1..600_usize).prop_map(|(from, to, length)| Damage::Moved(from, to, length)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let count = bytes.len();
    match damage {
        Damage::Overwritten(place, new) => {
            let start = place.index(count);
            bytes[start..].iter_mut().zip(new).for_each(|(byte, new)| *byte = *new);
        }
        Damage::Cut(place) => bytes.truncate(place.index(count)),
        Damage::Moved(from, to, length) => {
            let from = from.index(count);
            let piece = bytes[from..count.min(from + length)].to_vec();
            let to = to.index(count);
            bytes[to..].iter_mut().zip(piece).for_each(|(byte, new)| *byte = new);
        }
    }
    bytes
}

#[test]
fn a_journal_that_is_damaged_at_random_is_refused_or_says_what_it_said() {
    let Whole { bytes, said } = whole();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let damages = proptest::collection::vec(damage(), 1..4);
    let tried = proptest::test_runner::TestRunner::new(config).run(&damages, |damages| {
        let bytes = damages.iter().fold(bytes.clone(), damaged);
        match read(&bytes) {
            Ok(read) => prop_assert_eq!(read, said.clone()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        Ok(())
    });
    tried.unwrap();
}
