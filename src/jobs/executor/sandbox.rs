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

use super::confined::Confiner;
use super::tools::{CACHES, CARGO, CREDENTIALS, SHARED, TOOLS};
use crate::ids::Digest;
use crate::jobs::command::VisiblePath;
use crate::private_folder::private_folder;

/// Mounts what it is given as `how from to`, and runs the rest as the user it was. It stays as the first process of its
/// namespace: with its end everything in there is killed.
const LAUNCH: &str = r#"
path=$PATH
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
fixed() { mount --rbind "$1" "$2"; mount -o remount,bind,ro "$2" 2>/dev/null || :; }
while [ "$1" != -- ]; do
  case $1 in
    bind) mount --rbind "$2" "$3";;
    fixed) fixed "$2" "$3";;
    upper) upper=$2;;
    layer) mount -t overlay overlay -o "userxattr,lowerdir=$2,upperdir=$upper/up,workdir=$upper/work" "$3" \
      2>/dev/null || fixed "$2" "$3";;
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

/// What is to be run, and what of the machine it may see.
pub(super) struct Seen<'a> {
    pub(super) checkout: &'a Path,
    pub(super) program: &'a Path,
    pub(super) visible: &'a [VisiblePath],
    /// Whether everything else is read-only: a suite of the catalog may write where its user may, a CI entry, which
    /// somebody else wrote for a machine that is thrown away, may not.
    pub(super) frozen: bool,
    /// What confines it besides.
    pub(super) confiner: Option<&'a Confiner>,
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
}

/// A file system for one command. Its own temporary and home directories go away with this value.
pub(super) struct Sandbox {
    room: TempDir,
    /// Nothing where there are none.
    namespaces: Option<Namespaces>,
}

/// What makes the namespaces of a command.
struct Namespaces {
    /// The program that makes them.
    unshare: PathBuf,
    mounts: Vec<OsString>,
    /// What the command is started by in there, if it is confined.
    confined: Vec<OsString>,
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
        let confined = seen.confiner.map_or_else(Vec::new, |confiner| confiner.words(&mounts.writable()));
        let unshare = unshare.to_owned();
        Ok(Sandbox { room, namespaces: Some(Namespaces { unshare, mounts: mounts.words()?, confined }) })
    }

    /// What comes before the program and its arguments: nothing where there are no namespaces.
    pub(super) fn launcher(&self, network: bool) -> Vec<OsString> {
        self.namespaces.as_ref().map_or_else(Vec::new, |namespaces| namespaces.launcher(network))
    }

    /// The same for a command without a network that shares what it has in its place with others: the process that holds it.
    pub(super) fn launcher_within(&self, holder: u32) -> Vec<OsString> {
        let Some(namespaces) = &self.namespaces else { return Vec::new() };
        // Both are programs of util-linux.
        let enter = namespaces.unshare.with_file_name("nsenter").into_os_string();
        let target = format!("--target={holder}");
        let where_to = [&target, "--user", "--net", "--preserve-credentials", "--"].map(OsString::from);
        let own = namespaces.launcher_with(&["--mount"], false);
        [enter].into_iter().chain(where_to).chain(own).collect()
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

impl Namespaces {
    fn launcher(&self, network: bool) -> Vec<OsString> {
        let own_network = (!network).then_some("--net");
        let namespaces: Vec<&str> =
            ["--user", "--map-root-user", "--mount"].into_iter().chain(own_network).collect();
        self.launcher_with(&namespaces, network)
    }

    /// The words that make these namespaces beside that of processes.
    fn launcher_with(&self, own: &[&str], network: bool) -> Vec<OsString> {
        let unshare = || self.unshare.clone().into_os_string();
        let mut words: Vec<OsString> = vec![unshare()];
        words.extend(own.iter().map(Into::into));
        words.extend(["--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"].map(OsString::from));
        words.extend(["--", "/bin/sh", "-eu", "-c", LAUNCH, "sh"].map(OsString::from));
        if !network {
            words.extend(["lo", "", ""].map(OsString::from));
        }
        words.extend(self.mounts.iter().cloned());
        let (user, group) = (nix::unistd::geteuid(), nix::unistd::getegid());
        words.extend(["--".into(), unshare(), user.to_string().into(), group.to_string().into()]);
        words.extend(self.confined.iter().cloned());
        words
    }
}

fn home(environment: &BTreeMap<OsString, OsString>) -> Option<PathBuf> {
    let home = environment.get(OsStr::new("HOME")).map(PathBuf::from)?;
    home.is_absolute().then_some(home)
}

/// The folders that are private to the user or to the run, or lead to services: those that are there and hold no part of the
/// system.
fn hidden(run: &Path, environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let wanted = [
        Some(run.to_owned()),
        home(environment),
        Some(std::env::temp_dir()),
        Some("/tmp".into()),
        Some("/var/tmp".into()),
        // What is shared there stays, and the next attempt finds it.
        Some("/dev/shm".into()),
        // Where services listen, a container engine among them: a socket leads out of every namespace, read-only or not.
        Some("/run".into()),
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
    let layers = if seen.frozen { layers(seen.environment) } else { Vec::new() };
    if let Some(home) = home(seen.environment) {
        shown.extend(CACHES.iter().map(|name| (home.join(name), "bind")));
        shown.extend(TOOLS.iter().map(|name| (home.join(name), "fixed")));
        let below = seen.visible.iter().filter_map(|path| path.as_str().strip_prefix("~/"));
        shown.extend(below.map(|below| (home.join(below), "bind")));
    }
    // Names are looked up by what it says, and it may be kept among the sockets.
    shown.push((PathBuf::from("/etc/resolv.conf"), "fixed"));
    let absolute = seen.visible.iter().map(|path| Path::new(path.as_str())).filter(|path| path.is_absolute());
    shown.extend(absolute.map(|path| (path.to_owned(), "bind")));
    for name in ["CARGO_HOME", "RUSTUP_HOME"] {
        shown.extend(seen.environment.get(OsStr::new(name)).map(|path| (PathBuf::from(path), "bind")));
    }
    let path = seen.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let folders = std::env::split_paths(&path).map(|path| (path, "fixed"));
    shown.extend(folders);
    shown.extend(seen.confiner.map(|confiner| (confiner.program.clone(), "fixed")));
    shown.extend(
        seen.program
            .parent()
            .filter(|folder| !folder.starts_with(seen.checkout))
            .map(|folder| (folder.to_owned(), "fixed")),
    );
    shown.retain(|(path, _)| !layers.iter().any(|layer| path.starts_with(layer)));
    let shared = layers.iter().flat_map(|layer| SHARED.map(|name| (layer.join(name), "bind")));
    let shared: Vec<_> = shared.collect();
    shown.into_iter().chain(layers.into_iter().map(|path| (path, "layer"))).chain(shared).collect()
}

/// The folders of which a CI entry, which installs toolchains and programs, sees a layer of its own: what it changes there
/// nobody else sees, and it goes away with its room.
fn layers(environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let home = home(environment);
    let of_home = home.iter().flat_map(|home| TOOLS.iter().chain(&[CARGO]).map(move |name| home.join(name)));
    let named =
        ["CARGO_HOME", "RUSTUP_HOME"].map(|name| environment.get(OsStr::new(name)).map(PathBuf::from));
    of_home.chain(named.into_iter().flatten()).collect()
}

/// The mounts of one sandbox.
struct Mounts {
    /// Where the empty folders are that take the place of the hidden ones.
    room: PathBuf,
    hidden: Vec<PathBuf>,
    shown: Vec<(OsString, PathBuf, PathBuf)>,
    /// What is shown to be written to.
    open: Vec<PathBuf>,
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
        Ok(Mounts { room, hidden, shown: Vec::new(), open: Vec::new(), frozen })
    }

    /// Where the command may write: its own folders, what it is shown for that, and the kernel's.
    fn writable(&self) -> Vec<PathBuf> {
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
    fn show(&mut self, path: &Path, how: &str) -> io::Result<()> {
        let Ok(real) = fs::canonicalize(path) else { return Ok(()) };
        // A whole hidden folder is not shown, whatever leads to it.
        if self.hidden.iter().any(|folder| folder.starts_with(&real)) {
            return Ok(());
        }
        let mut names = vec![real.clone()];
        names.extend((path != real).then(|| path.to_owned()));
        if how != "fixed" {
            self.open.extend(names.iter().cloned());
        }
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
    fn words(mut self) -> io::Result<Vec<OsString>> {
        self.shown.sort_by(|(_, _, one), (_, _, other)| one.cmp(other));
        let mut words = Vec::new();
        for (how, from, to) in &self.shown {
            let is_within = self.shown.iter().any(|(_, _, outer)| outer != to && to.starts_with(outer));
            if !is_within && make_place(from, to).is_err() {
                continue;
            }
            let how = if how == "credentials" { OsStr::new("bind") } else { how };
            if how == "layer" {
                words.extend(["upper".into(), upper(&self.room, to)?.into(), "".into()]);
            }
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
        Ok(words)
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
