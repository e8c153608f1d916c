//! What the exit code says of a run.

use crate::cli::exit::Exit;
use crate::runner::EntryOutcome;

/// What came of the attempts, each with whether it may fail. A run in which nothing passed proves nothing, and is not
/// done: not even where all that failed may fail.
pub(super) fn exit_of(found: impl Iterator<Item = (EntryOutcome, bool)>, may_be_empty: bool) -> Exit {
    let (mut any_passed, mut whole) = (may_be_empty, true);
    for (outcome, may_fail) in found {
        any_passed |= outcome == EntryOutcome::Passed;
        whole &= outcome == EntryOutcome::Passed || (may_fail && outcome != EntryOutcome::Unavailable);
    }
    if whole && any_passed { Exit::Done } else { Exit::Decision }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_entry_that_passed_nothing_is_proven() {
        let exit = |found: &[(EntryOutcome, bool)]| exit_of(found.iter().copied(), false);
        let (passed, failed) = ((EntryOutcome::Passed, false), (EntryOutcome::Failed, true));
        assert_eq!(exit(&[passed, failed]), Exit::Done, "what may fail is told, and no more");
        assert_eq!(exit(&[failed]), Exit::Decision);
        assert_eq!(exit(&[(EntryOutcome::NothingRan, true)]), Exit::Decision);
        assert_eq!(exit(&[passed, (EntryOutcome::Unavailable, true)]), Exit::Decision);
        assert_eq!(exit(&[passed, (EntryOutcome::Failed, false)]), Exit::Decision);
        assert_eq!(exit(&[]), Exit::Decision);
        assert_eq!(exit_of(std::iter::empty(), true), Exit::Done);
    }
}
