//! Whether memory and disk are left for another command beside those that run.

use std::path::Path;

/// Another command begins only while an eighth of the memory is free, and this much of the disk of temporary files, in bytes.
const MEMORY_SHARE: u64 = 8;
const DISK: u128 = 2 << 30;

/// Whether this machine has room for another command. Where it cannot be asked, it has.
pub(super) fn has_room() -> bool {
    let memory = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| memory(&text));
    let disk = free_disk(&std::env::temp_dir());
    memory.is_none_or(|(free, total)| free >= total / MEMORY_SHARE) && disk.is_none_or(|free| free >= DISK)
}

/// What is free and what there is, in KiB, as Linux shows it.
fn memory(text: &str) -> Option<(u64, u64)> {
    let line = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some((line("MemAvailable:")?, line("MemTotal:")?))
}

fn free_disk(folder: &Path) -> Option<u128> {
    let found = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(u128::from(found.blocks_available()) * u128::from(found.fragment_size()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_linux_shows_it() {
        let text = "MemTotal:       24000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n";
        assert_eq!(memory(text), Some((2_000_000, 24_000_000)));
        assert_eq!(memory("MemTotal: 5 kB\n"), None);
    }

    #[test]
    fn a_disk_says_what_is_free() {
        assert!(free_disk(Path::new("/")).is_some());
        assert_eq!(free_disk(Path::new("/nowhere")), None);
    }
}
