//! The mounts of one sandbox: what is hidden, what of that is put back, and what stays as it is and may not be changed.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::mount::Mount;
use super::tools::CREDENTIALS;
use crate::ids::Digest;

/// What of the kernel's own a command may write to: devices that keep nothing, terminals, and what tells of processes.
const KERNELS: [&str; 9] = [
    "/proc",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// What of the kernel's own settings would change the whole machine: whoever is its administrator may write there without any
/// right that a namespace could take away.
const KERNEL_SETTINGS: [&str; 5] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"];

/// How a path is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// To be written to.
    Open,
    /// Read-only.
    Fixed,
    /// With a layer above it that takes what is written.
    Layer,
}

/// The mounts of one sandbox.
pub(super) struct Mounts {
    /// Where the empty folders are that take the place of the hidden ones.
    room: PathBuf,
    hidden: Vec<PathBuf>,
    shown: Vec<(How, PathBuf, PathBuf)>,
    /// What is shown to be written to.
    open: Vec<PathBuf>,
    frozen: bool,
}

impl Mounts {
    pub(super) fn new(room: PathBuf, hidden: Vec<PathBuf>, frozen: bool) -> io::Result<Mounts> {
        for (number, folder) in hidden.iter().enumerate() {
            let replacement = room.join(number.to_string());
            fs::DirBuilder::new().mode(0o700).create(&replacement)?;
            // A temporary directory is anybody's: programs of other users in there expect that.
            fs::set_permissions(&replacement, fs::metadata(folder)?.permissions())?;
        }
        Ok(Mounts { room, hidden, shown: Vec::new(), open: Vec::new(), frozen })
    }

    /// Where the command may write: its own folders, what it is shown for that, and the kernel's.
    pub(super) fn writable(&self) -> Vec<PathBuf> {
        if !self.frozen {
            return vec!["/".into()];
        }
        self.hidden.iter().chain(&self.open).cloned().chain(KERNELS.map(PathBuf::from)).collect()
    }

    /// Where a path of a hidden folder is prepared.
    fn replacement(&self, path: &Path) -> Option<PathBuf> {
        let number = self.hidden.iter().position(|folder| path.starts_with(folder))?;
        let below = path.strip_prefix(self.hidden.get(number)?).ok()?;
        Some(self.room.join(number.to_string()).join(below))
    }

    /// Puts a path back, if it is there and hidden: where its name says, and where it really is.
    pub(super) fn show(&mut self, path: &Path, how: How) -> io::Result<()> {
        let Ok(real) = fs::canonicalize(path) else { return Ok(()) };
        // A whole hidden folder is not shown, whatever leads to it.
        if self.hidden.iter().any(|folder| folder.starts_with(&real)) {
            return Ok(());
        }
        let mut names = vec![real.clone()];
        names.extend((path != real).then(|| path.to_owned()));
        if how != How::Fixed {
            self.open.extend(names.iter().cloned());
        }
        for name in names {
            let place = match self.replacement(&name) {
                Some(place) => place,
                // It is where it was, and must stay writable when the rest is not.
                None if self.frozen && how == How::Open => name.clone(),
                None => continue,
            };
            if self.shown.iter().any(|(_, _, known)| *known == place) {
                continue;
            }
            self.shown.push((how, real.clone(), place));
        }
        Ok(())
    }

    /// Files with tokens in folders that are shown are empty.
    pub(super) fn empty_credentials(&mut self, home: Option<&Path>) -> io::Result<()> {
        let empty = self.room.join("empty");
        fs::write(&empty, "")?;
        let mut files: Vec<PathBuf> =
            home.iter().flat_map(|home| CREDENTIALS.map(|name| home.join(name))).collect();
        files.extend(
            std::env::var_os("CARGO_HOME").iter().flat_map(|cargo| {
                ["credentials", "credentials.toml"].map(|name| Path::new(cargo).join(name))
            }),
        );
        for file in files.into_iter().filter_map(|file| fs::canonicalize(file).ok()) {
            let place = self.replacement(&file).unwrap_or(file);
            self.shown.push((How::Open, empty.clone(), place));
        }
        Ok(())
    }

    /// Makes the places of what is shown, outer ones first, and gives the mounts in their order.
    pub(super) fn in_order(mut self) -> io::Result<Vec<Mount>> {
        self.shown.sort_by(|(_, _, one), (_, _, other)| one.cmp(other));
        let mut mounts = Vec::new();
        for (how, from, to) in &self.shown {
            let is_within = self.shown.iter().any(|(_, _, outer)| outer != to && to.starts_with(outer));
            if !is_within && make_place(from, to).is_err() {
                continue;
            }
            let (from, to) = (from.clone(), to.clone());
            mounts.push(match how {
                How::Open => Mount::Bind { from, to },
                How::Fixed => Mount::Fixed { from, to },
                How::Layer => Mount::Layer { upper: upper(&self.room, &to)?, from, to },
            });
        }
        // The one in which the replacements are comes last: it takes them out of sight.
        let mut numbered: Vec<(usize, &PathBuf)> = self.hidden.iter().enumerate().collect();
        numbered.sort_by_key(|(_, folder)| self.room.starts_with(folder));
        let replaced = |(number, folder): (usize, &PathBuf)| Mount::Bind {
            from: self.room.join(number.to_string()),
            to: folder.clone(),
        };
        mounts.extend(numbered.into_iter().map(replaced));
        if self.frozen {
            mounts.extend(mounted(&self.hidden).into_iter().map(|place| Mount::Frozen { place }));
            let settings = KERNEL_SETTINGS.iter().map(PathBuf::from).filter(|path| path.exists());
            mounts.extend(settings.map(|path| Mount::Fixed { from: path.clone(), to: path }));
        }
        Ok(mounts)
    }
}

/// Where what is written into a layer is kept.
fn upper(room: &Path, place: &Path) -> io::Result<PathBuf> {
    let folder = room.join("layers").join(Digest::of(place.to_string_lossy().as_ref()).short());
    fs::create_dir_all(folder.join("up"))?;
    fs::create_dir_all(folder.join("work"))?;
    Ok(folder)
}

/// What is mounted, other than the kernel's own file systems and what is hidden or holds the tools of a hidden folder.
fn mounted(hidden: &[PathBuf]) -> Vec<PathBuf> {
    let table = fs::read("/proc/self/mounts").unwrap_or_default();
    let places =
        table.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(1));
    let places = places.map(unescaped);
    let own = |place: &PathBuf| {
        let kernels = ["/proc", "/dev"].iter().any(|kernels| place.starts_with(kernels));
        kernels || hidden.iter().any(|folder| place.starts_with(folder))
    };
    let mut places: Vec<PathBuf> = places.filter(|place| !own(place)).collect();
    places.sort();
    places.dedup();
    places
}

/// A path of the table of mounts, in which white space and backslashes stand as `\ooo` (proc_pid_mounts(5)).
fn unescaped(written: &[u8]) -> PathBuf {
    let (mut path, mut rest) = (Vec::new(), written);
    while let [first, after @ ..] = rest {
        let digits =
            after.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => (path.push(byte), rest = &after[3..]),
            None => (path.push(*first), rest = after),
        };
    }
    OsString::from_vec(path).into()
}

/// Something of the same kind to mount on.
fn make_place(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        return fs::create_dir_all(to);
    }
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    if to.exists() { Ok(()) } else { fs::write(to, "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_table_of_mounts_may_have_a_space() {
        let read = |written: &str| unescaped(written.as_bytes()).to_string_lossy().into_owned();
        assert_eq!(read("/mnt/my\\040disk"), "/mnt/my disk");
        assert_eq!(read("/a\\134\\011b"), "/a\\\tb");
        assert_eq!(read("/plain\\9"), "/plain\\9");
        assert_eq!(read("/end\\04"), "/end\\04");
    }
}
