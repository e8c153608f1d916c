//! How much is searched, and what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Whether more is to be searched than in every run of the tests.
pub(super) fn is_long() -> bool {
    std::env::var_os("LOCKGATE_SEARCH").is_some()
}

/// How many cases are tried: `usual`; of a long search all; with a number in the place of `long`, so many.
pub(super) fn wanted(usual: usize, all: usize) -> usize {
    match std::env::var("LOCKGATE_SEARCH") {
        Err(_) => usual,
        Ok(word) => word.parse().unwrap_or(all),
    }
}

/// As many as are wanted, spread over the whole.
pub(super) fn sampled<T>(all: Vec<T>, usual: usize) -> Vec<T> {
    let every = (all.len() / wanted(usual, all.len()).max(1)).max(1);
    all.into_iter().skip(every / 2).step_by(every).collect()
}

/// How a disturbed release ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// By itself, in the world of a release that was never disturbed.
    RodeOut,
    /// In that world once it was resumed.
    AfterResuming,
    /// It holds, and everything that holds it names a way to continue.
    Asked,
    /// Anything else.
    Wrong(String),
}

/// The endings of a search, counted.
pub(super) struct Tally {
    search: &'static str,
    of: usize,
    counts: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Of a search with this name, in so many cases.
    pub(super) fn new(search: &'static str, of: usize) -> Tally {
        Tally { search, of, counts: BTreeMap::new(), wrong: Vec::new() }
    }

    /// Counts an ending. A long search leaves in the folder for temporary files what it has found so far.
    pub(super) fn count(&mut self, case: &str, ending: Ending) {
        let name = match ending {
            Ending::RodeOut => "by itself",
            Ending::AfterResuming => "after resuming",
            Ending::Asked => "asked",
            Ending::Wrong(why) => {
                self.wrong.push(format!("{case}: {why}"));
                "wrong"
            }
        };
        *self.counts.entry(name).or_default() += 1;
        if is_long() {
            let path = std::env::temp_dir().join(format!("lockgate-search-{}", self.search));
            std::fs::write(path, self.told()).unwrap();
        }
    }

    fn told(&self) -> String {
        let mut text = format!("{}: {:?} of {}\n", self.search, self.counts, self.of);
        self.wrong.iter().for_each(|case| writeln!(text, "{case}").unwrap());
        text
    }

    /// Fails if anything went wrong, or nothing was tried.
    #[track_caller]
    pub(super) fn judge(self) {
        assert!(!self.counts.is_empty(), "{}: nothing was tried", self.search);
        assert!(self.wrong.is_empty(), "{}", self.told());
    }
}
