//! How alike two files are, on git's own scale (`diffcore-delta.c`), so that a rename we see is one git sees.

use crate::git::plumbing::is_binary;

/// The scale's end: identical content.
pub(in crate::backport) const IDENTICAL: u64 = 60_000;
/// Git's threshold for a rename: half.
pub(in crate::backport) const RENAMED: u64 = IDENTICAL / 2;
/// Git's threshold for a file that kept its name and changed its directory.
pub(in crate::backport) const MOVED: u64 = IDENTICAL * 3 / 4;

/// How many bytes of each line or 64-byte piece a file holds, by the piece's hash.
#[derive(Debug, Clone)]
pub(in crate::backport) struct Fingerprint {
    size: u64,
    pieces: Vec<(u32, u32)>,
}

const HASH_BASE: u32 = 107_927;

impl Fingerprint {
    pub(in crate::backport) fn of(content: &[u8]) -> Fingerprint {
        let text = !is_binary(content);
        let mut pieces: Vec<(u32, u32)> = Vec::with_capacity(content.len() / 24 + 1);
        let (mut one, mut two, mut length) = (0_u32, 0_u32, 0_u32);
        let mut bytes = content.iter();
        while let Some(&byte) = bytes.next() {
            // A carriage return at a line's end does not make two lines different.
            if byte == b'\r' && text && bytes.as_slice().first() == Some(&b'\n') {
                continue;
            }
            let before = one;
            one = (one << 7) ^ (two >> 25);
            two = (two << 7) ^ (before >> 25);
            one = one.wrapping_add(u32::from(byte));
            length += 1;
            if length < 64 && byte != b'\n' {
                continue;
            }
            pieces.push((one.wrapping_add(two.wrapping_mul(0x61)) % HASH_BASE, length));
            (one, two, length) = (0, 0, 0);
        }
        if length > 0 {
            pieces.push((one.wrapping_add(two.wrapping_mul(0x61)) % HASH_BASE, length));
        }
        // The order of pieces with one hash is none that counts: their lengths are added up.
        pieces.sort_unstable_by_key(|(hash, length)| u64::from(*hash) << 32 | u64::from(*length));
        pieces.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Fingerprint { size: content.len() as u64, pieces }
    }

    /// The score of turning `self` into `other`, 0 to [`IDENTICAL`].
    pub(in crate::backport) fn score(&self, other: &Fingerprint) -> u64 {
        let largest = self.size.max(other.size);
        if largest == 0 || !sizes_allow(self.size, other.size) {
            return 0;
        }
        let mut copied = 0_u64;
        let (mut own, mut theirs) = (self.pieces.as_slice(), other.pieces.as_slice());
        while let ([(hash, count), behind @ ..], [(other, there), beyond @ ..]) = (own, theirs) {
            if hash == other {
                copied += u64::from(*count.min(there));
            }
            // Whichever is less goes on, and both where they are equal; without a branch that cannot be foreseen.
            own = if hash <= other { behind } else { own };
            theirs = if other <= hash { beyond } else { theirs };
        }
        copied * IDENTICAL / largest
    }
}

/// Whether files of these sizes could be half alike at all; spares reading them.
pub(in crate::backport) fn sizes_allow(one: u64, two: u64) -> bool {
    let (small, large) = (one.min(two), one.max(two));
    large * RENAMED >= (large - small) * IDENTICAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_wholly_like_itself_and_half_like_its_half() {
        let whole: Vec<u8> = (0..100).flat_map(|n| format!("line number {n:03}\n").into_bytes()).collect();
        let half = &whole[..whole.len() / 2];
        assert_eq!(Fingerprint::of(&whole).score(&Fingerprint::of(&whole)), IDENTICAL);
        assert_eq!(Fingerprint::of(&whole).score(&Fingerprint::of(half)), RENAMED);
        assert_eq!(Fingerprint::of(&whole).score(&Fingerprint::of(b"something else\n")), 0);
    }

    #[test]
    fn line_endings_do_not_hide_a_rename() {
        let unix = b"one\ntwo\nthree\n";
        let dos = b"one\r\ntwo\r\nthree\r\n";
        assert!(Fingerprint::of(unix).score(&Fingerprint::of(dos)) > RENAMED);
    }
}
