//! Namespaces for one command, made by the `unshare` program of util-linux: what it sees of the file system, and what not.
//!
//! In place of the home directory, the temporary directories and the run's folder the command finds empty ones, with
//! the checkout, the tools on PATH, and what the catalog lists put back where they were. It cannot undo this: the mounts
//! belong to a user namespace above its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::tools::{CACHES, CREDENTIALS, TOOLS};
use crate::jobs::command::VisiblePath;
use crate::private_folder::private_folder;

/// Mounts what it is given as `how from to`, and runs the rest as the user it was. It stays as the first process of its
/// namespace: with its end everything in there is killed.
const LAUNCH: &str = r#"
path=$PATH
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
while [ "$1" != -- ]; do
  case $1 in
    bind) mount --rbind "$2" "$3";;
    fixed) mount --rbind "$2" "$3"; mount -o remount,bind,ro "$3" 2>/dev/null || :;;
    lo) ip link set lo up 2>/dev/null || :;;
    frozen) mount -o remount,bind,ro "$3" 2>/dev/null || :;;
  esac
  shift 3
done
unshare=$2 uid=$3 gid=$4
shift 4
cd "$PWD"
PATH=$path
"$unshare" --user --map-user="$uid" --map-group="$gid" -- "$@"
exit "$?"
"#;

/// What is to be run, and what of the machine it may see.
pub(super) struct Seen<'a> {
    pub(super) checkout: &'a Path,
    pub(super) program: &'a Path,
    pub(super) visible: &'a [VisiblePath],
    /// Whether everything else is read-only: a suite of the catalog may write where its user may, a CI entry, which
    /// somebody else wrote for a machine that is thrown away, may not.
    pub(super) frozen: bool,
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
}

/// A file system for one command. Its own temporary and home directories go away with this value.
pub(super) struct Sandbox {
    room: TempDir,
    /// The program that makes the namespaces, and the mounts; nothing where there are none.
    namespaces: Option<(PathBuf, Vec<OsString>)>,
}

impl Sandbox {
    /// Prepares one that hides the run's folder beside what is private to the user.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn prepare(unshare: &Path, run: &Path, seen: &Seen<'_>) -> io::Result<Sandbox> {
        let room = private_folder("lockgate-room-")?;
        let hidden = hidden(run, seen.environment);
        let mut mounts = Mounts::new(fs::canonicalize(room.path())?, hidden, seen.frozen)?;
        mounts.show(seen.checkout, "bind")?;
        for (path, how) in shown(seen) {
            mounts.show(&path, how)?;
        }
        mounts.empty_credentials(home(seen.environment).as_deref())?;
        Ok(Sandbox { room, namespaces: Some((unshare.to_owned(), mounts.words())) })
    }

    /// What comes before the program and its arguments: nothing where there are no namespaces.
    pub(super) fn launcher(&self, network: bool) -> Vec<OsString> {
        let namespaces = self.namespaces.as_ref();
        namespaces.map_or_else(Vec::new, |(unshare, mounts)| launcher(unshare, network, mounts.clone()))
    }

    /// An own home and temporary directory for a command that has no namespaces; the tools of the real home are
    /// found through links.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn of_directories(environment: &mut BTreeMap<OsString, OsString>) -> io::Result<Sandbox> {
        let room = private_folder("lockgate-room-")?;
        let (own, temporary) = (room.path().join("home"), room.path().join("tmp"));
        fs::create_dir(&own)?;
        fs::create_dir(&temporary)?;
        for (home, name) in home(environment)
            .iter()
            .flat_map(|home| TOOLS.iter().chain(&CACHES).map(move |name| (home, name)))
        {
            let (tool, link) = (home.join(name), own.join(name));
            if tool.exists() {
                link.parent().map_or(Ok(()), fs::create_dir_all)?;
                std::os::unix::fs::symlink(&tool, &link)?;
            }
        }
        environment.insert("HOME".into(), own.into());
        environment.insert("TMPDIR".into(), temporary.into());
        Ok(Sandbox { room, namespaces: None })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Go makes its module cache read-only, which would keep it here.
        writable(self.room.path());
    }
}

/// Makes every folder below writable, so that it can be removed.
fn writable(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            writable(&entry.path());
        }
    }
}

fn launcher(unshare: &Path, network: bool, mounts: Vec<OsString>) -> Vec<OsString> {
    let options = "--user --map-root-user --mount --pid --fork --kill-child --mount-proc";
    let mut words: Vec<OsString> = vec![unshare.into()];
    words.extend(options.split(' ').map(Into::into));
    if !network {
        words.push("--net".into());
    }
    words.extend(["--", "/bin/sh", "-eu", "-c", LAUNCH, "sh"].map(OsString::from));
    if !network {
        words.extend(["lo", "", ""].map(OsString::from));
    }
    words.extend(mounts);
    let (user, group) = (nix::unistd::geteuid(), nix::unistd::getegid());
    words.extend(["--".into(), unshare.into(), user.to_string().into(), group.to_string().into()]);
    words
}

fn home(environment: &BTreeMap<OsString, OsString>) -> Option<PathBuf> {
    let home = environment.get(OsStr::new("HOME")).map(PathBuf::from)?;
    home.is_absolute().then_some(home)
}

/// The folders that are private to the user or to the run: those of them that are there and hold no part of the system.
fn hidden(run: &Path, environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let user = PathBuf::from(format!("/run/user/{}", nix::unistd::geteuid()));
    let wanted = [
        Some(run.to_owned()),
        home(environment),
        Some(std::env::temp_dir()),
        Some("/tmp".into()),
        Some("/var/tmp".into()),
        Some(user),
    ];
    let mut hidden: Vec<PathBuf> =
        wanted.into_iter().flatten().filter_map(|path| fs::canonicalize(path).ok()).collect();
    hidden.retain(|path| {
        path.is_dir()
            && !["/usr", "/bin", "/etc", "/proc", "/dev"]
                .iter()
                .any(|system| Path::new(system).starts_with(path))
    });
    hidden.sort();
    // What is within another one is hidden with it.
    hidden.dedup_by(|inner, outer| inner.starts_with(&*outer));
    hidden
}

/// What is put back of what was hidden, and how.
fn shown(seen: &Seen<'_>) -> Vec<(PathBuf, &'static str)> {
    let mut shown = Vec::new();
    if let Some(home) = home(seen.environment) {
        shown.extend(CACHES.iter().map(|name| (home.join(name), "bind")));
        shown.extend(TOOLS.iter().map(|name| (home.join(name), "fixed")));
        let below = seen.visible.iter().filter_map(|path| path.as_str().strip_prefix("~/"));
        shown.extend(below.map(|below| (home.join(below), "bind")));
    }
    let absolute = seen.visible.iter().map(|path| Path::new(path.as_str())).filter(|path| path.is_absolute());
    shown.extend(absolute.map(|path| (path.to_owned(), "bind")));
    for name in ["CARGO_HOME", "RUSTUP_HOME"] {
        shown.extend(seen.environment.get(OsStr::new(name)).map(|path| (PathBuf::from(path), "bind")));
    }
    let path = seen.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let folders = std::env::split_paths(&path).map(|path| (path, "fixed"));
    shown.extend(folders);
    shown.extend(
        seen.program
            .parent()
            .filter(|folder| !folder.starts_with(seen.checkout))
            .map(|folder| (folder.to_owned(), "fixed")),
    );
    shown
}

/// The mounts of one sandbox.
struct Mounts {
    /// Where the empty folders are that take the place of the hidden ones.
    room: PathBuf,
    hidden: Vec<PathBuf>,
    shown: Vec<(OsString, PathBuf, PathBuf)>,
    frozen: bool,
}

impl Mounts {
    fn new(room: PathBuf, hidden: Vec<PathBuf>, frozen: bool) -> io::Result<Mounts> {
        for (number, folder) in hidden.iter().enumerate() {
            let replacement = room.join(number.to_string());
            fs::DirBuilder::new().mode(0o700).create(&replacement)?;
            // A temporary directory is anybody's: programs of other users in there expect that.
            fs::set_permissions(&replacement, fs::metadata(folder)?.permissions())?;
        }
        Ok(Mounts { room, hidden, shown: Vec::new(), frozen })
    }

    /// Where a path of a hidden folder is prepared.
    fn replacement(&self, path: &Path) -> Option<PathBuf> {
        let number = self.hidden.iter().position(|folder| path.starts_with(folder))?;
        let below = path.strip_prefix(self.hidden.get(number)?).ok()?;
        Some(self.room.join(number.to_string()).join(below))
    }

    /// Puts a path back, if it is there and hidden: where its name says, and where it really is.
    fn show(&mut self, path: &Path, how: &str) -> io::Result<()> {
        let Ok(real) = fs::canonicalize(path) else { return Ok(()) };
        // A whole hidden folder is not shown, whatever leads to it.
        if self.hidden.iter().any(|folder| folder.starts_with(&real)) {
            return Ok(());
        }
        let mut names = vec![real.clone()];
        names.extend((path != real).then(|| path.to_owned()));
        for name in names {
            let place = match self.replacement(&name) {
                Some(place) => place,
                // It is where it was, and must stay writable when the rest is not.
                None if self.frozen && how == "bind" => name.clone(),
                None => continue,
            };
            if self.shown.iter().any(|(_, _, known)| *known == place) {
                continue;
            }
            self.shown.push((how.into(), real.clone(), place));
        }
        Ok(())
    }

    /// Files with tokens in folders that are shown are empty.
    fn empty_credentials(&mut self, home: Option<&Path>) -> io::Result<()> {
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
            self.shown.push(("credentials".into(), empty.clone(), place));
        }
        Ok(())
    }

    /// Makes the places of what is shown, outer ones first, and gives the mounts in their order.
    fn words(mut self) -> Vec<OsString> {
        self.shown.sort_by(|(_, _, one), (_, _, other)| one.cmp(other));
        let mut words = Vec::new();
        for (how, from, to) in &self.shown {
            let is_within = self.shown.iter().any(|(_, _, outer)| outer != to && to.starts_with(outer));
            if !is_within && make_place(from, to).is_err() {
                continue;
            }
            let how = if how == "credentials" { OsStr::new("bind") } else { how };
            words.extend([how.to_owned(), from.into(), to.into()]);
        }
        // The one in which the replacements are comes last: it takes them out of sight.
        let mut numbered: Vec<(usize, &PathBuf)> = self.hidden.iter().enumerate().collect();
        numbered.sort_by_key(|(_, folder)| self.room.starts_with(folder));
        for (number, folder) in numbered {
            words.extend(["bind".into(), self.room.join(number.to_string()).into(), folder.into()]);
        }
        if self.frozen {
            for folder in mounted(&self.hidden) {
                words.extend(["frozen".into(), folder.clone().into(), folder.into()]);
            }
        }
        words
    }
}

/// What is mounted, other than the kernel's own file systems and what is hidden or holds the tools of a hidden folder.
fn mounted(hidden: &[PathBuf]) -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = table.lines().filter_map(|line| line.split(' ').nth(1)).map(PathBuf::from);
    let own = |place: &PathBuf| {
        let kernels = ["/proc", "/sys", "/dev"].iter().any(|kernels| place.starts_with(kernels));
        kernels || hidden.iter().any(|folder| place.starts_with(folder))
    };
    let mut places: Vec<PathBuf> = places.filter(|place| !own(place)).collect();
    places.sort();
    places.dedup();
    places
}

/// Something of the same kind to mount on.
fn make_place(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        return fs::create_dir_all(to);
    }
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    if to.exists() { Ok(()) } else { fs::write(to, "") }
}
