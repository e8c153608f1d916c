//! One mount of a sandbox: as words for the process that makes it, and made.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// What is mounted where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mount {
    /// A folder or a file with all that is mounted below it, once more.
    Bind { from: PathBuf, to: PathBuf },
    /// The same, read-only where the kernel allows that.
    Fixed { from: PathBuf, to: PathBuf },
    /// A folder, with what is changed in it kept in `upper`; where the kernel has no overlay for us, read-only.
    Layer { from: PathBuf, to: PathBuf, upper: PathBuf },
    /// What is mounted there already, from now on read-only, where the kernel allows that.
    Frozen { place: PathBuf },
}

impl Mount {
    /// As words that [`Mount::read`] understands.
    pub(super) fn words(&self) -> Vec<OsString> {
        let words = |how: &str, paths: &[&PathBuf]| {
            let paths = paths.iter().map(|path| path.as_os_str().to_owned());
            [OsString::from(how)].into_iter().chain(paths).collect()
        };
        match self {
            Mount::Bind { from, to } => words("bind", &[from, to]),
            Mount::Fixed { from, to } => words("fixed", &[from, to]),
            Mount::Layer { from, to, upper } => words("layer", &[from, to, upper]),
            Mount::Frozen { place } => words("frozen", &[place]),
        }
    }

    /// The mount that begins with this word and goes on with the next ones.
    pub(super) fn read(how: &OsStr, words: &mut dyn Iterator<Item = OsString>) -> Option<Mount> {
        let mut path = || words.next().map(PathBuf::from);
        Some(match how.to_str()? {
            "bind" => Mount::Bind { from: path()?, to: path()? },
            "fixed" => Mount::Fixed { from: path()?, to: path()? },
            "layer" => Mount::Layer { from: path()?, to: path()?, upper: path()? },
            "frozen" => Mount::Frozen { place: path()? },
            _ => return None,
        })
    }

    /// Makes it, in the mount namespace of this process.
    ///
    /// # Errors
    /// The kernel refuses what the command must not be without.
    pub(super) fn make(&self) -> io::Result<()> {
        match self {
            Mount::Bind { from, to } => kernel::bind(from, to).map_err(|error| refused(error, to)),
            Mount::Fixed { from, to } => fixed(from, to),
            Mount::Layer { from, to, upper } => {
                kernel::layer(from, to, &upper.join("up"), &upper.join("work")).or_else(|_| fixed(from, to))
            }
            Mount::Frozen { place } => {
                kernel::freeze(place).unwrap_or_default();
                Ok(())
            }
        }
    }
}

fn fixed(from: &Path, to: &Path) -> io::Result<()> {
    kernel::bind(from, to).map_err(|error| refused(error, to))?;
    kernel::freeze(to).unwrap_or_default();
    Ok(())
}

fn refused(error: io::Error, place: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("nothing can be mounted on `{}`: {error}", place.display()))
}

#[cfg(target_os = "linux")]
mod kernel {
    use nix::mount::{MsFlags, mount};
    use nix::sys::statvfs::{FsFlags, statvfs};

    use super::{OsString, Path, io};

    const NOTHING: Option<&str> = None;

    pub(super) fn bind(from: &Path, to: &Path) -> io::Result<()> {
        Ok(mount(Some(from), to, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)?)
    }

    /// A namespace of ours may take nothing away of what the mount was restricted by before.
    pub(super) fn freeze(place: &Path) -> io::Result<()> {
        let before = statvfs(place)?.flags();
        let kept = [
            (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
            (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
            (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        ];
        let kept = kept.into_iter().filter(|(was, _)| before.contains(*was)).map(|(_, is)| is);
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
        Ok(mount(NOTHING, place, NOTHING, kept.fold(flags, |all, one| all | one), NOTHING)?)
    }

    pub(super) fn layer(from: &Path, to: &Path, up: &Path, work: &Path) -> io::Result<()> {
        let mut options = OsString::from("userxattr");
        for (name, path) in [("lowerdir", from), ("upperdir", up), ("workdir", work)] {
            options.push(format!(",{name}="));
            options.push(path);
        }
        let overlay = Some("overlay");
        Ok(mount(overlay, to, overlay, MsFlags::empty(), Some(options.as_os_str()))?)
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use super::{Path, io};

    pub(super) fn bind(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn freeze(_: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn layer(_: &Path, _: &Path, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_read() {
        let all = [
            Mount::Bind { from: "/a b".into(), to: "/c".into() },
            Mount::Fixed { from: "/a".into(), to: "/--".into() },
            Mount::Layer { from: "/a".into(), to: "/c".into(), upper: "/u".into() },
            Mount::Frozen { place: "/bind".into() },
        ];
        let mut words = all.iter().flat_map(Mount::words).collect::<Vec<_>>().into_iter();
        let mut read = Vec::new();
        while let Some(how) = words.next() {
            read.push(Mount::read(&how, &mut words).unwrap());
        }
        assert_eq!(read, all);
        let unfinished = &mut ["/a".into()].into_iter();
        assert_eq!(Mount::read(OsStr::new("bind"), unfinished), None);
        assert_eq!(Mount::read(OsStr::new("umount"), &mut ["/a".into()].into_iter()), None);
    }
}
