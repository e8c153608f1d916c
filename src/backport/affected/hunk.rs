//! One hunk of a fix on a branch: how much of it is there, and how much is enough.

/// A removed line counts as so many of its surroundings: it is the vulnerable code itself.
///
/// This, and how much must be there ([`is_there`]), were chosen by `cargo bench -- verdicts` on five projects together
/// (Wasmtime, runc, containerd, etcd and WAMR), so none of them is unseen any more: by release notes, by merges of private
/// forks, and by fixes that name what brought the fault. The place is flat: with a weight from 3 to 10 and 40 to 60
/// percent wanted, 95 to 103 of 110 lines that Wasmtime's notes call affected come out affected or likely, and no branch
/// that was patched comes out as not affected on any project, since that rests on other evidence. Surroundings alone
/// are a bad guide: where the vulnerability was never introduced, they are mostly there all the same.
const WEIGHT: usize = 4;
/// One hunk of a fix, and how much of it the branch has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HunkPresence {
    /// The file, as the fix names it.
    pub path: String,
    /// The hunk's first changed line before the fix, counted from 1.
    pub line: usize,
    /// The lines that the fix removes for good: the vulnerable code, where there is any.
    pub removed: Share,
    /// The lines around them, and those that it only moves.
    pub around: Share,
    /// The lines that it brings.
    pub added: Share,
}

/// How many of some lines the branch has. Lines of brackets are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// How many the branch has.
    pub found: usize,
    /// How many there are.
    pub of: usize,
}

impl Share {
    /// Whether there is something, and at least half of it was found.
    #[must_use]
    pub fn is_half(self) -> bool {
        self.of > 0 && self.found * 2 >= self.of
    }
}

impl std::ops::Add for Share {
    type Output = Share;

    fn add(self, other: Share) -> Share {
        Share { found: self.found + other.found, of: self.of + other.of }
    }
}

impl std::iter::Sum for Share {
    fn sum<I: Iterator<Item = Share>>(shares: I) -> Share {
        shares.fold(Share::default(), std::ops::Add::add)
    }
}

impl HunkPresence {
    /// Whether enough of it is there. A hunk with no line that says anything is found nowhere.
    #[must_use]
    pub fn is_found(&self) -> bool {
        is_there(self.removed, self.around)
    }

    /// Whether so much of it is there that a file of any name has it: half of what the fix removes and something around it, or half
    /// of what stands around an addition.
    pub(in crate::backport) fn is_surely_found(&self) -> bool {
        match self.removed.of {
            0 => self.around.is_half(),
            _ => self.removed.is_half() && (self.around.of == 0 || self.around.found > 0),
        }
    }

    /// Whether enough of it is there that a file beside the fix's own may be where it went: a quarter, by weight. Single lines that
    /// stand in any file (`return ERROR;`) say nothing.
    pub(in crate::backport) fn is_hinted_at(&self) -> bool {
        self.weight() * 4 >= self.removed.of * WEIGHT + self.around.of
    }

    pub(in crate::backport) fn weight(&self) -> usize {
        self.removed.found * WEIGHT + self.around.found
    }
}

/// Half of what the fix changes, by weight; where it only adds, a third of what stands around, for that is all there is
/// to go by and it is three lines as a rule.
pub(in crate::backport) fn is_there(removed: Share, around: Share) -> bool {
    let (found, of) = (removed.found * WEIGHT + around.found, removed.of * WEIGHT + around.of);
    let wanted = if removed.of > 0 { 2 } else { 3 };
    of > 0 && found * wanted >= of
}

/// How far the search for moved code went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Every file of the same kind in the same part of the tree was read.
    #[default]
    Everywhere,
    /// There were too many, or the clone lacks some.
    CutShort,
}
